"""A nurse at a real workstation: what she sees through the accessibility tree, what she does with the keyboard."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.e2e.desk import App, Desk, Node, _wait

from wc_desktop.app.pages import page_specs
from wc_sync_server.demo.workstations import Workstation

MED_PASS = "Today's medication pass"
_SCREEN = ("DISPLAY", "HOME", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")


@dataclass
class Nurse:
    """One person, one desk, one workstation. Everything is done with keys."""

    desk: Desk
    station: Workstation
    given: list[str] = field(default_factory=list)
    _app: App | None = None

    @property
    def app(self) -> App:
        assert self._app is not None, "the program was not started"
        return self._app

    def start(self, *options: str, scale: float = 1.0) -> None:
        """Start the program and wait for its window."""
        screen = {name: self.desk.env[name] for name in _SCREEN if name in self.desk.env}
        command = [sys.executable, "-m", "wc_desktop", "--data", str(self.station.data), *options]
        self._app = self.desk.launch(command, env={**self.station.environment(), **screen}, timeout=30, scale=scale)

    def unlock(self) -> None:
        """Type the password and wait for today's doses."""
        self.app.find(role="password text", state="showing focused", timeout=15)
        self.desk.type(self.station.password)
        self.desk.key("Return")
        self.due()

    def lock_and_wait(self) -> None:
        """Lock, and wait until the program has begun afresh and asked, in a child that is gone, whether to erase."""
        self.desk.key("ctrl+l")
        self.app.find(role="password text", timeout=15)
        before = self.app.bus
        self.until(lambda: self.app.attach(5) != before, what="the locked program did not begin afresh")
        self.app.find(role="password text", state="showing focused", timeout=15)
        self.until(lambda: len(self.desk.family(self.app.proc.pid)) > 1, what="nobody asked the district")
        self.until(lambda: len(self.desk.family(self.app.proc.pid)) == 1, what="who asked the district stays")

    def due(self) -> Node:
        """Return the list of doses, with rows in it."""
        table = self.app.find(role="table", name=MED_PASS, timeout=20)
        assert _wait(lambda: table.rows > 0, 20), "no dose is due"
        return table

    def row(self) -> list[str]:
        """Return the cells of the chosen row as a screen reader says them."""
        table = self.due()
        chosen = _wait(table.selected_rows, 5)
        assert chosen, "no row is chosen"
        return table.row_text(chosen[0])

    def open_rows(self) -> list[str]:
        """Return the sentences of all rows, in order."""
        table = self.due()
        return [table.cell(row, 0).name for row in range(table.rows)]

    def go_to(self, said: str) -> None:
        """Walk with the arrow keys to the dose of which a row said so, be it a minute later by now."""
        table = self.due()
        dose = re.search(r"\b\d{1,2}:\d{2}, .+", said)
        assert dose, f"no time of day in {said!r}"
        wanted = table.row_of(re.escape(dose[0]))
        for _ in range(table.rows + 1):
            chosen = table.selected_rows()
            if chosen == [wanted]:
                return
            self.desk.key("Down" if not chosen or chosen[0] < wanted else "Up")
        raise AssertionError(f"the arrow keys do not reach {said!r}")

    def give(self) -> str:
        """Give the chosen dose: Enter, look at the confirm, Enter. Return who got it and when it was due."""
        before = self.row()
        self.desk.key("Return")
        sheet = self.app.find(role="dialog", timeout=10)
        child = before[1].split(",")[0]
        said = " ".join(node.name for node in sheet.all(role="label"))
        assert child in said, "the confirm does not name the child"
        self.desk.key("Return")
        assert self.app.gone(role="dialog", timeout=10), f"the confirm stayed:\n{sheet.tree(60)}"
        self.given.append(before[1])
        return before[1]

    def done(self) -> int:
        """Return how many doses are answered, as the filter says."""
        tab = self.app.find(role="list item|page tab", name=r"Done, \d+")
        return int(tab.name.split(",")[1])

    def strip(self) -> str:
        """Return the words of the connection strip."""
        return self.app.find(
            role="push button", name=r"(Online|Offline|Sending|Syncing|Please look|.*waiting|.*sent).*"
        ).name

    def waits_for_strip(self, pattern: str, timeout: float = 30) -> str:
        """Wait until the strip reads so."""
        return self.app.find(role="push button", name=pattern, timeout=timeout).name

    def until(self, holds: Callable[[], bool], timeout: float = 20, what: str = "") -> None:
        """Wait until something holds."""
        assert _wait(holds, timeout, 0.2), what or "it did not come"

    def section(self, key: str, title: str) -> None:
        """Go to a section of the rail by its number key."""
        number = [page.key for page in page_specs()].index(key) + 1
        self.desk.key(f"ctrl+{number}")
        self.app.find(role="label", name=re.escape(title) + ".*", timeout=10)

    def answer_case(self, access_key: str, note: str) -> None:
        """Answer the chosen review case: the answer by its access key, the first entry it offers, why, save."""
        self.desk.key(access_key)
        sheet = self.app.find(role="dialog", timeout=10)
        self.desk.key("Down")
        self.desk.key("alt+k")
        self.desk.type(note)
        self.desk.key("ctrl+Return")
        assert self.app.gone(role="dialog", timeout=10), f"the answer was not saved:\n{sheet.tree(60)}"

    def write_incident(self, surname: str) -> None:
        """Write and sign an injury report for the first child of that name, without a mouse."""
        self.desk.key("ctrl+i")
        self.app.find(role="label", name=r"Incident report.*", timeout=10)
        self.app.find(role="text", name="Find child by name or number", state="showing focused", timeout=10)
        self.desk.type(surname)
        self.app.find(role="table", name="Children found", timeout=10)
        self.desk.key("Down", "Return")
        self.app.find(role="push button", name="Change child", timeout=10)
        for key, text in (("alt+r", "Playground"), ("alt+v", "Climbing frame")):
            self.desk.key(key)
            self.desk.type(text)
        for key in ("alt+k", "alt+s", "alt+p", "alt+j", "alt+d"):
            self.desk.key(key)
            self.desk.key("space")
        self.desk.key("alt+n")
        self.desk.type("Fell from the second rung.")
        self.desk.key("alt+g")
        self.desk.type("Cleaned and covered.")
        self.desk.key("ctrl+Return")
        self.app.find(role="push button", name="Sign", state="showing focused", timeout=10)
        self.desk.key("Return")
        assert self.app.gone(role="dialog", timeout=10), "the report was not signed"
