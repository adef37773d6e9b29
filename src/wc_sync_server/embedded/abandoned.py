"""Clean up behind test runs that were killed: their disposable clusters have nobody left to erase them."""

import os
import shutil
import signal
from pathlib import Path

from wc_sync_server.embedded.locks import Ownership
from wc_sync_server.embedded.place import DISPOSABLE_NOTE, HOME_NOTE, existing_shared_roots
from wc_sync_server.embedded.processes import postmaster_pid


def sweep_abandoned() -> None:
    """Kill and delete disposable clusters in the shared folders whose owner is dead; durable ones never."""
    for shared in existing_shared_roots():
        for root in shared.iterdir():
            if (root / DISPOSABLE_NOTE).exists() and _is_abandoned(root):
                pid = postmaster_pid(root / "data")
                if pid is not None:
                    os.kill(pid, signal.SIGQUIT)
                shutil.rmtree(root, ignore_errors=True)


def _is_abandoned(root: Path) -> bool:
    try:
        home = Path((root / HOME_NOTE).read_text(encoding="utf-8"))
        ownership = Ownership(home / "owner.lock")
        abandoned = ownership.claim()
    except FileNotFoundError:
        return True
    ownership.release()
    return abandoned
