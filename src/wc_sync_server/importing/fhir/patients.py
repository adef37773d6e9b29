"""Which student a patient is. A doubtful match is no match: a wrong chart is worse than a missing one."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from wc_contract.model.ids import SchoolId, StudentId
from wc_sync_server.importing.fhir.findings import LeftOut, Reason
from wc_sync_server.importing.fhir.systems import SOURCED_ID, STUDENT_NUMBER
from wc_sync_server.importing.fhir.values import dated, text, texts, things


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPatient:
    """A student of the district, as much as is needed to recognise the child and to read local times.

    chart names what is imported: a chart that was merged into another keeps naming its own records, so that one that
    is imported again is found.
    """

    id: StudentId
    chart: StudentId
    school_id: SchoolId
    zone: str
    sourced_id: str | None
    student_number: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    date_of_birth: date = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The student a patient is; by_name when only name and birth date said so."""

    student: KnownPatient
    by_name: bool


class Recogniser:
    """Knows the students of a district by number, roster id, and name with birth date."""

    def __init__(self, students: Iterable[KnownPatient]) -> None:
        self._by_identifier: dict[tuple[str, str], KnownPatient] = {}
        self._by_name: defaultdict[tuple[str, str, date], list[KnownPatient]] = defaultdict(list)
        for student in students:
            self._by_identifier[STUDENT_NUMBER, student.student_number] = student
            if student.sourced_id is not None:
                self._by_identifier[SOURCED_ID, student.sourced_id] = student
            alike = self._by_name[_name_key(student.first_name, student.last_name, student.date_of_birth)]
            if student.id not in {other.id for other in alike}:
                alike.append(student)

    def by_identifier(self, identifier: Mapping[str, Any]) -> KnownPatient | None:
        """Return the student with one FHIR identifier."""
        return self._by_identifier.get((text(identifier, "system"), text(identifier, "value")))

    def recognise(self, patient: Mapping[str, Any]) -> Match | LeftOut:
        """Return the student that a Patient resource is, or why none."""
        ours = [item for item in things(patient, "identifier") if _is_ours(item)]
        found = {student.id: student for item in ours if (student := self.by_identifier(item)) is not None}
        if len(found) > 1:
            return LeftOut(reason=Reason.PATIENT_AMBIGUOUS, detail="its identifiers belong to different students")
        if found:
            return _confirmed(next(iter(found.values())), patient)
        if ours:
            return LeftOut(
                reason=Reason.PATIENT_UNKNOWN,
                detail="no student has this number; import the roster first, or correct the identifier",
            )
        return self._by_name_and_birth(patient)

    def _by_name_and_birth(self, patient: Mapping[str, Any]) -> Match | LeftOut:
        born = dated(patient.get("birthDate"))
        if born is None or born.day is None:
            return LeftOut(
                reason=Reason.PATIENT_UNKNOWN,
                detail="the patient has neither a student number nor a whole birth date",
            )
        found = {
            student.id: student
            for first, last in _names(patient)
            for student in self._by_name.get(_name_key(first, last, born.day), ())
        }
        if len(found) == 1:
            return Match(student=next(iter(found.values())), by_name=True)
        if found:
            return LeftOut(
                reason=Reason.PATIENT_AMBIGUOUS,
                detail=f"{len(found)} students have this name and birth date; add the student number",
            )
        return LeftOut(reason=Reason.PATIENT_UNKNOWN, detail="no student has this name and birth date")


def _is_ours(identifier: Mapping[str, Any]) -> bool:
    return text(identifier, "system") in {STUDENT_NUMBER, SOURCED_ID}


def _confirmed(student: KnownPatient, patient: Mapping[str, Any]) -> Match | LeftOut:
    """Accept a match by number unless the birth date says that the number is somebody else's."""
    born = dated(patient.get("birthDate"))
    if born is not None and born.day is not None and born.day != student.date_of_birth:
        return LeftOut(
            reason=Reason.PATIENT_CONTRADICTS,
            detail="the student with this number has another birth date; correct the number or the date",
        )
    return Match(student=student, by_name=False)


def _names(patient: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in things(patient, "name"):
        given = texts(name, "given")
        if given and text(name, "family"):
            yield given[0], text(name, "family")


def _name_key(first: str, last: str, born: date) -> tuple[str, str, date]:
    return folded(first), folded(last), born


def folded(name: str) -> str:
    """Fold case, accents and punctuation: Núñez and NUNEZ are one name."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in apart if char.isalnum())
