"""Closing an incident report over the records API: the rule is wc_contract.rules.closing."""

from collections.abc import Mapping, Sequence
from typing import Any

from wc_contract.model.care_values import NotificationOutcome
from wc_contract.rules.closing import ClosingFacts, check_before_closing
from wc_contract.rules.findings import Code
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_FIELDS = {Code.HEAD_INJURY_CHECKS_DUE: "head_injury_checks", Code.FIELD_MISSING: "notifications"}


def require_closable(
    incident: Mapping[str, Any], followed: tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]
) -> None:
    """Raise RecordRefused(WRONG_STATE) naming what is missing. incident is in wire form; followed: checks, attempts."""
    checks, attempts = followed
    facts = ClosingFacts.from_row(
        incident,
        (check["checked_at"] for check in checks),
        (NotificationOutcome(attempt["outcome"]) for attempt in attempts),
    )
    missing = check_before_closing(facts)
    if missing:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=tuple(_FIELDS[each.code] for each in missing))
