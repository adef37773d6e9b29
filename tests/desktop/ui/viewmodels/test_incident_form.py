"""The incident form keeps every key, and signs only what the rules let through."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot
from tests.fakes.pages_seam import NOON, DraftShelf, LaterJobs, child, make_session

from wc_contract.model.instants import instant_to_text
from wc_desktop.domain.failures import DiskFull
from wc_desktop.ui.viewmodels.incident_form import FormVerbs, IncidentForm
from wc_desktop.ui.viewmodels.session import Note, Session

pytestmark = pytest.mark.usefixtures("qapp")

SOFIA = child()


def verbs_of(shelf: DraftShelf) -> FormVerbs:
    return FormVerbs(
        new_draft=shelf.new_draft,
        save_draft=shelf.save_draft,
        load_draft=shelf.load_draft,
        discard_draft=shelf.discard_draft,
        check=shelf.check,
        sign_incident=shelf.sign_incident,
        children=shelf.children,
    )


@pytest.fixture
def shelf() -> DraftShelf:
    return DraftShelf((SOFIA,))


@pytest.fixture
def session() -> Iterator[Session]:
    made = make_session()
    yield made
    made.deleteLater()


@pytest.fixture
def form(session: Session, shelf: DraftShelf) -> IncidentForm:
    return IncidentForm(session, verbs_of(shelf), session)


def fill(form: IncidentForm) -> None:
    form.put("type", "NEAR_MISS")
    form.put("severity", "LOW")
    form.put("location", "Clinic")
    form.put("narrative", "The wrong bottle was picked up and put back.")
    form.put("disposition", "RETURNED_TO_CLASS")


def test_a_new_form_begins_now_and_is_not_saved_until_something_is_typed(form: IncidentForm, shelf: DraftShelf) -> None:
    form.begin(SOFIA.id)
    assert form.child == SOFIA
    assert form.text("occurred_at") == instant_to_text(NOON)
    form.save()
    assert shelf.saves == 0


def test_a_second_after_the_last_key_the_draft_is_saved_and_says_so(
    form: IncidentForm, shelf: DraftShelf, qtbot: QtBot
) -> None:
    form.begin()
    form.put("location", "Play")
    form.put("location", "Playground")
    assert shelf.saves == 0
    qtbot.waitUntil(lambda: shelf.saves == 1, timeout=4000)
    assert form.saved_line == "Draft saved on this workstation 11:48"


def test_a_reopened_draft_is_exactly_as_it_was_left_half_typed_words_too(
    session: Session, shelf: DraftShelf, form: IncidentForm
) -> None:
    form.begin(SOFIA.id)
    form.put("occurred_at", "114")
    form.put("witnesses", ("Pat Lowe\t",))
    incident = form.id
    form.close()
    assert incident is not None
    later = IncidentForm(session, verbs_of(shelf), session)  # as after kill -9: nothing but what was stored
    later.reopen(incident)
    assert later.text("occurred_at") == "114"
    assert later.many("witnesses") == ("Pat Lowe\t",)
    assert later.child == SOFIA


def test_leaving_the_form_saves_what_is_unsaved(form: IncidentForm, shelf: DraftShelf) -> None:
    form.begin()
    form.put("narrative", "Fell")
    form.close()
    assert [draft.fields["narrative"] for draft in shelf.drafts.values()] == ["Fell"]
    assert not form.is_open


def test_a_full_disk_is_told_and_the_text_is_saved_as_soon_as_there_is_room(
    form: IncidentForm, shelf: DraftShelf, session: Session
) -> None:
    notes: list[Note] = []
    session.note_wanted.connect(notes.append)
    shelf.refuses_with = DiskFull()
    form.begin()
    form.put("narrative", "Fell")
    form.close()
    assert shelf.drafts == {}
    assert notes[-1].urgent
    shelf.refuses_with = None
    form.save()
    assert [draft.fields["narrative"] for draft in shelf.drafts.values()] == ["Fell"]


def test_a_failed_save_says_not_saved_and_stays_unsaved(form: IncidentForm, shelf: DraftShelf) -> None:
    shelf.refuses_with = DiskFull()
    form.begin()
    form.put("narrative", "Fell")
    form.save()
    assert form.saved_line.startswith("Not saved: The disk is full")
    assert form.is_unsaved


def test_an_empty_form_cannot_be_signed_and_each_fault_names_its_field(
    form: IncidentForm, shelf: DraftShelf, qtbot: QtBot
) -> None:
    form.begin()
    with qtbot.assertNotEmitted(form.ready_to_sign):
        form.ask_to_sign()
    fields = {fault.field for fault in form.faults if fault.blocks}
    assert {"type", "severity", "location", "narrative", "disposition"} <= fields
    assert all(fault.sentence for fault in form.faults)
    assert shelf.signed == []


def test_typing_clears_the_faults(form: IncidentForm) -> None:
    form.begin()
    form.ask_to_sign()
    assert form.faults
    form.put("location", "Gym")
    assert form.faults == ()


def test_a_complete_form_asks_once_then_is_signed_and_leaves_no_draft(
    form: IncidentForm, shelf: DraftShelf, session: Session, qtbot: QtBot
) -> None:
    changed: list[frozenset[str]] = []
    session.records_changed.connect(changed.append)
    form.begin(SOFIA.id)
    fill(form)
    with qtbot.waitSignal(form.ready_to_sign):
        form.ask_to_sign()
    assert shelf.signed == []
    with qtbot.waitSignal(form.signed):
        form.sign()
    assert [draft.student_id for draft in shelf.signed] == [SOFIA.id]
    assert shelf.drafts == {}
    assert changed == [frozenset({"incident"})]
    form.save()
    assert shelf.drafts == {}, "a late autosave brought the signed draft back"


def test_sections_that_the_kind_does_not_show_are_not_signed_but_stay_in_the_draft(
    form: IncidentForm, shelf: DraftShelf
) -> None:
    form.begin()
    form.put("type", "MEDICATION_ERROR")
    form.put("ncc_merp", "C")
    form.put("med_error_type", "WRONG_TIME")
    fill(form)  # now a near miss
    form.ask_to_sign()
    assert [fault for fault in form.faults if fault.blocks] == []
    kept = next(iter(shelf.drafts.values()))
    assert kept.fields["ncc_merp"] == "C"
    form.sign()
    assert "ncc_merp" not in shelf.signed[0].fields


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("occurred_at", "half past", "This time does not read"),
        ("follow_up_due", "soon", "This day does not read"),
        ("notifications", ("Ana\tPhone\tlater\tReached",), "no time that reads"),
        ("notifications", ("\tPhone\t2026-11-23T17:48:00+00:00\tReached",), "names nobody"),
        ("notifications", ("Ana\tPhone\t2026-11-23T17:48:00+00:00\t",), "no outcome"),
        ("witnesses", ("\tteacher",), "has no name"),
        ("narrative", "x" * 20_001, "too long"),
    ],
)
def test_what_was_typed_but_does_not_read_stops_the_signature(
    form: IncidentForm, name: str, value: str | tuple[str, ...], words: str
) -> None:
    form.begin()
    fill(form)
    form.put(name, value)
    form.ask_to_sign()
    assert any(fault.blocks and fault.field == name and words in fault.sentence for fault in form.faults)


def test_a_contact_before_the_event_warns_and_does_not_stop(form: IncidentForm, qtbot: QtBot) -> None:
    form.begin()
    fill(form)
    before = instant_to_text(NOON - timedelta(hours=2))
    form.put("notifications", (f"Ana\tPhone\t{before}\tReached",))
    with qtbot.waitSignal(form.ready_to_sign):
        form.ask_to_sign()
    assert [(fault.field, fault.blocks) for fault in form.faults] == [("notifications", False)]
    assert "09:48" in form.faults[0].sentence


def test_discarding_throws_the_draft_away(form: IncidentForm, shelf: DraftShelf, qtbot: QtBot) -> None:
    form.begin()
    form.put("narrative", "Fell")
    form.save()
    with qtbot.waitSignal(form.discarded):
        form.discard()
    assert shelf.drafts == {}
    assert not form.is_open


def test_after_the_lock_no_answer_arrives(shelf: DraftShelf) -> None:
    jobs = LaterJobs()
    session = make_session(jobs)
    form = IncidentForm(session, verbs_of(shelf), session)
    form.begin()
    session.end()
    jobs.release()
    assert not form.is_open
