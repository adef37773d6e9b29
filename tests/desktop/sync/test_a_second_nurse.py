"""A second nurse at a workstation: added by whoever is at the desk, and then as good as the first, also offline."""

from collections.abc import Callable
from functools import partial

import pytest
from tests.desktop.sync.conftest import District, Workstation
from tests.sync_server.house import PASSWORD, House

from wc_contract.model.errors import Defect
from wc_contract.model.ids import UserId
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.people import introduce
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.background.runner import Runner
from wc_desktop.domain.failures import NotAssigned, SecondFactorFailed, ServerUnreachable, WrongPassword
from wc_desktop.domain.screens import PersonRow

pytestmark = pytest.mark.postgres

Maker = Callable[..., Workstation]
ANOTHER = "another long pass phrase"


def code_of(district: District, name: str) -> str:
    person = district.house.nurses[name]
    district.house.forget_codes(person)
    return person.code(district.clock().now())


def asked(district: District, desk: Desk, name: str, password: str = PASSWORD) -> Callable[[], PersonRow]:
    return introduce(desk, district.house.nurses[name].email, password, code_of(district, name))


def opened_by(station: Workstation, user: UserId, password: str) -> None:
    """Unlock and lock once. Raises what unlocking raises."""
    runner = Runner()
    try:
        desk = runner.call(partial(unlock, station.station, user, password))
        runner.call(partial(lock, desk))
    finally:
        runner.stop()


def replaced_password(house: House, name: str, password: str) -> None:
    hashed = house.parts.passwords().hash(password)
    house.done("UPDATE user_credentials SET password_hash = %s WHERE id = %s", hashed, house.nurses[name].id)


def test_a_second_nurse_unlocks_without_the_network_and_the_first_as_before(
    workstation: Maker, district: District
) -> None:
    front = workstation("ann", "front")
    desk = front.unlock()
    give_slot = asked(district, desk, "bea")
    assert front.runner is not None
    bea = front.runner.call(give_slot)
    assert bea.id == district.house.nurses["bea"].id
    assert [person.id for person in front.station.people()] == [district.house.nurses["ann"].id, bea.id]
    front.lock()
    district.served.stop()
    try:
        opened_by(front, bea.id, PASSWORD)
        opened_by(front, UserId(district.house.nurses["ann"].id), PASSWORD)
    finally:
        district.start()


def test_who_is_added_again_has_the_new_password_alone(workstation: Maker, district: District) -> None:
    front = workstation("ann", "again")
    desk = front.unlock()
    assert front.runner is not None
    bea = front.runner.call(asked(district, desk, "bea"))
    replaced_password(district.house, "bea", ANOTHER)
    try:
        front.runner.call(asked(district, desk, "bea", ANOTHER))
    finally:
        replaced_password(district.house, "bea", PASSWORD)
    front.lock()
    with pytest.raises(WrongPassword):
        opened_by(front, bea.id, PASSWORD)
    opened_by(front, bea.id, ANOTHER)
    assert len(front.station.people()) == 2


def test_nobody_gets_in_without_a_right_and_nothing_changes(workstation: Maker, district: District) -> None:
    front = workstation("ann", "refused")
    desk, bea, cleo = front.unlock(), district.house.nurses["bea"], district.house.nurses["cleo"]
    with pytest.raises(SecondFactorFailed):
        introduce(desk, bea.email, PASSWORD, "000000")
    with pytest.raises(NotAssigned):
        introduce(desk, cleo.email, PASSWORD, code_of(district, "cleo"))
    district.served.stop()
    try:
        with pytest.raises(ServerUnreachable):
            introduce(desk, bea.email, PASSWORD, code_of(district, "bea"))
    finally:
        district.start()
    assert [person.id for person in front.station.people()] == [district.house.nurses["ann"].id]


def test_a_desk_that_was_locked_meanwhile_gives_no_slot(workstation: Maker, district: District) -> None:
    front = workstation("ann", "locked")
    give_slot = asked(district, front.unlock(), "bea")
    slots = (front.folder / "slots.json").read_bytes()
    front.lock()
    with pytest.raises(Defect):
        give_slot()
    assert (front.folder / "slots.json").read_bytes() == slots
