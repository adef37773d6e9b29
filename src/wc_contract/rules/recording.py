"""When and how a dose was written down: reasons, late entry, clocks (P4, A4, T3, 'State effects')."""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum

from wc_contract.model.changes import DoseLogged
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.values import OrderKind
from wc_contract.rules.findings import Code, Noticed
from wc_contract.rules.policy import Policy

_LATE = frozenset({Code.LATE_ENTRY, Code.LATE_ENTRY_OVER_A_DAY, Code.LATE_ENTRY_OVER_LIMIT})
_LATE_VALUES = frozenset(code.value for code in _LATE)


class ClockState(StrEnum):
    """What a workstation's clock deserves (T3)."""

    GOOD = "good"
    BANNER = "banner"
    SUSPECT = "suspect"


def clock_state(offset: timedelta | None, policy: Policy) -> ClockState:
    """Return what to make of the distance between device and server clock; unknown counts as good."""
    distance = abs(offset) if offset is not None else timedelta()
    if distance > policy.clock_suspect:
        return ClockState.SUSPECT
    return ClockState.BANNER if distance > policy.clock_banner else ClockState.GOOD


def check_clock(offset_ms: int | None, policy: Policy) -> Iterator[Noticed]:
    """Notice a workstation clock that is off (T3). It is recorded and changes nobody's data (law 8)."""
    if not offset_ms:
        return
    offset = timedelta(milliseconds=offset_ms)
    match clock_state(offset, policy):
        case ClockState.GOOD:
            return
        case ClockState.BANNER:
            yield Noticed(code=Code.CLOCK_DRIFT, detail={"offset_ms": str(offset_ms)})
        case ClockState.SUSPECT:
            yield Noticed(code=Code.CLOCK_SUSPECT, detail={"offset_ms": str(offset_ms)})


def check_reason(dose: DoseLogged, kind: OrderKind) -> Iterator[Noticed]:
    """Notice a missing reason: for states that need one, and for every dose as needed (P4)."""
    if dose.reason is not None and dose.reason.strip():
        return
    if dose.status.needs_reason:
        yield Noticed(code=Code.REASON_MISSING, detail={"for": dose.status.value})
    elif kind is OrderKind.PRN and dose.status.given:
        yield Noticed(code=Code.REASON_MISSING, detail={"for": "prn"})


def check_late_entry(dose: DoseLogged, recorded_at: Instant, policy: Policy) -> Iterator[Noticed]:
    """Notice a record made too long after the act, or before it (A4). Both times are of one clock."""
    elapsed = recorded_at - dose.administered_at
    if elapsed < timedelta():
        # The same clock wrote both, so this is a slip of the pen, not of the clock.
        yield Noticed(code=Code.FUTURE_TIME, detail={"at": instant_to_text(dose.administered_at)})
    elif elapsed > policy.late_entry:
        detail = {"minutes": str(int(elapsed.total_seconds() // 60))}
        yield Noticed(code=_lateness(elapsed, policy), detail=detail)


def check_late_reason(dose: DoseLogged, noticed: Code) -> Iterator[Noticed]:
    """Notice a late entry that gives no reason, neither its own nor as an override (A4)."""
    if noticed not in _LATE or (dose.reason is not None and dose.reason.strip()):
        return
    if not any(o.code in _LATE_VALUES and o.reason.strip() for o in dose.overrides):
        yield Noticed(code=Code.REASON_MISSING, detail={"for": Code.LATE_ENTRY.value})


def _lateness(elapsed: timedelta, policy: Policy) -> Code:
    if elapsed > policy.late_entry_limit:
        return Code.LATE_ENTRY_OVER_LIMIT
    return Code.LATE_ENTRY_OVER_A_DAY if elapsed > policy.late_entry_notify else Code.LATE_ENTRY
