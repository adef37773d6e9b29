"""Incident reports before they are signed, and when they arrive (I1-I3, I6, I7)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from wc_contract.model.changes import ContactAttempt, IncidentSigned
from wc_contract.model.ids import StudentId
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.values import Disposition, IncidentType, MedicationErrorType
from wc_contract.rules.findings import Code, Finding, Noticed, grade_before, grade_on_arrival

_LETTERS = frozenset("ABCDEFGHI")
_NEEDS_CHILD = frozenset({IncidentType.INJURY, IncidentType.HEAD_INJURY, IncidentType.BITE})
_NEEDS_BODY = frozenset({IncidentType.INJURY, IncidentType.HEAD_INJURY, IncidentType.BITE})


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFacts:
    """A report as far as it has been filled in; a draft has holes."""

    type: IncidentType | None
    student_id: StudentId | None = None
    occurred_at: Instant | None = None
    location: str = field(default="", repr=False)
    narrative: str = field(default="", repr=False)
    body_regions: tuple[str, ...] = field(default=(), repr=False)
    care_given: str = field(default="", repr=False)
    disposition: Disposition | None = None
    notifications: tuple[ContactAttempt, ...] = field(default=(), repr=False)
    med_error_type: MedicationErrorType | None = None
    ncc_merp: str | None = None
    follow_up_due: date | None = None

    @staticmethod
    def from_change(report: IncidentSigned) -> "IncidentFacts":
        """Read a signed report."""
        return IncidentFacts(
            type=report.type,
            student_id=report.student_id,
            occurred_at=report.occurred_at,
            location=report.location,
            narrative=report.narrative,
            body_regions=report.body_regions,
            care_given=report.care_given,
            disposition=report.disposition,
            notifications=report.notifications,
            med_error_type=report.med_error_type,
            ncc_merp=report.ncc_merp,
            follow_up_due=report.follow_up_due,
        )


def check_before_signing(facts: IncidentFacts, at: Instant, zone: ZoneInfo) -> tuple[Finding, ...]:
    """Return what stands between a draft and its signature at an instant, the most serious first. Never raises."""
    return grade_before(_all(facts, at, zone))


def check_incident_on_arrival(report: IncidentSigned, zone: ZoneInfo) -> tuple[Finding, ...]:
    """Return the findings on a report that was signed; it is kept whatever they say."""
    return grade_on_arrival(_all(IncidentFacts.from_change(report), report.signed_at, zone))


def precedes_event(day: date, occurred_at: Instant, zone: ZoneInfo) -> bool:
    """Whether a follow-up on that day would come before the event, by the school's calendar (I7)."""
    return day < occurred_at.astimezone(zone).date()


def _all(facts: IncidentFacts, at: Instant, zone: ZoneInfo) -> Iterator[Noticed]:
    yield from _core(facts)
    yield from _times(facts, at, zone)
    yield from _medication_error(facts)
    if facts.type is IncidentType.HEAD_INJURY and facts.disposition is not Disposition.EMS:
        # I2: the report may be signed, and cannot be closed without the checks.
        yield Noticed(code=Code.HEAD_INJURY_CHECKS_DUE, detail={"minutes": "0,15,30", "and": "before_leaving"})


def _core(facts: IncidentFacts) -> Iterator[Noticed]:
    """Notice what I1 asks for and the form does not hold yet."""
    present = {
        "type": facts.type is not None,
        "occurred_at": facts.occurred_at is not None,
        "location": bool(facts.location.strip()),
        "narrative": bool(facts.narrative.strip()),
        "disposition": facts.disposition is not None,
    }
    if facts.type in _NEEDS_CHILD:
        present["student_id"] = facts.student_id is not None
    if facts.type in _NEEDS_BODY:
        present["body_regions"] = any(region.strip() for region in facts.body_regions)
        present["care_given"] = bool(facts.care_given.strip())
    if facts.type is IncidentType.HEAD_INJURY:
        # A parent must know what to watch for that night; a try counts, reaching them may take several (I6).
        present["notifications"] = bool(facts.notifications)
    for name, there in present.items():
        if not there:
            yield Noticed(code=Code.FIELD_MISSING, detail={"field": name})


def _times(facts: IncidentFacts, at: Instant, zone: ZoneInfo) -> Iterator[Noticed]:
    for attempt in facts.notifications:
        if attempt.at > at:
            yield Noticed(code=Code.FUTURE_TIME, detail={"field": "notifications", "at": instant_to_text(attempt.at)})
    if facts.occurred_at is None:
        return
    if facts.occurred_at > at:
        detail = {"field": "occurred_at", "at": instant_to_text(facts.occurred_at)}
        yield Noticed(code=Code.FUTURE_TIME, detail=detail)
    if facts.follow_up_due is not None and precedes_event(facts.follow_up_due, facts.occurred_at, zone):
        happened_on = facts.occurred_at.astimezone(zone).date()
        detail = {"event": happened_on.isoformat(), "follow_up": facts.follow_up_due.isoformat()}
        yield Noticed(code=Code.FOLLOW_UP_BEFORE_EVENT, detail=detail)
    for attempt in facts.notifications:
        if attempt.at < facts.occurred_at:
            yield Noticed(code=Code.CONTACT_BEFORE_EVENT, detail={"at": instant_to_text(attempt.at)})


def _medication_error(facts: IncidentFacts) -> Iterator[Noticed]:
    """Notice type and NCC MERP category where they are due, and where they are not (I3)."""
    if facts.type is not IncidentType.MEDICATION_ERROR:
        if facts.med_error_type is not None:
            yield Noticed(code=Code.ERROR_TYPE_NOT_APPLICABLE)
        if facts.ncc_merp is not None:
            yield Noticed(code=Code.NCC_MERP_NOT_APPLICABLE)
        return
    if facts.med_error_type is None:
        yield Noticed(code=Code.ERROR_TYPE_MISSING)
    if facts.ncc_merp is None:
        yield Noticed(code=Code.NCC_MERP_MISSING)
    elif facts.ncc_merp not in _LETTERS:
        yield Noticed(code=Code.NCC_MERP_UNKNOWN)
    elif facts.ncc_merp == "B" and facts.med_error_type is MedicationErrorType.OMISSION:
        yield Noticed(code=Code.OMISSION_NEVER_B)
