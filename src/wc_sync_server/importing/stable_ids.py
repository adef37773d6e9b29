"""Ids of imported records: the same source gives the same ids, so importing twice changes nothing."""

from uuid import UUID, uuid5

from wc_contract.model.ids import DistrictId, MedicationId, SchoolId, StudentId, UserId

# Each id hangs under its district: two districts with like-numbered schools never share one.


def school_id(district: DistrictId, sourced_id: str) -> SchoolId:
    """Return the id of the school that the roster calls sourced_id."""
    return SchoolId(uuid5(district, f"school/{sourced_id}"))


def student_id(district: DistrictId, sourced_id: str) -> StudentId:
    """Return the id of the student that the roster calls sourced_id."""
    return StudentId(uuid5(district, f"student/{sourced_id}"))


def user_id(district: DistrictId, sourced_id: str) -> UserId:
    """Return the id of the member of staff that the roster calls sourced_id."""
    return UserId(uuid5(district, f"user/{sourced_id}"))


def medication_id(district: DistrictId, key: str) -> MedicationId:
    """Return the id of the catalogue's medication called key."""
    return MedicationId(uuid5(district, f"medication/{key}"))


def assignment_id(user: UserId, school: SchoolId) -> UUID:
    """Return the id of the assignment of a user to a school that the roster made."""
    return uuid5(user, f"assignment/{school}")


def chart_id(student: StudentId, resource_type: str, key: str) -> UUID:
    """Return the id of the record made of one FHIR resource of one student."""
    return uuid5(student, f"fhir/{resource_type}/{key}")
