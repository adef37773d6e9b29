"""The emergency cards are kept current while a desk is open, in steps that a dose can pass."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot
from tests.desktop.clinic import Clinic, row, small_school, uid

from wc_contract.model.changes import RecordAdded
from wc_contract.model.instants import Instant
from wc_desktop.actions.desk import Desk
from wc_desktop.background.card_keeper import CardKeeper
from wc_desktop.background.runner import Priority, Runner
from wc_desktop.domain.emergency import EmergencyCard
from wc_desktop.domain.failures import DiskFull

pytestmark = pytest.mark.gui
WAIT_MS = 5000


@pytest.fixture
def runner(qapp: QCoreApplication) -> Iterator[Runner]:
    assert qapp is not None
    made = Runner()
    yield made
    made.stop()


@pytest.fixture
def desk(runner: Runner, clinic: Clinic) -> Iterator[Desk]:
    """An unlocked desk in a small school, of the replica thread."""
    made = runner.call(clinic.opened)
    yield made
    runner.call(made.close)


class Place:
    def __init__(self, *, is_set_up: bool = True) -> None:
        self.set_up = is_set_up
        self.written: list[tuple[EmergencyCard, ...]] = []
        self.threads: set[str] = set()
        self.erased = 0
        self.failures = 0

    def is_set_up(self) -> bool:
        return self.set_up

    def write(self, cards: Sequence[EmergencyCard], as_of: Instant | None) -> bool:
        assert as_of is not None
        self.threads.add(threading.current_thread().name)
        if self.failures:
            self.failures -= 1
            raise DiskFull("no room")
        self.written.append(tuple(cards))
        return True

    def erase(self) -> None:
        self.erased += 1
        self.set_up = False


def kept(desk: Desk, place: Place, runner: Runner) -> CardKeeper:
    keeper = CardKeeper(runner, desk, place, quiet=0.01)
    keeper.start()
    return keeper


def allergic(student: str, allergen: str) -> RecordAdded:
    values = {
        "student_id": str(uid(student)), "allergen": allergen, "ingredient_codes": "[]", "criticality": "high",
        "is_active": True,
    }  # fmt: skip
    return RecordAdded(kind="allergy", id=uid(f"new {allergen}"), values=values)


def test_what_changes_on_a_card_is_written_and_nothing_else_is(qtbot: QtBot, runner: Runner, desk: Desk) -> None:
    place = Place()
    keeper = kept(desk, place, runner)
    try:
        qtbot.waitUntil(lambda: len(place.written) == 1, timeout=WAIT_MS)
        assert len(place.written[0]) == 4
        runner.call(lambda: desk.author((allergic("lee", "Latex"),), desk.clock.now()))
        keeper.on_records_changed(frozenset({"dose"}))
        keeper.on_records_changed(frozenset({"allergy"}))
        qtbot.waitUntil(lambda: len(place.written) == 2, timeout=WAIT_MS)
        assert [one.allergies[0][0] for one in place.written[1] if one.allergies] == ["Penicillins", "Latex"]
        keeper.on_records_changed(frozenset({"student"}))
        qtbot.wait(200)
        assert len(place.written) == 2, "nothing on a card is another"
        assert place.threads == {"cards"}, "the replica thread writes no file of cards"
    finally:
        keeper.stop()
    assert keeper.is_over


def test_a_dose_passes_between_two_steps(qtbot: QtBot, runner: Runner, desk: Desk) -> None:
    place = Place()
    order: list[str] = []
    real = desk.records.find

    def found(*given: object) -> object:
        order.append("child")
        if len(order) == 1:
            runner.run(lambda: order.append("dose"), urgent=True)
        return real(*given)  # type: ignore[arg-type]  # what it was asked with

    desk.records.find = found  # type: ignore[method-assign,assignment]  # watched
    many = CardKeeper(runner, desk, place, quiet=0.01)
    from wc_desktop.background import card_keeper

    before, card_keeper._CHILDREN_A_STEP = card_keeper._CHILDREN_A_STEP, 1
    try:
        many.start()
        qtbot.waitUntil(lambda: bool(place.written), timeout=WAIT_MS)
    finally:
        card_keeper._CHILDREN_A_STEP = before
        many.stop()
    assert order == ["child", "dose", "child", "child", "child"]
    assert Priority.BLOB > Priority.SYNC > Priority.NURSE


def test_cards_are_as_of_before_the_first_child_was_read(qtbot: QtBot, runner: Runner, desk: Desk) -> None:
    place, order = Place(), list[str]()
    real, records = desk.records.find, type(desk.records)
    stands = desk.records.data_as_of

    def found(*given: object) -> object:
        order.append("child")
        return real(*given)  # type: ignore[arg-type]  # what it was asked with

    desk.records.find = found  # type: ignore[method-assign,assignment]  # watched

    def as_of(_: object) -> Instant | None:
        order.append("as of")
        return stands

    with pytest.MonkeyPatch.context() as watched:
        watched.setattr(records, "data_as_of", property(as_of))
        keeper = kept(desk, place, runner)
        try:
            qtbot.waitUntil(lambda: bool(place.written), timeout=WAIT_MS)
        finally:
            keeper.stop()
    assert order == ["as of", *["child"] * 4]


def test_without_a_code_nothing_is_read_or_written(qtbot: QtBot, runner: Runner, desk: Desk) -> None:
    place = Place(is_set_up=False)
    keeper = kept(desk, place, runner)
    qtbot.wait(150)
    keeper.stop()
    assert place.written == []


def test_a_full_disk_leaves_the_cards_before_and_is_tried_again(qtbot: QtBot, runner: Runner, desk: Desk) -> None:
    place = Place()
    place.failures = 1
    keeper = kept(desk, place, runner)
    try:
        qtbot.waitUntil(lambda: place.failures == 0, timeout=WAIT_MS)
        keeper.on_records_changed(frozenset({"allergy"}))
        qtbot.waitUntil(lambda: len(place.written) == 1, timeout=WAIT_MS)
    finally:
        keeper.stop()


def test_a_district_that_wants_no_cards_has_them_erased(qtbot: QtBot, runner: Runner, clinic: Clinic) -> None:
    rows = small_school()
    policy = '{"emergency_card": false}'
    rows["district"][0] = row("district", 1, id=rows["district"][0][0], name="P", state="IL", policy=policy)
    place = Place()
    desk = runner.call(lambda: clinic.opened(rows))
    keeper = kept(desk, place, runner)
    try:
        qtbot.waitUntil(lambda: place.erased == 1, timeout=WAIT_MS)
    finally:
        keeper.stop()
        runner.call(desk.close)
    assert place.written == []
