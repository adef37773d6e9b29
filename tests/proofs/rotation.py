"""A key is rotated under a running server, killed in the middle and begun again, while a workstation polls.

python -m tests.proofs.rotation --notes 100000     (prints a table; exits 1 when anything was noticed or lost)
"""

import argparse
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from tests.sync_server.db.notes_of_tests import note_row
from tests.sync_server.house import House, furnished
from tests.sync_server.serving import Served
from tests.sync_server.workstation import Workstation, enrol

from wc_contract.model.kinds import HEALTH_RECORD
from wc_sync_server.auth.column_cipher import key_of
from wc_sync_server.cli.records import system
from wc_sync_server.db import migrate
from wc_sync_server.db.provision import Passwords, provision
from wc_sync_server.embedded import EmbeddedPostgres

_CHUNK = 2_000
_POLL_SECONDS = 0.1
_TEXT = HEALTH_RECORD.columns.index("notes")
_BY_KEY = "SELECT substring(notes FROM 1 FOR 5), count(*) FROM health_records WHERE notes IS NOT NULL GROUP BY 1"
_STAMPS = "SELECT md5(string_agg(h.id::text || h.row_version || h.updated_at, ',' ORDER BY h.id)) FROM health_records h"
_STREAMS = "SELECT id, head, heads, updated_at FROM streams ORDER BY id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of the table. holds is None for a figure that proves nothing by itself."""

    what: str
    found: str
    holds: bool | None = None


@dataclass(slots=True, kw_only=True)
class Polls:
    """What a workstation heard while it asked again and again."""

    pulls: int = 0
    records: int = 0
    moved: int = 0
    slowest_ms: float = 0.0
    failures: list[str] = field(default_factory=list)


def prove(house: House, served: Served, notes: int, batch: int) -> list[Fact]:
    """Write notes, rotate, and return what was found."""
    texts = _write(house, notes)
    with httpx.Client(base_url=served.url, timeout=120) as client:
        office = enrol(house, client)
        office.hello()
        first = office.pull()
        before = (house.one(_STAMPS), house.asked(_STREAMS))
        key = _new_key(house)
        with _polling(office, first) as polls:
            was_killed, killed_at, seconds = _rotate_and_kill(house, key, notes, batch)
        last = office.pull(_since(first))
        second = enrol(house, client)
        second.hello()
        whole = second.pull()
    after = (house.one(_STAMPS), house.asked(_STREAMS))
    used = {key_of(bytes(beginning)): count for beginning, count in house.asked(_BY_KEY)}
    return [
        Fact(what="notes sealed anew", found=f"{used.get(key, 0):,} of {notes:,}", holds=used == {key: notes}),
        Fact(
            what="killed (SIGKILL) with so many done",
            found=f"{killed_at:,}",
            holds=was_killed and 0 < killed_at < notes,
        ),
        Fact(what="seconds, both runs together", found=f"{seconds:.1f} ({notes / seconds:,.0f} notes a second)"),
        Fact(what="times the workstation asked meanwhile", found=str(polls.pulls), holds=polls.pulls > 0),
        Fact(what="records it downloaded", found=str(polls.records), holds=polls.records == 0),
        Fact(what="times it was woken", found=str(polls.moved), holds=polls.moved == 0),
        Fact(what="slowest answer, ms", found=f"{polls.slowest_ms:.0f}"),
        Fact(what="requests that failed", found=str(len(polls.failures)), holds=not polls.failures),
        Fact(
            what="row_version and updated_at of all notes",
            found=_same(before[0] == after[0]),
            holds=before[0] == after[0],
        ),
        Fact(what="heads of all streams", found=_same(before[1] == after[1]), holds=before[1] == after[1]),
        Fact(what="digest", found=_same(_digest(first) == _digest(last)), holds=_digest(first) == _digest(last)),
        Fact(
            what="notes that a new workstation reads",
            found=f"{sum(_notes(whole).values()):,}",
            holds=_notes(whole) == texts,
        ),
    ]


def show(facts: list[Fact], console: Console, title: str = "A key rotated while a workstation polls") -> bool:
    """Print the table; return whether everything holds."""
    table = Table("what", "found", "", title=title, title_justify="left")
    for fact in facts:
        table.add_row(fact.what, fact.found, "" if fact.holds is None else "holds" if fact.holds else "BREACH")
    console.print(table)
    return all(fact.holds is not False for fact in facts)


