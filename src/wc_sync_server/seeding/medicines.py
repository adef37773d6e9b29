"""Orders with their versions, containers and what left them, and the doses of the last weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from wc_contract.model.ids import OrderId, order_version_id, slot_id
from wc_sync_server.seeding.children import Child
from wc_sync_server.seeding.events import Recorder
from wc_sync_server.seeding.house import House, School, school_year
from wc_sync_server.seeding.names import surname
from wc_sync_server.seeding.plan import Id, Maker, Medicine, Row, at_clock

_SLOT = time(11, 45)
_SLOT_MINUTE = 11 * 60 + 45
_BOUGHT = 120
_NOT_GIVEN = (("ABSENT", None), ("REFUSED", "Did not want it"), ("DISMISSED_EARLY", None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order, with what its doses say."""

    id: Id
    version: Id
    child: Child
    medicine: Id
    given: Medicine
    prn: bool
    container: Id


def orders(house: House, children: list[Child], maker: Maker) -> list[Order]:
    """Return the orders of a school: of eight children in a hundred."""
    chosen = (child for child in children if maker.happens(0.08))
    return [_order(house, child, maker) for child in chosen]


def papers(school: School, ordered: list[Order], maker: Maker) -> Iterator[tuple[str, Row]]:
    """Yield the rows of orders, their versions and containers."""
    for order in ordered:
        yield "student_medications", _order_row(order, school, maker)
        yield "order_versions", _version_row(order, maker)
        yield from _container(order, school, maker)


def doses(school: School, ordered: list[Order], maker: Maker, recorder: Recorder) -> Iterator[tuple[str, Row]]:
    """Yield every dose of the last weeks, day by day, as they came."""
    for day in maker.plan.school_days:
        for order in ordered:
            if order.prn:
                if maker.happens(0.05):
                    yield "medication_logs", _dose(order, school, maker, recorder, maker.during(day))
                continue
            at = at_clock(day, _SLOT_MINUTE + maker.chance.randrange(-20, 20))
            slot = slot_id(OrderId(UUID(order.id)), day, _SLOT).hex
            given = {"slot_id": slot, "slot_date": day, "slot_time": "11:45"}
            yield "medication_logs", {**_dose(order, school, maker, recorder, at), **given}


def _order(house: House, child: Child, maker: Maker) -> Order:
    id_ = maker.new_id()
    medicine, given = maker.chance.choice(house.medicines)
    return Order(
        id=id_,
        version=order_version_id(OrderId(UUID(id_)), 1).hex,
        child=child,
        medicine=medicine,
        given=given,
        prn=maker.happens(0.3),
        container=maker.new_id(),
    )


def _order_row(order: Order, school: School, maker: Maker) -> Row:
    year = school_year(maker.plan.today)
    return {
        "id": order.id,
        "student_id": order.child.id,
        "medication_id": order.medicine,
        "version": 1,
        "kind": "PRN" if order.prn else "SCHEDULED",
        "status": "ACTIVE" if maker.happens(0.9) else maker.chance.choice(("HELD", "COMPLETED", "DISCONTINUED")),
        "prescriber_name": f"Dr. {surname(maker.chance)}",
        "order_signed_on": year,
        "parent_auth_from": year,
        "parent_auth_to": year + timedelta(days=300),
        "self_carry": maker.happens(0.05),
        "start_date": year,
        "end_date": year + timedelta(days=300) if maker.happens(0.7) else None,
        "verified_by": school.nurse,
    }


def _version_row(order: Order, maker: Maker) -> Row:
    often = {"min_interval_minutes": 240, "max_doses": 2, "max_period_minutes": 1440} if order.prn else {}
    return {
        "id": order.version,
        "order_id": order.id,
        "student_id": order.child.id,
        "version": 1,
        "dose": 1,
        "unit": order.given.unit,
        "route": order.given.route,
        "times": [] if order.prn else ["11:45"],
        "window_minutes": 30,
        "effective_from": at_clock(school_year(maker.plan.today), 0),
        **often,
    }


def _container(order: Order, school: School, maker: Maker) -> Iterator[tuple[str, Row]]:
    plan = maker.plan
    received = school_year(plan.today)
    yield (
        "medication_containers",
        {
            "id": order.container,
            "student_id": order.child.id,
            "medication_id": order.medicine,
            "order_id": order.id,
            "status": "IN_USE",
            "unit": order.given.unit,
            "is_controlled": bool(order.given.row.get("dea_schedule")),
            "received_on": received,
            "received_by": school.nurse,
            "expires_on": plan.today + timedelta(days=maker.chance.randrange(20, 500)),
        },
    )
    for event, quantity, day in (("RECEIVED", _BOUGHT, received), ("COUNTED", _BOUGHT - 30, plan.school_days[-1])):
        yield (
            "medication_ledger",
            {
                "id": maker.new_id(),
                "container_id": order.container,
                "event": event,
                "quantity": quantity,
                "occurred_at": at_clock(day, 8 * 60),
                "actor_id": school.nurse,
            },
        )
    if maker.happens(0.03):
        yield (
            "trip_custody",
            {
                "id": maker.new_id(),
                "student_id": order.child.id,
                "container_id": order.container,
                "carrier_id": school.staff[2],
                "trip": "Museum",
                "quantity_out": 2,
                "quantity_returned": 1,
                "out_at": at_clock(plan.school_days[-2], 9 * 60),
                "back_at": at_clock(plan.school_days[-2], 14 * 60),
            },
        )
    if maker.happens(0.05):
        yield (
            "delegations",
            {
                "id": maker.new_id(),
                "user_id": school.staff[2],
                "delegated_by": school.nurse,
                "student_id": order.child.id,
                "order_id": order.id,
                "assigned_from": received,
                "trained_on": received,
                "expires_on": received + timedelta(days=365),
            },
        )


def _dose(order: Order, school: School, maker: Maker, recorder: Recorder, at: datetime) -> Row:
    given = maker.happens(0.93)
    status, reason = ("ADMINISTERED", None) if given else maker.chance.choice(_NOT_GIVEN)
    return {
        "id": maker.new_id(),
        "student_id": order.child.id,
        "order_id": order.id,
        "order_version_id": order.version,
        "medication_id": order.medicine,
        "status": status,
        "administered_at": at,
        "local_date": at.date(),
        "dose_given": 1 if given else None,
        "unit": order.given.unit,
        "reason": reason,
        "overrides": [],
        **recorder.event(at, school.nurse if maker.happens(0.9) else school.staff[1]),
    }
