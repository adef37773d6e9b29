"""The pages of docs/schema: made, compared with what is there, and written."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import MetaData

from wc_sync_server.db.pictures.diagram import diagram
from wc_sync_server.db.pictures.dictionary import section, sheet
from wc_sync_server.db.pictures.domains import DOMAINS, Domain, check_domains
from wc_sync_server.db.pictures.facts import TableFacts, facts_of
from wc_sync_server.db.tables import METADATA

MADE = "Made by `make schema` from `src/wc_sync_server/db/tables`. Do not edit: a test compares."
_FIRST = """
How to read the diagrams: `PK` and `FK` are keys; what tells something of a child is marked `PHI`, what the central
database keeps encrypted `sealed`. Every tenant table begins with `district_id`, which is part of its primary key, of
every unique constraint and of every foreign key; records of a school have `school_id`. Both, and `row_version`,
`created_at`, `updated_at` and `deleted_at`, are left out of the diagrams and stand in the tables below them. A line
marked "goes with it" is a part of what it belongs to (ON DELETE CASCADE); all others are ON DELETE RESTRICT.

Every tenant table is under row-level security, its owner included. The policy `tenant` shows rows to their district
and school; `readers`, `secret`, `confidential` and `confidential_with` take away from that; `writers_*` refuse the
writes of every other role than those named. `dictionary.csv` has the same, one line a column, to be sorted and
filtered.
"""


def pages(metadata: MetaData = METADATA) -> dict[str, str]:
    """Return every page by its file's name. Raises TablesWithoutDomain."""
    check_domains(metadata.tables)
    found = {domain: [facts_of(metadata.tables[name]) for name in domain.tables] for domain in DOMAINS}
    return {
        "README.md": _first(found),
        **{f"{domain.name}.md": _page(domain, tables) for domain, tables in found.items()},
        "dictionary.csv": sheet([(domain.name, table) for domain, tables in found.items() for table in tables]),
    }


def stale(folder: Path, made: Mapping[str, str]) -> list[str]:
    """Return the names of the files in folder that are not as they would be made, missing and needless ones too."""
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*") if path.is_file()}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def write(folder: Path, made: Mapping[str, str]) -> list[str]:
    """Write what is stale; return the names of the files that were written or removed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = stale(folder, made)
    for name in changed:
        if name in made:
            (folder / name).write_text(made[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
    return changed


def _first(found: Mapping[Domain, Sequence[TableFacts]]) -> str:
    lines = ["# The central schema", "", MADE, _FIRST, "| domain | table | columns | PHI columns | sealed | kept |"]
    lines.append("|---|---|---|---|---|---|")
    lines += [_entry(domain, table) for domain, tables in found.items() for table in tables]
    count = sum(len(tables) for tables in found.values())
    return "\n".join([*lines, "", f"{count} tables in {len(found)} domains.", ""])


def _entry(domain: Domain, table: TableFacts) -> str:
    phi = ", ".join(f"`{column.name}`" for column in table.columns if column.phi)
    sealed = ", ".join(f"`{column.name}`" for column in table.columns if column.sealed)
    where = "workstations too" if table.kind is not None and table.kind.replicated else "centrally"
    link = f"[{table.name}]({domain.name}.md#{table.name})"
    return f"| {domain.title} | {link} | {len(table.columns)} | {phi} | {sealed} | {where} |"


def _page(domain: Domain, tables: Sequence[TableFacts]) -> str:
    parts = [f"# {domain.title}", MADE, diagram(tables), *(section(table).rstrip() for table in tables)]
    return "\n\n".join(parts) + "\n"
