"""A seeded district to ask: in a database of its own, or in one that a test has made."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from wc_contract.model.ids import DistrictId, SchoolId
from wc_sync_server.cli.seeding import plan_of, seed_district
from wc_sync_server.db import migrate
from wc_sync_server.db.provision import Dsns, Passwords, provision
from wc_sync_server.db.reference import load_reference
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.seeding.plan import Plan
from wc_sync_server.settings import Settings
from wc_sync_server.wiring import Workshop, open_workshop

CODE = "plans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """A district full of rows. superuser sees all and may do all."""

    parts: Workshop
    ways: Dsns
    superuser: str = field(repr=False)
    plan: Plan
    counts: dict[str, int]
    seconds: float

    @property
    def district(self) -> DistrictId:
        return DistrictId(UUID(self.plan.district))

    @property
    def schools(self) -> tuple[SchoolId, ...]:
        rows = self.asked("SELECT id FROM schools WHERE district_id = %s ORDER BY id", self.district)
        return tuple(SchoolId(row[0]) for row in rows)

    def asked(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what the superuser sees."""
        with psycopg.connect(self.superuser) as connection:
            return connection.execute(query.encode(), values).fetchall()


@contextmanager
def own_seeded(folder: Path, students: int, seed: int) -> Iterator[Seeded]:
    """Give a seeded district on a PostgreSQL of its own; it is erased at the end."""
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    try:
        superuser = server.start()
        ways = provision(superuser.conninfo(), CODE, Passwords(migrate="m", app="a", audit_reader="r", backup="b"))
        migrate.upgrade(ways.migrate)
        load_reference(ways.migrate)
        with seeded(ways, server.superuser_dsn(CODE).conninfo(), students, seed) as ground:
            yield ground
    finally:
        server.erase()


@contextmanager
def seeded(ways: Dsns, superuser: str, students: int, seed: int, schools: int | None = None) -> Iterator[Seeded]:
    """Give a seeded district in a migrated database."""
    with tempfile.TemporaryDirectory(prefix="wc-keys-") as keys:
        settings = Settings(
            database_url=ways.app,
            migrate_url=ways.migrate,
            audit_url=ways.audit_reader,
            keys=Path(keys) / "keys",
            pool_size=4,
        )
        parts = open_workshop(settings)
        try:
            plan = plan_of(CODE, students, schools, seed, datetime.now(UTC).date())
            began = time.monotonic()
            counts = seed_district(parts, ways.migrate, CODE, plan)
            yield Seeded(
                parts=parts,
                ways=ways,
                superuser=superuser,
                plan=plan,
                counts=counts,
                seconds=time.monotonic() - began,
            )
        finally:
            parts.close()
