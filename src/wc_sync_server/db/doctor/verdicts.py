"""What a check of a deployment says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wc_contract.model.errors import Refused
from wc_sync_server.db.health.findings import Finding, Severity

_NAMED = 8


class State(StrEnum):
    """How it stands with what was looked at."""

    DO = "do"  # something must be done
    UNSEEN = "unseen"  # it could not be looked at
    NOTE = "note"  # worth knowing, nothing has to be done
    WELL = "well"


class NotSeen(Refused):
    """Something cannot be looked at. The sentence says why."""

    code = "not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One thing found, in words. Names settings, files, tables and roles; no value of a secret, no row."""

    state: State
    found: str
    to_do: str = ""


Verdicts = Iterator[Verdict]


def well(found: str) -> Verdict:
    """Return that all is well."""
    return Verdict(state=State.WELL, found=found)


def note(found: str, to_do: str = "") -> Verdict:
    """Return what is worth knowing."""
    return Verdict(state=State.NOTE, found=found, to_do=to_do)


def do(found: str, to_do: str) -> Verdict:
    """Return that something must be done."""
    return Verdict(state=State.DO, found=found, to_do=to_do)


def unseen(found: str, to_do: str = "") -> Verdict:
    """Return that something could not be looked at."""
    return Verdict(state=State.UNSEEN, found=found, to_do=to_do)


def or_well(verdicts: Iterable[Verdict], found: str) -> Verdicts:
    """Yield what was found, and that all is well where nothing has to be done."""
    said = list(verdicts)
    yield from said
    if all(one.state is State.NOTE for one in said):
        yield well(found)


def from_health(findings: Iterable[Finding]) -> Verdicts:
    """Yield what `db health` found."""
    for finding in findings:
        state = State.NOTE if finding.severity is Severity.NOTE else State.DO
        yield Verdict(state=state, found=f"{finding.check}: {finding.subject}: {finding.found}", to_do=finding.to_do)


def several(names: Sequence[str]) -> str:
    """Return a list of names as a sentence may hold it."""
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"
