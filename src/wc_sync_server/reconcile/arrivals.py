"""Entries as they arrive: read, or known as unreadable, and never thrown away."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from uuid import UUID

import orjson

from wc_contract.model.changes import DoseLogged, Entry, IncidentSigned, is_fact
from wc_contract.model.ids import DeviceId, EntryId
from wc_contract.wire.codes import Refusal, Waits
from wc_contract.wire.entries import EntryMalformed, entry_from_body
from wc_contract.wire.messages import SealedEntry
from wc_contract.wire.versions import ENTRY_SCHEMA, MAX_NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why an entry cannot be taken as it is, or not yet; fields name what did not read, or does not fit."""

    refusal: Refusal | Waits
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One entry of a batch. number is None when the text does not even name one; id is made from the hash then."""

    body: str = field(repr=False)
    signature: str = field(repr=False)
    hash: str
    id: EntryId
    number: int | None
    entry: Entry | None = field(repr=False)
    flaw: Flaw | None = None


def number_beside(text_hash: str) -> int:
    """Return the number for a text whose own is taken: beyond any that a device may use, and always the same."""
    return MAX_NUMBER + 1 + int(text_hash[:12], 16)


def digests_of(sealed: Sequence[SealedEntry]) -> list[bytes]:
    """Return what each entry's signature is over."""
    return [sha256(one.body.encode()).digest() for one in sealed]


def read_arrivals(sealed: Sequence[SealedEntry], digests: Sequence[bytes], device: DeviceId) -> list[Arrival]:
    """Return the entries of a batch in order, each with what is wrong with its text."""
    return [_read(one, digest.hex(), device) for one, digest in zip(sealed, digests, strict=True)]


def unsigned(arrival: Arrival) -> Arrival:
    """Return an entry as one whose signature is not its device's; what cannot even be read stays unreadable."""
    if arrival.entry is None and not is_later(arrival):
        return arrival
    return replace(arrival, flaw=Flaw(refusal=Refusal.BAD_SIGNATURE))


def without_said_again(arrivals: Sequence[Arrival], replacing: Iterable[Arrival]) -> list[Arrival]:
    """Return entries with those flawed that one of replacing says again: that one counts, and not what it replaces.

    They were refused before; a server that was put back meets both for the first time, and would take the first. What
    reports a fact is passed over only for what reports one.
    """
    again = {one.entry.replaces: one.entry for one in replacing if one.entry is not None and one.flaw is None}
    again.pop(None, None)
    return [_passed_over(one) if _is_said_again(one, again) else one for one in arrivals] if again else list(arrivals)


def _is_said_again(arrival: Arrival, again: Mapping[EntryId | None, Entry]) -> bool:
    later = again.get(arrival.id)
    if later is None or arrival.entry is None or arrival.flaw is not None:
        return False
    return any(map(is_fact, later.changes)) or not any(map(is_fact, arrival.entry.changes))


def _passed_over(arrival: Arrival) -> Arrival:
    return replace(arrival, flaw=Flaw(refusal=Refusal.SAID_AGAIN))


def is_later(arrival: Arrival) -> bool:
    """Whether an entry was written by a newer program than this: it waits, in its place."""
    return arrival.flaw is not None and arrival.flaw.refusal is Waits.LATER_SCHEMA and arrival.number is not None


def doses_of(entry: Entry) -> Iterator[DoseLogged]:
    """Yield the doses that an entry logs."""
    return (change for change in entry.changes if isinstance(change, DoseLogged))


def incidents_of(entry: Entry) -> Iterator[IncidentSigned]:
    """Yield the incidents that an entry signs."""
    return (change for change in entry.changes if isinstance(change, IncidentSigned))


def id_from_hash(digest: str) -> EntryId:
    """Return the id by which an entry is answered that names none itself."""
    return EntryId(UUID(digest[:32]))


def _read(sealed: SealedEntry, digest: str, device: DeviceId) -> Arrival:
    try:
        entry = entry_from_body(sealed.body)
    except EntryMalformed as error:
        return _unreadable(sealed, digest, error.where)
    foreign = Flaw(refusal=Refusal.MALFORMED, fields=("device_id",))
    return Arrival(
        body=sealed.body,
        signature=sealed.signature,
        hash=digest,
        id=entry.id,
        number=entry.number,
        entry=entry,
        flaw=None if entry.device_id == device else foreign,
    )


def _unreadable(sealed: SealedEntry, digest: str, where: tuple[str, ...]) -> Arrival:
    named = _named(sealed.body)
    schema = named.get("schema")
    newer = isinstance(schema, int) and schema > ENTRY_SCHEMA
    refusal = Waits.LATER_SCHEMA if newer else Refusal.MALFORMED
    return Arrival(
        body=sealed.body,
        signature=sealed.signature,
        hash=digest,
        id=_uuid(named.get("id")) or id_from_hash(digest),
        number=_positive(named.get("number")),
        entry=None,
        flaw=Flaw(refusal=refusal, fields=where),
    )


def _named(body: str) -> dict[str, object]:
    """Return what a text that is no entry still says of itself."""
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}


def _uuid(value: object) -> EntryId | None:
    try:
        return EntryId(UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 62 else None
