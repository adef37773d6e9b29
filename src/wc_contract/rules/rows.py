"""Reading records in wire form: the same readers serve the replica's rows and the server's."""

import json
from datetime import date, time
from typing import Any, Protocol
from uuid import UUID

from wc_contract.model.instants import Instant, instant_from_text


class Row(Protocol):
    """A record in wire form: a dict, a RowMapping, a sqlite3.Row."""

    def __getitem__(self, key: str, /) -> Any:  # noqa: ANN401  # wire values: text, number, boolean or nothing
        """Return the value of one column."""
        ...


def uuid_or_none(text: str | None) -> UUID | None:
    """Read a UUID that may be absent."""
    return None if text is None else UUID(text)


def date_or_none(text: str | None) -> date | None:
    """Read a date that may be absent."""
    return None if text is None else date.fromisoformat(text)


def instant_or_none(text: str | None) -> Instant | None:
    """Read an instant that may be absent."""
    return None if text is None else instant_from_text(text)


def clock_or_none(text: str | None) -> time | None:
    """Read a wall-clock time 'HH:MM' (a longer form is cut), None when there is none or it does not read."""
    if not text or len(text) < len("HH:MM"):
        return None
    try:
        return time.fromisoformat(text[:5])
    except ValueError:
        return None


def json_of(text: str | None) -> Any:  # noqa: ANN401  # JSON is whatever JSON is
    """Read a JSON column, None when it is empty."""
    return None if not text else json.loads(text)


def texts(items: object) -> tuple[str, ...]:
    """Return the strings of a JSON list, in order; anything else is left out."""
    return tuple(item for item in items if isinstance(item, str)) if isinstance(items, list) else ()
