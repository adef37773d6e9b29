"""Correcting a dose: another entry stands for it, with its reason; the original stays readable (A1)."""

from uuid import UUID

from wc_contract.model.changes import DoseLogged, Entry, Override, SlotRef
from wc_contract.model.ids import (
    DoseId,
    MedicationId,
    OrderId,
    OrderVersionId,
    SlotId,
    StudentId,
    new_uuid,
)
from wc_contract.model.instants import Instant, instant_from_text, whole_millis
from wc_contract.model.kinds import DOSE, ORDER_VERSION
from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Code, blocking
from wc_contract.rules.rows import clock_or_none, date_or_none
from wc_desktop.actions.checked_dose import findings_of, overrides_of
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.dose_stock import moved_with
from wc_desktop.actions.records import builds_on, found
from wc_desktop.domain.failures import AlreadyAmended, ReasonMissing
from wc_desktop.domain.screens import DoseCorrection
from wc_desktop.domain.views import text, text_or_none
from wc_desktop.ports import Row


def correct_dose(desk: Desk, dose: DoseId, correction: DoseCorrection) -> Entry:
    """Amend a dose, or void it when it is said to be entered in error. Raises what those raise."""
    if correction.status is DoseState.ENTERED_IN_ERROR:
        return void_dose(desk, dose, correction.why)
    return amend_dose(desk, dose, correction)


def amend_dose(desk: Desk, dose: DoseId, correction: DoseCorrection) -> Entry:
    """Write what a dose should have said. The reason answers every hard stop that one may go past, lateness too (A4).

    Raises NotFound, AlreadyAmended, NotAllowed, ReasonMissing, SendAgainFirst, DiskFull, DiskFailed; then nothing was
    written.
    """
    at = whole_millis(desk.clock.now())
    row = standing_dose(desk, dose)
    draft = amending(desk, row, correction, at, ())
    stops = tuple(blocking(findings_of(desk, draft, at, without=(dose,))))
    overrides = overrides_of(stops, correction.why)
    amended = amending(desk, row, correction, at, overrides)
    return desk.author((amended, *moved_with(desk, amended, at)), at, depends_on=builds_on(desk, DOSE, dose))


def void_dose(desk: Desk, dose: DoseId, why: str) -> Entry:
    """Write that a dose was entered in error; what it says is readable still, and counts no more.

    Raises NotFound, AlreadyAmended, ReasonMissing, SendAgainFirst, DiskFull, DiskFailed.
    """
    at = whole_millis(desk.clock.now())
    void = voiding(desk, standing_dose(desk, dose), why, at)
    return desk.author((void, *moved_with(desk, void, at)), at, depends_on=builds_on(desk, DOSE, dose))


def standing_dose(desk: Desk, dose: DoseId) -> Row:
    """Return a dose that no other entry stands for. Raises NotFound, AlreadyAmended."""
    row = found(desk, DOSE, dose)
    if row["status"] == DoseState.ENTERED_IN_ERROR.value or desk.records.where(DOSE, "amends_id", [str(dose)]):
        raise AlreadyAmended(str(dose))
    return row


def voiding(desk: Desk, row: Row, why: str, at: Instant) -> DoseLogged:
    """Return the entry that voids a dose. Nothing stops it; what a rule would ask for is answered by the reason."""
    correction = DoseCorrection(
        status=DoseState.ENTERED_IN_ERROR,
        administered_at=instant_from_text(text(row, "administered_at")),
        reason=why,
        why=why,
    )
    draft = amending(desk, row, correction, at, ())
    stops = blocking(findings_of(desk, draft, at, without=(DoseId(UUID(text(row, "id"))),)))
    return amending(desk, row, correction, at, overrides_of([stop for stop in stops if stop.overridable], why))


def amending(
    desk: Desk, row: Row, correction: DoseCorrection, at: Instant, overrides: tuple[Override, ...]
) -> DoseLogged:
    """Return the entry that stands for a dose from now on. Raises ReasonMissing without a reason."""
    why = correction.why.strip()
    if not why:
        raise ReasonMissing((Code.REASON_MISSING.value,))
    given = whole_millis(correction.administered_at)
    amount = correction.quantity if correction.status.given else None
    version = OrderVersionId(UUID(text(row, "order_version_id")))
    return DoseLogged(
        id=DoseId(new_uuid(at, desk.chance)),
        student_id=StudentId(UUID(text(row, "student_id"))),
        order_id=OrderId(UUID(text(row, "order_id"))),
        order_version_id=version,
        medication_id=MedicationId(UUID(text(row, "medication_id"))),
        slot=_slot(row),
        status=correction.status,
        administered_at=given,
        local_date=given.astimezone(desk.zone).date(),
        dose_given=None if amount is None else amount.amount,
        unit=None if amount is None else amount.unit or unit_ordered(desk, version),
        reason=(correction.reason or "").strip() or None,
        site=text_or_none(row, "site"),
        overrides=overrides,
        amends_id=DoseId(UUID(text(row, "id"))),
        amend_reason=why,
    )


def unit_ordered(desk: Desk, version: OrderVersionId) -> str | None:
    """Return the unit of an order's version, for a dose that says none; None when the version is not here."""
    row = desk.records.find(ORDER_VERSION, str(version))
    return None if row is None else text(row, "unit")


def _slot(row: Row) -> SlotRef | None:
    day, clock = date_or_none(text_or_none(row, "slot_date")), clock_or_none(text_or_none(row, "slot_time"))
    if row["slot_id"] is None or day is None or clock is None:
        return None
    return SlotRef(id=SlotId(UUID(text(row, "slot_id"))), date=day, time=clock)
