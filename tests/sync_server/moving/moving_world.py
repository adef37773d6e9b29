"""Workstations of two schools without a network: they push into the reconciler and read the school's real feed."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests import factories as make
from tests.sync_server.house import House, Pupil, _pupil
from tests.sync_server.in_house import _DEVICE

from wc_contract.model.changes import Change, DoseLogged, Entry
from wc_contract.model.ids import DeviceId, SchoolId, new_uuid
from wc_contract.model.kinds import BY_NAME
from wc_contract.wire.digests import digest_rows
from wc_contract.wire.entries import entry_to_body
from wc_contract.wire.messages import Pull, Receipt, SealedEntry
from wc_sync_server.api.pull import pull_lines
from wc_sync_server.db.cache import Cache
from wc_sync_server.db.repositories.epochs import Epochs, ensure_epoch
from wc_sync_server.db.repositories.feed import PostgresFeeds
from wc_sync_server.db.repositories.intake import PostgresIntake
from wc_sync_server.db.repositories.reference import References
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.checkpoints import Checkpoints
from wc_sync_server.reconcile.arrivals import digests_of, read_arrivals
from wc_sync_server.reconcile.batch import Batch, Reconciler

_KEY = b"k" * 32


@dataclass(slots=True, kw_only=True)
class Station:
    """A workstation of a school: its entries, and what its replica holds by kind and id."""

    house: House
    school: SchoolId
    nurse: str
    reconciler: Reconciler
    feeds: PostgresFeeds
    epoch: str
    device: DeviceId
    number: int = 0
    since: dict[str, int] = field(default_factory=dict)
    held: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def principal(self) -> Principal:
        return Principal(
            district=self.house.district,
            school=self.school,
            device=self.device,
            user=self.house.nurses[self.nurse].id,
            session=make.named("session"),
        )

    def entry(self, *changes: Change, **values: Any) -> Entry:
        """Return the next entry."""
        self.number += 1
        given = {"number": self.number, "device_id": self.device, "author_id": self.house.nurses[self.nurse].id}
        return make.entry_of(*changes, **(given | values))

    def dose(self, pupil: Pupil, **values: Any) -> DoseLogged:
        """Return a noon dose of a pupil, under the order that this workstation knew first."""
        return make.dose_logged(**({"student_id": pupil.id, "order_id": pupil.order} | values))

    def push(self, *entries: Entry) -> tuple[Receipt, ...]:
        """Send entries and return their receipts."""
        sealed = [SealedEntry(body=entry_to_body(entry), signature="A" * 88) for entry in entries]
        batch = Batch(
            principal=self.principal,
            epoch=self.epoch,
            arrivals=read_arrivals(sealed, digests_of(sealed), self.device),
            unsigned=frozenset,
        )
        return self.reconciler.push(batch).answer.receipts

    def pull(self) -> None:
        """Take what is new, as a workstation does; raise when its records are not the server's then."""
        message = Pull(protocol=1, epoch=self.epoch, since=self.since, digest=True, shape=2)
        with self.feeds.snapshot(self.principal) as snapshot:
            frames = [json.loads(line) for line in pull_lines(snapshot, message, Checkpoints(_KEY))]
        for frame in frames:
            if frame["frame"] == "rows":
                kind = BY_NAME[frame["kind"]]
                rows = [dict(zip(kind.columns, row, strict=True)) for row in frame["rows"]]
                self.held.setdefault(kind.name, {}).update({row["id"]: row for row in rows})
                self.since[kind.name] = max(self.since.get(kind.name, 0), frame["upto"])
            elif frame["frame"] == "removed":
                for kind_name, record, _reason, version in frame["rows"]:
                    there = self.held.get(kind_name, {})
                    if record in there and there[record]["row_version"] <= version:
                        del there[record]
                self.since["removal"] = max(self.since.get("removal", 0), frame["upto"])
        theirs = {name: tuple(pair) for name, pair in frames[-1]["digest"].items() if pair[0]}
        ours = {name: digest_rows((row["id"], row["row_version"]) for row in rows.values()) for name, rows in
                self.held.items() if rows}  # fmt: skip
        assert {name: (digest.count, digest.sum) for name, digest in ours.items()} == theirs

    def ids(self, kind: str) -> set[str]:
        """Return the ids of the records of a kind that the replica holds."""
        return set(self.held.get(kind, {}))


def station(house: House, school: SchoolId, nurse: str) -> Station:
    """Return a registered workstation of a school."""
    at = house.parts.clock.now()
    device = DeviceId(new_uuid(at, house.parts.chance))
    house.done(_DEVICE, house.district, school, device, _KEY, _KEY)
    ensure_epoch(house.parts.cells.home, at, house.parts.chance)
    cells = house.parts.cells
    epochs = Epochs(cells, house.parts.clock)
    intake = PostgresIntake(cells, epochs, house.parts.chance, lambda _district: (), References(Cache()))
    return Station(
        house=house,
        school=school,
        nurse=nurse,
        reconciler=Reconciler(intake),
        feeds=PostgresFeeds(cells, epochs),
        epoch=epochs.current(house.district),
        device=device,
    )


def enrolled(house: House, name: str, number: int, school: SchoolId) -> Pupil:
    """Return a new pupil with an order at noon."""
    return _pupil(house.parts, house.district, school, name, number, house.nurses["ann"].id)
