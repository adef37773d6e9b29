"""What many transactions read and few change, remembered under the version it had. Nothing of a child is kept here.

The version comes from the transaction that asks: the district's stream row, which every change of reference data
moves. What is remembered under that version is what the database would answer in the same transaction, so nothing is
ever stale, whichever process made the change. Only rows that somebody changed by hand, past the stream, can be served
as they were, for `STALE_BY_HAND` seconds at most.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from cachetools import TTLCache

from wc_sync_server.metrics import counts

T = TypeVar("T")

STALE_BY_HAND = 60
# What one process takes from the shared cache at its last second it may keep for as long again.
_EACH = STALE_BY_HAND // 2
_ENTRIES = 1_024


class Shared(Protocol):
    """A cache that several processes share. It may forget and fail, and answers None then."""

    def get(self, key: str) -> bytes | None: ...
    def put(self, key: str, value: bytes, seconds: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read, and the version that the same statement saw; None where there is none to remember it under."""

    version: str | None
    value: bytes = field(repr=False)


class Cache:
    """Remembers in this process, and in a shared cache where one is set."""

    def __init__(self, shared: Shared | None = None, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._shared = shared
        self._lock = threading.Lock()
        self._own: TTLCache[str, Any] = TTLCache(maxsize=_ENTRIES, ttl=_EACH, timer=timer)

    def through(self, name: str, version: str | None, load: Callable[[], Read], parse: Callable[[bytes], T]) -> T:
        """Return what name is under version: remembered, or loaded and then remembered under the version it had.

        parse makes of the bytes what callers get; they share it and must not change it.
        """
        found: T | None = None if version is None else self._remembered(_key(name, version), parse)
        if found is not None:
            return found
        read = load()
        made = parse(read.value)
        counts.CACHE.labels("read").inc()
        if read.version is not None:
            key = _key(name, read.version)
            self._keep(key, made)
            if self._shared is not None:
                self._shared.put(key, read.value, _EACH)
        return made

    def _remembered(self, key: str, parse: Callable[[bytes], T]) -> T | None:
        with self._lock:
            own: T | None = self._own.get(key)
        if own is not None:
            counts.CACHE.labels("own").inc()
            return own
        value = None if self._shared is None else self._shared.get(key)
        if value is None:
            return None
        counts.CACHE.labels("shared").inc()
        made = parse(value)
        self._keep(key, made)
        return made

    def _keep(self, key: str, made: object) -> None:
        with self._lock:
            self._own[key] = made


def _key(name: str, version: str) -> str:
    return f"{name}@{version}"
