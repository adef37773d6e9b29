"""The list of incident reports: drafts of this workstation, then what is signed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.ids import IncidentId
from wc_contract.model.kinds import INCIDENT, STUDENT
from wc_contract.model.values import IncidentStatus
from wc_desktop.actions import incidents
from wc_desktop.domain.screens import IncidentRow
from wc_desktop.ui.viewmodels.session import Session

_SHOWN_KINDS: Final = frozenset({INCIDENT.name, STUDENT.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListVerbs:
    """What the list does on the replica thread."""

    list_incidents: Callable[..., tuple[IncidentRow, ...]]


REAL: Final = ListVerbs(list_incidents=incidents.list_incidents)


class IncidentList(QObject):
    """Emits `loaded` with the rows; looks again when reports change."""

    loaded = Signal(object)

    def __init__(self, session: Session, verbs: ListVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._rows: tuple[IncidentRow, ...] = ()
        self._asked = 0
        session.records_changed.connect(self._on_records_changed)

    @property
    def rows(self) -> tuple[IncidentRow, ...]:
        return self._rows

    def row_of(self, incident: IncidentId) -> IncidentRow | None:
        """Return the row of one report, None when it is not listed."""
        return next((row for row in self._rows if row.id == incident), None)

    @Slot()
    def load(self) -> None:
        """Ask for the list."""
        self._asked += 1
        self._session.run(
            partial(self._verbs.list_incidents, self._session.desk), done=partial(self._on_loaded, self._asked)
        )

    def _on_loaded(self, asked: int, rows: tuple[IncidentRow, ...]) -> None:
        if asked == self._asked:
            self._rows = rows
            self.loaded.emit(rows)

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if self._asked and kinds & _SHOWN_KINDS:
            self.load()


def is_draft(row: IncidentRow) -> bool:
    """Return whether a row is an unfinished form of this workstation."""
    return row.status == IncidentStatus.DRAFT.value
