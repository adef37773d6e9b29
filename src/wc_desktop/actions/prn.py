"""Giving a medicine as needed: what may be given now, what the rules say of it, one durable entry (P1-P6, D1, X2)."""

from collections.abc import Sequence
from uuid import UUID

from wc_contract.model.changes import DoseLogged, Override
from wc_contract.model.ids import DoseId, OrderId, StudentId, new_uuid
from wc_contract.model.instants import Instant, whole_millis
from wc_contract.model.kinds import DOSE, ORDER, ORDER_VERSION, STUDENT
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import AccessAction, DoseState, OrderKind, OrderStatus, Route
from wc_contract.rules.dosing import version_in_force
from wc_contract.rules.facts import DoseFacts, OrderVersionFacts
from wc_contract.rules.findings import Code, Finding, blocking
from wc_contract.rules.prn import EFFECT_CHECK_FROM, EFFECT_CHECK_TO, allowance, asks_aloud, reach
from wc_desktop.actions.access import record
from wc_desktop.actions.checked_dose import findings_of, overrides_of
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.dose_stock import moved_with
from wc_desktop.actions.reading import (
    chart_that_goes_on,
    charts_of,
    dose_viewer,
    medications,
    newest_doses,
    student_rows,
)
from wc_desktop.domain.as_needed import PrnDraft, PrnList, PrnOrder, PrnPlan, PrnSaved
from wc_desktop.domain.failures import NotFound, ReasonMissing
from wc_desktop.domain.screens import StudentRow
from wc_desktop.domain.views import Row, medication_view, text, text_or_none

# The form asks for it; before it is typed the rules need not say so.
_ASKED_BY_THE_FORM = frozenset({Code.REASON_MISSING})
# An order that is on hold or waits for a nurse is listed too: the rules say why it is not to be given.
_LISTED = frozenset({OrderStatus.ACTIVE, OrderStatus.HELD, OrderStatus.PENDING_VERIFICATION})
_FIELDS = tuple(sorted({name for kind in (STUDENT, ORDER, ORDER_VERSION, DOSE) for name in kind.phi_fields}))


def open_prn(desk: Desk, student: StudentId) -> PrnList:
    """Return a child's orders as needed, and write that they were looked at. Raises NotFound, DiskFull, DiskFailed."""
    child = _child(desk, student)
    record(desk, AccessAction.VIEW, STUDENT.name, str(child.id), _FIELDS)
    return _listed(desk, child)


def read_prn_again(desk: Desk, student: StudentId) -> PrnList:
    """Return a list that is open, as it stands now; its opening is on record already. Raises NotFound."""
    return _listed(desk, _child(desk, student))


def plan_prn(desk: Desk, draft: PrnDraft) -> PrnPlan:
    """Return what the rules say of a dose as needed. Nothing is written. Raises NotFound."""
    order = _order(desk, draft)
    at = whole_millis(desk.clock.now())
    findings = findings_of(desk, _logged(desk, order, draft, ()), at)
    shown = tuple(finding for finding in findings if finding.code not in _ASKED_BY_THE_FORM)
    return PrnPlan(draft=draft, findings=shown, asks_aloud=_asks_aloud(order, findings))


def log_prn(desk: Desk, draft: PrnDraft) -> PrnSaved:
    """Write what the nurse confirmed; it is on the disk, sealed copy included, when this returns.

    Raises NotAllowed for a finding that nothing overrides; ReasonMissing without a reason (P4), for a hard stop
    without override_reason, and where another workstation may have given it and nobody was asked aloud (P3); NotFound,
    DiskFull, DiskFailed. Then nothing was written.
    """
    now = whole_millis(desk.clock.now())
    order = _order(desk, draft)
    findings = findings_of(desk, _logged(desk, order, draft, ()), now)
    overrides = overrides_of(tuple(blocking(findings)), draft.override_reason)
    asked = draft.asked_aloud.strip()
    if _asks_aloud(order, findings) and not asked:
        raise ReasonMissing((Code.CONFIRM_ALOUD.value,))
    if asked:
        overrides = (*overrides, Override(code=Code.CONFIRM_ALOUD.value, reason=asked))
    dose = _logged(desk, order, draft, overrides)
    entry = desk.author((dose, *moved_with(desk, dose, now)), now)
    child = _child(desk, draft.student)
    return PrnSaved(
        entry_number=entry.number,
        student=child,
        order=next(one for one in _listed(desk, child).orders if one.id == order.id),
        check_from=dose.administered_at + EFFECT_CHECK_FROM,
        check_to=dose.administered_at + EFFECT_CHECK_TO,
    )


