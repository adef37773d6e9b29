"""A way to PostgreSQL that can be cut at the worst moment: around a COMMIT, or in the middle of a transaction."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_CHUNK = 65_536
# As the protocol sends it: a Query message with this text, or a Parse message within a pipeline.
_COMMIT = b"COMMIT\x00"


class Cut(Enum):
    """Where the next connection is cut that commits."""

    BEFORE_COMMIT = auto()  # the server never hears of it
    AFTER_COMMIT = auto()  # the server has done it; its answer is lost


class CuttingProxy:
    """Passes bytes between clients on a loopback port and PostgreSQL's socket."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._armed: list[Cut] = []
        self._pairs: list[_Pair] = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def cut_next_commits(self, *where: Cut) -> None:
        """Cut the next commits, one after the other, in these places."""
        with self._lock:
            self._armed += where

    @property
    def cuts_left(self) -> int:
        """Return how many of the cuts asked for have not happened."""
        with self._lock:
            return len(self._armed)

    def cut_now(self) -> None:
        """Cut every connection, without a word."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            pair.close()

    def close(self) -> None:
        # Closing alone does not wake who waits in accept().
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_now()
        for thread in self._threads:
            thread.join(10)

    def take_cut(self) -> Cut | None:
        """Return where a connection that commits now is to be cut."""
        with self._lock:
            return self._armed.pop(0) if self._armed else None

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            pair = _Pair(client, server, self)
            with self._lock:
                self._pairs.append(pair)
            for pump in (pair.ask, pair.answer):
                thread = threading.Thread(target=pump, daemon=True)
                self._threads.append(thread)
                thread.start()


class _Pair:
    """One client and its backend."""

    def __init__(self, client: socket.socket, server: socket.socket, proxy: CuttingProxy) -> None:
        self._client = client
        self._server = server
        self._proxy = proxy
        self._deaf = False

    def ask(self) -> None:
        """Pass on what the client says."""
        with suppress(OSError):
            while said := self._client.recv(_CHUNK):
                cut = self._proxy.take_cut() if _COMMIT in said else None
                if cut is Cut.BEFORE_COMMIT:
                    break
                self._deaf = cut is Cut.AFTER_COMMIT
                self._server.sendall(said)
        self.close()

    def answer(self) -> None:
        """Pass on what the server says; the answer to a COMMIT that is to be lost is awaited, and dropped."""
        with suppress(OSError):
            while said := self._server.recv(_CHUNK):
                if self._deaf:
                    break
                self._client.sendall(said)
        self.close()

    def close(self) -> None:
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def through_proxy(dsn: str) -> Iterator[tuple[str, CuttingProxy]]:
    """Give a way to the same database that leads through a proxy, and the proxy."""
    parts = conninfo_to_dict(dsn)
    proxy = CuttingProxy(str(Path(str(parts["host"])) / f".s.PGSQL.{parts.get('port', 5432)}"))
    try:
        yield make_conninfo(dsn, host="127.0.0.1", port=proxy.port, sslmode="disable", gssencmode="disable"), proxy
    finally:
        proxy.close()
