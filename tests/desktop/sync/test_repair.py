"""A replica that differs from its server is mended by what differs; only when that is not enough is it fetched anew."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import pytest
from pytestqt.qtbot import QtBot
from tests import factories as make
from tests.desktop.sync.conftest import District, Workstation, on

from wc_contract.model.ids import order_version_id
from wc_contract.model.kinds import BY_NAME, DOSE, STUDENT
from wc_desktop.actions.unlock import Desk
from wc_desktop.app.parts import opened_of
from wc_desktop.background.steps import SteppedRepair, Steps
from wc_desktop.cipher.engine import Connection
from wc_desktop.replica.engine import REPLICA_FILE
from wc_desktop.sync.repair import Repaired, repair_round
from wc_sync_server.cli.records import system

pytestmark = [pytest.mark.postgres, pytest.mark.gui]
Maker = Callable[[str, str], Workstation]
MANY = 3_000
ALL = frozenset(BY_NAME)


@pytest.fixture(scope="module")
def filled(district: District) -> District:
    """Give the north school some thousand doses."""
    house, ned = district.house, district.house.pupils["ned"]
    rows = [
        make.dose_row(
            student_id=str(ned.id),
            order_id=str(ned.order),
            order_version_id=str(order_version_id(ned.order, 1)),
            author_user_id=str(house.nurses["ann"].id),
        )
        for _ in range(MANY)
    ]
    with system(house.parts, house.district, (house.north,)) as uow:
        uow.lock_streams(house.north)
        uow.write_rows(DOSE, house.north, rows)
        uow.commit()
    return district


@pytest.fixture
def enrolled(workstation: Maker, filled: District) -> Maker:
    """Give a maker of workstations for which every nurse has a fresh second factor."""

    def make_one(nurse: str, name: str) -> Workstation:
        filled.house.forget_codes(filled.house.nurses[nurse])
        return workstation(nurse, name)

    return make_one


@dataclass
class Damage:
    """A replica that somebody writes into past the program."""

    station: Workstation

    def do(self, statement: str, *values: object) -> int:
        return int(on(self.station, lambda desk: _connection(desk).execute(statement, values).rowcount))  # type: ignore[call-overload]

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        return list(on(self.station, lambda desk: list(_connection(desk).execute(query, values))))  # type: ignore[call-overload]


def _connection(desk: Desk) -> Connection:
    return opened_of(desk)._connection


def mend(station: Workstation, kinds: frozenset[str] = ALL) -> Repaired:
    """Repair once, as the sync thread does."""
    with reached(station) as gateway:
        assert station.runner is not None
        link = station.parts.link_of(station.desk)  # type: ignore[arg-type]
        files = SteppedRepair(Steps(station.runner, lambda: False), link.repair_files)
        epoch = str(on(station, lambda desk: opened_of(desk).records.epoch))
        return repair_round(gateway, files, epoch, kinds, progress=lambda _done, _about: None)


@contextmanager
def reached(station: Workstation) -> Iterator[object]:
    gateway = station.parts.connect(station.station)
    try:
        yield gateway
    finally:
        gateway.close()


def digests(station: Workstation) -> object:
    return on(station, lambda desk: opened_of(desk).records.digests())


def opened(station: Workstation) -> Damage:
    station.unlock()
    return Damage(station)


def test_only_what_is_missing_older_or_too_much_is_fetched_and_removed(enrolled: Maker) -> None:
    station = enrolled("ann", "mended")
    damage = opened(station)
    whole = digests(station)
    doses = [str(row[0]) for row in damage.ask("SELECT id FROM medication_logs ORDER BY id LIMIT 60")]
    content = damage.ask("SELECT * FROM medication_logs ORDER BY id")
    assert damage.do("DELETE FROM medication_logs WHERE id IN (?, ?, ?)", *doses[:3]) == 3
    assert damage.do("UPDATE medication_logs SET row_version = 1, unit = 'g' WHERE id = ?", doses[10]) == 1
    # Newer than the server's own, as no pull would ever mend.
    assert damage.do("UPDATE medication_logs SET row_version = 10000000 WHERE id = ?", doses[20]) == 1
    flipped = _one_bit_off(doses[30])
    assert damage.do("UPDATE medication_logs SET id = ? WHERE id = ?", flipped, doses[30]) == 1
    assert damage.do("UPDATE medication_logs SET id = ? WHERE id = ?", doses[40].upper(), doses[40]) == 1
    _one_too_many(damage)
    assert digests(station) != whole

    repaired = mend(station, frozenset({"dose"}))
    assert (repaired.fetched, repaired.removed, repaired.too_much) == (7, 3, False)
    assert repaired.kinds == {"dose"}
    assert digests(station) == whole
    assert damage.ask("SELECT * FROM medication_logs ORDER BY id") == content
    assert mend(station) == Repaired()


def _one_bit_off(record_id: str) -> str:
    return str(UUID(int=UUID(record_id).int ^ 1))


def _one_too_many(damage: Damage) -> None:
    columns = [f'"{name}"' for name in DOSE.columns[1:]]
    listed = ", ".join(columns)
    damage.do(
        f"INSERT INTO medication_logs (id, {listed}) SELECT ?, {listed} FROM medication_logs LIMIT 1",
        str(make.named("a dose that nobody gave")),
    )


def test_a_repair_is_put_on_record_before_it_is_answered(enrolled: Maker, filled: District) -> None:
    station = enrolled("ann", "on record")
    damage = opened(station)
    damage.do("DELETE FROM medication_logs WHERE id = (SELECT min(id) FROM medication_logs)")
    mend(station, frozenset({"dose"}))
    exports = filled.house.asked(
        "SELECT detail ->> 'via' FROM audit_logs WHERE action = 'EXPORT' AND device_id = %s ORDER BY at",
        station.station.device_id,
    )
    assert exports == [("first_sync",), ("repair",)]


def test_what_screens_search_is_mended_with_the_rows(enrolled: Maker) -> None:
    station = enrolled("ann", "searched")
    damage = opened(station)
    found = partial(on, station, lambda desk: [row["id"] for row in desk.records.search_students("ned", 5)])
    whole = found()
    stamp = on(station, lambda desk: desk.records.stamp((STUDENT,)))
    damage.do("DELETE FROM students")
    assert found() == []
    repaired = mend(station, frozenset({"student"}))
    assert repaired.fetched == damage.ask("SELECT count(*) FROM students")[0][0] == 2
    assert found() == whole
    assert on(station, lambda desk: desk.records.stamp((STUDENT,))) != stamp


def test_a_replica_that_lost_most_is_not_repaired_but_fetched_anew(enrolled: Maker) -> None:
    station = enrolled("ann", "emptied")
    damage = opened(station)
    damage.do("DELETE FROM medication_logs")
    assert mend(station).too_much is True
    assert damage.ask("SELECT count(*) FROM medication_logs") == [(0,)]


def _inode(station: Workstation) -> int:
    return (station.folder / REPLICA_FILE).stat().st_ino


def _agrees(station: Workstation) -> bool:
    agrees = on(station, lambda desk: opened_of(desk).records.kept("digests_agree"))
    return agrees == "1" and on(station, lambda desk: desk.wants_digest) is False


def _compare(desk: Desk) -> None:
    desk.wants_digest = True


@pytest.mark.parametrize("few", [True, False])
def test_the_sync_thread_mends_a_few_rows_in_place_and_fetches_many_anew(
    enrolled: Maker, qtbot: QtBot, few: bool
) -> None:
    station = enrolled("bea", f"kept {few}")
    damage = opened(station)
    whole, file = digests(station), _inode(station)
    damage.do(f"DELETE FROM medication_logs WHERE rowid % {50 if few else 1} = 0")
    on(station, _compare)
    station.go_online()
    qtbot.waitUntil(lambda: digests(station) == whole, timeout=20_000)
    qtbot.waitUntil(lambda: (_inode(station) == file) is few, timeout=5_000)
    if few:
        qtbot.waitUntil(lambda: _agrees(station), timeout=5_000)
