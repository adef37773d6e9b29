"""Orders: lists, one of them, a new one, a step in its life, a new version of what is to be given."""

# ruff: noqa: S608  # names of our own declaration

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.apply import WireValue
from wc_contract.model.ids import OrderId, SchoolId, order_version_id
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text
from wc_contract.model.values import OrderStatus
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, of_schools, the_one
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.db.repositories.records.writing import (
    Changes,
    add_record,
    change_locked,
    change_record,
    different,
    hold_school_of_student,
    known,
    school_of,
)
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import OrdersAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.steps import ENDED, STOPPED, require_order_begin, require_order_step

ORDERS = Listing(
    kind=kinds.ORDER,
    shape=answers.ORDER,
    order=("start_date", "id"),
    descending=True,
    joins=f"{joins.STUDENT} {joins.MEDICINE} {joins.VERSION}",
    joined={**joins.STUDENT_NAMES, **joins.MEDICINE_NAMES, **{name: f"v.{name}" for name in answers.VERSION_NAMES}},
)


JudgeAgain = Callable[[UnitOfWork, Person, SchoolId, Sequence[UUID]], None]


class PostgresOrders:
    """Orders of the person's schools (api.records_ports.Orders). again judges the doses under orders that changed."""

    def __init__(self, desk: Desk, again: JudgeAgain) -> None:
        self._desk = desk
        self._again = again

    def listed(self, person: Person, wanted: OrdersAsked, window: Window) -> Page:
        """Return a page of orders, those that began last first."""
        values = {"school": wanted.school, "student": wanted.student, "status": wanted.status}
        return self._desk.read(person, seen_page(ORDERS, _conditions(wanted), values, window), school=wanted.school)

    def one(self, person: Person, order: UUID) -> Row:
        """Return an order with what is to be given now. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(ORDERS, order))

    def add(self, person: Person, order: Changes, version: Changes) -> Row:
        """Add an order with its first version; active, it is verified by who adds it.

        Raises RecordRefused: INVALID (student, medicine, a status in which no order begins), TAKEN.
        """

        def work(seat: Seat) -> Row:
            require_order_begin(str(order["status"]))
            school = hold_school_of_student(seat, UUID(str(order["student_id"])))
            _require_medicine(seat, order["medication_id"])
            row = {**order, "version": 1, "self_carry": order.get("self_carry") or False, **_verified(order, person)}
            id_ = OrderId(UUID(str(order["id"])))
            if add_record(seat, kinds.ORDER, answers.ORDER, school, row):
                _write_version(seat, school, id_, row, version, 1)
            elif not _says_so_already(seat, id_, 1, version):
                raise RecordRefused(RecordsProblem.TAKEN, fields=("version",))
            return the_one(seat.uow, ORDERS, order["id"])

        return self._desk.write(person, work)

    def change(self, person: Person, order: UUID, changes: Changes, version: int) -> Row:
        """Change an order, or take it a step on. Raises RecordRefused: NO_RECORD, STALE, INVALID, WRONG_STATE."""

        def work(seat: Seat) -> Row:
            def settle(present: Mapping[str, Any]) -> Changes:
                require_order_step(present["status"], str(changes.get("status", present["status"])))
                return _following(present, changes, person, seat.uow.at)

            change_record(seat, kinds.ORDER, answers.ORDER, order, changes, version, settle)
            self._again(seat.uow, person, school_of(seat, kinds.ORDER, order), [order])
            return the_one(seat.uow, ORDERS, order)

        return self._desk.write(person, work)

    def replace(self, person: Person, order: UUID, values: Changes, version: int) -> Row:
        """Give an order a new version: what is to be given changes only so (rules.md O3)."""

        def work(seat: Seat) -> Row:
            school = school_of(seat, kinds.ORDER, order)
            seat.uow.lock_streams(school)
            present = known(seat, kinds.ORDER, order)
            if present is None:
                raise RecordRefused(RecordsProblem.NO_RECORD)
            if OrderStatus(present["status"]) in ENDED:
                raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))
            if _says_so_already(seat, OrderId(order), present["version"], values):
                return the_one(seat.uow, ORDERS, order)
            number = present["version"] + 1
            renewed = {"version": number, **_verified(present, person)}
            change_locked(seat, kinds.ORDER, answers.ORDER, school, order, renewed, version)
            _write_version(seat, school, OrderId(order), present, values, number)
            self._again(seat.uow, person, school, [order])
            return the_one(seat.uow, ORDERS, order)

        return self._desk.write(person, work)


def _conditions(wanted: OrdersAsked) -> list[str]:
    conditions = [of_schools(wanted.school)]
    if wanted.student is not None:
        conditions.append("t.student_id = %(student)s")
    if wanted.status is not None:
        conditions.append("t.status = %(status)s")
    return conditions


def _verified(values: Changes, person: Person) -> dict[str, WireValue]:
    # Whoever makes an order active stands for it with their name (O1).
    return {"verified_by": str(person.user)} if values.get("status") == OrderStatus.ACTIVE.value else {}


def _following(present: Mapping[str, Any], changes: Changes, person: Person, at: Instant) -> Changes:
    """Return what follows from a step. Said again, a status is none: who verified and when it stopped stay."""
    status = OrderStatus(str(changes.get("status", present["status"])))
    if status == present["status"]:
        return {}
    stop, given = present["stop_effective_at"], changes.get("stop_effective_at")
    held = present["status"] == OrderStatus.HELD.value
    if status in STOPPED and not given:
        # Held orders were not given: ended for good, they have stopped when the hold began (X5).
        since = min(at, instant_from_text(stop)) if held and stop else at
        return {"stop_effective_at": instant_to_text(since)}
    goes_on = status is OrderStatus.ACTIVE and held and stop and not given
    return {**_verified(changes, person), **({"stop_effective_at": None} if goes_on else {})}


def _write_version(
    seat: Seat, school: SchoolId, order: OrderId, of: Mapping[str, Any], values: Changes, number: int
) -> None:
    row: dict[str, WireValue] = {
        **dict.fromkeys(answers.VERSION_NAMES),
        **values,
        "id": str(order_version_id(order, number)),
        "order_id": str(order),
        "student_id": str(of["student_id"]),
        "version": number,
        "effective_from": instant_to_text(seat.uow.at),
    }
    seat.uow.write_rows(kinds.ORDER_VERSION, school, [row])
    seat.did("CREATE", answers.ORDER_VERSION, {"id": row["id"], "school_id": school}, values.keys())


def _says_so_already(seat: Seat, order: OrderId, version: int, values: Changes) -> bool:
    present = known(seat, kinds.ORDER_VERSION, order_version_id(order, version))
    wanted = {**dict.fromkeys(answers.VERSION_NAMES), **values}
    return present is not None and not different(kinds.ORDER_VERSION, present, wanted)


def _require_medicine(seat: Seat, medicine: object) -> None:
    row = seat.uow.connection.execute(
        f"SELECT 1 FROM {living(kinds.MEDICATION, 'm')} WHERE m.district_id = %(district)s"
        " AND m.id = %(medicine)s".encode(),
        {"district": seat.uow.context.district, "medicine": medicine},
    ).fetchone()
    if row is None:
        raise RecordRefused(RecordsProblem.INVALID, fields=("medication_id",))
