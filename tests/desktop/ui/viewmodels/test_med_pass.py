"""The medication pass reads, filters, saves and goes on."""

from collections.abc import Callable

import pytest
from tests.fakes.desk_seam import FakePass, due_row, stop
from tests.fakes.pages_seam import ImmediateJobs, LaterJobs, make_session

from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Code
from wc_desktop.domain.failures import DiskFull
from wc_desktop.domain.screens import DoseDraft, DueStatus
from wc_desktop.ui.viewmodels.dose_confirm import DoseConfirmModel
from wc_desktop.ui.viewmodels.due_filter import DueFilter
from wc_desktop.ui.viewmodels.med_pass import MedPassModel

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]
Made = tuple[MedPassModel, DoseConfirmModel, FakePass]


@pytest.fixture
def made() -> Callable[..., Made]:
    kept: list[object] = []

    def make(*rows: object, jobs: ImmediateJobs | None = None) -> Made:
        fake = FakePass(list(rows) or [due_row("Abdi", at="11:45"), due_row("Baker", at="11:50")])  # type: ignore[arg-type]
        session = make_session(jobs)
        model, confirm = MedPassModel(session, fake.verbs), DoseConfirmModel(session)
        model.plan_wanted.connect(lambda asked: confirm.begin(asked.row, asked.state))
        model.plan_made.connect(confirm.take_plan)
        model.plan_failed.connect(confirm.take_failure)
        confirm.draft_ready.connect(model.save)
        model.dose_saved.connect(lambda saved: confirm.take_saved(saved.row.key))
        kept.extend((session, model, confirm))
        model.refresh()
        return model, confirm, fake

    return make


def test_a_dose_is_saved_with_what_the_confirm_showed(made: Callable[..., Made]) -> None:
    model, confirm, fake = made()
    model.ask(fake.rows[0].key, DoseState.ADMINISTERED)
    assert confirm.can_save
    confirm.save()
    assert fake.drafts[0].status is DoseState.ADMINISTERED
    assert fake.drafts[0].reason is None
    assert model.counts[DueFilter.DONE] == 1


def test_the_saved_row_is_done_at_once_and_the_next_one_is_known(made: Callable[..., Made]) -> None:
    model, confirm, fake = made()
    first, second = (row.key for row in fake.rows)
    model.ask(first, DoseState.ADMINISTERED)
    confirm.save()
    assert [row.key for row in model.rows] == [second, first]
    assert model.next_after(first) == second


def test_a_refusal_needs_a_reason(made: Callable[..., Made]) -> None:
    model, confirm, fake = made()
    model.ask(fake.rows[0].key, DoseState.REFUSED)
    assert not confirm.can_save
    confirm.save()
    assert fake.drafts == []
    confirm.choose_reason(2)
    confirm.save()
    assert fake.drafts[0].reason == "Spat it out"


def test_typed_words_go_before_the_chosen_ones(made: Callable[..., Made]) -> None:
    model, confirm, fake = made()
    model.ask(fake.rows[0].key, DoseState.HELD)
    confirm.choose_reason(1)
    confirm.type_reason("  on the bus ")
    confirm.save()
    assert fake.drafts[0].reason == "on the bus"


def test_a_hard_stop_needs_a_reason_that_is_kept_as_an_override(made: Callable[..., Made]) -> None:
    model, confirm, fake = made()
    key = fake.rows[0].key
    fake.findings[key] = (stop(Code.ALLERGY_MATCH),)
    model.ask(key, DoseState.ADMINISTERED)
    assert not confirm.can_save
    confirm.choose_reason(1)
    confirm.save()
    assert fake.drafts[0].override_reason == "The prescriber said so by phone"
    assert fake.drafts[0].reason is None


def test_nothing_overrides_the_wrong_child(made: Callable[..., Made]) -> None:
    model, confirm, fake = made()
    key = fake.rows[0].key
    fake.findings[key] = (stop(Code.WRONG_STUDENT, overridable=False),)
    model.ask(key, DoseState.ADMINISTERED)
    confirm.type_reason("I am sure")
    confirm.save()
    assert fake.drafts == []
    assert "cannot be recorded" in confirm.next_step


def test_a_second_answer_is_offered_reasons_of_its_own(made: Callable[..., Made]) -> None:
    model, confirm, fake = made()
    key = fake.rows[0].key
    fake.findings[key] = (stop(Code.POSSIBLE_DOUBLE_DOSE),)
    model.ask(key, DoseState.ADMINISTERED)
    assert confirm.reasons[0] == "It was given twice"


