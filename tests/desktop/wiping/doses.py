"""Doses that a nurse gives at a workstation without a network."""

from tests import factories as make
from tests.desktop.sync.conftest import Workstation
from tests.sync_server.house import House


def give(station: Workstation, house: House, count: int, *, student: object = None) -> None:
    """Give doses at an unlocked workstation; student stands in for the pupil."""
    desk, pupil = station.desk, house.pupils["ned"]
    assert desk is not None
    assert station.runner is not None
    runner = station.runner

    def once() -> None:
        change = make.dose_logged(student_id=student or pupil.id, order_id=pupil.order, slot=None)
        desk.journal.append(
            [change], author=desk.person.id, at=desk.clock.now(), zone="America/Chicago", replica_as_of=None
        )

    for _ in range(count):
        runner.call(once)
