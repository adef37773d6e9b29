"""Did it help? Said over the list when it is time, answered by keyboard, over a real workstation."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.desktop.actions.test_prn import draft, online, school
from tests.desktop.clinic import Clinic, Rows
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import bring_up, dressed
from tests.desktop.ui.views.test_incidents_page import unnamed
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.kinds import EFFECT_CHECK
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.prn import log_prn
from wc_desktop.domain.failures import DiskFull
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.effects import EffectVerbs
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.views.med_pass import MedPassPage


@pytest.fixture
def desk(open_desk: Callable[[Rows | None], Desk]) -> Desk:
    opened = open_desk(school())
    online(opened)
    return opened


@pytest.fixture
def session(desk: Desk) -> Iterator[Session]:
    made = Session(desk, ImmediateJobs())
    yield made
    made.deleteLater()


def shown(session: Session, qtbot: QtBot, verbs: EffectVerbs | None = None) -> MedPassPage:
    page = MedPassPage(session, effect_verbs=verbs or EffectVerbs())
    qtbot.addWidget(page)
    page.resize(1230, 650)
    bring_up(page)
    page.activate()
    return page


def test_it_is_said_when_it_is_time_and_answered_by_keyboard(
    session: Session, desk: Desk, clinic: Clinic, qtbot: QtBot
) -> None:
    log_prn(desk, draft(desk))
    page = shown(session, qtbot)
    assert not page.helped.isVisible()
    clinic.clock.at += timedelta(minutes=30)
    session.minute_passed.emit(clinic.clock.at)
    assert page.helped.text == "Look whether it helped: MARTÍNEZ, Sofia, amoxicillin given 11:50"
    QTest.keyClick(page.table.view, Qt.Key.Key_E)
    sheet = page.effect_sheet
    qtbot.waitUntil(sheet.effect.editor.hasFocus)
    assert not sheet.action_button.isEnabled()
    QTest.keyClick(sheet.effect.editor, Qt.Key.Key_Down)
    QTest.keyClick(sheet.effect.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not sheet.isVisible())
    assert not page.helped.isVisible()
    assert [row["effect"] for row in desk.records.every(EFFECT_CHECK)] == ["HELPED"]


def test_what_could_not_be_saved_is_said_and_stays(session: Session, desk: Desk, clinic: Clinic, qtbot: QtBot) -> None:
    def full(*_: object) -> None:
        raise DiskFull("no room")

    log_prn(desk, draft(desk))
    clinic.clock.at += timedelta(minutes=31)
    page = shown(session, qtbot, EffectVerbs(effect_seen=full))
    page.helped_button.click()
    sheet = page.effect_sheet
    sheet.effect.choose("WORSE")
    sheet.note.set_text("crying")
    sheet.action_button.click()
    assert sheet.isVisible()
    assert sheet._failure.text.startswith("The disk is full")
    assert (sheet.effect.key, sheet.note.text) == ("WORSE", "crying")
    assert sheet.action_button.isEnabled()


@pytest.mark.parametrize(
    ("scheme", "factor"),
    [(SchemeChoice.LIGHT, 1.0), (SchemeChoice.DARK, 2.0)],
    ids=["light", "dark at twice the size"],
)
def test_page_and_sheet_are_named_and_no_key_leads_to_two_places(
    session: Session, desk: Desk, clinic: Clinic, qtbot: QtBot, scheme: SchemeChoice, factor: float
) -> None:
    log_prn(desk, draft(desk))
    clinic.clock.at += timedelta(minutes=31)
    with dressed(scheme, factor):
        page = shown(session, qtbot)
        assert page.helped_button.isVisible()
        assert not unnamed(page)
        assert not doubled_keys(page)
        page.helped_button.click()
        qtbot.waitUntil(page.effect_sheet.isVisible)
        assert not unnamed(page.effect_sheet)
        assert not doubled_keys(page.effect_sheet)
