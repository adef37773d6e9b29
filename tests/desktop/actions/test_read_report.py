"""Reading a signed report gives back what was signed, and the look is on record."""

import pytest
from tests.desktop.clinic import uid

from wc_contract.model.changes import ContactAttempt, Witness
from wc_contract.model.ids import IncidentId, StudentId
from wc_contract.model.instants import instant_to_text
from wc_contract.model.values import Disposition
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.incidents import new_draft, sign_incident
from wc_desktop.actions.read_report import read_report, report_again
from wc_desktop.actions.students import open_chart, read_again
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.screens import IncidentDraft

SOFIA = StudentId(uid("sofia"))


def signed(desk: Desk) -> IncidentId:
    now = instant_to_text(desk.clock.now())
    empty = new_draft(desk, SOFIA)
    fields: dict[str, str | tuple[str, ...]] = {
        "type": "INJURY",
        "severity": "MEDIUM",
        "occurred_at": now,
        "location": "Gym",
        "narrative": "Tripped over a rope.",
        "body_regions": ("KNEE_LEFT",),
        "care_given": "Plaster",
        "disposition": "SENT_HOME",
        "witnesses": ("Pat Lowe\taide",),
        "notifications": (f"Ana\tPhone\t{now}\tReached",),
    }
    return sign_incident(desk, IncidentDraft(id=empty.id, student_id=SOFIA, fields=fields)).id


def test_what_was_signed_is_what_is_read(desk: Desk) -> None:
    report = read_report(desk, signed(desk))
    assert report.narrative == "Tripped over a rope."
    assert report.body_regions == ("KNEE_LEFT",)
    assert report.witnesses == (Witness(name="Pat Lowe", role="aide"),)
    assert report.notifications == (
        ContactAttempt(person="Ana", method="Phone", at=desk.clock.now(), outcome="Reached"),
    )
    assert report.disposition is Disposition.SENT_HOME
    assert report.row.student is not None
    assert report.row.student.first_name == "Sofia"
    assert report.row.author == "Ana Reyes"


def test_each_reading_is_one_entry_in_the_journal(desk: Desk) -> None:
    incident = signed(desk)
    before = desk.journal.newest(1)[0].number
    read_report(desk, incident)
    newest = desk.journal.newest(1)[0]
    assert newest.number == before + 1
    assert newest.verb == "access.record"
    assert report_again(desk, incident) == read_report(desk, incident)
    assert desk.journal.newest(1)[0].number == before + 2, "what is open is not opened again"


def test_a_report_that_is_not_here_is_not_found_and_leaves_no_trace(desk: Desk) -> None:
    before = desk.journal.newest(1)[0].number
    with pytest.raises(NotFound):
        read_report(desk, IncidentId(uid("nothing")))
    assert desk.journal.newest(1)[0].number == before


def test_reading_an_open_chart_again_writes_no_second_look(desk: Desk) -> None:
    first = open_chart(desk, SOFIA)
    before = desk.journal.newest(1)[0].number
    assert read_again(desk, SOFIA) == first
    assert desk.journal.newest(1)[0].number == before
