"""What was authored, where each text lies, and which texts a schedule itself destroyed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from wc_contract.model.changes import Entry
from wc_contract.wire.entries import entry_to_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Authored:
    """An entry whose saving was told to the nurse. poisoned: the database will not take what it writes."""

    entry: Entry
    machine: str
    poisoned: bool


def hash_of(entry: Entry) -> str:
    """Return the hash under which an entry is answered."""
    return sha256(entry_to_body(entry).encode()).hexdigest()


@dataclass(slots=True)
class Ledger:
    """The books that the laws are checked against.

    held: the texts in each machine's files. gone: texts of which a restore of files or of the server destroyed the
    last copy: no program can bring them back, and none may bring them back twice.
    """

    authored: dict[str, Authored] = field(default_factory=dict)
    attempted: set[str] = field(default_factory=set)
    held: dict[str, set[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def wrote(self, machine: str, entry: Entry, *, poisoned: bool) -> None:
        text = hash_of(entry)
        self.authored[text] = Authored(entry=entry, machine=machine, poisoned=poisoned)
        self.held.setdefault(machine, set()).add(text)

    def lost(self, texts: Iterable[str], server: set[str]) -> None:
        """Some copies were destroyed; those that neither server nor machine has any more are gone."""
        elsewhere = server.union(*self.held.values())
        self.gone |= {text for text in texts if text not in elsewhere}
