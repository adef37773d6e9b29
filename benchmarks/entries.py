"""Signed entries of a workstation: doses on the school's orders, one a day on each, in their windows."""

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from nacl.signing import SigningKey

from benchmarks.school import FULL, NOMINAL, TINY, ZONE, Order, given_at, make_school
from wc_contract.model.changes import DoseLogged, Entry, SlotRef
from wc_contract.model.ids import (
    DeviceId,
    DoseId,
    EntryId,
    MedicationId,
    StudentId,
    UserId,
    new_uuid,
    order_version_id,
    slot_id,
)
from wc_contract.model.values import DoseState
from wc_contract.wire.entries import body_hash, entry_to_body
from wc_contract.wire.messages import PushAnswer, SealedEntry
from wc_desktop.journal.receipts import Unsent
from wc_desktop.security.clock import SystemChance
from wc_desktop.security.station import Station

_WRITTEN_AFTER = timedelta(minutes=1)
_CHANCE = SystemChance()


def make_entries(station: Station, size: str, start: int, count: int) -> list[SealedEntry]:
    """Return count entries numbered from start, signed; their slots lie on the days behind the school's past."""
    school = make_school(FULL if size == "full" else TINY)
    author = Author(device=station.device_id, user=station.people()[0].id, signer=station.device_keys().signer())
    first = school.days_used * len(school.orders) - 1
    return [author.sealed(number, school.orders, first + number) for number in range(start, start + count)]


class Waiting:
    """Entries that are sent from memory, as the product's loop asks for them; what comes back is counted."""

    def __init__(self, entries: Sequence[SealedEntry], start: int) -> None:
        self._entries = entries
        self._start = start
        self.outcomes: Counter[str] = Counter()

    def unsent(self, *, after: int, epoch: str, limit: int, max_bytes: int) -> Sequence[Unsent]:  # noqa: ARG002
        first = max(after + 1, self._start)
        batch = self._entries[first - self._start : first - self._start + limit]
        return [Unsent(number=number, sealed=sealed) for number, sealed in enumerate(batch, first)]

    def take_receipts(self, answer: PushAnswer, _epoch: str) -> None:
        self.outcomes.update(receipt.outcome.value for receipt in answer.receipts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who writes entries, and signs them."""

    device: DeviceId
    user: UserId
    signer: SigningKey = field(repr=False)

    def sealed(self, number: int, orders: Sequence[Order], turn: int) -> SealedEntry:
        """Return the numbered entry: a dose on the order and day whose turn it is, one a day on each order."""
        order, at = orders[turn % len(orders)], given_at(turn, len(orders))
        written = at + _WRITTEN_AFTER
        dose = DoseLogged(
            id=DoseId(new_uuid(written, _CHANCE)),
            student_id=StudentId(order.student),
            order_id=order.id,
            order_version_id=order_version_id(order.id, 1),
            medication_id=MedicationId(order.medication),
            slot=SlotRef(id=slot_id(order.id, at.date(), NOMINAL), date=at.date(), time=NOMINAL),
            status=DoseState.ADMINISTERED,
            administered_at=at,
            local_date=at.date(),
            dose_given=Decimal(10),
            unit="mg",
            reason=None,
        )
        entry = Entry(
            number=number,
            id=EntryId(new_uuid(written, _CHANCE)),
            device_id=self.device,
            author_id=self.user,
            authored_at=written,
            zone=ZONE,
            hlc=f"{int(written.timestamp() * 1000)}-0-{self.device}",
            clock_offset_ms=0,
            replica_as_of=at,
            depends_on=(),
            changes=(dose,),
        )
        body = entry_to_body(entry)
        signature = self.signer.sign(bytes.fromhex(body_hash(body))).signature
        return SealedEntry(body=body, signature=base64.b64encode(signature).decode())
