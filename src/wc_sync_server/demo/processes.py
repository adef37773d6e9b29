"""The demonstration's child processes: each in a group of its own, and none outlives us."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from wc_contract.model.errors import Unavailable

_READY_STATUS = 200


class ProgramFailed(Unavailable):
    """A program the demonstration started did not do its work; its output says why."""

    code = "program_failed"


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_program(words: Sequence[str], env: Mapping[str, str], *, given: str | None = None) -> str:
    """Run one of our programs to its end and return what it printed.

    Raises ProgramFailed with the end of its output.
    """
    done = subprocess.run(  # noqa: S603  # our own programs, by our own interpreter
        [sys.executable, "-m", *words], env=dict(env), input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise ProgramFailed(f"{' '.join(words[:3])} ended with {done.returncode}: {said}")
    return done.stdout


class ServerProcess:
    """The sync server as its own process, so that it can be taken away and brought back."""

    def __init__(self, env: Mapping[str, str], port: int, log: Path) -> None:
        self._env = dict(env)
        self._port = port
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Its process's id, 0 while there is none."""
        return 0 if self._process is None else self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, patience: float = 60.0) -> None:
        """Start it and wait until it says that it is ready. Raises ProgramFailed."""
        if self.running:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # our own program
                [sys.executable, "-m", "wc_sync_server", "serve"],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        pause = threading.Event()
        for _ in range(int(patience * 20)):
            if self._process.poll() is not None:
                break
            if self._answers():
                return
            pause.wait(0.05)
        tail = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
        self.stop()
        raise ProgramFailed(f"the server did not become ready: {tail}")

    def stop(self) -> None:
        """End it: asked first, then killed."""
        if self._process is not None:
            end_group(self._process)
            self._process = None

    def kill(self) -> None:
        """Take it away as a power cut does: nothing is finished, nothing is said."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/v1/ready", timeout=1) as answer:  # noqa: S310  # loopback
                return bool(answer.status == _READY_STATUS)
        except (urllib.error.URLError, OSError):
            return False


def end_group(process: subprocess.Popen[bytes] | subprocess.Popen[str], patience: float = 8.0) -> None:
    """End a process and everything it started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return
