"""A signed incident report as it is read. The form is another thing: what is signed changes only by addenda."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.care_values import ActionStatus, NotificationMethod, NotificationOutcome
from wc_contract.model.changes import ContactAttempt, Witness
from wc_contract.model.ids import IncidentId
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.values import Disposition, IncidentType, MedicationErrorType
from wc_contract.rules.closing import WatchStep, watch_steps
from wc_contract.rules.rows import date_or_none, instant_or_none, json_of, texts
from wc_desktop.domain.screens import IncidentRow, StudentRow
from wc_desktop.domain.views import text, text_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Addendum:
    """What was added to a report after it was signed."""

    at: Instant
    author: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCheck:
    """One look at a child with a head injury. symptoms: codes of what was seen or said."""

    at: Instant
    author: str
    symptoms: tuple[str, ...] = field(repr=False)
    red_flag: bool
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyContact:
    """Somebody of the family who can be called."""

    id: UUID
    name: str = field(repr=False)
    relationship: str
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyAttempt:
    """One try to reach the family after the report was signed (I6)."""

    at: Instant
    contact: str = field(repr=False)
    method: NotificationMethod
    outcome: NotificationOutcome
    author: str
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a witness said, and who wrote it down."""

    at: Instant
    name: str = field(repr=False)
    role: str
    words: str = field(repr=False)
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Something to be done after an incident."""

    id: UUID
    action: str = field(repr=False)
    due_on: date
    status: ActionStatus
    completed_at: Instant | None
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCheck:
    """A child who is watched after a head injury, and the check that stands out."""

    incident: IncidentId
    child: StudentRow
    step: WatchStep


# -- what a person adds to a signed report ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDraft:
    """A look at the child, as it is to be written down."""

    at: Instant
    symptoms: tuple[str, ...] = field(repr=False)
    red_flag: bool
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptDraft:
    """A try to reach the family."""

    contact: UUID
    at: Instant
    method: NotificationMethod
    outcome: NotificationOutcome
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDraft:
    """What a witness said."""

    at: Instant
    name: str = field(repr=False)
    role: str = field(repr=False)
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpDraft:
    """Something to be done, and until when."""

    action: str = field(repr=False)
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpDone:
    """That something to be done was done, and what came of it."""

    id: UUID
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddendumDraft:
    """What is added to the report in words."""

    words: str = field(repr=False)


Addition = CheckDraft | AttemptDraft | StatementDraft | FollowUpDraft | FollowUpDone | AddendumDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReport:
    """Everything on a signed report. `row` is its line in the list: child, type, when, where, who."""

    row: IncidentRow
    activity: str = field(repr=False)
    narrative: str = field(repr=False)
    body_regions: tuple[str, ...] = field(repr=False)
    injury_kind: str = field(repr=False)
    witnesses: tuple[Witness, ...] = field(repr=False)
    care_given: str = field(repr=False)
    disposition: Disposition
    notifications: tuple[ContactAttempt, ...] = field(repr=False)
    med_error_type: MedicationErrorType | None
    ncc_merp: str | None
    follow_up_due: date | None
    signed_at: Instant | None
    addenda: tuple[Addendum, ...] = ()
    checks: tuple[HeadCheck, ...] = ()
    attempts: tuple[FamilyAttempt, ...] = ()
    statements: tuple[Statement, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    family: tuple[FamilyContact, ...] = ()

    @property
    def watch(self) -> tuple[WatchStep, ...]:
        """The checks that a head injury asks for (I2); none for anything else, or where EMS took the child."""
        head = self.row.type == IncidentType.HEAD_INJURY.value and self.disposition is not Disposition.EMS
        if not head or self.row.occurred_at is None:
            return ()
        return watch_steps(self.row.occurred_at, (check.at for check in self.checks))


def incident_report(row: Mapping[str, WireValue], line: IncidentRow) -> IncidentReport:
    """Return a signed report from its record."""
    error = text_or_none(row, "med_error_type")
    return IncidentReport(
        row=line,
        activity=text(row, "activity"),
        narrative=text(row, "narrative"),
        body_regions=texts(json_of(text(row, "body_regions"))),
        injury_kind=text(row, "injury_kind"),
        witnesses=tuple(Witness(name=w["name"], role=w["role"]) for w in json_of(text(row, "witnesses")) or ()),
        care_given=text(row, "care_given"),
        disposition=Disposition(text(row, "disposition")),
        notifications=tuple(
            ContactAttempt(person=n["person"], method=n["method"], at=instant_from_text(n["at"]), outcome=n["outcome"])
            for n in json_of(text(row, "notifications")) or ()
        ),
        med_error_type=None if error is None else MedicationErrorType(error),
        ncc_merp=text_or_none(row, "ncc_merp"),
        follow_up_due=date_or_none(text_or_none(row, "follow_up_due")),
        signed_at=instant_or_none(text_or_none(row, "signed_at")),
    )
