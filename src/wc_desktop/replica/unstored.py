"""Rows of the district that this file does not take: known by kind, id and version, so that all others arrive.

One row that SQLite refuses must keep no allergy behind it from arriving. Such rows are told to whoever looks after the
workstation. They count as held when digests are compared, or the replica would be fetched anew for ever, and a repair
asks for them again after each unlock: a later version of the program may take them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlcipher3 import dbapi2 as sqlcipher

from wc_contract.model.kinds import BY_NAME, RecordKind
from wc_contract.wire.digests import DIGEST_MODULUS, digest_rows
from wc_desktop.cipher.engine import Connection
from wc_desktop.domain.failures import ServerFailed
from wc_desktop.replica.digests import Digests
from wc_desktop.replica.meta import keep

UNSTORED = "unstored"
Unstored = Mapping[str, Mapping[str, int]]

# What SQLite and its driver say of a value that they do not take; of the disk and of damage they say something else.
ROW_REFUSED = (
    sqlcipher.IntegrityError,
    sqlcipher.InterfaceError,
    sqlcipher.DataError,
    OverflowError,
    UnicodeEncodeError,
)


def store_each(connection: Connection, kind: RecordKind, sql: str, rows: Sequence[Sequence[object]]) -> int:
    """Write rows one by one and remember those that are refused; the caller holds the transaction.

    Returns how many were taken. Raises ServerFailed for a refused row that does not even say which record it is.
    """
    refused: dict[str, int] = {}
    for row in rows:
        try:
            connection.execute(sql, row)
        except ROW_REFUSED:
            record, version = row[0], row[-1]
            if not isinstance(record, str) or not isinstance(version, int):
                raise ServerFailed("a row without id or version") from None
            refused[record] = version
    known = read_unstored(connection)
    _keep(connection, {**known, kind.name: {**known.get(kind.name, {}), **refused}})
    return len(rows) - len(refused)


def read_unstored(connection: Connection) -> Unstored:
    """Return the version of each row that was refused, by kind and id."""
    found = connection.execute("SELECT value FROM meta WHERE name = ?", (UNSTORED,)).fetchone()
    return unstored_in(None if found is None else found[0])


def unstored_in(kept: str | None) -> Unstored:
    """Return the same from what meta keeps of it."""
    known: Unstored = {} if kept is None else json.loads(kept)
    return known


def forget_unstored(connection: Connection, kind: str, ids: Iterable[str]) -> None:
    """Let go of rows whose records went; the caller holds the transaction."""
    known = read_unstored(connection)
    gone = frozenset(ids)
    if not gone.isdisjoint(known.get(kind, ())):
        _keep(connection, {**known, kind: {one: at for one, at in known[kind].items() if one not in gone}})


def forget_stored(connection: Connection) -> None:
    """Let go of rows that are here by now, in that version or a later one; the caller holds the transaction."""
    known = read_unstored(connection)
    left = {
        kind: {one: at for one, at in versions.items() if (_held(connection, kind, one) or 0) < at}
        for kind, versions in known.items()
    }
    if left != known:
        _keep(connection, left)


def with_unstored(connection: Connection, ours: Digests) -> Digests:
    """Return digests as they were if every row had been taken."""
    summed = dict(ours)
    for kind, versions in read_unstored(connection).items():
        for record, version in versions.items():
            held = _held(connection, kind, record)
            if (held or 0) < version:
                count, total = summed[kind]
                total += digest_rows([(record, version)]).sum
                if held is not None:
                    total -= digest_rows([(record, held)]).sum
                summed[kind] = count + (held is None), total % DIGEST_MODULUS
    return summed


def _held(connection: Connection, kind: str, record: str) -> int | None:
    asked = f"SELECT row_version FROM main.{BY_NAME[kind].table} WHERE id = ?"  # noqa: S608  # a name of our own
    row = connection.execute(asked, (record,)).fetchone()
    return None if row is None else int(row[0])


def _keep(connection: Connection, known: Unstored) -> None:
    keep(connection, {UNSTORED: json.dumps({kind: rows for kind, rows in known.items() if rows})})
