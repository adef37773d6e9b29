"""On arrival: what stands on a dose that happened, and which review cases it opens. Nothing is refused here.

The desktop runs the same functions over its own journal, so that its projection shows the same flags.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from wc_contract.model.changes import DoseLogged, Entry
from wc_contract.model.ids import (
    CaseId,
    DoseId,
    MedicationId,
    OrderId,
    SlotId,
    StudentId,
    entry_case_id,
    record_case_id,
    slot_case_id,
)
from wc_contract.model.kinds import DOSE
from wc_contract.rules.allergy import check_allergies
from wc_contract.rules.amending import amended_twice
from wc_contract.rules.authority import check_authority
from wc_contract.rules.book import FactBook
from wc_contract.rules.dosing import check_amount, check_slot_name, check_window
from wc_contract.rules.enrolment import check_enrolment
from wc_contract.rules.facts import DoseFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.findings import Code, Finding, Noticed, Severity, codes_to_store, grade_on_arrival
from wc_contract.rules.giving import check_right_child
from wc_contract.rules.prn import limited, limits_broken
from wc_contract.rules.recording import check_clock, check_late_entry, check_late_reason, check_reason
from wc_contract.rules.slots import conflicting

# Codes whose cases are about several doses at once, and are drafted as such.
_OF_SEVERAL = frozenset({Code.POSSIBLE_DOUBLE_DOSE, Code.AMENDED_TWICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDraft:
    """A review case that the rules ask for. The same facts give the same id, whoever opens it and however often."""

    id: CaseId
    kind: str
    student_id: StudentId
    medication_id: MedicationId
    slot_id: SlotId | None
    subject_ids: tuple[DoseId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What the rules say of a set of doses.

    findings: of each dose that arrived, its own and those that others cause. flags: the codes that stand on each
    arrived dose, and the new codes of each known dose whose codes changed. cases: by id.
    """

    findings: Mapping[DoseId, tuple[Finding, ...]] = field(repr=False)
    flags: Mapping[DoseId, tuple[str, ...]] = field(repr=False)
    cases: tuple[CaseDraft, ...]


def check_on_arrival(
    entry: Entry, dose: DoseLogged, book: FactBook, neighbours: Iterable[DoseFacts] = ()
) -> tuple[Finding, ...]:
    """Return the findings on one dose of an entry; REVIEW opens a case, nothing blocks, nothing is refused.

    neighbours are the known doses of its slot and order; without them only what the dose says of itself is judged.
    """
    own = _own(entry, dose, book)
    known = tuple(neighbours)
    if known:
        facts = DoseFacts.from_change(entry, dose)
        own = chain(own, _relations((*known, facts), book).get(dose.id, ()))
    return grade_on_arrival(own)


def evaluate(arrivals: Iterable[tuple[Entry, DoseLogged]], known: Iterable[DoseFacts], book: FactBook) -> Evaluation:
    """Return flags and cases for doses that arrive among doses that are known. Order changes nothing (X4).

    known must hold every entry of the slots touched (with what amends them) and, of each order touched that has an
    interval or a maximum, the entries up to prn.reach before and after. Limits only add flags to known doses,
    because their own past may lie outside, and so do slots that are not touched; the flags of a slot that is are
    exact. A dose known already applies once (X1).
    """
    before = {dose.id: dose for dose in known}
    own: dict[DoseId, tuple[Noticed, ...]] = {}
    fresh: dict[DoseId, DoseFacts] = {}
    for entry, dose in arrivals:
        if dose.id not in before:
            fresh[dose.id] = DoseFacts.from_change(entry, dose)
            own[dose.id] = tuple(_own(entry, dose, book))
    everything = (*before.values(), *fresh.values())
    related = _relations(everything, book)
    findings = {dose: grade_on_arrival((*noticed, *related.get(dose, ()))) for dose, noticed in own.items()}
    flags = {dose: codes_to_store(found) for dose, found in findings.items()}
    touched = _slots_of(fresh.values(), before)
    for dose_id, dose_facts in before.items():
        codes = _flags_again(dose_facts, related.get(dose_id, ()), exact=dose_facts.slot_id in touched)
        if codes != tuple(sorted(dose_facts.flags)):
            flags[dose_id] = codes
    drafts = chain(
        cases_for_slots(everything),
        _amended_cases(everything),
        _entry_cases(findings, fresh),
        _limit_cases(related, before),
    )
    cases = {draft.id: draft for draft in _merged(drafts)}
    return Evaluation(findings=findings, flags=flags, cases=tuple(cases[i] for i in sorted(cases)))


