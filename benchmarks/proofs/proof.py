"""What a proof is: rounds of writers at once, each looked at afterwards; a breach is a sentence."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Barrier
from typing import TypeVar
from unittest.mock import patch

from benchmarks.proofs.ground import WRITERS
from wc_sync_server.db import streams
from wc_sync_server.db.errors import RowsRejected, TryAgain
from wc_sync_server.db.locks import LockedRows

T = TypeVar("T")
_CONSTRAINTS = "23"  # the class of SQLSTATEs; a policy's refusal is none of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a proof came to. control is what its control saw, with the locks off."""

    name: str
    rounds: int
    writes: int
    breaches: Sequence[str] = field(default_factory=tuple)
    control: str = ""
    control_failed: bool = False  # nothing was seen to break without the locks: the proof proves nothing

    @property
    def holds(self) -> bool:
        """Whether no law was broken, and the control shows that it would have been seen."""
        return not self.breaches and not self.control_failed


def at_once(work: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it at once, each in a thread of its own, from the same moment on."""
    start = Barrier(len(work))

    def begin(one: Callable[[], T]) -> T:
        start.wait(60)
        return one()

    with ThreadPoolExecutor(len(work)) as writers:
        return list(writers.map(begin, work))


def repeated(rounds: int, one_round: Callable[[int], list[str]]) -> list[str]:
    """Return the breaches of all rounds."""
    return [breach for number in range(rounds) for breach in one_round(number)]


def controlled(tries: int, one_round: Callable[[int], list[str]]) -> tuple[str, bool]:
    """Return what is seen with the locks off, and whether the control failed: nothing was seen in any try."""
    with locks_off():
        for number in range(1, tries + 1):
            broken = one_round(-number)
            if broken:
                return f"locks off: broken in round {number}", False
    return f"locks off: nothing broken in {tries} rounds", True


def proved(name: str, rounds: int, control: int, one_round: Callable[[int], list[str]]) -> Verdict:
    """Return what rounds of twelve writers came to, and what as many tries with the locks off.

    Without the locks the database itself may refuse: its own CHECKs and keys are seen to break then. Whatever else
    goes wrong there is no sign of a law that broke, and ends the proof; what may be tried again was no look at all.
    """

    def unlocked(number: int) -> list[str]:
        try:
            return one_round(number)
        except RowsRejected as error:
            if not error.sqlstate.startswith(_CONSTRAINTS):
                raise
            return [f"round {number}: {error.code}"]
        except TryAgain:
            return []

    breaches = repeated(rounds, one_round)
    seen, failed = controlled(control, unlocked)
    return Verdict(
        name=name, rounds=rounds, writes=rounds * WRITERS, breaches=breaches, control=seen, control_failed=failed
    )


@contextmanager
def locks_off() -> Iterator[None]:
    """Let the unit of work lock nothing: streams are read only, rows are taken on trust."""

    def trusted(_self: LockedRows, _table: str, _ids: object) -> None:
        """Lock nothing."""

    unlocked = streams._LOCK.replace("FOR UPDATE", "")
    with patch.object(streams, "_LOCK", unlocked), patch.object(LockedRows, "lock", trusted):
        yield


__all__ = ["WRITERS", "Verdict", "at_once", "controlled", "locks_off", "proved", "repeated"]
