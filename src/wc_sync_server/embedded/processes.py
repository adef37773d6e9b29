"""What runs on a data directory: told from the pid file and the process list, never from the pid alone."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

PROC = Path("/proc")
# Lines of postmaster.pid, as PostgreSQL writes them: first the pid, eighth the state.
_PID_LINE = 0
_STATE_LINE = 7


class Status(StrEnum):
    """How far the server is."""

    ABSENT = "absent"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


def postmaster_pid(data: Path) -> int | None:
    """Return the pid of the living server on data, else None.

    A pid alone proves nothing: after a crash or a reboot it may belong to a stranger or to a zombie.
    """
    lines = _pid_file_lines(data)
    if not lines or not lines[_PID_LINE].strip().isdigit():
        return None
    pid = int(lines[_PID_LINE])
    return pid if str(data) in _command_line(pid) else None


def server_status(data: Path) -> Status:
    """Return the state that the server on data gives of itself, if it lives."""
    if not (data / "PG_VERSION").exists():
        return Status.ABSENT
    if postmaster_pid(data) is None:
        return Status.STOPPED
    lines = _pid_file_lines(data)
    state = lines[_STATE_LINE].strip() if len(lines) > _STATE_LINE else "starting"
    if state in {"ready", "standby"}:
        return Status.RUNNING
    return Status.STOPPING if state == "stopping" else Status.STARTING


def surviving_backends(cluster_name: str) -> list[int]:
    """Return processes that a killed server left behind; they still hold its shared memory."""
    title = f"postgres: {cluster_name}: "
    return [pid for pid in _all_pids() if " ".join(_command_line(pid)).startswith(title)]


def _pid_file_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, PermissionError):
        return []


def _all_pids() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _command_line(pid: int) -> list[str]:
    # A zombie has an empty command line, so it counts as gone, which it is.
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []
    return [part.decode(errors="replace") for part in raw.rstrip(b"\0").split(b"\0")]
