"""The files of an archive: one folder a month, written whole or not at all, and read back before anything is dropped.

A line of `<district>.lines.jsonl.gz` is the canonical text of a line of the audit, so that the archive is checked by
the very digests that the seals hold, with no database at hand.
"""

import gzip
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from wc_contract.model.ids import DistrictId
from wc_sync_server.audit.archives import (
    MANIFEST,
    ArchiveUnreadable,
    DistrictPart,
    FileFacts,
    Manifest,
    read_manifest,
    seal_from_json,
)
from wc_sync_server.audit.checking import StoredLine, check_lines, joined
from wc_sync_server.audit.findings import Finding, Tamper
from wc_sync_server.audit.seals import Seal, Signer, Verifier, digest_of
from wc_sync_server.db.tables.audit import AUDIT_COLUMNS

_ID, _RECEIVED = AUDIT_COLUMNS.index("id"), AUDIT_COLUMNS.index("received_at")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNK = 1 << 20
# What reading a file of an archive may end with, when somebody or the disk has changed it.
UNREADABLE = (OSError, EOFError, zlib.error, UnicodeDecodeError, ArchiveUnreadable)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLook:
    """What a look into the archive of one month found: in its manifest, and in each district's files."""

    month: str
    lines: int
    of_manifest: list[Finding]
    of_districts: Mapping[DistrictId, list[Finding]]

    @property
    def findings(self) -> list[Finding]:
        """All that was found."""
        return [*self.of_manifest, *(finding for own in self.of_districts.values() for finding in own)]


class MonthFolder:
    """The archive of one month, being written: nothing of it is in its place until it is finished."""

    def __init__(self, archive: Path, month: str) -> None:
        self._place = archive / month
        self._draft = archive / f".{month}.unfinished"
        if self._place.exists():
            raise ArchiveUnreadable(f"The folder {month} of the archive is there already, and no record tells of it.")
        shutil.rmtree(self._draft, ignore_errors=True)
        self._draft.mkdir(parents=True)

    @property
    def draft(self) -> Path:
        """Where it is until it is finished."""
        return self._draft

    def write(self, name: str, lines: Iterable[str]) -> FileFacts:
        """Write a compressed file of lines; return what the manifest says about it."""
        file = self._draft / name
        with file.open("xb") as raw:
            # No name and no time in its head: the same lines make the same file.
            with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0, compresslevel=6) as packed:
                for line in lines:
                    packed.write(line.encode() + b"\n")
            raw.flush()
            os.fsync(raw.fileno())
        return facts_of(file)

    def manifest(self, manifest: Manifest, signer: Signer) -> str:
        """Write the manifest; return its text."""
        text = manifest.text(signer)
        with (self._draft / MANIFEST).open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        return text

    def finish(self) -> None:
        """Put the folder in its place."""
        self._draft.rename(self._place)
        for folder in (self._place, self._place.parent):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def months_in(archive: Path) -> list[Path]:
    """Return the months of an archive, or the folder itself when it is one. Raises ArchiveUnreadable."""
    if (archive / MANIFEST).is_file():
        return [archive]
    months = sorted(folder for folder in archive.iterdir() if (folder / MANIFEST).is_file())
    if not months:
        raise ArchiveUnreadable("That folder holds no archive of the audit: it has no manifest.json.")
    return months


def manifest_text(folder: Path) -> str:
    """Return the manifest of a month as it was written. Raises ArchiveUnreadable."""
    try:
        return (folder / MANIFEST).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ArchiveUnreadable(f"{folder.name}/{MANIFEST} cannot be read.") from None


def look_into(folder: Path, verifier: Verifier) -> ArchiveLook:
    """Compare a month's archive with its manifest, and its lines with the seals in it. Raises ArchiveUnreadable."""
    manifest, signed = read_manifest(manifest_text(folder), verifier)
    unsigned = [] if signed else [Finding(what=Tamper.ARCHIVE_UNSIGNED, where=f"{folder.name}/{MANIFEST}")]
    return ArchiveLook(
        month=folder.name.strip(".").removesuffix(".unfinished"),
        lines=sum(part.lines for part in manifest.parts),
        of_manifest=unsigned,
        of_districts={
            part.district: [*_damaged(folder, part), *joined(_of_part(folder, part, verifier))]
            for part in manifest.parts
        },
    )


