"""The sealed copy, read for its own sake: which texts are in it, where it is damaged, whether its end is whole."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wc_contract.model.ids import DeviceId
from wc_contract.wire.sealed import OpenedRecord, SealedRecord, find_records
from wc_desktop.domain.failures import FilesUnreadable
from wc_desktop.journal.sealed import open_record

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """The device's hand: who it is, what opens its sealed copies, what signs in its name."""

    device: DeviceId
    seal: bytes = field(repr=False)
    sign: Sign = field(repr=False)

    def signature(self, body: str) -> bytes:
        """Return the device's signature of a text."""
        return self.sign(hashlib.sha256(body.encode()).digest())

    def wrote(self, text: OpenedRecord) -> bool:
        """Return whether this device signed a text: Ed25519 signs the same text alike each time."""
        return self.signature(text.body) == text.signature

    def opened(self, record: SealedRecord) -> OpenedRecord | None:
        """Return what a record says, None when it is damaged or not this device's."""
        text = open_record(record, device_key=self.seal)
        return text if text is not None and self.wrote(text) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a sealed copy holds.

    every: all texts, also those whose number stands twice. spans are the places of the records that open, in order.
    damaged: some octets belong to none of them.
    end_whole: the newest thing in it is a record that opens, so that nothing seems to be cut off.
    """

    texts: Mapping[int, OpenedRecord] = field(repr=False)
    every: tuple[OpenedRecord, ...] = field(repr=False)
    spans: tuple[tuple[int, int], ...] = field(repr=False)
    damaged: bool
    end_whole: bool


def survey(path: Path, own: OwnKeys) -> Survey:
    """Open every record that opens and is signed by this device. A damaged one hides none of those behind it.

    Where a number stands twice, the later text counts: the earlier one was never committed. A missing file is an
    empty one. Raises FilesUnreadable.
    """
    return survey_of(content_of(path), own)


def survey_of(content: bytes, own: OwnKeys) -> Survey:
    """As survey, of octets that were read."""
    every: list[OpenedRecord] = []
    spans: list[tuple[int, int]] = []
    for found in find_records(content, own.opened):
        if found.opened is not None:
            every.append(found.opened)
            spans.append((found.start, found.end))
    last = spans[-1][1] if spans else 0
    return Survey(
        texts={text.number: text for text in every},
        every=tuple(every),
        spans=tuple(spans),
        damaged=sum(end - start for start, end in spans) != len(content),
        end_whole=bool(content) and last == len(content),
    )


def content_of(path: Path) -> bytes:
    """Return what a sealed file holds, nothing when it is missing. Raises FilesUnreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError:
        raise FilesUnreadable(path.name) from None