def cases_for_slot(doses: Iterable[DoseFacts]) -> CaseDraft | None:
    """Return the case 'possible double dose' of one slot's entries, None when nothing conflicts (X2)."""
    conflict = conflicting(doses)
    if not conflict:
        return None
    first = conflict[0]
    if first.slot_id is None:
        return None
    return CaseDraft(
        id=slot_case_id(first.slot_id),
        kind=Code.POSSIBLE_DOUBLE_DOSE.value,
        student_id=first.student_id,
        medication_id=first.medication_id,
        slot_id=first.slot_id,
        subject_ids=tuple(dose.id for dose in conflict),
    )


def cases_for_slots(doses: Iterable[DoseFacts]) -> Iterator[CaseDraft]:
    """Yield the cases of every slot that conflicts."""
    for slot_doses in _by_shared_slot(doses).values():
        draft = cases_for_slot(slot_doses)
        if draft is not None:
            yield draft


def case_of_dose(dose: DoseFacts, code: Code) -> CaseDraft:
    """Return the case that a code opens for the entry of one dose."""
    return CaseDraft(
        id=entry_case_id(dose.entry_id, code.value),
        kind=code.value,
        student_id=dose.student_id,
        medication_id=dose.medication_id,
        slot_id=dose.slot_id,
        subject_ids=(dose.id,),
    )


def check_terms(dose: DoseLogged, book: FactBook) -> Iterator[Noticed]:
    """Notice where a dose that was given differs from the version of its order in force then (W1, W2, D1, O6)."""
    in_force = book.in_force(dose.order_id, dose.administered_at)
    if in_force is None:
        yield Noticed(code=Code.VERSION_UNKNOWN, detail={"version": str(dose.order_version_id)})
        return
    yield from check_window(dose, in_force, zone=book.zone, policy=book.policy)
    yield from check_amount(dose, book.version(dose.order_id, dose.order_version_id), in_force)


def _own(entry: Entry, dose: DoseLogged, book: FactBook) -> Iterator[Noticed]:
    yield from check_clock(entry.clock_offset_ms, book.policy)
    yield from check_slot_name(dose)
    for noticed in check_late_entry(dose, entry.authored_at, book.policy):
        yield noticed
        yield from check_late_reason(dose, noticed.code)
    yield from check_enrolment(dose, book.withdrawn, book.zone)
    order = book.orders.get(dose.order_id)
    if order is None:
        yield Noticed(code=Code.ORDER_UNKNOWN, detail={"order": str(dose.order_id)})
        return
    yield from check_right_child(dose, order)
    yield from check_reason(dose, order.kind)
    if dose.status.given:
        yield from _of_giving(entry, dose, order, book)


def _of_giving(entry: Entry, dose: DoseLogged, order: OrderFacts, book: FactBook) -> Iterator[Noticed]:
    yield from check_authority(
        order, dose.status, dose.administered_at, entry.replica_as_of, zone=book.zone, policy=book.policy
    )
    # The dose went into this child, whoever's order it was written under, and it was this drug.
    medication = book.medications.get(dose.medication_id)
    allergies = book.allergies.get(dose.student_id)
    if medication is not None and allergies:
        yield from check_allergies(medication, allergies)
    yield from check_terms(dose, book)


def _relations(doses: Sequence[DoseFacts], book: FactBook) -> dict[DoseId, tuple[Noticed, ...]]:
    found: dict[DoseId, tuple[Noticed, ...]] = {}
    for slot, slot_doses in _by_shared_slot(doses).items():
        for dose in conflicting(slot_doses):
            found[dose.id] = (Noticed(code=Code.POSSIBLE_DOUBLE_DOSE, detail={"slot": str(slot)}),)
    for target, amending in amended_twice(doses):
        for dose in amending:
            noticed = Noticed(code=Code.AMENDED_TWICE, detail={"dose": str(target)})
            found[dose.id] = (*found.get(dose.id, ()), noticed)
    for order, order_doses in _by_limited_order(doses, book).items():
        versions = _versions_of(order, order_doses, book)
        for dose_id, broken in limits_broken(order_doses, versions).items():
            found[dose_id] = (*found.get(dose_id, ()), *broken)
    return found


