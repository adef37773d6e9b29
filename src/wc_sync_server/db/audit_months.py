"""Taking a month out of the audit: what is archived is counted again, detached and only then dropped.

As the owner, beside everybody's work: detaching waits for those who still read the month and makes nobody wait.
"""

# ruff: noqa: S608  (names of tables are made from a year and a month)

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from wc_contract.model.errors import Refused
from wc_contract.model.ids import DistrictId
from wc_sync_server.audit.archives import ArchiveRecord
from wc_sync_server.audit.seals import Signer
from wc_sync_server.db.grants import OWNER
from wc_sync_server.db.months import PARTITION_NAME, Month
from wc_sync_server.db.tables.audit import AUDIT_LOGS
from wc_sync_server.db.unit_of_work import UnitOfWork

_LOGS = AUDIT_LOGS.name
_MONTHS = f"""
SELECT c.relname, i.inhrelid IS NOT NULL, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid)
FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND c.relname ~ '^{PARTITION_NAME}[0-9]{{4}}_[0-9]{{2}}$' ORDER BY c.relname
"""
_PENDING = "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass(%s)"
_ADD = """
INSERT INTO audit_archives (district_id, id, month, line_count, first_seal, last_seal, manifest_hash, keep_until,
                            key_id, signature, archived_at)
VALUES (%(district)s, %(id)s, %(month)s, %(lines)s, %(first)s, %(last)s, %(manifest)s, %(keep_until)s, %(key)s,
        %(signature)s, %(at)s)
"""
_ALL = """
SELECT v.id, v.month, v.line_count, v.first_seal, v.last_seal, v.manifest_hash, v.keep_until, v.archived_at, v.key_id,
       v.signature
FROM audit_archives AS v WHERE v.district_id = %(district)s ORDER BY v.month
"""


class MonthNotDropped(Refused):
    """A month holds other lines than its archive. It is attached again and stays."""

    code = "month_not_dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTable:
    """The table of a month: whether it is part of the audit, about how many lines it has, and its size in bytes."""

    attached: bool
    about: int
    size: int


def months_there(connection: Connection[TupleRow]) -> dict[Month, MonthTable]:
    """Return the months that have a table, the first first."""
    return {
        Month(year=int(row[0][-7:-3]), month=int(row[0][-2:])): MonthTable(attached=row[1], about=row[2], size=row[3])
        for row in connection.execute(_MONTHS.encode()).fetchall()
    }


def drop_month(dsn: str, month: Month, archived: Mapping[UUID, int]) -> int:
    """Detach a month and drop it; return how many lines went. dsn is the migrating role's.

    archived says how many lines of each district are in the archive. Raises MonthNotDropped when the month holds
    others. Goes on where it was interrupted.
    """
    with psycopg.connect(dsn, autocommit=True, application_name="wc-audit-archive") as connection:
        connection.execute(f"SET ROLE {OWNER}".encode())
        connection.execute("SET lock_timeout = '5s'")
        table = months_there(connection).get(month)
        if table is None:
            return 0
        if table.attached:
            _detach(connection, month)
        held = _held(connection, month)
        if held != {district: lines for district, lines in archived.items() if lines}:
            _attach(connection, month)
            raise MonthNotDropped(
                f"{month.table} holds other lines than its archive: nothing was dropped. Run `audit verify`."
            )
        connection.execute(f"DROP TABLE {month.table}".encode())
    return sum(held.values())


def _detach(connection: Connection[TupleRow], month: Month) -> None:
    rows = connection.execute(_PENDING, (month.table,)).fetchall()
    how = "FINALIZE" if rows and rows[0][0] else "CONCURRENTLY"
    connection.execute(f"ALTER TABLE {_LOGS} DETACH PARTITION {month.table} {how}".encode())


def _attach(connection: Connection[TupleRow], month: Month) -> None:
    bounds = f"FROM ('{month.begins.isoformat()}') TO ('{month.after(1).begins.isoformat()}')"
    connection.execute(f"ALTER TABLE {month.table} FORCE ROW LEVEL SECURITY".encode())
    connection.execute(f"ALTER TABLE {_LOGS} ATTACH PARTITION {month.table} FOR VALUES {bounds}".encode())


def _held(connection: Connection[TupleRow], month: Month) -> dict[UUID, int]:
    # Detached, so nobody else uses it; forced policies would show the owner nothing.
    connection.execute(f"ALTER TABLE {month.table} NO FORCE ROW LEVEL SECURITY".encode())
    rows = connection.execute(f"SELECT district_id, count(*) FROM {month.table} GROUP BY 1".encode()).fetchall()
    return {row[0]: int(row[1]) for row in rows}


def add_archive(uow: UnitOfWork, record: ArchiveRecord, signer: Signer) -> None:
    """Put on record that a month is in an archive, signed."""
    parameters = {
        "district": record.district,
        "id": record.id,
        "month": record.month,
        "lines": record.lines,
        "first": record.first_seal,
        "last": record.last_seal,
        "manifest": record.manifest_hash,
        "keep_until": record.keep_until,
        "key": signer.key_id,
        "signature": signer.sign(record.to_sign()),
        "at": record.archived_at,
    }
    uow.connection.execute(_ADD, parameters)


def archives_of(connection: Connection[TupleRow], district: DistrictId) -> dict[date, ArchiveRecord]:
    """Return what is on record about a district's archived months, by their first days."""
    rows = connection.execute(_ALL, {"district": district}).fetchall()
    records = (
        ArchiveRecord(
            id=row[0],
            district=district,
            month=row[1],
            lines=row[2],
            first_seal=row[3],
            last_seal=row[4],
            manifest_hash=bytes(row[5]),
            keep_until=row[6],
            archived_at=row[7].astimezone(UTC),
            key_id=row[8],
            signature=bytes(row[9]),
        )
        for row in rows
    )
    return {record.month: record for record in records}
