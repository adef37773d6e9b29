"""Somebody does thousands of things at a workstation that is killed now and then; the audit must tell of each, once.

python -m tests.proofs.acts --acts 10000 --kills 40     (prints a table; exits 1 when an act is missing, twice or false)

A real workstation's program path, real files, a real server and database, SIGKILL, a third of the lives without a
network. Each act is noted before and after it, apart from the program. At the end every act that was noted as done has
one line of the audit, by the person, of the record; every other line belongs to an act that a kill cut off.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.proofs.crash import Ground, Yard, _device, _district, _log
from tests.proofs.crash_device import Life

from wc_sync_server.cli.audit_chains import chains_of
from wc_sync_server.cli.auditing import reader_of

_MODULE = "tests.proofs.acting_device"
_LOOK_SECONDS = 0.1
_LIFE = (1.0, 5.0)
_PATIENCE_SECONDS = 3_600
_LINES = """
SELECT l.entry_id::text, l.action, l.entity_type, l.entity_id, l.user_id::text, l.role FROM audit_logs AS l
WHERE l.device_id = %s AND l.entry_id IS NOT NULL
"""
_NUMBERS = "SELECT r.number, r.entry_id FROM receipts AS r WHERE r.device_id = %s"
_EVERYTHING = "SELECT coalesce(string_agg(l::text, ' '), '') FROM audit_logs AS l WHERE l.device_id = %s"
_WORDS = ("agreed", "a case is open")  # what the nurse wrote beside doses


@dataclass(slots=True, kw_only=True)
class Acts:
    """What was done and what the audit tells. wrong: a sentence for each thing that is not as it should be."""

    done: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    cut: int = 0
    landed: int = 0
    missing: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether each act stands once, and nothing else does."""
        return not (self.missing or self.doubled or self.wrong) and self.done.total() > 0


def prove(ground: Ground, acts: int, kills: int) -> Acts:
    """Let one workstation act until so much is done, with kills; let it become quiet, and compare."""
    counts, began, life = Acts(), time.perf_counter(), ground.lives[0]
    yard = Yard(_MODULE)
    try:
        _work(ground, yard, life, acts, kills, counts)
        report = ground.folder / "acts.report"
        ended = yard.end(yard.begin(replace(life, report=report)))
        if ended:
            counts.wrong.append(f"the workstation does not become quiet ({ended}), {_log(life)}")
    finally:
        yard.close()
    _compare(ground, life, counts)
    counts.seconds = time.perf_counter() - began
    return counts


def _work(ground: Ground, yard: Yard, life: Life, acts: int, kills: int, counts: Acts) -> None:
    pause = threading.Event()
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        pid = yard.begin(ground.fresh(life))
        last = counts.kills >= kills
        ends = time.monotonic() + ground.chance.uniform(*_LIFE)
        while time.monotonic() < (until if last else ends) and not (last and _done(life) >= acts):
            pause.wait(_LOOK_SECONDS)
        if last:
            ground.stop.touch()
            ended = yard.end(pid)
            ground.stop.unlink()
            if ended:
                counts.wrong.append(f"a life broke ({ended}), {_log(life)}")
            return
        os.kill(pid, signal.SIGKILL)
        ended = yard.end(pid)
        if ended == -signal.SIGKILL:
            counts.kills += 1
        else:
            counts.wrong.append(f"a life ended by itself ({ended}), {_log(life)}")


