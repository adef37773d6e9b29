"""A row of the district that SQLite does not take holds up no other, is told, and is asked for again."""

from dataclasses import replace
from typing import Any

import pytest
from tests.desktop.clinic import NOON, NURSE, PASSWORD, Clinic, end_of, header_at, load, small_school
from tests.desktop.replica.test_projection import replica

from wc_contract.model.ids import UserId
from wc_contract.model.kinds import STUDENT
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.sync_state import sync_state
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.link_views import LinkState
from wc_desktop.ui.messages.outcomes import problem_sentence


def changed(at: int, version: int, **values: Any) -> list[Any]:
    """A pupil of the small school in a later version."""
    row = [*small_school()["student"][at][:-1], version]
    for name, value in values.items():
        row[STUDENT.columns.index(name)] = value
    return row


def complete(desk: Desk, *students: list[Any]) -> tuple[str, ...]:
    """Take the end of a pull that compares; students are those whose versions changed."""
    rows = small_school()
    new = {row[0]: row for row in students}
    rows["student"] = [new.get(row[0], row) for row in rows["student"]]
    return replica(desk).finish(end_of(rows), header_at(NOON), NOON)


def shown(desk: Desk, at: int) -> tuple[object, object]:
    row = replica(desk).find(STUDENT, str(small_school()["student"][at][0]))
    assert row is not None
    return row["grade"], row["row_version"]


@pytest.mark.parametrize(
    "value",
    [None, {"of": "another shape"}, ["a list"], "half of a pair: \ud800"],
    ids=["null", "object", "list", "text"],
)
def test_the_rows_beside_it_arrive_and_what_was_there_stays_in_view(desk: Desk, value: object) -> None:
    before = shown(desk, 1)
    lines = [changed(0, 9001, grade="4"), changed(1, 9002, grade=value), changed(2, 9003, grade="6")]
    assert replica(desk).take_rows("student", lines, 9003) == 2
    assert replica(desk).positions()["student"] == 9003
    assert [shown(desk, 0), shown(desk, 1), shown(desk, 2)] == [("4", 9001), before, ("6", 9003)]

    assert complete(desk, *lines) == ("student",), "a repair asks for it once more"
    assert replica(desk).kept("digests_agree") == "1"
    assert complete(desk, *lines) == (), "and nothing is fetched anew for ever"


def test_numbers_and_flags_that_do_not_fit_are_as_harmless(desk: Desk) -> None:
    lines = [changed(0, 9001, is_active="perhaps"), changed(1, 9002, is_active=1 << 70), changed(2, 9003, grade="6")]
    assert replica(desk).take_rows("student", lines, 9003) == 1
    complete(desk, *lines)
    assert replica(desk).unstored() == {"student": 2}


def test_it_is_told_until_it_is_there(desk: Desk) -> None:
    bad = changed(1, 9002, first_name=None)
    replica(desk).take_rows("student", [bad], 9002)
    complete(desk, bad)
    desk.link = replace(desk.link, state=LinkState.ONLINE, problem=None)
    state = sync_state(desk)
    assert (state.unstored, state.link.state, state.link.problem) == (1, LinkState.ATTENTION, "rows_unstored")
    assert problem_sentence("rows_unstored").startswith("This workstation could not take some")
    good = changed(1, 9002, first_name="Sonja")
    assert opened_of(desk).repairing.replace("student", [good]) == 1
    complete(desk, good)
    state = sync_state(desk)
    assert (state.unstored, state.link.state, state.link.problem) == (0, LinkState.ONLINE, None)


def test_the_district_is_told_how_many_at_the_greeting(clinic: Clinic, desk: Desk) -> None:
    files = clinic.parts.link_of(desk).files
    assert files.hello().unstored is None
    bad = [changed(0, 9001, first_name=None), changed(1, 9002, grade=None)]
    replica(desk).take_rows("student", bad, 9002)
    complete(desk, *bad)
    assert files.hello().unstored == 2


def test_a_repair_that_brings_it_again_leaves_what_was_there(desk: Desk) -> None:
    before, bad = shown(desk, 1), changed(1, 9002, grade=None)
    assert opened_of(desk).repairing.replace("student", [bad]) == 0
    assert shown(desk, 1) == before
    complete(desk, bad)
    assert replica(desk).unstored() == {"student": 1}


def test_it_is_forgotten_with_its_record(desk: Desk) -> None:
    bad = changed(1, 9002, grade=None)
    replica(desk).take_rows("student", [bad], 9002)
    replica(desk).take_removals([["student", bad[0], "deleted", 9004]], 9004)
    rows = small_school()
    del rows["student"][1]
    assert replica(desk).finish(end_of(rows), header_at(NOON), NOON) == ()
    assert replica(desk).unstored() == {}
    replica(desk).take_rows("student", [bad], 9005)
    assert opened_of(desk).repairing.remove("student", [bad[0]]) == 0
    assert replica(desk).finish(end_of(rows), header_at(NOON), NOON) == ()


def test_the_next_unlock_asks_for_it_again(clinic: Clinic, desk: Desk) -> None:
    bad = changed(1, 9002, grade=None)
    replica(desk).take_rows("student", [bad], 9002)
    assert (complete(desk, bad), complete(desk, bad)) == (("student",), ())
    lock(desk)
    again = unlock(clinic.station(), UserId(NURSE), PASSWORD)
    assert replica(again).unstored() == {"student": 1}
    assert (complete(again, bad), complete(again, bad)) == (("student",), ())
    again.close()


def test_a_first_sync_ends_with_all_other_rows(clinic: Clinic) -> None:
    station, rows = clinic.enrol(), small_school()
    rows["student"][1] = changed(1, 9002, grade=None)
    side = clinic.begin_side(station)
    load(side, rows, at=NOON)
    side.prove()
    side.put_in_place()
    desk = unlock(station, UserId(NURSE), PASSWORD)
    assert replica(desk).unstored() == {"student": 1}
    assert replica(desk).counts()["student"] == len(rows["student"]) - 1
    desk.close()
