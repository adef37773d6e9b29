"""Names, times and amounts are said one way, everywhere."""

from datetime import date, timedelta

import pytest
from tests.fakes.pages_seam import NOON, NURSE, ZONE, child, medication

from wc_desktop.ui.viewmodels import words
from wc_desktop.ui.viewmodels.tall_man import tall_man

TODAY = date(2026, 11, 23)


def test_surnames_are_in_capitals() -> None:
    assert words.full_name(child("Silva Pereira", "João")) == "SILVA PEREIRA, João"


def test_a_preferred_name_is_said_only_when_it_differs() -> None:
    assert words.goes_by(child(preferred="Sophie")) == "Goes by Sophie"
    assert words.goes_by(child(first="Sofia", preferred="sofia")) == ""


@pytest.mark.parametrize(("grade", "said"), [("2", "Gr 2 · Rm 5"), ("02", "Gr 2 · Rm 5"), ("KG", "KG · Rm 5")])
def test_grade_and_room(grade: str, said: str) -> None:
    assert words.grade_words(child(grade=grade)) == said


def test_a_nurse_is_named_with_her_licence() -> None:
    assert words.person_name(NURSE) == "Jordan Reyes, RN"


def test_days_are_unmistakable() -> None:
    assert words.day_words(date(2026, 11, 3)) == "3 Nov 2026"
    assert words.weekday_words(TODAY) == "Monday 23 November 2026"


def test_times_are_the_schools_wherever_the_workstation_stands() -> None:
    assert words.clock_words(NOON, ZONE) == "11:48"


def test_older_instants_carry_their_day() -> None:
    assert words.when_words(NOON, ZONE, TODAY) == "11:48"
    assert words.when_words(NOON - timedelta(days=3), ZONE, TODAY) == "Fri 20 Nov, 11:48"
    # In October the clocks of Chicago still stood on summer time.
    assert words.when_words(NOON - timedelta(days=400), ZONE, TODAY) == "19 Oct 2025, 12:48"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(-33, "33 min late"), (-78, "1 h 18 late"), (0, "now"), (12, "in 12 min"), (87, "in 1 h 27"), (60, "in 1 h")],
)
def test_how_long_until_a_dose(minutes: int, said: str) -> None:
    assert words.relative_words(NOON + timedelta(minutes=minutes), NOON) == said


@pytest.mark.parametrize(
    ("name", "strength", "said"),
    [
        ("Methylphenidate 10 mg tablet", "10 mg", ("methylPHENIDATE", "10 mg tablet")),
        ("Albuterol 90 mcg inhaler", "90 mcg per puff", ("Albuterol", "90 mcg inhaler")),
        ("Guanfacine", "1 mg", ("guanFACINE", "1 mg tablet")),
        ("Insulin regular, human 100 units/mL", "100 units/mL", ("Insulin regular, human", "100 units/mL")),
    ],
)
def test_a_drug_says_nothing_twice_and_leaves_nothing_out(name: str, strength: str, said: tuple[str, str]) -> None:
    assert words.drug_words(medication(name, strength)) == said


def test_tall_man_letters_leave_other_words_alone() -> None:
    assert tall_man("Methylphenidate ER") == "methylPHENIDATE ER"
    assert tall_man("Cetirizine") == "Cetirizine"


@pytest.mark.parametrize(("stored", "said"), [("II", "C-II"), ("C-IV", "C-IV"), ("2", "C-II"), (None, "")])
def test_controlled_drugs_are_marked_by_their_schedule(stored: str | None, said: str) -> None:
    assert words.schedule_words(stored) == said


def test_details_of_findings_are_put_into_words() -> None:
    detail = {
        "due": "2026-11-23T18:00:00+00:00",
        "ended": "2026-11-13",
        "ordered": "1.50",
        "ordered_unit": "{tbl}",
        "period_minutes": "240",
        "status": "REFUSED",
    }
    said = words.detail_words(detail, ZONE, TODAY)
    assert said["due"] == "12:00"
    assert said["ended"] == "13 Nov 2026"
    assert said["ordered"] == "1.5 tablets"
    assert said["period"] == "4 h"
    assert said["status"] == "refused"
