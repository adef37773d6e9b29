"""How far the end of this workstation is, for the screen that says so."""

from dataclasses import dataclass
from enum import Enum, unique


@unique
class WipePhase(Enum):
    """NONE: it goes on. Nothing is destroyed before ERASING."""

    NONE = "none"
    ORDERED = "ordered"
    SENDING = "sending"
    HELD = "held"
    ERASING = "erasing"
    UNDELIVERED = "undelivered"
    KEPT = "kept"


# What only a person's password can get past: held like a failure, and shown with a field for it.
NEEDS_PASSWORD = "needs_password"  # noqa: S105  # a code
ENTRIES_WAIT = "entries_wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class WipeNews:
    """What the screen shows. problem: why it does not go on; unsent: entries without a final receipt.

    photos: content of its own that was not sent, None where it cannot be counted.
    """

    phase: WipePhase
    lost: bool = False
    problem: str | None = None
    unsent: int | None = None
    photos: int | None = 0
    sent: int = 0
