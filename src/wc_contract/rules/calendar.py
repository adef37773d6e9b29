"""The slot calendar: which doses are due on a school day, when, and within which window."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from wc_contract.model.ids import MedicationId, OrderId, OrderVersionId, SlotId, StudentId, slot_id
from wc_contract.model.instants import Instant
from wc_contract.model.values import CalendarKind, OrderKind, OrderStatus
from wc_contract.rules.facts import DoseFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.policy import Policy
from wc_contract.rules.rows import Row, clock_or_none, json_of
from wc_contract.rules.slots import answers

_SATURDAY = 5
_SEARCH_DAYS = 400


class Suppression(StrEnum):
    """Why a scheduled time makes no due dose today (T4). The slot is still returned: somebody calls the parents."""

    DELAYED_OPENING = "delayed_opening"
    EARLY_DISMISSAL = "early_dismissal"
    ORDER_HELD = "order_held"
    TIME_NOT_UNDERSTOOD = "time_not_understood"


class Timing(StrEnum):
    """Where an instant lies with respect to a slot's window (W2)."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


class SlotStatus(StrEnum):
    """What the worklist says of a slot. Missed is never among them: a person says so (W4)."""

    LATER = "later"
    DUE = "due"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """One day of a school's calendar; open and close in school-local wall-clock."""

    kind: CalendarKind
    open: time | None = None
    close: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFacts:
    """A school's days and bells.

    bells: {"lunch": "11:45", "lunch_by_grade": {"3": "11:30"}, "breakfast": "08:05", …}; any name an order uses
    as a time ('lunch', 'dismissal') is looked up there. A day without a row is a school day from Monday to
    Friday and none at the weekend.
    """

    days: Mapping[date, DayFacts] = field(default_factory=dict)
    bells: Mapping[str, time] = field(default_factory=dict)
    lunch_by_grade: Mapping[str, time] = field(default_factory=dict)

    @staticmethod
    def from_rows(days: Iterable[Row], bells: str | None) -> "CalendarFacts":
        """Read calendar_days rows and schools.bells, all in wire form."""
        raw = json_of(bells)
        marks = raw if isinstance(raw, dict) else {}
        by_grade = marks.get("lunch_by_grade")
        return CalendarFacts(
            days={
                date.fromisoformat(row["date"]): DayFacts(
                    kind=CalendarKind(row["kind"]), open=clock_or_none(row["open"]), close=clock_or_none(row["close"])
                )
                for row in days
            },
            bells=_clocks(marks),
            lunch_by_grade=_clocks(by_grade if isinstance(by_grade, dict) else {}),
        )

    def day(self, day: date) -> DayFacts:
        """Return what day is at this school."""
        known = self.days.get(day)
        if known is not None:
            return known
        weekend = day.weekday() >= _SATURDAY
        return DayFacts(kind=CalendarKind.HOLIDAY if weekend else CalendarKind.SCHOOL_DAY)

    def is_school_day(self, day: date) -> bool:
        """Whether children come at all."""
        return self.day(day).kind is not CalendarKind.HOLIDAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One scheduled time of one order on one school-local day. The window is inclusive at both ends (W1)."""

    id: SlotId
    order_id: OrderId
    order_version_id: OrderVersionId
    student_id: StudentId
    medication_id: MedicationId
    date: date
    time: time
    label: str
    due_at: Instant
    opens_at: Instant
    closes_at: Instant
    suppressed: Suppression | None = None


def due_instant(day: date, nominal: time, zone: ZoneInfo) -> Instant:
    """Return when a school's wall clock shows nominal on day (T1, T2).

    A time that the clock change skips moves forward by the gap; one that it repeats means the first. Both follow
    from reading the wall clock with the offset before the change, which is what fold 0 does.
    """
    return datetime.combine(day, nominal.replace(fold=0), tzinfo=zone).astimezone(UTC)


def slots_for(
    order: OrderFacts,
    version: OrderVersionFacts,
    day: date,
    calendar: CalendarFacts,
    zone: ZoneInfo,
    *,
    policy: Policy | None = None,
    grade: str | None = None,
) -> tuple[Slot, ...]:
    """Return the slots of an order on a school-local day, by time; none on a holiday (T4).

    version is the one in force. Delayed opening suppresses earlier slots and early dismissal later ones, and
    neither shifts them: they are returned with the reason. grade finds the student's own lunch period (T5).
    """
    if not _runs_on(order, day) or not calendar.is_school_day(day):
        return ()
    policy = policy or Policy()
    made: dict[SlotId, Slot] = {}
    for label in version.times:
        slot = _slot(order, version, day, label, calendar=calendar, zone=zone, policy=policy, grade=grade)
        if _exists(slot, order, version):
            made.setdefault(slot.id, slot)
    return tuple(sorted(made.values(), key=_when))


def slot_timing(slot: Slot, at: Instant) -> Timing:
    """Return whether at lies before, within or after the slot's window, by the second (W2)."""
    return timing(slot.opens_at, slot.closes_at, at)


