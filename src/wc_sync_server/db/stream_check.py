"""Whether what a district holds went through the unit of work: its streams, and its record of who did what.

A row that somebody wrote past it may carry a version that no workstation asks for, or one that another row has: the
workstations then hold something else than the server, and no error tells of it.
"""

# ruff: noqa: S608  # put together from names of our own declaration

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from wc_contract.model.kinds import DOSE, INCIDENT, KINDS, RecordKind, Scope
from wc_sync_server.db.unit_of_work import REMOVAL, UnitOfWork

# Records that an entry of a workstation brings each have a line of their own.
BY_ENTRY: tuple[RecordKind, ...] = (DOSE, INCIDENT)
_BATCH = 5_000


class Flaw(StrEnum):
    """What is wrong with rows of a kind in a stream."""

    AHEAD_OF_STREAM = "ahead_of_stream"  # above the head: the next writers give the same versions again
    BEHIND_NO_HEAD = "behind_no_head"  # above the head of the kind: a pull does not look
    VERSION_TWICE = "version_twice"  # two records with one version: a pull that breaks between them loses one
    HEAD_TOO_HIGH = "head_too_high"  # the head of a kind is above the stream's
    NOT_ON_RECORD = "not_on_record"  # brought by an entry, and the audit has no line of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many rows of a kind have a flaw. stream is the school's, or the district's own."""

    flaw: Flaw
    stream: UUID
    kind: str
    rows: int


def flaws_of_streams(uow: UnitOfWork) -> Iterator[Found]:
    """Yield what is wrong with the streams in sight, in one snapshot (REPORT), with every school in the context."""
    parameters = {"district": uow.context.district}
    for kind in KINDS:
        rows = uow.connection.execute(_of_kind(kind).encode(), parameters).fetchall()
        yield from _told(rows, kind.name)
    yield from _told(uow.connection.execute(_OF_REMOVALS.encode(), parameters).fetchall(), REMOVAL)
    for scope in Scope:
        for stream, kinds, count in uow.connection.execute(_twice(scope).encode(), parameters).fetchall():
            yield Found(flaw=Flaw.VERSION_TWICE, stream=stream, kind=kinds, rows=count)
    for stream, name in uow.connection.execute(_TOO_HIGH.encode(), parameters).fetchall():
        yield Found(flaw=Flaw.HEAD_TOO_HIGH, stream=stream, kind=name, rows=1)


def records_by_entry(uow: UnitOfWork, kind: RecordKind) -> Iterator[Sequence[tuple[UUID, UUID]]]:
    """Yield school and id of the records of a kind whose entries have a receipt, but for archived months; in batches.

    A district has millions: they are never in memory together.
    """
    statement = f"""
SELECT t.school_id, t.id FROM {kind.table} t
JOIN receipts r ON r.district_id = t.district_id AND r.entry_id = t.entry_id
WHERE t.district_id = %(district)s AND NOT EXISTS (SELECT 1 FROM audit_archives a WHERE a.district_id = t.district_id
  AND a.month = date_trunc('month', r.received_at AT TIME ZONE 'UTC')::date)
  AND t.id > %(after)s ORDER BY t.id LIMIT {_BATCH}
"""
    after = UUID(int=0)
    while True:
        parameters = {"district": uow.context.district, "after": after}
        some = uow.connection.execute(statement.encode(), parameters).fetchall()
        if not some:
            return
        yield some
        after = some[-1][1]


def not_on_record(
    reader: UnitOfWork, kind: RecordKind, records: Iterable[Sequence[tuple[UUID, UUID]]]
) -> Iterator[Found]:
    """Yield, by school, how many of these records the audit has no line of. reader is the audit's."""
    missing: list[UUID] = []
    for some in records:
        ids = [str(record) for _, record in some]
        parameters = {"district": reader.context.district, "kind": kind.name, "ids": ids}
        seen = {row[0] for row in reader.connection.execute(_ON_RECORD, parameters)}
        missing += [school for school, record in some if str(record) not in seen]
    for school, same in groupby(sorted(missing)):
        yield Found(flaw=Flaw.NOT_ON_RECORD, stream=school, kind=kind.name, rows=len(list(same)))


_COUNTS = """
SELECT {stream}, count(*) FILTER (WHERE t.row_version > coalesce(s.head, 0)),
  count(*) FILTER (WHERE t.row_version <= s.head AND t.row_version > coalesce((s.heads ->> '{kind}')::bigint, 0))
FROM {table} t LEFT JOIN streams s ON s.district_id = t.district_id AND s.id = {stream}
WHERE t.district_id = %(district)s GROUP BY 1 ORDER BY 1
"""
_OF_REMOVALS = _COUNTS.format(stream="t.stream_id", kind=REMOVAL, table="removals")
_TOO_HIGH = """
SELECT s.id, h.key FROM streams s CROSS JOIN jsonb_each_text(s.heads) h
WHERE s.district_id = %(district)s AND h.value::bigint > s.head ORDER BY 1, 2
"""
_ON_RECORD = b"""
SELECT a.entity_id FROM audit_logs a
WHERE a.district_id = %(district)s AND a.entity_type = %(kind)s AND a.entity_id = ANY(%(ids)s::text[])
UNION
SELECT o.entity_id FROM audit_overflow o
WHERE o.district_id = %(district)s AND o.entity_type = %(kind)s AND o.entity_id = ANY(%(ids)s::text[])
"""


def _of_kind(kind: RecordKind) -> str:
    stream = "t.school_id" if kind.scope is Scope.SCHOOL else "t.district_id"
    return _COUNTS.format(stream=stream, kind=kind.name, table=kind.table)


def _twice(scope: Scope) -> str:
    own = "school_id" if scope is Scope.SCHOOL else "district_id"
    kinds = (kind for kind in KINDS if kind.scope is scope)
    parts = [
        f"SELECT of_{kind.name}.{own} AS stream, of_{kind.name}.row_version, '{kind.name}' AS kind"
        f" FROM {kind.table} AS of_{kind.name} WHERE of_{kind.name}.district_id = %(district)s"
        for kind in kinds
    ]
    of_scope = "m.school_id IS NOT NULL" if scope is Scope.SCHOOL else "m.school_id IS NULL"
    removals = (
        f"SELECT m.stream_id, m.row_version, '{REMOVAL}' FROM removals m"
        f" WHERE m.district_id = %(district)s AND {of_scope}"
    )
    every = " UNION ALL ".join([*parts, removals])
    same = (
        f"SELECT stream, row_version, array_agg(DISTINCT kind) AS kinds, count(*) AS n FROM ({every}) t GROUP BY 1, 2"
    )
    return (
        "SELECT stream, array_to_string(kinds, ', '), sum(n)::bigint FROM"
        f" ({same} HAVING count(*) > 1) d GROUP BY 1, 2 ORDER BY 1, 2"
    )


def _told(rows: Sequence[tuple[Any, ...]], kind: str) -> Iterator[Found]:
    for stream, ahead, unseen in sorted(rows, key=itemgetter(0)):
        if ahead:
            yield Found(flaw=Flaw.AHEAD_OF_STREAM, stream=stream, kind=kind, rows=ahead)
        if unseen:
            yield Found(flaw=Flaw.BEHIND_NO_HEAD, stream=stream, kind=kind, rows=unseen)
