"""Looking whether the audit is still what was sealed: seals one after the other, and each against its lines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from wc_contract.model.instants import Instant
from wc_sync_server.audit.findings import Finding, Tamper
from wc_sync_server.audit.seals import NOTHING_BEFORE, Seal, Verifier


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line of the audit as it stands now."""

    id: UUID
    received_at: Instant
    digest: bytes = field(repr=False)


class Chain:
    """Follows a district's seals from the first: each number once, each after the one before, each ours.

    anchored holds, by number, the hashes that were written down outside the database.
    """

    def __init__(self, verifier: Verifier, anchored: Mapping[int, bytes] | None = None) -> None:
        self._verifier = verifier
        self._anchored = {} if anchored is None else anchored
        self.last: Seal | None = None

    def follow(self, seal: Seal) -> Iterator[Finding]:
        """Yield what is wrong about the next seal."""
        before, self.last = self.last, seal
        line = first_line(seal)
        wanted = 1 if before is None else before.number + 1
        if seal.number != wanted:
            yield Finding(what=Tamper.SEAL_MISSING, seal=wanted, where=f"the next there is has number {seal.number}")
        elif seal.previous != (NOTHING_BEFORE if before is None else before.hash):
            yield Finding(what=Tamper.SEAL_OUT_OF_CHAIN, seal=seal.number, line=line, received_at=seal.starts_at)
        elif before is not None and seal.starts_at != before.ends_at:
            yield Finding(what=Tamper.SEAL_SPAN, seal=seal.number, line=line, received_at=seal.starts_at)
        if not seal.whole:
            yield Finding(what=Tamper.SEAL_CHANGED, seal=seal.number, line=line, received_at=seal.starts_at)
        elif not seal.signed_by(self._verifier):
            yield Finding(what=Tamper.SEAL_UNSIGNED, seal=seal.number, line=line, received_at=seal.starts_at)
        if self._anchored.get(seal.number, seal.hash) != seal.hash:
            yield Finding(what=Tamper.REWRITTEN, seal=seal.number, line=line, received_at=seal.starts_at)

    def end(self) -> Iterator[Finding]:
        """Yield what the anchor knows beyond the last seal."""
        last = 0 if self.last is None else self.last.number
        beyond = [number for number in self._anchored if number > last]
        if beyond:
            ends = None if self.last is None else self.last.ends_at
            where = f"anchored up to seal {max(beyond)}, there up to {last}"
            yield Finding(what=Tamper.TAIL_CUT, seal=min(beyond), received_at=ends, where=where)


def check_lines(seal: Seal, stored: Sequence[StoredLine]) -> Iterator[Finding]:
    """Yield where the lines that stand in a seal's time are not the ones it names. stored is in their order."""
    if b"".join(line.id.bytes + line.digest for line in stored) == seal.contents:
        return
    named = list(seal.named())
    places = {line.id: place for place, line in enumerate(named)}
    seen: set[UUID] = set()
    last = -1
    for line in stored:
        place = places.get(line.id)
        if place is None or line.id in seen:
            yield _about(Tamper.LINE_ADDED, seal, line, last + 0.5)
            continue
        seen.add(line.id)
        last = place
        if line.digest != named[place].digest:
            yield _about(Tamper.LINE_CHANGED, seal, line, place)
    for place, gone in enumerate(named):
        if gone.id not in seen:
            yield Finding(what=Tamper.LINE_GONE, seal=seal.number, place=place, line=gone.id)


def joined(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in order; a line that is gone from one place and added in another was moved."""
    every = list(findings)
    gone = {finding.line: finding for finding in every if finding.what is Tamper.LINE_GONE}
    added = {finding.line: finding for finding in every if finding.what is Tamper.LINE_ADDED}
    moved = gone.keys() & added.keys()
    kept = [finding for finding in every if finding.what not in {Tamper.LINE_GONE, Tamper.LINE_ADDED}]
    kept += [finding for line, finding in (*gone.items(), *added.items()) if line not in moved]
    for line in moved:
        now = added[line].received_at
        kept.append(replace(gone[line], what=Tamper.LINE_MOVED, received_at=now))
    return sorted(kept, key=_order)


def first_line(seal: Seal) -> UUID | None:
    """Return the first line that a seal names."""
    return next((line.id for line in seal.named()), None)


def _order(finding: Finding) -> tuple[int, float]:
    return finding.order


def _about(what: Tamper, seal: Seal, line: StoredLine, place: float) -> Finding:
    return Finding(what=what, seal=seal.number, place=place, line=line.id, received_at=line.received_at)
