"""Sending what the district does not have yet, oldest first. One refused entry stops nothing."""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeAlias

from wc_contract.model.errors import WhiteCrossError
from wc_contract.wire.codes import Outcome, ProblemCode
from wc_contract.wire.messages import PushAnswer
from wc_contract.wire.versions import FIRST_PUSH_ENTRIES, MAX_PUSH_BYTES, MAX_PUSH_ENTRIES
from wc_desktop.domain.failures import BatchTooLarge, NumberGap, RequestRefused, ServerSlow
from wc_desktop.sync.files import Unsent
from wc_desktop.sync.gateway import Gateway

# The envelope around the entries needs some of the allowed bytes.
_BATCH_BYTES = MAX_PUSH_BYTES - 65_536
UNDER_WAY = 2

Send: TypeAlias = Callable[[], PushAnswer]
# Begins to send beside whoever asks; what it returns waits for the answer.
Begin: TypeAlias = Callable[[Send], Send]


class PushFiles(Protocol):
    """What pushing asks of the device's files."""

    def unsent(self, *, after: int, epoch: str, limit: int, max_bytes: int) -> Sequence[Unsent]: ...

    def take_receipts(self, answer: PushAnswer, epoch: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What one round sent: entries answered, those of them for good, and entries that alone were too large."""

    answered: int
    settled: int
    too_large: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnderWay:
    """A batch that is being sent; beside when the one before it had no answer yet."""

    batch: Sequence[Unsent]
    answer: Send
    beside: bool


def push_round(
    gateway: Gateway,
    files: PushFiles,
    epoch: str,
    *,
    stopping: Callable[[], bool],
    limit: int = MAX_PUSH_ENTRIES,
    begin: Begin | None = None,
) -> Pushed:
    """Send everything that the epoch has not answered, in batches; their receipts are kept in their order.

    Once a batch was answered, begin sends the next while the one before it is judged; without it each waits for the
    last. A batch that is too large or too slow is halved and sent again; the server answers what it had taken already
    from its receipts. Raises what the gateway raises; what was answered until then is kept.
    """
    return _Round(gateway, files, epoch, stopping, limit, begin).send()


class _Round:
    """One round. After the first trouble its batches wait for each other again."""

    def __init__(
        self,
        gateway: Gateway,
        files: PushFiles,
        epoch: str,
        stopping: Callable[[], bool],
        limit: int,
        begin: Begin | None,
    ) -> None:
        self._gateway = gateway
        self._files = files
        self._epoch = epoch
        self._stopping = stopping
        self._limit = limit
        self._begin = begin
        self._most = 1
        self._after = self._answered = self._settled = 0
        self._too_large: list[int] = []
        self._under_way: deque[_UnderWay] = deque()

    def send(self) -> Pushed:
        try:
            while self._fill():
                self._take(self._under_way.popleft())
        finally:
            _let_end(self._under_way)
        return Pushed(answered=self._answered, settled=self._settled, too_large=tuple(self._too_large))

    def _fill(self) -> bool:
        """Send as many batches as may be under way; False when none is."""
        while len(self._under_way) < self._most and not self._stopping():
            after = self._under_way[-1].batch[-1].number if self._under_way else self._after
            batch = self._files.unsent(after=after, epoch=self._epoch, limit=self._limit, max_bytes=_BATCH_BYTES)
            if not batch:
                break
            send = partial(self._gateway.push, self._epoch, [entry.sealed for entry in batch])
            answer = send if self._begin is None or self._most == 1 else self._begin(send)
            self._under_way.append(_UnderWay(batch=batch, answer=answer, beside=bool(self._under_way)))
        return bool(self._under_way)

    def _take(self, sent: _UnderWay) -> None:
        batch = sent.batch
        try:
            answer = sent.answer()
        except (BatchTooLarge, ServerSlow, RequestRefused) as failure:
            self._one_at_a_time()
            smaller = _smaller(failure, len(batch))
            if smaller:
                self._limit = smaller
                return
            if not isinstance(failure, BatchTooLarge):
                raise
            # One entry that does not pass must not hold those behind it; it stays unanswered, and shown.
            self._too_large.append(batch[0].number)
        except NumberGap:
            if not sent.beside:
                raise
            # It came before the batch that it follows, which is answered by now.
            self._one_at_a_time()
            return
        else:
            self._files.take_receipts(answer, self._epoch)
            self._answered += len(answer.receipts)
            self._settled += sum(receipt.outcome is not Outcome.WAITING for receipt in answer.receipts)
            if self._begin is not None:
                self._most = UNDER_WAY
        self._after = batch[-1].number

    def _one_at_a_time(self) -> None:
        self._most, self._begin = 1, None
        _let_end(self._under_way)


def _smaller(failure: BatchTooLarge | ServerSlow | RequestRefused, size: int) -> int:
    """Return how many entries to try instead, 0 when fewer would not help."""
    if isinstance(failure, RequestRefused):
        # A server that came before larger batches finds them malformed.
        older = failure.server_code == ProblemCode.BAD_REQUEST and size > FIRST_PUSH_ENTRIES
        return FIRST_PUSH_ENTRIES if older else 0
    return size // 2


def _let_end(under_way: deque[_UnderWay]) -> None:
    """Wait for what nobody takes: the server answers it again, from its receipts."""
    while under_way:
        with suppress(WhiteCrossError):
            under_way.popleft().answer()
