"""Instants are aware, in UTC, in whole milliseconds; a clock is something one is handed."""

from datetime import UTC, datetime
from typing import Protocol, TypeAlias

Instant: TypeAlias = datetime


class Clock(Protocol):
    """The only way to learn the time."""

    def now(self) -> Instant:
        """Return the present instant, in UTC, in whole milliseconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start that never goes back."""
        ...


def whole_millis(at: datetime) -> Instant:
    """Return at in UTC, cut to whole milliseconds.

    Raises ValueError for a datetime without a zone.
    """
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    # Nearly every instant is whole already; each is looked at several times on its way.
    return at if not at.microsecond % 1000 else at.replace(microsecond=at.microsecond // 1000 * 1000)


def instant_to_text(at: Instant) -> str:
    """Return the form used on the wire and in the replica: ISO 8601, UTC, '+00:00'. Text order is time order."""
    return whole_millis(at).isoformat()


def instant_from_text(text: str) -> Instant:
    """Read what instant_to_text (or PostgreSQL's JSON) wrote.

    Raises ValueError for text that is no instant or has no zone.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return at.astimezone(UTC)
