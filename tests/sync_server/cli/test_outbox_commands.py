"""The outbox by its commands: delivered by a process that may be killed, seen, and tried again by a person."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.receivers import Received, web_receiver
from tests.sync_server.house import House
from typer.testing import CliRunner, Result

from wc_contract.model.ids import new_uuid
from wc_sync_server import wiring
from wc_sync_server.cli.app import app
from wc_sync_server.cli.records import system
from wc_sync_server.domain.messages import TRIES, Channel, Message, MessageKind

pytestmark = pytest.mark.postgres

_PATIENCE = 60.0


@pytest.fixture
def receiver() -> Iterator[Received]:
    with web_receiver() as received:
        yield received


@pytest.fixture
def addresses(tmp_path: Path, receiver: Received) -> Path:
    secret = tmp_path / "hook.secret"
    secret.write_text("a secret of more than twenty-four letters", encoding="utf-8")
    secret.chmod(0o600)
    file = tmp_path / "messages.toml"
    file.write_text(
        f'[testville.webhook]\nurl = "http://127.0.0.1:{receiver.port}/hook"\nsecret_file = "hook.secret"\n',
        encoding="utf-8",
    )
    return file


def post(house: House, channel: Channel = Channel.WEBHOOK) -> str:
    """Write one letter, and return the id of what it is about."""
    subject = new_uuid(house.parts.clock.now(), house.parts.chance)
    message = Message(kind=MessageKind.CASE_OPENED, subject=subject, school=house.north, key=f"case/{subject}/2")
    with system(house.parts, house.district, (house.north,), channels=(channel,)) as uow:
        uow.post([message])
        uow.commit()
    return str(subject)


def state(house: House, subject: str) -> tuple[object, ...]:
    query = "SELECT status, attempts, last_error FROM outbox_messages WHERE payload ->> 'subject_id' = %s"
    return house.asked(query, subject)[0]


def environment(house: House, addresses: Path | None) -> dict[str, str]:
    told = house.environment(1)
    return told if addresses is None else {**told, "WC_MESSAGES": str(addresses)}


def outbox(house: House, addresses: Path | None, *arguments: str) -> Result:
    """Run one of the outbox' commands."""
    return command(house, addresses, "outbox", *arguments)


def command(house: House, addresses: Path | None, *arguments: str) -> Result:
    """Run a command in this process; as an operator would, but for the interpreter's start."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(house, addresses).items():
            patch.setenv(name, value)
        result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@contextmanager
def worker(house: House, addresses: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the worker as a service would."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wc_sync_server", "outbox", "run", "--every", "0.1"],
        env={**os.environ, **environment(house, addresses)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition: object, what: str) -> None:
    """Wait for something that has to come."""
    pause = threading.Event()
    for _ in range(int(_PATIENCE / 0.05)):
        if condition():  # type: ignore[operator]
            return
        pause.wait(0.05)
    raise AssertionError(f"{what} never came")


def test_a_worker_that_is_killed_while_delivering_loses_no_letter(
    house: House, addresses: Path, receiver: Received
) -> None:
    subject = post(house)
    receiver.hang = threading.Event()
    with worker(house, addresses) as process:
        until(lambda: receiver.requests, "the letter")
        process.kill()
    receiver.hang.set()
    assert state(house, subject) == ("WAITING", 1, None)
    # Its lease ends.
    house.done("UPDATE outbox_messages SET next_attempt_at = now() WHERE payload ->> 'subject_id' = %s", subject)
    assert outbox(house, addresses, "run", "--once").stdout == "1 delivered, 0 failed, 0 of them for good.\n"
    assert state(house, subject) == ("DELIVERED", 2, None)
    first, second = receiver.requests
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert first[2] == second[2]


def test_a_worker_that_is_asked_to_stop_finishes_its_letter_and_ends_with_0(
    house: House, addresses: Path, receiver: Received
) -> None:
    subject = post(house)
    receiver.hang = threading.Event()
    with worker(house, addresses) as process:
        until(lambda: receiver.requests, "the letter")
        process.send_signal(signal.SIGTERM)
        receiver.hang.set()
        assert process.wait(_PATIENCE) == 0
    assert state(house, subject) == ("DELIVERED", 1, None)


def test_a_dead_letter_is_shown_and_tried_anew(house: House, addresses: Path, receiver: Received) -> None:
    subject = post(house)
    receiver.answers = [410, 204]
    house.done("UPDATE outbox_messages SET attempts = %s WHERE payload ->> 'subject_id' = %s", TRIES - 1, subject)
    died = outbox(house, addresses, "run", "--once")
    assert (died.exit_code, died.stdout) == (1, "0 delivered, 1 failed, 1 of them for good.\n")
    assert state(house, subject) == ("DEAD", TRIES, "http_410")
    shown = outbox(house, addresses, "status")
    assert shown.exit_code == 1
    assert "http_410" in shown.stdout
    assert "1 letters are dead" in shown.stderr
    assert outbox(house, addresses, "retry").stdout == "1 letters will be tried again.\n"
    assert outbox(house, addresses, "run", "--once").exit_code == 0
    assert state(house, subject) == ("DELIVERED", 1, None)
    assert outbox(house, addresses, "status").exit_code == 0


def test_a_letter_without_an_address_waits_with_its_reason(house: House) -> None:
    subject = post(house, Channel.EMAIL)
    assert outbox(house, None, "run", "--once").exit_code == 0
    assert state(house, subject) == ("WAITING", 1, "not_configured")
    house.done("UPDATE outbox_messages SET status = 'DELIVERED', delivered_at = now() WHERE status = 'WAITING'")


def test_the_server_writes_letters_for_districts_that_have_an_address(house: House, addresses: Path) -> None:
    told = replace(house.parts, settings=replace(house.parts.settings, messages=addresses))
    assert wiring._channels(told)(house.district) == {Channel.WEBHOOK}
    assert wiring._channels(house.parts)(house.district) == frozenset()
    addresses.write_text("[elsewhere]\n", encoding="utf-8")
    assert wiring._channels(told)(house.district) == frozenset()


def test_what_was_typed_wrong_is_told_in_a_sentence(house: House, addresses: Path) -> None:
    wrong = outbox(house, addresses, "retry", "letter-7")
    assert (wrong.exit_code, wrong.stderr) == (1, "A letter's id is a UUID, as it stands in the log.\n")
    addresses.write_text("[testville.fax]\n", encoding="utf-8")
    for words in (("outbox", "run", "--once"), ("serve",)):
        refused = command(house, addresses, *words)
        assert refused.exit_code == 1
        assert refused.stderr.startswith("[testville] has fax")
