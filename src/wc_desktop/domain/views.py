"""Screen rows from records in wire form. Pure: the same record gives the same row."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import DeviceId, DoseId, EntryId, IncidentId, MedicationId, StudentId, UserId
from wc_contract.model.instants import instant_from_text
from wc_contract.model.quantity import Quantity, decimal_from_text
from wc_contract.model.values import DoseState, Role, Severity
from wc_contract.rules.rows import clock_or_none, date_or_none, instant_or_none, json_of, texts
from wc_desktop.domain.screens import (
    AllergyView,
    ConditionView,
    Confirmed,
    ContactView,
    DoseView,
    IncidentRow,
    MedicationView,
    PersonRow,
    StudentRow,
    VaccinationView,
)

Row = Mapping[str, WireValue]


def text(row: Row, name: str) -> str:
    """Return a text column, '' when it is empty."""
    value = row[name]
    return "" if value is None else str(value)


def text_or_none(row: Row, name: str) -> str | None:
    """Return a text column, None when it is empty."""
    value = row[name]
    return None if value is None else str(value)


def student_row(row: Row, *, allergies: Iterable[Row] = (), alike: tuple[str, ...] = ()) -> StudentRow:
    """Return a child as lists show it; only active allergies are named."""
    return StudentRow(
        id=StudentId(UUID(text(row, "id"))),
        first_name=text(row, "first_name"),
        last_name=text(row, "last_name"),
        preferred_name=text_or_none(row, "preferred_name"),
        student_number=text(row, "student_number"),
        date_of_birth=date.fromisoformat(text(row, "date_of_birth")),
        grade=text(row, "grade"),
        homeroom=text_or_none(row, "homeroom"),
        is_active=bool(row["is_active"]),
        allergies=tuple(text(allergy, "allergen") for allergy in allergies if allergy["is_active"]),
        name_alike=alike,
    )


def medication_view(row: Row) -> MedicationView:
    """Return a medicine as it is printed."""
    return MedicationView(
        id=MedicationId(UUID(text(row, "id"))),
        name=text(row, "name"),
        strength=text_or_none(row, "strength"),
        form=text(row, "form"),
        dea_schedule=text_or_none(row, "dea_schedule"),
        is_emergency=bool(row["is_emergency"]),
    )


def person_row(row: Row) -> PersonRow:
    """Return a member of staff."""
    return PersonRow(
        id=UserId(UUID(text(row, "id"))),
        first_name=text(row, "first_name"),
        last_name=text(row, "last_name"),
        role=Role(text(row, "role")),
        licence_type=text_or_none(row, "licence_type"),
    )


def author_name(people: Mapping[str, Row], user: str) -> str:
    """Return 'First Last', or nothing when the person is not known here."""
    person = people.get(user)
    return "" if person is None else f"{text(person, 'first_name')} {text(person, 'last_name')}"


def confirmed(row: Row) -> Confirmed:
    """Return whether the district has the record's entry."""
    return Confirmed.WAITING if row.get("waiting") else Confirmed.CONFIRMED


def dose_view(row: Row, *, people: Mapping[str, Row], device: DeviceId, medication: str = "") -> DoseView:
    """Return one dose entry."""
    given, unit = row["dose_given"], row["unit"]
    return DoseView(
        id=DoseId(UUID(text(row, "id"))),
        entry_id=EntryId(UUID(text(row, "entry_id"))),
        status=DoseState(text(row, "status")),
        administered_at=instant_from_text(text(row, "administered_at")),
        quantity=None if given is None else Quantity(amount=decimal_from_text(str(given)), unit=str(unit or "")),
        reason=text_or_none(row, "reason"),
        author=author_name(people, text(row, "author_user_id")),
        device_is_this=row["device_id"] == str(device),
        confirmed=confirmed(row),
        flags=texts(json_of(text(row, "flags"))),
        slot_date=date_or_none(text_or_none(row, "slot_date")),
        slot_time=clock_or_none(text_or_none(row, "slot_time")),
        medication_name=medication,
        recorded_at=instant_from_text(text(row, "recorded_at")),
        replica_as_of=instant_or_none(text_or_none(row, "replica_as_of")),
        amends=None if row["amends_id"] is None else DoseId(UUID(text(row, "amends_id"))),
        amend_reason=text_or_none(row, "amend_reason"),
    )


def with_replaced(doses: Iterable[DoseView]) -> tuple[DoseView, ...]:
    """Return the doses in their order, those marked that another one of them stands for."""
    doses = tuple(doses)
    replaced = {dose.amends for dose in doses if dose.amends is not None}
    if not replaced:
        return doses
    return tuple(replace(dose, is_replaced=True) if dose.id in replaced else dose for dose in doses)


def incident_row(row: Row, *, people: Mapping[str, Row], student: StudentRow | None) -> IncidentRow:
    """Return a signed report as lists show it."""
    return IncidentRow(
        id=IncidentId(UUID(text(row, "id"))),
        student=student,
        type=text(row, "type"),
        severity=Severity(text(row, "severity")),
        occurred_at=instant_from_text(text(row, "occurred_at")),
        location=text(row, "location"),
        status=text(row, "status"),
        author=author_name(people, text(row, "author_user_id")),
        confirmed=confirmed(row),
        saved_at=instant_from_text(text(row, "recorded_at")),
    )


def allergy_view(row: Row) -> AllergyView:
    """Return an allergy."""
    return AllergyView(
        allergen=text(row, "allergen"), reaction=text_or_none(row, "reaction"), criticality=text(row, "criticality")
    )


def condition_view(row: Row) -> ConditionView:
    """Return a condition."""
    return ConditionView(name=text(row, "name"), icd10=text_or_none(row, "icd10"), status=text(row, "status"))


def vaccination_view(row: Row) -> VaccinationView:
    """Return a vaccination."""
    return VaccinationView(
        name=text(row, "vaccine_name"),
        cvx=text(row, "cvx"),
        administered_on=date.fromisoformat(text(row, "administered_on")),
    )


def contact_view(row: Row) -> ContactView:
    """Return an emergency contact."""
    return ContactView(
        name=text(row, "name"),
        relationship=text(row, "relationship"),
        phone=text(row, "phone"),
        is_primary=bool(row["is_primary"]),
    )
