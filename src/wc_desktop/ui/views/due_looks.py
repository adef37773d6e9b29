"""The words of a due dose given icons and colours, for the list."""

from collections.abc import Mapping
from typing import Final

from wc_contract.model.values import DoseState
from wc_desktop.domain.screens import DueStatus
from wc_desktop.ui.models.due_rows import DueRowLook
from wc_desktop.ui.theme.cells import Chip
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.due_words import DueWords, Mark, MarkKind

_STATUS: Final[Mapping[DueStatus, tuple[Icon, Tone]]] = {
    DueStatus.OVERDUE: (Icon.CIRCLE_ALERT, Tone.DANGER),
    DueStatus.DUE: (Icon.CLOCK, Tone.WARNING),
    DueStatus.LATER: (Icon.CALENDAR_CLOCK, Tone.INFO),
    DueStatus.DONE: (Icon.CIRCLE_CHECK, Tone.OK),
    DueStatus.DOUBLE: (Icon.OCTAGON_ALERT, Tone.DANGER),
    DueStatus.SUPPRESSED: (Icon.CALENDAR_X, Tone.MUTED),
}
_ANSWERS: Final[Mapping[DoseState, tuple[Icon, Tone]]] = {
    DoseState.REFUSED: (Icon.CIRCLE_X, Tone.WARNING),
    DoseState.HELD: (Icon.CIRCLE_PAUSE, Tone.WARNING),
    DoseState.ABSENT: (Icon.USER_X, Tone.INFO),
    DoseState.DISMISSED_EARLY: (Icon.USER_X, Tone.INFO),
    DoseState.MISSED: (Icon.CIRCLE_SLASH, Tone.DANGER),
    DoseState.NOT_AVAILABLE: (Icon.PACKAGE_X, Tone.WARNING),
    DoseState.WASTED: (Icon.TRASH_2, Tone.WARNING),
    DoseState.PARTIAL: (Icon.CIRCLE_DASHED, Tone.WARNING),
    DoseState.VOMITED: (Icon.TRIANGLE_ALERT, Tone.WARNING),
}
_MARKS: Final[Mapping[MarkKind, tuple[Icon, Tone]]] = {
    MarkKind.DOUBLE: (Icon.OCTAGON_ALERT, Tone.DANGER),
    MarkKind.ALLERGY: (Icon.TRIANGLE_ALERT, Tone.DANGER),
    MarkKind.NAME: (Icon.USERS, Tone.WARNING),
    MarkKind.ORDER: (Icon.FILE_TEXT, Tone.WARNING),
    MarkKind.CONTROLLED: (Icon.LOCK, Tone.INFO),
    MarkKind.EMERGENCY: (Icon.HEART_PULSE, Tone.INFO),
    MarkKind.STOCK: (Icon.PACKAGE_OPEN, Tone.WARNING),
    MarkKind.LOT: (Icon.CALENDAR_X, Tone.DANGER),
    MarkKind.NOTE: (Icon.INFO, Tone.MUTED),
}
_EDGES: Final[Mapping[DueStatus, Tone]] = {
    DueStatus.OVERDUE: Tone.DANGER,
    DueStatus.DOUBLE: Tone.DANGER,
    DueStatus.DUE: Tone.WARNING,
}


def due_look(words: DueWords) -> DueRowLook:
    """Return the row as the list paints it."""
    icon, tone = _STATUS[words.status]
    if words.status is DueStatus.DONE and words.answer is not None:
        icon, tone = _ANSWERS.get(words.answer, (icon, tone))
    return DueRowLook(
        key=words.key,
        time=words.time,
        relative=words.relative,
        student=words.student,
        student_detail=words.student_detail,
        drug=words.drug,
        strength=words.strength,
        dose=words.dose,
        note=words.note,
        chips=tuple(chip_of(mark) for mark in words.marks),
        status_word=words.status_word,
        status_icon=icon,
        status_tone=tone,
        status_detail=words.status_detail,
        relative_tone=Tone.DANGER if words.status is DueStatus.OVERDUE else Tone.MUTED,
        edge=_EDGES.get(words.status),
        is_done=words.status in {DueStatus.DONE, DueStatus.SUPPRESSED},
        urgent_said=words.said,
        drug_said=words.drug_said,
    )


def chip_of(mark: Mark) -> Chip:
    """Return a mark as a chip."""
    icon, tone = _MARKS[mark.kind]
    return Chip(text=mark.text, tone=tone, icon=icon, said=mark.said)
