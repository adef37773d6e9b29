"""Values that a newer server sends and this version has no column for: kept as they came, until a version has one."""

import json
from collections.abc import Iterable, Mapping

from wc_contract.model.kinds import BY_NAME, FieldType, RecordKind
from wc_desktop.cipher.engine import Connection

Unknown = Mapping[str, Mapping[str, object]]

_KEEP = """
INSERT INTO extra (kind, id, known) VALUES (?, ?, ?)
ON CONFLICT (kind, id) DO UPDATE SET known = excluded.known
"""


def keep_unknown(connection: Connection, kind: str, unknown: Unknown) -> None:
    """Keep, by id, values of columns that kind has not; the caller holds the transaction."""
    if kind in BY_NAME:
        connection.executemany(_KEEP, [(kind, each, json.dumps(values)) for each, values in unknown.items()])


def forget_unknown(connection: Connection, kind: str, ids: Iterable[str]) -> None:
    """Let go of what was kept for records that went; the caller holds the transaction."""
    connection.executemany("DELETE FROM extra WHERE kind = ? AND id = ?", [(kind, each) for each in ids])


def promote(connection: Connection) -> int:
    """Put kept values into the columns that this version has for them; the caller holds the transaction.

    Returns how many values found their place. Nothing has to be downloaded again for them.
    """
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'extra'").fetchall():
        # On the way to a revision of before there was such a place.
        return 0
    promoted = 0
    for kind_name, record_id, known in list(connection.execute("SELECT kind, id, known FROM extra")):
        kind, values = BY_NAME.get(kind_name), json.loads(known)
        found = {} if kind is None else {name: values.pop(name) for name in kind.columns if name in values}
        if kind is None or not found:
            continue
        _fill(connection, kind, record_id, found)
        promoted += len(found)
        forget_unknown(connection, kind_name, (record_id,))
        if values:
            keep_unknown(connection, kind_name, {record_id: values})
    return promoted


def _fill(connection: Connection, kind: RecordKind, record_id: str, values: Mapping[str, object]) -> None:
    sets = ", ".join(f'"{name}" = ?' for name in values)
    flags = {field.name for field in kind.fields if field.type is FieldType.BOOLEAN}
    bound = [int(value) if name in flags and isinstance(value, bool) else value for name, value in values.items()]
    connection.execute(f"UPDATE {kind.table} SET {sets} WHERE id = ?", (*bound, record_id))  # noqa: S608
