"""Workstations as processes that are killed: one process that has everything loaded, and a copy of it for each life.

A life unlocks, gives doses, greets, pushes, pulls, fetches its records anew now and then, locks and unlocks, until it
is killed or told to stop. What the nurse was told stands in a file before the next thing is done: a line for each
entry, synced, after append has returned. What it is doing stands in another file, so that a kill knows what it hit.
"""

import importlib
import json
import os
import random
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.sync_server.house import PASSWORD

from wc_contract.model.changes import DoseLogged
from wc_contract.model.errors import Refused, Unavailable
from wc_contract.model.values import DoseState
from wc_contract.wire.entries import EntryMalformed, entry_from_body
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.log_dose import log_dose
from wc_desktop.actions.med_pass import due_list
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.opened import own_keys_of
from wc_desktop.app.parts import DeskLink, Parts, opened_of
from wc_desktop.domain.enrolment import FirstSync
from wc_desktop.domain.screens import DoseDraft
from wc_desktop.journal.survey import survey
from wc_desktop.security.clock import SystemChance, SystemClock
from wc_desktop.security.keystore import InsecureKeystore
from wc_desktop.security.station import Station
from wc_desktop.sync.first_sync import fill
from wc_desktop.sync.gateway import Gateway
from wc_desktop.sync.pull_loop import pull_round
from wc_desktop.sync.push_loop import push_round

PHASES: Final = ("opening", "authoring", "greeting", "pushing", "pulling", "rebuilding", "closing")
_REBUILD_ONE_IN = 4
_LOCK_ONE_IN = 3
_MOST_EXCHANGES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Where a workstation lives. stop: a file that ends a life when it is there; report: where the last life tells."""

    folder: Path
    offset: int
    seed: int
    told: Path
    phase: Path
    stop: Path
    report: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it for the process."""
        return {
            name: str(value) if isinstance(value, Path) else value
            for name, value in ((name, getattr(self, name)) for name in self.__slots__)
        }


def life_from(told: dict[str, Any]) -> Life:
    """Return what to_json was made of."""
    paths = {name: None if told[name] is None else Path(told[name]) for name in ("folder", "told", "phase", "stop")}
    report = None if told["report"] is None else Path(told["report"])
    return Life(**{**told, **paths, "report": report})


