"""Workstations and the server are killed at random moments while nurses work; then every entry is looked for.

python -m tests.proofs.crash --kills 200 --server-kills 50     (prints tables; exits 1 when anything was lost)

Real processes with SQLCipher files, a real server process on a real PostgreSQL, SIGKILL. First workstations are killed
one after the other while another works on; then all work while the server is killed and started again. Then it is
quiet: each workstation starts once more and exchanges. Every entry that a nurse was told is saved must be with the
district once, and every other either whole or not at all. Faults of single calls: tests.proofs.faults.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.desktop.sync.conftest import District, Workstation, seconds_until_a_noon
from tests.proofs.crash_device import PHASES, Life
from tests.sync_server.house import House, _nurse, _pupil, furnished
from tests.sync_server.serving import Served

from wc_sync_server.db import migrate
from wc_sync_server.db.provision import Passwords, provision
from wc_sync_server.embedded import EmbeddedPostgres

_PUPILS = 24
_LONGEST_LIFE = 2.2
_LONGEST_SERVED = 1.6
_LOOK_SECONDS, _MOMENTS = 0.002, 0.02
_PATIENCE = 120.0
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True, kw_only=True)
class Counts:
    """What was done and what was found. wrong: a sentence for each thing that is not as it should be."""

    device_kills: Counter[str] = field(default_factory=Counter)
    server_kills: Counter[str] = field(default_factory=Counter)
    devices: int = 0
    told: int = 0
    entries: int = 0
    doses: int = 0
    lost: int = 0
    doubled: int = 0
    torn: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled or torn, and nurses did save something."""
        return not (self.lost or self.doubled or self.torn or self.wrong) and self.told > 0


class Yard:
    """The process from which workstations' lives are copied."""

    def __init__(self, module: str = "tests.proofs.crash_device") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, life: Life) -> int:
        """Begin a life; return its process's id."""
        return int(self._ask({"life": life.to_json()})["pid"])

    def end(self, pid: int) -> int:
        """Wait for a life's end; return its exit code, negative for a signal."""
        return int(self._ask({"reap": pid})["ended"])

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(_PATIENCE)

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


class Ground:
    """A district with many children, and workstations that are enrolled."""

    def __init__(self, house: House, served: Served, folder: Path, devices: int, seed: int) -> None:
        self.house = house
        self.chance = random.Random(seed)  # when to kill
        self.district = District(served, house, seconds_until_a_noon())
        for number in range(_PUPILS):
            _pupil(house.parts, house.district, house.north, f"crash{number}", 500 + number, house.nurses["ann"].id)
        self.district.start()
        self.folder = folder
        self.stop = folder / "stop"
        self.lives = [self._enrolled(number) for number in range(devices)]

    def _enrolled(self, number: int) -> Life:
        name = f"crash-nurse{number}"
        self.house.nurses[name] = _nurse(self.house.parts, name, self.house.district, self.house.north)
        made = Workstation(self.folder / f"device{number}", self.district, name)
        made.enrol()
        return Life(
            folder=made.folder,
            offset=self.district.offset,
            seed=number,
            told=self.folder / f"device{number}.told",
            phase=self.folder / f"device{number}.phase",
            stop=self.stop,
        )

    def fresh(self, life: Life) -> Life:
        """Return a life of the same workstation that does other things."""
        return replace(life, seed=self.chance.randrange(1 << 30))


def prove(ground: Ground, kills: int, server_kills: int) -> Counts:
    """Kill, let it become quiet, and look."""
    counts, began = Counts(devices=len(ground.lives)), time.perf_counter()
    yard = Yard()
    try:
        _kill_devices(ground, yard, kills, counts)
        _kill_server(ground, yard, server_kills, counts)
        reports = [_quiet(ground, yard, life, counts) for life in ground.lives]
    finally:
        yard.close()
    for life, report in zip(ground.lives, reports, strict=True):
        if report is not None:
            _look(ground, life, report, counts)
    counts.seconds = time.perf_counter() - began
    return counts


