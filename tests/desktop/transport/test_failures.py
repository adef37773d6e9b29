"""Everything that can go wrong on the way, against a real socket: one failure each, with a stable code."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import zstandard
from nacl.signing import SigningKey, VerifyKey
from tests.desktop.clinic import NOON, HandClock, uid

from wc_contract.model.errors import WhiteCrossError
from wc_contract.wire.messages import Hello, SealedEntry, Wait, Waited
from wc_contract.wire.proof import proof_text
from wc_desktop.domain import failures
from wc_desktop.domain.enrolment import EnrolRequest
from wc_desktop.transport import channel as channel_module
from wc_desktop.transport.addresses import server_address
from wc_desktop.transport.channel import Channel
from wc_desktop.transport.enrolment import enrol_at_server
from wc_desktop.transport.http_gateway import HttpGateway
from wc_desktop.transport.session import Session

SIGN = SigningKey(b"\x05" * 32)
MESSAGE = Wait(protocol=1, epoch="e", checkpoint=None, seconds=1)
Answer = tuple[int, dict[str, str], bytes]
MOVED: Answer = (200, {"content-type": "application/json"}, b'{"protocol":1,"moved":true}')


def problem(status: int, code: str, **more: Any) -> Answer:
    body = {
        "type": f"urn:whitecross:problem:{code}",
        "title": code,
        "status": status,
        "detail": "",
        "code": code,
        **more,
    }
    return status, {"content-type": "application/problem+json"}, json.dumps(body).encode()


class Script:
    """A server that answers what the test says, in turn, and remembers what it was asked."""

    def __init__(self, answers: list[Answer | Callable[["Handler"], None]]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str], bytes]] = []


class Handler(BaseHTTPRequestHandler):
    script: Script
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.script.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        answer = self.script.answers.pop(0) if len(self.script.answers) > 1 else self.script.answers[0]
        if callable(answer):
            answer(self)
            return
        status, headers, content = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(
    *answers: Answer | Callable[[Handler], None], tls: ssl.SSLContext | None = None
) -> Iterator[tuple[str, Script]]:
    script = Script(list(answers))
    handler = type("Told", (Handler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is what we test
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}", script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def channel(url: str, **more: Any) -> Channel:
    return Channel(url, sign=lambda m: bytes(SIGN.sign(m).signature), device=str(uid("device")), **more)


def hang_up(handler: Handler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def failure(*answers: Answer | Callable[[Handler], None]) -> WhiteCrossError:
    with serving(*answers) as (url, _):
        made = channel(url)
        with pytest.raises(WhiteCrossError) as raised:
            made.ask("/v1/wait", MESSAGE, Waited, token="t")
        made.close()
    return raised.value


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (problem(401, "sign_in_failed"), failures.SignInFailed),
        (problem(401, "second_factor_failed"), failures.SecondFactorFailed),
        (problem(403, "code_invalid"), failures.CodeInvalid),
        (problem(403, "code_expired"), failures.CodeExpired),
        (problem(403, "not_assigned"), failures.NotAssigned),
        (problem(403, "device_revoked"), failures.DeviceRevoked),
        (problem(409, "forked"), failures.DeviceForked),
        (problem(409, "gap", expected=4), failures.NumberGap),
        (problem(409, "epoch_changed"), failures.EpochChanged),
        (problem(404, "wrong_district"), failures.WrongDistrict),
        (problem(413, "too_large"), failures.BatchTooLarge),
        (problem(400, "unsupported_protocol"), failures.ProtocolTooOld),
        (problem(400, "server_too_old"), failures.ProtocolTooNew),
        (problem(500, "defect"), failures.ServerFailed),
        (problem(418, "some_new_code"), failures.RequestRefused),
        ((413, {}, b"<html>"), failures.BatchTooLarge),
        ((502, {}, b"<html>"), failures.ServerUnreachable),
        ((500, {}, b"oops"), failures.ServerFailed),
        ((404, {"content-type": "text/html"}, b"<html>not here</html>"), failures.NotASyncServer),
        ((302, {"location": "http://127.0.0.1/login"}, b""), failures.NotASyncServer),
        ((200, {"content-type": "text/html"}, b"<html>a captive portal</html>"), failures.NotASyncServer),
        ((200, {}, b'{"protocol":2,"moved":true}'), failures.ProtocolTooOld),
        ((200, {}, b'{"protocol":0,"moved":true}'), failures.ProtocolTooNew),
        ((200, {}, b'{"protocol":1,"unknown":true}'), failures.ServerFailed),
        ((200, {"content-encoding": "zstd"}, b"not zstd"), failures.ServerUnreachable),
    ],
)
def test_each_answer_means_one_thing(answer: Answer, kind: type[WhiteCrossError]) -> None:
    assert type(failure(answer)) is kind


def test_a_busy_server_says_for_how_long() -> None:
    busy = failure((503, {"retry-after": "7"}, b""))
    assert isinstance(busy, failures.ServerBusy)
    assert busy.after == 7
    locked = failure(problem(429, "locked_out", retry_after=60))
    assert isinstance(locked, failures.LockedOut)
    assert locked.after == 60


def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = channel(f"http://127.0.0.1:{port}")
    with pytest.raises(failures.ServerUnreachable):
        made.ask("/v1/wait", MESSAGE, Waited)
    made.close()


def test_a_server_that_hangs_up_is_unreachable() -> None:
    assert type(failure(hang_up)) is failures.ServerUnreachable


def test_a_server_that_does_not_answer_in_time_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_module, "_READ_SECONDS", 0.05)
    monkeypatch.setattr(channel_module, "_CONNECT_SECONDS", 0.05)
    done = threading.Event()
    with serving(lambda _: done.wait(5) and None) as (url, _):
        made = channel(url)
        with pytest.raises(failures.ServerSlow):
            made.ask("/v1/wait", MESSAGE, Waited)
        done.set()
        made.close()


def test_a_waiting_thread_is_woken_by_closing() -> None:
    started, done = threading.Event(), threading.Event()
    outcome: list[WhiteCrossError] = []

    def hold(_: Handler) -> None:
        started.set()
        done.wait(20)

    with serving(hold) as (url, _):
        made = channel(url)

        def ask() -> None:
            try:
                made.ask("/v1/wait", MESSAGE, Waited)
            except WhiteCrossError as error:
                outcome.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        assert started.wait(5)
        made.close()
        thread.join(3)
        assert not thread.is_alive()
        done.set()
    assert [type(error) for error in outcome] == [failures.ServerUnreachable]


# Proof, nonce, session.


def test_the_proof_covers_what_goes_over_the_wire() -> None:
    big = SealedEntry(body="x" * 2000, signature="")
    with serving(MOVED) as (url, script):
        made = channel(url)
        made.ask("/v1/wait", big, Waited, token="token")
        made.close()
    path, headers, body = script.asked[0]
    assert headers["content-encoding"] == "zstd"
    assert json.loads(zstandard.ZstdDecompressor().decompress(body))["body"] == "x" * 2000
    import base64

    text = proof_text(method="POST", path=path, body=body, nonce=headers["wc-nonce"], token="token")
    VerifyKey(bytes(SIGN.verify_key)).verify(text, base64.b64decode(headers["wc-proof"]))
    assert headers["authorization"] == "Bearer token"


def test_a_nonce_is_fetched_once_and_then_carried_on() -> None:
    status, headers, body = problem(401, "use_nonce")
    asks = (status, {**headers, "WC-Next-Nonce": "n1"}, body)
    ok = (MOVED[0], {**MOVED[1], "WC-Next-Nonce": "n2"}, MOVED[2])
    with serving(asks, ok, MOVED) as (url, script):
        made = channel(url)
        assert made.ask("/v1/wait", MESSAGE, Waited).moved
        assert made.ask("/v1/wait", MESSAGE, Waited).moved
        made.close()
    assert [asked[1]["wc-nonce"] for asked in script.asked] == ["", "n1", "n2"]


class Drawer:
    def __init__(self) -> None:
        self.token = "refresh-0"

    def read(self) -> str | None:
        return self.token

    def write(self, token: str) -> None:
        self.token = token


def tokens(number: int, seconds: int = 600) -> Answer:
    body = {"access_token": f"access-{number}", "expires_in": seconds, "refresh_token": f"refresh-{number}"}
    return 200, {"content-type": "application/json"}, json.dumps(body).encode()


def test_threads_that_need_a_token_at_once_refresh_once() -> None:
    with serving(tokens(1)) as (url, script):
        made, drawer = channel(url), Drawer()
        session = Session(made, drawer, HandClock())
        found: list[str] = []
        threads = [threading.Thread(target=lambda: found.append(session.token())) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made.close()
    assert found == ["access-1"] * 5
    assert len(script.asked) == 1
    assert drawer.token == "refresh-1"
    assert script.asked[0][1]["authorization"] == "Bearer refresh-0"


def test_an_expired_token_is_renewed_once_and_the_request_made_again() -> None:
    with serving(tokens(1), problem(401, "token_expired"), tokens(2), MOVED) as (url, script):
        talking, listening = channel(url), channel(url)
        gateway = HttpGateway(talking, Session(talking, Drawer(), HandClock()), listening=listening)
        assert gateway.wait("e", None, 1)
        gateway.close()
    assert [asked[0] for asked in script.asked] == ["/v1/token", "/v1/wait", "/v1/token", "/v1/wait"]


def test_a_wake_between_the_last_look_and_the_socket_ends_the_wait() -> None:
    """What ends a wait may come before there is a connection that could be ended, and after the last look at it."""
    with serving(tokens(1), MOVED) as (url, script):
        talking, listening = channel(url), channel(url)
        gateway = HttpGateway(talking, Session(talking, Drawer(), HandClock()), listening=listening)
        wake, looks = threading.Event(), 0

        def woken_just_now() -> bool:
            nonlocal looks
            looks += 1
            # Another thread, at the worst moment: it finds no connection, or one that lies idle.
            wake.set()
            return wake.is_set()

        def interrupted() -> bool:
            gateway.stop_listening()
            return False

        for _ in range(2):
            # First with a connection to be made, then with one that was kept.
            with pytest.raises(failures.ServerUnreachable):
                gateway.wait("e", None, 20, unwanted=woken_just_now)
            assert [path for path, _, _ in script.asked] in (["/v1/token"], ["/v1/token", "/v1/wait"])
            # Once it is known, who ends it reaches it: the socket is shut before the request is out.
            with pytest.raises(failures.ServerUnreachable):
                gateway.wait("e", None, 20, unwanted=interrupted)
            assert gateway.wait("e", None, 20)
        gateway.close()
    assert looks == 2


def test_a_server_without_our_protocol_is_told_apart_by_age() -> None:
    body = {
        "protocol": 1,
        "supported": [2, 3],
        "server_time": NOON.isoformat(),
        "epoch": "e",
        "last_number": 0,
        "directive": "ok",
        "lease": {"body": "", "signature": ""},
        "min_app_version": "9",
    }
    hello = Hello(
        protocol=1, app_version="1", checkpoint=None, last_number=0, waiting=0, oldest_waiting=None, device_time=NOON
    )
    for supported, kind in (([2, 3], failures.ProtocolTooOld), ([0], failures.ProtocolTooNew)):
        said = (200, {}, json.dumps({**body, "supported": supported}).encode())
        with serving(tokens(1), said) as (url, _):
            talking = channel(url)
            gateway = HttpGateway(talking, Session(talking, Drawer(), HandClock()), listening=channel(url))
            with pytest.raises(kind):
                gateway.hello(hello)
            gateway.close()


def request(url: str, **more: Any) -> EnrolRequest:
    return EnrolRequest(
        server_url=url,
        district="d1",
        code="secret-code",
        email="ana@example.invalid",
        password="secret-password",
        totp="123 456",
        device_name="Clinic",
        **more,
    )


def test_a_lost_answer_to_an_enrolment_is_asked_for_again_with_the_same_keys() -> None:
    with serving(hang_up, problem(403, "code_expired")) as (url, script), pytest.raises(failures.CodeExpired) as told:
        enrol_at_server(
            request(url),
            sign=lambda m: bytes(SIGN.sign(m).signature),
            sign_key="k",
            seal_key="k",
            app_version="1",
            open_page=pytest.fail,
        )
    sent = [
        json.loads(body) if not h.get("content-encoding") else json.loads(zstandard.ZstdDecompressor().decompress(body))
        for _, h, body in script.asked
    ]
    assert sent[0] == sent[1]
    assert sent[0]["totp"] == "123456"
    assert "secret" not in repr(told.value) + repr(request(url))


@pytest.mark.parametrize(
    "address", ["http://sync.example.invalid", "ftp://127.0.0.1", "http://10.0.0.1:80", "", "http://"]
)
def test_only_https_is_spoken_beyond_this_machine(address: str) -> None:
    with pytest.raises(failures.InsecureAddress):
        server_address(address)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("sync.example.invalid", "https://sync.example.invalid"),
        (" https://sync.example.invalid/ ", "https://sync.example.invalid"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_addresses_are_taken_as_people_type_them(typed: str, address: str) -> None:
    assert server_address(typed) == address


# Certificates.


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for this machine."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


def test_only_the_pinned_authority_is_trusted(tmp_path: Path) -> None:
    ours, theirs = certificate(tmp_path, "ours"), certificate(tmp_path, "theirs")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*ours)
    with serving(MOVED, tls=tls) as (url, _):
        pinned = channel(url, ca_file=ours[0])
        assert pinned.ask("/v1/wait", MESSAGE, Waited).moved
        pinned.close()
        for ca_file in (theirs[0], None):
            stranger = channel(url, ca_file=ca_file)
            with pytest.raises(failures.CertificateNotTrusted):
                stranger.ask("/v1/wait", MESSAGE, Waited)
            stranger.close()
    with pytest.raises(failures.CertificateNotTrusted):
        channel("https://127.0.0.1", ca_file=tmp_path / "none.pem")