def test_what_was_typed_survives_esc_and_is_forgotten_when_saved(made: Callable[..., Made]) -> None:
    model, confirm, fake = made()
    first, second = (row.key for row in fake.rows)
    model.ask(first, DoseState.REFUSED)
    confirm.type_reason("will not")
    model.ask(second, DoseState.REFUSED)
    assert confirm.typed.text == ""
    model.ask(first, DoseState.REFUSED)
    assert confirm.typed.text == "will not"
    confirm.save()
    model.ask(first, DoseState.REFUSED)
    assert confirm.typed.text == ""


def test_a_full_disk_says_so_and_keeps_everything(made: Callable[..., Made]) -> None:
    model, confirm, fake = made()
    model.ask(fake.rows[0].key, DoseState.REFUSED)
    confirm.choose_reason(1)
    fake.refusal = DiskFull("full")
    confirm.save()
    assert "disk is full" in confirm.failure
    assert confirm.can_save
    assert confirm.typed.choice == "Did not want it"


def test_one_press_saves_once(made: Callable[..., Made]) -> None:
    jobs = LaterJobs()
    model, confirm, fake = made(jobs=jobs)
    jobs.release()
    model.ask(fake.rows[0].key, DoseState.ADMINISTERED)
    assert not confirm.can_save, "the rules have not answered yet"
    jobs.release()
    sent: list[DoseDraft] = []
    confirm.draft_ready.connect(sent.append)
    confirm.save()
    confirm.save()
    assert len(sent) == 1


def test_refreshing_while_reading_reads_once_more_and_no_oftener(made: Callable[..., Made]) -> None:
    jobs = LaterJobs()
    model, _, fake = made(jobs=jobs)
    for _ in range(5):
        model.refresh()
    jobs.release()
    jobs.release()
    assert fake.reads == 2
    assert jobs.kept == []


def test_a_pull_about_something_else_reads_nothing(made: Callable[..., Made]) -> None:
    model, _, fake = made()
    model._session.records_changed.emit(frozenset({"vaccination"}))
    assert fake.reads == 1
    model._session.records_changed.emit(frozenset({"order"}))
    assert fake.reads == 2


def test_an_answer_that_comes_after_the_lock_is_dropped(made: Callable[..., Made]) -> None:
    jobs = LaterJobs()
    model, _, _ = made(jobs=jobs)
    model._session.end()
    jobs.release()
    assert not model.is_read


def test_searching_says_why_nothing_is_shown(made: Callable[..., Made]) -> None:
    model, _, _ = made()
    model.search("nobody")
    assert model.rows == ()
    assert model.empty_words[0] == "Nothing found"


def test_a_class_period_is_shown_alone_and_counted(made: Callable[..., Made]) -> None:
    rows = (
        due_row("Abdi", at="11:45", period="Lunch"),
        due_row("Baker", at="11:40", period="Period 3"),
        due_row("Cole", at="11:45", period="Lunch", status=DueStatus.DONE),
    )
    model, _, fake = made(*rows)
    fake.periods = ("Period 3", "Lunch")
    model.refresh()
    assert model.period_counts == {"": 3, "Period 3": 1, "Lunch": 2}
    model.choose_filter(DueFilter.TO_GIVE)
    assert model.period_counts == {"": 2, "Period 3": 1, "Lunch": 1}
    model.choose_period("Lunch")
    assert [words.row.student.last_name for words in model.rows] == ["Abdi"]
    assert model.next_after(model.rows[0].key) is None
    model.choose_period("")
    assert len(model.rows) == 2


def test_a_possible_double_dose_stands_in_every_class_period(made: Callable[..., Made]) -> None:
    model, _, fake = made(due_row("Abdi", at="11:45", period="Lunch", status=DueStatus.DOUBLE))
    fake.periods = ("Period 3", "Lunch")
    model.refresh()
    model.choose_period("Period 3")
    assert len(model.rows) == 1


def test_a_period_with_nothing_says_so_and_one_that_is_no_more_is_left(made: Callable[..., Made]) -> None:
    model, _, fake = made(due_row("Abdi", at="11:45", period="Lunch"))
    fake.periods = ("Period 3", "Lunch")
    model.refresh()
    model.choose_period("Period 3")
    assert model.rows == ()
    assert model.empty_words[0] == "Nothing in this class period"
    fake.periods = ("Block A",)
    model.refresh()
    assert len(model.rows) == 1
