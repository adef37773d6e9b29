"""Notes in health records: what the central database keeps sealed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from tests import factories as make
from tests.sync_server.db.district_of_tests import AT, Row, Town, new_id, settle, student_row

from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import HEALTH_RECORD, STUDENT
from wc_sync_server.auth.column_cipher import ColumnCipher
from wc_sync_server.auth.key_ring import KeyRing
from wc_sync_server.auth.keys import KeyFolder
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.sealed_columns import SealedColumn
from wc_sync_server.db.sealed_rotation import Rotation
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.machine import SystemChance

NOTES = SealedColumn(table="health_records", column="notes")


def note_row(student: Row, author: UUID, text: str | None, **changes: str | bool | None) -> Row:
    """Return a health record with a note."""
    row: Row = {
        "id": str(new_id()),
        "student_id": student["id"],
        "record_type": "OTHER",
        "record_date": "2026-11-20",
        "notes": text,
        "metadata": "{}",
        "is_confidential": False,
        "recorded_at": instant_to_text(AT),
        "recorded_tz": "America/New_York",
        "author_user_id": str(author),
    }
    return row | changes


@dataclass(slots=True, kw_only=True)
class SealedTown:
    """A town whose records are sealed with a ring of its own."""

    pool: Pool
    ring: KeyRing
    cipher: ColumnCipher
    clock: make.HeldClock
    town: Town
    student: Row = field(default_factory=student_row)

    def write(self, *texts: str | None) -> list[Row]:
        """Write a note for each text, and return the records."""
        rows = [note_row(self.student, self.town.nurse, text) for text in texts]
        with scoped(self.pool, self.town.context()) as uow:
            uow.lock_streams(self.town.first)
            uow.write_rows(HEALTH_RECORD, self.town.first, rows)
            uow.commit()
        return rows

    def overwrite(self, uow: UnitOfWork, texts: Mapping[str, str]) -> None:
        """Put other notes, by record, into the cells alone: what another rotation does that came first."""
        for record, text in texts.items():
            sealed = uow.sealing.seal(text, table="health_records", row=UUID(record), column="notes")
            uow.connection.execute(
                "UPDATE health_records SET notes = %(sealed)s WHERE district_id = %(district)s AND id = %(record)s",
                {"sealed": sealed, "district": self.town.district, "record": record},
            )

    def read(self) -> dict[str, str | None]:
        """Return every note in the clear, by record."""
        statement = "SELECT h.id, h.notes FROM health_records h WHERE h.district_id = %(district)s"
        with scoped(self.pool, self.town.context(), read_only=True) as uow:
            rows = uow.connection.execute(statement, {"district": self.town.district}).fetchall()
            opened = uow.sealing.opened(HEALTH_RECORD, [{"id": row[0], "notes": row[1]} for row in rows])
        return {str(row["id"]): row["notes"] for row in opened}

    def rotation(self, lost: Sequence[bytes] = ()) -> Rotation:
        return Rotation(self.pool, self.town.district, (self.town.first, self.town.second), lost)


@contextmanager
def sealed_town(dsns: Dsns, folder: Path) -> Iterator[SealedTown]:
    """Give a town with a pupil, over a pool that has keys."""
    clock, chance = make.HeldClock(), SystemChance()
    ring = KeyFolder(folder / "keys", chance).ring(clock)
    cipher = ColumnCipher(ring, chance)
    pool = connect_pool(dsns.app, signer=signer_of(dsns.migrate), size=4, sealer=cipher)
    try:
        made = SealedTown(pool=pool, ring=ring, cipher=cipher, clock=clock, town=settle(pool))
        with scoped(pool, made.town.context()) as uow:
            uow.lock_streams(made.town.first)
            uow.write_rows(STUDENT, made.town.first, [made.student])
            uow.commit()
        yield made
    finally:
        pool.close()


def as_superuser(conninfo: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return what the superuser sees, or do what only they may."""
    with psycopg.connect(conninfo) as connection:
        cursor = connection.execute(query.encode(), values)
        return cursor.fetchall() if cursor.description else []
