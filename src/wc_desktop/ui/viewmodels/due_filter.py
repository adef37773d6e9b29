"""Which rows of the medication pass are shown, and in what order."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, unique

from wc_desktop.domain.names import folded
from wc_desktop.domain.screens import DueStatus
from wc_desktop.ui.viewmodels.due_words import DueWords


@unique
class DueFilter(Enum):
    """The tabs over the list. A possible double dose stands in every one: it is loud until it is answered."""

    TO_GIVE = "to_give"
    OVERDUE = "overdue"
    LATER = "later"
    DONE = "done"
    ALL = "all"


_SHOWN: Mapping[DueFilter, frozenset[DueStatus]] = {
    DueFilter.TO_GIVE: frozenset({DueStatus.DUE, DueStatus.OVERDUE, DueStatus.DOUBLE}),
    DueFilter.OVERDUE: frozenset({DueStatus.OVERDUE, DueStatus.DOUBLE}),
    DueFilter.LATER: frozenset({DueStatus.LATER, DueStatus.DOUBLE}),
    DueFilter.DONE: frozenset({DueStatus.DONE, DueStatus.DOUBLE}),
    DueFilter.ALL: frozenset(DueStatus),
}
_PLACE: Mapping[DueStatus, int] = {
    DueStatus.DOUBLE: 0,
    DueStatus.OVERDUE: 1,
    DueStatus.DUE: 1,
    DueStatus.LATER: 1,
    DueStatus.SUPPRESSED: 2,
    DueStatus.DONE: 3,
}


def counts(rows: Iterable[DueWords]) -> dict[DueFilter, int]:
    """Return how many rows stand under each tab."""
    listed = list(rows)
    return {tab: sum(row.status in _SHOWN[tab] for row in listed) for tab in DueFilter}


def shown(rows: Iterable[DueWords], tab: DueFilter, text: str, period: str = "") -> tuple[DueWords, ...]:
    """Return the rows of a tab that match every word of text: doubts first, then by time, done ones last.

    period: only those of a class period, and every doubt.
    """
    words = [folded(word) for word in text.split()]
    kept = [row for row in rows if row.status in _SHOWN[tab] and _in_period(row, period) and _matches(row, words)]
    return tuple(sorted(kept, key=_place))


def next_open(rows: Sequence[DueWords], after: str) -> str | None:
    """Return the key of the next dose to give below a row, else the first one, else None."""
    keys = [row.key for row in rows]
    start = keys.index(after) + 1 if after in keys else 0
    below = [row.key for row in (*rows[start:], *rows[:start]) if row.is_open and row.key != after]
    return below[0] if below else None


def in_periods(rows: Iterable[DueWords], tab: DueFilter, periods: Sequence[str]) -> dict[str, int]:
    """Return how many rows of a tab each class period holds; '' is the whole day."""
    listed = [row for row in rows if row.status in _SHOWN[tab]]
    return {period: sum(_in_period(row, period) for row in listed) for period in ("", *periods)}


def _in_period(row: DueWords, period: str) -> bool:
    return not period or row.row.period == period or row.status is DueStatus.DOUBLE


def _place(row: DueWords) -> int:
    return _PLACE[row.status]


def _matches(row: DueWords, words: Sequence[str]) -> bool:
    if not words:
        return True
    student = row.row.student
    hay = [
        folded(part)
        for text in (student.last_name, student.first_name, student.preferred_name or "", row.drug, row.time)
        for part in (text, *text.split())
    ]
    hay.append(folded(student.student_number))
    return all(any(part.startswith(word) for part in hay) for word in words if word)
