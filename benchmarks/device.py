"""One workstation in a process of its own: does one thing, times it, prints one JSON object.

python -m benchmarks.device WHAT --data FOLDER …   (started by the figures; see benchmarks/stations.py)
"""

import argparse
import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import memory_mb
from wc_contract.model.values import DoseState
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.log_dose import log_dose
from wc_desktop.actions.med_pass import due_list
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.parts import Parts, build_parts
from wc_desktop.domain.enrolment import EnrolRequest, FirstSync
from wc_desktop.domain.screens import DoseDraft, DueStatus
from wc_desktop.security.clock import SystemChance, SystemClock
from wc_desktop.security.keystore import InsecureKeystore
from wc_desktop.security.station import Station
from wc_desktop.sync.push_loop import UNDER_WAY, push_round

_PULL_SECONDS = 120.0


class Seat:
    """The workstation in a folder, with the clock of the bench's noon."""

    def __init__(self, folder: Path, offset: int, password: str) -> None:
        self.folder = folder
        self.password = password
        keystore = InsecureKeystore(folder.with_name(folder.name + "-keystore.json"))
        self.parts: Parts = build_parts(keystore=keystore, clock=SystemClock(offset), chance=SystemChance())

    def station(self) -> Station:
        """Return the enrolled workstation."""
        found = Station.load(self.folder, self.parts)
        if found is None:
            raise SystemExit("this folder is no workstation yet")
        return found

    def unlock(self) -> Desk:
        """Open it."""
        station = self.station()
        return unlock(station, station.people()[0].id, self.password)


def enrol(seat: Seat, given: argparse.Namespace) -> dict[str, Any]:
    """Make the folder a workstation, without its replica."""
    request = EnrolRequest(
        server_url=given.url,
        district=given.district,
        code=given.code,
        email=given.email,
        password=seat.password,
        totp=given.totp,
        device_name=seat.folder.name,
    )
    return {"device": str(seat.parts.enrol_device(request, seat.folder).device_id)}


def first_sync(seat: Seat, _given: argparse.Namespace) -> dict[str, Any]:
    """Fill the replica from nothing: greeting, pull, side file, indexes, digest, check, sync of the file, swap.

    The password is asked before the clock starts: what it costs is the figure of unlocking.
    """
    station = seat.station()
    keys = station.unlock_keys(station.people()[0].id, seat.password)
    stages: list[tuple[str, float]] = []
    answers: list[Any] = []
    _warm()
    before = memory_mb("self", "VmRSS")
    started = time.perf_counter()
    done = 0

    def progress(at: FirstSync) -> None:
        nonlocal done
        done = at.done
        if not stages or stages[-1][0] != at.stage:
            stages.append((at.stage, time.perf_counter() - started))

    with seat.parts._connected(station) as gateway:
        gateway._channel._client.event_hooks["response"].append(answers.append)
        epoch = seat.parts._greet(station, keys, gateway).epoch
        stages.append(("greeted", time.perf_counter() - started))
        seat.parts._fill(station, keys, gateway, epoch, progress)
        seconds = time.perf_counter() - started
        arrived = sum(answer.num_bytes_downloaded for answer in answers)
    keys.wipe()
    return {
        "seconds": seconds,
        "bytes": arrived,
        "rows": done,
        "peak_mb": memory_mb("self", "VmHWM"),
        "rss_before_mb": before,
        "stages": dict(stages),
    }


def _warm() -> None:
    # The window does the same behind the password field, before anything is asked of the network.
    import wc_desktop.transport.http_gateway  # noqa: F401, PLC0415


def unlocked(seat: Seat, _given: argparse.Namespace) -> dict[str, Any]:
    """Unlock and read the due list, without a window."""
    started = time.perf_counter()
    desk = seat.unlock()
    opened = time.perf_counter()
    rows = len(due_list(desk, desk.clock.now()).rows)
    listed = time.perf_counter()
    lock(desk)
    return {"unlock": opened - started, "due_list": listed - opened, "rows": rows}


