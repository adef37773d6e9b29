"""A provider of OpenID Connect that answers byte by byte has as long as any other, and no longer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat

import pytest
from tests.sync_server.serving import free_port

from wc_contract.wire.codes import ProblemCode
from wc_sync_server.auth.openid import OpenIdProvider
from wc_sync_server.auth.sign_on_file import Provider
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.machine import SystemClock

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
# A minute of bytes: each arrives well within what one read may take.
_MOST = 600


class Dribbler:
    """Answers one request: at once what it is given, then a byte ten times a second until somebody ends it."""

    def __init__(self, at_once: bytes) -> None:
        self._at_once = at_once
        self._pause = threading.Event()
        self.sent = 0
        self.was_ended = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", free_port()))
        self._thread = threading.Thread(target=self._answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._thread.join()
            self._listening.close()

    def _answer(self) -> None:
        talking, _from = self._listening.accept()
        with talking:
            talking.recv(65536)
            talking.sendall(self._at_once)
            for piece in repeat(b"x", _MOST):
                try:
                    talking.sendall(piece)
                except OSError:
                    self.was_ended.set()
                    return
                self.sent += 1
                self._pause.wait(0.1)


def _asked(dribbler: Dribbler, patience: float) -> ProblemRaised:
    set_up = Provider(issuer=dribbler.url, client_id="white-cross")
    provider = OpenIdProvider(set_up, SystemClock(), patience=patience)
    with pytest.raises(ProblemRaised) as raised:
        provider.page(redirect="http://127.0.0.1:40001/white-cross", state="s", nonce="n", challenge="c")
    return raised.value


@pytest.mark.parametrize(
    "at_once",
    [b"", _HEAD + b"X-Long: ", _HEAD + b"Content-Length: 5000\r\n\r\n"],
    ids=["from the first byte", "within a header", "within the answer"],
)
def test_a_provider_that_answers_byte_by_byte_is_ended(at_once: bytes) -> None:
    dribbler = Dribbler(at_once)
    with dribbler.serving():
        problem = _asked(dribbler, patience=0.5)
    assert problem.code == ProblemCode.BUSY
    assert dribbler.was_ended.is_set()
    assert 0 < dribbler.sent < _MOST


def test_a_provider_that_is_gone_is_told_as_busy_too() -> None:
    gone = Provider(issuer=f"http://127.0.0.1:{free_port()}", client_id="white-cross")
    with pytest.raises(ProblemRaised) as raised:
        OpenIdProvider(gone, SystemClock()).page(redirect="r", state="s", nonce="n", challenge="c")
    assert raised.value.code == ProblemCode.BUSY
