"""Rows as a server of another version sends them, put into the columns that this version has."""

from collections.abc import Mapping, Sequence

from wc_contract.model.kinds import BY_NAME, RecordKind
from wc_contract.wire.messages import PullHeader
from wc_desktop.domain.failures import ProtocolTooNew, ServerFailed
from wc_desktop.sync.gateway import RowsFrame

_Rows = Sequence[Sequence[object]]


class Columns:
    """The names that a pull's header gave its columns."""

    def __init__(self) -> None:
        self._named: Mapping[str, tuple[str, ...]] = {}

    def learn(self, header: PullHeader) -> PullHeader:
        """Take the names from a header, and return it."""
        self._named = header.columns or {}
        return header

    def framed(self, kind_name: str, upto: int, rows: _Rows) -> RowsFrame:
        """Return rows in this version's columns, and beside them what it has no column for.

        Without names, or with just the names of this version, rows stay as they are: a replica refuses another width.
        Raises ServerFailed for rows of another width than named, ProtocolTooNew when a needed column is not sent.
        """
        kind, named = BY_NAME.get(kind_name), self._named.get(kind_name)
        if kind is None or named is None or named == kind.columns:
            return RowsFrame(kind=kind_name, upto=upto, rows=rows)
        if not {len(named)}.issuperset(map(len, rows)) or "id" not in named:
            raise ServerFailed("a row of another width than its header says")
        places = _places(kind, named)
        strange = [at for at, name in enumerate(named) if name not in kind.columns]
        at_id = named.index("id")
        return RowsFrame(
            kind=kind_name,
            upto=upto,
            rows=[[None if at is None else row[at] for at in places] for row in rows],
            unknown={str(row[at_id]): {named[at]: row[at] for at in strange} for row in rows} if strange else {},
        )


def _places(kind: RecordKind, named: Sequence[str]) -> list[int | None]:
    """Return where each of our columns stands in a row."""
    where = {name: at for at, name in enumerate(named)}
    needed = {"id", "row_version", *(field.name for field in kind.fields if field.required)}
    if not needed <= where.keys():
        raise ProtocolTooNew("the server does not send a column that this version needs")
    return [where.get(name) for name in kind.columns]
