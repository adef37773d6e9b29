"""Appointments and who waits for one; what stands on a school's shelves; cases to be looked at."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from wc_sync_server.seeding.children import Child
from wc_sync_server.seeding.house import School
from wc_sync_server.seeding.medicines import Order
from wc_sync_server.seeding.plan import SATURDAY, Maker, Row, at_clock

_KINDS = ("CHECKUP", "MEDICATION", "SCREENING", "FOLLOW_UP", "COUNSELLING", "MEETING")
_GOODS = (
    "Bandages", "Gauze", "Gloves", "Ice packs", "Thermometer covers", "Saline", "Wipes", "Masks", "Tape", "Cups",
    "Eye pads", "Splints", "Tissues", "Slings", "Hand rub",
)  # fmt: skip
_MINUTES = 15
_A_DAY = 24
_BEHIND, _AHEAD = 20, 10


def appointments(school: School, children: list[Child], maker: Maker) -> Iterator[tuple[str, Row]]:
    """Yield appointments of the last and the next weeks, none of which meets another, and who waits."""
    chance, plan = maker.chance, maker.plan
    days = [plan.today + timedelta(days=number) for number in range(-_BEHIND, _AHEAD)]
    slots = [(day, number) for day in days if day.weekday() < SATURDAY for number in range(_A_DAY)]
    wanted = min(len(slots), max(1, len(children) // 4))
    for day, number in sorted(chance.sample(slots, wanted)):
        child, id_ = chance.choice(children), maker.new_id()
        at = at_clock(day, 9 * 60 + number * _MINUTES)
        past = day < plan.today
        yield (
            "appointments",
            {
                "id": id_,
                "student_id": child.id,
                "nurse_id": school.nurse,
                "kind": chance.choice(_KINDS),
                "scheduled_at": at,
                "duration": _MINUTES,
                "status": chance.choice(("COMPLETED", "COMPLETED", "NO_SHOW", "CANCELLED")) if past else "SCHEDULED",
                "reason": "Invented reason",
            },
        )
        if maker.happens(0.5):
            sent = {"status": "SENT", "sent_at": at - timedelta(days=1)} if past else {"status": "PENDING"}
            yield (
                "appointment_reminders",
                {
                    "id": maker.new_id(),
                    "appointment_id": id_,
                    "contact_id": child.contact,
                    "method": "SMS",
                    "send_at": at - timedelta(days=1),
                    **sent,
                },
            )
    for child in children:
        if maker.happens(0.01):
            yield (
                "appointment_waitlist",
                {
                    "id": maker.new_id(),
                    "student_id": child.id,
                    "nurse_id": school.nurse,
                    "kind": chance.choice(_KINDS),
                    "status": "WAITING",
                    "priority": chance.randrange(1, 4),
                    "duration": _MINUTES,
                    "requested_at": maker.during(maker.day_before(20)),
                },
            )


def shelves(school: School, maker: Maker) -> Iterator[tuple[str, Row]]:
    """Yield what is in stock; each quantity is the sum of its movements."""
    chance, plan = maker.chance, maker.plan
    for name in _GOODS:
        for lot in ("A", "B"):
            id_ = maker.new_id()
            used = sorted((maker.during(maker.day_before(60)), chance.randrange(1, 9)) for _ in range(6))
            bought = 100
            yield (
                "inventory_items",
                {
                    "id": id_,
                    "name": name,
                    "category": "First aid",
                    "lot": f"{lot}{chance.randrange(1000):03d}",
                    "expires_on": plan.today + timedelta(days=chance.randrange(10, 900)),
                    "unit": "piece",
                    "location": f"Cupboard {chance.randrange(1, 5)}",
                    "quantity": bought - sum(count for _, count in used),
                    "reorder_at": 75,
                },
            )
            moved = [(maker.during(maker.day_before(1) - timedelta(days=80)), bought, "RECEIVED")]
            for at, count, kind in [*moved, *((at, -count, "USED") for at, count in used)]:
                yield (
                    "inventory_transactions",
                    {
                        "id": maker.new_id(),
                        "item_id": id_,
                        "kind": kind,
                        "quantity": count,
                        "occurred_at": at,
                        "actor_id": school.nurse,
                    },
                )


def cases(ordered: list[Order], maker: Maker) -> Iterator[tuple[str, Row]]:
    """Yield cases that a person should look at: of few orders."""
    for order in ordered:
        if maker.happens(0.05):
            answered = maker.happens(0.7)
            at = maker.during(maker.day_before(30))
            yield (
                "review_cases",
                {
                    "id": maker.new_id(),
                    "kind": "possible_double_dose",
                    "student_id": order.child.id,
                    "medication_id": order.medicine,
                    "subject_ids": [str(UUID(order.id))],
                    "opened_at": at,
                    "status": "RESOLVED" if answered else "OPEN",
                    "resolution": "no_harm" if answered else None,
                    "resolved_at": at + timedelta(hours=2) if answered else None,
                },
            )
