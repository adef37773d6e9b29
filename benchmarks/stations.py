"""The workstations of a run: each a folder, and a process a question."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import floors
from benchmarks.house import CODE, PASSWORD, House
from wc_sync_server.demo.processes import end_group

_REPOSITORY = Path(__file__).resolve().parents[1]
_PATIENCE = 600


class DeviceFailed(Exception):
    """A workstation's process did not answer; its words say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A workstation in a folder."""

    house: House
    name: str

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.house.folder / self.name

    @property
    def keystore(self) -> Path:
        """Where its insecure keystore is."""
        return self.folder.with_name(self.folder.name + "-keystore.json")

    def enrol(self) -> None:
        """Make it known to the server."""
        person = self.house.people[self.name]
        self.ask(
            "enrol",
            *("--url", self.house.server.url, "--district", CODE, "--code", self.house.one_time_code()),
            *("--email", person.email, "--totp", self.house.second_factor(self.name)),
        )

    def ask(self, what: str, *options: str) -> dict[str, Any]:
        """Run one question to its end and return its answer. Raises DeviceFailed."""
        process = self.begin(what, *options)
        try:
            return self.answer(process)
        finally:
            end(process)

    def answer(self, process: subprocess.Popen[str], given: str | None = None) -> dict[str, Any]:
        """Return what a started process answers at its end. Raises DeviceFailed."""
        said, complained = process.communicate(given, timeout=_PATIENCE)
        if process.returncode:
            raise DeviceFailed(f"{what_of(process)}: {complained.strip()[-800:]}")
        return dict(json.loads(said.splitlines()[-1]))

    def begin(self, what: str, *options: str) -> subprocess.Popen[str]:
        """Start a process that answers a question."""
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "benchmarks.device", what),
                *("--data", str(self.folder), "--offset", str(self.house.offset_seconds), *options),
            ],
            cwd=_REPOSITORY,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def environment(self) -> dict[str, str]:
        """Return what the workstation's programs are told."""
        # Programs are installed with their byte code.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {
            **kept,
            **floors.offscreen(),
            "WC_PASSWORD": PASSWORD,
            "WC_DATA": str(self.folder),
            "WC_KEYSTORE": f"insecure:{self.keystore}",
            "WC_DEMO_CLOCK_OFFSET": str(self.house.offset_seconds),
        }


def what_of(process: subprocess.Popen[str]) -> str:
    """Return which question a process was asked."""
    return str(list(process.args)[3]) if isinstance(process.args, list) else "device"


def end(process: subprocess.Popen[str]) -> None:
    """End a workstation's process and what it started."""
    end_group(process)
