"""Closing an incident report over the records API, and days before the event: the rules are wc_contract.rules'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from wc_contract.model.care_values import NotificationOutcome
from wc_contract.model.instants import instant_from_text
from wc_contract.rules.closing import ClosingFacts, check_before_closing
from wc_contract.rules.findings import Code
from wc_contract.rules.incident import precedes_event
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_FIELDS = {Code.HEAD_INJURY_CHECKS_DUE: "head_injury_checks", Code.FIELD_MISSING: "notifications"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What followed an incident: checks of a head, tries to reach the family, and what is still to be done."""

    checks: Sequence[Mapping[str, Any]] = field(repr=False)
    attempts: Sequence[Mapping[str, Any]] = field(repr=False)
    to_do: Sequence[Mapping[str, Any]] = field(repr=False)


def require_closable(incident: Mapping[str, Any], followed: Followed) -> None:
    """Raise RecordRefused(WRONG_STATE) naming what is missing. incident is in wire form."""
    facts = ClosingFacts.from_row(
        incident,
        (check["checked_at"] for check in followed.checks),
        (NotificationOutcome(attempt["outcome"]) for attempt in followed.attempts),
    )
    missing = [_FIELDS[each.code] for each in check_before_closing(facts)]
    if followed.to_do:
        missing.append("follow_up_actions")
    if missing:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=tuple(missing))


def require_not_before_event(due: str | None, occurred_at: str, zone: str, field: str) -> None:
    """Raise RecordRefused(INVALID: field) for a day before the one on which it happened, by the school's calendar."""
    if due is not None and precedes_event(date.fromisoformat(due), instant_from_text(occurred_at), ZoneInfo(zone)):
        raise RecordRefused(RecordsProblem.INVALID, fields=(field,))