def timing(opens_at: Instant, closes_at: Instant, at: Instant) -> Timing:
    """Return where at lies, both ends included, by the second: 12:30:00.9 is 12:30:00 (W2)."""
    second = at.replace(microsecond=0)
    if second < opens_at:
        return Timing.EARLY
    return Timing.LATE if second > closes_at else Timing.ON_TIME


def slot_status(slot: Slot, logs: Iterable[DoseFacts], at: Instant) -> SlotStatus:
    """Return what the worklist says of a slot at an instant: derived each time, stored nowhere (W4)."""
    if answers(log for log in logs if log.slot_id == slot.id):
        return SlotStatus.ANSWERED
    if slot.suppressed is not None:
        return SlotStatus.SUPPRESSED
    match slot_timing(slot, at):
        case Timing.EARLY:
            return SlotStatus.LATER
        case Timing.ON_TIME:
            return SlotStatus.DUE
        case Timing.LATE:
            return SlotStatus.OVERDUE


def last_day_of_verbal_order(taken_on: date, calendar: CalendarFacts, policy: Policy) -> date:
    """Return the last day on which a verbal order holds unless written: N school days after it was taken (O2)."""
    day, left = taken_on, policy.verbal_order_days
    for _ in range(_SEARCH_DAYS):
        if left == 0:
            break
        day += timedelta(days=1)
        left -= calendar.is_school_day(day)
    return day


def _runs_on(order: OrderFacts, day: date) -> bool:
    if order.kind is not OrderKind.SCHEDULED or day < order.start_date:
        return False
    if order.end_date is not None and day > order.end_date:
        return False
    if order.status in {OrderStatus.ACTIVE, OrderStatus.HELD}:
        return True
    # A stopped order still had the slots before its stop; one that was never in force had none.
    never = order.status in {OrderStatus.DRAFT, OrderStatus.PENDING_VERIFICATION}
    return order.stop_effective_at is not None and not never


def _slot(
    order: OrderFacts,
    version: OrderVersionFacts,
    day: date,
    label: str,
    *,
    calendar: CalendarFacts,
    zone: ZoneInfo,
    policy: Policy,
    grade: str | None,
) -> Slot:
    read = _wall_clock(label, calendar, policy, grade)
    nominal = read or policy.lunch
    due_at = due_instant(day, nominal, zone)
    window = policy.window_of(version.window_minutes)
    return Slot(
        id=slot_id(order.id, day, nominal),
        order_id=order.id,
        order_version_id=version.id,
        student_id=order.student_id,
        medication_id=order.medication_id,
        date=day,
        time=nominal,
        label=label,
        due_at=due_at,
        opens_at=due_at - window,
        closes_at=due_at + window,
        suppressed=_suppression(order, calendar.day(day), nominal, due_at) if read else Suppression.TIME_NOT_UNDERSTOOD,
    )


def _wall_clock(label: str, calendar: CalendarFacts, policy: Policy, grade: str | None) -> time | None:
    name = label.strip().casefold()
    if name == "lunch":
        own = calendar.lunch_by_grade.get(grade.strip().casefold()) if grade else None
        return own or calendar.bells.get(name) or policy.lunch
    return calendar.bells.get(name) or clock_or_none(name)


def _suppression(order: OrderFacts, day: DayFacts, nominal: time, due_at: Instant) -> Suppression | None:
    if order.status is OrderStatus.HELD and (order.stop_effective_at is None or due_at >= order.stop_effective_at):
        return Suppression.ORDER_HELD
    if day.kind is CalendarKind.DELAYED_OPENING and day.open is not None and nominal < day.open:
        return Suppression.DELAYED_OPENING
    if day.kind is CalendarKind.EARLY_DISMISSAL and day.close is not None and nominal > day.close:
        return Suppression.EARLY_DISMISSAL
    return None


def _exists(slot: Slot, order: OrderFacts, version: OrderVersionFacts) -> bool:
    # What a hold takes back may be owed again when it is lifted: such a slot stays, with the reason.
    stop = None if order.status is OrderStatus.HELD else order.stop_effective_at
    if stop is not None and slot.due_at >= stop:
        return False
    # Only a first version makes an order new: after a change at noon the morning's slot was due all the same.
    return version.version > 1 or slot.closes_at >= version.effective_from


def _when(slot: Slot) -> tuple[Instant, str]:
    return slot.due_at, slot.label


def _clocks(marks: Mapping[str, object]) -> dict[str, time]:
    read = ((name.strip().casefold(), clock_or_none(at)) for name, at in marks.items() if isinstance(at, str))
    return {name: at for name, at in read if at is not None}
