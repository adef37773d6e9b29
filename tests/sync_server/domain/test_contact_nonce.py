"""Two copies of a workstation are told apart by the word each greeting hands on; a lost answer is no second copy."""

from itertools import count

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wc_sync_server.domain.contact_nonce import Heard, NonceState, heard, said_under, word_under


class Desk:
    """The server's side, and any number of copies that greet it."""

    def __init__(self) -> None:
        self.state = NonceState()
        self._fresh = (f"word-{number}" for number in count())
        self.found = False

    def greeted(self, said: str) -> str:
        """Take a greeting; return the word that the answer hands on."""
        fresh = next(self._fresh)
        answer: Heard = heard(self.state, said, fresh)
        self.state, self.found = answer.state, self.found or answer.second
        return fresh


@given(st.lists(st.sampled_from(["answered", "lost", "late"]), max_size=40))
def test_one_workstation_is_never_taken_for_two_whatever_is_lost_or_late(course: list[str]) -> None:
    desk, word, late = Desk(), "", ""
    for what in course:
        if what == "late":
            # A request that was given up on and sent again, and reaches the server only now.
            desk.greeted(late)
            continue
        late = word
        answer = desk.greeted(word)
        if what == "answered":
            word = answer
    assert not desk.found


@given(st.lists(st.sampled_from(["first", "second"]), min_size=12, max_size=40), st.integers(1, 5))
def test_two_copies_are_found_soon_after_both_have_greeted(course: list[str], before: int) -> None:
    desk, word = Desk(), ""
    for _ in range(before):
        word = desk.greeted(word)
    words = {"first": word, "second": word}
    turns = {"first": 0, "second": 0}
    for copy in course:
        words[copy] = desk.greeted(words[copy])
        turns[copy] += 1
        if desk.found:
            return
        # Each has greeted three times at most while the other did once, or none of the other's words was used yet.
        assert min(turns.values()) < 3
    assert min(turns.values()) < 3


def test_an_older_image_is_found_at_its_second_greeting() -> None:
    desk = Desk()
    first = desk.greeted("")
    second = desk.greeted(first)
    desk.greeted(second)
    challenge = desk.greeted(first)
    assert not desk.found
    desk.greeted(challenge)
    assert desk.found


def test_after_settling_whoever_greets_first_goes_on() -> None:
    desk = Desk()
    word = desk.greeted("")
    desk.greeted(word)
    desk.state = NonceState()
    word = desk.greeted("a word of before")
    word = desk.greeted(word)
    assert desk.greeted(word)
    assert not desk.found


class DeskThatIsPutBack:
    """The server's side whose database goes back to how it was, mostly under a new epoch."""

    def __init__(self) -> None:
        self.state = self._kept = NonceState()
        self._epoch = 1
        self._chance = count()
        self.found = self.ahead = False

    def greeted(self, said: str) -> str:
        epoch = f"epoch-{self._epoch}"
        said = said_under(epoch, said)
        fresh = word_under(epoch, str(next(self._chance)), state=self.state, said=said)
        answer = heard(self.state, said, fresh)
        self.state, self.found, self.ahead = answer.state, self.found or answer.second, self.ahead or answer.ahead
        return fresh

    def back_up(self) -> None:
        self._kept = self.state

    def put_back(self, *, told: bool = True) -> None:
        self.state, self._epoch = self._kept, self._epoch + told


@given(st.lists(st.sampled_from(["answered", "lost", "back up", "put back", "put back without a word"]), max_size=40))
@example(["answered", "put back without a word", "lost", "answered", "answered"])
@example(["answered", "back up", "answered", "put back without a word", "lost", "answered", "answered"])
def test_one_workstation_is_never_taken_for_two_when_the_database_is_put_back(course: list[str]) -> None:
    desk, word = DeskThatIsPutBack(), ""
    for what in course:
        match what:
            case "back up":
                desk.back_up()
            case "put back" | "put back without a word":
                desk.put_back(told=what == "put back")
            case _:
                answer = desk.greeted(word)
                word = answer if what == "answered" else word
    assert not desk.found


def test_two_copies_are_found_although_the_database_was_put_back_since_they_were_made() -> None:
    desk = DeskThatIsPutBack()
    one = other = desk.greeted(desk.greeted(""))
    desk.put_back()
    for _ in range(3):
        one, other = desk.greeted(one), desk.greeted(other)
    assert desk.found


@pytest.mark.parametrize("told", [True, False])
def test_two_copies_are_found_although_the_database_was_put_back_while_they_ran(told: bool) -> None:
    desk = DeskThatIsPutBack()
    word = other = desk.greeted(desk.greeted(""))
    desk.back_up()
    for _ in range(4):
        word = desk.greeted(word)
    assert not desk.ahead
    desk.put_back(told=told)
    for _ in range(3):
        word, other = desk.greeted(word), desk.greeted(other)
    assert desk.found
    assert desk.ahead is not told, "a word that is not remembered tells of it"


def test_words_that_had_no_numbers_are_told_apart_as_before() -> None:
    old = NonceState(used="0a1b2c3d.first", given=("0a1b2c3d.second",))
    assert heard(old, "0a1b2c3d.second", "0a1b2c3d.1.third").state.used == "0a1b2c3d.second"
    assert heard(old, "0a1b2c3d.before", "0a1b2c3d.1.third").again