def _compare(ground: Ground, life: Life, counts: Acts) -> None:
    device, notes = _device(life), _notes(life)
    nurse = str(next(one for name, one in ground.house.nurses.items() if name.startswith("crash-nurse0")).id)
    lines: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    tries = 0
    for entry, action, kind, record, user, role in ground.house.asked(_LINES, device):
        if (user, role) != (nurse, "NURSE"):
            counts.wrong.append(f"a line of entry {entry} names another person or role")
        if action == "UNLOCK_FAILED":
            tries += 1
        else:
            lines[entry].append((action, kind, record))
    numbers = {
        int(number): entry
        for number, entry in ground.house.asked(
            "SELECT number, entry_id::text FROM receipts WHERE device_id = %s", device
        )
    }
    told = set()
    for note in notes:
        if "expect" not in note:
            continue
        entry = note["entry"] if "entry" in note else numbers.get(note["locked"], "")
        action = note["expect"][0]
        found = [one for one in lines[entry] if _is(one, note["expect"])]
        counts.done[action] += 1
        counts.missing += not found
        counts.doubled += max(0, len(found) - 1) + (entry in told)
        if action != "DOSE_LOGGED" and len(lines[entry]) > 1:
            counts.wrong.append(f"entry {entry} has {len(lines[entry])} lines")
        told.add(entry)
    _cut_off(notes, lines, told, counts)
    tried = sum("tried" in note for note in notes)
    counts.done["UNLOCK_FAILED"] = tried
    if not tried <= tries <= sum("trying" in note for note in notes):
        counts.wrong.append(f"{tried} wrong passwords, {tries} lines")
    said = str(ground.house.one(_EVERYTHING, device))
    counts.wrong += [f"the words {word!r} stand in the audit" for word in _WORDS if word in said]
    _chain(ground, device, counts)


def _cut_off(
    notes: list[dict[str, Any]], lines: dict[str, list[tuple[str, str, str]]], told: set[str], counts: Acts
) -> None:
    """Compare the lines that nobody was told of with the acts that a kill cut off."""
    cut = [
        one["intent"]
        for one, after in zip(notes, [*notes[1:], {}], strict=True)
        if "intent" in one and not _ends(after)
    ]
    counts.cut = len(cut)
    for entry in (one for one in lines if one not in told and lines[one]):
        counts.landed += 1
        fits = next(
            (o for o in cut if any(o[:2] == [*line[:2]] and o[2] in {None, line[2]} for line in lines[entry])), None
        )
        if fits is None:
            counts.wrong.append(f"entry {entry} is told of and nobody did it: {lines[entry][0][0]}")
        else:
            cut.remove(fits)


def _is(line: tuple[str, str, str], expected: list[str | None]) -> bool:
    return [*line[:2]] == expected[:2] and expected[2] in {None, line[2]}


def _ends(note: dict[str, Any]) -> bool:
    return "expect" in note or "nothing" in note


def _chain(ground: Ground, device: str, counts: Acts) -> None:
    with reader_of(ground.house.parts) as reader:
        (chain,) = [
            one for one in chains_of(ground.house.parts, reader, ground.house.district) if str(one.id) == device
        ]
    counts.wrong += [f"the chain: {one.sentence()}" for one in chain.look.found]
    if chain.look.linked != chain.look.entries - 1:
        counts.wrong.append(f"{chain.look.linked} of {chain.look.entries} entries name the one before them")


def _notes(life: Life) -> list[dict[str, Any]]:
    return [json.loads(line) for line in life.told.read_text().splitlines() if line.endswith("}")]


def _done(life: Life) -> int:
    return life.told.read_text().count('"expect"') if life.told.exists() else 0


def show(counts: Acts, console: Console) -> bool:
    """Print what came of it; return whether everything holds."""
    table = Table("act", "done")
    for action, times in sorted(counts.done.items()):
        table.add_row(action, f"{times:,}")
    console.print(table)
    console.print(
        f"{counts.done.total():,} acts, {counts.kills} kills, {counts.cut} cut off, {counts.landed} of them written; "
        f"missing {counts.missing}, doubled {counts.doubled}, {counts.seconds:.0f} s.",
        highlight=False,
    )
    for sentence in counts.wrong[:20]:
        console.print(f"BREACH {sentence}", highlight=False, markup=False)
    return counts.holds


def main() -> int:
    """Do it with a database and a server of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.acts")
    parser.add_argument("--acts", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1, help="when to kill, and what is done")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        folder.chmod(0o755)
        with _district(folder) as (house, served):
            counts = prove(Ground(house, served, folder, 1, given.seed), given.acts, given.kills)
    return 0 if show(counts, Console(width=120)) else 1


if __name__ == "__main__":
    sys.exit(main())
