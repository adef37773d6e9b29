"""Recording what happened in a slot: first what the rules say, then one durable entry."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from wc_contract.model.changes import DoseLogged, Override
from wc_contract.model.ids import DoseId, new_uuid
from wc_contract.model.instants import Instant, whole_millis
from wc_contract.model.kinds import ALLERGY, DOSE, MEDICATION, ORDER, ORDER_VERSION, REVIEW_CASE
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import DoseState
from wc_contract.rules.book import FactBook, fact_book
from wc_contract.rules.facts import AllergyFacts, CaseFacts, DoseFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.findings import Code, Finding, blocking
from wc_contract.rules.giving import GivingFacts, check_before_giving
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.med_pass import book_of_day, due_row
from wc_desktop.actions.reading import charts_of, last_days, medications, newest_doses
from wc_desktop.domain.failures import NotAllowed, ReasonMissing
from wc_desktop.domain.screens import DoseDraft, DosePlan, DoseSaved, DueRow, LinkState

# No interval or maximum of an order looks further back.
_LONGEST_REACH = timedelta(days=32)
# The confirm is about to ask for these; before it opens they say nothing.
_ASKED_BY_THE_FORM = frozenset({Code.REASON_MISSING, Code.DOSE_MISSING})
_SILENT = frozenset({LinkState.OFFLINE, LinkState.ATTENTION})


def plan_dose(desk: Desk, key: str, status: DoseState, at: Instant) -> DosePlan:
    """Return what the confirm shows before a dose is written. Nothing is written. Raises NotFound."""
    row = due_row(desk, key, at)
    draft = DoseDraft(key=key, status=status, administered_at=at)
    findings = _check(desk, row, _logged(desk, row, draft, ()), at)
    shown = tuple(finding for finding in findings if finding.code not in _ASKED_BY_THE_FORM)
    return DosePlan(row=row, status=status, at=at, findings=shown)


def log_dose(desk: Desk, draft: DoseDraft) -> DoseSaved:
    """Write what the nurse confirmed; it is on the disk, sealed copy included, when this returns.

    Raises NotAllowed for a finding that nothing overrides, ReasonMissing for a hard stop without override_reason
    or a state without its reason, NotFound, DiskFull, DiskFailed. Then nothing was written.
    """
    now = whole_millis(desk.clock.now())
    row = due_row(desk, draft.key, now)
    stops = tuple(blocking(_check(desk, row, _logged(desk, row, draft, ()), now)))
    overrides = _overrides(stops, draft.override_reason)
    entry = desk.author((_logged(desk, row, draft, overrides),), now)
    return DoseSaved(entry_number=entry.number, row=due_row(desk, draft.key, now))


def _overrides(stops: Sequence[Finding], reason: str | None) -> tuple[Override, ...]:
    lacking = _codes(stop for stop in stops if stop.code is Code.REASON_MISSING)
    final = _codes(stop for stop in stops if not stop.overridable and stop.code is not Code.REASON_MISSING)
    if final:
        raise NotAllowed(final)
    asked = _codes(stop for stop in stops if stop.overridable)
    given = (reason or "").strip()
    if lacking or (asked and not given):
        raise ReasonMissing((*lacking, *(() if given else asked)))
    return tuple(Override(code=code, reason=given) for code in asked)


def _codes(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.code.value for finding in findings))


def _logged(desk: Desk, row: DueRow, draft: DoseDraft, overrides: tuple[Override, ...]) -> DoseLogged:
    at = whole_millis(draft.administered_at)
    amount = _amount(row, draft)
    return DoseLogged(
        id=DoseId(new_uuid(at, desk.chance)),
        student_id=row.student.id,
        order_id=row.order_id,
        order_version_id=row.order_version_id,
        medication_id=row.medication.id,
        slot=row.slot,
        status=draft.status,
        administered_at=at,
        local_date=at.astimezone(desk.zone).date(),
        dose_given=None if amount is None else amount.amount,
        unit=None if amount is None else amount.unit,
        reason=(draft.reason or "").strip() or None,
        overrides=overrides,
    )


def _amount(row: DueRow, draft: DoseDraft) -> Quantity | None:
    if not draft.status.given:
        return None
    if draft.quantity is None and draft.status is not DoseState.PARTIAL:
        return row.dose
    return draft.quantity


def _check(desk: Desk, row: DueRow, dose: DoseLogged, at: Instant) -> tuple[Finding, ...]:
    offset = desk.journal.recall("clock_offset_ms")
    records = desk.records
    student = [str(row.student.id)]
    facts = GivingFacts(
        book=_book(desk, row, at),
        role=desk.person.role,
        history=_history(desk, row, dose.administered_at),
        cases=tuple(CaseFacts.from_row(r) for r in records.where(REVIEW_CASE, "student_id", student)),
        replica_as_of=records.data_as_of,
        clock_offset_ms=None if offset is None else int(offset),
        offline_since=desk.link.since if desk.link.state in _SILENT else None,
    )
    return check_before_giving(dose, facts, at)


def _history(desk: Desk, row: DueRow, at: Instant) -> tuple[DoseFacts, ...]:
    """Return the doses that this one is judged by: of its slot, and the child's of the last days."""
    recent = newest_doses(desk, charts_of(desk, str(row.student.id)), since=at - _LONGEST_REACH)
    of_slot = desk.records.where(DOSE, "slot_id", [row.key])
    by_id = {str(found["id"]): found for found in (*recent, *of_slot)}
    return tuple(DoseFacts.from_row(found) for found in by_id.values())


def _medication_facts(desk: Desk) -> tuple[MedicationFacts, ...]:
    def make() -> tuple[MedicationFacts, ...]:
        return tuple(MedicationFacts.from_row(row) for row in medications(desk).values())

    return desk.remembered("medication_facts", (MEDICATION,), None, make)


def _book(desk: Desk, row: DueRow, at: Instant) -> FactBook:
    """Return the child's own facts, read at this moment: all orders, as needed ones too."""
    records = desk.records
    student = [str(row.student.id)]
    orders = records.where(ORDER, "student_id", student)
    return fact_book(
        zone=desk.zone,
        policy=book_of_day(desk, at).facts.policy,
        orders=[OrderFacts.from_row(r) for r in orders],
        versions=[
            OrderVersionFacts.from_row(r)
            for r in records.where(ORDER_VERSION, "order_id", [str(r["id"]) for r in orders])
        ],
        medications=_medication_facts(desk),
        allergies=[AllergyFacts.from_row(r) for r in records.where(ALLERGY, "student_id", student)],
        withdrawn=last_days(desk, student),
    )
