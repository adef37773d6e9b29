"""A workstation at which somebody does a bit of everything: each act is put down beside it before and after.

Lives are copied and killed as in tests.proofs.crash_device. A third of them have no network.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.proofs.crash_device import Life, _Lived, serve
from tests.sync_server.house import PASSWORD

from wc_contract.model.errors import Unavailable
from wc_desktop.actions import incidents
from wc_desktop.actions.access import record_list, record_search
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.students import open_chart, search
from wc_desktop.actions.sync_state import save_waiting
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.domain.failures import NothingToExport, WrongPassword

SECTIONS = ("med_pass", "students", "incidents", "review", "sync")
MARKER = "Zebulon told nobody"
_OFFLINE_ONE_IN = 3
_WRONG_ONE_IN = 4
_LOCK_ONE_IN = 3


class _Acting(_Lived):
    """One life of it. What is expected of the audit: action, kind and id of the record, None where any will do."""

    def until_stopped(self) -> None:
        offline = not self._chance.randrange(_OFFLINE_ONE_IN)
        while not self._life.stop.exists():
            desk = self._unlock()
            link = self._parts.link_of(desk)
            while not self._life.stop.exists():
                for _ in range(self._chance.randint(5, 40)):
                    self._act(desk)
                if not offline:
                    with suppress(Unavailable):
                        self._exchange(link)
                if not self._chance.randrange(_LOCK_ONE_IN):
                    break
            self._doing("closing")
            self._note({"intent": ["LOCK", "user", str(desk.user)]})
            number = desk.journal.newest(1)[0].number
            lock(desk)
            self._note({"locked": number + 1, "expect": ["LOCK", "user", str(desk.user)]})

    def _unlock(self) -> Desk:
        self._doing("opening")
        station = self._station()
        user = station.people()[0].id
        if not self._chance.randrange(_WRONG_ONE_IN):
            self._note({"trying": 1})
            with suppress(WrongPassword):
                unlock(station, user, "a wrong password")
            self._note({"tried": 1})
        self._note({"intent": ["UNLOCK", "user", str(user)]})
        desk = unlock(station, user, PASSWORD)
        self._note({"entry": str(desk.journal.newest(1)[0].id), "expect": ["UNLOCK", "user", str(user)]})
        return desk

    def _act(self, desk: Desk) -> None:
        self._doing("authoring")
        acts: list[Callable[[Desk], None]] = [self._dose, self._chart, self._chart, self._list, self._search]
        if not self._chance.randrange(20):
            acts = [self._save, self._draft]
        self._chance.choice(acts)(desk)

    def _dose(self, desk: Desk) -> None:
        self._note({"intent": ["DOSE_LOGGED", "dose", None]})
        self._give(desk)
        self._did(desk, ["DOSE_LOGGED", "dose", None])

    def _chart(self, desk: Desk) -> None:
        child = self._chance.choice(search(desk, "")).id
        self._doing_and_done(desk, lambda: open_chart(desk, child), ["VIEW", "student", str(child)])

    def _list(self, desk: Desk) -> None:
        section = self._chance.choice(SECTIONS)
        self._doing_and_done(desk, lambda: record_list(desk, section), ["LIST", "list", section])

    def _search(self, desk: Desk) -> None:
        search(desk, "ned")
        self._doing_and_done(desk, lambda: record_search(desk), ["SEARCH", "list", "students"])

    def _save(self, desk: Desk) -> None:
        folder = self._life.folder.parent / "stick"
        folder.mkdir(exist_ok=True)
        expected = ["EXPORT", "journal", str(desk.device_id)]
        self._note({"intent": expected})
        try:
            save_waiting(desk, folder)
        except NothingToExport:
            self._note({"nothing": 1})
        else:
            self._did(desk, expected)

    def _draft(self, desk: Desk) -> None:
        draft = incidents.new_draft(desk)
        incidents.save_draft(desk, draft)
        expected = ["VIEW", "incident", str(draft.id)]
        self._doing_and_done(desk, lambda: incidents.load_draft(desk, draft.id), expected)

    def _doing_and_done(self, desk: Desk, act: Callable[[], object], expected: list[str | None]) -> None:
        self._note({"intent": expected})
        act()
        self._did(desk, expected)

    def _did(self, desk: Desk, expected: list[str | None]) -> None:
        self._note({"entry": str(desk.journal.newest(1)[0].id), "expect": expected})

    def _note(self, noted: dict[str, Any]) -> None:
        os.write(self._told, json.dumps(noted).encode() + b"\n")
        os.fsync(self._told)


def _live(life: Life) -> None:
    acting = _Acting(life)
    if life.report is None:
        acting.until_stopped()
    else:
        acting.to_quiet()


if __name__ == "__main__":
    importlib.import_module("wc_desktop.transport.http_gateway")
    serve(sys.stdin, _live)
