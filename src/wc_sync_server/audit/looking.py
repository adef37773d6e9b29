"""Looking through a district's audit from the first seal to the last line."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.audit.checking import Chain, StoredLine, check_lines, joined
from wc_sync_server.audit.findings import Finding, Tamper
from wc_sync_server.audit.seals import Seal, Verifier

_LINES_AT_ONCE = 20_000
_SEALS_AT_ONCE = 200


class Record(Protocol):
    """A district's audit at one instant (db.audit_lines.AuditRecord)."""

    def seals(self) -> Iterator[Seal]: ...
    def lines(self, first: Instant, end: Instant) -> Sequence[StoredLine]: ...
    def lines_before(self, first: Instant) -> Sequence[StoredLine]: ...
    def count_after(self, end: Instant) -> tuple[int, Instant | None]: ...
    def oldest(self) -> Instant | None: ...
    def timeless(self) -> Sequence[UUID]: ...


class Progress(Protocol):
    """Is told how far a look is."""

    def __call__(self, lines: int, /) -> None: ...


@dataclass(slots=True, kw_only=True)
class Look:
    """What a look through a district's audit found."""

    district: DistrictId
    seals: int = 0
    lines: int = 0
    archived: int = 0
    sealed_until: Instant | None = None
    unsealed: int = 0
    unsealed_since: Instant | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def first(self) -> Finding | None:
        """The earliest thing that is wrong."""
        return self.findings[0] if self.findings else None


def look_through(
    record: Record,
    district: DistrictId,
    verifier: Verifier,
    *,
    anchored: Mapping[int, bytes],
    archived: Mapping[date, int],
    progress: Progress,
) -> Look:
    """Compare every seal with the one before, with the anchor and with its lines; archived months by their count.

    archived holds, by its first day, how many lines of a month are in an archive whose record this server signed.
    """
    look = Look(district=district)
    chain = Chain(verifier, anchored)
    found: list[Finding] = [Finding(what=Tamper.LINE_ADDED, line=line) for line in record.timeless()]
    counted: dict[date, int] = {}
    gaps = _Gaps(record)
    for seals in grouped(record.seals()):
        for seal in seals:
            found += gaps.before(chain.last, seal)
            found += chain.follow(seal)
        found += _against_lines(record, seals, archived, counted, look)
        progress(look.lines)
    found += _archives_complete(archived, counted)
    found += chain.end()
    look.sealed_until = None if chain.last is None else chain.last.ends_at
    start = record.oldest() if chain.last is None else chain.last.ends_at
    if start is not None:
        look.unsealed, look.unsealed_since = record.count_after(start)
    look.findings = joined(found)
    return look


def month_of(at: Instant) -> date:
    """Return the first day of an instant's month of UTC."""
    return date(at.year, at.month, 1)


@dataclass(frozen=True, slots=True)
class _Gaps:
    """Lines that stand where no seal is: before the first, and where one is missing."""

    record: Record

    def before(self, last: Seal | None, seal: Seal) -> Iterator[Finding]:
        if last is None:
            lines = self.record.lines_before(seal.starts_at)
        elif last.ends_at < seal.starts_at:
            lines = self.record.lines(last.ends_at, seal.starts_at)
        else:
            return
        number = None if last is None else last.number
        for line in lines:
            yield Finding(
                what=Tamper.LINE_ADDED, seal=number, place=float("inf"), line=line.id, received_at=line.received_at
            )


def grouped(seals: Iterable[Seal]) -> Iterator[list[Seal]]:
    """Yield seals that follow each other without a gap, so many at once that their lines fit into memory."""
    group: list[Seal] = []
    lines = 0
    for seal in seals:
        apart = bool(group) and seal.starts_at != group[-1].ends_at
        if group and (apart or lines + seal.lines > _LINES_AT_ONCE or len(group) == _SEALS_AT_ONCE):
            yield group
            group, lines = [], 0
        group.append(seal)
        lines += seal.lines
    if group:
        yield group


def parted(seals: Sequence[Seal], lines: Iterable[StoredLine]) -> Iterator[tuple[Seal, list[StoredLine]]]:
    """Yield each seal of a group with the lines that stand in its time."""
    starts = [seal.starts_at for seal in seals]
    parts: list[list[StoredLine]] = [[] for _ in seals]
    for line in lines:
        parts[bisect_right(starts, line.received_at) - 1].append(line)
    yield from zip(seals, parts, strict=True)


def _against_lines(
    record: Record, seals: Sequence[Seal], archived: Mapping[date, int], counted: dict[date, int], look: Look
) -> Iterator[Finding]:
    """Yield where the lines of seals that follow each other are not what they name."""
    first = seals[0].starts_at
    for seal, lines in parted(seals, record.lines(first, max(seals[-1].ends_at, first))):
        look.seals += 1
        look.lines += seal.lines
        month = month_of(seal.starts_at)
        if month in archived:
            counted[month] = counted.get(month, 0) + seal.lines
        if month in archived and not lines:
            look.archived += seal.lines
        else:
            yield from check_lines(seal, lines)


def _archives_complete(archived: Mapping[date, int], counted: Mapping[date, int]) -> Iterator[Finding]:
    for month, lines in archived.items():
        sealed = counted.get(month, 0)
        if sealed != lines:
            where = f"{month:%Y-%m}: {lines} lines in the archive, {sealed} sealed"
            yield Finding(what=Tamper.ARCHIVE_INCOMPLETE, where=where)
