"""Today's medication pass, from real files."""

from collections.abc import Callable
from datetime import timedelta

from tests.desktop.clinic import NOON, Rows, row, small_school, uid

from wc_contract.model.apply import compact
from wc_contract.model.values import DoseState
from wc_desktop.actions.log_dose import log_dose
from wc_desktop.actions.med_pass import due_list, due_row
from wc_desktop.actions.unlock import Desk
from wc_desktop.domain.screens import Confirmed, DoseDraft, DueStatus


def test_the_list_names_every_slot_of_the_day_by_time(desk: Desk) -> None:
    rows = due_list(desk, NOON).rows
    assert [(row.student.first_name, row.slot.time.strftime("%H:%M")) for row in rows] == [
        ("Sofia", "11:45"),
        ("Sonia", "11:45"),
        ("Lee", "11:50"),
        ("Omar", "12:00"),
    ]
    assert {row.status for row in rows} == {DueStatus.DUE}


def test_a_slot_goes_from_later_to_due_to_overdue(desk: Desk) -> None:
    def status(minutes: int) -> DueStatus:
        return due_list(desk, NOON + timedelta(minutes=minutes)).rows[0].status

    assert [status(-60), status(0), status(60)] == [DueStatus.LATER, DueStatus.DUE, DueStatus.OVERDUE]


def test_twins_are_named_on_each_others_rows(desk: Desk) -> None:
    sofia, sonia = due_list(desk, NOON).rows[:2]
    assert sofia.student.name_alike == ("MARTÍNEZ, Sonia (Gr 3, Rm 6)",)
    assert sonia.student.name_alike == ("MARTÍNEZ, Sofia (Gr 3, Rm 5)",)


def test_an_allergy_and_an_expired_authorisation_are_alerts(desk: Desk) -> None:
    alerts = {row.student.first_name: row.alerts for row in due_list(desk, NOON).rows}
    assert alerts["Omar"] == ("allergy_match",)
    assert alerts["Lee"] == ("parent_authorisation_expired",)
    assert alerts["Sofia"] == ()


def test_a_dose_answers_its_slot_at_once_and_waits_for_the_district(desk: Desk) -> None:
    key = due_list(desk, NOON).rows[0].key
    saved = log_dose(desk, DoseDraft(key=key, status=DoseState.ADMINISTERED, administered_at=NOON))
    assert saved.entry_number == 2  # the unlock was the first
    assert saved.row.status is DueStatus.DONE
    assert [dose.confirmed for dose in saved.row.answers] == [Confirmed.WAITING]
    assert saved.row.last_given is not None
    assert saved.row.last_given.author == "Ana Reyes"
    assert due_row(desk, key, NOON).status is DueStatus.DONE


def with_bells() -> Rows:
    """The small school, with a lunch from a quarter to twelve to five to."""
    rows = small_school()
    periods = [
        {"name": "Period 3", "from": "10:50", "to": "11:45"},
        {"name": "Lunch", "from": "11:45", "to": "11:55"},
        {"name": "Period 4", "from": "12:00", "to": "13:00"},
    ]
    schedule = row(
        "bell_schedule",
        6000,
        id=str(uid("bells")),
        name="Every day",
        effective_from="2026-08-20",
        weekdays=compact([1, 2, 3, 4, 5]),
        periods=compact(periods),
    )
    rows["bell_schedule"].append(schedule)
    return rows


def test_each_slot_names_its_class_period(open_desk: Callable[[Rows | None], Desk]) -> None:
    due = due_list(open_desk(with_bells()), NOON)
    assert due.periods == ("Period 3", "Lunch", "Period 4")
    assert [(row.student.first_name, row.period) for row in due.rows] == [
        ("Sofia", "Lunch"),
        ("Sonia", "Lunch"),
        ("Lee", "Lunch"),
        ("Omar", "Period 4"),
    ]


def test_a_school_without_bells_has_no_class_periods(desk: Desk) -> None:
    due = due_list(desk, NOON)
    assert due.periods == ()
    assert {row.period for row in due.rows} == {""}
