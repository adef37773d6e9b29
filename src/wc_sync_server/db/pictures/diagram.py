"""A domain as a Mermaid diagram: tables with their columns, keys and what is protected; lines to what they refer to."""

from collections.abc import Iterator, Sequence

from wc_sync_server.db.pictures.facts import TENANCY, ColumnFacts, Link, TableFacts
from wc_sync_server.db.tables.base import Home

# Said once on the first page: in nearly every table, and telling nothing about it.
IMPLIED = frozenset({"district_id", "school_id", "row_version", "created_at", "updated_at", "deleted_at"})


def diagram(tables: Sequence[TableFacts]) -> str:
    """Return the diagram of these tables, fenced as GitHub and most viewers draw it."""
    return "\n".join(["```mermaid", "erDiagram", *_lines(tables), "```"])


def _lines(tables: Sequence[TableFacts]) -> Iterator[str]:
    for table in tables:
        yield f"    {table.name} {{"
        shown = [column for column in table.columns if not _is_implied(table, column)]
        yield from (f"        {_column(column)}" for column in shown)
        yield "    }"
    for table in tables:
        yield from (f"    {_line(table, link)}" for link in table.links if _is_drawn(table, link))


def _is_implied(table: TableFacts, column: ColumnFacts) -> bool:
    return table.home is Home.TENANT and column.name in IMPLIED


def _is_drawn(table: TableFacts, link: Link) -> bool:
    # Of districts and schools is every table; a line from each would hide the others.
    return link.column not in TENANCY or table.name in {"schools", "calendar_days", "bell_schedules", "districts"}


def _column(column: ColumnFacts) -> str:
    keys = [*(["PK"] if column.primary else []), *(["FK"] if column.references else [])]
    marks = [
        *(["PHI"] if column.phi else []),
        *(["sealed"] if column.sealed else []),
        *(["required"] if column.required and not column.primary else []),
    ]
    key = f" {', '.join(keys)}" if keys else ""
    mark = f' "{", ".join(marks)}"' if marks else ""
    return f"{column.type} {column.name}{key}{mark}"


def _line(table: TableFacts, link: Link) -> str:
    parent = "||" if link.required else "|o"
    child = "o|" if link.single else "o{"
    goes = ", goes with it" if link.cascade else ""
    return f'{link.parent} {parent}--{child} {table.name} : "{link.column}{goes}"'
