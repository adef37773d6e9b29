"""Servers that are away, hang, are a portal, or speak another version: one sentence each, and the entries stay."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from tests.desktop.app.test_console import Run, command, enrol_words, full_name, newcomer, one_sentence, place, report
from tests.desktop.sync.conftest import District, Workstation
from tests.desktop.transport.test_failures import Answer, Handler, problem, serving
from tests.sync_server.serving import free_port

from wc_desktop.transport import channel as channel_module
from wc_desktop.transport import http_gateway

__all__ = ["command"]
pytestmark = pytest.mark.postgres
Maker = Callable[[str, str], Workstation]
Answering = Answer | Callable[[Handler], None]

PORTAL: Answer = (200, {"content-type": "text/html"}, b"<html>Welcome to the guest network. Accept the terms.</html>")
TO_THE_PORTAL: Answer = (302, {"location": "http://127.0.0.1/login"}, b"")
JSON = {"content-type": "application/json"}


@pytest.fixture
def station(workstation: Maker, district: District) -> Workstation:
    return workstation(newcomer(district), "office")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_module, "_READ_SECONDS", 0.3)
    monkeypatch.setattr(channel_module, "_CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(http_gateway, "_PULL_SILENCE_SECONDS", 0.3)


def look_for_the_server_at(station: Workstation, url: str) -> None:
    loaded = station.station
    loaded.keep_passport(replace(loaded.passport, server_url=url))


def hanging(handler: Handler) -> None:
    """Take the question and say nothing until the one who asked gives up."""
    with suppress(OSError):
        handler.connection.recv(1)
    handler.close_connection = True


@contextmanager
def silent_port() -> Iterator[str]:
    """A port where connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def other_version(supported: list[int], lease: dict[str, str]) -> Callable[[Handler], None]:
    """A server that signs the workstation in, and greets it in a protocol of another year."""
    tokens = {"access_token": "a", "expires_in": 600, "refresh_token": "r"}
    hello = {
        "protocol": 1,
        "supported": supported,
        "server_time": "2026-11-23T18:00:00+00:00",
        "epoch": "e",
        "last_number": 0,
        "directive": "ok",
        "lease": lease,
        "min_app_version": "0.1.0",
    }

    def answer(handler: Handler) -> None:
        content = json.dumps(tokens if handler.path == "/v1/token" else hello).encode()
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        ((PORTAL,), 1, "no White Cross server at this address"),
        ((TO_THE_PORTAL,), 1, "no White Cross server at this address"),
        ((hanging,), 4, "The server answers very slowly"),
        (((502, {"content-type": "text/html"}, b"<html>bad gateway</html>"),), 4, "does not answer"),
        (((500, {}, b"oops"),), 4, "problem of its own"),
        ((problem(503, "busy", retry_after=30),), 4, "busy"),
        (((200, JSON, b'{"protocol":2,"hello":"there"}'),), 1, "too old for the server"),
    ],
)
def test_each_strange_answer_is_a_sentence_for_enrolling_and_for_syncing(
    command: Run,
    district: District,
    station: Workstation,
    answers: tuple[Answering, ...],
    code: int,
    words: str,
) -> None:
    before = report(command, station.folder, user=full_name(station))["entries"]
    with serving(*answers) as (url, _):
        fresh = station.folder.with_name("fresh")
        ended, _, err = command(*enrol_words(district, fresh, newcomer(district), server=url))
        assert (ended, words in one_sentence(err)) == (code, True), err
        assert not (fresh / "station.json").exists()
        look_for_the_server_at(station, url)
        ended, out, err = command("report", "--user", full_name(station), "--sync", *place(station.folder))
        assert (ended, out, words in one_sentence(err)) == (code, "", True), err
    look_for_the_server_at(station, district.served.url)
    after = report(command, station.folder, "--sync", user=full_name(station))
    assert {entry["id"] for entry in before} <= {entry["id"] for entry in after["entries"]}
    assert (after["waiting"], after["digests_agree"]) == (0, True)


@pytest.mark.parametrize(("supported", "words"), [([2], "too old for the server"), ([0], "ask your administrator")])
def test_a_server_of_another_version_is_told_apart_by_age(
    command: Run, district: District, station: Workstation, supported: list[int], words: str
) -> None:
    passport = station.station.passport
    lease = {"body": passport.lease_body, "signature": passport.lease_signature}
    with serving(other_version(supported, lease)) as (url, _):
        look_for_the_server_at(station, url)
        ended, out, err = command("report", "--user", full_name(station), "--sync", *place(station.folder))
    assert (ended, out) == (1, "")
    assert words in one_sentence(err).replace("Ask", "ask")
    # The strange server put its own token into the drawer: what waits is still read, and nothing else was taken.
    look_for_the_server_at(station, district.served.url)
    assert report(command, station.folder, user=full_name(station))["entries"]


def test_a_port_that_says_nothing_and_one_where_nobody_is(command: Run, station: Workstation) -> None:
    words = ("report", "--user", full_name(station), "--sync", *place(station.folder))
    with silent_port() as url:
        look_for_the_server_at(station, url)
        code, _, err = command(*words)
        assert (code, one_sentence(err)) == (4, "The server answers very slowly. It is tried again by itself.")
    look_for_the_server_at(station, f"http://127.0.0.1:{free_port()}")
    code, _, err = command(*words)
    assert (code, "does not answer" in one_sentence(err)) == (4, True)


@pytest.mark.parametrize(
    "address",
    ["http://[::1", "http://127.0.0.1:port", "https://127.0.0.1:99999", "javascript:alert(1)", f"https://{'a' * 70}.x"],
)
def test_what_is_no_address_is_told_before_anything_is_sent(command: Run, district: District, address: str) -> None:
    folder = district.house.keys.with_name("nowhere")
    words = ["enrol", "--server", address, "--district", "testville", "--code", "X", "--email", "a@b.example"]
    code, _, err = command(*words, "--totp", "000000", *place(folder))
    assert code == 1
    assert one_sentence(err) == "There is no White Cross server at this address. Check the address."
