"""Which columns are sealed: read from the tables, so that no declared one is forgotten by a rotation."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from wc_sync_server.db.tables import TENANT

SEALED: Final = "sealed"  # what a sealed column's info says


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedColumn:
    """A column of sealed values; its table has district_id and id."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@cache
def sealed_columns() -> tuple[SealedColumn, ...]:
    """Return every sealed column of the central schema, in the order of the tables."""
    return tuple(
        SealedColumn(table=table.name, column=column.name)
        for table in TENANT
        for column in table.columns
        if column.info.get(SEALED)
    )
