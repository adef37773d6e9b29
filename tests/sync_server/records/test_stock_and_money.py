"""Stock and budget over the records API."""

from typing import Any

import pytest
from tests.sync_server.records.office import Office

from wc_sync_server.db.tables.money import BUDGET_CATEGORY, BUDGET_TRANSACTION
from wc_sync_server.domain.records import money_answers

pytestmark = pytest.mark.postgres


def _item(office: Office, name: str, **changes: Any) -> dict[str, Any]:
    new = {"id": office.new_id(), "school_id": str(office.house.north), "name": name, "reorder_at": "5"} | changes
    made = office.client_of("ann")("POST", "records/inventory", json=new)
    assert made.status_code == 201, made.text
    return dict(made.json())


def test_an_item_changes_its_quantity_by_movements_only(office: Office) -> None:
    ann, item = office.client_of("ann"), _item(office, "Ice packs")
    assert item["quantity"] == "0"
    path = f"records/inventory/{item['id']}"
    assert ann("PATCH", path, version=item["row_version"], json={"quantity": "9"}).status_code == 422
    came = {"id": office.new_id(), "kind": "RECEIVED", "quantity": "12"}
    for _ in range(2):
        assert ann("POST", f"{path}/movements", json=came).json()["quantity"] == "12"
    assert ann("POST", f"{path}/movements", json=came | {"kind": "COUNTED"}).json()["code"] == "taken"
    used = {"id": office.new_id(), "kind": "USED", "quantity": "-12.5"}
    none_left = ann("POST", f"{path}/movements", json=used)
    assert (none_left.status_code, none_left.json()["code"]) == (409, "not_in_stock")
    assert ann("POST", f"{path}/movements", json=used | {"quantity": "0"}).status_code == 422
    assert ann("POST", f"{path}/movements", json=used | {"id": came["id"], "quantity": "1"}).json()["code"] == "taken"
    assert ann("POST", f"{path}/movements", json=used | {"quantity": "-8"}).json()["quantity"] == "4"
    moved = ann.get(f"{path}/movements")["data"]
    assert sorted((row["kind"], row["quantity"]) for row in moved) == [("RECEIVED", "12"), ("USED", "-8")]
    assert {row["actor_name"] for row in moved} == {"Invented, Ann"}
    assert item["id"] in {row["id"] for row in ann.get("records/inventory", low=True)["data"]}


def test_an_item_said_again_of_another_school_is_another(office: Office) -> None:
    item = _item(office, "Slings")
    new = {"id": item["id"], "school_id": str(office.house.south), "name": "Slings", "reorder_at": "5"}
    taken = office.client_of("abe")("POST", "records/inventory", json=new)
    assert (taken.status_code, taken.json()["fields"]) == (409, ["id"])


def test_an_id_of_a_school_out_of_sight_is_taken_and_nothing_more_is_told(office: Office) -> None:
    item = _item(office, "Splints")
    new = {"id": item["id"], "school_id": str(office.house.south), "name": "Eye wash", "reorder_at": "5"}
    taken = office.client_of("cleo")("POST", "records/inventory", json=new)
    assert (taken.status_code, taken.json()["code"], taken.json()["fields"]) == (409, "taken", ["id"])
    assert "Splints" not in taken.text
    assert office.client_of("ann").get(f"records/inventory/{item['id']}")["name"] == "Splints"


def test_stock_of_another_school_is_not_there(office: Office) -> None:
    item = _item(office, "Bandages")
    cleo, path = office.client_of("cleo"), f"records/inventory/{item['id']}"
    moved = {"id": office.new_id(), "kind": "USED", "quantity": "1"}
    assert cleo("GET", path).status_code == 404
    assert cleo("PATCH", path, version=item["row_version"], json={"lot": "1"}).status_code == 404
    assert cleo("POST", f"{path}/movements", json=moved).status_code == 404
    assert cleo("GET", f"{path}/movements").status_code == 404
    rob = office.client_of("rob")
    assert rob("POST", f"{path}/movements", json=moved).status_code == 403
    changed = office.client_of("ann")("PATCH", path, version=item["row_version"], json={"lot": "L1"}).json()
    assert changed["lot"] == "L1"
    stale = office.client_of("ann")("PATCH", path, version=item["row_version"], json={"lot": "L2"})
    assert stale.status_code == 412


