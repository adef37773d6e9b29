"""A review case says what happened, what each author could know, and who may answer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes.pages_seam import NOON, CaseDesk, LaterJobs, case, child, dose, make_session

from wc_desktop.domain.case_views import CaseRow
from wc_desktop.domain.screens import Confirmed, DoseView
from wc_desktop.ui.viewmodels.review import ReviewModel

pytestmark = pytest.mark.usefixtures("qapp")

FIRST = dose(NOON - timedelta(minutes=5))


def second(**more: object) -> DoseView:
    return dose(NOON, author="Ana Ruiz", device_is_this=False, **more)


def loaded(*cases: CaseRow) -> ReviewModel:
    session = make_session()

    def open_cases(_desk: object) -> tuple[CaseRow, ...]:
        return cases

    model = ReviewModel(session, replace(CaseDesk().verbs, open_cases=open_cases))
    model.load()
    return model


def fact(model: ReviewModel, one: CaseRow, side: int, label: str) -> str:
    return dict(model.sides(one)[side].facts).get(label, "")


def test_both_entries_stand_in_the_order_they_were_written() -> None:
    one = case(child(), second(), FIRST)
    model = loaded(one)
    assert [fact(model, one, side, "Who") for side in (0, 1)] == ["Jordan Reyes", "Ana Ruiz"]
    assert fact(model, one, 0, "Where") == "This workstation"
    assert fact(model, one, 1, "Where") == "Another workstation"
    assert fact(model, one, 1, "When") == "23 Nov 2026 11:48"
    assert fact(model, one, 1, "Amount") == "1 tablet"


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (
            second(replica_as_of=NOON - timedelta(hours=1)),
            "Not the other entry: the data shown was of 23 Nov 2026",
        ),
        (second(replica_as_of=NOON), "Perhaps the other entry"),
        (second(replica_as_of=None), "Not known"),
        (second(flags=("slot_answered_twice",)), "a second answer was given on purpose"),
        (dose(NOON), "it was written on the same workstation"),
    ],
)
def test_it_says_what_the_later_author_could_know(later: DoseView, words: str) -> None:
    one = case(child(), FIRST, later)
    model = loaded(one)
    assert words in fact(model, one, 1, "Could know")
    assert "it was written later" in fact(model, one, 0, "Could know")


def test_neither_author_may_answer_and_the_drug_is_blocked_until_then() -> None:
    one = case(child(), FIRST, second())
    words = loaded(one).what_now(one)
    assert "other than Jordan Reyes and Ana Ruiz" in words
    assert "Until then methylPHENIDATE is blocked for this child." in words


def test_an_entry_that_waits_says_so() -> None:
    one = case(child(), dose(confirmed=Confirmed.WAITING), second())
    model = loaded(one)
    assert "Waiting to be sent" in {dict(side.facts)["Sent"] for side in model.sides(one)}


def test_only_the_newest_answer_is_shown_and_doses_make_it_look_again() -> None:
    jobs = LaterJobs()
    session = make_session(jobs)
    answers = iter(((case(child()),), ()))

    def open_cases(_desk: object) -> tuple[CaseRow, ...]:
        return next(answers)

    model = ReviewModel(session, replace(CaseDesk().verbs, open_cases=open_cases), session)
    model.load()
    session.records_changed.emit(frozenset({"dose"}))
    jobs.release(1)
    jobs.release(0)
    assert len(model.cases) == 1
