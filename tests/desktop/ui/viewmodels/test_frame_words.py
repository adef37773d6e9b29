"""The connection strip is calm, and says since when, how old, how many."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes.pages_seam import NOON, LaterJobs, make_session

from wc_desktop.domain.link_views import LinkState
from wc_desktop.ui.viewmodels.frame import FrameModel, strip_words
from wc_desktop.ui.viewmodels.session import Note, Session

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


@pytest.fixture
def session() -> Session:
    return make_session()


def test_offline_names_everything_a_nurse_must_reckon_with(session: Session) -> None:
    assert strip_words(session.link, session).parts == (
        "Offline since 10:42",
        "data as of 10:41",
        "7 entries waiting",
        "other devices not visible",
    )


def test_online_says_that_all_was_sent(session: Session) -> None:
    link = replace(session.link, state=LinkState.ONLINE, waiting=0)
    assert strip_words(link, session).parts == ("Online", "all sent")
    assert strip_words(replace(link, waiting=1), session).parts == ("Online", "sending 1 entry")


def test_receiving_counts_records(session: Session) -> None:
    link = replace(session.link, state=LinkState.SYNCING, waiting=0, progress=(1200, 60000))
    assert strip_words(link, session).parts == ("Online", "1,200 of about 60,000 records")


def test_attention_says_what_it_is_about(session: Session) -> None:
    link = replace(session.link, state=LinkState.ATTENTION, refused=2, waiting=0)
    assert strip_words(link, session).parts[:2] == ("Needs attention", "2 entries refused")
    link = replace(link, refused=0, problem="device_revoked")
    assert strip_words(link, session).parts[1] == "The district has revoked this workstation"


def test_an_outage_of_another_day_names_the_day(session: Session) -> None:
    link = replace(session.link, since=NOON - timedelta(days=3))
    assert strip_words(link, session).parts[0] == "Offline since Fri 20 Nov, 11:48"


def test_the_line_under_the_heading(session: Session) -> None:
    assert FrameModel(session).subtitle == ("Monday 23 November 2026 · 11:48 · Lincoln Elementary · Jordan Reyes, RN")


def test_open_cases_and_refusals_are_counted_on_the_rail(session: Session) -> None:
    model = FrameModel(session)
    assert model.counts == {}
    session.show_link(replace(session.link, open_cases=2, refused=1))
    assert model.counts == {"review": 2, "sync": 1}


def test_the_minute_is_told_once(session: Session) -> None:
    model = FrameModel(session)
    told: list[object] = []
    session.minute_passed.connect(told.append)
    model._on_timeout()
    assert told == []
    session._desk.clock.at = NOON + timedelta(minutes=1)  # type: ignore[attr-defined]
    model._on_timeout()
    model._on_timeout()
    assert len(told) == 1


def test_a_case_that_comes_in_is_said_aloud_and_those_already_counted_are_not() -> None:
    session = make_session()
    told: list[Note] = []
    session.note_wanted.connect(told.append)
    FrameModel(session, session)
    for count in (2, 2, 3, 1):
        session.show_link(replace(session.link, open_cases=count))
    [note] = told
    assert note.urgent
    assert note.words.startswith("A review case has come in.")


def test_screens_look_again_when_an_entry_is_refused() -> None:
    session = make_session(LaterJobs())  # the count that follows is another test's
    FrameModel(session, session)
    changed: list[frozenset[str]] = []
    session.show_link(replace(session.link, refused=0))
    session.records_changed.connect(changed.append)
    session.show_link(replace(session.link, refused=1))
    session.show_link(replace(session.link, refused=1))
    assert len(changed) == 1
    assert {"review_case", "dose", "allergy"} <= changed[0]
