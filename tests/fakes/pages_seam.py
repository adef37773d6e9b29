"""What a screen stands on in its tests: a desk without files, jobs without threads, and rows of invented children."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model.changes import ContactAttempt, Witness
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import (
    CaseId,
    DoseId,
    EntryId,
    IncidentId,
    MedicationId,
    OrderId,
    StudentId,
    UserId,
)
from wc_contract.model.instants import Instant
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import Disposition, DoseState, OrderKind, OrderStatus, Role, Route, Severity
from wc_contract.rules.findings import Finding
from wc_contract.rules.incident import check_before_signing
from wc_desktop.domain.case_views import CaseDecision, CaseRow
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.incident_form import draft_severity, draft_text, facts_of
from wc_desktop.domain.incident_report import IncidentReport
from wc_desktop.domain.link_views import JournalRow, LinkState, LinkStatus, SyncState
from wc_desktop.domain.screens import (
    AllergyView,
    Chart,
    ConditionView,
    Confirmed,
    ContactView,
    DoseView,
    IncidentDraft,
    IncidentRow,
    MedicationView,
    OrderView,
    PersonRow,
    StudentRow,
    VaccinationView,
)
from wc_desktop.ui.viewmodels.review import ReviewVerbs
from wc_desktop.ui.viewmodels.session import Session

ZONE = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 23, 17, 48, tzinfo=UTC)  # 11:48 in Chicago
_numbers = itertools.count(1)


def fresh_uuid() -> UUID:
    return UUID(int=next(_numbers))


class StandingClock:
    """A clock that is moved by hand."""

    def __init__(self, at: Instant = NOON) -> None:
        self.at = at

    def now(self) -> Instant:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


NURSE = PersonRow(id=UserId(UUID(int=900)), first_name="Jordan", last_name="Reyes", role=Role.NURSE, licence_type="RN")


class BareDesk:
    """Quacks like a Desk as far as a Session looks."""

    def __init__(self) -> None:
        self.person = NURSE
        self.zone = ZONE
        self.school_name = "Lincoln Elementary"
        self.device_name = "Clinic front desk"
        self.clock = StandingClock()
        self.link = LinkStatus(
            state=LinkState.OFFLINE,
            since=NOON - timedelta(minutes=66),
            data_as_of=NOON - timedelta(minutes=67),
            waiting=7,
            oldest_waiting=NOON - timedelta(minutes=60),
        )


class ImmediateJobs:
    """Does each job at once, and says what was asked."""

    def __init__(self) -> None:
        self.count = 0

    def run(
        self,
        job: Callable[[], Any],
        *,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[WhiteCrossError], None] | None = None,
        urgent: bool = False,
    ) -> None:
        del urgent
        self.count += 1
        try:
            answer = job()
        except WhiteCrossError as failure:
            assert failed is not None, "a failure that nobody is told"
            failed(failure)
            return
        if done is not None:
            done(answer)

    def run_beside(
        self,
        job: Callable[[], Any],
        *,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[WhiteCrossError], None] | None = None,
    ) -> None:
        self.run(job, done=done, failed=failed)


class LaterJobs(ImmediateJobs):
    """Keeps jobs until they are let go, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Callable[[], None]] = []

    def run(
        self,
        job: Callable[[], Any],
        *,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[WhiteCrossError], None] | None = None,
        urgent: bool = False,
    ) -> None:
        def go() -> None:
            super(LaterJobs, self).run(job, done=done, failed=failed, urgent=urgent)

        self.kept.append(go)

    def release(self, number: int = 0) -> None:
        self.kept.pop(number)()


def make_session(jobs: ImmediateJobs | None = None) -> Session:
    return Session(BareDesk(), jobs or ImmediateJobs())  # type: ignore[arg-type]  # quacks like a Desk


def child(
    last: str = "Martinez",
    first: str = "Sofia",
    *,
    preferred: str | None = None,
    allergies: tuple[str, ...] = (),
    alike: tuple[str, ...] = (),
    grade: str = "2",
    room: str | None = "5",
    active: bool = True,
) -> StudentRow:
    key = fresh_uuid()
    return StudentRow(
        id=StudentId(key),
        first_name=first,
        last_name=last,
        preferred_name=preferred,
        student_number=str(40000 + key.int),
        date_of_birth=date(2018, 9, 14),
        grade=grade,
        homeroom=room,
        is_active=active,
        allergies=allergies,
        name_alike=alike,
    )


def medication(name: str = "Methylphenidate", strength: str | None = "10 mg", **more: Any) -> MedicationView:
    facts = {"form": "TABLET", "dea_schedule": None, "is_emergency": False, **more}
    return MedicationView(id=MedicationId(fresh_uuid()), name=name, strength=strength, **facts)


