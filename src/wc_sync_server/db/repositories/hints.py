"""Hints that a stream moved, by NOTIFY: lost ones cost a second, since heads are polled as well (api.ports.Hints)."""

import threading
from uuid import UUID

import psycopg
import structlog
from psycopg import Connection
from psycopg.rows import TupleRow

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import DistrictId
from wc_sync_server.db.repositories.cells import Cells

_CHANNEL = "wc_streams"
# How long a stopping server may have to wait for who listens; psycopg looks as often by itself.
_SLICE = 0.1
_TELL = "SELECT pg_notify('wc_streams', %(district)s)"
_log = structlog.get_logger(__name__)


class PostgresHints:
    """Tells other processes, and hears them on a connection of its own."""

    def __init__(self, cells: Cells, listen_dsn: str) -> None:
        self._cells = cells
        self._dsn = listen_dsn
        self._connection: Connection[TupleRow] | None = None
        self._hushed = threading.Event()
        self._to_tell: set[DistrictId] = set()
        self._to_tell_lock = threading.Lock()
        self._something = threading.Event()
        self._teller: threading.Thread | None = None

    def tell(self, district: DistrictId) -> None:
        """Say that a stream of district moved. Returns at once and never fails: it is a hint.

        One thread says it, over a connection of its own; what is told while it speaks is said once.
        """
        with self._to_tell_lock:
            self._to_tell.add(district)
            if self._teller is None:
                self._teller = threading.Thread(target=self._keep_telling, name="wc-hints", daemon=True)
                self._teller.start()
        self._something.set()

    def hear(self, seconds: float) -> frozenset[DistrictId]:
        """Return the districts that others spoke of, after at most seconds. Without a connection it only waits."""
        for _ in range(max(1, round(seconds / _SLICE))):
            if self._hushed.is_set():
                break
            try:
                heard = [note.payload for note in self._open().notifies(timeout=_SLICE, stop_after=1)]
            except psycopg.Error:
                self.close()
                self._hushed.wait(seconds)
                break
            if heard:
                return frozenset(DistrictId(UUID(payload)) for payload in heard)
        return frozenset()

    def hush(self) -> None:
        """Let hear return within a tenth of a second, now and from now on. Called by another thread."""
        self._hushed.set()
        self._something.set()

    def _keep_telling(self) -> None:
        speaking: dict[str, Connection[TupleRow]] = {}
        while not self._hushed.is_set():
            self._something.wait()
            self._something.clear()
            with self._to_tell_lock:
                districts, self._to_tell = self._to_tell, set()
            for district in districts:
                self._tell(district, speaking)
        for connection in speaking.values():
            connection.close()

    def _tell(self, district: DistrictId, speaking: dict[str, Connection[TupleRow]]) -> None:
        try:
            # One a cluster, and not the pool's: nothing of anybody is left on it, so nothing is to be forgotten.
            dsn = str(self._cells.pool_for(district).conninfo)
            if dsn not in speaking or speaking[dsn].closed:
                speaking[dsn] = _connected(dsn)
            speaking[dsn].execute(_TELL, {"district": str(district)}, prepare=False)
        except (psycopg.Error, WhiteCrossError):
            _log.info("hint.not_sent")

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> Connection[TupleRow]:
        if self._connection is None or self._connection.closed:
            self._connection = _connected(self._dsn)
            self._connection.execute(f"LISTEN {_CHANNEL}".encode())
        return self._connection


def _connected(dsn: str) -> Connection[TupleRow]:
    return psycopg.connect(dsn, autocommit=True, application_name="wc-sync-server-hints", connect_timeout=5)
