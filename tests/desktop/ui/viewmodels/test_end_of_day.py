"""The end of a day, one answer at a time: what is asked, what is suggested, what a late answer may not do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes.desk_seam import TODAY, FakePass, due_row, stop
from tests.fakes.pages_seam import NOON, ImmediateJobs, LaterJobs, make_session

from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.values import DoseState
from wc_contract.rules.calendar import Suppression
from wc_contract.rules.findings import Code
from wc_desktop.domain.end_of_day import SlotsAnswer
from wc_desktop.domain.screens import DosePlan, DoseSaved, DueList, DueRow, DueStatus
from wc_desktop.ui.viewmodels.end_of_day import ANSWERS, DayTyped, EndOfDayModel, EndOfDayVerbs

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


class Day:
    """A model over rows that are answered by hand-written verbs."""

    def __init__(self, rows: tuple[DueRow, ...], jobs: ImmediateJobs | None = None) -> None:
        self.fake = FakePass(list(rows))
        self.answers: list[SlotsAnswer] = []
        self.session = make_session(jobs)
        verbs = EndOfDayVerbs(
            plan_answer=self.plan_answer, answer_slots=self.answer_slots, earlier_day=self.earlier_day
        )
        self.before: dict[int, tuple[DueRow, ...]] = {}
        self.model = EndOfDayModel(self.session, verbs)
        self.show()
        self.model.begin()

    def show(self, *, over: bool = True) -> None:
        ends = NOON - timedelta(minutes=1) if over else NOON + timedelta(minutes=1)
        self.model.take(replace(self.fake.due_list(None, NOON), ends_at=ends))

    def answer_slots(self, _desk: object, answer: SlotsAnswer) -> tuple[DoseSaved, ...]:
        self.answers.append(answer)
        rows = [*self.fake.rows, *(row for rows in self.before.values() for row in rows)]
        chosen = [next(row for row in rows if row.key == key) for key in answer.keys]
        saved = tuple(DoseSaved(entry_number=1, row=replace(row, status=DueStatus.DONE, answers=())) for row in chosen)
        now_said = {one.row.key: one.row for one in saved}
        self.fake.rows = [now_said.get(row.key, row) for row in self.fake.rows]
        self.before = {back: tuple(now_said.get(row.key, row) for row in kept) for back, kept in self.before.items()}
        return saved

    def plan_answer(self, _desk: object, answer: SlotsAnswer) -> DosePlan:
        at = answer.at or NOON
        found = self.fake.findings.get(answer.keys[0], ())
        return DosePlan(row=self.fake.rows[0], status=answer.status, at=at, findings=found)

    def earlier_day(self, _desk: object, back: int, at: Instant) -> DueList:
        day = TODAY - timedelta(days=back)
        return DueList(day=day, at=at, rows=self.before.get(back, ()), day_kind="SCHOOL_DAY")


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
    jobs.kept = jobs.kept[-2:]  # the look back is another matter
    jobs.release()
    assert not there.model.can_save
    jobs.release()
    assert there.model.can_save


def test_an_answer_on_its_way_is_not_written_twice(day: Callable[..., Day]) -> None:
    jobs = LaterJobs()
    there = day(jobs=jobs)
    jobs.kept.clear()
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


def test_earlier_days_are_counted_and_only_those_with_something_open_are_listed(day: Callable[..., Day]) -> None:
    there = day()
    assert there.model.days == ()
    there.before = {3: (due_row("Cole"), due_row("Dean", status=DueStatus.DONE)), 8: (due_row("Eve"),)}
    there.model.look_back()
    assert there.model.sentence == "2 doses of today have no answer. 1 dose of an earlier day has no answer."
    assert there.model.days == (("", "Today · 2"), ("2026-11-20", "Friday 20 November 2026 · 1"))


def test_of_an_earlier_day_what_was_not_given_is_told_as_of_when_it_was_due(day: Callable[..., Day]) -> None:
    there = day()
    there.before = {3: (due_row("Cole"),)}
    there.model.look_back()
    there.model.choose_day("2026-11-20")
    done: list[None] = []
    there.model.all_answered.connect(lambda: done.append(None))
    there.model.type(DayTyped(state="ABSENT", text="ill"))
    there.model.save()
    [answer] = there.answers
    assert (answer.at, answer.day, answer.override_reason) == (None, TODAY - timedelta(days=3), "ill")
    assert done == [None]
    assert there.model.day is None
    assert there.model.days == ()
    assert len(there.model.open_slots) == 2


def test_with_nothing_open_today_it_begins_with_the_newest_earlier_day(day: Callable[..., Day]) -> None:
    there = day(due_row(status=DueStatus.DONE))
    there.before = {2: (due_row("Cole"),), 3: (due_row("Dean"),)}
    there.model.look_back()
    there.model.begin()
    assert there.model.day == TODAY - timedelta(days=2)
    assert there.model.left == "1 dose of 21 Nov 2026 is open"


def test_an_earlier_day_that_another_desk_answered_goes_off_the_list(day: Callable[..., Day]) -> None:
    there = day()
    there.before = {3: (due_row("Cole"),)}
    there.model.look_back()
    there.model.choose_day("2026-11-20")
    there.before = {}
    there.session.changed("dose")
    assert there.model.open_slots == ()
    assert there.model.none_left == "Every dose of 20 Nov 2026 has an answer."
    there.model.look_back()
    assert there.model.day is None
