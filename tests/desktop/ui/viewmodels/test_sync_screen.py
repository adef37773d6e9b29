"""The sync screen says in words what stands where; what was refused comes first."""

from datetime import timedelta

import pytest
from tests.fakes.pages_seam import NOON, child, journal_row, make_session, sync_state

from wc_desktop.domain.failures import ReplicaDamaged
from wc_desktop.domain.link_views import LinkState, LinkStatus, SyncState
from wc_desktop.ui.viewmodels.entry_words import answer_words, child_words, why_words
from wc_desktop.ui.viewmodels.record_words import verb_words
from wc_desktop.ui.viewmodels.session import Note
from wc_desktop.ui.viewmodels.sync_screen import SyncModel, SyncVerbs

pytestmark = pytest.mark.usefixtures("qapp")


def link(state: LinkState, **more: object) -> LinkStatus:
    facts = {"since": None, "data_as_of": None, "waiting": 0, "oldest_waiting": None, **more}
    return LinkStatus(state=state, **facts)  # type: ignore[arg-type]  # rows made by name


def shown(state: SyncState) -> SyncModel:
    def read(_desk: object) -> SyncState:
        return state

    model = SyncModel(make_session(), SyncVerbs(sync_state=read, verify_replica=read))
    model.show()
    return model


def test_refused_entries_come_first_then_the_newest() -> None:
    rows = (journal_row(1), journal_row(2, "refused", code="unknown_order"), journal_row(3, None))
    model = shown(sync_state(*rows))
    assert [row.number for row in model.journal()] == [2, 3, 1]


def test_a_refusal_says_why_and_a_waiting_entry_says_that_it_waits_here() -> None:
    refused = journal_row(2, "refused", code="unknown_order", student=child())
    assert answer_words(refused) == "Refused"
    assert "does not know this order" in why_words(refused)
    assert child_words(refused) == "MARTINEZ, Sofia"
    assert answer_words(journal_row(3, None)) == "Waiting here"
    assert verb_words(journal_row(4, what="incident.sign").what) == "Incident report"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (link(LinkState.ONLINE, since=NOON), "Connected since 11:48"),
        (link(LinkState.OFFLINE, since=NOON - timedelta(days=3)), "Offline since 20 Nov 2026 11:48"),
        (link(LinkState.OFFLINE), "Offline"),
        (link(LinkState.SYNCING, progress=(40, 120)), "Exchanging records: 40 of about 120"),
        (link(LinkState.ATTENTION), "A person must look at something"),
    ],
)
def test_the_link_is_told_in_words(status: LinkStatus, words: str) -> None:
    assert shown(sync_state(link=status)).headline() == words


@pytest.mark.parametrize(
    ("agree", "words"),
    [
        (None, "Not compared yet"),
        (True, "The same records on both sides, 11:48"),
        (False, "Different, 11:48: this copy is rebuilt by itself"),
    ],
)
def test_the_comparison_with_the_district_is_told(agree: bool | None, words: str) -> None:
    state = sync_state(digests_agree=agree, compared_at=None if agree is None else NOON)
    assert dict(shown(state).facts())["Compared with the district"] == words


@pytest.mark.parametrize(("unstored", "many"), [(1, "1"), (3, "3")])
def test_records_that_this_copy_did_not_take_are_told(unstored: int, many: str) -> None:
    words = f"The same records but for {many} that this copy did not take, 11:48"
    facts = dict(shown(sync_state(unstored=unstored, compared_at=NOON)).facts())
    assert facts["Compared with the district"] == words


TOO_LARGE = "This photo or document is too large. Save it smaller, then attach it again."


@pytest.mark.parametrize(
    ("waiting", "refused", "words"),
    [
        (0, (), None),
        (1, (), "1 waits to be sent; entries go first."),
        (3, ("blob_too_large", "blob_too_large"), f"3 wait to be sent; entries go first. {TOO_LARGE}"),
    ],
)
def test_photos_and_documents_are_told_of_when_there_is_something_to_say(
    waiting: int, refused: tuple[str, ...], words: str | None
) -> None:
    state = sync_state(documents_waiting=waiting, documents_refused=refused)
    assert dict(shown(state).facts()).get("Photos and documents") == words


def test_what_the_district_takes_no_more_of_today_is_told_with_when_it_goes_on() -> None:
    words = (
        "2 wait to be sent; entries go first. This workstation has sent as many as the district takes in a day; "
        "on from 24 Nov 2026 11:48 by itself."
    )
    full = {"documents_full_until": NOON + timedelta(days=1)}
    assert dict(shown(sync_state(documents_waiting=2, **full)).facts())["Photos and documents"] == words
    assert "Photos and documents" not in dict(shown(sync_state(documents_waiting=0, **full)).facts())


def test_it_looks_again_while_shown_and_not_after() -> None:
    asked: list[int] = []

    def read(_desk: object) -> SyncState:
        asked.append(1)
        return sync_state()

    session = make_session()
    model = SyncModel(session, SyncVerbs(sync_state=read, verify_replica=read), session)
    session.minute_passed.emit(NOON)
    assert asked == []
    model.show()
    session.records_changed.emit(frozenset({"dose"}))
    model.hide()
    session.minute_passed.emit(NOON)
    assert len(asked) == 2


def test_a_sound_copy_is_told_and_compared_at_once() -> None:
    def read(_desk: object) -> SyncState:
        return sync_state()

    session = make_session()
    notes: list[Note] = []
    wanted: list[bool] = []
    session.note_wanted.connect(notes.append)

    def on_wanted() -> None:
        wanted.append(True)

    session.sync_now_wanted.connect(on_wanted)
    model = SyncModel(session, SyncVerbs(sync_state=read, verify_replica=read), session)
    model.verify()
    assert "Every page of this copy reads" in notes[0].words
    assert wanted == [True]
    assert not model.is_verifying


def test_a_damaged_copy_is_told_with_what_to_do() -> None:
    def read(_desk: object) -> SyncState:
        return sync_state()

    def damaged(_desk: object) -> SyncState:
        raise ReplicaDamaged("unreadable")

    session = make_session()
    notes: list[Note] = []
    session.note_wanted.connect(notes.append)
    model = SyncModel(session, SyncVerbs(sync_state=read, verify_replica=damaged), session)
    model.verify()
    assert notes[0].urgent
    assert "Rebuild" in notes[0].words
    assert not model.is_verifying
