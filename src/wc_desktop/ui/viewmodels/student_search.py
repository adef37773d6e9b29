"""Finding a child while typing: only the newest search is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.kinds import ALLERGY, STUDENT
from wc_desktop.actions import students
from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.viewmodels.session import Session

MOST_ROWS: Final = 200
_SHOWN_KINDS: Final = frozenset({STUDENT.name, ALLERGY.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchVerbs:
    """What the search does on the replica thread."""

    search: Callable[..., tuple[StudentRow, ...]]


REAL: Final = SearchVerbs(search=students.search)


class StudentSearch(QObject):
    """The children found by the words typed last. `found` comes with their rows, newest question only."""

    found = Signal(object)
    summary_changed = Signal(str)

    def __init__(
        self, session: Session, verbs: SearchVerbs = REAL, parent: QObject | None = None, *, most: int = MOST_ROWS
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._most = most
        self._text = ""
        self._question = 0
        self._rows: tuple[StudentRow, ...] = ()
        self._summary = ""
        session.records_changed.connect(self._on_records_changed)

    @property
    def text(self) -> str:
        return self._text

    @property
    def rows(self) -> tuple[StudentRow, ...]:
        return self._rows

    @property
    def summary(self) -> str:
        """How many were found, in words."""
        return self._summary

    @Slot(str)
    def search(self, text: str) -> None:
        """Ask for the children whose name, number or grade begins like every word; all for no text."""
        begins = bool(text.strip()) and not self._text.strip()
        self._text = text
        self.look_again()
        if begins:
            self._session.search_begun.emit()

    @Slot()
    def look_again(self) -> None:
        """Ask the same question anew."""
        self._question += 1
        asked = self._question
        self._session.run(
            partial(self._verbs.search, self._session.desk, self._text, self._most),
            done=partial(self._on_found, asked),
            failed=partial(self._on_failed, asked),
        )

    def _on_found(self, asked: int, rows: tuple[StudentRow, ...]) -> None:
        if asked != self._question:
            return  # the nurse has typed on
        self._rows = rows
        self._say(self._words(len(rows)))
        self.found.emit(rows)

    def _on_failed(self, asked: int, failure: WhiteCrossError) -> None:
        if asked == self._question:
            self._session.tell_failure(failure)

    def _words(self, count: int) -> str:
        if count >= self._most:
            return self.tr("The first {count}. Type more to see fewer.").format(count=count)
        match count:
            case 0:
                return self.tr("Nobody found")
            case 1:
                return self.tr("1 student")
            case _:
                return self.tr("{count} students").format(count=count)

    def _say(self, summary: str) -> None:
        if summary != self._summary:
            self._summary = summary
            self.summary_changed.emit(summary)

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if self._question and kinds & _SHOWN_KINDS:
            self.look_again()