def _open_slots(desk: Desk, count: int) -> list[str]:
    rows = due_list(desk, desk.clock.now()).rows
    return [row.key for row in rows if row.status is DueStatus.DUE][:count]


def _give(desk: Desk, key: str) -> None:
    saved = log_dose(desk, DoseDraft(key=key, status=DoseState.ADMINISTERED, administered_at=desk.clock.now()))
    if saved.row.status is not DueStatus.DONE:
        raise SystemExit("a dose was saved and its slot does not show it")


def doses(seat: Seat, given: argparse.Namespace) -> dict[str, Any]:
    """Give doses one after the other on the replica thread; the network is not there."""
    from wc_desktop.background.runner import Priority, Runner  # noqa: PLC0415  # Qt only where it is used

    runner = Runner()
    try:
        desk = runner.call(seat.unlock)
        taken = []
        for key in runner.call(partial(_open_slots, desk, given.count)):
            started = time.perf_counter()
            runner.call(partial(_give, desk, key), Priority.URGENT)
            taken.append((time.perf_counter() - started) * 1000)
        runner.call(partial(lock, desk))
    finally:
        runner.stop()
    return {"ms": taken}


def doses_during_pull(seat: Seat, given: argparse.Namespace) -> dict[str, Any]:
    """Give doses while the sync threads take what changed; only those given meanwhile count."""
    from PySide6.QtCore import Qt  # noqa: PLC0415

    from wc_desktop.background.runner import Priority, Runner  # noqa: PLC0415
    from wc_desktop.background.sync_thread import SyncThread  # noqa: PLC0415

    runner = Runner()
    desk = runner.call(seat.unlock)
    sync = SyncThread(runner, desk, seat.parts.link_of(desk))
    pulling, pulled = threading.Event(), threading.Event()

    def watch_link(_status: object) -> None:
        # The greeting was answered: the pull begins. How far it is, is not said of one that is soon over.
        pulling.set()

    def watch_records(_kinds: object) -> None:
        pulled.set()

    # Directly, in the thread that speaks: nobody runs an event loop here.
    sync.link_changed.connect(watch_link, Qt.ConnectionType.DirectConnection)
    sync.records_changed.connect(watch_records, Qt.ConnectionType.DirectConnection)
    taken: list[float] = []
    try:
        keys = runner.call(partial(_open_slots, desk, given.count))
        sync.start()
        if not pulling.wait(_PULL_SECONDS):
            raise SystemExit("nothing was pulled")
        began = time.perf_counter()
        for key in keys:
            if pulled.is_set():
                break
            started = time.perf_counter()
            runner.call(partial(_give, desk, key), Priority.URGENT)
            taken.append((time.perf_counter() - started) * 1000)
        if not pulled.wait(_PULL_SECONDS):
            raise SystemExit("the pull did not end")
        lasted = time.perf_counter() - began
    finally:
        sync.stop()
        runner.call(partial(lock, desk))
        runner.stop()
    return {"ms": taken, "pull_seconds": lasted}


def window(seat: Seat, given: argparse.Namespace) -> dict[str, Any]:
    """Unlock the real window by its keyboard; answer when the due list is painted, or when a pull was taken."""
    from benchmarks.window import show_and_unlock  # noqa: PLC0415

    return show_and_unlock(seat.folder, seat.password, wait_for_pull=given.wait == "pull")


def idle_window(_seat: Seat, _given: argparse.Namespace) -> dict[str, Any]:
    """Look how late the heartbeat of a bare window comes that has nothing to do."""
    from benchmarks.window import show_nothing  # noqa: PLC0415

    return show_nothing()


