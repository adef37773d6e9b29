"""Searching while typing: the newest question is the only one answered."""

import pytest
from tests.fakes.pages_seam import DraftShelf, LaterJobs, child, make_session

from wc_desktop.domain.failures import DiskFailed
from wc_desktop.ui.viewmodels.session import Note
from wc_desktop.ui.viewmodels.student_search import SearchVerbs, StudentSearch

pytestmark = pytest.mark.usefixtures("qapp")


def search_over(jobs: LaterJobs | None = None, *, most: int = 200) -> StudentSearch:
    shelf = DraftShelf((child("Okafor", "Adaeze"), child("Martinez", "Sofia"), child("Martinez", "Sophia")))
    session = make_session(jobs)
    return StudentSearch(session, SearchVerbs(search=shelf.search), session, most=most)


def test_a_stale_answer_is_dropped() -> None:
    jobs = LaterJobs()
    model = search_over(jobs)
    model.search("oka")
    model.search("mart")
    jobs.release(1)  # the newer question is answered first
    assert [row.first_name for row in model.rows] == ["Sofia", "Sophia"]
    jobs.release(0)  # the older answer comes late
    assert [row.first_name for row in model.rows] == ["Sofia", "Sophia"]
    assert model.summary == "2 students"


def test_a_full_answer_says_that_there_may_be_more() -> None:
    model = search_over(most=2)
    model.search("")
    assert model.summary == "The first 2. Type more to see fewer."


def test_nobody_found_is_said_in_words() -> None:
    model = search_over()
    model.search("zzz")
    assert model.rows == ()
    assert model.summary == "Nobody found"


def test_changed_students_are_looked_up_again_but_changed_doses_are_not() -> None:
    jobs = LaterJobs()
    session = make_session(jobs)
    model = StudentSearch(session, SearchVerbs(search=DraftShelf().search), session)
    model.search("mart")
    jobs.release()
    session.records_changed.emit(frozenset({"dose"}))
    assert jobs.kept == []
    session.records_changed.emit(frozenset({"student"}))
    assert len(jobs.kept) == 1


def test_a_failure_is_told_as_a_sentence() -> None:
    def refuse(*_given: object) -> tuple[()]:
        raise DiskFailed

    session = make_session()
    notes: list[Note] = []
    session.note_wanted.connect(notes.append)
    model = StudentSearch(session, SearchVerbs(search=refuse), session)
    model.search("mart")
    assert notes[0].urgent
    assert "disk" in notes[0].words
