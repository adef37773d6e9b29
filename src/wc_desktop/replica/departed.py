"""Who a child was that has left this school, as long as entries about it wait here to be answered.

The records go at once when the server says so: the chart is another school's now, and nobody is to work with it. But a
nurse must be able to read whom her own entry is about until the district has it. So the child's own row is set aside,
in the encrypted file, and forgotten at the first complete pull that finds nothing of this workstation's waiting.
"""

import json
from collections.abc import Mapping

from wc_contract.model.kinds import STUDENT
from wc_desktop.cipher.engine import Connection
from wc_desktop.replica.meta import keep, read_meta

DEPARTED = "departed"

_OVERLAID = "SELECT name FROM temp.sqlite_master WHERE type = 'table' AND name LIKE 'over\\_%' ESCAPE '\\'"
_COLUMNS = ", ".join(STUDENT.columns)


def set_aside(connection: Connection, student: str) -> None:
    """Remember a child who is about to be removed, if an entry about it waits; the caller holds the transaction."""
    if student not in _waited_for(connection):
        return
    found = connection.execute(f"SELECT {_COLUMNS} FROM main.{STUDENT.table} WHERE id = ?", (student,)).fetchone()  # noqa: S608  # names of our own
    if found is not None:
        _keep(connection, {**_known(connection), student: dict(zip(STUDENT.columns, found, strict=True))})


def forget_answered(connection: Connection) -> None:
    """Forget whom nothing that waits is about any more; the caller holds the transaction."""
    known = _known(connection)
    waited_for = _waited_for(connection) if known else frozenset()
    left = {student: row for student, row in known.items() if student in waited_for}
    if left != known:
        _keep(connection, left)


def _waited_for(connection: Connection) -> frozenset[str]:
    """Return the children whom an entry that is laid over the replica names."""
    found: set[str] = set()
    for (table,) in connection.execute(_OVERLAID).fetchall():
        names = {column[1] for column in connection.execute(f"PRAGMA temp.table_info({table})")}
        if "student_id" in names:
            asked = f"SELECT DISTINCT student_id FROM temp.{table} WHERE student_id IS NOT NULL"  # noqa: S608
            found.update(row[0] for row in connection.execute(asked))
    return frozenset(found)


def _known(connection: Connection) -> Mapping[str, Mapping[str, object]]:
    known: Mapping[str, Mapping[str, object]] = json.loads(read_meta(connection).get(DEPARTED, "{}"))
    return known


def _keep(connection: Connection, rows: Mapping[str, Mapping[str, object]]) -> None:
    keep(connection, {DEPARTED: json.dumps(rows)})
