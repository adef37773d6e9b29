"""Taking times: medians, percentiles, memory of a process, and what machine it was."""

import os
import platform
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

_BLOCK = bytes(8192)
_PROBES = 50


def median(values: Sequence[float]) -> float | None:
    """Return the median, None of nothing."""
    return statistics.median(values) if values else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which that share of values lies, None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def fsync_ms(folder: Path) -> float:
    """Return the median milliseconds of writing 8 KiB and making it durable in folder."""
    path = folder / "fsync-probe"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    taken = []
    try:
        for _ in range(_PROBES):
            started = time.perf_counter()
            os.write(handle, _BLOCK)
            os.fsync(handle)
            taken.append((time.perf_counter() - started) * 1000)
    finally:
        os.close(handle)
        path.unlink()
    return statistics.median(taken)


def machine(folder: Path) -> str:
    """Return one line about the machine: what decides these figures, and no name."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{cores} cores, {platform.system()}, Python {platform.python_version()}, "
        f"fsync of 8 KiB {fsync_ms(folder):.2f} ms, load at the start {load:.1f}"
    )


def memory_mb(pid: int | str, field: str) -> float | None:
    """Return a memory field of a process (VmRSS, VmHWM) in MB, None where there is no /proc.

    Not getrusage: what it calls the peak of a fresh process includes its parent's.
    """
    try:
        lines = (Path("/proc") / str(pid) / "status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith(f"{field}:")), None)
    return None if found is None else int(found.split()[1]) * 1024 / 1e6
