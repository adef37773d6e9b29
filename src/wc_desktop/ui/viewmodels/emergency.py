"""The emergency cards on the screen: who asks and why, then names, then one child's card at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.instants import Instant
from wc_contract.model.values import EmergencyReason, OrderStatus, Route
from wc_desktop.domain.emergency import CardName, EmergencyAsk, EmergencyCard, Lines, found_names, one_line
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.jobs import Jobs
from wc_desktop.ui.viewmodels.words import JOINT, ORDER_STATES, clock_words, day_words, local, route_words, say

REASONS: Final[Mapping[EmergencyReason, str]] = {
    EmergencyReason.ALLERGIC_REACTION: "Allergic reaction",
    EmergencyReason.BREATHING: "Trouble breathing",
    EmergencyReason.SEIZURE: "Seizure",
    EmergencyReason.INJURY: "Injury",
    EmergencyReason.REACH_FAMILY: "Family must be reached",
    EmergencyReason.OTHER: "Something else",
}
LONGEST_NAME = 120


class OpenedCards(Protocol):
    """What the code opened. Used on the replica thread."""

    zone: ZoneInfo
    as_of: Instant | None

    def names(self) -> tuple[CardName, ...]:
        """Return the children, by name."""
        ...

    def look(self, student: str) -> EmergencyCard:
        """Return one child's card, once that is on record."""
        ...

    def close(self) -> None:
        """Let the files go."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSection:
    """One part of a card: its heading and its lines; grave where it is what kills."""

    title: str
    lines: tuple[str, ...]
    grave: bool = False


class EmergencyModel(QObject):
    """The code is held only while it is used; of the cards only the one that is shown."""

    changed = Signal()
    opened = Signal()
    card_shown = Signal()
    closed = Signal()

    def __init__(
        self, jobs: Jobs, open_cards: Callable[[EmergencyAsk, str], OpenedCards], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._open_cards = open_cards
        self._cards: OpenedCards | None = None
        self._names: tuple[CardName, ...] = ()
        self._ended = False
        self.busy = False
        self.fault = ""
        self.as_of_words = ""
        self.card: EmergencyCard | None = None

    @property
    def is_open(self) -> bool:
        """Whether the cards are open."""
        return self._cards is not None

    def open(self, asked_by: str, reason: EmergencyReason | None, note: str, code: str) -> None:
        """Open the cards; a form that is not filled in says what is missing."""
        asked_by = one_line(asked_by)
        missing = _missing(asked_by, reason, code)
        if self.busy or self._ended or reason is None or missing:
            self.fault = missing
            self.changed.emit()
            return
        ask = EmergencyAsk(asked_by=asked_by[:LONGEST_NAME], reason=reason, note=one_line(note))
        self._begin()
        self._jobs.run(partial(_opened, self._open_cards, ask, code), done=self._on_opened, failed=self._on_failed)

    def found(self, typed: str) -> Sequence[CardName]:
        """Return the children that what was typed may mean."""
        return found_names(self._names, typed)

    def look(self, student: str) -> None:
        """Show one child's card; it is on record before."""
        cards = self._cards
        if cards is not None and not self.busy:
            self._begin()
            self._jobs.run(partial(cards.look, student), done=self._on_card, failed=self._on_failed, urgent=True)

    def close(self) -> None:
        """Close the cards and forget what was shown. Once."""
        if self._ended:
            return
        self._ended = True
        cards, self._cards = self._cards, None
        self._names, self.card = (), None
        if cards is not None:
            self._jobs.run(cards.close)
        self.closed.emit()

    def _begin(self) -> None:
        self.busy, self.fault = True, ""
        self.changed.emit()

    def _on_opened(self, answer: tuple[OpenedCards, tuple[CardName, ...]]) -> None:
        self.busy = False
        cards, names = answer
        if self._ended:
            self._jobs.run(cards.close)
            return
        self._cards, self._names = cards, names
        self.as_of_words = _as_of(cards)
        self.changed.emit()
        self.opened.emit()

    def _on_card(self, card: EmergencyCard) -> None:
        self.busy = False
        if not self._ended:
            self.card = card
            self.changed.emit()
            self.card_shown.emit()

    def _on_failed(self, failure: WhiteCrossError) -> None:
        self.busy, self.fault = False, failure_sentence(failure)
        self.changed.emit()


def name_words(name: CardName) -> str:
    """Return 'HADDAD, Omar · born 19 Aug 2015 · grade 5'."""
    called = f"{name.last_name.upper()}, {name.first_name}"
    if name.preferred_name and name.preferred_name != name.first_name:
        called = f"{called} ({name.preferred_name})"
    born = say("born {day}").format(day=day_words(date.fromisoformat(name.date_of_birth)))
    return JOINT.join((called, born, say("grade {grade}").format(grade=name.grade)))


def sections_of(card: EmergencyCard) -> tuple[CardSection, ...]:
    """Return a card as it is shown; what is not on file is said, never left out."""
    none = (say("None on file."),)
    allergies = _joined(card.allergies, _allergy)
    return (
        CardSection(title=say("Allergies"), lines=allergies or none, grave=bool(allergies)),
        CardSection(title=say("Action plans"), lines=tuple(line for plan in card.plans for line in plan) or none),
        CardSection(title=say("Emergency medicine"), lines=_joined(card.medicines, _medicine) or none),
        CardSection(title=say("Contacts"), lines=_joined(card.contacts, _plain) or none),
    )


def reason_words(reason: EmergencyReason) -> str:
    """Return a reason as the list offers it."""
    return QCoreApplication.translate("Emergency", REASONS[reason])


def _opened(
    open_cards: Callable[[EmergencyAsk, str], OpenedCards], ask: EmergencyAsk, code: str
) -> tuple[OpenedCards, tuple[CardName, ...]]:
    cards = open_cards(ask, code)
    try:
        return cards, cards.names()
    except BaseException:
        cards.close()
        raise


def _missing(asked_by: str, reason: EmergencyReason | None, code: str) -> str:
    if not asked_by:
        return say("Type your name first: it is put on record.")
    if reason is None:
        return say("Choose why you ask: it is put on record.")
    return "" if code.strip() else say("Type the code from the principal's envelope.")


def _as_of(cards: OpenedCards) -> str:
    if cards.as_of is None:
        return ""
    at = local(cards.as_of, cards.zone)
    return say("As the records stood on {day}, {time}.").format(
        day=day_words(at.date()), time=clock_words(cards.as_of, cards.zone)
    )


def _joined(lines: Lines, words: Callable[[tuple[str, ...]], str]) -> tuple[str, ...]:
    return tuple(words(line) for line in lines)


def _plain(line: tuple[str, ...]) -> str:
    return JOINT.join(part for part in line if part)


def _medicine(line: tuple[str, ...]) -> str:
    name, strength, state, dose, route, instructions = line
    order = OrderStatus(state)
    # What must not simply be given says so first.
    held = "" if order is OrderStatus.ACTIVE else say("order {state}").format(state=say(ORDER_STATES[order]))
    return _plain((name, held, strength, dose, route_words(Route(route)) if route else "", instructions))


def _allergy(line: tuple[str, ...]) -> str:
    allergen, reaction, criticality = line
    return JOINT.join(part for part in (allergen, reaction, say("severe") if criticality == "high" else "") if part)
