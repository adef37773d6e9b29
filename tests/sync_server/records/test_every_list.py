"""What holds for every list and every table: constant cost, nothing deleted, nothing that no shape names."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo
from tests.recording import Recorder
from tests.sync_server.in_process import in_process
from tests.sync_server.records.office import Office, costs_of

from wc_contract.model import kinds
from wc_contract.model.kinds import KINDS
from wc_sync_server.api.records.models import model_of
from wc_sync_server.db.repositories.records import living as living_module
from wc_sync_server.db.tables import METADATA, TABLES, TENANT
from wc_sync_server.db.tables.money import SUPPLIER
from wc_sync_server.domain.records import answers, money_answers, policy_answers, purchasing_answers
from wc_sync_server.domain.records.shapes import Shape
from wc_sync_server.domain.records.vaccines import REFERENCE
from wc_sync_server.wiring import build_server

RECORDS = Path(living_module.__file__).parent
DOCS = Path(__file__).resolve().parents[3] / "docs"
LISTS = (
    "students", "orders", "doses", "incidents", "appointments", "health-records", "inventory", "vaccinations/lacking",
    "waitlist", "reminders", "follow-up-actions",
    "budget/categories", "budget/transactions", "suppliers", "purchase-orders", "policies", "policies/to-acknowledge",
    "users", "medications",
)  # fmt: skip
ANSWERS = (answers, money_answers, policy_answers, purchasing_answers)
SHAPES = [each for module in ANSWERS for each in vars(module).values() if isinstance(each, Shape)]


@pytest.mark.postgres
@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_whatever_its_length(path: str, office: Office, recorded_statements: Recorder) -> None:
    sue = office.client_of("sue")
    asked = [lambda limit=limit: sue.get(f"records/{path}", limit=limit) for limit in (1, 200)]
    short, long = costs_of(office, recorded_statements, "sue", asked)
    assert short == long <= 7


@pytest.mark.postgres
@pytest.mark.parametrize("path", LISTS)
def test_a_page_that_is_no_page_is_refused(path: str, office: Office) -> None:
    sue = office.client_of("sue")
    for query in ({"limit": 0}, {"limit": 201}, {"page": 0}, {"page": 9_999}, {"next": "AAAA"}, {"limit": "x"}):
        assert sue("GET", f"records/{path}", params=query).status_code == 422, query
    nobody = office.client.get(f"/v1/records/{path}")
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")


def test_deleted_records_are_left_out_in_one_place() -> None:
    names = "|".join(sorted({table.name for table in TENANT} - {"districts"}))
    raw = re.compile(rf"\b(?:from|join)\s+(?:{names})\b", re.IGNORECASE)
    found = {path.name: raw.findall(path.read_text(encoding="utf-8")) for path in RECORDS.glob("*.py")}
    assert {name for name, hits in found.items() if hits} == set()
    hidden = {path.name for path in RECORDS.glob("*.py") if "deleted_at" in path.read_text(encoding="utf-8")}
    # purchase_lines.py takes lines out of a draft by it; nothing is read by that.
    assert hidden == {"living.py", "purchase_lines.py"}


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])
def test_a_shape_has_the_fields_of_its_table_and_their_sensitivity(shape: Shape) -> None:
    kinds_of_tables = [table.info["kind"] for table in METADATA.sorted_tables if "kind" in table.info]
    declared = {kind.name: kind for kind in (*KINDS, *kinds_of_tables)}[shape.entity]
    known = {field.name: field for field in declared.fields}
    for field in shape.own:
        if field.name in known and field.name not in {"date", "time"}:
            assert (field.type, field.phi) == (known[field.name].type, known[field.name].phi), field.name
    assert set(model_of(shape).model_fields) == {field.name for field in shape.fields}


def test_no_secret_and_no_address_of_a_person_is_in_any_shape() -> None:
    secrets = {"password_hash", "totp_secret", "mfa_secret", "email", "blob_ref", "photo", "search", "signature"}
    # A supplier is no person, and orders go to its address.
    shown = {field.name for shape in SHAPES if shape.entity != SUPPLIER.name for field in shape.fields}
    assert not shown & secrets
    assert "email" in TABLES[kinds.USER.name].columns


def test_the_series_of_the_guide_are_the_ones_asked_for() -> None:
    text = (DOCS / "records.md").read_text(encoding="utf-8")
    for series in REFERENCE:
        grade = "K" if series.from_grade == 0 else str(series.from_grade)
        assert f"| {series.name} | {grade} | {series.doses} | {' '.join(series.cvx)} |" in text


@pytest.mark.postgres
def test_reports_are_read_where_nothing_can_be_written_and_are_on_record_all_the_same(
    office: Office, recorded_statements: Recorder
) -> None:
    # As a replica would: whatever is written there is refused.
    read_only = make_conninfo(office.house.dsns.app, options="-c default_transaction_read_only=on")
    settings = office.house.parts.settings
    bearer = {"authorization": f"Bearer {office.client_of('sue').token}"}
    dose = "SELECT count(*) FROM audit_logs WHERE action = 'VIEW' AND entity_type = 'vaccination_compliance'"
    before = office.house.one(dose)
    with in_process(build_server(replace(settings, reports_url=read_only))) as client:
        for path in ("vaccinations/compliance", "vaccinations/lacking", "doses", "budget/categories", "students"):
            assert client.get(f"/v1/records/{path}", headers=bearer).status_code == 200, path
    assert office.house.one(dose) == before + 1
    begun = [each.text for each in recorded_statements.statements if each.text.startswith("BEGIN")]
    assert sum("REPEATABLE READ READ ONLY" in text for text in begun) == 4
