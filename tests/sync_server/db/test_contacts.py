"""A student has one primary contact, whoever chooses at the same time."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.sync_server.db.district_of_tests import Town, new_id, settle, student_row

from wc_contract.model.ids import StudentId
from wc_contract.model.kinds import EMERGENCY_CONTACT, STUDENT
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.operations import PRIMARY_CONTACT
from wc_sync_server.db.repositories.contacts import PrimaryCode, make_primary
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres


@pytest.fixture
def town(shared_pool: Pool) -> Town:
    return settle(shared_pool)


@pytest.fixture
def student(shared_pool: Pool, town: Town) -> StudentId:
    row = student_row()
    with scoped(shared_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(STUDENT, town.first, [row])
        uow.commit()
    return StudentId(UUID(str(row["id"])))


def add_contacts(pool: Pool, town: Town, student: StudentId, count: int, **changes: Any) -> list[UUID]:
    """Give a student contacts, of which none is the primary one."""
    ids = [new_id() for _ in range(count)]
    rows = [
        {
            "id": str(id_),
            "student_id": str(student),
            "name": "Pat Invented",
            "relationship": "aunt",
            "phone": "555-0100",
            "priority": number,
            "is_primary": False,
            "may_pick_up": False,
            "is_active": True,
            **changes,
        }
        for number, id_ in enumerate(ids, start=1)
    ]
    with scoped(pool, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(EMERGENCY_CONTACT, town.first, rows)
        uow.commit()
    return ids


def choose(pool: Pool, town: Town, student: StudentId, contact: UUID) -> PrimaryCode:
    """Choose in a transaction of its own."""

    def work() -> PrimaryCode:
        with scoped(pool, town.context(), operation=PRIMARY_CONTACT) as uow:
            code = make_primary(uow, town.first, student, contact).code
            uow.commit()
        return code

    return run_retrying(work)


def primary(superuser: Dsn, student: UUID) -> list[tuple[Any, ...]]:
    with psycopg.connect(superuser.conninfo()) as connection:
        return connection.execute(
            "SELECT id FROM emergency_contacts WHERE is_primary AND student_id = %s", (student,)
        ).fetchall()


def test_the_one_chosen_takes_the_place_of_the_one_before(
    shared_pool: Pool, town: Town, student: StudentId, shared_superuser: Dsn
) -> None:
    first, second = add_contacts(shared_pool, town, student, 2)
    assert choose(shared_pool, town, student, first) is PrimaryCode.CHOSEN
    assert choose(shared_pool, town, student, second) is PrimaryCode.CHOSEN
    assert choose(shared_pool, town, student, second) is PrimaryCode.ALREADY_PRIMARY
    assert primary(shared_superuser, student) == [(second,)]


def test_who_is_no_active_contact_of_the_student_is_not_chosen(
    shared_pool: Pool, town: Town, student: StudentId, shared_superuser: Dsn
) -> None:
    (gone,) = add_contacts(shared_pool, town, student, 1, is_active=False)
    assert choose(shared_pool, town, student, gone) is PrimaryCode.CONTACT_UNKNOWN
    assert choose(shared_pool, town, student, new_id()) is PrimaryCode.CONTACT_UNKNOWN
    assert choose(shared_pool, town, StudentId(new_id()), gone) is PrimaryCode.STUDENT_UNKNOWN
    assert primary(shared_superuser, student) == []


def test_choosers_at_once_leave_one(shared_pool: Pool, town: Town, student: StudentId, shared_superuser: Dsn) -> None:
    contacts = add_contacts(shared_pool, town, student, 4)
    with ThreadPoolExecutor(4) as choosers:
        codes = list(choosers.map(partial(choose, shared_pool, town, student), contacts * 3))
    assert set(codes) <= {PrimaryCode.CHOSEN, PrimaryCode.ALREADY_PRIMARY}
    assert len(primary(shared_superuser, student)) == 1
