"""One workstation's connection: HTTP/1.1 by hand over asyncio's streams, because the load shares two cores."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from nacl.signing import SigningKey

from benchmarks.storm.town import in_base64
from wc_contract.wire.proof import DEVICE_HEADER, NEXT_NONCE_HEADER, NONCE_HEADER, PROOF_HEADER, proof_text

_NEXT_NONCE = NEXT_NONCE_HEADER.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Line:
    """A connection that is made when it is needed, and what makes requests believable."""

    host: str
    port: int
    device: str
    signer: SigningKey = field(repr=False)
    nonce: str = field(default="", repr=False)
    _reader: asyncio.StreamReader | None = field(default=None, repr=False)
    _writer: asyncio.StreamWriter | None = field(default=None, repr=False)

    async def ask(self, path: str, body: bytes, *, token: str, packed: bool = False) -> Answer:
        """Send one signed request. Raises OSError, asyncio.IncompleteReadError when the connection does not hold."""
        text = proof_text(method="POST", path=path, body=body, nonce=self.nonce, token=token)
        head = [
            f"POST {path} HTTP/1.1",
            f"host: {self.host}",
            f"content-length: {len(body)}",
            "content-type: application/json",
            "accept-encoding: zstd",
            f"{PROOF_HEADER}: {in_base64(self.signer.sign(text).signature)}",
            f"{NONCE_HEADER}: {self.nonce}",
            f"{DEVICE_HEADER}: {self.device}",
        ]
        if token:
            head.append(f"authorization: Bearer {token}")
        if packed:
            head.append("content-encoding: zstd")
        try:
            answer = await self._exchange("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        except BaseException:
            self.hang_up()
            raise
        self.nonce = answer.headers.get(_NEXT_NONCE, self.nonce)
        return answer

    def hang_up(self) -> None:
        """End the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _exchange(self, request: bytes) -> Answer:
        if self._reader is not None and self._reader.at_eof():
            # The server ends a connection on which nothing was asked for half a minute; every client makes a new one.
            self.hang_up()
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self._writer.write(request)
        first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        answer = Answer(status=int(first.split()[1]), headers=headers, body=await self._content(self._reader, headers))
        if headers.get("connection", "").lower() == "close":
            self.hang_up()
        return answer

    @staticmethod
    async def _content(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await reader.readexactly(int(headers.get("content-length", "0")))
        pieces = []
        while size := int(await reader.readline(), 16):
            pieces.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(pieces)
