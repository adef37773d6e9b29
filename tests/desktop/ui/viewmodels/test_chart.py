"""A chart is opened on record once, and read again without a second record."""

from typing import Any
from uuid import UUID

import pytest
from pytestqt.qtbot import QtBot
from tests.fakes.pages_seam import NOON, LaterJobs, chart, child, make_session

from wc_contract.model.ids import StudentId
from wc_contract.model.values import DoseState, Route
from wc_desktop.domain.capture import CaptureSaid
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.screens import Chart
from wc_desktop.ui.viewmodels.chart import ChartModel, ChartVerbs

pytestmark = pytest.mark.usefixtures("qapp")

SOFIA = child(preferred="Sofi", alike=("MARTINEZ, Sophia (Gr 2, Rm 6)",))
ADAEZE = child("Okafor", "Adaeze", grade="4", room="12")


class Shelf:
    def __init__(self) -> None:
        self.opened: list[StudentId] = []
        self.read: list[StudentId] = []
        self.more: dict[str, Any] = {}

    def open_chart(self, _desk: object, student: StudentId) -> Chart:
        self.opened.append(student)
        return self._chart(student)

    def read_again(self, _desk: object, student: StudentId) -> Chart:
        self.read.append(student)
        return self._chart(student)

    def _chart(self, student: StudentId) -> Chart:
        for one in (SOFIA, ADAEZE):
            if one.id == student:
                return chart(one, **self.more)
        raise NotFound(str(student))

    @property
    def verbs(self) -> ChartVerbs:
        return ChartVerbs(open_chart=self.open_chart, read_again=self.read_again)


def test_opening_is_on_record_once_and_a_refresh_is_not() -> None:
    shelf, session = Shelf(), make_session()
    model = ChartModel(session, shelf.verbs, session)
    model.open(SOFIA.id)
    session.records_changed.emit(frozenset({"allergy"}))
    session.records_changed.emit(frozenset({"user"}))
    assert shelf.opened == [SOFIA.id]
    assert shelf.read == [SOFIA.id]


def test_the_child_asked_for_last_is_the_one_shown() -> None:
    shelf, jobs = Shelf(), LaterJobs()
    session = make_session(jobs)
    model = ChartModel(session, shelf.verbs, session)
    model.open(SOFIA.id)
    model.open(ADAEZE.id)
    jobs.release(1)
    jobs.release(0)
    assert model.title == "OKAFOR, Adaeze"


def test_nothing_of_the_child_before_is_held_while_the_next_is_read() -> None:
    shelf, jobs = Shelf(), LaterJobs()
    session = make_session(jobs)
    model = ChartModel(session, shelf.verbs, session)
    model.open(SOFIA.id)
    jobs.release()
    model.open(ADAEZE.id)
    assert model.chart is None
    assert model.title == ""


def test_the_banner_names_allergies_alike_names_and_conditions() -> None:
    session = make_session()
    model = ChartModel(session, Shelf().verbs, session)
    model.open(SOFIA.id)
    assert model.title == "MARTINEZ, Sofia"
    assert model.allergy_alert == "Allergies: Penicillin (hives)"
    assert model.name_alert == "Similar name: MARTINEZ, Sophia (Gr 2, Rm 6). Check the birth date."
    assert model.condition_note == "Conditions: Asthma"
    assert model.facts.startswith("Goes by Sofi · Gr 2 · Rm 5 · Born 14 Sep 2018 · ID ")


def test_without_an_allergy_the_banner_says_nothing() -> None:
    shelf, session = Shelf(), make_session()
    shelf.more = {"allergies": ()}
    model = ChartModel(session, shelf.verbs, session)
    model.open(ADAEZE.id)
    assert model.allergy_alert == ""
    assert model.name_alert == ""


def test_a_child_who_is_not_here_any_more_is_told_and_closes_the_chart(qtbot: QtBot) -> None:
    session = make_session()
    model = ChartModel(session, Shelf().verbs, session)
    told: list[object] = []
    session.note_wanted.connect(told.append)
    with qtbot.waitSignal(model.missing):
        model.open(child("Nobody", "Here").id)
    assert model.chart is None
    assert told


def test_what_was_written_down_without_a_lease_stands_over_the_chart() -> None:
    shelf, session = Shelf(), make_session()
    model = ChartModel(session, shelf.verbs, session)
    model.open(SOFIA.id)
    assert model.capture_note == ""
    dose = CaptureSaid(
        id=UUID(int=1), child="the girl with the braid", medicine="Albuterol", amount="2 puffs", route=Route.INHALED,
        status=DoseState.ADMINISTERED, happened_at=NOON, reason=None,
    )  # fmt: skip
    shelf.more["captures"] = (dose,)
    session.records_changed.emit(frozenset({"capture"}))
    assert model.capture_note.startswith("Written down without a lease, and counted with no order: ")
    assert "Given · Albuterol · 2 puffs · inhaled" in model.capture_note
