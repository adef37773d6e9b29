"""A small invented district for two real workstations: its own database, a real server process, one school's noon."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from rich.console import Console

from wc_sync_server.cli.device import issue_code
from wc_sync_server.demo.days import choose_day
from wc_sync_server.demo.district.shape import PRAIRIE_RIDGE
from wc_sync_server.demo.district.staff import Person
from wc_sync_server.demo.folder import DemoFolder
from wc_sync_server.demo.narrator import Narrator
from wc_sync_server.demo.processes import ServerProcess, free_port
from wc_sync_server.demo.settings import DATABASE, DISTRICT_CODE, server_environment
from wc_sync_server.demo.stage import PASSWORD, Stage, raise_database, set_stage
from wc_sync_server.demo.workstations import Workstation, new_workstation
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.machine import SystemClock
from wc_sync_server.settings import from_environment
from wc_sync_server.wiring import Workshop, open_workshop

SCHOOL = "org-larkspur"
# The schools as they are, without the weeks of charts that only the demonstration needs.
SMALL = replace(PRAIRIE_RIDGE, charts=0, history_days=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """Everything a test needs of it."""

    folder: DemoFolder
    parts: Workshop
    stage: Stage
    server: ServerProcess
    offset_seconds: int
    superuser: str

    @property
    def nurses(self) -> list[Person]:
        return [*self.stage.nurses(SCHOOL), self.stage.supervisor]

    def code(self, school: str = SCHOOL) -> str:
        """Return a one-time code of a school."""
        return issue_code(self.parts, self.stage.district, self.stage.schools[school]).code

    def totp(self, person: Person) -> str:
        """Return a code of a person's authenticator that was not used yet."""
        return self.stage.second_factor(person)

    def workstation(self, name: str, person: Person) -> Workstation:
        """Return a workstation that is not enrolled yet."""
        return new_workstation(self.folder, name, person, PASSWORD, self.offset_seconds, 1)

    def enrolled(self, name: str, person: Person, school: str = SCHOOL) -> Workstation:
        """Return a workstation that is enrolled and filled, by the program's own command."""
        station = self.workstation(name, person)
        station.enrol(server=self.server.url, district=DISTRICT_CODE, code=self.code(school), totp=self.totp(person))
        return station

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database as its superuser, past every policy."""
        with psycopg.connect(self.superuser) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def as_application(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask as the server's own role, without any context."""
        with psycopg.connect(self.parts.settings.database_url) as connection:
            return connection.execute(statement.encode()).fetchall()

    @property
    def school_id(self) -> UUID:
        return self.stage.schools[SCHOOL]


@contextmanager
def small_district(postgres: EmbeddedPostgres, root: Path) -> Iterator[District]:
    """Make it, serve it, and take it down."""
    folder = DemoFolder(root)
    folder.make()
    day = choose_day(SystemClock().now(), None)
    ways = raise_database(postgres, folder, day.offset_seconds)
    environment = server_environment(folder, ways, port=free_port(), offset_seconds=day.offset_seconds)
    parts = open_workshop(from_environment(environment))
    server = ServerProcess(environment, parts.settings.port, folder.server_log)
    try:
        quiet = Narrator(Console(file=StringIO()))
        stage = set_stage(parts, folder, quiet, seed=11, today=day.day, shape=SMALL)
        server.start()
        yield District(
            folder=folder,
            parts=parts,
            stage=stage,
            server=server,
            offset_seconds=day.offset_seconds,
            superuser=postgres.superuser_dsn(DATABASE).conninfo(),
        )
    finally:
        server.stop()
        parts.close()
        postgres.drop_database(DATABASE)
