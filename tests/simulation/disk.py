"""A machine's disk: real files, of which every durable step can fail, or be the last thing that the machine does.

The product's own SQLCipher, os calls and renames run; only the two names by which it reaches them are exchanged while
a schedule runs. A crash copies the folder as it is at that instant: the copy is what the machine finds when it starts
again. What the dead program still does to the old folder in unwinding, nobody sees.
"""

import errno
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher
from tests.simulation.scheduler import Killed

from wc_desktop.cipher import engine, whole_file
from wc_desktop.journal import sealed
from wc_desktop.journal.schema import JOURNAL_FILE, SEALED_FILE
from wc_desktop.replica.engine import REPLICA_FILE

_SQLITE = {"enospc": "SQLITE_FULL", "eio": "SQLITE_IOERR_WRITE"}
_ERRNO = {"enospc": errno.ENOSPC, "eio": errno.EIO}


@dataclass(slots=True, kw_only=True)
class Trap:
    """What waits for a durable step: after so many of them, this happens. how: kill, power, enospc, eio, short."""

    steps: int
    how: str


@dataclass(slots=True)
class Disk:
    """One machine's disk. crashed is called at a crash, before the program is unwound."""

    folder: Path
    random: Random
    counts: Counter[str]
    crashed: Callable[[], None] = field(default=lambda: None)
    trap: Trap | None = None
    dead: bool = False
    steps: int = 0
    _unsynced: int = 0  # octets of the sealed copy that no sync has reached
    _journal_log: list[int] = field(default_factory=list)  # lengths of the journal's log after its commits

    def step(self, where: str, how: Callable[[str], None] | None = None) -> None:
        """Count a durable step; it may fail, or be the last one."""
        self.alive()
        self.steps += 1
        trap = self.trap
        if trap is None or trap.how == "short":
            return
        trap.steps -= 1
        if trap.steps > 0:
            return
        if trap.how in {"kill", "power"}:
            self.trap = None
            self.counts[f"crash at {where}" if trap.how == "kill" else f"power cut at {where}"] += 1
            self.crash(power=trap.how == "power")
        elif how is not None:
            self.trap = None
            self.counts[f"disk {trap.how} at {where}"] += 1
            how(trap.how)

    def alive(self) -> None:
        if self.dead:
            raise Killed

    def crash(self, *, power: bool) -> None:
        """Stop the machine here. power: what no sync has reached may be gone."""
        old = self.folder
        new = old.with_name(f"{old.name}+")
        self.dead = True
        shutil.copytree(old, new)
        if power:
            self._lose_unsynced(new)
        self.folder = new
        self.crashed()
        raise Killed

    def _lose_unsynced(self, folder: Path) -> None:
        copy = folder / SEALED_FILE
        if self._unsynced and copy.exists():
            os.truncate(copy, copy.stat().st_size - self.random.randint(0, self._unsynced))
        # The replica's commits are not synced one by one: any tail of its log may be missing.
        log = folder / f"{REPLICA_FILE}-wal"
        if log.exists():
            os.truncate(log, self.random.randint(0, log.stat().st_size))

    def lose_tail(self) -> None:
        """Take the newest commit out of the journal's log: a disk that said it had synced and had not."""
        log = self.folder / f"{JOURNAL_FILE}-wal"
        if log.exists() and len(self._journal_log) > 1 and log.stat().st_size >= self._journal_log[-1]:
            os.truncate(log, self._journal_log[-2])
            self.counts["journal log lost its tail"] += 1

    def wrote(self, octets: int) -> None:
        self._unsynced += octets

    def synced(self) -> None:
        self._unsynced = 0

    def committed(self, path: Path) -> None:
        if path.name == JOURNAL_FILE:
            log = path.with_name(f"{JOURNAL_FILE}-wal")
            self._journal_log.append(log.stat().st_size if log.exists() else 0)


