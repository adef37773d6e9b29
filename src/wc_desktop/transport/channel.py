"""Requests with the device's proof: nonce, signature, compression, timeouts, and one translation of what fails."""

import base64
import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpcore  # noqa: F401  # else httpx imports it with the first connection, while somebody waits for it
import httpx
import zstandard
from pydantic import ValidationError

from wc_contract.wire.base import WireModel
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.proof import DEVICE_HEADER, NEXT_NONCE_HEADER, NONCE_HEADER, PROOF_HEADER, proof_text
from wc_desktop.domain.failures import CertificateNotTrusted, ServerUnreachable
from wc_desktop.transport.addresses import server_address
from wc_desktop.transport.translate import from_response, from_transport, from_unreadable, problem_code

Sign = Callable[[bytes], bytes]
_Answer = TypeVar("_Answer", bound=WireModel)

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 20.0
# A school's line may be this slow; a larger body gets more time.
_SLOWEST_BYTES_A_SECOND = 20_000
_WORTH_COMPRESSING = 512
_MOST_ANSWER_BYTES = 16 * 1024 * 1024
_USE_NONCE_TRIES = 3


class Channel:
    """One server, one device. Threads may share it."""

    def __init__(self, server: str, *, sign: Sign, device: str | None, ca_file: Path | None = None) -> None:
        self._sign = sign
        self._device = device
        self._nonce = ""
        self._nonce_lock = threading.Lock()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._sockets_lock = threading.Lock()
        self._closed = False
        address = server_address(server)
        self._client = httpx.Client(
            base_url=address,
            # Loading the system's authorities takes 30 ms; http is spoken on this machine only and needs none.
            verify=_trust(ca_file)
            if address.startswith("https:") or ca_file
            else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            headers={"accept-encoding": "zstd, gzip", "user-agent": "white-cross-desktop"},
            follow_redirects=False,
            timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
        )

    def ask(
        self,
        path: str,
        message: WireModel,
        answer: type[_Answer],
        *,
        token: str = "",
        read_seconds: float | None = None,
        unwanted: Callable[[], bool] | None = None,
    ) -> _Answer:
        """Send one message and read its answer.

        token is what the request is bound to: the access token, or the refresh token in its own request. unwanted is
        asked when interrupt can reach the request; what nobody wants any more is not sent: ServerUnreachable.
        """
        with self.streamed(path, message, token=token, read_seconds=read_seconds, unwanted=unwanted) as response:
            content = _bounded(response)
        try:
            return answer.model_validate_json(content)
        except ValidationError:
            raise from_unreadable(content) from None

    @contextmanager
    def streamed(
        self,
        path: str,
        message: WireModel,
        *,
        token: str = "",
        read_seconds: float | None = None,
        unwanted: Callable[[], bool] | None = None,
    ) -> Iterator[httpx.Response]:
        """Send one message and hand over the answer while it arrives. Failures of reading are translated too."""
        body, encoding = _packed(message)
        headers = {"content-type": "application/json", **encoding}
        sent = self._sent("POST", path, body, headers, token=token, read_seconds=read_seconds, unwanted=unwanted)
        with sent as response:
            yield response

    def octets(self, method: str, path: str, body: bytes, *, token: str) -> tuple[httpx.Headers, bytes]:
        """Send bytes as they are, or none, and return the headers and the bytes of the answer."""
        headers = {"content-type": "application/octet-stream"} if body else {}
        with self._sent(method, path, body, headers, token=token) as response:
            return response.headers, _bounded(response)

    @contextmanager
    def _sent(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        token: str,
        read_seconds: float | None = None,
        unwanted: Callable[[], bool] | None = None,
    ) -> Iterator[httpx.Response]:
        with _translated():
            for attempt in range(_USE_NONCE_TRIES):
                request = self._request(method, path, body, headers, token, read_seconds)
                request.extensions["trace"] = partial(self._trace, unwanted)
                response = self._client.send(request, stream=True)
                try:
                    self._keep_nonce(response)
                    if response.is_success:
                        yield response
                        return
                    response.read()
                    if problem_code(response) != ProblemCode.USE_NONCE or attempt == _USE_NONCE_TRIES - 1:
                        raise from_response(response)
                finally:
                    response.close()

    def interrupt(self) -> None:
        """End what is under way: a thread that waits for an answer gets ServerUnreachable at once."""
        with self._sockets_lock:
            sockets = list(self._sockets)
        for connected in sockets:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End all connections, those too that are just being made."""
        with self._sockets_lock:
            self._closed = True
        self.interrupt()
        self._client.close()

    def _trace(self, unwanted: Callable[[], bool] | None, event: str, info: Mapping[str, Any]) -> None:
        # httpx's own way to learn of its connections: closing a client does not wake who reads from it.
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            connected = info["return_value"].get_extra_info("socket")
            if connected is not None:
                with self._sockets_lock:
                    closed = self._closed
                    self._sockets.add(connected)
                if closed:
                    # Nobody would ever close it: the client that it was made for is gone.
                    connected.close()
        elif event == "http11.send_request_headers.started" and unwanted is not None and unwanted():
            # Whoever ended it before the socket was known here could not reach it; from here on interrupt can.
            raise ServerUnreachable("nobody waits for the answer any more")

    def _request(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        token: str,
        read_seconds: float | None,
    ) -> httpx.Request:
        with self._nonce_lock:
            nonce = self._nonce
        timeout = _CONNECT_SECONDS + len(body) / _SLOWEST_BYTES_A_SECOND
        request = self._client.build_request(
            method,
            path,
            content=body,
            headers=dict(headers),
            timeout=httpx.Timeout(
                (read_seconds or _READ_SECONDS) + timeout, connect=_CONNECT_SECONDS, write=_READ_SECONDS + timeout
            ),
        )
        target = request.url.raw_path.decode()
        text = proof_text(method=method, path=target, body=body, nonce=nonce, token=token)
        request.headers[PROOF_HEADER] = base64.b64encode(self._sign(text)).decode()
        request.headers[NONCE_HEADER] = nonce
        if self._device is not None:
            request.headers[DEVICE_HEADER] = self._device
        if token:
            request.headers["authorization"] = f"Bearer {token}"
        return request

    def _keep_nonce(self, response: httpx.Response) -> None:
        nonce = response.headers.get(NEXT_NONCE_HEADER)
        if nonce:
            with self._nonce_lock:
                self._nonce = nonce


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        raise from_transport(error) from error
    except (httpx.StreamError, httpx.DecodingError, RuntimeError) as error:
        # A client that was closed while a thread waited on it, or an answer that does not unpack.
        raise from_transport(httpx.ReadError(type(error).__name__)) from error


def _bounded(response: httpx.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > _MOST_ANSWER_BYTES:
            raise from_unreadable(b"")
    return bytes(content)


def _packed(message: WireModel) -> tuple[bytes, dict[str, str]]:
    body = message.model_dump_json().encode()
    if len(body) < _WORTH_COMPRESSING:
        return body, {}
    return zstandard.ZstdCompressor(level=3).compress(body), {"content-encoding": "zstd"}


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Trust the district's authority alone when it is pinned, the system's otherwise."""
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError):
        raise CertificateNotTrusted("the district's certificate file does not read") from None
