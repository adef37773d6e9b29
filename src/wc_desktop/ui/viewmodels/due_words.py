"""One due dose as the medication pass shows and says it."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, unique
from typing import assert_never
from zoneinfo import ZoneInfo

from wc_contract.model.instants import Instant
from wc_contract.model.values import DoseState
from wc_desktop.domain.screens import Confirmed, DoseView, DueRow, DueStatus
from wc_desktop.ui.messages.findings import finding_title
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
    plain_drug_words,
    relative_words,
    route_words,
    say,
    schedule_words,
    when_words,
)


@unique
class MarkKind(Enum):
    """What a mark warns of; the view chooses icon and colour."""

    DOUBLE = "double"
    ALLERGY = "allergy"
    NAME = "name"
    ORDER = "order"
    CONTROLLED = "controlled"
    EMERGENCY = "emergency"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A safety mark: a short word on the screen, a longer one for the ear."""

    kind: MarkKind
    text: str
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueWords:
    """One row in words. `row` stays beside them for actions."""

    key: str
    row: DueRow = field(repr=False)
    status: DueStatus
    answer: DoseState | None
    time: str
    relative: str
    student: str
    student_detail: str
    drug: str
    drug_said: str
    strength: str
    dose: str
    note: str
    marks: tuple[Mark, ...]
    status_word: str
    status_detail: str
    said: str

    @property
    def is_open(self) -> bool:
        """Whether this dose waits to be given now."""
        return self.status in {DueStatus.DUE, DueStatus.OVERDUE}


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


def due_words(row: DueRow, now: Instant, zone: ZoneInfo) -> DueWords:
    """Return the row as it reads at an instant."""
    drug, strength = drug_words(row.medication)
    drug_said = plain_drug_words(row.medication)[0]
    answer = row.answers[-1] if row.answers else None
    word = status_word(row, answer)
    relative = _relative(row, now)
    student, marks = full_name(row.student), marks_of(row)
    return DueWords(
        key=row.key,
        row=row,
        status=row.status,
        answer=answer.status if answer else None,
        time=clock_words(row.due_at, zone),
        relative=relative,
        student=student,
        student_detail=JOINT.join(filter(None, (grade_words(row.student), day_words(row.student.date_of_birth)))),
        drug=drug,
        drug_said=drug_said,
        strength=strength,
        dose=f"{dose_words(row.dose)} {route_words(row.route)}",
        note=row.instructions or "",
        marks=marks,
        status_word=word,
        status_detail=_status_detail(row, answer, zone),
        said=_said(row, word, relative, student, drug_said, marks, zone),
    )


def status_word(row: DueRow, answer: DoseView | None) -> str:
    """Return where the dose stands in one or two words."""
    match row.status:
        case DueStatus.OVERDUE:
            return say("Overdue")
        case DueStatus.DUE:
            return say("Due now")
        case DueStatus.LATER:
            return say("Later")
        case DueStatus.DONE:
            return dose_state_words(answer.status) if answer else say("Done")
        case DueStatus.DOUBLE:
            return say("Double dose?")
        case DueStatus.SUPPRESSED:
            return say("Not today")
        case _:
            assert_never(row.status)


def _relative(row: DueRow, now: Instant) -> str:
    if row.status in {DueStatus.DONE, DueStatus.SUPPRESSED, DueStatus.DOUBLE}:
        return ""
    return relative_words(row.due_at, now)


def _status_detail(row: DueRow, answer: DoseView | None, zone: ZoneInfo) -> str:
    if row.status is DueStatus.DOUBLE:
        return say("Do not repeat")
    if row.status is not DueStatus.DONE or answer is None:
        return ""
    at = clock_words(answer.administered_at, zone)
    return JOINT.join((at, say("not sent yet"))) if answer.confirmed is Confirmed.WAITING else at


def _said(
    row: DueRow, word: str, relative: str, student: str, drug: str, marks: tuple[Mark, ...], zone: ZoneInfo
) -> str:
    urgent = [mark.said or mark.text for mark in marks if mark.kind in {MarkKind.DOUBLE, MarkKind.ALLERGY}]
    return ", ".join(filter(None, (word, relative, *urgent, clock_words(row.due_at, zone), student, drug)))