def _kill_devices(ground: Ground, yard: Yard, kills: int, counts: Counts) -> None:
    pause, lives = threading.Event(), ground.lives
    running: dict[int, int] = {}
    for number in range(kills):
        at = number % len(lives)
        # Two at a time: the one that is killed, and one that goes on until its turn comes.
        for one in (at, (at + 1) % len(lives)):
            if one not in running:
                running[one] = yard.begin(ground.fresh(lives[one]))
        pause.wait(ground.chance.uniform(0.02, _LONGEST_LIFE))
        if number % 2:
            # Every second one in the middle of something that may be short, whichever comes first.
            _await(ground, [lives[at]], ground.chance.sample(PHASES[1:], 2))
        phase = _phase(lives[at])
        os.kill(running[at], signal.SIGKILL)
        ended = yard.end(running.pop(at))
        if ended == -signal.SIGKILL:
            counts.device_kills[phase] += 1
        else:
            counts.wrong.append(f"a life of workstation {at} ended by itself ({ended}), {_log(lives[at])}")
    _stop(ground, yard, running, counts)


def _kill_server(ground: Ground, yard: Yard, kills: int, counts: Counts) -> None:
    if not kills:
        return
    pause = threading.Event()
    running = {at: yard.begin(ground.fresh(life)) for at, life in enumerate(ground.lives)}
    for number in range(kills):
        pause.wait(ground.chance.uniform(0.1, _LONGEST_SERVED))
        if number % 2:
            _await(ground, ground.lives, ["pushing", "pulling", "rebuilding"])
        busy = [_phase(life) for life in ground.lives]
        ground.district.served.kill()
        counts.server_kills.update(busy)
        ground.district.start()
    _stop(ground, yard, running, counts)


def _await(ground: Ground, lives: Sequence[Life], phases: Sequence[str]) -> None:
    """Wait until one of the workstations does one of these, and for some moments more."""
    pause = threading.Event()
    for _ in range(int(_LONGEST_LIFE / _LOOK_SECONDS)):
        if any(_phase(life) in phases for life in lives):
            break
        pause.wait(_LOOK_SECONDS)
    pause.wait(ground.chance.uniform(0, _MOMENTS))


def _stop(ground: Ground, yard: Yard, running: dict[int, int], counts: Counts) -> None:
    ground.stop.touch()
    for at, pid in running.items():
        ended = yard.end(pid)
        if ended:
            counts.wrong.append(f"a life of workstation {at} broke ({ended}), {_log(ground.lives[at])}")
    ground.stop.unlink()


def _quiet(ground: Ground, yard: Yard, life: Life, counts: Counts) -> dict[str, Any] | None:
    path = ground.folder / f"{life.folder.name}.report"
    ended = yard.end(yard.begin(replace(life, report=path)))
    if ended:
        counts.torn += 1
        counts.wrong.append(f"{life.folder.name} does not start any more ({ended}), {_log(life)}")
        return None
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _look(ground: Ground, life: Life, report: dict[str, Any], counts: Counts) -> None:
    name, entries = life.folder.name, {entry["id"]: entry for entry in report["entries"]}
    told = _told(life)
    device = _device(life)
    doses = _times(ground, "SELECT entry_id, count(*) FROM medication_logs WHERE device_id = %s GROUP BY 1", device)
    lines = _times(
        ground,
        "SELECT entry_id, count(*) FROM audit_logs WHERE device_id = %s AND action = 'DOSE_LOGGED' GROUP BY 1",
        device,
    )
    receipts = _times(ground, "SELECT entry_id, count(*) FROM receipts WHERE device_id = %s GROUP BY 1", device)
    counts.told += len(told)
    counts.entries += len(entries)
    counts.doses += sum(entry["is_dose"] for entry in entries.values())
    # What a nurse was told: here, and there.
    counts.lost += sum(entry not in entries or doses[entry] < 1 for entry in told.values())
    # What she was not told, but is here: there as well, each with its line of the audit.
    authored = {entry for entry, told_of in entries.items() if told_of["is_dose"]}
    counts.lost += len(authored - set(doses) - set(told.values())) + len(authored - set(lines))
    counts.doubled += sum(
        count - 1 for counted in (doses, lines, receipts) for count in counted.values() if count > 1
    ) + len(set(doses) - authored)
    for problem, wrong in _torn(ground, report, entries, receipts, device).items():
        if wrong:
            counts.torn += 1
            counts.wrong.append(f"{name}: {problem}")


