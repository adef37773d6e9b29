"""The emergency card: what whoever helps a child must know when nobody who can unlock the workstation is there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from wc_contract.model.instants import Instant
from wc_contract.model.values import EmergencyReason, Role

# Who answers for charts; the code opens every child's.
MAKES_EMERGENCY_CODE: Final = frozenset({Role.ADMIN, Role.NURSE, Role.SUPERVISOR})
# While it is there, the locked screen offers the cards.
EMERGENCY_FILE = "emergency.json"
Lines: TypeAlias = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardName:
    """A child as the list of cards shows it."""

    student: str
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    preferred_name: str = field(repr=False)
    date_of_birth: str = field(repr=False)
    grade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCard:
    """One child's card.

    allergies: allergen, reaction, criticality. plans: title, then its lines. medicines: name, strength, state of the
    order, dose, route, instructions. contacts: name, relationship, phone, custody note; the first to call first. Empty
    texts are kept.
    """

    name: CardName
    allergies: Lines = field(default=(), repr=False)
    plans: Lines = field(default=(), repr=False)
    medicines: Lines = field(default=(), repr=False)
    contacts: Lines = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyAsk:
    """Who asks for the cards, and why; kept with every look."""

    asked_by: str = field(repr=False)
    reason: EmergencyReason
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyLook:
    """One line of the record: the cards were opened (student None), or one child's was.

    number is gapless per workstation, from 1. use is the id of the opening, its own for the opening itself.
    """

    number: int
    id: str
    use: str
    student: str | None
    at: Instant
    ask: EmergencyAsk


def one_line(typed: str) -> str:
    """Return what was typed as one line of signs that can be read: with another one in it no entry could be written."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


def found_names(names: Sequence[CardName], typed: str) -> tuple[CardName, ...]:
    """Return the children of whom every word typed begins a name or the grade; all of them when nothing is typed."""
    words = typed.casefold().split()
    return tuple(one for one in names if all(_begins(one, word) for word in words))


def _begins(one: CardName, word: str) -> bool:
    said = f"{one.first_name} {one.last_name} {one.preferred_name} {one.grade}".casefold().replace("-", " ")
    return any(part.startswith(word) for part in said.split())
