"""Receivers of letters, on loopback: a web server and a mail server that keep what they were sent."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Received:
    """What arrived, oldest first; answers are given in turn, the last one again and again."""

    port: int = 0
    answers: list[int] = field(default_factory=lambda: [204])
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    hang: threading.Event | None = None  # answer only once it is set

    def answer(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def web_receiver() -> Iterator[Received]:
    """Give a web server that takes any POST."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if received.hang is not None:
                received.hang.wait(10)
            self.send_response(received.answer())
            self.send_header("location", f"http://127.0.0.1:{received.port}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_said: Any) -> None:
            """Keep quiet."""

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler), received):
        yield received


class _MailServer(socketserver.ThreadingTCPServer):
    def __init__(self, received: Received, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _MailTalk)
        self.received = received
        self.tls = tls

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is part of a test."""


class _MailTalk(socketserver.StreamRequestHandler):
    server: _MailServer

    def handle(self) -> None:
        self._say("220 receiver.invalid")
        while line := self.rfile.readline():
            match line.split()[0].upper():
                case b"EHLO":
                    self._say(*(["250-receiver.invalid", "250 STARTTLS"] if self._offers_tls() else ["250 receiver"]))
                case b"STARTTLS":
                    self._encrypt()
                case b"DATA":
                    self._take()
                case b"QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 fine")

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _offers_tls(self) -> bool:
        return self.server.tls is not None and not isinstance(self.connection, ssl.SSLSocket)

    def _take(self) -> None:
        self._say("354 go on")
        mail = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
        received = self.server.received
        answer = received.answer()
        if answer == 250:
            received.mails.append(mail)
        received.encrypted.append(isinstance(self.connection, ssl.SSLSocket))
        self._say(f"{answer} done")

    def _encrypt(self) -> None:
        assert self.server.tls is not None
        self._say("220 go on")
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def mail_receiver(tls: ssl.SSLContext | None = None) -> Iterator[Received]:
    """Give a mail server, with STARTTLS when it has a certificate. Answers: 250 takes a mail, others refuse it."""
    received = Received(answers=[250])
    with _serving(_MailServer(received, tls), received):
        yield received


@contextmanager
def _serving(server: socketserver.BaseServer, received: Received) -> Iterator[None]:
    received.port = server.server_address[1]  # type: ignore[assignment, index]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        if received.hang is not None:
            received.hang.set()
        server.shutdown()
        server.server_close()
        thread.join()
