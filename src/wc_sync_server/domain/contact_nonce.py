"""Telling two copies of one workstation apart: each greeting hands on the word by which the next one is known.

A word stays good until its successor was used, so that a lost answer is no alarm. Whoever comes with an older one is
handed a word of its own (a challenge): a request that was merely late is never heard of again, a second copy comes back
with it.

A word bears the epoch in which it was handed out. Of another epoch it says nothing: the database that knew it was put
back, and every workstation would be taken for a second copy of itself. A database that was put back without a new epoch
is told by the numbers of the words: it does not know of the newest, and no older copy can have that one.
"""

from dataclasses import dataclass, field
from hashlib import sha256

# Answers that may be lost in a row without the next being taken for a second copy.
_REMEMBERED = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class NonceState:
    """used is the word of the newest greeting; given are those handed out since, none of them used yet."""

    used: str | None = field(default=None, repr=False)
    given: tuple[str, ...] = field(default=(), repr=False)
    challenge: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a greeting came to.

    again: it should greet once more at once. second: there are two of this workstation. ahead: it knows a word that we
    handed out and do not remember.
    """

    state: NonceState
    again: bool = False
    second: bool = False
    ahead: bool = False


def word_under(epoch: str, chance: str, *, state: NonceState, said: str) -> str:
    """Return a word to hand out in an epoch, to whoever said this one: newer than any that either side knows."""
    return f"{_mark(epoch)}{1 + max(_newest(state), _number(said))}.{chance}"


def said_under(epoch: str, word: str) -> str:
    """Return what a word says in an epoch: itself, or nothing when it was handed out in another one."""
    return word if word.startswith(_mark(epoch)) else ""


def _mark(epoch: str) -> str:
    return sha256(epoch.encode()).hexdigest()[:8] + "."


def _newest(state: NonceState) -> int:
    return max(_number(word or "") for word in (state.used, state.challenge, *state.given))


def _number(word: str) -> int:
    """Return the place of a word among those handed out, 0 for one of a version that did not number them."""
    place = word.partition(".")[2].partition(".")[0]
    return int(place) if place.isdecimal() else 0


def heard(state: NonceState, said: str, fresh: str) -> Heard:
    """Return what to make of a greeting with this word ('' for whoever has none yet); fresh is the word to hand on."""
    if said and said == state.challenge:
        return Heard(state=NonceState(), second=True)
    empty = state == NonceState()
    ahead = not empty and _number(said) > _newest(state)
    # One that we forgot was handed out by us as well: it counts as used, as one that we remember does.
    if said and (said in state.given or ahead or empty):
        return Heard(state=NonceState(used=said, given=(fresh,), challenge=state.challenge), ahead=ahead)
    if not said or said == state.used:
        given = (*state.given, fresh)[-_REMEMBERED:]
        return Heard(state=NonceState(used=state.used, given=given, challenge=state.challenge))
    return Heard(state=NonceState(used=state.used, given=state.given, challenge=fresh), again=True)
