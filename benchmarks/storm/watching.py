"""What the server and its database take while the storm lasts: memory, connections, processor time."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.measure import memory_mb

_EVERY = 0.5
_TICKS = os.sysconf("SC_CLK_TCK")
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'wc_app'"


@dataclass(slots=True, kw_only=True)
class Taken:
    """The highest seen, and the processor seconds used meanwhile."""

    memory_mb: float = 0.0
    connections: int = 0
    server_cpu: float = 0.0
    database_cpu: float = 0.0


@contextmanager
def watched(server: int, superuser: str) -> Iterator[Taken]:
    """Watch the server's process, its database's, and all they started."""
    taken, over, postmaster = Taken(), threading.Event(), _postmaster(superuser)
    before = cpu_seconds(server), cpu_seconds(postmaster)

    def look() -> None:
        with psycopg.connect(superuser, autocommit=True) as connection:
            while not over.wait(_EVERY):
                row = connection.execute(_CONNECTIONS).fetchone()
                taken.connections = max(taken.connections, 0 if row is None else int(row[0]))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield taken
    finally:
        over.set()
        looking.join()
        taken.server_cpu, taken.database_cpu = cpu_seconds(server) - before[0], cpu_seconds(postmaster) - before[1]
        taken.memory_mb = sum(memory_mb(pid, "VmHWM") or 0.0 for pid in family(server))


def _postmaster(superuser: str) -> int:
    with psycopg.connect(superuser) as connection:
        return int(_processes()[connection.info.backend_pid][1])


def family(root: int) -> list[int]:
    """Return a process and all its descendants that live."""
    parents = {pid: int(fields[1]) for pid, fields in _processes().items()}
    found, new = [root], [root]
    while new:
        new = [pid for pid, parent in parents.items() if parent in new]
        found += new
    return found


def cpu_seconds(root: int) -> float:
    """Return the processor seconds of a process and its descendants, those that ended and were waited for included."""
    processes = _processes()
    # utime, stime, cutime, cstime of proc(5), counted from the third field.
    return sum(sum(map(int, processes[pid][11:15])) for pid in family(root) if pid in processes) / _TICKS


def _processes() -> dict[int, list[str]]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text(encoding="ascii", errors="replace")
            except OSError:
                continue
            found[int(folder.name)] = text.rpartition(")")[2].split()
    return found
