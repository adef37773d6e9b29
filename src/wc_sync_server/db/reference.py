"""Public codes into the reference tables, from the files that come with the program."""

# ruff: noqa: S608  (names of tables and columns are our own declarations; values are bound)

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
from sqlalchemy import Boolean, Table

from wc_contract.model.errors import Defect
from wc_sync_server.db.grants import OWNER
from wc_sync_server.db.tables import REFERENCE

# In a checkout, and in a wheel that carries the folder along.
_PLACES = (
    Path(__file__).resolve().parents[3] / "resources" / "codes",
    Path(__file__).resolve().parents[1] / "resources" / "codes",
)


class CodesMissing(Defect):
    """The program was built without its tables of codes, or with others. The message names the file."""

    code = "codes_missing"


def load_reference(dsn: str, folder: Path | None = None) -> dict[str, int]:
    """Write every code of the files into its table; return, by table, how many were new or changed.

    Codes are added and renamed, never removed: a chart may name one that nobody uses any more. dsn is the migrating
    role's. Doing it twice changes nothing. Raises CodesMissing.
    """
    files = {table: tuple(read_codes(table, folder or _delivered())) for table in REFERENCE}
    written = {}
    with psycopg.connect(dsn) as connection:
        connection.execute(f"SET ROLE {OWNER}".encode())
        for table, rows in files.items():
            with connection.cursor() as cursor:
                cursor.executemany(_upsert(table).encode(), rows)
                written[table.name] = max(cursor.rowcount, 0)
    return written


def read_codes(table: Table, folder: Path) -> Iterator[Sequence[str | bool]]:
    """Yield the rows of a table's file. Raises CodesMissing for one with other columns."""
    path = folder / f"{table.name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            if next(lines, None) != list(table.columns.keys()):
                raise CodesMissing(f"{path.name} has other columns than its table")
            for line in lines:
                yield [_value(table, name, text) for name, text in zip(table.columns.keys(), line, strict=True)]
    except OSError as error:
        raise CodesMissing(f"{path.name} cannot be read") from error


def _value(table: Table, name: str, text: str) -> str | bool:
    return text == "true" if isinstance(table.columns[name].type, Boolean) else text


def _upsert(table: Table) -> str:
    names = list(table.columns.keys())
    key, *rest = names
    settings = ", ".join(f"{name} = excluded.{name}" for name in rest)
    old, new = (", ".join(f"{side}.{name}" for name in rest) for side in ("t", "excluded"))
    return (
        f"INSERT INTO {table.name} AS t ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"
        f" ON CONFLICT ({key}) DO UPDATE SET {settings} WHERE ({old}) IS DISTINCT FROM ({new})"
    )


def _delivered() -> Path:
    for place in _PLACES:
        if place.is_dir():
            return place
    raise CodesMissing("resources/codes is not where it should be")
