"""Today's medication pass: which slots there are, and where each stands. Pure; nothing here is stored."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model.changes import SlotRef
from wc_contract.model.ids import CaseId
from wc_contract.model.instants import Instant
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import CaseStatus, DoseState, Route
from wc_contract.rules.allergy import check_allergies
from wc_contract.rules.authority import check_authority, order_ends_on, parent_authorisation_ends_on
from wc_contract.rules.bells import ClassPeriod, period_at, periods_on
from wc_contract.rules.book import FactBook, fact_book
from wc_contract.rules.calendar import CalendarFacts, Slot, SlotStatus, due_instant, slot_status, slots_for
from wc_contract.rules.facts import AllergyFacts, DoseFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.findings import Code
from wc_contract.rules.policy import Policy
from wc_contract.rules.slots import conflicting
from wc_desktop.domain.screens import DoseView, DueList, DueRow, DueStatus, OnHand, StudentRow
from wc_desktop.domain.views import Row, medication_view, student_row, text, text_or_none, with_replaced

_DISMISSAL = "dismissal"  # the bell after which children leave


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRows:
    """The records that a day's slots are made of."""

    orders: Sequence[Row]
    versions: Sequence[Row]
    medications: Sequence[Row]
    students: Sequence[Row]
    allergies: Sequence[Row]
    calendar_days: Sequence[Row]
    bells: str | None
    bell_schedules: Sequence[Row] = ()
    policy: str | None
    alike: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassBook:
    """One day's slots and everything about them that a dose does not change."""

    day: date
    day_kind: str
    facts: FactBook = field(repr=False)
    slots: Mapping[str, Slot] = field(repr=False)
    rows: Mapping[str, DueRow] = field(repr=False)
    ends_at: Instant | None = None
    periods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassDoses:
    """What a dose does change: entries of the slots, last taken doses by order, cases of the slots, stock by order."""

    answers: Sequence[Row]
    last_taken: Mapping[str, Row]
    cases: Sequence[Row]
    stock: Mapping[str, OnHand] = field(default_factory=dict, repr=False)
    view: Callable[[Row], DoseView] = field(repr=False)


def pass_book(rows: PassRows, day: date, at: Instant, zone: ZoneInfo) -> PassBook:
    """Return the day's slots, as orders and versions stand at an instant."""
    policy = Policy.from_json(rows.policy)
    calendar = CalendarFacts.from_rows(rows.calendar_days, rows.bells)
    facts = fact_book(
        zone=zone,
        policy=policy,
        orders=[OrderFacts.from_row(row) for row in rows.orders],
        versions=[OrderVersionFacts.from_row(row) for row in rows.versions],
        medications=[MedicationFacts.from_row(row) for row in rows.medications],
        allergies=[AllergyFacts.from_row(row) for row in rows.allergies],
    )
    periods = periods_on(rows.bell_schedules, day)
    maker = _RowMaker(rows, facts, at, periods)
    slots: dict[str, Slot] = {}
    made: dict[str, DueRow] = {}
    for row in rows.orders:
        for slot in maker.slots_of(row, day, calendar):
            key = str(slot.id)
            slots[key] = slot
            made[key] = maker.due_row(row, slot)
    return PassBook(
        day=day,
        day_kind=calendar.day(day).kind.value,
        facts=facts,
        slots=slots,
        rows=made,
        ends_at=_ends_at(slots.values(), day, calendar, zone),
        periods=tuple(dict.fromkeys(period.name for period in periods)),
    )


def _ends_at(slots: Iterable[Slot], day: date, calendar: CalendarFacts, zone: ZoneInfo) -> Instant | None:
    """Return when nobody can be given anything any more: the last window has closed, or the children have left."""
    closed = max((slot.closes_at for slot in slots if slot.suppressed is None), default=None)
    bell = calendar.day(day).close or calendar.bells.get(_DISMISSAL)
    out = None if bell is None else due_instant(day, bell, zone)
    return min((at for at in (closed, out) if at is not None), default=None)


