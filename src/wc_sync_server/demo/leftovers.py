"""Ending what a demonstration left: a run in another terminal, or what a killed one could not stop."""

import contextlib
import os
import shutil
import signal
import threading
from pathlib import Path

from wc_sync_server.demo.folder import DemoFolder
from wc_sync_server.embedded import EmbeddedPostgres

_PROC = Path("/proc")


def stop(folder: DemoFolder) -> None:
    """Stop the run, its server, its workstations and its database, as far as they are there."""
    running = folder.running_pid()
    if running is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(running, signal.SIGTERM)
        _wait_for(running)
    for pid in _of_folder(folder):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGTERM)
        _wait_for(pid)
    if folder.postgres.exists():
        EmbeddedPostgres(folder.postgres).stop()


def reset(folder: DemoFolder) -> None:
    """Delete everything the demonstration made, also what the database keeps elsewhere."""
    if folder.postgres.exists():
        EmbeddedPostgres(folder.postgres).erase()
    shutil.rmtree(folder.root, ignore_errors=True)


def _of_folder(folder: DemoFolder) -> list[int]:
    """Return leaders of process groups that were started for this folder: their environment names it."""
    mark = str(folder.root).encode()
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes()
            surroundings = (entry / "environ").read_bytes()
        except OSError:
            continue
        ours = b"wc_desktop" in words or (b"wc_sync_server" in words and b"serve" in words)
        if ours and mark in surroundings and os.getpgid(int(entry.name)) == int(entry.name):
            found.append(int(entry.name))
    return found


def _wait_for(pid: int, seconds: float = 20.0) -> None:
    pause = threading.Event()
    for _ in range(int(seconds * 10)):
        if not (_PROC / str(pid)).exists():
            return
        pause.wait(0.1)
