"""The demonstration's workstations: the desktop program, enrolled, shown, or asked for a report."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wc_sync_server.demo.district.staff import Person
from wc_sync_server.demo.folder import DemoFolder
from wc_sync_server.demo.processes import ProgramFailed, end_group, run_program
from wc_sync_server.machine import DEMO_CLOCK_VARIABLE

_DESKTOP = "wc_desktop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workstation:
    """One installed workstation: where its files are and who works at it."""

    name: str
    data: Path
    log: Path
    person: Person
    password: str
    offset_seconds: int

    @property
    def who(self) -> str:
        """Return the name that its list of people shows."""
        return f"{self.person.first_name} {self.person.last_name}"

    def environment(self) -> Mapping[str, str]:
        """Return what the program is started with: an insecure keystore, said so aloud in its window."""
        return {
            **os.environ,
            "WC_DATA": str(self.data),
            "WC_KEYSTORE": f"insecure:{self.data.with_name(self.data.name + '-keystore.json')}",
            DEMO_CLOCK_VARIABLE: str(self.offset_seconds),
            "PYTHONUNBUFFERED": "1",
        }

    def enrol(self, *, server: str, district: str, code: str, totp: str) -> str:
        """Make it known to the server and fill its replica; return what the program said."""
        words = [_DESKTOP, "enrol", "--server", server, "--district", district, "--code", code]
        words += ["--email", self.person.email, "--totp", totp, "--name", self.name, "--data", str(self.data)]
        return run_program(words, self.environment(), given=self.password + "\n")

    def report(self, *options: str) -> dict[str, Any]:
        """Return what it holds, after one exchange with the server."""
        words = [_DESKTOP, "report", "--data", str(self.data), "--user", self.who, "--sync", *options]
        return dict(json.loads(run_program(words, self.environment(), given=self.password + "\n")))

    def open_window(self) -> int:
        """Show it until its window is closed; return how it ended."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, "-m", _DESKTOP, "--data", str(self.data)],
                env=dict(self.environment()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            return process.wait()
        finally:
            end_group(process)


def new_workstation(
    folder: DemoFolder, name: str, person: Person, password: str, offset_seconds: int, run: int
) -> Workstation:
    """Return a workstation of this run. Earlier runs keep their own files: an unsent entry is never deleted."""
    label = f"{name.lower()}-{run}"
    return Workstation(
        name=f"Workstation {name}",
        data=folder.workstation(label),
        log=folder.workstation_log(label),
        person=person,
        password=password,
        offset_seconds=offset_seconds,
    )


class ScriptedNoon:
    """The desktop program playing a noon by itself: it tells, and asks for an outage and its end."""

    def __init__(self, station: Workstation, pictures: Path, options: Sequence[str] = ()) -> None:
        words = [_DESKTOP, "noon", "--data", str(station.data), "--user", station.who, "--pictures", str(pictures)]
        self._station = station
        self._words = [*words, *options]

    def play(self, needs: Mapping[str, Callable[[], None]], environment: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Yield what the program tells, and see to its needs meanwhile. Raises ProgramFailed."""
        with self._station.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, "-m", *self._words],
                env={**self._station.environment(), **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        try:
            yield from self._told(process, needs)
        finally:
            end_group(process)

    def _told(
        self, process: subprocess.Popen[str], needs: Mapping[str, Callable[[], None]]
    ) -> Iterator[dict[str, Any]]:
        said, asked = process.stdout, process.stdin
        if said is None or asked is None:
            raise ProgramFailed("the workstation has no way to tell")
        guard = threading.Timer(600, process.kill)
        guard.start()
        try:
            asked.write(self._station.password + "\n")
            asked.flush()
            for line in said:
                told = json.loads(line)
                if "failed" in told:
                    raise ProgramFailed(f"the scripted noon stopped: {told['failed']}")
                if "need" in told:
                    needs[told["need"]]()
                    asked.write("done\n")
                    asked.flush()
                yield told
            if process.wait() != 0:
                tail = self._station.log.read_text(encoding="utf-8", errors="replace")[-1500:]
                raise ProgramFailed(f"the workstation ended with {process.returncode}: {tail}")
        finally:
            guard.cancel()
