"""Doses that a nurse gives at a workstation without a network."""

from tests import factories as make
from tests.desktop.sync.conftest import Workstation
from tests.sync_server.house import House

from wc_contract.model.ids import EntryId, OrderId


def give(station: Workstation, house: House, count: int, *, after: EntryId | None = None) -> None:
    """Give doses at an unlocked workstation; after: of an order that this entry brings, which is still to come."""
    desk, pupil = station.desk, house.pupils["ned"]
    assert desk is not None
    assert station.runner is not None
    runner = station.runner
    order = pupil.order if after is None else OrderId(make.named("to come"))

    def once() -> None:
        change = make.dose_logged(student_id=pupil.id, order_id=order, slot=None)
        desk.journal.append(
            [change],
            author=desk.person.id,
            at=desk.clock.now(),
            zone="America/Chicago",
            replica_as_of=None,
            depends_on=() if after is None else (after,),
        )

    for _ in range(count):
        runner.call(once)
