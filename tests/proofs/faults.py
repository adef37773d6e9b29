"""Every call by which a save reads or writes a file fails once, in every way; then the save is looked for.

python -m tests.proofs.faults     (prints a table; exits 1 when anything was lost, doubled or torn)

A save is what stands behind "Saved": the mark of the numbers, the sealed copy and the journal's transaction, on real
files, with the program's own code. Each case has a process and a folder of its own. First the nth call fails (an error
of the disk, no room, half a write and then no room), for every n until the save has no nth call; then the process is
killed before it, after it, and in the middle of a write. After "not saved" she presses Save again, or she does not;
then the window is closed, or the power goes. What was told decides: saved is there once; "not saved" is not there, or
found at the next start and not doubled by the second press; of what nobody was told there is nothing or the whole.
"""

import argparse
import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from tests.desktop.clinic import NOON, NURSE
from tests.desktop.journal.test_journal import dose, open_book
from tests.proofs.io_faults import FAULTS, How, install

from wc_contract.model.changes import DoseLogged
from wc_contract.model.errors import Refused, Unavailable
from wc_contract.model.ids import UserId
from wc_contract.wire.entries import entry_from_body
from wc_desktop.journal.book import DeviceJournal
from wc_desktop.journal.schema import journal_paths, reads_whole
from wc_desktop.journal.sealed import read_records

