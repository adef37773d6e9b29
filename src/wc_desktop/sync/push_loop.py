"""Sending what the district does not have yet, oldest first. One refused entry stops nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from wc_contract.wire.codes import Outcome
from wc_contract.wire.messages import PushAnswer
from wc_contract.wire.versions import MAX_PUSH_BYTES, MAX_PUSH_ENTRIES
from wc_desktop.domain.failures import BatchTooLarge, ServerSlow
from wc_desktop.sync.files import Unsent
from wc_desktop.sync.gateway import Gateway

# The envelope around the entries needs some of the allowed bytes.
_BATCH_BYTES = MAX_PUSH_BYTES - 65_536


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


def push_round(
    gateway: Gateway, files: PushFiles, epoch: str, *, stopping: Callable[[], bool], limit: int = MAX_PUSH_ENTRIES
) -> Pushed:
    """Send everything that the epoch has not answered, in batches; each batch's receipts are kept before the next.

    A batch that is too large or too slow is halved and sent again; the server answers what it had taken already
    from its receipts. Raises what the gateway raises; what was answered until then is kept.
    """
    after = answered = settled = 0
    too_large: list[int] = []
    while not stopping():
        batch = files.unsent(after=after, epoch=epoch, limit=limit, max_bytes=_BATCH_BYTES)
        if not batch:
            break
        try:
            answer = gateway.push(epoch, [entry.sealed for entry in batch])
        except (BatchTooLarge, ServerSlow) as failure:
            if len(batch) > 1:
                limit = len(batch) // 2
                continue
            if isinstance(failure, ServerSlow):
                raise
            # One entry that does not pass must not hold those behind it; it stays unanswered, and shown.
            too_large.append(batch[0].number)
        else:
            files.take_receipts(answer, epoch)
            answered += len(answer.receipts)
            settled += sum(receipt.outcome is not Outcome.WAITING for receipt in answer.receipts)
        after = batch[-1].number
    return Pushed(answered=answered, settled=settled, too_large=tuple(too_large))
