"""An entry as it is written, signed and sent: one JSON text whose bytes never change again.

The journal keeps the text itself, so that no later version of the program can alter what was signed. An entry is
written in the lowest schema that can say it, and every schema that was ever in the field is read.
"""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import Field, ValidationError

from wc_contract.model.apply import compact
from wc_contract.model.changes import Entry
from wc_contract.model.errors import Refused
from wc_contract.model.ids import DeviceId, EntryId, UserId
from wc_contract.model.instants import instant_to_text, whole_millis
from wc_contract.model.kinds import KINDS
from wc_contract.wire.base import Hex64, Short, WireInstant, WireModel
from wc_contract.wire.change_shapes import FIRST, MODELS, SECOND, VERBS, ill_fields
from wc_contract.wire.changes import change_from_wire, change_to_wire
from wc_contract.wire.versions import MAX_CHANGES, MAX_ENTRY_BYTES, MAX_NUMBER, MAX_OFFSET_MS


class EntryMalformed(Refused):
    """The text is no entry of a schema we know. Carries where, never what."""

    code = "malformed"

    def __init__(self, where: tuple[str, ...]) -> None:
        super().__init__("entry does not read: " + ", ".join(where))
        self.where = where


_MOST_PLACES = 20
_LINKED = 3  # the schema from which on a text names the one before it
_SCHEMA = re.compile(r'"schema"\s*:\s*([0-9]{1,4})\s*[,}]')


class _WireEntry(WireModel):
    """What every schema of entries has."""

    number: int = Field(ge=1, le=MAX_NUMBER)
    id: UUID
    device_id: UUID
    author_id: UUID
    authored_at: WireInstant
    zone: Short
    hlc: Short
    clock_offset_ms: Annotated[int, Field(ge=-MAX_OFFSET_MS, le=MAX_OFFSET_MS)] | None
    replica_as_of: WireInstant | None
    depends_on: tuple[UUID, ...] = Field(max_length=50)


class WireEntry(_WireEntry):
    """Entry on the wire, schema 1."""

    schema_: Literal[1] = Field(alias="schema")
    changes: tuple[Annotated[FIRST, Field(discriminator="verb")], ...] = Field(min_length=1, max_length=MAX_CHANGES)


class WireEntry2(_WireEntry):
    """Entry on the wire, schema 2: records of every kind, amendments, answers, and entries said again."""

    schema_: Literal[2] = Field(alias="schema")
    replaces: UUID | None
    changes: tuple[Annotated[SECOND, Field(discriminator="verb")], ...] = Field(min_length=1, max_length=MAX_CHANGES)


class WireEntry3(_WireEntry):
    """Entry on the wire, schema 3: one that names the text before it."""

    schema_: Literal[3] = Field(alias="schema")
    previous: Hex64 | None
    replaces: UUID | None
    changes: tuple[Annotated[SECOND, Field(discriminator="verb")], ...] = Field(min_length=1, max_length=MAX_CHANGES)


AnyWireEntry: TypeAlias = WireEntry | WireEntry2 | WireEntry3

# A later schema reads like this one as soon as it has a model here; the three before it are read for as long.
_SCHEMAS: Mapping[int, type[AnyWireEntry]] = MappingProxyType({1: WireEntry, 2: WireEntry2, 3: WireEntry3})

_KNOWN_NAMES = frozenset(
    {
        "schema",
        *VERBS,
        *(name for model in (WireEntry3, *MODELS) for name in model.model_fields),
        *(one.name for kind in KINDS for one in kind.fields),
    }
)


def body_hash(body: str) -> str:
    """Return the SHA-256 of an entry's text, 64 hex digits: what the device signs and the receipt names."""
    return hashlib.sha256(body.encode()).hexdigest()


def entry_to_body(entry: Entry) -> str:
    """Return the text of an entry: compact JSON, keys sorted.

    Raises EntryMalformed for an entry that entry_from_body would refuse: better on the screen that wrote it than
    on the server, where it could never be mended.
    """
    values: dict[str, object] = {} if entry.schema == 1 else {"replaces": _text(entry.replaces)}
    if entry.schema >= _LINKED:
        values["previous"] = entry.previous
    body = compact(
        {
            **values,
            "schema": entry.schema,
            "number": entry.number,
            "id": str(entry.id),
            "device_id": str(entry.device_id),
            "author_id": str(entry.author_id),
            "authored_at": instant_to_text(entry.authored_at),
            "zone": entry.zone,
            "hlc": entry.hlc,
            "clock_offset_ms": entry.clock_offset_ms,
            "replica_as_of": None if entry.replica_as_of is None else instant_to_text(entry.replica_as_of),
            "depends_on": [str(e) for e in entry.depends_on],
            "changes": [change_to_wire(change) for change in entry.changes],
        }
    )
    _read(body)
    return body


def entry_from_body(body: str) -> Entry:
    """Read an entry's text.

    Raises EntryMalformed, naming the fields that do not read and never their content.
    """
    wire = _read(body)
    return Entry(
        number=wire.number,
        id=EntryId(wire.id),
        device_id=DeviceId(wire.device_id),
        author_id=UserId(wire.author_id),
        authored_at=whole_millis(wire.authored_at),
        zone=wire.zone,
        hlc=wire.hlc,
        clock_offset_ms=wire.clock_offset_ms,
        replica_as_of=None if wire.replica_as_of is None else whole_millis(wire.replica_as_of),
        depends_on=tuple(EntryId(e) for e in wire.depends_on),
        changes=tuple(change_from_wire(change) for change in wire.changes),
        replaces=None if isinstance(wire, WireEntry) or wire.replaces is None else EntryId(wire.replaces),
        previous=wire.previous if isinstance(wire, WireEntry3) else None,
    )


def _read(body: str) -> AnyWireEntry:
    try:
        octets = body.encode()
        if len(octets) <= MAX_ENTRY_BYTES:
            wire = _model_of(body).model_validate_json(octets)
            where = {f"changes.{at}.{name}" for at, one in enumerate(wire.changes) for name in ill_fields(one)}
            if not where:
                return wire
        else:
            where = {"too_large"}
    except UnicodeEncodeError:
        where = {"body"}  # half of a surrogate pair: no text
    except ValidationError as error:
        where = {_place(e["loc"]) for e in error.errors(include_url=False, include_context=False, include_input=False)}
    # Raised here and not above: an error raised while another is handled keeps it, input and all, as its context.
    raise EntryMalformed(tuple(sorted(_deepest(where))[:_MOST_PLACES]))


def schema_of(body: str) -> int | None:
    """Return the schema that a text says it is written in, None when it says none; the rest is not looked at."""
    found = _SCHEMA.search(body)
    return None if found is None else int(found[1])


def _model_of(body: str) -> type[AnyWireEntry]:
    # Every text is compact and has its keys sorted: "schema" stands once, near the end. A guess that is wrong is
    # found out when the text is read.
    return _SCHEMAS.get(schema_of(body) or 1, WireEntry)


def _text(entry: EntryId | None) -> str | None:
    return None if entry is None else str(entry)


def _deepest(places: set[str]) -> set[str]:
    # A list whose only member does not read is also reported as too short: one mistake, one place.
    outer = {place[:dot] for place in places for dot, sign in enumerate(place) if sign == "."}
    return places - outer


def _place(steps: tuple[int | str, ...]) -> str:
    # The name of an unknown field is content, whoever chose it.
    named = (str(step) if isinstance(step, int) or step in _KNOWN_NAMES else "unknown" for step in steps)
    return ".".join(named) or "body"