def order(name: str = "Methylphenidate", *, findings: tuple[str, ...] = (), **more: Any) -> OrderView:
    facts: dict[str, Any] = {
        "medication": medication(name),
        "kind": OrderKind.SCHEDULED,
        "status": OrderStatus.ACTIVE,
        "dose": Quantity(amount=Decimal(1), unit="{tbl}"),
        "route": Route.ORAL,
        "times": ("11:45",),
        "instructions": "With food",
        "indication": "ADHD",
        "prescriber": "Dr L. Chen",
        "start_date": date(2026, 8, 17),
        "end_date": date(2027, 6, 11),
        "parent_auth_to": date(2027, 6, 30),
        "version": 1,
        **more,
    }
    return OrderView(id=OrderId(fresh_uuid()), findings=findings, **facts)


def dose(at: Instant = NOON, **more: Any) -> DoseView:
    facts: dict[str, Any] = {
        "status": DoseState.ADMINISTERED,
        "quantity": Quantity(amount=Decimal(1), unit="{tbl}"),
        "reason": None,
        "author": "Jordan Reyes",
        "device_is_this": True,
        "confirmed": Confirmed.CONFIRMED,
        "flags": (),
        "slot_date": date(2026, 11, 23),
        "slot_time": time(11, 45),
        "medication_name": "Methylphenidate",
        "recorded_at": at,
        **more,
    }
    return DoseView(id=DoseId(fresh_uuid()), entry_id=EntryId(fresh_uuid()), administered_at=at, **facts)


def incident_row(student: StudentRow | None = None, **more: Any) -> IncidentRow:
    facts: dict[str, Any] = {
        "id": IncidentId(fresh_uuid()),
        "type": "HEAD_INJURY",
        "severity": Severity.MEDIUM,
        "occurred_at": NOON - timedelta(hours=1),
        "location": "Playground",
        "status": "SIGNED",
        "author": "Jordan Reyes",
        "confirmed": Confirmed.WAITING,
        "saved_at": NOON,
        **more,
    }
    return IncidentRow(student=student, **facts)


def report(line: IncidentRow) -> IncidentReport:
    return IncidentReport(
        row=line,
        activity="Climbing frame",
        narrative="Fell from the second bar onto rubber ground; told by the aide.",
        body_regions=("FOREHEAD", "KNEE_LEFT"),
        injury_kind="BRUISE",
        witnesses=(Witness(name="Pat Lowe", role="aide"),),
        care_given="Cold pack, ten minutes.",
        disposition=Disposition.SENT_HOME,
        notifications=(
            ContactAttempt(person="Ana Martinez, mother", method="Phone", at=NOON, outcome="Reached, coming"),
        ),
        med_error_type=None,
        ncc_merp=None,
        follow_up_due=date(2026, 11, 30),
        signed_at=NOON,
    )


def chart(student: StudentRow, **more: Any) -> Chart:
    facts: dict[str, Any] = {
        "allergies": (AllergyView(allergen="Penicillin", reaction="hives", criticality="high"),),
        "conditions": (ConditionView(name="Asthma", icd10="J45.909", status="ACTIVE"),),
        "orders": (order(),),
        "doses": (dose(),),
        "incidents": (incident_row(student),),
        "vaccinations": (VaccinationView(name="MMR", cvx="03", administered_on=date(2022, 8, 1)),),
        "contacts": (
            ContactView(name="Ana Martinez", relationship="mother", phone="555-0117", is_primary=True),
            ContactView(name="Luis Martinez", relationship="father", phone="555-0118", is_primary=False),
        ),
        **more,
    }
    return Chart(student=student, **facts)


def case(student: StudentRow | None, *doses: DoseView) -> CaseRow:
    return CaseRow(
        id=CaseId(fresh_uuid()),
        kind="possible_double_dose",
        student=student,
        medication_name="Methylphenidate",
        opened_at=NOON,
        status="OPEN",
        doses=doses,
    )


