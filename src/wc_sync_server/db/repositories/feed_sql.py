"""The statements of the feed: pages made by PostgreSQL as JSON, digests, counts."""

# ruff: noqa: S608  # put together from names of our own declaration

from collections.abc import Mapping
from functools import cache

from wc_contract.model.kinds import BY_NAME, RecordKind, Scope
from wc_sync_server.db.repositories.wire_sql import wire_array
from wc_sync_server.domain.feed import PAGE_ROWS

# Sixty bits of the hash, as wc_contract.wire.digests sums them.
_SUM = "coalesce(sum(('x' || substr(md5(t.id::text || ':' || t.row_version), 1, 15))::bit(60)::bigint), 0)"
# The first byte of the id's hash, as wc_contract.wire.digests.slice_of takes it.
_SLICE = "('x' || substr(md5(t.id::text), 1, 2))::bit(8)::int"

HEAD = """
SELECT d.head, d.heads, s.head, s.heads,
       (SELECT v.last_number FROM devices v WHERE v.district_id = %(district)s AND v.id = %(device)s)
FROM streams d JOIN streams s ON s.district_id = d.district_id
WHERE d.district_id = %(district)s AND d.id = %(district)s AND s.district_id = %(district)s AND s.id = %(school)s
"""

REMOVALS = f"""
SELECT json_agg(json_build_array(t.kind, t.record_id, t.reason, t.row_version) ORDER BY t.row_version),
       count(*), coalesce(max(t.row_version), 0), 0
FROM (SELECT r.kind, r.record_id, r.reason, r.row_version FROM removals r
      WHERE r.district_id = %(district)s AND r.stream_id = %(stream)s AND r.row_version > %(after)s
      ORDER BY r.row_version LIMIT {PAGE_ROWS}) t
"""


@cache
def page(kind_name: str, *, digest: bool, added: bool = True) -> str:
    """Return the statement of the next page of a kind."""
    kind = BY_NAME[kind_name]
    total = _SUM if digest else "0"
    return (
        f"SELECT json_agg({wire_array(kind_name, 't', added=added)} ORDER BY t.row_version), count(*),"
        f" coalesce(max(t.row_version), 0), {total}"
        f" FROM (SELECT k.* FROM {kind.table} k WHERE {_live(kind)} AND k.row_version > %(after)s"
        f" ORDER BY k.row_version LIMIT {PAGE_ROWS}) t"
    )


@cache
def digest(kind_name: str) -> str:
    """Return the statement of a kind's whole digest."""
    kind = BY_NAME[kind_name]
    return f"SELECT count(*), {_SUM} FROM (SELECT k.id, k.row_version FROM {kind.table} k WHERE {_live(kind)}) t"


@cache
def slices(kind_name: str) -> str:
    """Return the statement of a kind's digests by slice."""
    kind = BY_NAME[kind_name]
    return (
        f"SELECT {_SLICE}, count(*), {_SUM}"
        f" FROM (SELECT k.id, k.row_version FROM {kind.table} k WHERE {_live(kind)}) t GROUP BY 1"
    )


@cache
def versions(kind_name: str) -> str:
    """Return the statement of id and version of every record in some slices of a kind."""
    kind = BY_NAME[kind_name]
    return (
        f"SELECT t.id, t.row_version FROM (SELECT k.id, k.row_version FROM {kind.table} k WHERE {_live(kind)}) t"
        f" WHERE {_SLICE} = ANY(%(slices)s::int[])"
    )


@cache
def named(kind_name: str, *, added: bool = True) -> str:
    """Return the statement of up to a page of records by their ids."""
    kind = BY_NAME[kind_name]
    return (
        f"SELECT json_agg({wire_array(kind_name, 't', added=added)} ORDER BY t.row_version), count(*)"
        f" FROM (SELECT k.* FROM {kind.table} k WHERE {_live(kind)} AND k.id = ANY(%(ids)s::uuid[])) t"
    )


@cache
def any_of(kind_name: str) -> str:
    """Return the statement that asks whether there is any record of a kind."""
    kind = BY_NAME[kind_name]
    return f"SELECT EXISTS (SELECT 1 FROM {kind.table} k WHERE {_live(kind)})"


def about(after: Mapping[str, int]) -> str:
    """Return the statement that counts what is to come, about; after gives row_versions by kind.

    What is gone counts as well: whoever waits for the first record waits for this.
    """
    parts = (
        f"(SELECT count(*) FROM {BY_NAME[name].table} k WHERE {_place(BY_NAME[name])} AND k.row_version > {version:d})"
        for name, version in after.items()
    )
    return f"SELECT {' + '.join(parts) or '0'}"


def _place(kind: RecordKind) -> str:
    school = " AND k.school_id = %(school)s" if kind.scope is Scope.SCHOOL else ""
    return f"k.district_id = %(district)s{school}"


def _live(kind: RecordKind) -> str:
    living = f"{_place(kind)}{'' if kind.append_only else ' AND k.deleted_at IS NULL'}"
    if kind.scope is not Scope.SCHOOL:
        return living
    # What happened stays in its school when the child leaves, and its readers were told to drop it: the same for one
    # who reads from the beginning, and for the digest. A later version brought it back.
    left = (
        f"SELECT 1 FROM removals m WHERE m.district_id = %(district)s AND m.stream_id = %(school)s"
        f" AND m.kind = '{kind.name}' AND m.record_id = k.id AND m.row_version >= k.row_version"
    )
    return f"{living} AND NOT EXISTS ({left})"
