"""A signed incident report as it is read. The form is another thing: what is signed changes only by addenda."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from wc_contract.model.apply import WireValue
from wc_contract.model.changes import ContactAttempt, Witness
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.values import Disposition, MedicationErrorType
from wc_contract.rules.rows import date_or_none, instant_or_none, json_of, texts
from wc_desktop.domain.screens import IncidentRow
from wc_desktop.domain.views import text, text_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Addendum:
    """What was added to a report after it was signed."""

    at: Instant
    author: str
    text: str = field(repr=False)


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
