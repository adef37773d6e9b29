"""The shared fixtures keep what they promise."""

import os
import socket
from collections.abc import Callable

import httpx
import psycopg
import pytest

from wc_sync_server.embedded import Dsn

FreshDatabase = Callable[..., Dsn]


def test_qt_is_offscreen_unless_a_display_is_asked_for() -> None:
    assert os.environ.get("WC_TEST_DISPLAY") or os.environ["QT_QPA_PLATFORM"] == "offscreen"


@pytest.mark.parametrize("host", ["example.invalid", "192.0.2.1", "2001:db8::1"])
def test_a_look_up_beyond_this_machine_is_refused(host: str) -> None:
    with pytest.raises(AssertionError, match="stay on this machine"):
        httpx.get(f"http://{f'[{host}]' if ':' in host else host}/")


def test_a_connection_beyond_this_machine_is_refused() -> None:
    with socket.socket() as outbound, pytest.raises(AssertionError, match="stay on this machine"):
        outbound.connect(("192.0.2.1", 80))


def test_a_connection_to_this_machine_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


@pytest.mark.postgres
def test_a_copied_database_holds_what_its_template_held(fresh_database: FreshDatabase) -> None:
    template = fresh_database()
    with psycopg.connect(template.conninfo()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    with psycopg.connect(fresh_database(template.database).url()) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
