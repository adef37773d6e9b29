"""How an import ended, and the exit code of the command that ran it."""

from enum import StrEnum


class Outcome(StrEnum):
    """One of these for every import; only the first two wrote anything."""

    DONE = "done"
    DONE_IN_PART = "done_in_part"
    WOULD_DO = "would_do"
    HALTED = "halted"
    UNUSABLE = "unusable"

    @property
    def exit_code(self) -> int:
        """Return 0 for whole, 3 for done with something left out, 1 for nothing done."""
        return _EXITS[self]

    @property
    def sentence(self) -> str:
        """Return what happened, as an operator reads it."""
        return _SENTENCES[self]


_EXITS = {
    Outcome.DONE: 0,
    Outcome.DONE_IN_PART: 3,
    Outcome.WOULD_DO: 0,
    Outcome.HALTED: 1,
    Outcome.UNUSABLE: 1,
}
_SENTENCES = {
    Outcome.DONE: "imported.",
    Outcome.DONE_IN_PART: "imported, but some of it had to be left out; see below.",
    Outcome.WOULD_DO: "dry run, nothing was written.",
    Outcome.HALTED: "halted, nothing was written.",
    Outcome.UNUSABLE: "nothing was imported; put the files below right and import again.",
}