def _torn(
    ground: Ground, report: dict[str, Any], entries: dict[str, Any], receipts: Counter[str], device: str
) -> dict[str, bool]:
    numbers = [entry["number"] for entry in entries.values()]
    bodies = {str(entry["number"]): entry["body"] for entry in entries.values()}
    last = ground.house.one("SELECT last_number FROM devices WHERE id = %s", device)
    refused = ground.house.one("SELECT count(*) FROM refused_entries WHERE device_id = %s", device)
    return {
        "a number is missing in the journal": sorted(numbers) != list(range(1, len(numbers) + 1)),
        "journal and sealed copy differ": report["sealed"] != bodies,
        "the sealed copy has octets that are no record": report["sealed_damaged"],
        "something still waits": report["waiting"] > 0,
        "the replica differs from the district": not report["digests_agree"] or not report["reads"],
        "the district holds other entries than the journal": set(receipts) != set(entries) or last != len(numbers),
        "something was refused": refused > 0,
    }


def _told(life: Life) -> dict[int, str]:
    lines = life.told.read_text().splitlines() if life.told.exists() else []
    return {int(number): entry for number, entry in (line.split() for line in lines)}


def _times(ground: Ground, query: str, device: str) -> Counter[str]:
    return Counter({str(entry): count for entry, count in ground.house.asked(query, device)})


def _device(life: Life) -> str:
    return str(json.loads((life.folder / "station.json").read_text())["device"])


def _phase(life: Life) -> str:
    said = life.phase.read_text().strip() if life.phase.exists() else ""
    return said or PHASES[0]


def _log(life: Life) -> str:
    log = life.folder.with_suffix(".log")
    return log.read_text().strip().splitlines()[-1] if log.exists() else "no word"


def show(counts: Counts, console: Console) -> bool:
    """Print the tables; return whether everything holds."""
    where = Table("what the workstation did", "its process killed", "the server's process killed")
    where.title, where.title_justify = f"SIGKILL among {counts.devices} workstations at work", "left"
    for phase in PHASES:
        where.add_row(phase, str(counts.device_kills[phase]), str(counts.server_kills[phase]))
    found = Table("entries", "of them doses", "told saved", "lost", "doubled", "torn", "seconds")
    found.add_row(
        *(f"{value:,}" for value in (counts.entries, counts.doses, counts.told)),
        *(str(value) for value in (counts.lost, counts.doubled, counts.torn)),
        f"{counts.seconds:.0f}",
    )
    console.print(where)
    console.print(f"{counts.device_kills.total()} kills of a workstation.", highlight=False)
    console.print(f"{counts.server_kills.total() // max(1, counts.devices)} kills of the server.", highlight=False)
    console.print(found)
    for sentence in counts.wrong:
        console.print(f"BREACH {sentence}", highlight=False, markup=False)
    return counts.holds


@contextmanager
def _district(folder: Path) -> Iterator[tuple[House, Served]]:
    postgres = EmbeddedPostgres(folder / "postgres")
    postgres.start()
    try:
        passwords = Passwords(migrate="m", app="a", audit_reader="r", backup="b")
        dsns = provision(postgres.superuser_dsn("postgres").conninfo(), "proof", passwords)
        migrate.upgrade(dsns.migrate)
        with furnished(dsns, postgres.superuser_dsn("proof"), folder / "keys") as house:
            served = Served(house, folder / "server.log")
            try:
                yield house, served
            finally:
                served.stop()
    finally:
        postgres.erase()


def main() -> int:
    """Do it with a database and a server of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.crash")
    parser.add_argument("--kills", type=int, default=200, help="of a workstation's process")
    parser.add_argument("--server-kills", type=int, default=50, help="of the server's process, with all at work")
    parser.add_argument("--devices", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1, help="when to kill, and what they do")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        folder.chmod(0o755)
        with _district(folder) as (house, served):
            ground = Ground(house, served, folder, given.devices, given.seed)
            counts = prove(ground, given.kills, given.server_kills)
    return 0 if show(counts, Console(width=120)) else 1


if __name__ == "__main__":
    sys.exit(main())
