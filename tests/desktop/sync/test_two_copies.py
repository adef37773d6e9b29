"""A workstation that has become two, or is older than it was: found, told, settled; nothing is lost or doubled."""

import shutil
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from pytestqt.qtbot import QtBot
from tests import factories as make
from tests.desktop.sync.conftest import District, Workstation, on

from wc_contract.model.ids import DeviceId, DoseId, OrderId, StudentId, new_uuid
from wc_contract.model.kinds import DOSE, ORDER, STUDENT
from wc_contract.wire.codes import Directive
from wc_desktop.actions.sync_state import link_status
from wc_desktop.actions.unlock import Desk
from wc_sync_server.cli.settling import settle_device

pytestmark = [pytest.mark.postgres, pytest.mark.gui]
Maker = Callable[[str, str], Workstation]


@pytest.fixture
def station(workstation: Maker, district: District) -> Workstation:
    district.house.forget_codes(district.house.nurses["ann"])
    return workstation("ann", "one")


@pytest.fixture
def copy(station: Workstation, district: District, tmp_path: Any) -> Any:
    """Give what copies the workstation's files as they are now to another machine; it is locked at the end."""
    made: list[Workstation] = []

    def copied(name: str) -> Workstation:
        shutil.copytree(station.folder, tmp_path / name)
        for keys in tmp_path.glob("one.keystore*"):
            shutil.copy(keys, tmp_path / keys.name.replace("one", name, 1))
        made.append(Workstation(tmp_path / name, district, "ann"))
        return made[-1]

    yield copied
    for each in made:
        each.lock()


def give(station: Workstation) -> str:
    """Log a dose as needed and return its id."""
    return str(on(station, _given))


def _given(desk: Desk) -> DoseId:
    now = desk.clock.now().replace(microsecond=0)
    (child,) = (row for row in desk.records.every(STUDENT) if row["first_name"] == "Ned")
    (order,) = desk.records.where(ORDER, "student_id", [str(child["id"])])
    dose = make.dose_logged(
        id=DoseId(new_uuid(now, desk.chance)),
        student_id=StudentId(UUID(str(child["id"]))),
        order_id=OrderId(UUID(str(order["id"]))),
        slot=None,
        administered_at=now,
    )
    desk.author((dose,), now)
    return dose.id


def sent(station: Workstation, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: on(station, lambda desk: link_status(desk).waiting) == 0, timeout=15_000)


def problem(station: Workstation) -> str | None:
    return on(station, lambda desk: desk.link.problem)  # type: ignore[no-any-return]


def stopped(station: Workstation) -> bool:
    """Whether a workstation was told at hello that there are two of it, and says so."""
    standing = None if station.sync is None else station.sync._standing
    return standing is not None and standing.directive is Directive.FORKED and problem(station) == "forked"


def online(station: Workstation) -> None:
    if station.desk is None:
        station.unlock()
    station.go_online()


def held(district: District, *doses: str) -> list[int]:
    return [district.house.one("SELECT count(*) FROM medication_logs WHERE id = %s", dose) for dose in doses]


def forked(district: District, station: Workstation) -> bool:
    told = district.house.one("SELECT directive FROM devices WHERE id = %s", station.station.device_id)
    return str(told) == "forked"


def settled(district: District, station: Workstation) -> tuple[int, int]:
    parts, device = district.house.parts, DeviceId(station.station.device_id)
    done = settle_device(parts, district.house.district, device)
    return done.taken, done.left


def test_files_copied_to_a_second_machine_are_found_at_hello_before_anything_is_entered(
    station: Workstation, copy: Any, district: District, qtbot: QtBot
) -> None:
    online(station)
    sent(station, qtbot)
    station.lock()
    second = copy("two")
    for one in (station, second):
        # Locking and unlocking is on record, too: nothing is entered here that a child's chart would show.
        one.unlock()
    for one in (station, second, station, second):
        one.go_online()
        qtbot.waitUntil(partial(_contact, one), timeout=15_000)
        one.go_offline()
    assert forked(district, station)


def _contact(station: Workstation) -> bool:
    return station.sync is not None and (station.sync._standing is not None or problem(station) == "forked")


def test_what_both_copies_entered_is_kept_and_counts_once_when_it_is_settled(
    station: Workstation, copy: Any, district: District, qtbot: QtBot
) -> None:
    online(station)
    before = give(station)
    sent(station, qtbot)
    station.lock()
    second = copy("two")
    station.unlock()
    here = give(station)
    station.go_online()
    sent(station, qtbot)
    station.go_offline()

    second.unlock()
    there = give(second)
    second.go_online()
    qtbot.waitUntil(partial(stopped, second), timeout=15_000)
    assert held(district, before, here, there) == [1, 1, 0]
    # It goes on entering while it is stopped, and nothing of that is lost either.
    later = give(second)
    assert on(second, lambda desk: link_status(desk).waiting) == 2

    station.lock()
    taken, left = settled(district, second)
    assert (taken >= 1, left) == (True, 0)
    assert second.sync is not None
    second.sync.wake()
    sent(second, qtbot)
    assert held(district, before, here, there, later) == [1, 1, 1, 1]
    qtbot.waitUntil(
        lambda: {here, there, later} <= {str(row["id"]) for row in on(second, lambda desk: desk.records.every(DOSE))},
        timeout=15_000,
    )
    another = give(second)
    sent(second, qtbot)
    assert held(district, another) == [1]
    assert not forked(district, second)


def test_an_older_image_that_entered_nothing_yet_goes_on_behind_what_was_sent_since(
    station: Workstation, copy: Any, district: District, qtbot: QtBot
) -> None:
    online(station)
    station.lock()
    image = copy("image")
    online(station)
    since = give(station)
    sent(station, qtbot)
    station.lock()

    image.unlock()
    image.go_online()
    # That it was unlocked is on record under a number that stands for something else: told, and a person settles it.
    qtbot.waitUntil(partial(stopped, image), timeout=15_000)
    again = give(image)
    settled(district, image)
    assert image.sync is not None
    image.sync.wake()
    sent(image, qtbot)
    assert held(district, since, again) == [1, 1]
