"""How keys of the ring are written down: JSON of one version, checked when read."""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from wc_contract.model.instants import Instant, instant_from_text, instant_to_text

UNWRAPPED: Final = "nothing"  # a key from before the ring

_FORMAT: Final = 1
_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key as it is stored: wrapped, and by what. made_at is None for a key from before the ring."""

    id: str
    made_at: Instant | None
    wrapped_by: str
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveKey:
    """Which key cells are sealed with, and since when."""

    id: str
    since: Instant


def key_to_text(key: StoredKey) -> str:
    """Return a key as its file holds it."""
    made_at = None if key.made_at is None else instant_to_text(key.made_at)
    wrapped = base64.b64encode(key.wrapped).decode("ascii")
    return _text({"id": key.id, "made_at": made_at, "wrapped_by": key.wrapped_by, "wrapped": wrapped})


def key_from_text(text: str) -> StoredKey:
    """Return the key that a file holds. Raises ValueError."""
    read = _read(text)
    try:
        wrapped = base64.b64decode(read["wrapped"], validate=True)
        made_at = None if read["made_at"] is None else instant_from_text(read["made_at"])
        return StoredKey(id=_id(read), made_at=made_at, wrapped_by=str(read["wrapped_by"]), wrapped=wrapped)
    except (KeyError, TypeError, binascii.Error) as error:
        raise ValueError("a key file lacks something") from error


def active_to_text(active: ActiveKey) -> str:
    """Return which key is active as the file holds it."""
    return _text({"id": active.id, "since": instant_to_text(active.since)})


def active_from_text(text: str) -> ActiveKey:
    """Return which key a file says is active. Raises ValueError."""
    read = _read(text)
    try:
        return ActiveKey(id=_id(read), since=instant_from_text(read["since"]))
    except (KeyError, TypeError) as error:
        raise ValueError("the file lacks something") from error


def _text(values: dict[str, object]) -> str:
    return json.dumps({"format": _FORMAT, **values}, indent=1) + "\n"


def _read(text: str) -> dict[str, Any]:
    read = json.loads(text)
    if not isinstance(read, dict) or read.get("format") != _FORMAT:
        raise ValueError("not of this format")
    return read


def _id(read: dict[str, Any]) -> str:
    id_ = read["id"]
    if not isinstance(id_, str) or _ID.fullmatch(id_) is None:
        raise ValueError("no key's id")
    return id_
