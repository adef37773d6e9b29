"""The doses as needed that somebody has to look at, in words; what was seen is written down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from wc_contract.model.care_values import Effect
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import DOSE, EFFECT_CHECK
from wc_desktop.actions import effects
from wc_desktop.domain.effects import EffectDue, EffectSeen
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import clock_words, drug_words, full_name

_CONTEXT: Final = "Effects"
_KINDS: Final = frozenset({DOSE.name, EFFECT_CHECK.name})
EFFECTS: Final[Mapping[str, str]] = {
    Effect.HELPED.value: "It helped",
    Effect.HELPED_SOMEWHAT.value: "It helped somewhat",
    Effect.NO_CHANGE.value: "No change",
    Effect.WORSE.value: "It got worse",
    Effect.NOT_SEEN.value: "The child could not be seen",
}


def say(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectVerbs:
    """What looking at effects does on the replica thread."""

    effects_due: Callable[..., tuple[EffectDue, ...]] = effects.effects_due
    effect_seen: Callable[..., None] = effects.effect_seen


REAL: Final = EffectVerbs()


class EffectsModel(QObject):
    """It looks each minute, and when a dose or an effect changed."""

    changed = Signal()
    saved = Signal()
    failed = Signal(str)

    def __init__(self, session: Session, verbs: EffectVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._waiting: tuple[EffectDue, ...] = ()
        self._asking = False
        session.minute_passed.connect(self._on_minute_passed)
        session.records_changed.connect(self._on_records_changed)

    @property
    def now(self) -> Instant:
        return self._session.now()

    @property
    def waiting(self) -> tuple[EffectDue, ...]:
        """All that nobody has looked at, the first due first."""
        return self._waiting

    @property
    def sentence(self) -> str:
        """Whom to look at now; '' for nobody."""
        names = "; ".join(self.words_of(one) for one in self._waiting if one.due_from <= self.now)
        return say("Look whether it helped: {names}").format(names=names) if names else ""

    def words_of(self, one: EffectDue) -> str:
        """Return a dose as banner and sheet name it."""
        given = say("given {time}").format(time=clock_words(one.given_at, self._session.zone))
        return f"{full_name(one.student)}, {drug_words(one.medication)[0]} {given}"

    def look(self) -> None:
        """Ask which there are."""
        if not self._asking:
            self._asking = True
            job = partial(self._verbs.effects_due, self._session.desk)
            self._session.run(job, done=self._on_due, failed=self._on_not_read)

    def save(self, seen: EffectSeen) -> None:
        """Write what was seen."""
        job = partial(self._verbs.effect_seen, self._session.desk, seen)
        self._session.run(job, done=self._on_saved, failed=self._on_failed, urgent=True)

    def _on_due(self, due: tuple[EffectDue, ...]) -> None:
        self._asking = False
        self._waiting = due
        self.changed.emit()

    def _on_not_read(self, _failure: WhiteCrossError) -> None:
        # The list beside it says what is wrong; the next minute asks again.
        self._asking = False

    def _on_saved(self, _nothing: None) -> None:
        self.saved.emit()
        self._session.tell(say("Written down on this workstation."))
        self._session.changed(EFFECT_CHECK.name)

    def _on_failed(self, failure: WhiteCrossError) -> None:
        self.failed.emit(failure_sentence(failure))

    @Slot(object)
    def _on_minute_passed(self, _now: object) -> None:
        self.look()

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if kinds & _KINDS:
            self.look()
