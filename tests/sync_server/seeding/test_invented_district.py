"""What is invented: the same from the same seed, in proportion, whole in itself, and nobody's."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from wc_contract.model.kinds import KINDS, RecordKind
from wc_sync_server.cli.seeding import plan_of
from wc_sync_server.db.tables import METADATA
from wc_sync_server.seeding import names
from wc_sync_server.seeding.district import Part, parts_of
from wc_sync_server.seeding.plan import Plan, Row

DAY = date(2026, 11, 23)
# Nothing of these is needed to put a school under load.
_NOT_SEEDED = {
    "captures",
    "case_sides",
    "effect_checks",
    "emergency_looks",
    "phi_disclosures",
    "retention_policies",
    "legal_holds",
    "student_merges",
}


def plan(**changes: Any) -> Plan:
    return replace(plan_of("invented", 1_000, 2, 7, DAY), **changes)


@cache
def made() -> tuple[Part, ...]:
    return tuple(parts_of(plan()))


def rows(table: str) -> Iterator[Row]:
    return (row for part in made() for row in part.rows.get(table, ()))


def test_the_same_seed_makes_the_same_rows_and_another_makes_others() -> None:
    assert tuple(parts_of(plan())) == made()
    assert tuple(parts_of(plan(seed=8))) != made()


def test_two_districts_of_one_seed_share_no_id() -> None:
    other = replace(plan_of("another", 100, 1, 7, DAY))
    ids = [
        {row["id"] for part in parts_of(each) for rows in part.rows.values() for row in rows if "id" in row}
        for each in (replace(plan_of("invented", 100, 1, 7, DAY)), other)
    ]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_every_table_of_records_gets_rows() -> None:
    filled = {table for part in made() for table in part.rows}
    wanted = {table.name for table in METADATA.sorted_tables if "kind" in table.info}
    assert wanted - filled == _NOT_SEEDED


def test_rows_name_no_column_that_is_not_there_and_leave_out_none_that_is_required() -> None:
    given_by_the_load = {"district_id", "school_id", "row_version", "created_at", "updated_at"}
    for part in made():
        for name, of_table in part.rows.items():
            columns = METADATA.tables[name].columns
            required = {c.name for c in columns if not c.nullable and c.server_default is None} - given_by_the_load
            for row in of_table:
                assert row.keys() <= set(columns.keys()), name
                assert all(row.get(column) is not None for column in required), name


def test_there_are_as_many_students_as_asked_for_however_they_are_shared_out() -> None:
    for schools in (1, 3, 7):
        each = [len(part.rows.get("students", ())) for part in parts_of(plan(students=50, schools=schools))]
        assert sum(each) == 50
        assert max(each[1:-1]) - min(each[1:-1]) <= 1


def test_proportions_stay_those_of_a_school() -> None:
    counts = Counter({table: sum(1 for _ in rows(table)) for table in METADATA.tables})
    assert counts["emergency_contacts"] == 2 * counts["students"]
    assert counts["vaccinations"] == 5 * counts["students"]
    assert 10 * counts["students"] < sum(counts.values()) < 25 * counts["students"]
    assert counts["student_medications"] == counts["order_versions"] > 10


def test_what_is_in_stock_is_the_sum_of_its_movements() -> None:
    moved: Counter[str] = Counter()
    for row in rows("inventory_transactions"):
        moved[row["item_id"]] += row["quantity"]
    assert {row["id"]: row["quantity"] for row in rows("inventory_items")} == dict(moved)


def test_what_is_spent_is_the_sum_of_its_postings_and_below_the_ceiling() -> None:
    posted: Counter[str] = Counter()
    for row in rows("budget_transactions"):
        posted[row["category_id"]] += row["amount"]
    for row in rows("budget_categories"):
        assert row["spent_amount"] == posted[row["id"]] <= row["allocated"]


def test_no_two_appointments_of_a_nurse_meet() -> None:
    begins = sorted((row["nurse_id"], row["scheduled_at"]) for row in rows("appointments"))
    for (nurse, at), (other, then) in pairwise(begins):
        assert nurse != other or then - at >= timedelta(minutes=15)


def test_names_and_numbers_are_nobodys() -> None:
    invented = {first + second for first in names._FIRST for second in names._SECOND}
    for row in rows("students"):
        assert row["last_name"] in invented
        assert row["first_name"] in names._GIVEN
    for row in rows("emergency_contacts"):
        assert (row["phone"][:5], row["phone"][8:10]) == ("+1555", "01")
    assert all(row["email"].endswith("@seeded.example") for row in rows("users"))


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_values_are_those_that_their_fields_allow(kind: RecordKind) -> None:
    for field in kind.fields:
        if field.values:
            assert {row[field.name] for row in rows(kind.table) if row.get(field.name)} <= set(field.values)
