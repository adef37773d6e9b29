"""Locks are taken in one order by everybody: streams, then rows by table and id; and only the locks declared."""

import threading
from uuid import UUID

import pytest
from tests.sync_server.db.district_of_tests import Town, new_id, settle, student_row

from wc_contract.model.kinds import STUDENT
from wc_sync_server.db.context import Context, Timeouts
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.errors import LocksOutOfOrder, LockUndeclared, RowUnknown, TryAgain
from wc_sync_server.db.operations import BUDGET, IMPORT, WRITE, Operation
from wc_sync_server.db.unit_of_work import scoped

pytestmark = pytest.mark.postgres


@pytest.fixture
def town(shared_pool: Pool) -> Town:
    return settle(shared_pool)


@pytest.fixture
def pupils(shared_pool: Pool, town: Town) -> list[UUID]:
    """Give three pupils of the first school and one of the second, in the order of their ids."""
    rows = [student_row() for _ in range(4)]
    with scoped(shared_pool, town.context()) as uow:
        uow.lock_streams(town.first, town.second)
        uow.write_rows(STUDENT, town.first, rows[:3])
        uow.write_rows(STUDENT, town.second, rows[3:])
        uow.commit()
    return sorted(UUID(str(row["id"])) for row in rows)


def test_rows_are_held_against_other_writers_until_the_end(shared_pool: Pool, town: Town, pupils: list[UUID]) -> None:
    with scoped(shared_pool, town.context()) as first:
        first.lock_rows("students", pupils[:2])
        with (
            pytest.raises(TryAgain) as raised,
            scoped(shared_pool, town.context(), timeouts=Timeouts(lock=50)) as second,
        ):
            second.lock_rows("students", pupils[1:])
    assert raised.value.sqlstate == "55P03"
    with scoped(shared_pool, town.context()) as third:
        third.lock_rows("students", pupils)


def test_a_lock_keeps_out_no_foreign_key(shared_pool: Pool, town: Town, pupils: list[UUID]) -> None:
    """A chart goes on growing while its student is held."""
    contact = """
    INSERT INTO allergies (district_id, school_id, id, row_version, student_id, allergen, ingredient_codes, criticality,
                           is_active, created_at, updated_at)
    VALUES (%(district)s, %(school)s, %(id)s, 1, %(student)s, 'invented', '[]', 'low', true, %(at)s, %(at)s)
    """
    with scoped(shared_pool, town.context()) as first:
        first.lock_rows("students", pupils)
        with scoped(shared_pool, town.context(), timeouts=Timeouts(lock=50)) as second:
            values = {"district": town.district, "school": town.first, "id": new_id(), "student": pupils[0]}
            second.connection.execute(contact, {**values, "at": second.at})


def test_a_row_below_one_that_is_held_is_refused(shared_pool: Pool, town: Town, pupils: list[UUID]) -> None:
    with scoped(shared_pool, town.context()) as uow:
        uow.lock_rows("students", pupils[1:3])
        uow.lock_rows("students", pupils[1:2])
        uow.lock_rows("students", pupils[3:])
        with pytest.raises(LocksOutOfOrder):
            uow.lock_rows("students", pupils[:1])
        with pytest.raises(LocksOutOfOrder):
            uow.lock_rows("emergency_contacts", [new_id()])


def test_rows_asked_for_in_any_order_are_taken_in_one(shared_pool: Pool, town: Town, pupils: list[UUID]) -> None:
    """Two who name the same rows the other way round wait for each other once, and both get them."""
    together = threading.Barrier(2)
    failed: list[BaseException] = []

    def take(ids: list[UUID]) -> None:
        try:
            for _ in range(20):
                together.wait(10)
                with scoped(shared_pool, town.context()) as uow:
                    uow.lock_rows("students", ids)
                    uow.commit()
        except BaseException as error:
            failed.append(error)
            together.abort()
            raise

    threads = [threading.Thread(target=take, args=(ids,)) for ids in (pupils, pupils[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_streams_come_before_rows(shared_pool: Pool, town: Town, pupils: list[UUID]) -> None:
    with scoped(shared_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.lock_rows("students", pupils)
        uow.lock_streams(town.first)
        with pytest.raises(LocksOutOfOrder):
            uow.lock_streams(town.second)


def test_a_row_that_is_not_there_is_told(shared_pool: Pool, town: Town, pupils: list[UUID]) -> None:
    with scoped(shared_pool, town.context()) as uow, pytest.raises(RowUnknown):
        uow.lock_rows("students", [pupils[0], new_id()])


def test_a_row_of_another_school_or_district_is_not_there(shared_pool: Pool, town: Town, pupils: list[UUID]) -> None:
    other = settle(shared_pool)
    with scoped(shared_pool, town.context(town.first)) as uow, pytest.raises(RowUnknown):
        uow.lock_rows("students", pupils)
    stranger = Context(district=other.district, role="SYSTEM", schools=(town.first, town.second))
    with scoped(shared_pool, stranger) as uow, pytest.raises(RowUnknown):
        uow.lock_rows("students", pupils)


@pytest.mark.parametrize(
    ("operation", "table"),
    [(BUDGET, "students"), (IMPORT, "inventory_items"), (WRITE, "district_directory"), (WRITE, "x; DROP TABLE y")],
)
def test_only_locks_that_are_declared_are_given(
    shared_pool: Pool, town: Town, operation: Operation, table: str
) -> None:
    with scoped(shared_pool, town.context(), operation=operation) as uow, pytest.raises(LockUndeclared):
        uow.lock_rows(table, [new_id()])


def test_an_operation_without_streams_locks_none(shared_pool: Pool, town: Town) -> None:
    with scoped(shared_pool, town.context(), operation=BUDGET) as uow, pytest.raises(LockUndeclared):
        uow.lock_streams(town.first)


def test_streams_are_opened_only_where_streams_are_locked_and_before_rows(
    shared_pool: Pool, town: Town, pupils: list[UUID]
) -> None:
    school = new_id()
    with scoped(shared_pool, town.context(), operation=BUDGET) as uow, pytest.raises(LockUndeclared):
        uow.open_streams(school)
    with scoped(shared_pool, town.context()) as uow:
        uow.lock_rows("students", pupils)
        with pytest.raises(LocksOutOfOrder):
            uow.open_streams(school)


def test_opening_a_stream_that_was_there_is_locking_it(shared_pool: Pool, town: Town) -> None:
    low, high = sorted((town.first, town.second))
    with scoped(shared_pool, town.context()) as uow:
        uow.lock_streams(high)
        with pytest.raises(LocksOutOfOrder):
            uow.open_streams(low)
    with scoped(shared_pool, town.context()) as uow:
        uow.lock_streams(low)
        assert set(uow.open_streams(high)) == {high}
