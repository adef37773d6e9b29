"""A workstation that pushes into the district without a network: its entries go straight to the reconciler."""

from base64 import b64encode
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from nacl.signing import SigningKey
from tests import factories as make
from tests.sync_server.house import House

from wc_contract.model.changes import Change, Entry
from wc_contract.model.ids import DeviceId, DistrictId, new_uuid
from wc_contract.wire.entries import entry_to_body
from wc_contract.wire.messages import Receipt, SealedEntry
from wc_sync_server.db.cache import Cache
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.repositories.epochs import Epochs, ensure_epoch
from wc_sync_server.db.repositories.intake import PostgresIntake
from wc_sync_server.db.repositories.reference import References
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.messages import Channel
from wc_sync_server.reconcile.arrivals import digests_of, read_arrivals
from wc_sync_server.reconcile.batch import Batch, Reconciler

_DEVICE = """
INSERT INTO devices (district_id, school_id, id, name, sign_key, seal_key, enrolled_at, created_at, updated_at)
VALUES (%s, %s, %s, 'Office', %s, %s, now(), now(), now())
"""


@dataclass(slots=True, kw_only=True)
class Office:
    """A registered workstation of the north school."""

    house: House
    reconciler: Reconciler
    epoch: str
    device: DeviceId
    sign: SigningKey
    number: int = 0
    sent: list[Entry] = field(default_factory=list)

    def entry(self, *changes: Change, **values: Any) -> Entry:
        """Return the next entry."""
        self.number += 1
        given = {"number": self.number, "device_id": self.device, "author_id": self.house.nurses["ann"].id}
        return make.entry_of(*changes, **(given | values))

    def push(self, *entries: Entry) -> tuple[Receipt, ...]:
        """Send entries and return their receipts."""
        return self.push_sealed([self._sealed(entry_to_body(one)) for one in entries])

    def _sealed(self, body: str) -> SealedEntry:
        signed = self.sign.sign(sha256(body.encode()).digest()).signature
        return SealedEntry(body=body, signature=b64encode(signed).decode())

    def push_sealed(self, sealed: Sequence[SealedEntry]) -> tuple[Receipt, ...]:
        """Send texts as they are and return their receipts."""
        principal = Principal(
            district=self.house.district,
            school=self.house.north,
            device=self.device,
            user=self.house.nurses["ann"].id,
            session=make.named("session"),
        )
        batch = Batch(
            principal=principal,
            epoch=self.epoch,
            arrivals=read_arrivals(sealed, digests_of(sealed), self.device),
            unsigned=frozenset,
        )
        return self.reconciler.push(batch).answer.receipts


def office_of(
    house: House,
    *,
    cells: Cells | None = None,
    channels: Callable[[DistrictId], Collection[Channel]] = lambda _district: (),
) -> Office:
    """Return a workstation that reaches the database by cells, the house's own by default."""
    at = house.parts.clock.now()
    device = DeviceId(new_uuid(at, house.parts.chance))
    sign = SigningKey.generate()
    house.done(_DEVICE, house.district, house.north, device, bytes(sign.verify_key), b"k" * 32)
    ensure_epoch(house.parts.cells.home, at, house.parts.chance)
    way = cells or house.parts.cells
    epochs = Epochs(way, house.parts.clock)
    intake = PostgresIntake(way, epochs, house.parts.chance, channels, References(Cache()))
    epoch = epochs.current(house.district)
    return Office(house=house, reconciler=Reconciler(intake), epoch=epoch, device=device, sign=sign)