class _Lived:
    """One life."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._chance = random.Random(life.seed)  # which dose comes next
        self._told = os.open(life.told, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._phase = os.open(life.phase, os.O_WRONLY | os.O_CREAT, 0o600)
        self._parts = Parts(
            clock=SystemClock(life.offset),
            chance=SystemChance(),
            keystore=InsecureKeystore(life.folder.parent / f"{life.folder.name}.keystore"),
        )

    def until_stopped(self) -> None:
        while not self._life.stop.exists():
            desk = self._unlock()
            link = self._parts.link_of(desk)
            while not self._life.stop.exists():
                self._work(desk)
                with suppress(Unavailable):
                    self._exchange(link)
                if not self._chance.randrange(_LOCK_ONE_IN):
                    break
            self._doing("closing")
            lock(desk)

    def to_quiet(self) -> None:
        """Exchange until nothing waits, and tell what is there."""
        desk = self._unlock()
        link = self._parts.link_of(desk)
        pause = threading.Event()
        for _ in range(_MOST_EXCHANGES):
            try:
                self._exchange(link, digest=True)
            except Unavailable:
                pause.wait(0.5)
                continue
            if not opened_of(desk).journal.waiting_numbers():
                break
        found = _found(desk)
        desk.close()
        station = self._station()
        sealed = survey(station.folder / "journal.sealed", own_keys_of(station))
        found["sealed"] = {str(number): text.body for number, text in sealed.texts.items()}
        found["sealed_damaged"] = sealed.damaged
        if self._life.report is not None:
            self._life.report.write_text(json.dumps(found))

    def _unlock(self) -> Desk:
        self._doing("opening")
        station = self._station()
        return unlock(station, station.people()[0].id, PASSWORD)

    def _station(self) -> Station:
        station = Station.load(self._life.folder, self._parts)
        if station is None:
            raise AssertionError("an enrolled workstation")
        return station

    def _work(self, desk: Desk) -> None:
        self._doing("authoring")
        for _ in range(self._chance.randint(1, 4)):
            number = self._give(desk)
            [entry] = desk.journal.newest(1)
            if entry.number != number:
                raise AssertionError("the newest entry is the one that was just saved")
            os.write(self._told, f"{number} {entry.id}\n".encode())
            os.fsync(self._told)

    def _give(self, desk: Desk) -> int:
        now = desk.clock.now()
        row = self._chance.choice(due_list(desk, now).rows)
        draft = DoseDraft(key=row.key, status=DoseState.ADMINISTERED, administered_at=now, override_reason="agreed")
        try:
            return log_dose(desk, draft).entry_number
        except Refused:
            # Somebody must look at this child's doses first: then none is given, which is on record too.
            held = DoseDraft(key=row.key, status=DoseState.HELD, administered_at=now, reason="a case is open")
            return log_dose(desk, held).entry_number

    def _exchange(self, link: DeskLink, *, digest: bool = False) -> None:
        gateway = link.connect()
        try:
            self._doing("greeting")
            message = link.files.hello()
            answer = gateway.hello(message)
            link.files.take_hello(answer, message)
            self._doing("pushing")
            push_round(gateway, link.files, answer.epoch, stopping=_never)
            if not digest and not self._chance.randrange(_REBUILD_ONE_IN):
                self._rebuild(link, gateway, answer.epoch)
            self._doing("pulling")
            pull_round(gateway, link.files, answer.epoch, digest=digest, progress=_unheard)
        finally:
            gateway.close()

    def _rebuild(self, link: DeskLink, gateway: Gateway, epoch: str) -> None:
        self._doing("rebuilding")
        fill(gateway, link.begin_side(epoch), epoch, _unsaid)
        link.swap_in()

    def _doing(self, phase: str) -> None:
        os.pwrite(self._phase, f"{phase:<12}".encode(), 0)


def _found(desk: Desk) -> dict[str, Any]:
    journal = opened_of(desk).journal
    rows = journal._connection.execute("SELECT number, id, body, outcome FROM entries ORDER BY number").fetchall()
    return {
        "entries": [
            {"number": number, "id": entry, "body": body, "outcome": outcome, "is_dose": _is_dose(body)}
            for number, entry, body, outcome in rows
        ],
        "waiting": len(journal.waiting_numbers()),
        "digests_agree": desk.records.kept("digests_agree") == "1",
        "reads": desk.records.check(),
    }


def _is_dose(body: str) -> bool:
    try:
        return any(isinstance(change, DoseLogged) for change in entry_from_body(body).changes)
    except EntryMalformed:
        return False


def _never() -> bool:
    return False


def _unheard(_done: int, _about: int) -> None:
    """Nobody watches."""


def _unsaid(_progress: FirstSync) -> None:
    """Nobody watches."""


def _begin(run: Callable[[], None], log: Path) -> int:
    child = os.fork()
    if child:
        return child
    try:
        run()
    except BaseException:  # noqa: BLE001  # whatever it was, it is read in the log
        with log.open("a") as file:
            traceback.print_exc(file=file)
        os._exit(1)
    os._exit(0)


def _live(life: Life) -> None:
    lived = _Lived(life)
    if life.report is None:
        lived.until_stopped()
    else:
        lived.to_quiet()


def serve(lines: Iterable[str], live: Callable[[Life], None] = _live) -> None:
    """Begin lives, and tell how they ended, as the lines on standard input say."""
    for line in lines:
        order = json.loads(line)
        if "reap" in order:
            _, status = os.waitpid(order["reap"], 0)
            answer = {"ended": os.waitstatus_to_exitcode(status)}
        else:
            life = life_from(order["life"])
            answer = {"pid": _begin(partial(live, life), life.folder.with_suffix(".log"))}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    # Before the first copy is made: what talks to the server is loaded late otherwise, in each of them.
    importlib.import_module("wc_desktop.transport.http_gateway")
    serve(sys.stdin)
