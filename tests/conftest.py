"""What every test shares: no display, no network, a real PostgreSQL, and profiles for the property tests."""

import os

# Before anything imports Qt: without a display and without this, pytest is aborted, not failed.
if not os.environ.get("WC_TEST_DISPLAY"):
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

import ipaddress
import itertools
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from wc_sync_server.embedded import Dsn, EmbeddedPostgres

FreshDatabase = Callable[..., Dsn]

# The machine is shared and slow at times: a property fails for what it says, never for how long it took.
settings.register_profile("quick", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", max_examples=300, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "quick"))

_database_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Give the session (with xdist, the worker) a real server of its own; it is erased at the end."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False, in_memory=True)
    server.start()
    try:
        yield server
    finally:
        server.erase()


@pytest.fixture
def fresh_database(postgres_server: EmbeddedPostgres) -> Iterator[FreshDatabase]:
    """Give a maker of databases for this test: `fresh_database()` or `fresh_database("template")`."""
    yield from _database_maker(postgres_server)


@pytest.fixture(scope="module")
def module_database(postgres_server: EmbeddedPostgres) -> Iterator[FreshDatabase]:
    """Give a maker of databases that live as long as the module's tests."""
    yield from _database_maker(postgres_server)


def _database_maker(server: EmbeddedPostgres) -> Iterator[FreshDatabase]:
    made: list[str] = []

    def make(template: str | None = None) -> Dsn:
        name = f"test_{next(_database_numbers)}"
        made.append(name)
        return server.create_database(name, template)

    yield make
    for name in made:
        server.drop_database(name)


class NetworkReached(AssertionError):
    """A test tried to leave the machine."""


def _refuse_beyond_loopback(host: object) -> None:
    # None and "" mean this machine; unix sockets give a path or bytes and never come here.
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return
    try:
        address = ipaddress.ip_address(str(name).split("%", 1)[0])
    except ValueError:
        address = None
    if address is None or not (address.is_loopback or address.is_unspecified):
        raise NetworkReached(f"tests stay on this machine, but {name!r} was asked for")


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every look-up and connection beyond loopback."""
    connect, connect_ex, sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
    look_up = socket.getaddrinfo

    def guarded(call: Callable[..., Any], at: int) -> Callable[..., Any]:
        def guard(self: socket.socket, *arguments: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                _refuse_beyond_loopback(arguments[at][0])
            return call(self, *arguments)

        return guard

    def guarded_look_up(host: object, *arguments: Any, **named: Any) -> Any:
        _refuse_beyond_loopback(host)
        return look_up(host, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded(connect, 0))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(connect_ex, 0))
    monkeypatch.setattr(socket.socket, "sendto", guarded(sendto, -1))
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)


@pytest.fixture(autouse=True)
def no_logged_warnings(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test that logs a warning, unless it is marked `logs_warnings`."""
    yield
    if request.node.get_closest_marker("logs_warnings") is None:
        loud = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
        assert not loud, f"logged without being expected (mark logs_warnings if it is): {loud}"