def _category(office: Office, name: str, allocated: str = "100") -> dict[str, Any]:
    new = {"id": office.new_id(), "fiscal_year": 2027, "name": name, "allocated": allocated}
    sue = office.client_of("sue")
    made = sue("POST", "records/budget/categories", json=new)
    assert made.status_code == 201, made.text
    assert sue("POST", "records/budget/categories", json=new).json() == made.json()
    return dict(made.json())


def _posting(office: Office, amount: str) -> dict[str, Any]:
    return {"id": office.new_id(), "amount": amount, "occurred_on": "2026-11-23"}


def test_postings_stay_under_the_ceiling(office: Office) -> None:
    sue, category = office.client_of("sue"), _category(office, "Supplies")
    path, first = f"records/budget/categories/{category['id']}", _posting(office, "60.50")
    for _ in range(2):
        answer = sue("POST", f"{path}/transactions", json=first)
        assert (answer.status_code, answer.json()["amount"]) == (201, "60.5"), answer.text
    other_day = sue("POST", f"{path}/transactions", json=first | {"occurred_on": "2026-11-24"})
    assert other_day.json()["code"] == "taken"
    over = sue("POST", f"{path}/transactions", json=_posting(office, "39.51"))
    assert (over.status_code, over.json()["code"]) == (409, "over_budget")
    assert sue.get(path)["spent_amount"] == "60.5"
    below = sue("PATCH", path, version=sue.get(path)["row_version"], json={"allocated": "50"})
    assert below.status_code == 422
    back = {"id": office.new_id(), "occurred_on": "2026-11-24"}
    reversal = f"records/budget/transactions/{first['id']}/reversal"
    assert sue("POST", reversal, json=back).json()["amount"] == "-60.5"
    assert sue("POST", reversal, json=back | {"id": office.new_id()}).json()["code"] == "wrong_state"
    assert sue.get(path)["spent_amount"] == "0"
    posted = sue.get("records/budget/transactions", category=category["id"])
    assert posted["meta"]["total"] == 2
    unknown = f"records/budget/categories/{office.new_id()}"
    assert sue("POST", f"{unknown}/transactions", json=first).status_code == 404
    assert sue("POST", f"records/budget/transactions/{office.new_id()}/reversal", json=back).status_code == 404


def test_a_category_changes_at_the_version_that_was_read(office: Office) -> None:
    sue, category = office.client_of("sue"), _category(office, "Training")
    path = f"records/budget/categories/{category['id']}"
    changed = sue("PATCH", path, version=category["row_version"], json={"allocated": "250"}).json()
    assert (changed["allocated"], changed["row_version"]) == ("250", category["row_version"] + 1)
    assert sue("PATCH", path, version=category["row_version"], json={"allocated": "1"}).status_code == 412
    assert sue("PATCH", path, version=category["row_version"], json={"allocated": "250"}).json() == changed
    taken = {"id": office.new_id(), "fiscal_year": 2027, "name": "Training", "allocated": "1"}
    assert sue("POST", "records/budget/categories", json=taken).json()["code"] == "taken"
    assert [line["detail"]["changed"] for line in office.audited(category["id"], "UPDATE")] == [["allocated"]]


def test_money_is_the_offices(office: Office) -> None:
    category = _category(office, "Postage")
    path = f"records/budget/categories/{category['id']}"
    for name, reads in (("ann", 403), ("tess", 403), ("rob", 200), ("abe", 200)):
        assert office.client_of(name)("GET", path).status_code == reads
        assert office.client_of(name)("GET", "records/budget/transactions").status_code == reads
    rob = office.client_of("rob")
    assert rob("PATCH", path, version=category["row_version"], json={"allocated": "5"}).status_code == 403


def test_the_shapes_of_money_are_what_the_tables_declare() -> None:
    for shape, kind in (
        (money_answers.BUDGET_CATEGORY, BUDGET_CATEGORY),
        (money_answers.BUDGET_TRANSACTION, BUDGET_TRANSACTION),
    ):
        for field in shape.own[2:]:
            assert field == kind.field(field.name)
