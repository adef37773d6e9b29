"""Recording what happened in a slot: first what the rules say, then one durable entry."""

from datetime import date

from wc_contract.model.changes import DoseLogged, Override
from wc_contract.model.ids import DoseId, new_uuid
from wc_contract.model.instants import Instant, whole_millis
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Code, blocking
from wc_desktop.actions.checked_dose import findings_of, overrides_of
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.dose_stock import moved_with
from wc_desktop.actions.med_pass import due_row
from wc_desktop.domain.end_of_day import SlotsAnswer
from wc_desktop.domain.failures import NotAllowed
from wc_desktop.domain.screens import DoseDraft, DosePlan, DoseSaved, DueRow

# The confirm is about to ask for these; before it opens they say nothing.
_ASKED_BY_THE_FORM = frozenset({Code.REASON_MISSING, Code.DOSE_MISSING})


def plan_dose(desk: Desk, key: str, status: DoseState, at: Instant) -> DosePlan:
    """Return what the confirm shows before a dose is written. Nothing is written. Raises NotFound."""
    return _plan(desk, due_row(desk, key, at), status, at, at)


def plan_answer(desk: Desk, answer: SlotsAnswer) -> DosePlan:
    """Return what the rules say of the first slot of an answer, written down now. Raises NotFound."""
    now = whole_millis(desk.clock.now())
    row = due_row(desk, answer.keys[0], now, answer.day)
    return _plan(desk, row, answer.status, answer.at or row.due_at, now)


def _plan(desk: Desk, row: DueRow, status: DoseState, at: Instant, now: Instant) -> DosePlan:
    draft = DoseDraft(key=row.key, status=status, administered_at=at)
    findings = findings_of(desk, _logged(desk, row, draft, ()), now)
    shown = tuple(finding for finding in findings if finding.code not in _ASKED_BY_THE_FORM)
    return DosePlan(row=row, status=status, at=at, findings=shown)


def log_dose(desk: Desk, draft: DoseDraft) -> DoseSaved:
    """Write what the nurse confirmed; it is on the disk, sealed copy included, when this returns.

    Raises NotAllowed for a finding that nothing overrides, ReasonMissing for a hard stop without override_reason
    or a state without its reason, NotFound, DiskFull, DiskFailed. Then nothing was written.
    """
    now = whole_millis(desk.clock.now())
    return _write(desk, draft.key, _judged(desk, due_row(desk, draft.key, now), draft, now), now)


def answer_slots(desk: Desk, answer: SlotsAnswer) -> tuple[DoseSaved, ...]:
    """Write one answer for the open slots of a child, an entry each; each is on the disk when this returns.

    The rules hear all of them before the first is written: what log_dose raises is raised then, and so is NotAllowed
    for a slot that somebody has answered meanwhile. A disk that fills up between two leaves the written ones written.
    """
    now = whole_millis(desk.clock.now())
    rows = [due_row(desk, key, now, answer.day) for key in answer.keys]
    if len({row.student.id for row in rows}) != 1:
        raise AssertionError("slots of one child are answered together")
    if not all(row.is_open for row in rows):
        raise NotAllowed((Code.SLOT_ANSWERED_TWICE.value,))
    doses = [_judged(desk, row, answer.draft(row), now) for row in rows]
    return tuple(_write(desk, row.key, dose, now, answer.day) for row, dose in zip(rows, doses, strict=True))


def _judged(desk: Desk, row: DueRow, draft: DoseDraft, now: Instant) -> DoseLogged:
    stops = tuple(blocking(findings_of(desk, _logged(desk, row, draft, ()), now)))
    return _logged(desk, row, draft, overrides_of(stops, draft.override_reason))


def _write(desk: Desk, key: str, logged: DoseLogged, now: Instant, day: date | None = None) -> DoseSaved:
    entry = desk.author((logged, *moved_with(desk, logged, now)), now)
    return DoseSaved(entry_number=entry.number, row=due_row(desk, key, now, day))


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
