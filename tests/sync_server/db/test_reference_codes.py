"""Public codes: what comes with the program stands in the database, once, and names nothing twice."""

import json
from pathlib import Path

import psycopg
import pytest

from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.reference import CodesMissing, load_reference, read_codes
from wc_sync_server.db.tables import REFERENCE, codes

RESOURCES = Path(__file__).resolve().parents[3] / "resources"
CODES = RESOURCES / "codes"


def rows_of(dsn: str, table: str) -> dict[str, tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return {row[0]: row for row in connection.execute(f"SELECT * FROM {table}".encode()).fetchall()}


@pytest.mark.parametrize("table", REFERENCE, ids=[table.name for table in REFERENCE])
def test_every_reference_table_has_its_file_with_each_code_once(table: object) -> None:
    rows = list(read_codes(table, CODES))
    assert len(rows) > 15
    assert len({row[0] for row in rows}) == len(rows)


def test_every_ingredient_of_the_catalogue_has_a_name_in_the_codes() -> None:
    catalogue = json.loads((RESOURCES / "medications.json").read_text(encoding="utf-8"))
    named = {
        ingredient["code"].removeprefix("rxnorm:"): ingredient["name"]
        for medication in catalogue["medications"]
        for ingredient in medication["ingredients"]
        if ingredient["code"].startswith("rxnorm:")
    }
    known = {row[0]: row[1] for row in read_codes(codes.DRUG_INGREDIENTS, CODES)}
    assert {code: known.get(code) for code in named} == named


@pytest.mark.postgres
def test_an_upgrade_brings_the_codes_and_doing_it_again_changes_nothing(central_dsns: Dsns) -> None:
    for table in REFERENCE:
        assert len(rows_of(central_dsns.app, table.name)) == len(list(read_codes(table, CODES)))
    assert set(load_reference(central_dsns.migrate).values()) == {0}


@pytest.mark.postgres
def test_a_code_is_renamed_and_added_and_never_removed(central_dsns: Dsns, tmp_path: Path) -> None:
    for file in CODES.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "manufacturers.csv").write_text("mvx,name,is_active\nMSD,Merck again,false\nZZZ,New,true\n", "utf-8")
    assert load_reference(central_dsns.migrate, tmp_path)["manufacturers"] == 2
    after = rows_of(central_dsns.app, "manufacturers")
    assert after["MSD"] == ("MSD", "Merck again", False)
    assert {"ZZZ", "PMC"} <= after.keys()


@pytest.mark.postgres
def test_the_application_reads_codes_and_writes_none(central_dsns: Dsns) -> None:
    with psycopg.connect(central_dsns.app) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE vaccine_codes SET short_name = 'x'")


def test_a_file_with_other_columns_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodesMissing):
        list(read_codes(codes.MANUFACTURERS, tmp_path))
    (tmp_path / "manufacturers.csv").write_text("mvx,title\nMSD,Merck\n", "utf-8")
    with pytest.raises(CodesMissing):
        list(read_codes(codes.MANUFACTURERS, tmp_path))
