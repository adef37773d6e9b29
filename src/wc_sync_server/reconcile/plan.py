"""What one transaction writes and answers, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import EntryId, SchoolId, UserId
from wc_contract.model.kinds import RecordKind
from wc_contract.wire.codes import Outcome
from wc_contract.wire.messages import Receipt
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.domain.messages import Message
from wc_sync_server.reconcile.arrivals import Arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An entry to be kept whole until a person answers it."""

    arrival: Arrival = field(repr=False)
    number: int | None
    code: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A receipt to be stored, with the entry it answers."""

    receipt: Receipt
    arrival: Arrival = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An entry that was kept and is answered: by its text, or as the one that another says again."""

    author: UserId
    by: EntryId
    hash: str | None = None
    entry: EntryId | None = None


@dataclass(slots=True, kw_only=True)
class Plan:
    """What one transaction writes. answers gives the receipt of each entry by its hash.

    receipts and kept are new; again are the final answers to entries that waited, kept_again those that wait for
    something else by now. settled are kept no longer.
    """

    rows: dict[tuple[SchoolId, str], list[Mapping[str, WireValue]]] = field(default_factory=dict, repr=False)
    flags: dict[SchoolId, list[tuple[UUID, str]]] = field(default_factory=dict)
    receipts: list[Answered] = field(default_factory=list, repr=False)
    kept: list[Kept] = field(default_factory=list, repr=False)
    again: list[Receipt] = field(default_factory=list, repr=False)
    kept_again: list[Kept] = field(default_factory=list, repr=False)
    settled: list[Settled] = field(default_factory=list)
    audit: list[AuditEvent] = field(default_factory=list, repr=False)
    messages: list[Message] = field(default_factory=list)
    answers: dict[str, Receipt] = field(default_factory=dict)
    last_number: int
    forked: bool = False

    def schools(self) -> frozenset[SchoolId]:
        """Return the schools whose streams the plan writes into."""
        return frozenset({school for school, _ in self.rows} | set(self.flags))

    def take_answer(self, receipt: Receipt, arrival: Arrival, *, again: bool) -> bool:
        """Answer an entry. False when it waited, and waits for the same still: then nothing is written."""
        before = self.answers.get(arrival.hash)
        if again and before is not None and (before.outcome, before.code) == (receipt.outcome, receipt.code):
            return False
        self.answers[arrival.hash] = receipt
        if not again:
            self.receipts.append(Answered(receipt=receipt, arrival=arrival))
        elif receipt.outcome is not Outcome.WAITING:
            self.again.append(receipt)
        return True

    def keep(self, kept: Kept, *, again: bool) -> None:
        """Keep an entry whole; again when it is kept already, for another reason."""
        (self.kept_again if again else self.kept).append(kept)

    def add_row(self, school: SchoolId, kind: RecordKind, row: Mapping[str, WireValue]) -> None:
        self.rows.setdefault((school, kind.name), []).append(row)
