"""Stream rows: what a transaction locks first, and where row_version comes from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.db.errors import LocksOutOfOrder, StreamNotLocked, StreamUnknown

_LOCK = """
SELECT id, school_id, head, heads FROM streams
WHERE district_id = %(district)s AND id = ANY(%(ids)s::uuid[]) ORDER BY id FOR UPDATE
"""

_OPEN = """
INSERT INTO streams (district_id, id, kind, school_id, created_at, updated_at)
VALUES (%(district)s, %(id)s, %(kind)s, %(school)s, %(at)s, %(at)s)
ON CONFLICT (district_id, id) DO NOTHING
"""

_ADVANCE = """
UPDATE streams AS s SET head = d.head, heads = s.heads || d.heads, updated_at = %(at)s
FROM jsonb_to_recordset(%(moved)s::jsonb) AS d(id uuid, head bigint, heads jsonb)
WHERE s.district_id = %(district)s AND s.id = d.id
"""


Expect = Callable[[Cursor[TupleRow], str, int], None]  # that a statement wrote so many rows of a table


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHead:
    """How far a stream is: its newest row_version, and the newest of each kind of record ('removal' too)."""

    id: UUID
    school_id: UUID | None
    head: int
    heads: Mapping[str, int]


class LockedStreams:
    """The streams that one transaction holds, and how far it moved each."""

    def __init__(self, connection: Connection[TupleRow], district: DistrictId, at: Instant) -> None:
        self._connection = connection
        self._district = district
        self._at = at
        self._held: dict[UUID, StreamHead] = {}
        self._moved: dict[UUID, dict[str, int]] = {}

    def lock(self, ids: Sequence[UUID]) -> dict[UUID, StreamHead]:
        """Lock streams in the order of their ids, and return their heads.

        Raises StreamUnknown for one that the context does not show, LocksOutOfOrder for one below one held.
        """
        wanted = sorted(set(ids) - self._held.keys())
        if wanted and self._held and wanted[0] < max(self._held):
            raise LocksOutOfOrder("streams are locked in the order of their ids, best all at once")
        return self._take(wanted, ids)

    def open(self, ids: Sequence[UUID]) -> dict[UUID, StreamHead]:
        """Make streams that do not exist yet, and lock them. The schools they belong to must exist.

        Nobody can wait for a stream made here; one that was there is locked in order. Raises as lock does.
        """
        wanted = sorted(set(ids))
        with self._connection.cursor() as cursor:
            cursor.executemany(_OPEN, [self._opening(id_) for id_ in wanted])
            all_made = cursor.rowcount == len(wanted)
        return self._take(wanted, ids) if all_made else self.lock(ids)

    def holds(self, ids: Sequence[UUID]) -> bool:
        """Whether all of these streams are held."""
        return self._held.keys() >= set(ids)

    def held(self, id_: UUID) -> StreamHead:
        """Return the head as it was locked. Raises StreamNotLocked."""
        if id_ not in self._held:
            raise StreamNotLocked("lock_streams comes before the first write into a stream")
        return self._held[id_]

    def offset(self, id_: UUID) -> int:
        """Return how many row_versions of this stream the transaction has used."""
        return max(self._moved.get(id_, {}).values(), default=self.held(id_).head) - self.held(id_).head

    def use(self, id_: UUID, kind: str, count: int) -> tuple[int, int]:
        """Count the next row_versions of a stream as used by kind; return the first and the last."""
        first = self.held(id_).head + self.offset(id_) + 1
        last = first + count - 1
        if count:
            self._moved.setdefault(id_, {})[kind] = last
        return first, last

    def advance(self, expect: Expect) -> None:
        """Write the heads of every stream moved, in one statement."""
        if not self._moved:
            return
        moved = [{"id": str(id_), "head": max(heads.values()), "heads": heads} for id_, heads in self._moved.items()]
        parameters = {"district": self._district, "at": self._at, "moved": orjson.dumps(moved).decode()}
        expect(self._connection.execute(_ADVANCE, parameters), "streams", len(moved))
        for id_, heads in self._moved.items():
            before = self._held[id_]
            self._held[id_] = StreamHead(
                id=id_, school_id=before.school_id, head=max(heads.values()), heads={**before.heads, **heads}
            )
        self._moved.clear()

    def _take(self, wanted: Sequence[UUID], asked: Sequence[UUID]) -> dict[UUID, StreamHead]:
        if wanted:
            rows = self._connection.execute(_LOCK, {"district": self._district, "ids": list(wanted)}).fetchall()
            if len(rows) != len(wanted):
                raise StreamUnknown("a stream is unknown, or none of this context's")
            self._held |= {r[0]: StreamHead(id=r[0], school_id=r[1], head=r[2], heads=r[3]) for r in rows}
        return {id_: self._held[id_] for id_ in asked}

    def _opening(self, id_: UUID) -> dict[str, object]:
        of_district = id_ == self._district
        return {
            "district": self._district,
            "id": id_,
            "kind": "DISTRICT" if of_district else "SCHOOL",
            "school": None if of_district else id_,
            "at": self._at,
        }
