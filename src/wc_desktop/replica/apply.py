"""Taking a pull into a replica: rows and the position they reach, always in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.kinds import BY_NAME, STUDENT, RecordKind
from wc_contract.wire.messages import PullEnd, PullHeader
from wc_desktop.cipher.engine import Connection
from wc_desktop.domain.failures import ServerFailed
from wc_desktop.replica.departed import forget_answered, set_aside
from wc_desktop.replica.extra import forget_unknown
from wc_desktop.replica.meta import keep, keep_position
from wc_desktop.replica.tables import upsert_sql
from wc_desktop.replica.unstored import ROW_REFUSED, forget_stored, forget_unstored, store_each

REMOVALS = "removal"
_REMOVAL_WIDTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The end of a pull: everything up to one snapshot is here."""

    epoch: str
    checkpoint: str
    acknowledged: int
    snapshot_at: Instant
    digest: dict[str, tuple[int, int]] | None = field(default=None, repr=False)


def completed(end: PullEnd, header: PullHeader) -> Completed:
    """Return what a pull's first and last lines say together."""
    return Completed(
        epoch=header.epoch,
        checkpoint=end.checkpoint,
        acknowledged=end.acknowledged,
        snapshot_at=header.snapshot_at,
        digest=None if end.digest is None else dict(end.digest),
    )


@cache
def _upsert(kind: RecordKind, *, anyway: bool) -> str:
    return upsert_sql(kind, anyway=anyway)


def take_rows(
    connection: Connection, kind_name: str, rows: Sequence[Sequence[object]], upto: int, *, anyway: bool = False
) -> int:
    """Write one line of rows and return how many were taken; the caller holds the transaction.

    Rows of a kind we do not know are passed over; one that SQLite refuses is remembered (replica.unstored). anyway:
    also in the place of later versions. Raises ServerFailed for rows that are not of the kind's width.
    """
    kind = BY_NAME.get(kind_name)
    if kind is None:
        return 0
    width = len(kind.columns)
    if not {width}.issuperset(map(len, rows)):
        raise ServerFailed("a row of another width")
    sql, taken = _upsert(kind, anyway=anyway), len(rows)
    try:
        connection.executemany(sql, rows)
    except ROW_REFUSED:
        taken = store_each(connection, kind, sql, rows)
    keep_position(connection, kind_name, upto)
    return taken


def take_removals(connection: Connection, rows: Sequence[Sequence[object]], upto: int) -> frozenset[str]:
    """Remove records; the caller holds the transaction. Return the kinds touched."""
    touched: set[str] = set()
    for row in rows:
        if len(row) != _REMOVAL_WIDTH:
            raise ServerFailed("a removal of another width")
        kind = BY_NAME.get(str(row[0]))
        if kind is not None:
            touched.add(kind.name)
            if kind is STUDENT:
                set_aside(connection, str(row[1]))
            # A record that came back later carries a later version and stays.
            gone = connection.execute(
                f"DELETE FROM {kind.table} WHERE id = ? AND row_version <= ?",  # noqa: S608
                (row[1], row[3]),
            )
            if gone.rowcount:
                forget_unknown(connection, kind.name, (str(row[1]),))
            forget_unstored(connection, kind.name, (str(row[1]),))
    keep_position(connection, REMOVALS, upto)
    return frozenset(touched)


def take_end(connection: Connection, end: Completed) -> None:
    """Remember that everything up to the snapshot is here; the caller holds the transaction."""
    forget_answered(connection)
    forget_stored(connection)
    keep(
        connection,
        {
            "epoch": end.epoch,
            "checkpoint": end.checkpoint,
            "acknowledged": str(end.acknowledged),
            "data_as_of": instant_to_text(end.snapshot_at),
            "complete": "1",
        },
    )
