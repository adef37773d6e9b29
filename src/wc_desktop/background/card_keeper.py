"""Keeps the emergency cards current while a desk is open: read in short steps, written beside the replica thread."""

import hashlib
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Slot

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import (
    ALLERGY,
    CARE_PLAN,
    DISTRICT,
    EMERGENCY_CONTACT,
    MEDICATION,
    ORDER,
    ORDER_VERSION,
    STUDENT,
    STUDENT_ALIAS,
)
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.emergency import cards_of, cards_wanted, children_with_cards
from wc_desktop.background.runner import Priority, Runner, RunnerStopped
from wc_desktop.background.steps import Steps
from wc_desktop.domain.emergency import EmergencyCard

_log = logging.getLogger(__name__)
_KINDS = frozenset(
    one.name
    for one in (
        ALLERGY,
        CARE_PLAN,
        DISTRICT,
        EMERGENCY_CONTACT,
        MEDICATION,
        ORDER,
        ORDER_VERSION,
        STUDENT,
        STUDENT_ALIAS,
    )
)
# A dose waits for the step that has begun.
_CHILDREN_A_STEP = 5
_QUIET_SECONDS = 2.0
_AS_OF_SECONDS = 3600.0


class CardPlace(Protocol):
    """Where the cards are written; used on the keeper's own thread."""

    def is_set_up(self) -> bool:
        """Whether a code was made for them."""
        ...

    def write(self, cards: Sequence[EmergencyCard], as_of: Instant | None) -> bool:
        """Put these cards in the place of those before; False when no code was set up."""
        ...

    def erase(self) -> None:
        """Take code and cards away."""
        ...


class CardKeeper(QObject):
    """Made, started and stopped on the GUI thread."""

    def __init__(
        self,
        runner: Runner,
        desk: Desk,
        place: CardPlace,
        parent: QObject | None = None,
        *,
        quiet: float = _QUIET_SECONDS,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._place = place
        self._quiet = quiet
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._steps = Steps(runner, self._stop.is_set, Priority.BLOB)
        self._written: tuple[str, float] | None = None
        self._thread = threading.Thread(target=self._keep, name="cards")

    def start(self) -> None:
        """Write the cards once, and again whenever what stands on them changes."""
        self._wake.set()
        self._thread.start()

    @Slot(object)
    def on_records_changed(self, kinds: frozenset[str]) -> None:
        """Look again when one of kinds stands on a card."""
        if kinds & _KINDS:
            self._wake.set()

    def ask_to_stop(self) -> None:
        """Begin to stop, without waiting: what was not written stays as it was."""
        self._stop.set()
        self._wake.set()

    @property
    def is_over(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Stop and join."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join()

    def _keep(self) -> None:
        while True:
            self._wake.wait()
            # A pull says many things at once.
            if self._stop.wait(self._quiet):
                return
            self._wake.clear()
            with suppress(RunnerStopped):
                self._keep_once()

    def _keep_once(self) -> None:
        try:
            if not self._place.is_set_up():
                return
            if not self._steps.take(partial(cards_wanted, self._desk)):
                self._place.erase()
                return
            # Before the first child is read: what arrives meanwhile is not said to be on the cards.
            as_of = self._steps.take(self._as_of)
            self._write(self._gathered(), as_of)
        except RunnerStopped:
            raise
        except WhiteCrossError as error:
            # The cards before stay; the next change or unlock tries again.
            _log.info("cards.not_written", extra={"code": error.code})

    def _gathered(self) -> tuple[EmergencyCard, ...]:
        children = self._steps.take(partial(children_with_cards, self._desk))
        cards: list[EmergencyCard] = []
        for at in range(0, len(children), _CHILDREN_A_STEP):
            cards += self._steps.take(partial(cards_of, self._desk, children[at : at + _CHILDREN_A_STEP]))
        return tuple(cards)

    def _write(self, cards: tuple[EmergencyCard, ...], as_of: Instant | None) -> None:
        said, now = _digest(cards), self._desk.clock.monotonic()
        if self._written is not None and self._written[0] == said and now - self._written[1] < _AS_OF_SECONDS:
            return
        if self._place.write(cards, as_of):
            self._written = said, now

    def _as_of(self) -> Instant | None:
        return self._desk.records.data_as_of


def _digest(cards: Sequence[EmergencyCard]) -> str:
    said = hashlib.sha256()
    for card in cards:
        name = card.name
        said.update(repr((name.student, name.first_name, name.last_name, name.preferred_name)).encode())
        said.update(repr((name.date_of_birth, name.grade)).encode())
        said.update(repr((card.allergies, card.plans, card.medicines, card.contacts)).encode())
    return said.hexdigest()
