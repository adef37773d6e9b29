"""A dose put right: what it should have said, and why. Nothing is lost when it is set aside or fails."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.quantity import Quantity, decimal_from_text, plain
from wc_contract.model.values import DoseState
from wc_desktop.domain.screens import DoseCorrection
from wc_desktop.ui.viewmodels.words import say

# What can be said of one dose; a day's own states (missed, dismissed early) come from closing the day.
STATES: Final = (
    DoseState.ADMINISTERED,
    DoseState.PARTIAL,
    DoseState.REFUSED,
    DoseState.HELD,
    DoseState.ABSENT,
    DoseState.NOT_AVAILABLE,
    DoseState.WASTED,
    DoseState.SELF_ADMINISTERED,
    DoseState.OFF_SITE,
    DoseState.VOMITED,
)
# Of a dose that stands one can also say that it never was.
CORRECTIONS: Final = (*STATES, DoseState.ENTERED_IN_ERROR)
_MOST_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionTyped:
    """The sheet as it stands, half-typed values included."""

    status: str | None
    moment: str
    amount: str = field(repr=False)
    unit: str
    reason: str = field(repr=False)
    why: str = field(repr=False)


def typed_of(correction: DoseCorrection, unit: str, moment: str) -> CorrectionTyped:
    """Return the sheet filled in with what a dose says."""
    amount = correction.quantity
    return CorrectionTyped(
        status=correction.status.value,
        moment=moment,
        amount="" if amount is None else plain(amount.amount),
        unit=unit if amount is None else amount.unit,
        reason=correction.reason or "",
        why=correction.why,
    )


def next_step(typed: CorrectionTyped) -> str:
    """Return what is missing or does not read yet; '' when it can be saved."""
    if typed.status is None:
        return say("Choose what happened.")
    state = DoseState(typed.status)
    if _moment(typed.moment) is None:
        return say("Type when it happened.")
    if state.given and _amount(typed.amount) is None:
        return say("Type the amount as a number, like 2.5.")
    # Why it was never given is the reason and the correction's reason in one.
    if state.needs_reason and state is not DoseState.ENTERED_IN_ERROR and not typed.reason.strip():
        return say("This needs a reason.")
    return say("Say why it is corrected.") if not typed.why.strip() else ""


def correction_of(typed: CorrectionTyped) -> DoseCorrection | None:
    """Return what the sheet says, None while something is missing."""
    at, amount = _moment(typed.moment), _amount(typed.amount)
    if next_step(typed) or at is None or typed.status is None:
        return None
    state = DoseState(typed.status)
    return DoseCorrection(
        status=state,
        administered_at=at,
        quantity=Quantity(amount=amount, unit=typed.unit) if state.given and amount is not None else None,
        reason=typed.reason.strip() or None,
        why=typed.why.strip(),
    )


def _moment(text: str) -> Instant | None:
    try:
        return instant_from_text(text)
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    text = text.strip().replace(",", ".")
    try:
        amount = decimal_from_text(text)
    except ValueError:
        return None
    return amount if amount > 0 and len(text) <= _MOST_DIGITS else None
