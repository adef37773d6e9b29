"""A snapshot is read at the database's pace and sent at the client's: a slow line holds no transaction open."""

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from wc_sync_server.api.pull import Press

_WHOLE = 64 * 1024  # an answer up to this size is sent in one piece


class Spool:
    """The compressed pieces of one answer, made by another thread. What is waiting is a few megabytes at most."""

    def __init__(
        self, lines: Callable[[], Iterator[bytes]], press: Callable[[], Press], filled: Callable[[], None]
    ) -> None:
        self._lines = lines
        self._press = press
        self._filled = filled
        self._pieces: queue.SimpleQueue[bytes | Exception | None] = queue.SimpleQueue()

    def fill(self) -> None:
        """Read and compress everything, and say when that is done. Run by the other thread."""
        try:
            self._fill()
        finally:
            self._filled()

    def _fill(self) -> None:
        press = self._press()
        try:
            for line in self._lines():
                piece = press.compress(line)
                if piece:
                    self._pieces.put(piece)
            self._pieces.put(press.flush())
        except Exception as error:  # noqa: BLE001  # handed to the thread that answers, which raises it
            self._pieces.put(error)
        else:
            self._pieces.put(None)

    def begin(self) -> tuple[bytes, bool]:
        """Return the first bytes, and whether they are all. Raises what made reading fail before any were sent."""
        start = b""
        while len(start) < _WHOLE:
            piece = self._pieces.get()
            if piece is None:
                return start, True
            if isinstance(piece, Exception):
                raise piece
            start += piece
        return start, False

    def rest(self) -> Iterator[bytes]:
        """Yield the further pieces. Raises what made reading fail: the client then misses the last line."""
        while (piece := self._pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece


def _nobody() -> None:
    """Tell nobody."""


def spooled(
    workers: ThreadPoolExecutor,
    lines: Callable[[], Iterator[bytes]],
    press: Callable[[], Press],
    filled: Callable[[], None] = _nobody,
) -> Spool:
    """Return a spool that workers fill. filled is called, by one of them, once everything was read."""
    spool = Spool(lines, press, filled)
    workers.submit(spool.fill)
    return spool
