"""What a look at the audit finds: where it no longer is what was sealed, and which line shows it first."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from wc_contract.model.instants import Instant, instant_to_text


class Tamper(StrEnum):
    """One way in which the audit is not what it was."""

    LINE_CHANGED = "line_changed"
    LINE_GONE = "line_gone"
    LINE_ADDED = "line_added"
    LINE_MOVED = "line_moved"
    SEAL_CHANGED = "seal_changed"
    SEAL_UNSIGNED = "seal_unsigned"
    SEAL_MISSING = "seal_missing"
    SEAL_OUT_OF_CHAIN = "seal_out_of_chain"
    SEAL_SPAN = "seal_span"
    TAIL_CUT = "tail_cut"
    REWRITTEN = "rewritten"
    ANCHOR_DAMAGED = "anchor_damaged"
    ARCHIVE_UNSIGNED = "archive_unsigned"
    ARCHIVE_DAMAGED = "archive_damaged"
    ARCHIVE_INCOMPLETE = "archive_incomplete"


_WORDS = {
    Tamper.LINE_CHANGED: "a line says something else than when it was sealed",
    Tamper.LINE_GONE: "a line that was sealed is gone",
    Tamper.LINE_ADDED: "a line stands where it was not when it was sealed",
    Tamper.LINE_MOVED: "a line was moved to another time",
    Tamper.SEAL_CHANGED: "a seal does not have the hash of what it says",
    Tamper.SEAL_UNSIGNED: "a seal was not signed by this server",
    Tamper.SEAL_MISSING: "a seal is missing",
    Tamper.SEAL_OUT_OF_CHAIN: "a seal does not follow the one before it",
    Tamper.SEAL_SPAN: "a seal does not begin where the one before it ended",
    Tamper.TAIL_CUT: "a seal that was anchored is gone: the end was cut off",
    Tamper.REWRITTEN: "a seal is not the one that was anchored: what came before was written anew",
    Tamper.ANCHOR_DAMAGED: "a line of the anchor file was changed, removed or put in",
    Tamper.ARCHIVE_UNSIGNED: "the record of an archived month was not signed by this server",
    Tamper.ARCHIVE_DAMAGED: "a file of the archive is not what its manifest says",
    Tamper.ARCHIVE_INCOMPLETE: "the archive lacks what its month's seals cover",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it was sealed, and the first line that shows it.

    seal is the number of the seal concerned; place the position within it (a line that was added stands after the
    one before it). Names lines by id and time and never says what is in them.
    """

    what: Tamper
    seal: int | None = None
    place: float = 0.0
    line: UUID | None = None
    received_at: Instant | None = None
    where: str | None = None

    @staticmethod
    def of_lost_district(district: UUID) -> "Finding":
        """Return what is found when the anchor knows a district that the directory does not."""
        return Finding(what=Tamper.TAIL_CUT, seal=1, where=f"district {district} is anchored and not in the directory")

    @property
    def order(self) -> tuple[int, float]:
        """Sorts findings by where they are, the earliest first."""
        return (0 if self.seal is None else self.seal, self.place)

    def sentence(self) -> str:
        """Return what was found, for a person."""
        parts = [_WORDS[self.what]]
        if self.seal is not None:
            parts.append(f"seal {self.seal}")
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.received_at is not None:
            parts.append(f"received {instant_to_text(self.received_at)}")
        if self.where is not None:
            parts.append(self.where)
        return "; ".join(parts)

    def as_json(self) -> dict[str, object]:
        """Return what was found, for a script."""
        return {
            "what": self.what.value,
            "seal": self.seal,
            "line": None if self.line is None else str(self.line),
            "received_at": None if self.received_at is None else instant_to_text(self.received_at),
            "where": self.where,
            "says": _WORDS[self.what],
        }
