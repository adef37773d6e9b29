"""The district's own sign-in, in the system's browser (RFC 8252): its page is opened, its answer comes by loopback.

The code is worth nothing here: the server alone can redeem it, for this workstation's key.
"""

import hmac
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

from wc_contract.wire.messages import BeginSignOn, FinishSignOn, SignOnBegun, SignOnFinished
from wc_contract.wire.versions import PROTOCOL
from wc_desktop.domain.failures import SignOnRefused
from wc_desktop.transport.addresses import BEGIN_SIGN_ON, FINISH_SIGN_ON, server_address
from wc_desktop.transport.channel import Channel

OpenPage = Callable[[str], bool]
_PATH: Final = "/white-cross"
_PATIENCE_SECONDS: Final = 300.0
_SLOWEST_REQUEST_SECONDS: Final = 5.0
_PAGE: Final = (
    b"<!doctype html><meta charset=utf-8><title>White Cross</title>"
    b"<p style='font:1.2rem sans-serif;margin:3rem'>You can close this window and go back to White Cross.</p>"
)


def sign_on(
    channel: Channel, *, district: str, sign_key: str, open_page: OpenPage, patience: float = _PATIENCE_SECONDS
) -> SignOnFinished:
    """Return the server's ticket for whoever signed in. Raises SignOnRefused, NoSignOn, ServerBusy and as Channel."""
    with _Listener() as listener:
        begin = BeginSignOn(protocol=PROTOCOL, district=district, redirect=listener.redirect, sign_key=sign_key)
        begun = channel.ask(BEGIN_SIGN_ON, begin, SignOnBegun)
        listener.state = begun.state
        # Only what a browser shows over https, or from this machine: never a file or another program's address.
        server_address(begun.page)
        if not open_page(begun.page):
            raise SignOnRefused("no browser could be opened")
        code, issuer = listener.answer(patience)
    finish = FinishSignOn(
        protocol=PROTOCOL, sign_key=sign_key, flow=begun.flow, code=code, state=begun.state, issuer=issuer
    )
    return channel.ask(FINISH_SIGN_ON, finish, SignOnFinished)


class _Listener:
    """Listens on a port of loopback for the one answer whose state is ours; anybody else's is not looked at."""

    def __init__(self) -> None:
        self.state = ""
        self._code: str | None = None
        self._issuer: str | None = None
        self._answered = threading.Event()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _SLOWEST_REQUEST_SECONDS

            def do_GET(self) -> None:
                taken = listener.take(self.path)
                self.send_response(HTTPStatus.OK if taken else HTTPStatus.NOT_FOUND)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
                self.send_header("Referrer-Policy", "no-referrer")
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(_PAGE if taken else b"")

            def log_message(self, *_words: object) -> None:
                """Say nothing: the address holds the code."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="wc-sign-on")

    @property
    def redirect(self) -> str:
        """Where the browser is sent."""
        return f"http://127.0.0.1:{self._server.server_port}{_PATH}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, path: str) -> bool:
        """Take an answer; False when it is none of ours."""
        parts = urlsplit(path)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        known = hmac.compare_digest(said.get("state", "").encode(), self.state.encode())
        if parts.path != _PATH or not self.state or not known or self._answered.is_set():
            return False
        self._code, self._issuer = said.get("code"), said.get("iss")
        self._answered.set()
        return True

    def answer(self, patience: float) -> tuple[str, str | None]:
        """Return the code and whose it is, once they are here. Raises SignOnRefused."""
        self._answered.wait(patience)
        if self._code is None:
            raise SignOnRefused("nobody signed in")
        return self._code, self._issuer