def push(seat: Seat, given: argparse.Namespace) -> dict[str, Any]:
    """Send entries that are signed already; says 'ready' before, waits for a line, and times what follows."""
    from benchmarks.entries import Waiting, make_entries  # noqa: PLC0415

    station = seat.station()
    keys = station.unlock_keys(station.people()[0].id, seat.password)
    with seat.parts._connected(station) as gateway:
        epoch = seat.parts._greet(station, keys, gateway).epoch
        keys.wipe()
        entries = make_entries(station, given.size, given.start, given.count)
        sys.stdout.write('{"ready": true}\n')
        sys.stdout.flush()
        sys.stdin.readline()
        waiting = Waiting(entries, given.start)
        with ThreadPoolExecutor(UNDER_WAY) as threads:
            started, used = time.perf_counter(), time.process_time()
            push_round(
                gateway,
                waiting,
                epoch,
                stopping=lambda: False,
                limit=given.batch,
                begin=lambda send: threads.submit(send).result,
            )
            seconds, used = time.perf_counter() - started, time.process_time() - used
    return {"seconds": seconds, "cpu": used, "outcomes": waiting.outcomes}


def send_singly(seat: Seat, given: argparse.Namespace) -> dict[str, Any]:
    """Send one signed entry for each line that comes; say when each began to be sent and was answered."""
    from benchmarks.entries import make_entries  # noqa: PLC0415

    station = seat.station()
    keys = station.unlock_keys(station.people()[0].id, seat.password)
    with seat.parts._connected(station) as gateway:
        epoch = seat.parts._greet(station, keys, gateway).epoch
        keys.wipe()
        entries = make_entries(station, given.size, given.start, given.count)
        _say({"ready": True})
        for entry in entries:
            sys.stdin.readline()
            began = time.monotonic()
            answer = gateway.push(epoch, [entry])
            answered = time.monotonic()
            _say({"began": began, "answered": answered, "outcome": answer.receipts[0].outcome.value})
    return {}


def follow(seat: Seat, given: argparse.Namespace) -> dict[str, Any]:
    """Listen as the window does; say when each change stood in the replica, committed."""
    from PySide6.QtCore import Qt  # noqa: PLC0415

    from benchmarks.following import Follower  # noqa: PLC0415
    from wc_desktop.background.runner import Runner  # noqa: PLC0415
    from wc_desktop.background.sync_thread import SyncThread  # noqa: PLC0415

    runner = Runner()
    desk = runner.call(seat.unlock)
    sync = SyncThread(runner, desk, seat.parts.link_of(desk))
    follower = Follower(_say)
    # Directly, in the thread that speaks: nobody runs an event loop here.
    sync.link_changed.connect(follower.linked, Qt.ConnectionType.DirectConnection)
    sync.records_changed.connect(follower.changed, Qt.ConnectionType.DirectConnection)
    try:
        sync.start()
        seen = follower.follow(given.count, _PULL_SECONDS)
    finally:
        sync.stop()
        runner.call(partial(lock, desk))
        runner.stop()
    return {"seen": seen}


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Do what the command line asks."""
    given = _parser().parse_args()
    seat = Seat(given.data, given.offset, os.environ["WC_PASSWORD"])
    sys.stdout.write(json.dumps(given.what(seat, given)) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.device")
    kinds = parser.add_subparsers(required=True)
    for what in (enrol, first_sync, unlocked, doses, doses_during_pull, window, idle_window, push, send_singly, follow):
        one = kinds.add_parser(what.__name__)
        one.set_defaults(what=what)
        one.add_argument("--data", type=Path, required=True)
        one.add_argument("--offset", type=int, required=True)
        if what is enrol:
            for name in ("url", "district", "code", "email", "totp"):
                one.add_argument(f"--{name}", required=True)
        if what in {doses, doses_during_pull, push, send_singly, follow}:
            one.add_argument("--count", type=int, required=True)
        if what is window:
            one.add_argument("--wait", choices=("none", "pull"), required=True)
        if what in {push, send_singly}:
            one.add_argument("--size", choices=("full", "tiny"), required=True)
            one.add_argument("--start", type=int, required=True)
        if what is push:
            one.add_argument("--batch", type=int, default=200)
    return parser


if __name__ == "__main__":
    main()
