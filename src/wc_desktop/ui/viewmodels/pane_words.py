"""The chosen dose in full, for the pane and the confirm: the right child, drug, dose, route and time."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from wc_contract.model.instants import Instant
from wc_contract.model.quantity import Quantity
from wc_desktop.domain.screens import Confirmed, DoseView, DueRow, DueStatus
from wc_desktop.ui.viewmodels.due_words import relative_of
from wc_desktop.ui.viewmodels.words import (
    JOINT,
    clock_words,
    day_words,
    dose_state_words,
    dose_words,
    drug_words,
    full_name,
    goes_by,
    grade_words,
    local,
    route_words,
    say,
    schedule_words,
    when_words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneWords:
    """The chosen dose in full: the right child, drug, dose, route and time."""

    student: str
    also: str
    place: str
    born: str
    alike: str
    allergies: str
    double: str
    drug: str
    strength: str
    dose: str
    note: str
    controlled: str
    facts: tuple[tuple[str, str], ...]
    right_time: tuple[tuple[str, str], ...]
    is_answered: bool


def pane_words(row: DueRow, now: Instant, zone: ZoneInfo) -> PaneWords:
    """Return the chosen dose in full."""
    drug, strength = drug_words(row.medication)
    student = row.student
    return PaneWords(
        student=full_name(student),
        also=goes_by(student),
        place=grade_words(student),
        born=say("Born {day} · ID {number}").format(
            day=day_words(student.date_of_birth), number=student.student_number
        ),
        alike=_alike(row),
        allergies=say("Allergies: {names}").format(names=", ".join(student.allergies)) if student.allergies else "",
        double=double_words(row, zone),
        drug=drug,
        strength=strength,
        dose=f"{dose_words(row.dose)} {route_words(row.route)}",
        note=row.instructions or "",
        controlled=_controlled(row),
        facts=_facts(row, now, zone),
        right_time=_right_time(row, now, zone),
        is_answered=any(answer.stands for answer in row.answers),
    )


def _alike(row: DueRow) -> str:
    names = "; ".join(row.student.name_alike)
    return say("Similar name: {names}. Check the birth date.").format(names=names) if names else ""


def _controlled(row: DueRow) -> str:
    schedule = schedule_words(row.medication.dea_schedule)
    return say("Controlled drug, {schedule}").format(schedule=schedule) if schedule else ""


def double_words(row: DueRow, zone: ZoneInfo) -> str:
    """Return who gave a dose that may have been given twice, nothing when there is no doubt."""
    if row.status is not DueStatus.DOUBLE:
        return ""
    given = "; ".join(
        say("{state} {time} by {author}").format(
            state=dose_state_words(answer.status),
            time=clock_words(answer.administered_at, zone),
            author=answer.author or say("another workstation"),
        )
        for answer in row.answers
        if answer.stands
    )
    return say("Possible double dose. {given}. Do not give it again; the review decides.").format(given=given)


def _facts(row: DueRow, now: Instant, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    today = local(now, zone).date()
    relative = relative_of(row, now)
    due = clock_words(row.due_at, zone)
    window = f"{clock_words(row.window_from, zone)}-{clock_words(row.window_to, zone)}"
    facts = [
        (say("Scheduled"), f"{due} ({relative})" if relative else due),
        (say("Window"), window),
        (say("Last given"), _last(row, zone, today)),
        (say("Order"), _order(row)),
        (say("Parent"), _until(row.parent_auth_to, say("not on record"))),
        *_stock(row),
    ]
    facts.extend((dose_state_words(answer.status), answer_words(answer, zone, today)) for answer in row.answers)
    return tuple(facts)


def _right_time(row: DueRow, now: Instant, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    """Return what the confirm says of the time: the pane beside it has the rest."""
    today = local(now, zone).date()
    relative, due = relative_of(row, now), clock_words(row.due_at, zone)
    window = say("window {start}-{end}").format(
        start=clock_words(row.window_from, zone), end=clock_words(row.window_to, zone)
    )
    facts = [
        (say("Time"), ", ".join(filter(None, (due, relative, window)))),
        (say("Last given"), _last(row, zone, today)),
        *_stock(row),
    ]
    facts.extend((dose_state_words(answer.status), answer_words(answer, zone, today)) for answer in row.answers)
    return tuple(facts)


def _stock(row: DueRow) -> tuple[tuple[str, str], ...]:
    """Return what is there before a dose and after it; nothing where no container of it is on record."""
    stock = row.stock
    if stock is None:
        return ()
    before, after = (str(Quantity(amount=amount, unit=stock.unit)) for amount in (stock.before, stock.after))
    return ((say("Stock"), say("{before}; a dose leaves {after}").format(before=before, after=after)),)


def _last(row: DueRow, zone: ZoneInfo, today: date) -> str:
    return when_words(row.last_given.administered_at, zone, today) if row.last_given else say("no dose on record")


def _order(row: DueRow) -> str:
    return ", ".join(filter(None, (row.prescriber, _until(row.order_until, ""))))


def _until(day: date | None, otherwise: str) -> str:
    return say("to {day}").format(day=day_words(day)) if day else otherwise


def answer_words(answer: DoseView, zone: ZoneInfo, today: date) -> str:
    """Return what an entry says about a dose: when, by whom, why, and whether the district has it."""
    waiting = say("not sent yet") if answer.confirmed is Confirmed.WAITING else ""
    corrected = say("corrected since") if answer.is_replaced else ""
    return JOINT.join(
        filter(
            None,
            (when_words(answer.administered_at, zone, today), answer.author, answer.reason or "", corrected, waiting),
        )
    )
