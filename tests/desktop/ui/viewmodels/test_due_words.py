"""What a row, its pane and its place in the list say."""

from typing import Any

from tests.fakes.desk_seam import due_row
from tests.fakes.pages_seam import NOON, ZONE, child, dose, medication

from wc_contract.model.values import DoseState
from wc_desktop.domain.screens import Confirmed, DueStatus
from wc_desktop.ui.viewmodels.due_filter import DueFilter, counts, next_open, shown
from wc_desktop.ui.viewmodels.due_words import DueWords, MarkKind, due_words
from wc_desktop.ui.viewmodels.pane_words import pane_words


def _words(**more: Any) -> DueWords:
    return due_words(due_row(**more), NOON, ZONE)


def test_every_safety_mark_is_there_the_gravest_first() -> None:
    words = _words(
        student=child(allergies=("Penicillin",), alike=("MARTINEZ, Sophia (Gr 2, Rm 6)",)),
        medication=medication(dea_schedule="II"),
        alerts=("allergy_match", "order_expired"),
    )
    kinds = [mark.kind for mark in words.marks]
    assert kinds == [MarkKind.ALLERGY, MarkKind.ORDER, MarkKind.NAME, MarkKind.CONTROLLED]
    assert words.marks[3].text == "C-II"


def test_an_allergy_to_something_else_is_said_too() -> None:
    (mark,) = _words(student=child(allergies=("Peanut",))).marks
    assert (mark.text, mark.said) == ("Has allergies", "Allergies: Peanut")


def test_the_urgent_sentence_begins_with_the_state() -> None:
    words = _words(at="11:00")
    assert words.said.startswith("Overdue, 48 min late, 11:00, MARTINEZ, Sofia")


def test_a_saved_dose_says_that_it_was_not_sent_yet() -> None:
    answer = dose(NOON, status=DoseState.REFUSED, confirmed=Confirmed.WAITING)
    words = _words(status=DueStatus.DONE, answers=(answer,))
    assert (words.status_word, words.status_detail) == ("Refused", "11:48 · not sent yet")


def test_a_possible_double_dose_is_loud_in_row_and_pane() -> None:
    row = due_row(status=DueStatus.DOUBLE, answers=(dose(NOON), dose(NOON, author="", device_is_this=False)))
    words = due_words(row, NOON, ZONE)
    assert words.marks[0].kind is MarkKind.DOUBLE
    assert "Possible double dose" in words.said
    assert "another workstation" in pane_words(row, NOON, ZONE).double


def test_the_pane_names_the_child_it_may_be_taken_for() -> None:
    row = due_row(student=child(alike=("MARTINEZ, Sophia (Gr 2, Rm 6)",)))
    assert pane_words(row, NOON, ZONE).alike == "Similar name: MARTINEZ, Sophia (Gr 2, Rm 6). Check the birth date."


def test_counts_and_order() -> None:
    rows = [
        due_words(row, NOON, ZONE)
        for row in (
            due_row("Given", at="10:30", status=DueStatus.DONE, answers=(dose(NOON),)),
            due_row("Late", at="11:00"),
            due_row("Now", at="11:45"),
            due_row("Twice", at="11:50", status=DueStatus.DOUBLE),
            due_row("Then", at="13:15"),
        )
    ]
    assert counts(rows) == {
        DueFilter.TO_GIVE: 3,
        DueFilter.OVERDUE: 2,
        DueFilter.LATER: 2,
        DueFilter.DONE: 2,
        DueFilter.ALL: 5,
    }
    names = [row.student.split(",")[0] for row in shown(rows, DueFilter.ALL, "")]
    assert names == ["TWICE", "LATE", "NOW", "THEN", "GIVEN"]


def test_text_finds_by_the_beginning_of_any_word_without_accents() -> None:
    rows = [due_words(due_row("Silva Pereira", "João"), NOON, ZONE), due_words(due_row(), NOON, ZONE)]
    assert [row.student for row in shown(rows, DueFilter.ALL, "joao per")] == ["SILVA PEREIRA, João"]
    assert len(shown(rows, DueFilter.ALL, "methylph")) == 2
    assert shown(rows, DueFilter.ALL, "zzz") == ()


def test_the_next_dose_is_below_then_from_the_top_and_never_one_for_later() -> None:
    rows = [due_words(row, NOON, ZONE) for row in (due_row("A"), due_row("B"), due_row("C", at="14:00"))]
    keys = [row.key for row in rows]
    assert next_open(rows, keys[0]) == keys[1]
    assert next_open(rows, keys[1]) == keys[0]
    assert next_open(rows[2:], "") is None
