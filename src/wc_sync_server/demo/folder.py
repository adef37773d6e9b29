"""Where the demonstration keeps everything: one folder, deleted by `demo --reset`."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """The demonstration's files. Everything in it is invented, and readable by its owner alone."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def generated(self) -> Path:
        return self.root / "generated"

    @property
    def keys(self) -> Path:
        return self.root / "server-keys"

    @property
    def server_log(self) -> Path:
        return self.root / "server.log"

    @property
    def pictures(self) -> Path:
        return self.root / "pictures"

    def workstation(self, name: str) -> Path:
        """Return the data folder of a workstation."""
        return self.root / f"workstation-{name.lower()}"

    def workstation_log(self, name: str) -> Path:
        """Return where a workstation's output goes."""
        return self.root / f"workstation-{name.lower()}.log"

    def make(self) -> None:
        """Make the folder, closed to others."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def read(self, name: str) -> dict[str, Any]:
        """Return a JSON object kept under name, {} when there is none."""
        path = self.root / f"{name}.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}

    def write(self, name: str, value: dict[str, Any]) -> None:
        """Keep a JSON object under name, whole or not at all."""
        path = self.root / f"{name}.json"
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(value, indent=1), encoding="utf-8")
        fresh.replace(path)

    def secret(self, name: str) -> str:
        """Return a password kept under name, made on first use."""
        kept = self.read("secrets")
        if name not in kept:
            kept[name] = secrets.token_urlsafe(24)
            self.write("secrets", kept)
        return str(kept[name])

    def running_pid(self) -> int | None:
        """Return the process that runs a demonstration in this folder now, None when none does."""
        pid = self.read("running").get("pid")
        return pid if isinstance(pid, int) and pid != os.getpid() and _is_demo(pid) else None


def _is_demo(pid: int) -> bool:
    # A pid may have gone to a stranger since: its command line must be ours.
    try:
        words = (Path("/proc") / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"demo" in words
