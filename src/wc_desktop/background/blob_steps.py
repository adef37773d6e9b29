"""The file of photos and documents as its thread reaches it: each step runs on the replica thread, or not at all."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from wc_contract.model.instants import Instant
from wc_desktop.background.steps import Steps
from wc_desktop.domain.blob_views import ContentFacts, Uploading, Wanted
from wc_desktop.sync.blob_gateway import BlobFiles, BlobGateway, Proof

_Answer = TypeVar("_Answer")


class BlobLink(Protocol):
    """What the thread works with."""

    @property
    def blobs(self) -> BlobFiles:
        """The device's photos and documents; used on the replica thread only."""
        ...

    def set_blobs_aside(self) -> None:
        """Begin their file anew: a page of it does not read; on the replica thread."""
        ...

    def mend_blobs(self) -> bool:
        """Carry over a piece of what only files that were set aside have; return whether there is more."""
        ...

    def connect_blobs(self) -> BlobGateway:
        """Return the way to the server. Raises ServerUnreachable before entries have found it."""
        ...


class SteppedBlobs:
    """sync.blob_gateway.BlobFiles, a step at a time on the replica thread."""

    def __init__(self, steps: Steps, link: BlobLink) -> None:
        self._take = steps.take
        self._link = link

    def uploads(self, *, after: str = "", epoch: str | None = None, limit: int = 200) -> Sequence[Uploading]:
        """As BlobFiles.uploads."""
        return self._do(lambda blobs: blobs.uploads(after=after, epoch=epoch, limit=limit))

    def next_wanted(self, *, asked: bool) -> Wanted | None:
        """As BlobFiles.next_wanted."""
        return self._do(lambda blobs: blobs.next_wanted(asked=asked))

    def read(self, name: str, start: int, length: int) -> bytes:
        """As BlobFiles.read."""
        return self._do(lambda blobs: blobs.read(name, start, length))

    def keep_piece(self, name: str, start: int, content: bytes) -> int:
        """As BlobFiles.keep_piece."""
        return self._do(lambda blobs: blobs.keep_piece(name, start, content))

    def proving(self, facts: ContentFacts) -> "SteppedProof":
        """As BlobFiles.proving, each slice a step."""
        return SteppedProof(self._take, self._do(lambda blobs: blobs.proving(facts)))

    def finish(self, facts: ContentFacts) -> None:
        """As BlobFiles.finish."""
        self._do(lambda blobs: blobs.finish(facts))

    def sent(self, name: str, *, epoch: str, at: Instant) -> None:
        """As BlobFiles.sent."""
        self._do(lambda blobs: blobs.sent(name, epoch=epoch, at=at))

    def refuse(self, name: str, code: str) -> None:
        """As BlobFiles.refuse."""
        self._do(lambda blobs: blobs.refuse(name, code))

    def drop_pieces(self, name: str) -> None:
        """As BlobFiles.drop_pieces."""
        self._do(lambda blobs: blobs.drop_pieces(name))

    def give_up(self, name: str) -> None:
        """As BlobFiles.give_up."""
        self._do(lambda blobs: blobs.give_up(name))

    def want_again(self) -> None:
        """As BlobFiles.want_again."""
        self._do(lambda blobs: blobs.want_again())

    def make_room(self, need: int, budget: int, at: Instant, *, asked: bool) -> bool:
        """As BlobFiles.make_room."""
        return self._do(lambda blobs: blobs.make_room(need, budget, at, asked=asked))

    def _do(self, step: Callable[[BlobFiles], _Answer]) -> _Answer:
        # The file is asked for within the step: behind a lock there is none.
        return self._take(lambda: step(self._link.blobs))


class SteppedProof:
    """sync.blob_gateway.Proof, each slice a step."""

    def __init__(self, take: Callable[[Callable[[], bool]], bool], proof: Proof) -> None:
        self._take = take
        self._proof = proof

    @property
    def sound(self) -> bool:
        """As Proof.sound."""
        return self._proof.sound

    def go_on(self) -> bool:
        """As Proof.go_on."""
        return self._take(self._proof.go_on)
