"""The way to the server: made by the thread that first needs it, ended by another that waits for nothing."""

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from wc_desktop.background.runner import RunnerStopped


class Closable(Protocol):
    """What can be ended from another thread."""

    def close(self) -> None:
        """End all connections; twice is once."""
        ...


_Gateway = TypeVar("_Gateway", bound=Closable)


class Way(Generic[_Gateway]):
    """Several threads take it; whoever ends them sets their flag, then calls close."""

    def __init__(self, make: Callable[[], _Gateway], is_over: Callable[[], bool]) -> None:
        self._make = make
        self._is_over = is_over
        # Making it reads the keystore and the authorities: held by threads that may wait, never by the GUI's.
        self._making = threading.Lock()
        self._made: _Gateway | None = None

    @property
    def made(self) -> _Gateway | None:
        """The way, None before anybody took it."""
        return self._made

    def take(self) -> _Gateway:
        """Return the way, made if need be. Raises RunnerStopped once it is over, and what making it raises."""
        with self._making:
            if self._made is None and not self._is_over():
                self._made = self._make()
            made = self._made
        if made is None or self._is_over():
            # It may have been made while close looked for it.
            self.close()
            raise RunnerStopped("closing")
        return made

    def close(self) -> None:
        """End what is under way, at once."""
        made = self._made
        if made is not None:
            made.close()
