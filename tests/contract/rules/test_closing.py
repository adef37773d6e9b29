"""When an incident report may be closed (I2, I6)."""

from datetime import timedelta
from typing import Any

import pytest
from tests.factories import NOON

from wc_contract.model.apply import compact
from wc_contract.model.care_values import NotificationOutcome
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.rules.closing import ClosingFacts, check_before_closing, next_check, outcome_said, watch_steps

REACHED = NotificationOutcome.REACHED
FULL = {"person": "Invented Parent", "method": "phone", "at": instant_to_text(NOON), "outcome": "no answer"}


def missing(
    *minutes: float, attempts: tuple[NotificationOutcome | None, ...] = (REACHED,), noted: Any = None, **values: Any
) -> list[str]:
    report = {
        "type": "HEAD_INJURY",
        "occurred_at": instant_to_text(NOON),
        "student_id": "somebody",
        "disposition": "RETURNED_TO_CLASS",
        "notifications": None if noted is None else compact(noted),
    }
    facts = ClosingFacts.from_row(report | values, map(_at, minutes), attempts)
    return [each.detail.get("field", "checks") for each in check_before_closing(facts)]


def _at(minutes: float) -> Instant:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "minutes",
    [
        (0, 15, 30, 45),
        (45, 30, 15, 0),  # in whatever order they came
        (20, 35, 50, 51),  # the first is the one at 0: when the child came
        (0, 10, 25, 26),
        (0, 25, 40, 41),
        (-5, 0, 15, 30, 40),
        (0, 3, 15, 20, 30, 45),
    ],
)
def test_a_head_injury_closes_with_checks_at_0_15_and_30_minutes_and_before_leaving(minutes: tuple[float, ...]) -> None:
    assert missing(*minutes) == []


@pytest.mark.parametrize(
    "minutes",
    [
        (),
        (0, 15, 30),  # none before leaving
        (31, 32, 33, 34),
        (-30, -15, 0, 30),
        (0, 30, 31, 32),
        (0, 15, 16, 17),
        (0, 9.9, 30, 45),
        (0, 15, 40.1, 45),
    ],
)
def test_a_head_injury_that_was_not_watched_so_stays_open(minutes: tuple[float, ...]) -> None:
    assert missing(*minutes) == ["checks"]


@pytest.mark.parametrize(
    ("minutes", "now", "coming"),
    [
        ((), 0, 0),
        ((), 50, 0),  # nobody has looked yet: the first one is always to be made
        ((2,), 3, 15),
        ((2,), 27, 15),  # its time ends ten minutes after it fell due
        ((2,), 27.1, 30),
        ((2,), 42.1, "leaving"),  # what was missed stays missed; leaving does not
        ((2, 17), 20, 30),
        ((2, 17, 32), 33, "leaving"),
        ((2, 17, 32, 60), 61, None),
    ],
    ids=["at once", "late", "second", "second, just", "second gone", "all gone", "third", "leaving", "done"],
)
def test_the_next_check_is_the_first_that_can_still_be_made(
    minutes: tuple[float, ...], now: float, coming: float | str | None
) -> None:
    step = next_check(watch_steps(NOON, map(_at, minutes)), _at(now))
    found = None if step is None else "leaving" if step.minute is None else step.minute
    assert found == coming


def test_checks_are_asked_of_head_injuries_that_no_ambulance_took() -> None:
    assert missing(disposition="EMS") == []
    assert missing(type="INJURY") == []
    assert missing(type="NEAR_MISS", student_id=None, attempts=()) == []


@pytest.mark.parametrize("words", ["Reached", " reached ", "REACHED, coming at noon", "Reached: father", "reached."])
def test_an_attempt_that_reached_somebody_closes(words: str) -> None:
    assert outcome_said(words) is REACHED
    assert missing(attempts=(), noted=[FULL | {"outcome": words}], type="INJURY") == []


@pytest.mark.parametrize(
    "words", ["Reached voicemail only", "Not reached", "reached nobody", "left message, reached no one", "unreached"]
)
def test_words_that_only_begin_like_success_are_none(words: str) -> None:
    assert outcome_said(words) is not REACHED
    assert missing(attempts=(), noted=[FULL | {"outcome": words}], type="INJURY") == ["notifications"]


def test_three_attempts_that_say_who_how_when_and_what_have_exhausted_it() -> None:
    assert outcome_said("Left message") is NotificationOutcome.LEFT_MESSAGE
    assert missing(attempts=(), noted=[FULL] * 2, type="INJURY") == ["notifications"]
    assert missing(attempts=(), noted=[FULL] * 3, type="INJURY") == []
    assert missing(attempts=(NotificationOutcome.NO_ANSWER,), noted=[FULL] * 2, type="INJURY") == []
    for name in FULL:
        assert missing(attempts=(), noted=[FULL, FULL, FULL | {name: " "}], type="INJURY") == ["notifications"], name
    assert missing(attempts=(), noted={"not": "a list"}, type="INJURY") == ["notifications"]
