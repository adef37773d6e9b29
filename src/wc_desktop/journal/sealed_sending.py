"""Sending entries from the sealed copy alone: for a workstation that nobody unlocks any more."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wc_contract.wire.codes import Outcome
from wc_contract.wire.messages import PushAnswer, SealedEntry
from wc_contract.wire.sealed import OpenedRecord
from wc_desktop.journal.number_mark import Used
from wc_desktop.journal.receipts import Unsent
from wc_desktop.journal.survey import Survey


@dataclass(slots=True)
class SealedUnsent:
    """sync.push_loop.PushFiles over texts of the sealed copy. final: the numbers that were answered for good."""

    texts: Mapping[int, OpenedRecord] = field(repr=False)
    final: set[int] = field(default_factory=set)

    def unsent(self, *, after: int, epoch: str, limit: int, max_bytes: int) -> Sequence[Unsent]:
        """Return the oldest texts above after, at most limit and about max_bytes, whatever the epoch."""
        del epoch
        batch: list[Unsent] = []
        size = 0
        for number in sorted(number for number in self.texts if number > after)[:limit]:
            text = self.texts[number]
            size += len(text.body.encode()) + 200
            if batch and size > max_bytes:
                break
            sealed = SealedEntry(body=text.body, signature=base64.b64encode(text.signature).decode())
            batch.append(Unsent(number=number, sealed=sealed))
        return batch

    def take_receipts(self, answer: PushAnswer, epoch: str) -> None:
        """Remember which are answered for good; one that waits is not."""
        del epoch
        self.final.update(receipt.number for receipt in answer.receipts if receipt.outcome is not Outcome.WAITING)


def above(survey: Survey, answered: int) -> dict[int, OpenedRecord]:
    """Return the texts whose answer is not known to be final."""
    return {number: text for number, text in survey.texts.items() if number > answered}


def missing(survey: Survey, used: Used | None, answered: int) -> frozenset[int] | None:
    """Return the numbers above answered that were used and whose text the copy does not show.

    None when that cannot be told: the copy is damaged where its newest text may stand.
    """
    newest = max((answered, *survey.texts))
    if used is not None and used.exact:
        newest = max(newest, used.upto)
    elif (used is not None or survey.texts) and (survey.damaged or not survey.end_whole):
        return None
    return frozenset(number for number in range(answered + 1, newest + 1) if number not in survey.texts)
