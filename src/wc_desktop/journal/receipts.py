"""What the server answered, and what is still to be sent."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field

from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.wire.codes import Outcome
from wc_contract.wire.messages import Receipt, SealedEntry
from wc_contract.wire.versions import KEPT
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.journal.schema import OF_ANOTHER_EPOCH, UNANSWERED

# With the plus SQLite looks up the few numbers, and does not walk through all that are larger than :after.
# A receipt of another epoch may have been restored away: its entry is sent again, and answered from the receipt
# when it was not.
_TO_SEND = f"""SELECT number, body, signature FROM entries
    WHERE +number > :after AND number IN (
        SELECT number FROM entries WHERE {OF_ANOTHER_EPOCH}
        UNION ALL SELECT number FROM entries WHERE {UNANSWERED})
    ORDER BY number LIMIT :limit"""  # noqa: S608  # words of our own
# A receipt without an epoch is in doubt: the server that gave it no longer knows of it. No receipt has none either.
_WAITING = f"""SELECT number FROM entries WHERE receipt_epoch IS NULL
    UNION SELECT number FROM entries WHERE {UNANSWERED} ORDER BY number LIMIT ?"""  # noqa: S608  # words of our own
_ALL = -1
# After each pull the oldest are looked at: as long as a dose may have to wait.
_LOOKED_AT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """An entry as it goes to the server."""

    number: int
    sealed: SealedEntry = field(repr=False)


def unsent(connection: Connection, *, after: int, epoch: str, limit: int, max_bytes: int) -> list[Unsent]:
    """Return the oldest entries above after that this epoch has not answered, at most limit and about max_bytes.

    A single entry larger than max_bytes is returned alone.
    """
    batch: list[Unsent] = []
    size = 0
    wanted = {"after": after, "epoch": epoch, "limit": limit}
    for number, body, signature in connection.execute(_TO_SEND, wanted).fetchall():
        size += len(body.encode()) + 200
        if batch and size > max_bytes:
            break
        sealed = SealedEntry(body=body, signature=base64.b64encode(signature).decode())
        batch.append(Unsent(number=number, sealed=sealed))
    return batch


def waiting_numbers(connection: Connection) -> frozenset[int]:
    """Return the numbers that no server has answered for good."""
    return frozenset(int(number) for (number,) in connection.execute(_WAITING, (_ALL,)))


def answered_upto(connection: Connection, last: int) -> int:
    """Return up to which number every entry is answered for good; last is the newest number there is."""
    first = connection.execute(_WAITING, (1,)).fetchone()
    return last if first is None else int(first[0]) - 1


def store_receipts(connection: Connection, receipts: Sequence[Receipt], *, epoch: str, at: Instant) -> None:
    """Keep the server's answers, in one transaction. Answers to entries that are not ours are passed over."""
    with writing(connection):
        for receipt in receipts:
            _store(connection, receipt, epoch, instant_to_text(at))


def _store(connection: Connection, receipt: Receipt, epoch: str, at: str) -> None:
    known = (str(receipt.entry_id), receipt.hash)
    if receipt.outcome is Outcome.DUPLICATE:
        # It says only that the first answer stands: keep that answer when we have it.
        kept = connection.execute(
            "UPDATE entries SET receipt_epoch = ? WHERE id = ? AND hash = ? AND receipt IS NOT NULL", (epoch, *known)
        )
        if kept.rowcount:
            return
    connection.execute(
        """UPDATE entries SET receipt = ?, outcome = ?, receipt_epoch = ?, receipted_at = ?
           WHERE id = ? AND hash = ?""",
        (receipt.model_dump_json(), receipt.outcome.value, epoch, at, *known),
    )


def doubt_receipts_above(connection: Connection, number: int) -> int:
    """Send the entries above number again, which the server no longer knows; return how many."""
    with writing(connection):
        changed = connection.execute(
            "UPDATE entries SET receipt_epoch = NULL WHERE number > ? AND receipt IS NOT NULL", (number,)
        )
        return int(changed.rowcount)


def trim(connection: Connection, *, epoch: str, at: Instant) -> int:
    """Let the oldest answered entries go that are older than KEPT, some hundred at a time; return how many went.

    The newest of all stays: the next one names it.
    """
    before = instant_to_text(at - KEPT)
    with writing(connection):
        gone = connection.execute(
            """DELETE FROM entries WHERE receipted_at < ? AND authored_at < ? AND receipt_epoch = ?
               AND outcome NOT IN ('refused', 'waiting')
               AND number IN (SELECT number FROM entries WHERE outcome <> 'refused' ORDER BY number LIMIT ?)
               AND number < (SELECT max(number) FROM entries)""",
            (before, before, epoch, _LOOKED_AT),
        )
        return int(gone.rowcount)
