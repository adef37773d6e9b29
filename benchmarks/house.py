"""A district that is served: durable PostgreSQL, the school's rows in it, people, and the real server process."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

import psycopg
import pyotp

from benchmarks.school import FIRST_DAY, NOON, School
from wc_contract.model.ids import DistrictId, SchoolId, UserId
from wc_contract.model.kinds import BY_NAME, Scope
from wc_contract.model.values import Role
from wc_sync_server.cli.device import issue_code
from wc_sync_server.cli.people import NewPerson, add_person, assign_person
from wc_sync_server.cli.records import system
from wc_sync_server.db import migrate
from wc_sync_server.db.directory import District, add_district
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.provision import Dsns, Passwords, provision
from wc_sync_server.db.repositories.epochs import ensure_epoch
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.demo.processes import ServerProcess, free_port
from wc_sync_server.demo.settings import set_database_clock
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.machine import DEMO_CLOCK_VARIABLE
from wc_sync_server.settings import from_environment
from wc_sync_server.wiring import Workshop, open_workshop

CODE = "bench"
PASSWORD = "a long pass phrase of the bench"  # noqa: S105  # an invented district
_CHUNK = 2_000
_Furniture = TypeVar("_Furniture")
_COUNTER = "pg_stat_statements"
# What the server sends. SET LOCAL travels with the statement before it, so it counts among calls and not among trips.
_CALLS = """
SELECT coalesce(sum(s.calls), 0), coalesce(sum(s.calls) FILTER (WHERE s.query NOT LIKE 'SET %'), 0)
FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = 'wc_app'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A nurse of the school, with the secret of the second factor."""

    id: UserId
    email: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that runs while figures are taken."""

    folder: Path
    school: School
    superuser: str = field(repr=False)
    parts: Workshop
    server: ServerProcess
    people: Mapping[str, Person]
    offset_seconds: int
    counts_statements: bool

    def one_time_code(self) -> str:
        """Return a fresh code with which one workstation may be enrolled."""
        return issue_code(self.parts, DistrictId(self.school.district), SchoolId(self.school.school)).code

    def second_factor(self, name: str) -> str:
        """Return the digits that a person's authenticator shows now."""
        return pyotp.TOTP(self.people[name].secret).at(int(self.parts.clock.now().timestamp()))

    def forget_statements(self) -> None:
        """Begin to count the server's statements anew."""
        if self.counts_statements:
            self._asked("SELECT pg_stat_statements_reset()")

    def statements(self) -> tuple[int, int] | None:
        """Return how many statements the server sent since forget_statements, and in how many messages."""
        if not self.counts_statements:
            return None
        calls, trips = self._asked(_CALLS)[0]
        return int(str(calls)), int(str(trips))

    def _asked(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()


@dataclass(frozen=True, slots=True, kw_only=True)
class Running(Generic[_Furniture]):
    """A database with something in it, and a server in front of it."""

    superuser: str = field(repr=False)
    parts: Workshop
    server: ServerProcess
    offset_seconds: int
    counts_statements: bool
    server_pid: int
    furniture: _Furniture


@contextmanager
def served(folder: Path, school: School, names: tuple[str, ...]) -> Iterator[House]:
    """Raise the house in folder, with a nurse of each name; everything is stopped at the end."""

    def furnish(parts: Workshop) -> Mapping[str, Person]:
        _furnish(parts, school)
        return {name: _person(parts, school, name) for name in names}

    with running(folder, furnish) as raised:
        yield House(
            folder=folder,
            school=school,
            superuser=raised.superuser,
            parts=raised.parts,
            server=raised.server,
            people=raised.furniture,
            offset_seconds=raised.offset_seconds,
            counts_statements=raised.counts_statements,
        )


@contextmanager
def running(
    folder: Path, furnish: Callable[[Workshop], _Furniture], told: Mapping[str, str] | None = None
) -> Iterator[Running[_Furniture]]:
    """Raise a durable database in folder, let it be furnished, and serve it; everything is stopped at the end.

    told are further variables of the server's environment.
    """
    offset = int((NOON - datetime.now(UTC)).total_seconds())
    postgres = EmbeddedPostgres(folder / "postgres")
    try:
        postgres.start()
        counts = _count_statements(postgres)
        superuser, ways = _database(postgres, offset)
        environment = {**_environment(folder, ways, offset), **(told or {})}
        parts = open_workshop(from_environment(environment))
        server = ServerProcess(environment, parts.settings.port, folder / "server.log")
        try:
            furniture = furnish(parts)
            migrate.refresh_statistics(ways.migrate)
            server.start()
            yield Running(
                superuser=superuser,
                parts=parts,
                server=server,
                offset_seconds=offset,
                counts_statements=counts,
                server_pid=server.pid,
                furniture=furniture,
            )
        finally:
            server.stop()
            parts.close()
    finally:
        postgres.erase()


def _count_statements(postgres: EmbeddedPostgres) -> bool:
    # A library of the server's has to be there from its start.
    with psycopg.connect(postgres.superuser_dsn("postgres").conninfo(), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = %s", (_COUNTER,)).fetchone()
        if found is None:
            return False
        connection.execute(f"ALTER SYSTEM SET shared_preload_libraries = '{_COUNTER}'".encode())
    postgres.stop()
    postgres.start()
    return True


def _database(postgres: EmbeddedPostgres, offset: int) -> tuple[str, Dsns]:
    passwords = Passwords(**{role: secrets.token_urlsafe(12) for role in ("migrate", "app", "audit_reader", "backup")})
    ways = provision(postgres.superuser_dsn("postgres").conninfo(), CODE, passwords)
    migrate.upgrade(ways.migrate)
    ensure_partitions(ways.migrate, since=FIRST_DAY)
    superuser = postgres.superuser_dsn(CODE).conninfo()
    set_database_clock(superuser, offset)
    with psycopg.connect(superuser, autocommit=True) as connection:
        if connection.execute("SHOW shared_preload_libraries").fetchall()[0][0]:
            connection.execute(f"CREATE EXTENSION {_COUNTER}".encode())
    return superuser, ways


def _environment(folder: Path, ways: Dsns, offset: int) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "WC_DATABASE_URL": ways.app,
        "WC_MIGRATE_URL": ways.migrate,
        "WC_AUDIT_URL": ways.audit_reader,
        "WC_KEYS": str(folder / "server-keys"),
        "WC_BIND": f"127.0.0.1:{free_port()}",
        "WC_LOG_LEVEL": "warning",
        DEMO_CLOCK_VARIABLE: str(offset),
    }


def _furnish(parts: Workshop, school: School) -> None:
    """Write the district and the school's rows as an import does, through the unit of work."""
    district, now = DistrictId(school.district), parts.clock.now()
    ensure_epoch(parts.cells.home, now, parts.chance)
    parts.keys.create_district(district)
    add_district(parts.cells.home, District(id=district, code=CODE, name="Bench District"), now)
    with system(parts, district, (SchoolId(school.school),)) as uow:
        uow.open_streams(school.district)
        _write(uow, school, Scope.DISTRICT)
        uow.open_streams(school.school)
        _write(uow, school, Scope.SCHOOL)
        uow.commit()


def _write(uow: UnitOfWork, school: School, scope: Scope) -> None:
    stream = school.school if scope is Scope.SCHOOL else school.district
    for name, rows in school.rows.items():
        kind = BY_NAME[name]
        if kind.scope is scope:
            for start in range(0, len(rows), _CHUNK):
                chunk = rows[start : start + _CHUNK]
                uow.write_rows(kind, stream, [{**row, **_email(name)} for row in chunk])


def _email(kind: str) -> Mapping[str, str]:
    return {"email": "nurse@bench.example"} if kind == "user" else {}


def _person(parts: Workshop, school: School, name: str) -> Person:
    district = District(id=DistrictId(school.district), code=CODE, name="Bench District")
    email = f"{name}@bench.example"
    new = NewPerson(email=email, first_name=name.title(), last_name="Bench", role=Role.NURSE, password=PASSWORD)
    added = add_person(parts, district, new)
    assign_person(parts, district.id, email, SchoolId(school.school), FIRST_DAY - timedelta(days=14), None)
    return Person(id=added.id, email=email, secret=added.totp_secret)