def _by_shared_slot(doses: Iterable[DoseFacts]) -> dict[SlotId, list[DoseFacts]]:
    """Return the doses of each slot that has more than one: alone, a dose conflicts with nothing."""
    groups: dict[SlotId, list[DoseFacts]] = {}
    for dose in doses:
        if dose.slot_id is not None:
            groups.setdefault(dose.slot_id, []).append(dose)
    return {slot: found for slot, found in groups.items() if len(found) > 1}


def _by_limited_order(doses: Iterable[DoseFacts], book: FactBook) -> dict[OrderId, list[DoseFacts]]:
    groups: dict[OrderId, list[DoseFacts]] = {}
    for dose in doses:
        if any(limited(version) for version in book.versions.get(dose.order_id, ())):
            groups.setdefault(dose.order_id, []).append(dose)
    return groups


def _versions_of(order: OrderId, doses: Iterable[DoseFacts], book: FactBook) -> dict[DoseId, OrderVersionFacts]:
    in_force = ((dose.id, book.in_force(order, dose.administered_at)) for dose in doses)
    return {dose: version for dose, version in in_force if version is not None}


def _slots_of(fresh: Iterable[DoseFacts], before: Mapping[DoseId, DoseFacts]) -> frozenset[SlotId | None]:
    """Return the slots that doses answer, and those of the doses that they amend."""
    found: set[SlotId | None] = set()
    for dose in fresh:
        amended = None if dose.amends_id is None else before.get(dose.amends_id)
        found |= {dose.slot_id, dose.slot_id if amended is None else amended.slot_id}
    return frozenset(found)


def _flags_again(dose: DoseFacts, related: Iterable[Noticed], *, exact: bool) -> tuple[str, ...]:
    kept = {code for code in dose.flags if not exact or code != Code.POSSIBLE_DOUBLE_DOSE.value}
    return tuple(sorted(kept | {noticed.code.value for noticed in related}))


def _amended_cases(doses: Iterable[DoseFacts]) -> Iterator[CaseDraft]:
    for target, amending in amended_twice(doses):
        first = amending[0]
        yield CaseDraft(
            id=record_case_id(Code.AMENDED_TWICE.value, DOSE.name, target),
            kind=Code.AMENDED_TWICE.value,
            student_id=first.student_id,
            medication_id=first.medication_id,
            slot_id=first.slot_id,
            subject_ids=tuple(dose.id for dose in amending),
        )


def _entry_cases(
    findings: Mapping[DoseId, tuple[Finding, ...]], doses: Mapping[DoseId, DoseFacts]
) -> Iterator[CaseDraft]:
    for dose_id, found in findings.items():
        for finding in found:
            if finding.severity is Severity.REVIEW and finding.code not in _OF_SEVERAL:
                yield case_of_dose(doses[dose_id], finding.code)


def _limit_cases(
    related: Mapping[DoseId, tuple[Noticed, ...]], known: Mapping[DoseId, DoseFacts]
) -> Iterator[CaseDraft]:
    for dose_id, found in related.items():
        dose = known.get(dose_id)
        for noticed in found if dose is not None else ():
            if dose is not None and noticed.code not in _OF_SEVERAL:
                yield case_of_dose(dose, noticed.code)


def _merged(drafts: Iterable[CaseDraft]) -> Iterator[CaseDraft]:
    """Yield each case once; an entry with two doses at fault has both as subjects."""
    groups: dict[CaseId, list[CaseDraft]] = {}
    for draft in drafts:
        groups.setdefault(draft.id, []).append(draft)
    for same in groups.values():
        subjects = sorted({subject for draft in same for subject in draft.subject_ids})
        first = min(same, key=_first_subject)
        yield CaseDraft(
            id=first.id,
            kind=first.kind,
            student_id=first.student_id,
            medication_id=first.medication_id,
            slot_id=first.slot_id,
            subject_ids=tuple(subjects),
        )


def _first_subject(draft: CaseDraft) -> DoseId:
    return draft.subject_ids[0]