def _write(house: House, notes: int) -> Counter[str]:
    texts = Counter(f"invented note {number}: {secrets.token_hex(100)}" for number in range(notes))
    given, student = list(texts), {"id": str(house.pupils["ned"].id)}
    for start in range(0, notes, _CHUNK):
        rows = [note_row(student, house.nurses["ann"].id, text) for text in given[start : start + _CHUNK]]  # type: ignore[arg-type]
        with system(house.parts, house.district, (house.north,)) as uow:
            uow.lock_streams(house.north)
            uow.write_rows(HEALTH_RECORD, house.north, rows)
            uow.commit()
    return texts


def _new_key(house: House) -> str:
    done = subprocess.run(_words("new"), env=_told(house), capture_output=True, text=True, check=True)
    return re.findall(r"Key ([0-9a-f]{8})", done.stdout)[0]


def _rotate_and_kill(house: House, key: str, notes: int, batch: int) -> tuple[bool, int, float]:
    """Rotate, killed when about a third is done.

    Return whether it was, how many were done then, and how long both runs took.
    """
    began = time.perf_counter()
    words = _words("rotate", "--batch", str(batch))
    process = subprocess.Popen([*words, "--pause", "20"], env=_told(house), stdout=subprocess.DEVNULL)
    was_killed = killed(process, lambda: _done(house, key) >= notes // 3)
    killed_at = _done(house, key)
    subprocess.run(words, env=_told(house), stdout=subprocess.DEVNULL, check=True)
    return was_killed, killed_at, time.perf_counter() - began


def killed(process: "subprocess.Popen[bytes]", when: Callable[[], bool]) -> bool:
    """Kill a process at a moment; return whether it was that what ended it, and no end of its own."""
    pause = threading.Event()
    while process.poll() is None and not when():
        pause.wait(0.02)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def _done(house: House, key: str) -> int:
    return sum(count for beginning, count in house.asked(_BY_KEY) if key_of(bytes(beginning)) == key)


@contextmanager
def _polling(office: Workstation, first: list[dict[str, Any]]) -> Iterator[Polls]:
    polls, stop, since = Polls(), threading.Event(), _since(first)
    checkpoint = first[-1]["checkpoint"]

    def ask() -> None:
        began = time.perf_counter()
        frames = office.pull(since)
        message = {"protocol": 1, "epoch": office.epoch, "checkpoint": checkpoint, "seconds": 1}
        polls.moved += office.ask("/v1/wait", message)["moved"]
        polls.pulls += 1
        polls.records += sum(len(frame["rows"]) for frame in frames if "rows" in frame)
        polls.slowest_ms = max(polls.slowest_ms, (time.perf_counter() - began) * 1000)

    thread = threading.Thread(target=again_and_again, args=(ask, stop, polls.failures))
    thread.start()
    try:
        yield polls
    finally:
        stop.set()
        thread.join()


def again_and_again(ask: Callable[[], None], stop: threading.Event, failures: list[str]) -> None:
    """Ask until told to stop. Whatever ends it before is a failure: an answer that does not read is one too."""
    try:
        while not stop.wait(_POLL_SECONDS):
            ask()
    except Exception as error:  # noqa: BLE001  # told in the table, whatever it was
        failures.append(type(error).__name__)


def _since(frames: list[dict[str, Any]]) -> dict[str, int]:
    return {frame["kind"]: frame["upto"] for frame in frames if frame["frame"] == "rows"}


def _notes(frames: list[dict[str, Any]]) -> Counter[str]:
    return Counter(row[_TEXT] for frame in frames if frame.get("kind") == "health_record" for row in frame["rows"])


def _digest(frames: list[dict[str, Any]]) -> object:
    return frames[-1]["digest"]


def _same(equal: bool) -> str:
    return "unchanged" if equal else "CHANGED"


def _words(*words: str) -> list[str]:
    return [sys.executable, "-m", "wc_sync_server", "keys", *words]


def _told(house: House) -> Mapping[str, str]:
    return {**os.environ, **house.environment(1)}


def main() -> int:
    """Do it with a database and a server of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.rotation")
    parser.add_argument("--notes", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=500)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        folder.chmod(0o755)
        postgres = EmbeddedPostgres(folder / "postgres")
        postgres.start()
        try:
            passwords = Passwords(migrate="m", app="a", audit_reader="r", backup="b")
            dsns = provision(postgres.superuser_dsn("postgres").conninfo(), "proof", passwords)
            migrate.upgrade(dsns.migrate)
            with furnished(dsns, postgres.superuser_dsn("proof"), folder / "keys") as house:
                served = Served(house, folder / "server.log")
                served.start()
                try:
                    facts = prove(house, served, given.notes, given.batch)
                finally:
                    served.stop()
        finally:
            postgres.erase()
    return 0 if show(facts, Console()) else 1


if __name__ == "__main__":
    sys.exit(main())
