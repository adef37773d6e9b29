"""What sending and fetching photos and documents asks of the network and of the device's files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from wc_contract.model.instants import Instant
from wc_contract.wire.blobs import BlobsHeld, BlobTaken
from wc_desktop.domain.blob_views import ContentFacts, Uploading, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A range as it came. size: how many bytes there are in all."""

    size: int
    content: bytes = field(repr=False)


class BlobGateway(Protocol):
    """The sync server, as far as photos and documents go. Every method raises the failures of domain.failures."""

    def ask(self, named: Sequence[ContentFacts]) -> BlobsHeld:
        """Ask what the server holds of these."""
        ...

    def put(self, facts: ContentFacts, offset: int, piece: bytes) -> BlobTaken:
        """Send a piece. Raises UploadElsewhere when it is to go on from another place."""
        ...

    def get(self, name: str, offset: int, length: int) -> Fetched:
        """Fetch a range."""
        ...

    def close(self) -> None:
        """End all connections; whoever waits on one gets ServerUnreachable."""
        ...


class Proof(Protocol):
    """The hash of content that is all here, taken a slice at a time."""

    @property
    def sound(self) -> bool: ...

    def go_on(self) -> bool: ...


class BlobFiles(Protocol):
    """The device's photos and documents, as far as sending and fetching use them; each call is one short step."""

    def uploads(self, *, after: str = "", epoch: str | None = None, limit: int = 200) -> Sequence[Uploading]: ...

    def next_wanted(self, *, asked: bool) -> Wanted | None: ...

    def read(self, name: str, start: int, length: int) -> bytes: ...

    def keep_piece(self, name: str, start: int, content: bytes) -> int: ...

    def proving(self, facts: ContentFacts) -> Proof: ...

    def finish(self, facts: ContentFacts) -> None: ...

    def sent(self, name: str, *, epoch: str, at: Instant) -> None: ...

    def refuse(self, name: str, code: str) -> None: ...

    def drop_pieces(self, name: str) -> None: ...

    def give_up(self, name: str) -> None: ...

    def want_again(self) -> None: ...

    def make_room(self, need: int, budget: int, at: Instant, *, asked: bool) -> bool: ...
