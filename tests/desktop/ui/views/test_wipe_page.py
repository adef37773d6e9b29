"""The screen of a workstation that is erased: a plain sentence in each state, a password only where it helps."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import bring_up, dressed
from tests.fakes.pages_seam import NURSE, ImmediateJobs

from wc_contract.model.ids import UserId
from wc_desktop.domain.failures import WrongPassword
from wc_desktop.domain.wiping import ENTRIES_WAIT, NEEDS_PASSWORD, WipeNews, WipePhase
from wc_desktop.ui.viewmodels.unlock import StationFace
from wc_desktop.ui.viewmodels.wipe import WipeModel
from wc_desktop.ui.views.wipe import WipePage

pytestmark = pytest.mark.gui
FACE = StationFace(school_name="Lincoln Elementary", device_name="Office laptop", people=(NURSE,))
HELD = WipeNews(phase=WipePhase.HELD, problem=NEEDS_PASSWORD, unsent=0, photos=2)


@pytest.fixture(autouse=True)
def _dressed(qapp: object) -> Iterator[None]:
    del qapp
    with dressed():
        yield


class Helped:
    def __init__(self) -> None:
        self.asked: list[tuple[UserId, str]] = []

    def help_with(self, user: UserId, password: str) -> None:
        self.asked.append((user, password))
        if password != "right":
            raise WrongPassword(3)


@pytest.fixture
def helped() -> Helped:
    return Helped()


@pytest.fixture
def page(qtbot: QtBot, helped: Helped) -> WipePage:
    model = WipeModel(ImmediateJobs(), helped.help_with, WipeNews(phase=WipePhase.ORDERED, lost=True))
    made = WipePage(model, FACE)
    model.setParent(made)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    bring_up(made)
    return made


def words(page: WipePage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page))


@pytest.mark.parametrize(
    ("news", "said"),
    [
        (WipeNews(phase=WipePhase.SENDING, lost=True), "Nothing is erased before."),
        (
            WipeNews(phase=WipePhase.HELD, problem="server_unreachable", unsent=3),
            "Nothing was erased. 3 entries are not with the district yet.",
        ),
        (WipeNews(phase=WipePhase.HELD, problem="server_unreachable", unsent=1), "1 entry is not"),
        (WipeNews(phase=WipePhase.HELD, problem="forked"), "It tries again by itself."),
        (WipeNews(phase=WipePhase.HELD, problem=ENTRIES_WAIT, unsent=2), "Call your administrator."),
        (WipeNews(phase=WipePhase.ERASING), "keys and files are being erased"),
        (WipeNews(phase=WipePhase.ERASING, problem="keystore_refused"), "no safe place for keys"),
        (WipeNews(phase=WipePhase.UNDELIVERED, problem="server_unreachable"), "does not have its receipt yet"),
        (WipeNews(phase=WipePhase.KEPT), "you can hand it over"),
    ],
)
def test_each_state_says_what_happens_and_asks_for_nothing(page: WipePage, news: WipeNews, said: str) -> None:
    page.model.show(news)
    assert said in words(page)
    assert not page.password.isVisible()
    assert page.anew.isVisible() is (news.phase is WipePhase.KEPT)
    assert "Ann" not in words(page)


def test_a_password_is_asked_for_only_where_it_helps_and_is_not_kept(
    page: WipePage, helped: Helped, qtbot: QtBot
) -> None:
    page.model.show(HELD)
    assert page.password.isVisible()
    assert doubled_keys(page) == []
    QTest.keyClicks(page.password.editor, "wrong")
    QTest.keyClick(page.password.editor, Qt.Key.Key_Return)
    assert "The password is not right." in words(page)
    assert page.password.secret == ""
    QTest.keyClicks(page.password.editor, "right")
    with qtbot.waitSignal(page.model.helped, timeout=1000):
        page.send.click()
    assert helped.asked == [(UserId(UUID(str(NURSE.id))), "wrong"), (UserId(UUID(str(NURSE.id))), "right")]
    assert "The password is not right." not in words(page)


def test_a_computer_that_was_erased_offers_to_be_enrolled_anew(page: WipePage, qtbot: QtBot) -> None:
    page.model.show(WipeNews(phase=WipePhase.KEPT))
    with qtbot.waitSignal(page.enrol_wanted, timeout=1000):
        page.anew.click()
