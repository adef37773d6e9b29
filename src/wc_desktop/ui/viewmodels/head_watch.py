"""Children who are watched after a head injury: when a check falls due, it is said on every screen (rules.md I2)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Slot

from wc_contract.model.ids import IncidentId
from wc_contract.model.kinds import HEAD_INJURY_CHECK, INCIDENT
from wc_desktop.actions.added_to_report import checks_due
from wc_desktop.domain.incident_report import DueCheck
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import full_name

_CONTEXT: Final = "HeadWatch"
_KINDS: Final = frozenset({INCIDENT.name, HEAD_INJURY_CHECK.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchVerbs:
    """What watching does on the replica thread."""

    checks_due: Callable[..., tuple[DueCheck, ...]] = checks_due


REAL: Final = WatchVerbs()


class HeadWatch(QObject):
    """Looks each minute, and when something about it changed; says each check that falls due once."""

    def __init__(self, session: Session, verbs: WatchVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._asking = False
        self._told: set[tuple[IncidentId, int]] = set()
        session.minute_passed.connect(self._on_minute_passed)
        session.records_changed.connect(self._on_records_changed)

    def look(self) -> None:
        """Ask which checks stand out."""
        if not self._asking:
            self._asking = True
            self._session.run(
                partial(self._verbs.checks_due, self._session.desk), done=self._on_due, failed=self._on_failed
            )

    def _on_due(self, due: tuple[DueCheck, ...]) -> None:
        self._asking = False
        now = self._session.now()
        for one in due:
            step = one.step
            if step.minute is None or step.due_at is None or step.due_at > now:
                continue
            if (one.incident, step.minute) not in self._told:
                self._told.add((one.incident, step.minute))
                words = QCoreApplication.translate(_CONTEXT, "Head injury: {child} is to be checked now.")
                self._session.tell(words.format(child=full_name(one.child)), urgent=True)

    def _on_failed(self, _failure: object) -> None:
        # The report says it too, and the next minute asks again.
        self._asking = False

    @Slot(object)
    def _on_minute_passed(self, _now: object) -> None:
        self.look()

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if kinds & _KINDS:
            self.look()
