"""docs/schema says what the tables are: made again it is the same, and a change of a table would be seen."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, MetaData, Table, Text
from typer.testing import CliRunner

from wc_sync_server.cli.app import app
from wc_sync_server.db.pictures.domains import DOMAINS, TablesWithoutDomain
from wc_sync_server.db.pictures.pages import pages, stale, write
from wc_sync_server.db.tables import METADATA

DOCS = Path(__file__).resolve().parents[3] / "docs" / "schema"


_MERMAID = (
    re.compile(r"[a-z][a-z0-9_]* \{|\}"),
    re.compile(r"[a-z]+ [a-z][a-z0-9_]*( (PK|FK|PK, FK))?( \"[^\"]+\")?"),
    re.compile(r"[a-z_0-9]+ (\|\||\|o)--(o\{|o\|) [a-z_0-9]+ : \"[^\"]+\""),
)


def copied() -> MetaData:
    """Return the schema once more, to be changed by a test."""
    copy = MetaData()
    for table in METADATA.sorted_tables:
        table.to_metadata(copy)
    return copy


def test_the_pages_in_docs_are_as_they_are_made() -> None:
    assert stale(DOCS, pages()) == [], "run `make schema`"


def test_a_copy_of_the_schema_makes_the_same_pages() -> None:
    assert pages(copied()) == pages()


def _column(table: Table) -> None:
    table.append_column(Column("nickname", Text))


def _check(table: Table) -> None:
    table.append_constraint(CheckConstraint("duration < 100", name="ck_appointments_short"))


def _index(table: Table) -> None:
    Index("ix_appointments_kind", table.c.district_id, table.c.kind)


def _key(table: Table) -> None:
    columns, target = ["district_id", "kind"], ["users.district_id", "users.email"]
    table.append_constraint(ForeignKeyConstraint(columns, target, name="fk_appointments_kind", ondelete="RESTRICT"))


def _required(table: Table) -> None:
    table.c.reason.nullable = False


@pytest.mark.parametrize("change", [_column, _check, _index, _key, _required])
def test_a_change_of_a_table_makes_its_pages_stale(change: Callable[[Table], None], tmp_path: Path) -> None:
    write(tmp_path, pages())
    schema = copied()
    change(schema.tables["appointments"])
    assert "scheduling.md" in stale(tmp_path, pages(schema))


def test_a_field_that_is_no_longer_protected_makes_its_pages_stale(tmp_path: Path) -> None:
    write(tmp_path, pages())
    schema = copied()
    info = schema.tables["health_records"].info
    info["fields"] = tuple(field for field in info["fields"] if field.name != "icd10")
    assert stale(tmp_path, pages(schema)) == ["README.md", "dictionary.csv", "health.md"]


def test_a_page_that_is_missing_changed_or_too_many_is_stale_and_written_anew(tmp_path: Path) -> None:
    made = pages()
    write(tmp_path, made)
    (tmp_path / "money.md").unlink()
    (tmp_path / "health.md").write_text("edited", encoding="utf-8")
    (tmp_path / "weather.md").write_text("needless", encoding="utf-8")
    assert write(tmp_path, made) == ["health.md", "money.md", "weather.md"]
    assert stale(tmp_path, made) == []


def test_every_table_is_in_one_domain_and_a_new_one_is_asked_for() -> None:
    assert {name for domain in DOMAINS for name in domain.tables} == set(METADATA.tables)
    schema = copied()
    Table("weather", schema, Column("id", Text))
    with pytest.raises(TablesWithoutDomain, match="weather"):
        pages(schema)


def test_the_dictionary_has_every_column_and_the_protected_ones_marked() -> None:
    rows = {(row["table"], row["column"]): row for row in csv.DictReader(io.StringIO(pages()["dictionary.csv"]))}
    columns = {(table.name, column.name) for table in METADATA.sorted_tables for column in table.columns}
    assert rows.keys() == columns
    for table in METADATA.sorted_tables:
        for field in table.info.get("fields", ()):
            row = rows[table.name, field.name]
            assert (row["phi"], row["sealed"]) == ("yes" * field.phi, "yes" * field.sealed)
    assert rows["students", "search"]["phi"] == "yes"  # made of names
    assert rows["receipts", "body"]["phi"] == "yes"  # the entry as it was sent


def test_every_reference_to_another_record_is_a_line_of_its_diagram() -> None:
    made = pages()
    for domain in DOMAINS:
        drawn = made[f"{domain.name}.md"].partition("```mermaid")[2].partition("```")[0]
        for name in domain.tables:
            for key in METADATA.tables[name].foreign_key_constraints:
                column = key.column_keys[-1]
                if column not in {"district_id", "school_id"}:
                    parent = key.elements[0].target_fullname.split(".")[0]
                    lines = [line for line in drawn.splitlines() if line.strip().startswith(f"{parent} ")]
                    assert any(f" {name} : " in line and f'"{column}' in line for line in lines), (name, column)


def test_every_line_of_a_diagram_is_one_that_mermaid_reads() -> None:
    for domain in DOMAINS:
        lines = pages()[f"{domain.name}.md"].partition("```mermaid\n")[2].partition("\n```")[0].splitlines()
        assert lines[0] == "erDiagram"
        strange = [line for line in lines[1:] if not any(form.fullmatch(line.strip()) for form in _MERMAID)]
        assert not strange, (domain.name, strange)


def test_the_command_makes_checks_and_spares_strange_folders(tmp_path: Path) -> None:
    run = CliRunner()
    folder = tmp_path / "schema"
    assert run.invoke(app, ["db", "pictures", str(folder)]).exit_code == 0
    assert run.invoke(app, ["db", "pictures", str(folder), "--check"]).exit_code == 0
    (folder / "sync.md").write_text("edited", encoding="utf-8")
    told = run.invoke(app, ["db", "pictures", str(folder), "--check"])
    assert (told.exit_code, "sync.md" in told.stderr) == (1, True)
    (tmp_path / "diary.md").write_text("mine", encoding="utf-8")
    refused = run.invoke(app, ["db", "pictures", str(tmp_path)])
    assert (refused.exit_code, (tmp_path / "diary.md").read_text(encoding="utf-8")) == (1, "mine")