class Edges:
    """Which disk a path or a handle belongs to."""

    def __init__(self) -> None:
        self._disks: dict[Path, Disk] = {}
        self._handles: dict[int, tuple[Disk, Path]] = {}

    def add(self, folder: Path, disk: Disk) -> None:
        self._disks[folder] = disk

    def disk_of(self, path: Path) -> Disk | None:
        return self._disks.get(path.parent)

    # The name `sqlcipher` of wc_desktop.cipher.engine.

    def connect(self, path: str, **named: Any) -> Any:
        disk = self.disk_of(Path(path))
        # Fibers are threads of which one runs at a time.
        connection = sqlcipher.connect(path, check_same_thread=False, **named)
        return connection if disk is None else FaultyConnection(connection, disk, Path(path))

    # The name `os` of wc_desktop.journal.sealed and wc_desktop.cipher.whole_file.

    def open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        disk = self.disk_of(Path(path)) or self._disks.get(Path(path))
        if disk is not None:
            disk.alive()
        handle = os.open(path, flags, mode)
        if disk is not None:
            self._handles[handle] = (disk, Path(path))
        return handle

    def write(self, handle: int, content: bytes) -> int:
        disk, path = self._of(handle)
        if disk is None:
            return os.write(handle, content)
        disk.step(f"before write of {_name(path)}", _raise)
        if disk.trap is not None and disk.trap.how == "short":
            disk.trap = None
            disk.counts["disk short write"] += 1
            return os.write(handle, content[: len(content) // 2])
        written = os.write(handle, content)
        disk.wrote(written)
        disk.step(f"after write of {_name(path)}")
        return written

    def fsync(self, handle: int) -> None:
        disk, path = self._of(handle)
        if disk is not None:
            disk.step(f"before sync of {_name(path)}", _raise)
            if path.name == SEALED_FILE:
                disk.synced()
            disk.step(f"after sync of {_name(path)}")

    def ftruncate(self, handle: int, length: int) -> None:
        disk, path = self._of(handle)
        if disk is not None:
            disk.step(f"before cut of {_name(path)}", _raise)
        os.ftruncate(handle, length)

    def lseek(self, handle: int, place: int, how: int) -> int:
        disk, _ = self._of(handle)
        if disk is not None:
            disk.alive()
        return os.lseek(handle, place, how)

    def close(self, handle: int) -> None:
        self._handles.pop(handle, None)
        os.close(handle)

    def fdopen(self, handle: int, mode: str) -> Any:
        return os.fdopen(handle, mode)

    def _of(self, handle: int) -> tuple[Disk | None, Path]:
        return self._handles.get(handle, (None, Path()))

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


class _Sqlcipher:
    """sqlcipher3.dbapi2, with connections whose commits can fail."""

    def __init__(self, edges: Edges) -> None:
        self.connect = edges.connect

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlcipher, name)


class FaultyConnection:
    """A real connection; each COMMIT is a durable step."""

    def __init__(self, real: Any, disk: Disk, path: Path) -> None:
        self._real = real
        self._disk = disk
        self._path = path

    @property
    def in_transaction(self) -> bool:
        return not self._disk.dead and bool(self._real.in_transaction)

    def execute(self, statement: str, *parameters: Any) -> Any:
        if self._disk.dead:
            raise Killed
        if statement != "COMMIT":
            return self._real.execute(statement, *parameters)
        name = _name(self._path)
        self._disk.step(f"before commit of {name}", _raise_sqlite)
        answer = self._real.execute(statement)
        self._disk.committed(self._path)
        self._disk.step(f"after commit of {name}")
        return answer

    def executemany(self, *arguments: Any) -> Any:
        self._disk.alive()
        return self._real.executemany(*arguments)

    def close(self) -> None:
        self._real.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def exchanged(edges: Edges) -> Iterator[None]:
    """Let the product reach the disk through edges."""
    before = engine.sqlcipher, sealed.os, whole_file.os
    engine.sqlcipher, sealed.os, whole_file.os = _Sqlcipher(edges), edges, edges  # type: ignore[attr-defined]
    try:
        yield
    finally:
        engine.sqlcipher, sealed.os, whole_file.os = before  # type: ignore[attr-defined]


def _name(path: Path) -> str:
    return path.name.split(".new")[0] or "folder"


def _raise(how: str) -> None:
    raise OSError(_ERRNO.get(how, errno.EIO), "by schedule")


def _raise_sqlite(how: str) -> None:
    error = sqlcipher.OperationalError("by schedule")
    error.sqlite_errorname = _SQLITE.get(how, "SQLITE_IOERR_WRITE")
    raise error
