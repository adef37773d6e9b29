"""The end of a day, one answer at a time: what is asked, what is suggested, what a late answer may not do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes.desk_seam import FakePass, due_row, stop
from tests.fakes.pages_seam import NOON, ImmediateJobs, LaterJobs, make_session

from wc_contract.model.instants import instant_to_text
from wc_contract.model.values import DoseState
from wc_contract.rules.calendar import Suppression
from wc_contract.rules.findings import Code
from wc_desktop.domain.end_of_day import SlotsAnswer
from wc_desktop.domain.screens import DoseSaved, DueRow, DueStatus
from wc_desktop.ui.viewmodels.end_of_day import ANSWERS, DayTyped, EndOfDayModel, EndOfDayVerbs

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


class Day:
    """A model over rows that are answered by hand-written verbs."""

    def __init__(self, rows: tuple[DueRow, ...], jobs: ImmediateJobs | None = None) -> None:
        self.fake = FakePass(list(rows))
        self.answers: list[SlotsAnswer] = []
        self.session = make_session(jobs)
        verbs = EndOfDayVerbs(plan_answer=self.fake.plan_dose, answer_slots=self.answer_slots)
        self.model = EndOfDayModel(self.session, verbs)
        self.show()
        self.model.begin()

    def show(self, *, over: bool = True) -> None:
        ends = NOON - timedelta(minutes=1) if over else NOON + timedelta(minutes=1)
        self.model.take(replace(self.fake.due_list(None, NOON), ends_at=ends))

    def answer_slots(self, _desk: object, answer: SlotsAnswer) -> tuple[DoseSaved, ...]:
        self.answers.append(answer)
        return tuple(self.fake.log_dose(None, answer.draft(key)) for key in answer.keys)


@pytest.fixture
def day() -> Callable[..., Day]:
    kept: list[Day] = []

    def make(*rows: DueRow, jobs: ImmediateJobs | None = None) -> Day:
        kept.append(Day(rows or (due_row("Abdi", at="09:00"), due_row("Baker", at="10:00")), jobs))
        return kept[-1]

    return make


def test_one_dose_and_several_have_their_own_words_and_an_open_day_none(day: Callable[..., Day]) -> None:
    there = day()
    assert there.model.sentence == "2 doses of today have no answer."
    there.model.type(DayTyped(state="ABSENT"))
    there.model.save()
    assert there.model.sentence == "1 dose of today has no answer."
    there.show(over=False)
    assert there.model.sentence == ""


def test_what_is_later_today_is_listed_and_does_not_count_as_without_an_answer(day: Callable[..., Day]) -> None:
    there = day(due_row("Abdi", at="09:00"), due_row("Baker", at="14:00"))
    assert len(there.model.open_slots) == 2
    assert there.model.sentence == "1 dose of today has no answer."


@pytest.mark.parametrize("state", ANSWERS)
def test_each_answer_asks_for_what_it_needs(day: Callable[..., Day], state: DoseState) -> None:
    there = day()
    there.model.type(DayTyped(state=state.value))
    asked = there.model.next_step
    if state.given:
        assert asked == "Type when it was given."
    elif state.needs_reason:
        assert asked == "Choose why, or type it."
    else:
        assert asked == ""
    assert there.model.can_save is (not asked)
    assert there.model.reasons


def test_a_reason_of_what_was_given_late_is_that_of_the_rules_alone(day: Callable[..., Day]) -> None:
    there = day()
    key = there.model.open_slots[0].key
    there.fake.findings[key] = (stop(Code.LATE_ENTRY),)
    moment = instant_to_text(NOON - timedelta(hours=2))
    there.model.type(DayTyped(state="ADMINISTERED", moment=moment))
    assert there.model.next_step == "Choose why, or type it."
    there.model.type(replace(there.model.typed, text="Fire drill"))
    there.model.save()
    [answer] = there.answers
    assert (answer.reason, answer.override_reason, answer.at) == ("", "Fire drill", NOON - timedelta(hours=2))


def test_what_nothing_overrides_is_said_and_not_saved(day: Callable[..., Day]) -> None:
    there = day()
    there.fake.findings[there.model.open_slots[0].key] = (stop(Code.WRONG_STUDENT, overridable=False),)
    there.model.type(DayTyped(state="ABSENT", text="reason"))
    assert there.model.next_step == "This cannot be recorded in this way."
    there.model.save()
    assert there.answers == []


def test_a_half_typed_time_saves_nothing(day: Callable[..., Day]) -> None:
    there = day()
    there.model.type(DayTyped(state="SELF_ADMINISTERED", moment="11:"))
    assert not there.model.can_save


def test_t4_the_calendar_suggests_and_says_why(day: Callable[..., Day]) -> None:
    there = day(due_row(at="13:00", status=DueStatus.SUPPRESSED, suppressed=Suppression.EARLY_DISMISSAL))
    assert there.model.state is DoseState.DISMISSED_EARLY
    assert there.model.why_open.startswith("School was out")
    assert there.answers == []


@pytest.mark.parametrize("why", Suppression)
def test_each_suppression_has_its_words(day: Callable[..., Day], why: Suppression) -> None:
    assert day(due_row(status=DueStatus.SUPPRESSED, suppressed=why)).model.why_open.endswith(".")


def test_the_rules_answer_about_an_earlier_choice_is_dropped(day: Callable[..., Day]) -> None:
    jobs = LaterJobs()
    there = day(jobs=jobs)
    there.model.type(DayTyped(state="ABSENT"))
    there.model.type(DayTyped(state="MISSED", text="forgotten"))
    jobs.release()
    assert not there.model.can_save
    jobs.release()
    assert there.model.can_save


def test_an_answer_on_its_way_is_not_written_twice(day: Callable[..., Day]) -> None:
    jobs = LaterJobs()
    there = day(jobs=jobs)
    there.model.type(DayTyped(state="ABSENT"))
    jobs.release()
    there.model.save()
    there.model.save()
    jobs.release()
    assert len(there.answers) == 1


def test_the_dose_after_the_answered_one_comes_next(day: Callable[..., Day]) -> None:
    there = day(due_row("Abdi", at="09:00"), due_row("Baker", at="10:00"), due_row("Cole", at="10:00"))
    there.model.choose(there.model.open_slots[1].key)
    there.model.type(DayTyped(state="ABSENT"))
    there.model.save()
    chosen = there.model.chosen
    assert chosen is not None
    assert chosen.student.last_name == "Cole"
