"""What a workstation did, as one chain: numbers without a gap, each text signed and naming the one before it.

Read from what the district holds and from what its sealed audit says of it. A text that was taken out of an old receipt
leaves number and hash, by which the chain goes on.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from wc_contract.wire.codes import Outcome, Refusal
from wc_contract.wire.versions import MAX_NUMBER

Signed = Callable[[bytes, bytes], bool]
_NOT_THE_DEVICES = frozenset({Refusal.BAD_SIGNATURE.value, Refusal.MALFORMED.value})


class Break(StrEnum):
    """One way in which a device's chain is not what the device wrote, or the audit not what it tells."""

    MISSING = "number_missing"
    END_CUT = "end_cut"
    TEXT_CHANGED = "text_changed"
    NOT_SIGNED = "not_signed"
    MOVED = "number_moved"
    OUT_OF_CHAIN = "out_of_chain"
    UNLINKED = "unlinked"
    REWRITTEN = "rewritten"
    UNTOLD = "untold"
    GONE = "entry_gone"


_WORDS = {
    Break.MISSING: "an entry is missing between others",
    Break.END_CUT: "the newest entries are missing",
    Break.TEXT_CHANGED: "a text does not have the hash it was answered under",
    Break.NOT_SIGNED: "a text is not signed by the workstation",
    Break.MOVED: "a text stands under another number than its own",
    Break.OUT_OF_CHAIN: "a text names another one before it than the one that is held",
    Break.UNLINKED: "a text names none before it, though earlier ones do",
    Break.REWRITTEN: "a text is not the one that the audit tells of",
    Break.UNTOLD: "no line of the audit tells of an entry",
    Break.GONE: "the audit tells of an entry that is not held",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakFound:
    """A break, and the number and entry at which it shows. Says nothing of what is in a text."""

    what: Break
    number: int | None = None
    entry: UUID | None = None

    def sentence(self) -> str:
        """Return it in words."""
        where = "" if self.number is None else f", number {self.number}"
        return _WORDS[self.what] + where + ("" if self.entry is None else f", entry {self.entry}")

    def as_json(self) -> dict[str, object]:
        """Return it for a script."""
        return {
            "what": self.what.value,
            "number": self.number,
            "entry": None if self.entry is None else str(self.entry),
            "sentence": self.sentence(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldText:
    """What the district holds of one entry. body and signature are empty once they were taken out."""

    number: int
    entry: UUID
    hash: str
    outcome: str
    code: str | None
    body: str = field(repr=False)
    signature: str = field(repr=False)

    @property
    def trimmed(self) -> bool:
        """Whether its text was taken out."""
        return not self.body

    @property
    def is_not_the_devices(self) -> bool:
        """Whether it was refused because it did not come from the device as it is, or is no entry."""
        return self.outcome == Outcome.REFUSED.value and self.code in _NOT_THE_DEVICES

    def said(self) -> Mapping[str, Any]:
        """Return what the text says of itself; nothing, when it does not read."""
        try:
            read = json.loads(self.octets())
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    def octets(self) -> bytes:
        """Return the text as it was signed."""
        plain = self.body.removeprefix("base64:")
        return base64.b64decode(plain) if plain != self.body else self.body.encode()

    def signed(self, signed: Signed) -> bool:
        """Whether the device signed its hash."""
        try:
            return signed(bytes.fromhex(self.hash), base64.b64decode(self.signature, validate=True))
        except (ValueError, binascii.Error):
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the audit says of one device's entries: those it tells of, and the hashes it remembers by number."""

    entries: frozenset[UUID]
    hashes: Mapping[int, str]
    done: frozenset[UUID]  # those with an effect or a look: they must be held


@dataclass(slots=True, kw_only=True)
class ChainLook:
    """What a look along one device's chain counted and found."""

    entries: int = 0
    linked: int = 0
    trimmed: int = 0
    set_aside: int = 0
    head: str | None = None
    last: int = 0
    found: list[BreakFound] = field(default_factory=list)


def follow(held: Sequence[HeldText], *, last_number: int, signed: Signed) -> ChainLook:
    """Look along a chain, in the order of its numbers. last_number: the newest that the district has answered."""
    look = ChainLook()
    # Of two copies that a person settled, the one that goes on names its own text, which stands beside the sequence.
    beside = {text.hash for text in held if text.number > MAX_NUMBER}
    before: HeldText | None = None
    wanted, linked = 1, False
    for text in held:
        look.entries += 1
        look.trimmed += text.trimmed
        if text.number > MAX_NUMBER:  # beside the sequence: a person settled that two texts of a number count
            look.found += _of_text(text, signed, numbered=False)
            continue
        if text.number > wanted:
            look.found.append(BreakFound(what=Break.MISSING, number=wanted))
        wanted = text.number + 1
        if text.is_not_the_devices:
            look.set_aside += 1
        else:
            look.found += _of_text(text, signed)
            named = _previous(text)
            near = before is not None and before.number == text.number - 1 and not before.is_not_the_devices
            follows = before if near else None
            if named is not None:
                look.linked += 1
                if follows is not None and named != follows.hash and named not in beside:
                    look.found.append(BreakFound(what=Break.OUT_OF_CHAIN, number=text.number, entry=text.entry))
            elif linked and follows is not None and not text.trimmed:
                look.found.append(BreakFound(what=Break.UNLINKED, number=text.number, entry=text.entry))
            linked = linked or named is not None
        before = text
        look.head, look.last = text.hash, text.number
    if look.last < last_number:
        look.found.append(BreakFound(what=Break.END_CUT, number=look.last + 1))
    return look


def compare(held: Iterable[HeldText], told: Told) -> Iterator[BreakFound]:
    """Yield where entries and audit do not tell the same: every entry is told of, and all that is told of is held."""
    there: set[UUID] = set()
    for text in held:
        there.add(text.entry)
        if text.entry not in told.entries:
            yield BreakFound(what=Break.UNTOLD, number=text.number, entry=text.entry)
        if told.hashes.get(text.number, text.hash) != text.hash:
            yield BreakFound(what=Break.REWRITTEN, number=text.number, entry=text.entry)
    for gone in sorted(told.done - there):
        yield BreakFound(what=Break.GONE, entry=gone)


def _of_text(text: HeldText, signed: Signed, *, numbered: bool = True) -> Iterator[BreakFound]:
    if text.trimmed:
        return
    if sha256(text.octets()).hexdigest() != text.hash:
        yield BreakFound(what=Break.TEXT_CHANGED, number=text.number, entry=text.entry)
    elif not text.signed(signed):
        yield BreakFound(what=Break.NOT_SIGNED, number=text.number, entry=text.entry)
    elif numbered and text.said().get("number", text.number) != text.number:
        yield BreakFound(what=Break.MOVED, number=text.number, entry=text.entry)


def _previous(text: HeldText) -> str | None:
    named = None if text.trimmed else text.said().get("previous")
    return named if isinstance(named, str) else None
