"""`db check` finds what was written past the unit of work, by the kind and the school, for a person and a program."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests import factories as make
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import House
from tests.sync_server.in_house import office_of

pytestmark = pytest.mark.postgres


def flaws(house: House, **environment: str) -> set[tuple[str, str, int]]:
    ended = run(house, "db", "check", "--json", **environment)
    (district,) = json.loads(ended.stdout)["districts"]
    found = {(one["flaw"], one["kind"], one["rows"]) for one in district["findings"]}
    assert (ended.returncode, json.loads(ended.stdout)["in_order"]) == ((1, False) if found else (0, True))
    return found


@contextmanager
def done_by_hand(house: House, statement: str, back: str, *values: object) -> Iterator[None]:
    house.done(statement, *values)
    try:
        yield
    finally:
        house.done(back, *values)


def test_nothing_is_found_where_everything_went_through_the_server(house: House) -> None:
    office = office_of(house)
    ned = house.pupils["ned"]
    office.push(office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order)))
    assert flaws(house) == set()
    assert "and is on record" in run(house, "db", "check").stdout


def test_a_row_above_its_stream_is_found(house: House) -> None:
    ned = house.pupils["ned"].id
    change = "UPDATE students SET row_version = row_version {} 100000 WHERE id = %s"
    with done_by_hand(house, change.format("+"), change.format("-"), ned):
        assert ("ahead_of_stream", "student", 1) in flaws(house)
        shown = run(house, "db", "check")
        assert (shown.returncode, "written past the server" in shown.stdout) == (1, True)


def test_two_rows_of_one_version_are_found(house: House) -> None:
    order = house.pupils["ned"].order
    ((own, student),) = house.asked(
        "SELECT o.row_version, s.row_version FROM student_medications o JOIN students s ON s.id = o.student_id"
        " WHERE o.id = %s", order,
    )  # fmt: skip
    change = "UPDATE student_medications SET row_version = {} WHERE id = %s"
    with done_by_hand(house, change.format(student), change.format(own), order):
        assert ("version_twice", "order, student", 2) in flaws(house)


def test_a_head_that_was_set_back_is_found_with_the_rows_that_nobody_asks_for(house: House) -> None:
    ((heads,),) = house.asked("SELECT heads::text FROM streams WHERE id = %s", house.north)
    back = f"UPDATE streams SET heads = '{heads}' WHERE id = %s"
    with done_by_hand(house, "UPDATE streams SET heads = heads || '{\"order\": 0}' WHERE id = %s", back, house.north):
        assert flaws(house) == {("behind_no_head", "order", 2)}
    with done_by_hand(
        house, "UPDATE streams SET heads = heads || '{\"order\": 9999}' WHERE id = %s", back, house.north
    ):
        assert flaws(house) == {("head_too_high", "order", 1)}


def test_a_dose_that_the_audit_does_not_know_is_found_where_the_audit_is_read(house: House) -> None:
    office = office_of(house)
    nora = house.pupils["nora"]
    dose = make.dose_logged(student_id=nora.id, order_id=nora.order)
    office.push(office.entry(dose))
    change = "UPDATE audit_logs SET entity_id = %s WHERE entity_id = %s"
    house.done(change, "elsewhere", str(dose.id))
    assert flaws(house) == {("not_on_record", "dose", 1)}
    assert flaws(house, WC_AUDIT_URL="") == set()
    house.done(change, str(dose.id), "elsewhere")
