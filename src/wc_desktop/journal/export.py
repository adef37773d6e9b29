"""The sealed copy as a file to be carried: what waits, or all of it, without the password and without changing it."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wc_contract.wire.sealed import HEAD, OpenedRecord, SealedRecord, find_records
from wc_desktop.cipher.whole_file import disk_refusals, sync_folder
from wc_desktop.domain.failures import DiskFailed, FilesUnreadable
from wc_desktop.journal.survey import OwnKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Records to be carried, in order of their numbers.

    texts: what they say, where the device's own key was there to open them. damaged: numbers of records that do not
    open here; they are carried as they are, because the district has a key of its own to them.
    """

    records: tuple[bytes, ...] = field(repr=False)
    numbers: tuple[int, ...]
    texts: tuple[OpenedRecord, ...] = field(repr=False)
    damaged: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    number: int
    octets: bytes = field(repr=False)
    text: OpenedRecord | None = field(repr=False)


def carried(sealed: Path, own: OwnKeys | None, *, only: Collection[int] | None = None) -> Carried:
    """Return the records of a sealed copy; only: of these numbers.

    own: None where the device's keys are gone too; then records are taken by their frames alone. Of two records that
    open under one number the later counts: the earlier was taken back. Raises FilesUnreadable.
    """
    try:
        content = sealed.read_bytes()
    except OSError:
        raise FilesUnreadable(sealed.name) from None
    kept: dict[int, list[_Piece]] = {}
    for piece in _pieces(content, own):
        if only is None or piece.number in only:
            others = kept.setdefault(piece.number, [])
            kept[piece.number] = [one for one in others if piece.text is None or one.text is None] + [piece]
    pieces = [piece for number in sorted(kept) for piece in kept[number]]
    return Carried(
        records=tuple(piece.octets for piece in pieces),
        numbers=tuple(sorted(kept)),
        texts=tuple(piece.text for piece in pieces if piece.text is not None),
        damaged=tuple(sorted(number for number, those in kept.items() if not any(one.text for one in those)))
        if own is not None
        else (),
    )


def _pieces(content: bytes, own: OwnKeys | None) -> Iterator[_Piece]:
    for found in find_records(content, _unopened if own is None else own.opened):
        if found.opened is not None:
            yield _Piece(number=found.opened.number, octets=content[found.start : found.end], text=found.opened)
        elif found.record is not None and found.record.number > 0:
            end = found.start + HEAD.size + len(found.record.sealed)
            yield _Piece(number=found.record.number, octets=content[found.start : end], text=None)


def _unopened(_record: SealedRecord) -> None:
    """Stand in for the device's keys where they are gone."""


def put_in_place(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, read it back, and only then give it its name. Raises DiskFull, DiskFailed."""
    draft = path.with_name(path.name + ".part")
    with disk_refusals():
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _prove(draft, content)
            draft.replace(path)
            sync_folder(path.parent)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def _prove(path: Path, content: bytes) -> None:
    if path.read_bytes() != content:
        raise DiskFailed("what was just written does not read")
