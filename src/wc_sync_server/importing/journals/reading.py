"""Files of sealed entries, read as far as they read: which entries of which workstations, and what is damaged."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from wc_contract.model.ids import DeviceId, DistrictId
from wc_contract.wire.journal_file import JournalFileHeader, read_journal_file
from wc_contract.wire.sealed import Found, OpenedRecord, SealedRecord, find_records

Open = Callable[[SealedRecord], OpenedRecord | None]
# More numbers than that between the first and the last of a file are not named one by one.
_MOST_NAMED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """A workstation of a district."""

    district: DistrictId
    device: DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """What one file holds.

    texts: entries by workstation and number. damaged: numbers that should be in it and do not read. torn: places where
    a record begins that does not open and does not even say its number. whole: None where nothing promises the end.
    """

    name: str
    header: JournalFileHeader | None
    whole: bool | None
    texts: Mapping[Whose, Mapping[int, OpenedRecord]] = field(repr=False)
    damaged: tuple[int, ...]
    torn: int

    @property
    def entries(self) -> int:
        """How many entries read."""
        return sum(len(texts) for texts in self.texts.values())


class Opener:
    """Opens records with the keys of several districts: the one that opened the last record is tried first."""

    def __init__(self, keys: Mapping[DistrictId, Open]) -> None:
        self._keys = keys
        self._order = list(keys)

    def begin(self, header: JournalFileHeader | None) -> None:
        """Try the district that a file names first."""
        if header is not None and DistrictId(header.district_id) in self._keys:
            self._prefer(DistrictId(header.district_id))

    def opened(self, record: SealedRecord) -> tuple[Whose, OpenedRecord] | None:
        """Return whose entry it is and what it says, None when no key opens it or it names no workstation."""
        for district in self._order:
            text = self._keys[district](record)
            if text is not None:
                self._prefer(district)
                device = _device_in(text.body)
                return None if device is None else (Whose(district=district, device=device), text)
        return None

    def _prefer(self, district: DistrictId) -> None:
        if self._order[0] != district:
            self._order.remove(district)
            self._order.insert(0, district)


def read_file(name: str, content: bytes, opener: Opener) -> FileRead:
    """Return what a file holds: one that export-journal wrote, a journal.sealed, or a part of either."""
    about = read_journal_file(content)
    opener.begin(about.header)
    found = tuple(find_records(content, opener.opened))
    texts = _texts(found)
    numbers = {number for mine in texts.values() for number in mine}
    return FileRead(
        name=name,
        header=about.header,
        whole=about.whole,
        texts=texts,
        damaged=tuple(sorted((_promised(about.header, texts) | _named(found)) - numbers)),
        torn=sum(1 for one in found if one.opened is None and _number(one) is None),
    )


def _texts(found: Sequence[Found[tuple[Whose, OpenedRecord]]]) -> dict[Whose, dict[int, OpenedRecord]]:
    texts: dict[Whose, dict[int, OpenedRecord]] = {}
    for one in found:
        if one.opened is not None:
            whose, text = one.opened
            # Where a number stands twice, the earlier text was taken back: its nurse was told that it was not saved.
            texts.setdefault(whose, {})[text.number] = text
        elif (number := _number(one)) is not None:
            for mine in texts.values():
                mine.pop(number, None)
    return texts


def _promised(header: JournalFileHeader | None, texts: Mapping[Whose, Mapping[int, OpenedRecord]]) -> set[int]:
    if header is not None:
        spans = [(first, last) for first, last in header.numbers if last - first < _MOST_NAMED]
    else:
        # A sealed copy is written in order: what is missing between two entries was there.
        spans = [(min(mine), max(mine)) for mine in texts.values() if mine and max(mine) - min(mine) < _MOST_NAMED]
    return {number for first, last in spans for number in range(first, last + 1)}


def _named(found: Sequence[Found[tuple[Whose, OpenedRecord]]]) -> set[int]:
    return {number for one in found if one.opened is None and (number := _number(one)) is not None}


def _number(one: Found[tuple[Whose, OpenedRecord]]) -> int | None:
    """Return what the head of a record says, if it can be: it is only a hint, but the one there is."""
    record = one.record
    return record.number if record is not None and 0 < record.number < _MOST_NAMED else None


def _device_in(body: str) -> DeviceId | None:
    try:
        return DeviceId(UUID(json.loads(body)["device_id"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