def marks_of(row: DueRow) -> tuple[Mark, ...]:
    """Return the marks of a row, the gravest first; none is ever left out."""
    marks: list[Mark] = []
    if row.status is DueStatus.DOUBLE:
        marks.append(Mark(kind=MarkKind.DOUBLE, text=say("Double dose?"), said=say("Possible double dose")))
    marks.extend(_alert(code) for code in row.alerts if row.status is not DueStatus.DOUBLE or not _double(code))
    if row.student.allergies and "allergy_match" not in row.alerts:
        listed = ", ".join(row.student.allergies)
        marks.append(
            Mark(kind=MarkKind.NOTE, text=say("Has allergies"), said=say("Allergies: {names}").format(names=listed))
        )
    if row.student.name_alike:
        listed = "; ".join(row.student.name_alike)
        marks.append(
            Mark(kind=MarkKind.NAME, text=say("Name alert"), said=say("Similar name: {names}").format(names=listed))
        )
    if schedule := schedule_words(row.medication.dea_schedule):
        marks.append(
            Mark(kind=MarkKind.CONTROLLED, text=schedule, said=say("Controlled, schedule {name}").format(name=schedule))
        )
    return tuple(marks)


def _double(code: str) -> bool:
    return code in {"double_dose_unresolved", "possible_double_dose"}


def _alert(code: str) -> Mark:
    if code == "allergy_match":
        return Mark(kind=MarkKind.ALLERGY, text=finding_title(code), said=say("Allergy to this medicine"))
    if _double(code):
        return Mark(kind=MarkKind.DOUBLE, text=finding_title(code))
    if code == "not_checked":
        return Mark(kind=MarkKind.NOTE, text=say("Allergy unchecked"), said=say("Allergies could not be checked"))
    return Mark(kind=MarkKind.ORDER, text=finding_title(code))


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
        is_answered=bool(row.answers),
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
    )
    return say("Possible double dose. {given}. Do not give it again; the review decides.").format(given=given)


def _facts(row: DueRow, now: Instant, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    today = local(now, zone).date()
    relative = _relative(row, now)
    due = clock_words(row.due_at, zone)
    window = f"{clock_words(row.window_from, zone)}-{clock_words(row.window_to, zone)}"
    facts = [
        (say("Scheduled"), f"{due} ({relative})" if relative else due),
        (say("Window"), window),
        (say("Last given"), _last(row, zone, today)),
        (say("Order"), _order(row)),
        (say("Parent"), _until(row.parent_auth_to, say("not on record"))),
    ]
    facts.extend((dose_state_words(answer.status), answer_words(answer, zone, today)) for answer in row.answers)
    return tuple(facts)


def _right_time(row: DueRow, now: Instant, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    """Return what the confirm says of the time: the pane beside it has the rest."""
    today = local(now, zone).date()
    relative, due = _relative(row, now), clock_words(row.due_at, zone)
    window = say("window {start}-{end}").format(
        start=clock_words(row.window_from, zone), end=clock_words(row.window_to, zone)
    )
    facts = [
        (say("Time"), ", ".join(filter(None, (due, relative, window)))),
        (say("Last given"), _last(row, zone, today)),
    ]
    facts.extend((dose_state_words(answer.status), answer_words(answer, zone, today)) for answer in row.answers)
    return tuple(facts)


def _last(row: DueRow, zone: ZoneInfo, today: date) -> str:
    return when_words(row.last_given.administered_at, zone, today) if row.last_given else say("no dose on record")


def _order(row: DueRow) -> str:
    return ", ".join(filter(None, (row.prescriber, _until(row.order_until, ""))))


def _until(day: date | None, otherwise: str) -> str:
    return say("to {day}").format(day=day_words(day)) if day else otherwise


def answer_words(answer: DoseView, zone: ZoneInfo, today: date) -> str:
    """Return what an entry says about a dose: when, by whom, why, and whether the district has it."""
    waiting = say("not sent yet") if answer.confirmed is Confirmed.WAITING else ""
    return JOINT.join(
        filter(None, (when_words(answer.administered_at, zone, today), answer.author, answer.reason or "", waiting))
    )
