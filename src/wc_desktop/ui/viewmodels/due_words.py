"""One due dose as the medication pass shows and says it."""

from dataclasses import dataclass, field
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
    grade_words,
    plain_drug_words,
    relative_words,
    route_words,
    say,
    schedule_words,
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
    STOCK = "stock"
    LOT = "lot"
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


def due_words(row: DueRow, now: Instant, zone: ZoneInfo) -> DueWords:
    """Return the row as it reads at an instant."""
    drug, strength = drug_words(row.medication)
    drug_said = plain_drug_words(row.medication)[0]
    answer = next((answer for answer in reversed(row.answers) if answer.stands), None)
    word = status_word(row, answer)
    relative = relative_of(row, now)
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


def relative_of(row: DueRow, now: Instant) -> str:
    """Return how long until the dose, nothing for one that is answered or in doubt."""
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


_OF_STOCK = {
    "low_stock": MarkKind.STOCK,
    "stock_negative": MarkKind.STOCK,
    "lot_expired": MarkKind.LOT,
    "lot_recalled": MarkKind.LOT,
}


def _alert(code: str) -> Mark:
    if code in _OF_STOCK:
        return Mark(kind=_OF_STOCK[code], text=finding_title(code))
    if code == "allergy_match":
        return Mark(kind=MarkKind.ALLERGY, text=finding_title(code), said=say("Allergy to this medicine"))
    if _double(code):
        return Mark(kind=MarkKind.DOUBLE, text=finding_title(code))
    if code == "not_checked":
        return Mark(kind=MarkKind.NOTE, text=say("Allergy unchecked"), said=say("Allergies could not be checked"))
    return Mark(kind=MarkKind.ORDER, text=finding_title(code))
