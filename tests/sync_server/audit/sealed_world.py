"""A district whose audit is sealed, to be spoiled."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from tests.central_database import PASSWORDS
from tests.sync_server.db.contexts_of_tests import put
from tests.sync_server.db.district_of_tests import Town, new_id, settle

from wc_contract.model.ids import DistrictId
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.audit.looking import Look, look_through
from wc_sync_server.auth.audit_key import AuditKey
from wc_sync_server.db.audit_lines import AuditRecord
from wc_sync_server.db.audit_months import archives_of
from wc_sync_server.db.audit_sealer import AuditSealer, whole_record
from wc_sync_server.db.context import SYSTEM
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.grants import AUDIT_READER
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.provision import Dsns, provision
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.embedded import Dsn

KEY = AuditKey(b"the key that seals in the tests.")
BATCHES, LINES_OF_BATCH, LINES_OF_SEAL = 12, 5, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The ways into one database: the application's, the audit reader's, the superuser's."""

    app: Pool = field(repr=False)
    reader: Pool = field(repr=False)
    dsns: Dsns = field(repr=False)

    def sealer(self, *, most: int = LINES_OF_SEAL, margin: timedelta = timedelta(0)) -> AuditSealer:
        return AuditSealer(self.app, self.reader, KEY, margin=margin, most=most)

    def look(self, district: DistrictId, anchored: Mapping[int, bytes] | None = None) -> Look:
        """Look through the audit as `audit verify` does."""
        with whole_record(self.app, self.reader, district) as record:
            return _look(record, district, anchored)

    def hashes(self, district: DistrictId) -> dict[int, bytes]:
        """Return what an anchor would hold now."""
        with whole_record(self.app, self.reader, district) as record:
            return dict(record.hashes(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What is in the database: the lines in their order, and what was anchored."""

    town: Town
    other: Town
    lines: tuple[UUID, ...]
    anchored: Mapping[int, bytes] = field(repr=False)


def _quiet(_lines: int) -> None:
    """Tell nobody."""


@contextmanager
def ways_into(superuser: Dsn) -> Iterator[Ways]:
    """Open the pools of a database, and close them."""
    dsns = provision(superuser.conninfo(), superuser.database, PASSWORDS)
    app, reader = (
        connect_pool(dsns.app, signer=signer_of(dsns.migrate), size=8),
        connect_pool(dsns.audit_reader, signer=signer_of(dsns.migrate), size=2),
    )
    try:
        yield Ways(app=app, reader=reader, dsns=dsns)
    finally:
        app.close()
        reader.close()


def write_lines(app: Pool, town: Town, at: datetime | None = None, count: int = LINES_OF_BATCH) -> list[UUID]:
    """Put so many lines on record in one transaction; return their ids."""
    ids = [new_id() for _ in range(count)]
    with scoped(app, town.context(), at=at) as uow:
        uow.audit([_event(id_, town, number, uow.at) for number, id_ in enumerate(ids)])
        uow.commit()
    return ids


def _event(id_: UUID, town: Town, number: int, at: datetime) -> AuditEvent:
    return AuditEvent(
        id=id_,
        action="VIEW" if number % 2 else "PRINT",
        entity_type="student",
        entity_id=str(id_),
        at=at,
        fields=("first_name", "last_name")[: 1 + number % 2],
        detail={"code": "x", "count": number} if number % 3 else None,
        user_id=town.nurse,
        role="NURSE",
        school_id=town.first if number % 2 else None,
    )


def seal_a_world(ways: Ways) -> Sealed:
    """Fill a database with the sealed audits of two districts."""
    now = datetime.now(UTC).replace(microsecond=0)
    start = now - timedelta(minutes=2 * BATCHES)
    ensure_partitions(ways.dsns.migrate, since=start.date().replace(day=1))
    town, other = settle(ways.app), settle(ways.app)
    lines: list[UUID] = []
    for batch in range(BATCHES):
        at = start + timedelta(minutes=batch)
        lines += sorted(write_lines(ways.app, town, at))
        write_lines(ways.app, other, at, 1)
    for each in (town, other):
        ways.sealer().seal(each.district)
    return Sealed(
        town=town,
        other=other,
        lines=tuple(lines),
        anchored=ways.hashes(town.district),
    )


def look_within(connection: Connection[Any], town: Town, anchored: Mapping[int, bytes] | None = None) -> Look:
    """Look through the audit as its reader does, within a superuser's transaction that is undone later."""
    schools = connection.execute("SELECT id FROM schools WHERE district_id = %s", (town.district,)).fetchall()
    with connection.transaction(force_rollback=True):
        put(connection, town.district, (row[0] for row in schools), SYSTEM)
        connection.execute(f"SET LOCAL ROLE {AUDIT_READER}".encode())
        return _look(AuditRecord(connection, town.district), town.district, anchored)


def _look(record: AuditRecord, district: DistrictId, anchored: Mapping[int, bytes] | None) -> Look:
    archives = archives_of(record.connection, district).values()
    return look_through(
        record,
        district,
        KEY.verifier(),
        anchored=anchored or {},
        archived={one.month: one.lines for one in archives if one.signed_by(KEY.verifier())},
        progress=_quiet,
    )
