"""Today's medication pass, from real files."""

from datetime import timedelta

from tests.desktop.clinic import NOON

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