def _asks_aloud(order: PrnOrder, findings: Sequence[Finding]) -> bool:
    return asks_aloud(findings, rescue=order.medication.is_emergency)


def _child(desk: Desk, student: StudentId) -> StudentRow:
    row = desk.records.find(STUDENT, chart_that_goes_on(desk, str(student)))
    if row is None:
        raise NotFound(str(student))
    return student_rows(desk, (row,))[0]


def _order(desk: Desk, draft: PrnDraft) -> PrnOrder:
    for order in _listed(desk, _child(desk, draft.student)).orders:
        if order.id == draft.order:
            return order
    raise NotFound(str(draft.order))


def _listed(desk: Desk, child: StudentRow) -> PrnList:
    at = whole_millis(desk.clock.now())
    charts = charts_of(desk, str(child.id))
    rows = [
        row
        for row in desk.records.where(ORDER, "student_id", charts)
        if row["kind"] == OrderKind.PRN.value and OrderStatus(text(row, "status")) in _LISTED
    ]
    versions = desk.records.where(ORDER_VERSION, "order_id", [text(row, "id") for row in rows])
    made = (_order_now(desk, row, versions, charts, at) for row in rows)
    listed = sorted((order for order in made if order is not None), key=_place)
    return PrnList(student=child, orders=tuple(listed))


def _order_now(desk: Desk, row: Row, versions: Sequence[Row], charts: Sequence[str], at: Instant) -> PrnOrder | None:
    key = text(row, "id")
    own = {text(version, "id"): version for version in versions if text(version, "order_id") == key}
    version = version_in_force([OrderVersionFacts.from_row(one) for one in own.values()], at)
    drug = medications(desk).get(text(row, "medication_id"))
    if version is None or drug is None:
        return None
    since = at - reach(version)
    rows = {text(dose, "id"): dose for dose in newest_doses(desk, charts, since=since) if text(dose, "order_id") == key}
    left = allowance(version, [DoseFacts.from_row(dose) for dose in rows.values()], at)
    # What was given before the limits look back is still what was given last.
    last = rows.get(str(left.last.id)) if left.last else desk.records.last_taken([key]).get(key)
    words = own[str(version.id)]
    return PrnOrder(
        id=OrderId(UUID(key)),
        version_id=version.id,
        student_id=StudentId(UUID(text(row, "student_id"))),
        medication=medication_view(drug),
        dose=Quantity(amount=version.dose, unit=version.unit),
        route=Route(text(words, "route")),
        instructions=text_or_none(words, "instructions"),
        indication=text_or_none(row, "indication"),
        prescriber=text(row, "prescriber_name"),
        last=None if last is None else dose_viewer(desk)(last),
        again_from=left.again_from,
        given=left.given,
        maximum=left.maximum,
        period=left.period,
    )


def _place(order: PrnOrder) -> tuple[str, str]:
    return order.medication.name.casefold(), str(order.id)


def _logged(desk: Desk, order: PrnOrder, draft: PrnDraft, overrides: tuple[Override, ...]) -> DoseLogged:
    at = whole_millis(draft.administered_at)
    amount = draft.quantity
    # Less than ordered is a part of it, and says so (D1); more is what the rules stop.
    less = amount.unit == order.dose.unit and amount.amount < order.dose.amount
    return DoseLogged(
        id=DoseId(new_uuid(at, desk.chance)),
        student_id=order.student_id,
        order_id=order.id,
        order_version_id=order.version_id,
        medication_id=order.medication.id,
        slot=None,
        status=DoseState.PARTIAL if less else DoseState.ADMINISTERED,
        administered_at=at,
        local_date=at.astimezone(desk.zone).date(),
        dose_given=amount.amount,
        unit=amount.unit,
        reason=draft.reason.strip() or None,
        overrides=overrides,
    )
