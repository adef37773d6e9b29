"""The district's money, its policies and holds; and the audit of the last weeks, as reading people leave it."""

from collections.abc import Iterator
from datetime import timedelta

from wc_sync_server.seeding.children import Child
from wc_sync_server.seeding.house import House, School
from wc_sync_server.seeding.medicines import Order
from wc_sync_server.seeding.names import surname
from wc_sync_server.seeding.plan import Id, Maker, Row

_CATEGORIES = ("Supplies", "Medication", "Equipment", "Training", "Screening")
_SUPPLIERS = 8
_PRICE = 12
_LOOKS = ("list", "record", "dashboard", "search")
_SEEN = ["date_of_birth", "first_name", "last_name", "student_number"]


def money(house: House, maker: Maker) -> Iterator[tuple[str, Row]]:
    """Yield suppliers, purchase orders and budgets; what was spent is the sum of its postings."""
    chance, plan = maker.chance, maker.plan
    suppliers = [maker.new_id() for _ in range(_SUPPLIERS)]
    for number, id_ in enumerate(suppliers):
        yield "suppliers", {"id": id_, "name": f"{surname(chance)} Supplies {number + 1}", "is_active": True}
    year, admin = plan.today.year, house.office[1]
    for name in _CATEGORIES:
        category = maker.new_id()
        bought = [_purchase(house, category, suppliers, maker) for _ in range(max(1, len(house.schools) // 2))]
        spent = sum(amount for _, _, amount in bought)
        budget = {"fiscal_year": year, "name": name, "allocated": 2 * spent, "spent_amount": spent}
        yield "budget_categories", {"id": category, **budget}
        for order, lines, _ in bought:
            yield "purchase_orders", order
            yield from (("purchase_order_items", line) for line in lines)
        for order, _, amount in bought:
            yield (
                "budget_transactions",
                {
                    "id": maker.new_id(),
                    "category_id": category,
                    "amount": amount,
                    "occurred_on": order["ordered_on"],
                    "purchase_order_id": order["id"],
                    "posted_by": admin,
                },
            )


def compliance(house: House, maker: Maker) -> Iterator[tuple[str, Row]]:
    """Yield a policy and who has read it."""
    id_, today = maker.new_id(), maker.plan.today
    text = {"code": "MED-1", "version": 1, "title": "Medication at school", "body": "Invented policy."}
    yield "policy_documents", {"id": id_, **text, "status": "ACTIVE", "effective_on": today - timedelta(days=200)}
    for school in house.schools:
        read = {"user_id": school.nurse, "acknowledged_at": maker.during(maker.day_before(60))}
        yield "policy_acknowledgments", {"id": maker.new_id(), "document_id": id_, **read}


def looks(school: School, children: list[Child], ordered: list[Order], maker: Maker) -> Iterator[tuple[str, Row]]:
    """Yield lines of the audit: two looks at each child, one at each order, in the order of time."""
    seen = [("student", child.id, _SEEN) for child in children] * 2
    seen += [("order", order.id, ["indication", "prescriber_name"]) for order in ordered]
    maker.chance.shuffle(seen)
    times = sorted(maker.during(maker.day_before(28)) for _ in seen)
    for at, (entity, record, fields) in zip(times, seen, strict=True):
        yield "audit_logs", _look(school, entity, record, fields, maker) | {"at": at, "received_at": at}


def _look(school: School, entity: str, record: Id, fields: list[str], maker: Maker) -> Row:
    return {
        "id": maker.new_id(),
        "user_id": school.nurse,
        "role": "NURSE",
        "action": "EXPORT" if maker.happens(0.01) else "VIEW",
        "entity_type": entity,
        "entity_id": f"{record[:8]}-{record[8:12]}-{record[12:16]}-{record[16:20]}-{record[20:]}",
        "fields": fields,
        "detail": {"via": maker.chance.choice(_LOOKS)},
    }


def _purchase(house: House, category: Id, suppliers: list[Id], maker: Maker) -> tuple[Row, list[Row], int]:
    chance, id_ = maker.chance, maker.new_id()
    ordered = maker.day_before(90)
    lines: list[Row] = [
        {
            "id": maker.new_id(),
            "purchase_order_id": id_,
            "line": number + 1,
            "name": f"Item {number + 1}",
            "quantity": chance.randrange(1, 40),
            "received_quantity": 0,
            "unit_price": _PRICE,
        }
        for number in range(4)
    ]
    order: Row = {
        "id": id_,
        "number": f"PO-{id_[-12:]}",
        "supplier_id": chance.choice(suppliers),
        "deliver_to": chance.choice(house.schools).id,
        "budget_category_id": category,
        "status": "ORDERED",
        "ordered_on": ordered,
        "expected_on": ordered + timedelta(days=14),
        "ordered_by": house.office[1],
    }
    return order, lines, sum(line["quantity"] * _PRICE for line in lines)