class _RowMaker:
    def __init__(self, rows: PassRows, facts: FactBook, at: Instant, periods: Sequence[ClassPeriod]) -> None:
        self._facts = facts
        self._periods = periods
        self._at = at
        allergies = _grouped(rows.allergies, "student_id")
        self._students: dict[str, StudentRow] = {
            text(row, "id"): student_row(
                row, allergies=allergies[text(row, "id")], alike=rows.alike.get(text(row, "id"), ())
            )
            for row in rows.students
        }
        self._medications = {text(row, "id"): medication_view(row) for row in rows.medications}
        self._versions = {text(row, "id"): row for row in rows.versions}

    def slots_of(self, row: Row, day: date, calendar: CalendarFacts) -> tuple[Slot, ...]:
        order = self._facts.orders[OrderFacts.from_row(row).id]
        version = self._facts.in_force(order.id, self._at)
        student = self._students.get(text(row, "student_id"))
        if (
            version is None
            or student is None
            or not student.is_active
            or str(order.medication_id) not in self._medications
        ):
            return ()
        return slots_for(
            order, version, day, calendar, self._facts.zone, policy=self._facts.policy, grade=student.grade
        )

    def due_row(self, row: Row, slot: Slot) -> DueRow:
        order = self._facts.orders[slot.order_id]
        version = self._versions[str(slot.order_version_id)]
        in_force = self._facts.in_force(slot.order_id, self._at)
        amount = Quantity(amount=in_force.dose, unit=in_force.unit) if in_force else None
        if amount is None:
            raise AssertionError("a slot has a version")
        return DueRow(
            key=str(slot.id),
            student=self._students[str(slot.student_id)],
            medication=self._medications[str(slot.medication_id)],
            order_id=slot.order_id,
            order_version_id=slot.order_version_id,
            slot=SlotRef(id=slot.id, date=slot.date, time=slot.time),
            due_at=slot.due_at,
            window_from=slot.opens_at,
            window_to=slot.closes_at,
            status=DueStatus.LATER,
            dose=amount,
            route=Route(text(version, "route")),
            instructions=text_or_none(version, "instructions"),
            prescriber=text(row, "prescriber_name"),
            order_until=order_ends_on(order, self._facts.policy),
            parent_auth_to=parent_authorisation_ends_on(order, self._facts.policy),
            last_given=None,
            alerts=self._alerts(order),
            suppressed=slot.suppressed,
            period=period_at(self._periods, slot.time),
        )

    def _alerts(self, order: OrderFacts) -> tuple[str, ...]:
        medication = self._facts.medications[order.medication_id]
        noticed = [
            *check_allergies(medication, self._facts.allergies.get(order.student_id, ())),
            *check_authority(
                order, DoseState.ADMINISTERED, self._at, None, zone=self._facts.zone, policy=self._facts.policy
            ),
        ]
        return tuple(dict.fromkeys(notice.code.value for notice in noticed))


def due_list(book: PassBook, doses: PassDoses, at: Instant) -> DueList:
    """Return the day's slots as they stand at an instant, by time and name."""
    rows = due_rows(book, doses, book.rows, at)
    return DueList(day=book.day, at=at, rows=rows, day_kind=book.day_kind, ends_at=book.ends_at, periods=book.periods)


def due_rows(book: PassBook, doses: PassDoses, keys: Iterable[str], at: Instant) -> tuple[DueRow, ...]:
    """Return some of the day's slots as they stand at an instant."""
    answers = _grouped(doses.answers, "slot_id")
    # Other cases about a slot (an override to be looked at, say) cast no doubt on how often it was given.
    asked = [case for case in doses.cases if case["kind"] == Code.POSSIBLE_DOUBLE_DOSE.value]
    cases = {str(case["slot_id"]): case for case in asked if case["status"] == CaseStatus.OPEN.value}
    resolved = {str(case["slot_id"]) for case in asked if case["status"] != CaseStatus.OPEN.value}
    doubted = {(case["student_id"], case["medication_id"]) for case in cases.values()}
    made: list[DueRow] = []
    for key in keys:
        base, slot = book.rows[key], book.slots[key]
        entries = answers[key]
        facts = [DoseFacts.from_row(row) for row in entries]
        case = cases.get(key)
        doubt = case is not None or (key not in resolved and bool(conflicting(facts)))
        last = doses.last_taken.get(str(base.order_id))
        alerts = base.alerts
        if (str(base.student.id), str(base.medication.id)) in doubted:
            alerts = (*alerts, Code.DOUBLE_DOSE_UNRESOLVED.value)
        stock = doses.stock.get(str(base.order_id))
        if stock is not None:
            alerts = (*alerts, *stock.codes)
        made.append(
            replace(
                base,
                status=DueStatus.DOUBLE if doubt else _status(slot_status(slot, facts, at)),
                last_given=None if last is None else doses.view(last),
                answers=tuple(sorted(with_replaced(doses.view(row) for row in entries), key=_stands)),
                alerts=alerts,
                case_id=None if case is None else CaseId(UUID(text(case, "id"))),
                stock=stock,
            )
        )
    made.sort(key=_place)
    return tuple(made)


def _status(status: SlotStatus) -> DueStatus:
    match status:
        case SlotStatus.LATER:
            return DueStatus.LATER
        case SlotStatus.DUE:
            return DueStatus.DUE
        case SlotStatus.OVERDUE:
            return DueStatus.OVERDUE
        case SlotStatus.ANSWERED:
            return DueStatus.DONE
        case SlotStatus.SUPPRESSED:
            return DueStatus.SUPPRESSED
        case _:
            assert_never(status)


def _stands(dose: DoseView) -> bool:
    return dose.stands


def _place(row: DueRow) -> tuple[Instant, str, str, str]:
    return row.due_at, row.student.last_name.casefold(), row.student.first_name.casefold(), row.medication.name


def _grouped(rows: Iterable[Row], column: str) -> defaultdict[str, list[Row]]:
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[str(row[column])].append(row)
    return groups
