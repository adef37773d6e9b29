"""The figures, one function each. Product and floor take turns, so that both meet the same machine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import floors
from benchmarks.house import House
from benchmarks.measure import median, memory_mb, percentile
from benchmarks.stations import Bench, DeviceFailed, end
from benchmarks.storm.crowd import crowd
from benchmarks.storm.town import enrolled, epoch_of
from benchmarks.table import Line
from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import instant_to_text
from wc_desktop.security.slots import STANDARD_COST

Say = Callable[[str], None]
_PAUSE = 0.1  # between two changes: nobody sees ten a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    rounds: int
    doses: int
    doses_a_pull: int
    entries: int
    batch: int
    size: str  # 'full' or 'tiny'
    crowd: int = 20
    each: int = 200
    changes: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Stations:
    """The workstations of a run. Each does its own thing, so that none meets another's slots."""

    first: Bench  # first sync, start, unlock, doses without network
    giving: Bench  # doses during a pull
    shown: Bench  # the window during a pull
    sending: Bench  # pushes


def all_figures(house: House, plan: Plan, say: Say) -> list[Line]:
    """Take every figure, in the order of the table."""
    stations = _enrolled(house, say)
    synced = _first_sync(house, stations.first, plan, say)
    started = _start(stations.first, plan, say)
    unlocked = _unlock(stations.first, plan, say)
    doses = _doses(house, stations.first, plan, say)
    for station in (stations.giving, stations.shown):
        station.ask("first_sync")
    moved = _push_and_follow(house, stations, plan, say)
    crowded = _crowd(house, plan, say)
    seen = _propagation(house, stations, plan, say)
    return [*started, *unlocked, *doses, *moved.doses, *synced, *moved.push, *crowded, *seen, *moved.stall]


def _enrolled(house: House, say: Say) -> Stations:
    say("enrolling four workstations")
    first, giving, shown, sending = (Bench(house=house, name=name) for name in house.people)
    for station in (first, giving, shown, sending):
        station.enrol()
    return Stations(first=first, giving=giving, shown=shown, sending=sending)


def _rounds(plan: Plan, what: str, say: Say) -> Iterator[int]:
    for number in range(plan.rounds):
        say(f"{what}, round {number + 1} of {plan.rounds}")
        yield number


def _first_sync(house: House, station: Bench, plan: Plan, say: Say) -> list[Line]:
    school, folder = house.school, house.folder
    alone, copied, taken = [], [], []
    for _ in _rounds(plan, "first sync", say):
        alone.append(floors.load_alone(school, folder))
        copied.append(floors.copy_out_and_load(house.superuser, school, folder))
        taken.append(station.ask("first_sync"))
    seconds = median([answer["seconds"] for answer in taken])
    rows = taken[-1]["rows"]
    if rows < school.size.rows:
        raise DeviceFailed(f"a first sync brought {rows} rows of {school.size.rows}")
    rate = None if seconds is None else rows / seconds
    return [
        Line(
            figure="first sync, whole",
            unit="s",
            floor=median(copied),
            product=seconds,
            reach="≤ 0.8 s, ≤ 1.7 times",
            floor_is="PostgreSQL to indexed SQLCipher file, no HTTP, RLS, digest, check",
        ),
        Line(
            figure="first sync, against the load alone",
            unit="s",
            floor=median(alone),
            product=seconds,
            reach="",
            floor_is="the rows from memory into an indexed, searchable SQLCipher file",
        ),
        Line(figure="first sync, rows a second", unit="rows/s", product=rate, reach=""),
        Line(
            figure="first sync, on the wire",
            unit="MB",
            product=_median_of(taken, "bytes", 1e-6),
            reach="≤ 4.5 MB",
        ),
        Line(
            figure="first sync, peak memory of the device",
            unit="MB",
            product=_median_of(taken, "peak_mb"),
            reach="≤ 150 MB",
        ),
    ]


def _median_of(answers: list[dict[str, Any]], name: str, factor: float = 1.0) -> float | None:
    return median([answer[name] * factor for answer in answers if answer[name] is not None])


def _start(station: Bench, plan: Plan, say: Say) -> list[Line]:
    _start_once(station)  # warm: byte code written, files in memory
    seconds, resident, bare, bare_resident = [], [], [], []
    for _ in _rounds(plan, "start to the unlock field", say):
        least, least_memory = floors.minimal_window()
        bare.append(least)
        bare_resident.append(least_memory)
        took, memory = _start_once(station)
        seconds.append(took)
        resident.append(memory)
    return [
        Line(
            figure="start to the unlock field painted, warm",
            unit="s",
            floor=median(bare),
            product=median(seconds),
            reach="≤ 0.7 s",
            floor_is="a bare Qt window with one field",
        ),
        Line(
            figure="memory at the unlock field",
            unit="MB",
            floor=median(bare_resident),
            product=median(resident),
            reach="≤ 110 MB",
            floor_is="the same bare window",
        ),
    ]


