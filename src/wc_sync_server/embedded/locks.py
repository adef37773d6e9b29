"""Two file locks: one for as long as a start or stop takes, one for as long as somebody owns the server."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wc_sync_server.embedded.errors import EmbeddedPostgresUnavailable


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold path's lock for the block; a second starter waits here and then finds the server running."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Ownership:
    """Who stops the server on leaving. The kernel lets go when the owner dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._claimed_by = 0

    def claim(self) -> bool:
        """Become the owner unless somebody alive is; say whether we are."""
        if self.held:
            return True
        descriptor = _open(self._path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        self._claimed_by = os.getpid()
        return True

    @property
    def held(self) -> bool:
        # A forked child inherits the open file, not the duty.
        return self._descriptor is not None and self._claimed_by == os.getpid()

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except PermissionError as error:
        raise EmbeddedPostgresUnavailable(
            f"{path.parent} belongs to another account: use the account that made it."
        ) from error
