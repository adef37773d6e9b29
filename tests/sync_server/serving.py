"""The real server in a process of its own, on a port of loopback. Conftests import these fixtures."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.central_database import PASSWORDS
from tests.sync_server.house import House, furnished

from wc_sync_server.db.provision import provision
from wc_sync_server.embedded import Dsn

_PATIENCE = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """A server process; it can be stopped, killed and started again on the same port."""

    def __init__(self, house: House, log: Path) -> None:
        self.house = house
        self.port = free_port()
        self.log = log
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        told = {**os.environ, **self.house.environment(self.port), **environment}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "wc_sync_server", "serve"],
                env=told,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._await_ready()

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            # The whole group: killing only the parent would leave its worker with the port.
            target = os.killpg if how is signal.SIGKILL else os.kill
            target(self._process.pid, how)
            self._process.wait(_PATIENCE)
            self._process = None

    def _await_ready(self) -> None:
        pause = threading.Event()
        for _ in range(int(_PATIENCE / 0.1)):
            assert self._process is not None
            assert self._process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/v1/ready", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            pause.wait(0.1)
        raise AssertionError(f"the server did not get ready: {self.log.read_text()}")


@pytest.fixture(scope="module")
def house(
    module_database: Callable[..., Dsn], central_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Give the module a district in a database of its own."""
    superuser = module_database(central_template)
    dsns = provision(superuser.conninfo(), superuser.database, PASSWORDS)
    with furnished(dsns, superuser, tmp_path_factory.mktemp("keys")) as made:
        yield made


@pytest.fixture(scope="module")
def served(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give the module a running server."""
    server = Served(house, tmp_path_factory.mktemp("log") / "server.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    """Give a connection to the server."""
    with httpx.Client(base_url=served.url, timeout=30) as made:
        yield made