def _start_once(station: Bench) -> tuple[float, float]:
    environment = {**station.environment(), "WC_TRACE_STARTUP": "1", "WC_STARTED_AT": f"{time.time():.4f}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "wc_desktop"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        for line in process.stdout or ():
            if line.startswith("unlock-field-painted "):
                return float(line.split()[1]), memory_mb(process.pid, "VmRSS") or 0.0
        complaint = "" if process.stderr is None else process.stderr.read()
        raise DeviceFailed(f"the window never painted its password field: {complaint[-800:]}")
    finally:
        process.send_signal(signal.SIGTERM)
        end(process)


def _unlock(station: Bench, plan: Plan, say: Say) -> list[Line]:
    derived, shown, unseen = [], [], []
    for _ in _rounds(plan, "unlock to the due list", say):
        derived.append(floors.argon2_alone(STANDARD_COST.memory, STANDARD_COST.passes))
        shown.append(station.ask("window", "--wait", "none")["due_list_painted"])
        answer = station.ask("unlocked")
        unseen.append(answer["unlock"] + answer["due_list"])
    alone = median(derived)
    return [
        Line(
            figure="unlock pressed to the due list painted",
            unit="s",
            floor=alone,
            product=median(shown),
            reach="Argon2id and nothing else",
            floor_is="Argon2id with the slot's parameters",
        ),
        Line(
            figure="the same without a window: keys, files, list read",
            unit="s",
            floor=alone,
            product=median(unseen),
            reach="",
            floor_is="Argon2id with the slot's parameters",
        ),
    ]


def _doses(house: House, station: Bench, plan: Plan, say: Say) -> list[Line]:
    a_round = -(-plan.doses // plan.rounds)
    bare, taken = [], []
    for _ in _rounds(plan, f"{a_round} doses without network", say):
        bare += floors.bare_commits(house.folder, max(a_round, 50))
        taken += station.ask("doses", "--count", str(a_round))["ms"]
    return _dose_lines("dose durable and shown", taken, bare, f"{len(taken)} doses")


def _dose_lines(figure: str, taken: list[float], bare: list[float], count: str) -> list[Line]:
    floor_is = "bare commits of three rows, one sync"
    return _middle_and_tail(figure, taken, bare, count, (99, floor_is), ("≤ 5 ms", "≤ 25 ms"))


def _middle_and_tail(
    figure: str, taken: list[float], bare: list[float], count: str, tail: tuple[int, str], reach: tuple[str, str]
) -> list[Line]:
    """Return the median and a percentile beside those of the floor. tail: which percentile, and what the floor is."""
    percent, floor_is = tail
    return [
        Line(
            figure=f"{figure}, p50 of {count}",
            unit="ms",
            floor=median(bare),
            product=median(taken),
            reach=reach[0],
            floor_is=floor_is,
        ),
        Line(
            figure=f"{figure}, p{percent}",
            unit="ms",
            floor=percentile(bare, percent / 100),
            product=percentile(taken, percent / 100),
            reach=reach[1],
            floor_is=floor_is,
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    push: list[Line]
    doses: list[Line]
    stall: list[Line]


def _push_and_follow(house: House, stations: Stations, plan: Plan, say: Say) -> _Moved:
    """Push, and let two workstations take what was pushed: one whose nurse gives doses meanwhile, one with a window."""
    pushed, inserted, taken, bare, stalls, idle, lasted = [], [], [], [], [], [], []
    sent = calls = trips = 0
    for number in _rounds(plan, f"push of {plan.entries:,} entries, and pulls of them", say):
        inserted.append(floors.insert_rows_only(house.superuser, house.school, plan.entries))
        pushed.append(_push_once(house, stations.sending, plan, 1 + number * plan.entries))
        statements = house.statements()
        if statements is not None:
            calls, trips, sent = calls + statements[0], trips + statements[1], sent + plan.entries
        bare += floors.bare_commits(house.folder, 100)
        meanwhile = stations.giving.ask("doses_during_pull", "--count", str(plan.doses_a_pull))
        taken += meanwhile["ms"]
        lasted.append(meanwhile["pull_seconds"])
        idle.append(stations.shown.ask("idle_window")["longest_stall_ms"])
        stalls.append(stations.shown.ask("window", "--wait", "pull")["longest_stall_ms"])
    seconds = median(pushed)
    push = [
        Line(
            figure=f"push of {plan.entries:,} entries in batches of {plan.batch}",
            unit="s",
            floor=median(inserted),
            product=seconds,
            reach="≤ 0.7 s",
            floor_is="the rows alone, one INSERT, one commit",
        ),
        Line(
            figure="push, entries a second",
            unit="entries/s",
            product=None if seconds is None else plan.entries / seconds,
            reach="",
        ),
        Line(
            figure="push, statements an entry",
            unit="",
            product=calls / sent if sent else None,
            reach="≤ 0.05",
        ),
        Line(
            figure="push, without those that travel with another (SET LOCAL)",
            unit="",
            product=trips / sent if sent else None,
            reach="≤ 0.05",
        ),
    ]
    pull = f"{len(taken)} doses while {plan.entries:,} rows arrive"
    return _Moved(
        push=push,
        doses=_dose_lines("dose durable and shown", taken, bare, pull),
        stall=[
            Line(
                figure=f"longest stall of the window while {plan.entries:,} rows arrive",
                unit="ms",
                floor=median(idle),
                product=median(stalls),
                reach="",
                floor_is="a bare window, idle",
            ),
            Line(figure=f"pull of {plan.entries:,} rows beside doses", unit="s", product=median(lasted), reach=""),
        ],
    )


def _push_once(house: House, station: Bench, plan: Plan, start: int) -> float:
    options = ("--size", plan.size, "--start", str(start), "--count", str(plan.entries), "--batch", str(plan.batch))
    process = station.begin("push", *options)
    try:
        if process.stdout is None or process.stdin is None or not process.stdout.readline():
            raise DeviceFailed(f"push: {process.communicate()[1][-800:]}")
        house.forget_statements()
        answer = station.answer(process, "go\n")
    finally:
        end(process)
    if answer["outcomes"] != {"applied": plan.entries}:
        raise DeviceFailed(f"push: the server answered {answer['outcomes']}")
    return float(answer["seconds"])


def _crowd(house: House, plan: Plan, say: Say) -> list[Line]:
    taken, bare, again = [], [], 0
    first = house.school.days_used * len(house.school.orders) + (plan.rounds + 1) * plan.entries
    district, epoch = DistrictId(house.school.district), epoch_of(house.parts, DistrictId(house.school.district))
    now = instant_to_text(house.parts.clock.now())
    for number in _rounds(plan, f"{plan.crowd} workstations send {plan.each} entries each", say):
        turn = first + number * plan.crowd * plan.each
        nurse = house.people["sending"].id
        stations = list(enrolled(house.parts, district, house.school, nurse, plan.crowd, plan.each, turn=turn))
        bare.append(floors.insert_by_many(house.superuser, house.school, plan.crowd, plan.each))
        seconds, outcomes, come_again = crowd(house.server.url, stations, epoch, now)
        if dict(outcomes) != {"applied": plan.crowd * plan.each}:
            raise DeviceFailed(f"{plan.crowd} workstations at once: the server answered {dict(outcomes)}")
        taken.append(seconds)
        again += sum(come_again.values())
    return [
        Line(
            figure=f"{plan.crowd} workstations with {plan.each} entries each, at once, one school",
            unit="s",
            floor=median(bare),
            product=median(taken),
            reach="≤ 0.5 s, no error",
            floor_is="the rows alone, as many connections, one INSERT and commit each",
        ),
        Line(figure="of them told to come again, all rounds", unit="", product=float(again), reach=""),
    ]


def _propagation(house: House, stations: Stations, plan: Plan, say: Say) -> list[Line]:
    say(f"{plan.changes} changes, one at a time, from one workstation to another")
    bare = floors.bare_propagation(house.superuser, house.folder, plan.changes)
    start = 1 + plan.rounds * plan.entries
    follower = stations.shown.begin("follow", "--count", str(plan.changes))
    sender = stations.sending.begin(
        "send_singly", "--size", plan.size, "--start", str(start), "--count", str(plan.changes)
    )
    taken, acknowledged = [], []
    try:
        for process in (sender, follower):
            _ready(process)
        for _ in range(plan.changes):
            time.sleep(_PAUSE)
            sent = _asked(sender, "go\n")
            acknowledged.append((sent["answered"] - sent["began"]) * 1000)
            taken.append((_asked(follower)["stood"] - sent["began"]) * 1000)
    finally:
        end(sender)
        end(follower)
    floor_is = "commit, NOTIFY, one row read, commit into SQLCipher"
    figure = "a change sent by one workstation stands in another's replica"
    return [
        *_middle_and_tail(figure, taken, bare, str(len(taken)), (95, floor_is), ("≤ 12 ms", "≤ 30 ms")),
        Line(figure="of it until the sender was answered, p50", unit="ms", product=median(acknowledged), reach=""),
    ]


def _ready(process: subprocess.Popen[str]) -> None:
    said = _asked(process)
    if "ready" not in said:
        raise DeviceFailed(f"a workstation was not ready: {said}")


def _asked(process: subprocess.Popen[str], given: str | None = None) -> dict[str, Any]:
    if process.stdin is None or process.stdout is None:
        raise DeviceFailed("a workstation has no voice")
    if given is not None:
        process.stdin.write(given)
        process.stdin.flush()
    said = process.stdout.readline()
    if not said:
        raise DeviceFailed(f"a workstation fell silent: {process.communicate()[1][-800:]}")
    return dict(json.loads(said))


def workplace() -> Path:
    """Return where the folder of a run is made, outside the repository."""
    return Path(os.environ.get("TMPDIR", "/var/tmp"))  # noqa: S108  # a disk: what is measured is durability
