"""Incident reports: drafts survive, a signature needs a complete form, then nothing changes."""

from dataclasses import replace

import pytest
from tests.desktop.clinic import NURSE, PASSWORD, Clinic, uid

from wc_contract.model.ids import IncidentId, StudentId, UserId
from wc_contract.model.kinds import INCIDENT
from wc_desktop.actions import incidents
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.unlock import unlock
from wc_desktop.domain.failures import NotFound, Unfinished
from wc_desktop.domain.screens import Confirmed, IncidentDraft

COMPLETE: dict[str, str | tuple[str, ...]] = {
    "type": "INJURY",
    "severity": "MEDIUM",
    "occurred_at": "2026-11-23T17:20:00+00:00",
    "location": "Playground",
    "activity": "Recess",
    "narrative": "Fell from the climbing frame.",
    "body_regions": ("left_knee",),
    "injury_kind": "abrasion",
    "witnesses": ("Mr. Gray\tteacher", "Someone"),
    "care_given": "Washed, ice.",
    "disposition": "RETURNED_TO_CLASS",
    "notifications": ("Mother\tphone\t2026-11-23T17:40:00+00:00\treached", "half typed"),
    "follow_up_due": "2026-11-24",
}


def form(desk: Desk, **changed: str | tuple[str, ...]) -> IncidentDraft:
    return replace(incidents.new_draft(desk, StudentId(uid("sofia"))), fields={**COMPLETE, **changed})


def test_a_draft_is_there_after_a_crash_and_says_who_began_it(clinic: Clinic) -> None:
    desk = clinic.opened()
    draft = incidents.save_draft(desk, form(desk, narrative="Fell fr"))
    assert draft.saved_at == desk.clock.now()
    desk.journal._connection.close()  # type: ignore[attr-defined]  # as the process's end does
    desk.records._connection.close()  # type: ignore[attr-defined]
    again = unlock(clinic.station(), UserId(NURSE), PASSWORD)
    assert incidents.load_draft(again, draft.id) == draft
    listed = incidents.list_incidents(again)
    assert [(row.status, row.author, row.student.first_name if row.student else "") for row in listed] == [
        ("DRAFT", "Ana Reyes", "Sofia")
    ]
    again.close()


def test_a_draft_sends_nothing(desk: Desk) -> None:
    before = desk.journal.newest(1)[0].number
    incidents.save_draft(desk, form(desk))
    assert desk.journal.newest(1)[0].number == before
    assert desk.journal.waiting().count == 0


@pytest.mark.parametrize(
    "hole", ["type", "occurred_at", "location", "narrative", "body_regions", "care_given", "disposition"]
)
def test_a_form_with_a_hole_is_not_signed_and_stays(desk: Desk, hole: str) -> None:
    draft = incidents.save_draft(desk, form(desk, **{hole: "" if hole != "body_regions" else ()}))
    assert [f.detail.get("field") for f in incidents.check(desk, draft) if f.code.value == "field_missing"] == [hole]
    with pytest.raises(Unfinished) as unfinished:
        incidents.sign_incident(desk, draft)
    assert unfinished.value.codes == ("field_missing",)
    assert incidents.load_draft(desk, draft.id) == draft


@pytest.mark.parametrize("typed", ["yesterday", "2026-11-23", "25:99"])
def test_a_time_that_does_not_read_counts_as_missing(desk: Desk, typed: str) -> None:
    assert "field_missing" in {f.code.value for f in incidents.check(desk, form(desk, occurred_at=typed))}


def test_signing_makes_one_entry_and_ends_the_draft(desk: Desk) -> None:
    draft = incidents.save_draft(desk, form(desk))
    signed = incidents.sign_incident(desk, draft)
    assert (signed.id, signed.status, signed.confirmed) == (draft.id, "SIGNED", Confirmed.WAITING)
    assert desk.journal.waiting().count == 1
    with pytest.raises(NotFound):
        incidents.load_draft(desk, draft.id)
    stored = desk.records.find(INCIDENT, str(draft.id))
    assert stored is not None
    assert stored["witnesses"] == '[{"name":"Mr. Gray","role":"teacher"},{"name":"Someone","role":""}]'
    assert "reached" in str(stored["notifications"])
    assert "half typed" not in str(stored["notifications"])


def test_signing_twice_makes_no_second_entry(desk: Desk) -> None:
    draft = form(desk)
    incidents.sign_incident(desk, draft)
    incidents.sign_incident(desk, draft)
    assert desk.journal.waiting().count == 1


def test_a_draft_left_by_a_crash_after_signing_is_not_shown(desk: Desk) -> None:
    draft = form(desk)
    incidents.sign_incident(desk, draft)
    incidents.save_draft(desk, draft)
    assert incidents.drafts(desk) == ()
    assert len(incidents.list_incidents(desk)) == 1


def test_a_form_can_be_thrown_away(desk: Desk) -> None:
    draft = incidents.save_draft(desk, form(desk))
    incidents.discard_draft(desk, draft.id)
    assert incidents.list_incidents(desk) == ()
    with pytest.raises(NotFound):
        incidents.load_draft(desk, IncidentId(uid("none")))


def test_a_report_about_nobody_in_particular_can_be_signed(desk: Desk) -> None:
    draft = replace(form(desk, type="NEAR_MISS"), student_id=None)
    assert incidents.sign_incident(desk, draft).student is None
