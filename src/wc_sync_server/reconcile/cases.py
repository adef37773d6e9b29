"""Review cases that a batch opens or adds to. A case that nothing new speaks to stays as a person left it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson

from wc_contract.model.apply import WireValue, compact
from wc_contract.model.changes import CaseAnswered, DoseLogged, Entry, IncidentSigned, RecordAdded, RecordChanged
from wc_contract.model.ids import CaseId, SchoolId, entry_case_id, record_case_id
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.kinds import EMERGENCY_LOOK
from wc_contract.model.values import CaseStatus
from wc_contract.rules.arrival import CaseDraft
from wc_contract.rules.findings import Code
from wc_sync_server.domain.acceptance import REVIEWED
from wc_sync_server.reconcile.arrivals import doses_of, incidents_of
from wc_sync_server.reconcile.facts import Held
from wc_sync_server.reconcile.judge import Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWanted:
    """A case that somebody should look at: whose, in which school, about which records."""

    id: CaseId
    kind: str
    school: SchoolId
    student: UUID | None
    medication: UUID | None
    slot: UUID | None
    subjects: tuple[UUID, ...]


def from_draft(draft: CaseDraft, school: SchoolId) -> CaseWanted:
    """Return the case that the clinical rules ask for."""
    return CaseWanted(
        id=draft.id,
        kind=draft.kind,
        school=school,
        student=draft.student_id,
        medication=draft.medication_id,
        slot=draft.slot_id,
        subjects=tuple(draft.subject_ids),
    )


def of_doubts(taken: Taken) -> Iterator[CaseWanted]:
    """Yield the cases about who wrote an entry; entries that only record a look open none."""
    for doubt in taken.doubts:
        if doubt in REVIEWED:
            yield from _of_entry(taken, doubt.value)


def of_incident(taken: Taken, report: IncidentSigned, code: str) -> CaseWanted:
    """Return the case that a rule opens for a report."""
    return CaseWanted(
        id=entry_case_id(taken.entry.id, code),
        kind=code,
        school=taken.places[report.id],
        student=report.student_id,
        medication=None,
        slot=None,
        subjects=(report.id,),
    )


def of_lot(taken: Taken, dose: DoseLogged, code: str) -> CaseWanted:
    """Return the case of a dose from a lot that was expired or recalled."""
    return CaseWanted(
        id=entry_case_id(taken.entry.id, code),
        kind=code,
        school=taken.places[dose.id],
        student=dose.student_id,
        medication=dose.medication_id,
        slot=None if dose.slot is None else dose.slot.id,
        subjects=(dose.id,),
    )


def of_emergencies(taken: Taken) -> Iterator[CaseWanted]:
    """Yield the case about a use of the emergency cards: one for an opening, and each child's card as a subject."""
    for change in taken.entry.changes:
        if isinstance(change, RecordAdded) and change.kind == EMERGENCY_LOOK.name:
            code, use = Code.EMERGENCY_CARD_USED.value, UUID(str(change.values["use_id"]))
            yield CaseWanted(
                id=record_case_id(code, EMERGENCY_LOOK.name, use),
                kind=code,
                school=taken.places[change.id],
                student=None,
                medication=None,
                slot=None,
                subjects=(change.id,),
            )


def rows_for(
    wanted: Iterable[CaseWanted], known: Mapping[UUID, Held], at: Instant
) -> Iterator[tuple[SchoolId, dict[str, WireValue]]]:
    """Yield the rows of cases that are new, or have a new subject, which opens an answered one again."""
    for case in wanted:
        held = known.get(case.id)
        subjects = [str(subject) for subject in case.subjects]
        if held is None:
            yield case.school, _row(case, sorted(subjects), at)
            continue
        before = [str(subject) for subject in orjson.loads(held.row["subject_ids"])]
        if not set(subjects) <= set(before):
            yield held.school, _row(case, sorted({*subjects, *before}), at) | _kept(held.row)


def _of_entry(taken: Taken, code: str) -> Iterator[CaseWanted]:
    first = _first_clinical(taken.entry)
    if first is None:
        return
    student, medication, slot, record = first
    yield CaseWanted(
        id=entry_case_id(taken.entry.id, code),
        kind=code,
        school=taken.places[record],
        student=student,
        medication=medication,
        slot=slot,
        subjects=tuple(taken.places),
    )


def first_student(entry: Entry) -> UUID | None:
    """Return the student of the first change that is about one."""
    first = _first_clinical(entry)
    return None if first is None else first[0]


def merged(wanted: Iterable[CaseWanted]) -> Iterator[CaseWanted]:
    """Yield each case once, with all of its subjects."""
    cases: dict[UUID, CaseWanted] = {}
    for case in wanted:
        before = cases.get(case.id)
        subjects = case.subjects if before is None else (*before.subjects, *case.subjects)
        cases[case.id] = replace(before or case, subjects=tuple(dict.fromkeys(subjects)))
    yield from cases.values()


def _first_clinical(entry: Entry) -> tuple[UUID | None, UUID | None, UUID | None, UUID] | None:
    for dose in doses_of(entry):
        return dose.student_id, dose.medication_id, None if dose.slot is None else dose.slot.id, dose.id
    for report in incidents_of(entry):
        return report.student_id, None, None, report.id
    for change in entry.changes:
        match change:
            case RecordAdded() | RecordChanged():
                student = change.values.get("student_id")
                return UUID(student) if isinstance(student, str) else None, None, None, change.id
            case CaseAnswered():
                return None, None, None, change.case_id
            case _:
                continue
    return None


def _row(case: CaseWanted, subjects: list[str], at: Instant) -> dict[str, WireValue]:
    return {
        "id": str(case.id),
        "kind": case.kind,
        "student_id": None if case.student is None else str(case.student),
        "slot_id": None if case.slot is None else str(case.slot),
        "medication_id": None if case.medication is None else str(case.medication),
        "subject_ids": compact(subjects),
        "opened_at": instant_to_text(at),
        "status": CaseStatus.OPEN.value,
        "resolution": None,
        "resolved_by": None,
        "resolved_at": None,
        "note": None,
    }


def _kept(row: Mapping[str, Any]) -> dict[str, WireValue]:
    return {"opened_at": row["opened_at"], "note": row["note"]}