# The first save after opening also sets numbers apart and reads pages; the second shows what each one costs; and now
# and then one moves the write-ahead log into the file, when that has a thousand pages.
FIRST, NEXT, CHECKPOINT = "first save", "next save", "save that moves the log into the file"
SAVES: Final = (FIRST, NEXT, CHECKPOINT)
_BEFORE = 2
_LOG_BYTES = 996 * (4096 + 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call of one save, and what befell it. told: the answers to the save and to the same one pressed again."""

    save: str
    how: str
    number: int
    presses_again: bool
    closes: bool
    struck: str | None
    told: tuple[str, ...]
    was_killed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A case, and what was wrong with what it left. back: refused, and found at the next start after all."""

    case: Case
    back: int = 0
    lost: int = 0
    doubled: int = 0
    torn: int = 0


@dataclass(slots=True, kw_only=True)
class Proof:
    """All cases, and which calls a save makes."""

    judged: list[Judged] = field(default_factory=list)
    calls: dict[str, list[str]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled or torn, and every call that was aimed at was struck."""
        sound = not any(one.lost or one.doubled or one.torn for one in self.judged)
        return bool(self.judged) and sound and all(one.case.struck or one.case.was_killed for one in self.judged)


def prove(folder: Path, *, every: int = 1, saves: Sequence[str] = SAVES) -> Proof:
    """Strike every call (or each every-th) of the saves in every way. Forks: this process has no other thread."""
    proof = Proof()
    for save in saves:
        ready = _ready(folder / "ready", save)
        _, proof.calls[save] = _life(ready, folder / "case", Plan(save=save))
        for plan in _plans(save, proof.calls[save], every):
            case, _ = _life(ready, folder / "case", plan)
            proof.judged.append(_judge(case, folder / "case"))
        shutil.rmtree(ready)
    return proof


def _plans(save: str, calls: Sequence[str], every: int) -> Iterator["Plan"]:
    counted = 0
    for how in How:
        # Whoever is killed neither presses again nor closes.
        ends = [(False, False)] if how.ends else list(itertools.product((True, False), repeat=2))
        for number, name in enumerate(calls, start=1):
            for presses_again, closes in ends if how.fits(name) else ():
                counted += 1
                if counted % every == 0:
                    yield Plan(save=save, number=number, how=how, presses_again=presses_again, closes=closes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which call is to be struck, and what she does then."""

    save: str
    number: int = 0
    how: How | None = None
    presses_again: bool = False
    closes: bool = True


def _ready(folder: Path, save: str) -> Path:
    """Return a folder with a journal as it is before that save."""
    folder.mkdir()
    child = os.fork()
    if not child:
        book = open_book(folder)
        for number in range(_BEFORE):
            _save(book, f"before {number}")
        if save == CHECKPOINT:
            while (folder / "journal.db-wal").stat().st_size < _LOG_BYTES:
                _save(book, f"more {book.last_number}")
            # The log stays as long as it is only when nobody closes.
            os._exit(0)
        book.close()
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise AssertionError("no journal to begin with")
    return folder


def _life(ready: Path, place: Path, plan: Plan) -> tuple[Case, list[str]]:
    """Let a process save, with one call struck; return what it told and which calls it made."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(ready, place)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _live(place, plan, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = [json.loads(line) for line in pipe]
    _, status = os.waitpid(child, 0)
    told = tuple(line["told"] for line in lines if "told" in line)
    struck = next((line["struck"] for line in lines if line.get("struck")), None)
    calls = next((line["calls"] for line in lines if "calls" in line), [])
    was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not was_killed and os.waitstatus_to_exitcode(status):
        raise AssertionError(f"{plan}: the process broke")
    case = Case(
        save=plan.save,
        how=plan.how.value if plan.how else "",
        number=plan.number,
        presses_again=plan.presses_again,
        closes=plan.closes,
        struck=struck,
        told=told,
        was_killed=was_killed,
    )
    return case, calls


def _live(place: Path, plan: Plan, pipe: int) -> None:
    try:
        book = open_book(place, seed=7)
        if plan.save == NEXT:
            _tell(pipe, told=_answer(book, "earlier"))
        FAULTS.arm(place, plan.number, plan.how)
        answer = _answer(book, "struck")
        calls, struck = list(FAULTS.calls), FAULTS.struck
        FAULTS.disarm()
        _tell(pipe, told=answer, calls=calls, struck=struck)
        if answer.startswith("not saved") and plan.presses_again:
            # She presses Save once more: it is another entry of the same dose.
            _tell(pipe, told=_answer(book, "struck again"))
        if plan.closes:
            book.close()
    except BaseException as error:  # noqa: BLE001  # the parent must hear of whatever it was
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os._exit(0)


def _tell(pipe: int, **what: object) -> None:
    os.write(pipe, (json.dumps(what) + "\n").encode())


def _answer(book: DeviceJournal, name: str) -> str:
    """Return what the nurse is told."""
    try:
        _save(book, name)
    except (Unavailable, Refused) as failure:
        return f"not saved {name}: {failure.code}"
    return f"saved {name}"


def _save(book: DeviceJournal, name: str) -> None:
    book.append((dose(name),), author=UserId(NURSE), at=NOON, zone="UTC", replica_as_of=None)


def _judge(case: Case, place: Path) -> Judged:
    """Start again on what is left, and look."""
    try:
        book = open_book(place, seed=99)
    except (Refused, Unavailable):
        return Judged(case=case, torn=1)
    try:
        names = Counter(_names(book))
        saved = [told.removeprefix("saved ") for told in case.told if told.startswith("saved ")]
        refused = [told.removeprefix("not saved ").split(":")[0] for told in case.told if told.startswith("not saved")]
        saved += [f"before {number}" for number in range(_BEFORE)]
        back = sum(names[dose(name).id] for name in refused)
        again = "saved struck again" in case.told
        return Judged(
            case=case,
            back=back,
            lost=sum(not names[dose(name).id] for name in saved),
            # Found after all, although she had it saved by the second press: one dose, two entries.
            doubled=(back if again else 0) + sum(count - 1 for count in names.values()),
            torn=int(not _is_whole(book, place)),
        )
    finally:
        book.close()


def _names(book: DeviceJournal) -> Iterator[object]:
    for one in book.unsent(after=0, epoch="e", limit=1_000_000, max_bytes=1 << 30):
        for change in entry_from_body(one.sealed.body).changes:
            if isinstance(change, DoseLogged):
                yield change.id


def _is_whole(book: DeviceJournal, place: Path) -> bool:
    """Return whether the journal reads, its copy says the same, no number is missing, and the next save works."""
    held = dict(book._connection.execute("SELECT number, hash FROM entries"))
    sealed = {record.number: record.hash.hex() for record in read_records(journal_paths(place)[1])}
    agree = held == sealed and sorted(held) == list(range(1, len(held) + 1))
    return agree and reads_whole(book._connection) and _answer(book, "afterwards").startswith("saved")


def show(proof: Proof, seconds: float, console: Console) -> bool:
    """Print the table; return whether everything holds."""
    heads = ("what befell a call", "cases", "said not saved", "of those found later", "saved", "killed")
    table = Table(*heads, "lost", "doubled", "torn")
    table.title, table.title_justify = "Every call of a save, failing once", "left"
    for how in How:
        those = [one for one in proof.judged if one.case.how == how.value]
        told = [words for one in those for words in one.case.told]
        table.add_row(
            how.value,
            str(len(those)),
            str(sum(words.startswith("not saved struck:") for words in told)),
            str(sum(one.back for one in those)),
            str(sum(words == "saved struck" for words in told)),
            str(sum(one.case.was_killed for one in those)),
            *(str(sum(getattr(one, name) for one in those)) for name in ("lost", "doubled", "torn")),
        )
    console.print(table)
    for save, calls in proof.calls.items():
        counted = ", ".join(f"{name} {count}" for name, count in sorted(Counter(calls).items()))
        console.print(f"{save}: {len(calls)} calls ({counted})", highlight=False)
    for one in proof.judged:
        if one.lost or one.doubled or one.torn:
            console.print(f"BREACH {asdict(one)}", highlight=False)
    console.print(f"{len(proof.judged)} cases in {seconds:.0f} s", highlight=False)
    return proof.holds


def quick_folder() -> str | None:
    """Return a folder in memory where there is one: what fails here is injected, and no real disk is waited for."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def main() -> int:
    """Strike all calls of all saves, or fewer."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.faults")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth call")
    parser.add_argument("--save", choices=SAVES, action="append", help="only this save")
    given = parser.parse_args()
    install()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=quick_folder()) as text:
        proof = prove(Path(text), every=given.every, saves=given.save or SAVES)
    return 0 if show(proof, time.perf_counter() - began, Console(width=140)) else 1


if __name__ == "__main__":
    sys.exit(main())
