"""The dictionary: everything about every column, for people (Markdown) and for whoever sorts it (CSV)."""

import csv
import io
from collections.abc import Iterator, Sequence

from wc_sync_server.db.pictures.facts import ColumnFacts, TableFacts

HEADINGS = (
    "domain", "table", "column", "type", "required", "key", "references", "phi", "sealed", "values", "made",
    "constraints", "indexes", "seen by", "written by", "policies", "rights of the application",
)  # fmt: skip


def section(table: TableFacts) -> str:
    """Return what is said about a table, as Markdown."""
    return "\n".join(_section(table))


def sheet(tables: Sequence[tuple[str, TableFacts]]) -> str:
    """Return one line for each column of these tables, given with their domain, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    for domain, table in tables:
        writer.writerows(_row(domain, table, column) for column in table.columns)
    return text.getvalue()


def _section(table: TableFacts) -> Iterator[str]:
    yield f"### {table.name}"
    yield ""
    yield f"{_what(table)} Seen by {table.seen_by}. Written by {table.written_by}. The application: {table.rights}."
    if table.policies:
        yield f"Policies: {', '.join(f'`{name}`' for name in table.policies)}."
    if table.partitioned:
        yield f"Partitioned by {table.partitioned}."
    yield ""
    yield "| column | type | required | key | PHI | sealed | notes |"
    yield "|---|---|---|---|---|---|---|"
    yield from (_line(column) for column in table.columns)
    yield ""
    yield from _listed("Constraints", table.constraints)
    yield from _listed("Indexes", table.indexes)


def _what(table: TableFacts) -> str:
    if table.kind is None:
        return f"A {table.home.value} table."
    stream = f"in the stream of its {table.kind.scope.value}"
    where = stream if table.kind.replicated else "in the central database only"
    facts = ", append-only" if table.kind.append_only else ""
    return f"Record `{table.kind.name}`, {where}, merged by {table.kind.merge.value}{facts}."


def _line(column: ColumnFacts) -> str:
    notes = [*([" · ".join(column.values)] if column.values else []), *([f"`{column.made}`"] if column.made else [])]
    cells = (
        f"`{column.name}`",
        column.type,
        _yes(column.required),
        _key(column),
        _yes(column.phi),
        _yes(column.sealed),
        "; ".join(notes).replace("|", "\\|"),
    )
    return f"| {' | '.join(cells)} |"


def _key(column: ColumnFacts) -> str:
    parts = [*(["PK"] if column.primary else []), *([f"FK {column.references}"] if column.references else [])]
    return "; ".join(parts)


def _listed(title: str, named: Sequence[tuple[str, str]]) -> Iterator[str]:
    if named:
        yield f"{title}:"
        yield ""
        yield from (f"- `{name}`: `{text}`" for name, text in named)
        yield ""


def _yes(said: bool) -> str:  # noqa: FBT001  # a mark of a table
    return "yes" if said else ""


def _row(domain: str, table: TableFacts, column: ColumnFacts) -> tuple[str, ...]:
    return (
        domain,
        table.name,
        column.name,
        column.type,
        _yes(column.required),
        "PK" if column.primary else "",
        column.references,
        _yes(column.phi),
        _yes(column.sealed),
        " ".join(column.values),
        column.made,
        " ".join(column.constraints),
        " ".join(column.indexes),
        table.seen_by,
        table.written_by,
        " ".join(table.policies),
        table.rights,
    )
