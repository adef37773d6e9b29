"""Where proofs are made: a district with two schools, twelve workstations, and pools for twelve writers."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, StudentId, UserId, new_uuid
from wc_contract.model.kinds import DISTRICT, MEDICATION, SCHOOL, SCHOOL_ASSIGNMENT, STUDENT, USER, RecordKind
from wc_sync_server.db import migrate
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.directory import District, add_district
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.provision import Dsns, Passwords, provision
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.db.repositories.epochs import Epochs, ensure_epoch
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.machine import SystemChance, SystemClock

WRITERS = 12
PUPILS = 8
NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
_ZONE = "America/Chicago"
_DEVICE = """
INSERT INTO devices (district_id, school_id, id, name, sign_key, seal_key, enrolled_at, created_at, updated_at)
VALUES (%(district)s, %(school)s, %(id)s, 'Office', %(key)s, %(key)s, %(at)s, %(at)s, %(at)s)
"""
_CODES = itertools.count(1)

Row = dict[str, Any]


def new_id() -> UUID:
    """Return an id that nothing has."""
    return new_uuid(NOON, SystemChance())


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything a proof needs. superuser sees all and may do all."""

    pool: Pool
    cells: Cells
    epochs: Epochs
    superuser: str = field(repr=False)
    district: DistrictId
    schools: tuple[SchoolId, SchoolId]
    nurse: UserId
    medicine: UUID
    pupils: tuple[StudentId, ...]
    devices: tuple[DeviceId, ...]

    @property
    def context(self) -> Context:
        """The system's, with both schools in sight."""
        return Context(district=self.district, role=SYSTEM, schools=self.schools)

    def write(self, kind: RecordKind, stream: UUID, *rows: Row) -> None:
        """Write records as an import does."""
        with scoped(self.pool, self.context) as uow:
            uow.lock_streams(stream)
            uow.write_rows(kind, stream, rows)
            uow.commit()

    def asked(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what the superuser sees."""
        with psycopg.connect(self.superuser) as connection:
            return connection.execute(query.encode(), values).fetchall()


@contextmanager
def own_ground(folder: Path) -> Iterator[Ground]:
    """Give a ground on a PostgreSQL of its own; it is erased at the end."""
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    try:
        superuser = server.start()
        words = Passwords(migrate="m", app="a", audit_reader="r", backup="b")
        ways = provision(superuser.conninfo(), "proofs", words)
        migrate.upgrade(ways.migrate)
        with furnished(ways, server.superuser_dsn("proofs").conninfo()) as ground:
            yield ground
    finally:
        server.erase()


@contextmanager
def furnished(ways: Dsns, superuser: str) -> Iterator[Ground]:
    """Give a ground in an empty, migrated database."""
    _notice_deadlocks_soon(superuser)
    pool = connect_pool(ways.app, signer=signer_of(ways.migrate), size=WRITERS)
    try:
        cells = Cells(pool, {HOME: ways.app})
        ensure_epoch(pool, NOON, SystemChance())
        ground = Ground(
            pool=pool,
            cells=cells,
            epochs=Epochs(cells, SystemClock()),
            superuser=superuser,
            district=DistrictId(new_id()),
            schools=(SchoolId(new_id()), SchoolId(new_id())),
            nurse=UserId(new_id()),
            medicine=new_id(),
            pupils=tuple(StudentId(new_id()) for _ in range(PUPILS)),
            devices=tuple(DeviceId(new_id()) for _ in range(WRITERS)),
        )
        _furnish(ground)
        yield ground
    finally:
        pool.close()


def _notice_deadlocks_soon(superuser: str) -> None:
    """Let PostgreSQL look for deadlocks after 50 ms instead of a second, in this database."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        statement = sql.SQL("ALTER ROLE wc_app IN DATABASE {} SET deadlock_timeout = '50ms'")
        connection.execute(statement.format(sql.Identifier(connection.info.dbname)))


def _furnish(ground: Ground) -> None:
    add_district(ground.pool, District(id=ground.district, code=f"proofs-{next(_CODES)}", name="Proofs"), NOON)
    with scoped(ground.pool, ground.context) as uow:
        uow.open_streams(ground.district)
        uow.write_rows(DISTRICT, ground.district, [_named(ground.district, state="OH", policy="{}")])
        uow.write_rows(SCHOOL, ground.district, [_named(school, timezone=_ZONE) for school in ground.schools])
        uow.write_rows(USER, ground.district, [_nurse(ground)])
        medicine = _named(ground.medicine, form="TABLET", ingredients="[]", is_emergency=False)
        uow.write_rows(MEDICATION, ground.district, [medicine])
        uow.open_streams(*ground.schools)
        works_there = {"id": str(new_id()), "user_id": str(ground.nurse), "assigned_from": "2026-08-01"}
        uow.write_rows(SCHOOL_ASSIGNMENT, ground.schools[0], [works_there])
        for number, pupil in enumerate(ground.pupils):
            uow.write_rows(STUDENT, ground.schools[number % 2], [pupil_row(pupil)])
        for device in ground.devices:
            values = {"district": ground.district, "school": ground.schools[0], "id": device, "key": b"k" * 32}
            uow.connection.execute(_DEVICE, {**values, "at": NOON})
        uow.commit()


def _named(id_: UUID, **more: object) -> Row:
    return {"id": str(id_), "name": "Invented", **more}


def _nurse(ground: Ground) -> Row:
    return {
        "id": str(ground.nurse),
        "first_name": "Nora",
        "last_name": "Invented",
        "role": "NURSE",
        "is_active": True,
        "email": f"{ground.nurse}@proofs.example",
    }


def pupil_row(pupil: StudentId) -> Row:
    """Return an invented pupil."""
    return {
        "id": str(pupil),
        "student_number": str(pupil),
        "first_name": "Ada",
        "last_name": "Invented",
        "date_of_birth": "2015-03-01",
        "grade": "5",
        "is_active": True,
        "enrolled_on": "2026-08-20",
    }
