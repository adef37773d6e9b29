"""This device's own entries laid over the replica, in memory only: temporary tables that no disk ever sees."""

from collections.abc import Iterable, Mapping

from wc_contract.model.apply import RowWrite, apply_entry
from wc_contract.model.changes import DoseLogged, Entry
from wc_contract.model.kinds import DOSE, INCIDENT, RecordKind
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.cipher.faults import disk_errors
from wc_desktop.replica.tables import overlay_ddl

OVERLAID: Mapping[str, RecordKind] = {kind.name: kind for kind in (DOSE, INCIDENT)}


def make_overlay(connection: Connection) -> None:
    """Create the temporary tables; temp_store is memory."""
    with disk_errors():
        for statement in overlay_ddl():
            connection.execute(statement)


def lay_over(connection: Connection, entries: Iterable[Entry]) -> frozenset[str]:
    """Add what entries write; return the kinds touched."""
    touched: set[str] = set()
    with disk_errors():
        for entry in entries:
            for write in apply_entry(entry, _flags(entry)):
                _add(connection, write)
                touched.add(write.kind.name)
    return frozenset(touched)


def clear(connection: Connection) -> None:
    """Forget everything that was laid over."""
    with writing(connection):
        for kind in OVERLAID.values():
            connection.execute(f"DELETE FROM temp.over_{kind.table}")  # noqa: S608  # a name of our own


def _add(connection: Connection, write: RowWrite) -> None:
    names = ", ".join(f'"{name}"' for name in write.kind.columns)
    marks = ", ".join("?" for _ in write.kind.columns)
    values = [0 if name == "row_version" else write.values[name] for name in write.kind.columns]
    connection.execute(
        f"INSERT INTO temp.over_{write.kind.table} ({names}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING",  # noqa: S608
        values,
    )


def _flags(entry: Entry) -> dict[str, tuple[str, ...]]:
    """Until the server judged it, a dose carries what its author went on in spite of."""
    return {
        str(change.id): tuple(sorted({override.code for override in change.overrides}))
        for change in entry.changes
        if isinstance(change, DoseLogged)
    }
