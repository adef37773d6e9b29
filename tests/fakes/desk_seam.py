"""A medication pass without files: rows of invented children that can be planned and answered by hand-written verbs."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tests.fakes.pages_seam import NOON, ZONE, child, dose, fresh_uuid, medication

from wc_contract.model.changes import SlotRef
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import OrderId, OrderVersionId, SlotId
from wc_contract.model.instants import Instant
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import DoseState, Route
from wc_contract.rules.findings import Code, Finding, Severity
from wc_desktop.domain.screens import Confirmed, DoseDraft, DosePlan, DoseSaved, DueList, DueRow, DueStatus
from wc_desktop.ui.viewmodels.med_pass import MedPassVerbs

TODAY = date(2026, 11, 23)
WINDOW = timedelta(minutes=30)


def due_row(last: str = "Martinez", first: str = "Sofia", at: str = "11:45", **more: Any) -> DueRow:
    """One slot of today; its status follows from the time unless it is given."""
    clock = time.fromisoformat(at)
    due = datetime.combine(TODAY, clock, tzinfo=ZONE)
    key = fresh_uuid()
    facts: dict[str, Any] = {
        "student": child(last, first),
        "medication": medication(),
        "due_at": due,
        "window_from": due - WINDOW,
        "window_to": due + WINDOW,
        "status": _status(due),
        "dose": Quantity(amount=Decimal(1), unit="{tbl}"),
        "route": Route.ORAL,
        "instructions": None,
        "prescriber": "Dr. L. Chen",
        "order_until": date(2027, 6, 11),
        "parent_auth_to": date(2027, 6, 30),
        "last_given": None,
        **more,
    }
    return DueRow(
        key=str(key),
        order_id=OrderId(fresh_uuid()),
        order_version_id=OrderVersionId(fresh_uuid()),
        slot=SlotRef(id=SlotId(key), date=TODAY, time=clock),
        **facts,
    )


def _status(due: datetime) -> DueStatus:
    if due + WINDOW < NOON:
        return DueStatus.OVERDUE
    return DueStatus.DUE if due - WINDOW <= NOON else DueStatus.LATER


def stop(code: Code, *, overridable: bool = True) -> Finding:
    return Finding(code=code, severity=Severity.BLOCK, overridable=overridable)


@dataclass
class FakePass:
    """Stands for the three verbs of the medication pass."""

    rows: list[DueRow]
    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    drafts: list[DoseDraft] = field(default_factory=list)
    refusal: WhiteCrossError | None = None
    reads: int = 0
    periods: tuple[str, ...] = ()

    @property
    def verbs(self) -> MedPassVerbs:
        return MedPassVerbs(due_list=self.due_list, plan_dose=self.plan_dose, log_dose=self.log_dose)

    def due_list(self, _desk: object, at: Instant) -> DueList:
        self.reads += 1
        return DueList(day=TODAY, at=at, rows=tuple(self.rows), day_kind="SCHOOL_DAY", periods=self.periods)

    def plan_dose(self, _desk: object, key: str, status: DoseState, at: Instant) -> DosePlan:
        return DosePlan(row=self._row(key), status=status, at=at, findings=self.findings.get(key, ()))

    def log_dose(self, _desk: object, draft: DoseDraft) -> DoseSaved:
        if self.refusal is not None:
            raise self.refusal
        self.drafts.append(draft)
        answer = dose(draft.administered_at, status=draft.status, reason=draft.reason, confirmed=Confirmed.WAITING)
        row = replace(self._row(draft.key), status=DueStatus.DONE, answers=(answer,))
        self.rows = [row if old.key == draft.key else old for old in self.rows]
        return DoseSaved(entry_number=len(self.drafts), row=row)

    def _row(self, key: str) -> DueRow:
        return next(row for row in self.rows if row.key == key)
