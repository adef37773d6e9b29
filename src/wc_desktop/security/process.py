"""Keeping keys out of core dumps."""

import sys


def refuse_core_dumps() -> None:
    """Ask the system to write no core of this process, and to let no stranger read its memory."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  # not on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _not_dumpable()


def _not_dumpable() -> None:
    import ctypes  # noqa: PLC0415  # Linux only

    pr_set_dumpable = 4
    # Best effort: where libc has no prctl, the limit above still holds.
    libc = ctypes.CDLL(None, use_errno=True)
    prctl = getattr(libc, "prctl", None)
    if prctl is not None:
        prctl(pr_set_dumpable, 0, 0, 0, 0)
