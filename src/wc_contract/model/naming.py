"""Which other records a change names: without them it would speak of nothing."""

from collections.abc import Iterator

from wc_contract.model.changes import Change, DoseLogged, RecordAdded, RecordChanged
from wc_contract.model.kinds import BY_NAME, KINDS, ORDER, ORDER_VERSION, RecordKind

_BY_TABLE = {kind.table: kind for kind in KINDS}


def named_by(change: Change) -> Iterator[tuple[RecordKind, str]]:
    """Yield kind and id of each record that a change names, as far as replicas hold it; not the one it is about."""
    match change:
        case DoseLogged():
            yield ORDER, str(change.order_id)
            yield ORDER_VERSION, str(change.order_version_id)
        case RecordAdded() | RecordChanged():
            for one in BY_NAME[change.kind].fields:
                named, value = _BY_TABLE.get(one.references or ""), change.values.get(one.name)
                if named is not None and isinstance(value, str):
                    yield named, value
        case _:
            return
