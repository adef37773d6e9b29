"""When an incident report may be closed (rules.md I2, I6)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from wc_contract.model.care_values import NotificationOutcome
from wc_contract.model.instants import instant_from_text
from wc_contract.model.values import Disposition, IncidentType
from wc_contract.rules.rows import json_of
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_CHECKS = 4  # at 0, 15 and 30 minutes, and before leaving
_WATCHED = timedelta(minutes=30)
_EXHAUSTED = 3  # tries after which nobody can say the family was not looked for
_REACHED = "reached"


def require_closable(
    incident: Mapping[str, Any], followed: tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]
) -> None:
    """Raise RecordRefused(WRONG_STATE) naming what is missing. incident is in wire form; followed: checks, attempts."""
    checks, attempts = followed
    missing = []
    if not _watched_long_enough(incident, checks):
        missing.append("head_injury_checks")
    if not _family_looked_for(incident, attempts):
        missing.append("notifications")
    if missing:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=tuple(missing))


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