def seals_in(folder: Path, part: DistrictPart) -> Iterator[Seal]:
    """Yield the seals of a district's part. Raises ArchiveUnreadable."""
    yield from map(seal_from_json, _texts(folder / part.seals_file.name))


def facts_of(file: Path) -> FileFacts:
    """Return what a manifest says about a file."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return FileFacts(name=file.name, size=file.stat().st_size, sha256=digest.hexdigest())


def stored_line(text: str) -> StoredLine:
    """Return a canonical text as a line that can be compared with a seal. Raises ArchiveUnreadable."""
    try:
        values = json.loads(text)
        received = _EPOCH + timedelta(microseconds=int(values[_RECEIVED]))
        return StoredLine(UUID(values[_ID]), received, digest_of(text))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        raise ArchiveUnreadable("A line of the archive does not read.") from None


def _damaged(folder: Path, part: DistrictPart) -> Iterator[Finding]:
    for wanted in (part.lines_file, part.seals_file):
        file = folder / wanted.name
        where = f"{folder.name}/{wanted.name}"
        if not file.is_file():
            yield Finding(what=Tamper.ARCHIVE_DAMAGED, where=f"{where} is missing")
        elif facts_of(file) != wanted:
            yield Finding(what=Tamper.ARCHIVE_DAMAGED, where=f"{where} has another SHA-256")


def _of_part(folder: Path, part: DistrictPart, verifier: Verifier) -> Iterator[Finding]:
    """Yield where a district's lines are not what the seals beside them name."""
    try:
        seals = list(seals_in(folder, part))
        texts = _texts(folder / part.lines_file.name)
        yield from _seals_follow(part, seals, verifier)
        yield from _lines_follow(seals, texts)
    except UNREADABLE:
        yield Finding(what=Tamper.ARCHIVE_DAMAGED, where=f"{folder.name}: {part.district} does not read to its end")


def _seals_follow(part: DistrictPart, seals: list[Seal], verifier: Verifier) -> Iterator[Finding]:
    numbers = [seal.number for seal in seals]
    if numbers != list(range(part.first_seal, part.last_seal + 1)):
        yield Finding(what=Tamper.SEAL_MISSING, where=f"seals {part.first_seal} to {part.last_seal} of {part.district}")
    before: Seal | None = None
    for seal in seals:
        if not _belongs(seal, part.district):
            yield Finding(what=Tamper.SEAL_CHANGED, seal=seal.number, received_at=seal.starts_at)
        elif not seal.signed_by(verifier):
            yield Finding(what=Tamper.SEAL_UNSIGNED, seal=seal.number, received_at=seal.starts_at)
        if before is not None and seal.previous != before.hash:
            yield Finding(what=Tamper.SEAL_OUT_OF_CHAIN, seal=seal.number, received_at=seal.starts_at)
        before = seal


def _belongs(seal: Seal, district: DistrictId) -> bool:
    return seal.whole and seal.district == district


def _lines_follow(seals: list[Seal], texts: Iterable[str]) -> Iterator[Finding]:
    lines = iter(texts)
    waiting: StoredLine | None = None
    for seal in seals:
        mine = [] if waiting is None or waiting.received_at >= seal.ends_at else [waiting]
        if waiting is None or mine:
            waiting = None
            for text in lines:
                line = stored_line(text)
                if line.received_at >= seal.ends_at:
                    waiting = line
                    break
                mine.append(line)
        yield from check_lines(seal, mine)
    rest = [] if waiting is None else [waiting]
    for line in (*rest, *map(stored_line, lines)):
        yield Finding(what=Tamper.LINE_ADDED, line=line.id, received_at=line.received_at)


def _texts(file: Path) -> Iterator[str]:
    with gzip.open(file, "rt", encoding="utf-8", newline="\n") as stream:
        for line in stream:
            yield line.removesuffix("\n")
