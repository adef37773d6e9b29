"""Letters reach a real web server and a real mail server, whole and signed; what goes wrong is told by a code."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from datetime import UTC, datetime
from email import message_from_string
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.certificates import Authority
from tests.receivers import Received, mail_receiver, web_receiver

from wc_sync_server.delivery.mail import Mailbox, MailCarrier
from wc_sync_server.delivery.webhook import Webhook, WebhookCarrier
from wc_sync_server.domain.messages import Channel, Delivered, Failed, Letter

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
SECRET = b"a secret of the district and the server"
LETTER = Letter(
    id=UUID("0193592d-6c00-7000-8000-000000000001"),
    kind="incident_severe",
    channel=Channel.WEBHOOK,
    payload={"kind": "incident_severe", "subject_id": "0193592d-6c00-7000-8000-000000000002", "severity": "HIGH"},
    attempt=1,
    written_at=NOW,
)


def webhook(received: Received, **changes: Any) -> WebhookCarrier:
    url = f"http://127.0.0.1:{received.port}/hook"
    return WebhookCarrier(Webhook(url=url, secret=SECRET), lambda: LATER, **changes)


def test_a_webhook_gets_the_letter_signed_over_id_time_and_body() -> None:
    with web_receiver() as received:
        assert webhook(received).carry(LETTER) == Delivered()
    ((path, headers, body),) = received.requests
    assert (path, headers["content-type"]) == ("/hook", "application/json")
    assert json.loads(body) == {
        "type": "incident_severe",
        "timestamp": "2026-11-23T18:00:00+00:00",
        "data": dict(LETTER.payload),
    }
    assert headers["webhook-id"] == str(LETTER.id)
    assert headers["webhook-timestamp"] == str(int(LATER.timestamp()))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    proof = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{proof}"


def test_a_repeated_letter_is_the_same_to_the_last_byte() -> None:
    with web_receiver() as received:
        received.answers = [503, 200]
        carrier = webhook(received)
        assert carrier.carry(LETTER) == Failed(code="http_503")
        assert carrier.carry(LETTER) == Delivered()
    first, second = received.requests
    assert (first[2], first[1]["webhook-id"]) == (second[2], second[1]["webhook-id"])


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 500])
def test_everything_but_a_success_is_a_failure_and_no_redirect_is_followed(status: int) -> None:
    with web_receiver() as received:
        received.answers = [status]
        assert webhook(received).carry(LETTER) == Failed(code=f"http_{status}")
    assert [path for path, _, _ in received.requests] == ["/hook"]


def test_a_webhook_that_does_not_answer_is_left_in_time() -> None:
    with web_receiver() as received:
        received.hang = threading.Event()
        carrier = webhook(received, client=httpx.Client(timeout=0.2))
        assert carrier.carry(LETTER) == Failed(code="timeout")


def test_a_webhook_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert webhook(Received(port=port)).carry(LETTER) == Failed(code="unreachable")


def test_the_secret_is_shown_nowhere() -> None:
    assert "secret" not in repr(Webhook(url="https://x.example", secret=SECRET))
    box = Mailbox(sender="a@x.example", recipients=("b@x.example",), host="h", port=1, user="u", password="pass phrase")
    assert "pass phrase" not in repr(box)


def mailbox(received: Received, **changes: Any) -> Mailbox:
    values: dict[str, Any] = {
        "sender": "white-cross@lakeside.example",
        "recipients": ("nursing@lakeside.example", "second@lakeside.example"),
        "host": "127.0.0.1",
        "port": received.port,
        "encrypted": False,
    }
    return Mailbox(**(values | changes))


def test_a_mail_says_codes_and_ids_and_has_the_same_name_at_every_try() -> None:
    with mail_receiver() as received:
        received.answers = [451, 250]
        carrier = MailCarrier(mailbox(received))
        assert carrier.carry(LETTER) == Failed(code="smtp_451")
        assert carrier.carry(LETTER) == Delivered()
    (text,) = received.mails
    mail = message_from_string(text)
    assert mail["Message-ID"] == f"<{LETTER.id}@white-cross>"
    assert mail["To"] == "nursing@lakeside.example, second@lakeside.example"
    assert mail["Subject"] == "White Cross: a severe incident was reported"
    assert "severity: HIGH" in str(mail.get_payload())
    assert "subject_id: 0193592d-6c00-7000-8000-000000000002" in str(mail.get_payload())


def test_a_mail_beyond_this_machine_goes_encrypted(tmp_path: Path) -> None:
    authority = Authority("mail", tmp_path / "ca")
    certificate, key = authority.issue("127.0.0.1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    with mail_receiver(server) as received:
        trusting = ssl.create_default_context(cafile=str(authority.file))
        assert MailCarrier(mailbox(received, encrypted=True, context=trusting)).carry(LETTER) == Delivered()
        # A certificate that nobody vouches for gets nothing.
        assert MailCarrier(mailbox(received, encrypted=True)).carry(LETTER) == Failed(code="unreachable")
    assert received.encrypted == [True]


def test_a_mail_server_that_offers_no_encryption_gets_nothing() -> None:
    with mail_receiver() as received:
        assert MailCarrier(mailbox(received, encrypted=True)).carry(LETTER) == Failed(code="unreachable")
    assert received.mails == []


def test_a_name_that_no_host_can_have_is_unreachable_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(host: str, *_: Any, **__: Any) -> list[Any]:
        host.encode("idna")  # as the real one does before it asks anybody
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    hook = Webhook(url="http://a..b.example/hook", secret=SECRET)
    assert WebhookCarrier(hook, lambda: LATER).carry(LETTER) == Failed(code="unreachable")
    assert MailCarrier(mailbox(Received(port=25), host="a..b.example")).carry(LETTER) == Failed(code="unreachable")


def test_a_mail_server_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert MailCarrier(mailbox(Received(port=port))).carry(LETTER) == Failed(code="unreachable")
