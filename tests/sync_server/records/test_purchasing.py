"""Suppliers and purchase orders over the records API: the money, the shelves and the states."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from tests.recording import Recorder
from tests.sync_server.records.office import Office, costs_of

from wc_sync_server.db.tables import money
from wc_sync_server.domain.records import money_answers, purchasing_answers

pytestmark = pytest.mark.postgres

DAY = "2026-11-20"
LINES = [
    {"name": "Gauze, box", "quantity": "10", "unit_price": "2.495"},
    {"name": "Freight", "quantity": "1", "unit_price": "7.05"},
]
TOTAL = "32"  # 24.95 and 7.05


def _step(office: Office, name: str, order: str, step: str, **body: Any) -> Any:
    """Take an order a step on at its present version."""
    asker = office.client_of(name)
    version = asker.get(f"records/purchase-orders/{order}")["order"]["row_version"]
    return asker("POST", f"records/purchase-orders/{order}/{step}", version=version, json=body or {"on": DAY})


@pytest.fixture(scope="module")
def supplier(office: Office) -> str:
    return _supplier(office, "Medical")


def _supplier(office: Office, name: str) -> str:
    body = {"id": office.new_id(), "name": name, "email": "orders@medical.example"}
    answer = office.client_of("sue")("POST", "records/suppliers", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


Draft = Callable[..., str]


@pytest.fixture
def category(office: Office) -> str:
    """Give a category with a hundred to spend."""
    id_ = office.new_id()
    body = {"id": id_, "fiscal_year": 2027, "name": f"Care {id_}", "allocated": "100"}
    assert office.client_of("sue")("POST", "records/budget/categories", json=body).status_code == 201
    return id_


@pytest.fixture
def draft(office: Office, supplier: str, category: str) -> Draft:
    """Give what draws up an order as Sue, to the north school, and returns its id."""

    def drawn(**changes: Any) -> str:
        id_ = office.new_id()
        body = {
            "id": id_, "number": f"PO {id_}", "supplier_id": supplier, "budget_category_id": category,
            "deliver_to": str(office.house.north), "lines": LINES,
        }  # fmt: skip
        answer = office.client_of("sue")("POST", "records/purchase-orders", json=body | changes)
        assert answer.status_code == 201, answer.text
        return id_

    return drawn


def _item(office: Office, school: Any = None) -> str:
    body = {"id": office.new_id(), "school_id": str(school or office.house.north), "name": "Gauze"}
    assert office.client_of("sue")("POST", "records/inventory", json=body).status_code == 201
    return str(body["id"])


def _spent(office: Office, category: str) -> str:
    return str(office.client_of("sue").get(f"records/budget/categories/{category}")["spent_amount"])


def _came(office: Office, line: int, quantity: str, item: str | None = None) -> dict[str, Any]:
    shelf = {} if item is None else {"item_id": item, "id": office.new_id()}
    return {"line": line, "quantity": quantity, **shelf}


def _ordered(office: Office, order: str) -> None:
    for step in ("approval", "placement"):
        answer = _step(office, "abe", order, step)
        assert answer.status_code == 200, answer.text


def test_an_order_goes_from_a_draft_to_the_shelf_in_parts(office: Office, draft: Draft, category: str) -> None:
    sue, order, item = office.client_of("sue"), draft(), _item(office)
    path = f"records/purchase-orders/{order}"
    drawn = sue.get(path)
    assert (drawn["order"]["status"], drawn["order"]["total"], drawn["order"]["set_aside"]) == ("DRAFT", TOTAL, "0")
    assert [(line["line"], line["name"]) for line in drawn["lines"]] == [(1, "Gauze, box"), (2, "Freight")]
    approved = _step(office, "abe", order, "approval").json()
    assert (approved["order"]["status"], approved["order"]["set_aside"]) == ("APPROVED", TOTAL)
    assert [(row["amount"], row["purchase_order_id"]) for row in approved["postings"]] == [(TOTAL, order)]
    assert _spent(office, category) == TOTAL
    placed = _step(office, "sue", order, "placement", on=DAY, expected_on="2026-12-01").json()["order"]
    assert (placed["status"], placed["ordered_on"], placed["expected_on"]) == ("ORDERED", DAY, "2026-12-01")
    assert order in {row["id"] for row in sue.get("records/purchase-orders", late="2026-12-02", limit=200)["data"]}

    first = {"lines": [_came(office, 1, "4", item), _came(office, 1, "2", item)]}
    some = sue("POST", f"{path}/receipts", version=placed["row_version"], json=first)
    assert some.status_code == 201, some.text
    assert [line["received_quantity"] for line in some.json()["lines"]] == ["6", "0"]
    assert some.json()["order"]["status"] == "ORDERED"
    # The answer was lost: at the old version, it counts no second time.
    again = sue("POST", f"{path}/receipts", version=placed["row_version"], json=first)
    assert again.json() == some.json()
    assert sue.get(f"records/inventory/{item}")["quantity"] == "6"
    rest = {"received_at": "2026-12-03T03:00:00+00:00", "lines": [_came(office, 1, "4", item), _came(office, 2, "1")]}
    whole = _step(office, "sue", order, "receipts", **rest).json()
    # It was still the second in Chicago.
    assert (whole["order"]["status"], whole["order"]["received_on"]) == ("RECEIVED", "2026-12-02")
    moved = sue.get(f"records/inventory/{item}/movements")["data"]
    assert sorted(row["quantity"] for row in moved) == ["2", "4", "4"]
    assert {row["kind"] for row in moved} == {"RECEIVED"}
    assert _spent(office, category) == TOTAL


def test_what_was_received_goes_to_the_workstations_of_that_school(office: Office, draft: Draft) -> None:
    order, item = draft(), _item(office)
    _ordered(office, order)
    heads = "SELECT head, heads ->> 'inventory_item', heads ->> 'inventory_transaction' FROM streams WHERE id = %s"
    before = office.house.asked(heads, office.house.north)[0][0]
    assert _step(office, "sue", order, "receipts", lines=[_came(office, 1, "1", item)]).status_code == 201
    ((head, items, movements),) = office.house.asked(heads, office.house.north)
    assert head == before + 2
    assert {int(items), int(movements)} == {before + 1, before + 2}
    assert office.house.one("SELECT row_version FROM inventory_items WHERE id = %s", item) == int(items)


def test_whoever_drew_it_up_does_not_approve_it(office: Office, draft: Draft) -> None:
    order = draft()
    own = _step(office, "sue", order, "approval")
    assert (own.status_code, own.json()["code"]) == (409, "another_person")
    # Who changes a draft has drawn it up.
    abe, path = office.client_of("abe"), f"records/purchase-orders/{order}"
    changed = abe("PATCH", path, version=1, json={"lines": LINES[:1]}).json()
    assert (changed["order"]["ordered_by_name"], changed["order"]["total"]) == ("Invented, Abe", "24.95")
    assert _step(office, "abe", order, "approval").json()["code"] == "another_person"
    assert _step(office, "sue", order, "approval").status_code == 200
    office.house.done('UPDATE districts SET policy = policy || \'{"purchase_approval": "ANYBODY"}\'')
    try:
        assert _step(office, "sue", draft(), "approval").status_code == 200
    finally:
        office.house.done("UPDATE districts SET policy = policy - 'purchase_approval'")


def test_an_order_past_the_ceiling_is_not_approved(office: Office, draft: Draft, category: str) -> None:
    order = draft(lines=[{"name": "Lift", "quantity": "1", "unit_price": "100.01"}])
    over = _step(office, "abe", order, "approval")
    assert (over.status_code, over.json()["code"], over.json()["fields"]) == (409, "over_budget", ["total"])
    assert _spent(office, category) == "0"
    assert office.client_of("sue").get(f"records/purchase-orders/{order}")["order"]["status"] == "DRAFT"


def test_what_changed_meanwhile_is_not_approved(office: Office, draft: Draft, category: str) -> None:
    order, abe = draft(), office.client_of("abe")
    path = f"records/purchase-orders/{order}"
    dearer = [{"name": "Lift", "quantity": "1", "unit_price": "500"}]
    assert office.client_of("sue")("PATCH", path, version=1, json={"lines": dearer}).status_code == 200
    # Not that it is over budget: whoever approves has not seen the lift.
    unseen = abe("POST", f"{path}/approval", version=1, json={"on": DAY})
    assert (unseen.json()["code"], unseen.json()["row_version"]) == ("stale", 2)
    assert _spent(office, category) == "0"


def test_orders_approved_at_once_stay_under_the_ceiling(office: Office, draft: Draft, category: str) -> None:
    orders = [draft(lines=[{"name": "Scale", "quantity": "1", "unit_price": "40"}]) for _ in range(4)]
    abe = office.client_of("abe")
    ask = [
        partial(abe, "POST", f"records/purchase-orders/{order}/approval", version=1, json={"on": DAY})
        for order in orders
    ]
    with ThreadPoolExecutor(len(ask)) as pool:
        codes = sorted(future.result().status_code for future in [pool.submit(each) for each in ask])
    assert codes == [200, 200, 409, 409]
    assert _spent(office, category) == "80"


def test_what_lacks_something_is_not_approved(office: Office, draft: Draft) -> None:
    lacking = _step(office, "abe", draft(lines=[], budget_category_id=None), "approval")
    assert (lacking.status_code, lacking.json()["fields"]) == (409, ["lines", "budget_category_id"])
    other = _supplier(office, "Gone Supplies")
    order = draft(supplier_id=other)
    assert office.client_of("abe")(
        "PATCH", f"records/suppliers/{other}", version=1, json={"is_active": False}
    ).json()["is_active"] is False  # fmt: skip
    assert _step(office, "abe", order, "approval").json()["fields"] == ["supplier_id"]
    assert other not in {row["id"] for row in office.client_of("abe").get("records/suppliers", active=True)["data"]}


def test_a_draft_changes_and_an_approved_order_does_not(office: Office, draft: Draft) -> None:
    sue, order = office.client_of("sue"), draft()
    path = f"records/purchase-orders/{order}"
    three = [*LINES, {"name": "Tape", "quantity": "2", "unit_price": "1"}]
    for lines in (three, LINES[:1], three):
        version = sue.get(path)["order"]["row_version"]
        changed = sue("PATCH", path, version=version, json={"lines": lines}).json()
        assert [line["name"] for line in changed["lines"]] == [line["name"] for line in lines]
    assert sue("PATCH", path, version=1, json={"lines": LINES}).status_code == 412
    assert sue("PATCH", path, version=1, json={"lines": three}).json() == changed
    assert _step(office, "abe", order, "approval").status_code == 200
    version = sue.get(path)["order"]["row_version"]
    fixed = sue("PATCH", path, version=version, json={"number": "Other", "lines": LINES, "note": "x"})
    assert (fixed.json()["code"], fixed.json()["fields"]) == ("wrong_state", ["lines", "number"])
    assert sue("PATCH", path, version=version, json={"note": "Call first"}).json()["order"]["note"] == "Call first"


def test_a_cancelled_order_gives_its_money_back(office: Office, draft: Draft, category: str) -> None:
    order = draft()
    _ordered(office, order)
    posting = office.client_of("sue").get(f"records/purchase-orders/{order}")["postings"][0]["id"]
    back = {"id": office.new_id(), "occurred_on": DAY}
    by_hand = office.client_of("sue")("POST", f"records/budget/transactions/{posting}/reversal", json=back)
    assert (by_hand.json()["code"], by_hand.json()["fields"]) == ("wrong_state", ["purchase_order_id"])
    assert _step(office, "sue", order, "closing").json()["fields"] == ["received_quantity"]
    cancelled = _step(office, "sue", order, "cancellation").json()
    assert (cancelled["order"]["status"], cancelled["order"]["set_aside"]) == ("CANCELLED", "0")
    assert _step(office, "sue", order, "cancellation").json() == cancelled
    assert _spent(office, category) == "0"
    for step in ("approval", "placement", "closing"):
        assert _step(office, "abe", order, step).json()["code"] == "wrong_state"
    assert _step(office, "abe", order, "receipts", lines=[_came(office, 1, "1")]).json()["code"] == "wrong_state"


def test_an_order_closed_short_gives_back_what_never_came(office: Office, draft: Draft, category: str) -> None:
    order, item = draft(), _item(office)
    _ordered(office, order)
    assert _step(office, "sue", order, "receipts", lines=[_came(office, 1, "3", item)]).status_code == 201
    assert _step(office, "sue", order, "cancellation").json()["fields"] == ["received_quantity"]
    closed = _step(office, "sue", order, "closing", on="2026-12-20").json()["order"]
    # Three boxes at 2.495 are 7.485, to the cent.
    assert (closed["status"], closed["received_on"], closed["set_aside"]) == ("RECEIVED", "2026-12-20", "7.49")
    assert _spent(office, category) == "7.49"


def test_nothing_stands_of_a_receipt_of_which_a_part_cannot_be(office: Office, draft: Draft) -> None:
    sue, order, item = office.client_of("sue"), draft(), _item(office)
    _ordered(office, order)
    elsewhere = _item(office, office.house.south)
    good = _came(office, 1, "5", item)
    for wrong, code, fields in (
        (_came(office, 1, "5.5", item), "over_delivered", ["quantity"]),
        (_came(office, 3, "1", item), "invalid", ["line"]),
        (_came(office, 1, "1", elsewhere), "invalid", ["item_id"]),
        (_came(office, 2, "0"), "invalid", ["quantity"]),
        (good | {"line": 2}, "taken", ["id"]),
        ({"line": 1, "quantity": "1", "item_id": item}, "invalid", ["id", "item_id"]),
    ):
        refused = _step(office, "sue", order, "receipts", lines=[good, wrong])
        assert (refused.json()["code"], refused.json()["fields"]) == (code, fields), wrong
    early = _step(office, "sue", order, "receipts", received_at="2026-11-01T12:00:00+00:00", lines=[good])
    assert early.json()["fields"] == ["received_at"]
    stale = sue("POST", f"records/purchase-orders/{order}/receipts", version=1, json={"lines": [good]})
    assert stale.status_code == 412
    assert sue.get(f"records/inventory/{item}")["quantity"] == "0"
    whole = sue.get(f"records/purchase-orders/{order}")
    assert {line["received_quantity"] for line in whole["lines"]} == {"0"}


def test_a_movement_of_something_else_is_no_receipt(office: Office, draft: Draft) -> None:
    sue, order, item = office.client_of("sue"), draft(), _item(office)
    _ordered(office, order)
    moved = {"id": office.new_id(), "kind": "RECEIVED", "quantity": "1"}
    assert sue("POST", f"records/inventory/{item}/movements", json=moved).status_code == 201
    by_hand = {"line": 1, "quantity": "1", "item_id": item, "id": moved["id"]}
    assert _step(office, "sue", order, "receipts", lines=[by_hand]).json()["code"] == "taken"
    came = _came(office, 1, "1", item)
    assert _step(office, "sue", order, "receipts", lines=[came]).status_code == 201
    assert _step(office, "sue", order, "receipts", lines=[came | {"line": 2}]).json()["code"] == "taken"
    assert _step(office, "sue", order, "receipts", lines=[came, _came(office, 1, "1", item)]).json()["code"] == "taken"


def test_of_receipts_at_once_one_stands(office: Office, draft: Draft) -> None:
    order, item, sue = draft(), _item(office), office.client_of("sue")
    _ordered(office, order)
    path = f"records/purchase-orders/{order}"
    version = sue.get(path)["order"]["row_version"]
    ask = [
        partial(sue, "POST", f"{path}/receipts", version=version, json={"lines": [_came(office, 1, "10", item)]})
        for _ in range(4)
    ]
    with ThreadPoolExecutor(len(ask)) as pool:
        codes = sorted(future.result().status_code for future in [pool.submit(each) for each in ask])
    assert codes == [201, 412, 412, 412]
    assert sue.get(f"records/inventory/{item}")["quantity"] == "10"


def test_a_receipt_costs_the_same_whatever_it_holds(
    office: Office, draft: Draft, recorded_statements: Recorder
) -> None:
    order, items = draft(), [_item(office) for _ in range(8)]
    _ordered(office, order)
    asked = [
        lambda some=some: _step(office, "sue", order, "receipts", lines=[_came(office, 1, "0.5", i) for i in some])
        for some in (items[:1], items)
    ]
    few, many = costs_of(office, recorded_statements, "sue", asked)
    # looked at for its version (5), then begin, order, stream, shelves, ledger, order held, lines, its day, …
    assert few == many <= 26


def test_buying_is_the_offices(office: Office, draft: Draft, supplier: str) -> None:
    order = draft()
    for name, reads in (("ann", 403), ("tess", 403), ("rob", 200), ("abe", 200)):
        client = office.client_of(name)
        for path in ("suppliers", f"suppliers/{supplier}", "purchase-orders", f"purchase-orders/{order}"):
            assert client("GET", f"records/{path}").status_code == reads, (name, path)
    rob = office.client_of("rob")
    for step in ("approval", "placement", "closing", "cancellation"):
        denied = rob("POST", f"records/purchase-orders/{order}/{step}", version=1, json={"on": DAY})
        assert denied.status_code == 403
    assert rob("PATCH", f"records/suppliers/{supplier}", version=1, json={"phone": "5"}).status_code == 403
    unknown = f"records/purchase-orders/{office.new_id()}"
    abe = office.client_of("abe")
    assert abe("GET", unknown).status_code == 404
    assert abe("POST", f"{unknown}/approval", version=1, json={"on": DAY}).status_code == 404


def test_the_same_draft_again_is_no_other(office: Office, supplier: str) -> None:
    sue, id_ = office.client_of("sue"), office.new_id()
    body = {"id": id_, "number": f"Twice {id_}", "supplier_id": supplier, "lines": LINES}
    first = sue("POST", "records/purchase-orders", json=body)
    assert sue("POST", "records/purchase-orders", json=body).json() == first.json()
    for changes in ({"lines": LINES[:1]}, {"note": "x"}):
        assert sue("POST", "records/purchase-orders", json=body | changes).json()["fields"] == ["id"]
    same_number = sue("POST", "records/purchase-orders", json=body | {"id": office.new_id()})
    assert (same_number.json()["code"], same_number.json()["fields"]) == ("taken", ["number"])
    for wrong in ({"supplier_id": office.new_id()}, {"deliver_to": office.new_id()}, {"budget_category_id": id_}):
        refused = sue("POST", "records/purchase-orders", json=body | {"id": office.new_id(), "number": "-"} | wrong)
        assert (refused.status_code, refused.json()["fields"]) == (422, list(wrong))
    twin = sue("POST", "records/suppliers", json={"id": office.new_id(), "name": "Medical"})
    assert (twin.json()["code"], twin.json()["fields"]) == ("taken", ["name"])


def test_every_step_is_on_record_with_its_money_and_movements(office: Office, draft: Draft) -> None:
    order, item = draft(), _item(office)
    _ordered(office, order)
    came = _came(office, 1, "1", item)
    assert _step(office, "sue", order, "receipts", lines=[came]).status_code == 201
    changed = [line["detail"]["changed"] for line in office.audited(order, "UPDATE")]
    assert changed == [["status"], ["ordered_on", "status"], ["lines"]]
    posting = office.client_of("sue").get(f"records/purchase-orders/{order}")["postings"][0]["id"]
    assert [line["user"] for line in office.audited(posting, "CREATE")] == [office.people["abe"].id]
    (moved,) = office.audited(came["id"], "CREATE")
    assert (moved["user"], moved["school"]) == (office.people["sue"].id, office.house.north)


def test_the_shapes_of_buying_are_what_the_tables_declare() -> None:
    for shape, kind in (
        (purchasing_answers.SUPPLIER, money.SUPPLIER),
        (purchasing_answers.PURCHASE_ORDER, money.PURCHASE_ORDER),
        (purchasing_answers.PURCHASE_LINE, money.PURCHASE_ORDER_ITEM),
        (money_answers.BUDGET_TRANSACTION, money.BUDGET_TRANSACTION),
    ):
        assert [kind.field(field.name) for field in shape.own[2:]] == list(shape.own[2:])
