"""When an incident report may be closed (rules.md I2, I6), and what cannot be due before the event (I7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wc_contract.model.care_values import NotificationOutcome
from wc_contract.model.instants import instant_from_text
from wc_contract.model.values import Disposition, IncidentType
from wc_contract.rules.rows import json_of
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_CHECKS = 4  # at 0, 15 and 30 minutes, and before leaving
_WATCHED = timedelta(minutes=30)
_EXHAUSTED = 3  # tries after which nobody can say the family was not looked for
_REACHED = "reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What followed an incident: checks of a head, tries to reach the family, and what is still to be done."""

    checks: Sequence[Mapping[str, Any]] = field(repr=False)
    attempts: Sequence[Mapping[str, Any]] = field(repr=False)
    to_do: Sequence[Mapping[str, Any]] = field(repr=False)


def require_closable(incident: Mapping[str, Any], followed: Followed) -> None:
    """Raise RecordRefused(WRONG_STATE) naming what is missing. incident is in wire form."""
    missing = []
    if not _watched_long_enough(incident, followed.checks):
        missing.append("head_injury_checks")
    if not _family_looked_for(incident, followed.attempts):
        missing.append("notifications")
    if followed.to_do:
        missing.append("follow_up_actions")
    if missing:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=tuple(missing))


def require_not_before_event(due: str | None, occurred_at: str, zone: str, field: str) -> None:
    """Raise RecordRefused(INVALID: field) for a day before the one on which it happened, by the school's calendar."""
    happened = instant_from_text(occurred_at).astimezone(ZoneInfo(zone)).date()
    if due is not None and due < happened.isoformat():
        raise RecordRefused(RecordsProblem.INVALID, fields=(field,))


def _watched_long_enough(incident: Mapping[str, Any], checks: Sequence[Mapping[str, Any]]) -> bool:
    if incident["type"] != IncidentType.HEAD_INJURY.value or incident["disposition"] == Disposition.EMS.value:
        return True
    times = [check["checked_at"] for check in checks]
    happened = instant_from_text(incident["occurred_at"])
    return len(times) >= _CHECKS and max(times) - happened >= _WATCHED


def _family_looked_for(incident: Mapping[str, Any], attempts: Sequence[Mapping[str, Any]]) -> bool:
    if incident["student_id"] is None:
        return True
    noted = json_of(incident["notifications"])
    on_report = [str(item.get("outcome", "")) for item in noted if isinstance(item, dict)] if noted else []
    if any(attempt["outcome"] == NotificationOutcome.REACHED.value for attempt in attempts):
        return True
    said = any(outcome.strip().casefold().startswith(_REACHED) for outcome in on_report)
    return said or len(attempts) + len(on_report) >= _EXHAUSTED