class CaseDesk:
    """The review actions over a list of cases; what was looked at and decided can be asked."""

    def __init__(self, *cases: CaseRow) -> None:
        self.cases = list(cases)
        self.looked: list[CaseId] = []
        self.decided: list[CaseDecision] = []
        self.refuses_with: WhiteCrossError | None = None

    @property
    def verbs(self) -> ReviewVerbs:
        return ReviewVerbs(open_cases=self.open_cases, view_case=self.view_case, answer_case=self.answer_case)

    def open_cases(self, _desk: object) -> tuple[CaseRow, ...]:
        return tuple(self.cases)

    def view_case(self, _desk: object, key: CaseId) -> CaseRow:
        self.looked.append(key)
        return next(one for one in self.cases if one.id == key)

    def answer_case(self, _desk: object, decision: CaseDecision) -> CaseRow:
        if self.refuses_with is not None:
            raise self.refuses_with
        self.decided.append(decision)
        answered = next(one for one in self.cases if one.id == decision.case_id)
        self.cases.remove(answered)
        return replace(answered, status="RESOLVED")


def journal_row(number: int, outcome: str | None = "applied", **more: Any) -> JournalRow:
    facts: dict[str, Any] = {
        "what": "dose.log",
        "student": None,
        "authored_at": NOON - timedelta(minutes=60 - number),
        "author": "Jordan Reyes",
        "code": None,
        "findings": (),
        **more,
    }
    return JournalRow(number=number, id=EntryId(fresh_uuid()), outcome=outcome, **facts)


def sync_state(*rows: JournalRow, link: LinkStatus | None = None, **more: Any) -> SyncState:
    facts: dict[str, Any] = {
        "device_name": "Clinic front desk",
        "school_name": "Lincoln Elementary",
        "server": "https://sync.example.org",
        "replica_rows": 61234,
        "digests_agree": True,
        "compared_at": NOON - timedelta(minutes=70),
        **more,
    }
    return SyncState(link=link or BareDesk().link, journal=rows, **facts)


class DraftShelf:
    """The incident actions over a dictionary. It keeps the promises of actions.incidents: same rules, same errors."""

    def __init__(self, children: tuple[StudentRow, ...] = ()) -> None:
        self.drafts: dict[IncidentId, IncidentDraft] = {}
        self.signed: list[IncidentDraft] = []
        self.by_id = {str(row.id): row for row in children}
        self.saves = 0
        self.refuses_with: WhiteCrossError | None = None

    def new_draft(self, _desk: object, student_id: StudentId | None = None) -> IncidentDraft:
        return IncidentDraft(id=IncidentId(fresh_uuid()), student_id=student_id, fields={})

    def save_draft(self, desk: Any, draft: IncidentDraft) -> IncidentDraft:
        if self.refuses_with is not None:
            raise self.refuses_with
        kept = IncidentDraft(
            id=draft.id, student_id=draft.student_id, fields=dict(draft.fields), saved_at=desk.clock.now()
        )
        self.drafts[draft.id] = kept
        self.saves += 1
        return kept

    def load_draft(self, _desk: object, incident: IncidentId) -> IncidentDraft:
        if incident not in self.drafts:
            raise NotFound(str(incident))
        return self.drafts[incident]

    def discard_draft(self, _desk: object, incident: IncidentId) -> None:
        self.drafts.pop(incident, None)

    def check(self, desk: Any, draft: IncidentDraft) -> tuple[Finding, ...]:
        return check_before_signing(facts_of(draft), desk.clock.now(), desk.zone)

    def sign_incident(self, _desk: object, draft: IncidentDraft) -> IncidentRow:
        self.signed.append(draft)
        self.drafts.pop(draft.id, None)
        return self._row(draft, "SIGNED")

    def children(self, _desk: object, ids: list[str]) -> dict[str, StudentRow]:
        return {key: self.by_id[key] for key in ids if key in self.by_id}

    def list_incidents(self, _desk: object) -> tuple[IncidentRow, ...]:
        return (
            *(self._row(draft, "DRAFT") for draft in self.drafts.values()),
            *(self._row(draft, "SIGNED") for draft in self.signed),
        )

    def search(self, _desk: object, text: str, limit: int = 200) -> tuple[StudentRow, ...]:
        words = text.casefold().split()
        found = [
            row
            for row in self.by_id.values()
            if all(any(name.casefold().startswith(word) for name in (row.first_name, row.last_name)) for word in words)
        ]
        return tuple(found[:limit])

    def read_report(self, _desk: object, incident: IncidentId) -> IncidentReport:
        for draft in self.signed:
            if draft.id == incident:
                return report(self._row(draft, "SIGNED"))
        raise NotFound(str(incident))

    def _row(self, draft: IncidentDraft, status: str) -> IncidentRow:
        facts = facts_of(draft)
        return incident_row(
            self.by_id.get(str(draft.student_id)),
            id=draft.id,
            type="" if facts.type is None else facts.type.value,
            severity=draft_severity(draft),
            occurred_at=facts.occurred_at,
            location=draft_text(draft, "location"),
            status=status,
        )
