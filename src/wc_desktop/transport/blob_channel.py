"""Photos and documents over HTTP, on connections of their own: nothing of them stands before a push."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import ValidationError

from wc_contract.wire.blobs import SIZE_HEADER, BlobAsk, BlobNamed, BlobsHeld, BlobTaken
from wc_contract.wire.versions import PROTOCOL
from wc_desktop.domain.blob_views import ContentFacts
from wc_desktop.domain.failures import ServerFailed
from wc_desktop.sync.blob_gateway import Fetched
from wc_desktop.transport.addresses import BLOB
from wc_desktop.transport.channel import Channel
from wc_desktop.transport.translate import from_unreadable

_Answer = TypeVar("_Answer")
WithToken = Callable[[Callable[[str], _Answer]], _Answer]


class BlobChannel:
    """sync.blob_gateway.BlobGateway over one channel; with_token gives it the session's token, renewed if need be."""

    def __init__(self, channel: Channel, with_token: WithToken) -> None:  # type: ignore[type-arg]  # for any answer
        self._channel = channel
        self._with_token = with_token

    def ask(self, named: Sequence[ContentFacts]) -> BlobsHeld:
        """Ask what the server holds of these."""
        blobs = tuple(BlobNamed(sha256=each.sha256, size=each.size) for each in named)
        message = BlobAsk(protocol=PROTOCOL, blobs=blobs)

        def ask(token: str) -> BlobsHeld:
            return self._channel.ask(f"{BLOB}/ask", message, BlobsHeld, token=token)

        answer: BlobsHeld = self._with_token(ask)
        return answer

    def put(self, facts: ContentFacts, offset: int, piece: bytes) -> BlobTaken:
        """Send a piece."""
        path = f"{BLOB}/{facts.sha256}?offset={offset}&size={facts.size}"

        def put(token: str) -> bytes:
            return self._channel.octets("PUT", path, piece, token=token)[1]

        content: bytes = self._with_token(put)
        try:
            return BlobTaken.model_validate_json(content)
        except ValidationError:
            raise from_unreadable(content) from None

    def get(self, name: str, offset: int, length: int) -> Fetched:
        """Fetch a range."""
        path = f"{BLOB}/{name}?offset={offset}&length={length}"

        def get(token: str) -> Fetched:
            headers, content = self._channel.octets("GET", path, b"", token=token)
            size = headers.get(SIZE_HEADER, "")
            if not (size.isascii() and size.isdigit()):
                raise ServerFailed("a range came without its size")
            return Fetched(size=int(size), content=content)

        fetched: Fetched = self._with_token(get)
        return fetched

    def close(self) -> None:
        """End all connections."""
        self._channel.close()
