"""The end of a day: what a person says of slots that nobody has answered (rules.md W4). Nothing is missed by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from wc_contract.model.instants import Instant
from wc_contract.model.values import DoseState
from wc_contract.rules.calendar import Suppression
from wc_desktop.domain.screens import DoseDraft, DueList, DueRow, DueStatus

# What may be said of several doses of one child at once: where the child was, never what became of a medicine (W5).
ABOUT_THE_CHILD: Final = frozenset({DoseState.ABSENT, DoseState.DISMISSED_EARLY})
_NOT_YET: Final = frozenset({DueStatus.LATER, DueStatus.DUE})
_SUGGESTED: Final = {
    Suppression.EARLY_DISMISSAL: DoseState.DISMISSED_EARLY,
    Suppression.ORDER_HELD: DoseState.HELD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsAnswer:
    """What happened in one slot, or in several of one child where it is about the child alone.

    at: None for when each was due, which is how an earlier day is told of. day: None for today.
    """

    keys: tuple[str, ...]
    status: DoseState
    at: Instant | None
    day: date | None = None
    reason: str = field(default="", repr=False)
    override_reason: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.keys or (len(self.keys) > 1 and self.status not in ABOUT_THE_CHILD):
            raise ValueError("one confirmation per child per dose")

    def draft(self, row: DueRow) -> DoseDraft:
        """Return what is written of one of the slots."""
        return DoseDraft(
            key=row.key,
            status=self.status,
            administered_at=self.at or row.due_at,
            reason=self.reason,
            override_reason=self.override_reason,
        )


def open_by_child(rows: Sequence[DueRow]) -> tuple[DueRow, ...]:
    """Return the slots that nobody has answered, those of a child together, each child's by time."""
    return tuple(sorted((row for row in rows if row.is_open), key=_child_and_time))


def without_answer(due: DueList, at: Instant) -> tuple[DueRow, ...]:
    """Return what of a day that is over has no answer; nothing while the day goes on."""
    if due.ends_at is None or at < due.ends_at:
        return ()
    return tuple(row for row in due.rows if row.is_open and row.status not in _NOT_YET)


def suggested(row: DueRow, rows: Sequence[DueRow]) -> DoseState | None:
    """Return what the calendar or the child's other doses of the day suggest; a person still says it (state table)."""
    if row.suppressed is not None and row.suppressed in _SUGGESTED:
        return _SUGGESTED[row.suppressed]
    said = {
        answer.status
        for other in rows
        if other.student.id == row.student.id
        for answer in other.answers
        if answer.stands
    }
    return DoseState.ABSENT if said == {DoseState.ABSENT} else None


def together_with(row: DueRow, rows: Sequence[DueRow], status: DoseState | None) -> tuple[DueRow, ...]:
    """Return the child's other open slots that the same answer may be given for: after leaving, only later ones."""
    if status not in ABOUT_THE_CHILD:
        return ()
    return tuple(
        other
        for other in open_by_child(rows)
        if other.student.id == row.student.id
        and other.key != row.key
        and (status is DoseState.ABSENT or other.due_at >= row.due_at)
    )


def _child_and_time(row: DueRow) -> tuple[str, str, str, Instant, str]:
    child = row.student
    return child.last_name.casefold(), child.first_name.casefold(), str(child.id), row.due_at, row.medication.name
