"""Small files that are replaced whole: after a power cut the old one or the new one is there, never a part."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wc_desktop.domain.failures import DiskFailed, DiskFull


def write_whole(path: Path, content: bytes) -> None:
    """Replace path by content, durably. Raises DiskFull, DiskFailed."""
    draft = path.with_name(path.name + ".new")
    with disk_refusals():
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            sync_folder(path.parent)
        except OSError:
            draft.unlink(missing_ok=True)
            raise


@contextmanager
def disk_refusals() -> Iterator[None]:
    """Turn what the system says about files into DiskFull or DiskFailed."""
    try:
        yield
    except OSError as error:
        if is_no_room(error):
            raise DiskFull("no room to replace a file") from error
        raise DiskFailed("a file could not be replaced") from error


def is_no_room(error: OSError) -> bool:
    """Return whether the system has no room for a file: on the disk, in this account's share, in the largest file."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def sync_folder(folder: Path) -> None:
    """Make the names in folder durable, where the system knows how (Windows does it by itself)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
