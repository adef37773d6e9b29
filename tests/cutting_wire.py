"""A way to a server on loopback that can be cut after any number of bytes, in either direction."""

import socket
import threading
from contextlib import suppress

_CHUNK = 4_096


class CuttingWire:
    """Passes bytes between clients and a port of loopback."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._cuts: list[int] = []
        self.passed = 0
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut_after(self, *counts: int) -> None:
        """Cut everything after so many bytes more, whichever way they go; then after so many more, and so on."""
        with self._lock:
            self._cuts += counts

    @property
    def cuts_left(self) -> int:
        with self._lock:
            return len(self._cuts)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            with self._lock:
                self._ends += [client, server]
            for source, target in ((client, server), (server, client)):
                thread = threading.Thread(target=self._pump, args=(source, target), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while said := source.recv(_CHUNK):
                allowed = self._allowed(len(said))
                target.sendall(said[:allowed])
                if allowed < len(said):
                    self._cut()
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _allowed(self, count: int) -> int:
        with self._lock:
            self.passed += count
            if not self._cuts:
                return count
            if count < self._cuts[0]:
                self._cuts[0] -= count
                return count
            return self._cuts.pop(0)

    def _cut(self) -> None:
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
