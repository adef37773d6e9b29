"""The parts that every screen has: by keyboard, named, and deaf to the wheel."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QShortcut, QWheelEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListView, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.dressed import bring_up, dressed

from wc_desktop.ui.messages.failures import FAILURES
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import TextStyle, current_scale
from wc_desktop.ui.widgets.beside import Beside, PanePlace
from wc_desktop.ui.widgets.connection_strip import ConnectionStrip, StripLook, StripState, balanced
from wc_desktop.ui.widgets.key_hints import KeyHint, KeyHints
from wc_desktop.ui.widgets.navigation_rail import NavigationRail
from wc_desktop.ui.widgets.progress_panel import ProgressPanel
from wc_desktop.ui.widgets.rail_painter import RailItem
from wc_desktop.ui.widgets.scroller import Scroller
from wc_desktop.ui.widgets.search_field import SearchField
from wc_desktop.ui.widgets.state_tabs import StateTabs, TabSpec
from wc_desktop.ui.widgets.toast import Toast, toast_of
from wc_desktop.ui.widgets.tool_row import ToolRow
from wc_desktop.ui.widgets.wrapped_text import text_width

SECTIONS = [
    RailItem(key=key, title=title, icon=icon)
    for key, title, icon in (
        ("pass", "Med pass", Icon.PILL),
        ("students", "Students", Icon.USERS),
        ("review", "Review", Icon.SCALE),
    )
]
LOCK = RailItem(key="lock", title="Lock", icon=Icon.LOCK)
OFFLINE = StripLook(
    state=StripState.OFFLINE,
    parts=("Offline since 10:42", "data as of 10:41", "7 entries waiting", "other devices not visible"),
)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    QVBoxLayout(made)
    made.resize(900, 700)
    return made


def shown(window: QWidget, *widgets: QWidget) -> None:
    layout = window.layout()
    assert layout is not None
    for widget in widgets:
        layout.addWidget(widget)
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)


def turn_wheel(widget: QWidget) -> None:
    middle = widget.rect().center()
    event = QWheelEvent(
        QPointF(middle),
        QPointF(widget.mapToGlobal(middle)),
        QPoint(0, -120),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def rail_list(rail: NavigationRail) -> QListView:
    found = rail.findChild(QListView)
    assert isinstance(found, QListView)
    return found


# -- rail ----------------------------------------------------------------------------------------------------


def test_arrows_and_numbers_lead_to_sections(window: QWidget) -> None:
    rail = NavigationRail("Sections", SECTIONS, foot=LOCK)
    other = QLineEdit()
    shown(window, rail, other)
    rail.set_current("pass")
    chosen = QSignalSpy(rail.section_chosen)
    rail_list(rail).setFocus()
    QTest.keyClick(rail_list(rail), Qt.Key.Key_Down)
    other.setFocus()
    QTest.keyClick(other, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert [chosen.at(at)[0] for at in range(chosen.count())] == ["students", "review"]
    assert rail.current_key == "review"


def test_lock_is_a_button_with_its_key(qtbot: QtBot, window: QWidget) -> None:
    rail = NavigationRail("Sections", SECTIONS, foot=LOCK)
    shown(window, rail)
    button = next(child for child in rail.findChildren(QPushButton) if child.text() == "Lock")
    with qtbot.waitSignal(rail.foot_pressed):
        button.click()
    with qtbot.waitSignal(rail.foot_pressed):
        QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)


def test_a_section_says_its_name_and_how_much_waits_there(window: QWidget) -> None:
    rail = NavigationRail("Sections", SECTIONS, foot=LOCK)
    shown(window, rail)
    rail.set_badges({"review": 2})
    model = rail_list(rail).model()
    said = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert said == ["Med pass", "Students", "Review, 2"]
    assert rail_list(rail).accessibleName() == "Sections"
    assert QAccessible.queryAccessibleInterface(rail_list(rail)).role() is QAccessible.Role.List


@pytest.mark.parametrize("factor", [1.0, 1.5, 2.0])
def test_the_rail_grows_with_its_words(window: QWidget, factor: float) -> None:
    with dressed() as dresser:
        rail = NavigationRail("Sections", SECTIONS, foot=LOCK)
        shown(window, rail)
        dresser.choose_text_factor(factor)
        scale = current_scale()
        assert rail.width() == scale.px(92)
        for item in (*SECTIONS, LOCK):
            assert text_width(item.title, scale.font(TextStyle.SMALL_STRONG)) <= rail.width() - scale.px(18)


# -- tabs ----------------------------------------------------------------------------------------------------


def tabs() -> StateTabs:
    made = StateTabs("Show", [TabSpec(key="give", title="&To give"), TabSpec(key="done", title="&Done")])
    made.set_counts({"give": 6})
    return made


def tabs_said(bar: StateTabs) -> list[str]:
    model = bar.model()
    return [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]


def test_tabs_are_chosen_by_arrow_and_access_key_but_not_by_wheel(window: QWidget) -> None:
    bar = tabs()
    shown(window, bar)
    bar.setFocus()
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert bar.current_key == "done"
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier)
    assert bar.current_key == "give"
    turn_wheel(bar.viewport())
    turn_wheel(bar)
    assert bar.current_key == "give"


def test_a_tab_says_its_count(window: QWidget) -> None:
    bar = tabs()
    shown(window, bar)
    assert tabs_said(bar) == ["To give, 6", "Done"]
    bar.set_counts({"give": 5, "done": 1})
    assert tabs_said(bar) == ["To give, 5", "Done, 1"]
    assert bar.accessibleName() == "Show"
    assert bar.model().index(0, 0).data(Qt.ItemDataRole.AccessibleDescriptionRole) == "Alt+T"


def test_choosing_a_tab_moves_no_other(window: QWidget) -> None:
    with dressed():
        bar = tabs()
        shown(window, bar)
        before = [bar.visualRect(bar.model().index(at, 0)) for at in range(2)]
        bar.choose("done")
        assert [bar.visualRect(bar.model().index(at, 0)) for at in range(2)] == before


def test_a_larger_count_makes_room_for_itself(qtbot: QtBot, window: QWidget) -> None:
    bar = tabs()
    shown(window, bar)
    first = bar.model().index(0, 0)
    before = (bar.visualRect(first).width(), bar.sizeHint().width())
    bar.set_counts({"give": 1234})
    qtbot.waitUntil(lambda: bar.visualRect(first).width() > before[0])
    assert bar.sizeHint().width() > before[1]
    assert bar.sizeHint().width() <= bar.visualRect(bar.model().index(1, 0)).right() + 1


# -- search --------------------------------------------------------------------------------------------------


def test_search_speaks_once_after_typing_rests(qtbot: QtBot, window: QWidget) -> None:
    field = SearchField("Find student")
    shown(window, field)
    said = QSignalSpy(field.search_changed)
    field.setFocus()
    QTest.keyClicks(field, "oka")
    assert said.count() == 0
    qtbot.waitUntil(lambda: said.count() == 1)
    assert said.at(0)[0] == "oka"


def test_down_searches_at_once_and_leads_to_the_list(qtbot: QtBot, window: QWidget) -> None:
    field = SearchField("Find student")
    shown(window, field)
    said, wanted = QSignalSpy(field.search_changed), QSignalSpy(field.list_wanted)
    QTest.keyClicks(field, "oka")
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert said.at(0)[0] == "oka"
    assert wanted.count() == 1
    qtbot.wait(120)
    assert said.count() == 1


def test_escape_clears_first_and_leaves_second(window: QWidget) -> None:
    field = SearchField("Find student")
    shown(window, field)
    left = QSignalSpy(field.left)
    QTest.keyClicks(field, "oka")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert left.count() == 0
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert left.count() == 1


def test_the_hint_key_leads_to_search_from_elsewhere_and_is_typed_in_fields(qtbot: QtBot, window: QWidget) -> None:
    field, button, other = SearchField("Find student"), QPushButton("Elsewhere"), QLineEdit()
    shown(window, field, button, other)
    field.bind_hint_key(window)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Slash)
    qtbot.waitUntil(field.hasFocus)
    other.setFocus()
    QTest.keyClick(other, Qt.Key.Key_Slash)
    assert other.text() == "/"
    assert other.hasFocus()


def test_search_and_its_buttons_are_named(window: QWidget) -> None:
    field = SearchField("Find student")
    shown(window, field)
    field.setText("x")
    assert field.accessibleName() == "Find student"
    assert field.accessibleDescription() == "Key: /"
    assert [action.text() for action in field.actions()] == ["Clear search"]
    field.clear()
    assert field.actions() == []


# -- strip ---------------------------------------------------------------------------------------------------


def test_the_strip_says_its_words_and_leads_to_the_sync_screen(qtbot: QtBot, window: QWidget) -> None:
    strip = ConnectionStrip(OFFLINE)
    shown(window, strip)
    assert strip.accessibleName() == OFFLINE.words
    strip.setFocus()
    with qtbot.waitSignal(strip.clicked):
        QTest.keyClick(strip, Qt.Key.Key_Space)


def test_being_offline_is_never_red(window: QWidget) -> None:
    with dressed():
        strip = ConnectionStrip(OFFLINE)
        shown(window, strip)
        image = strip.grab().toImage()
        seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
        inks = current_tokens().inks(Tone.DANGER)
        assert not seen & {inks.ink.lower(), inks.soft.lower(), inks.line.lower()}
        assert current_tokens().inks(Tone.WARNING).ink.lower() in seen


@pytest.mark.parametrize("width", [240, 330, 460, 900])
def test_the_strip_wraps_between_parts_and_drops_none(qtbot: QtBot, width: int) -> None:
    strip = ConnectionStrip(OFFLINE)
    qtbot.addWidget(strip)
    lines = strip._lines(width)
    assert [part for line in lines for part in line.split(" · ")] == list(OFFLINE.parts)


def test_lines_of_the_strip_are_balanced() -> None:
    lines = balanced(("aaaa", "b", "c", "dddd"), (40, 10, 10, 40), 5, 70)
    assert lines == ("aaaa · b", "c · dddd")


def test_a_new_count_is_shown_and_a_new_state_too(window: QWidget) -> None:
    strip = ConnectionStrip(OFFLINE)
    shown(window, strip)
    strip.set_look(StripLook(state=StripState.ONLINE, parts=("Online", "all entries sent")))
    assert strip.accessibleName() == "Online · all entries sent"
    assert strip.look.state is StripState.ONLINE


# -- the rest ------------------------------------------------------------------------------------------------


def test_key_hints_are_one_label_that_wraps(window: QWidget) -> None:
    hints = KeyHints([KeyHint(keys=("Ctrl", "L"), words="lock"), KeyHint(keys=("Enter",), words="give")])
    shown(window, hints)
    assert hints.text() == "Ctrl L: lock. Enter: give"
    assert hints.heightForWidth(60) > hints.heightForWidth(600)


def test_a_toast_goes_by_itself_and_offers_its_action(qtbot: QtBot, window: QWidget) -> None:
    shown(window)
    toast = toast_of(window)
    assert toast_of(window) is toast
    toast.show_words("Saved", action="Entered in error")
    assert toast.isVisible()
    assert window.rect().contains(toast.geometry())
    button = next(iter(toast.findChildren(QPushButton)))
    with qtbot.waitSignal(toast.action_wanted):
        button.click()
    assert not toast.isVisible()
    toast.show_words("Saved")
    toast._timer.setInterval(1)
    toast._timer.start()
    qtbot.waitUntil(lambda: not toast.isVisible())


def test_a_toast_of_many_words_stays_until_they_can_be_read(window: QWidget) -> None:
    shown(window)
    toast = toast_of(window)
    toast.show_words("Saved")
    assert toast._timer.interval() == 6_000
    toast.show_words(FAILURES["journal_came_back"], urgent=True)
    assert toast._timer.interval() >= 15_000


@pytest.mark.parametrize("words", ["Saved", "The server does not answer. Work goes on here; nothing is lost. " * 4])
def test_a_toast_lies_over_the_key_hints_and_over_nothing_of_the_page(window: QWidget, words: str) -> None:
    page, hints = QLabel("page"), KeyHints([KeyHint(keys=("Enter",), words="give")])
    shown(window, page, hints)
    column = window.layout()
    assert isinstance(column, QVBoxLayout)
    column.setStretch(0, 1)
    column.setContentsMargins(22, 14, 22, 10)
    column.setSpacing(12)
    column.activate()
    toast = Toast(window, hints)
    toast.show_words(words)
    assert window.rect().contains(toast.geometry())
    assert toast.geometry().intersects(hints.geometry())
    label = next(label for label in toast.findChildren(QLabel) if label.text() == words)
    assert label.height() >= label.heightForWidth(label.width())
    if words == "Saved":
        assert not toast.geometry().intersects(page.geometry())


def test_a_toast_grows_with_the_text(qtbot: QtBot) -> None:
    with dressed() as dresser:
        window = QWidget()
        qtbot.addWidget(window)
        window.resize(900, 700)
        bring_up(window)
        toast = toast_of(window)
        toast.show_words("Saved on this workstation")
        before = toast.width()
        dresser.choose_text_factor(2.0)
        qtbot.waitUntil(lambda: toast.width() > before * 1.6)
        assert window.rect().contains(toast.geometry())


def test_progress_is_told_in_records_and_can_be_cancelled(qtbot: QtBot, window: QWidget) -> None:
    panel = ProgressPanel("First sync")
    shown(window, panel)
    panel.show_progress(15_000, 60_000, "15,000 of 60,000 records")
    assert panel.words == "15,000 of 60,000 records"
    button = next(iter(panel.findChildren(QPushButton)))
    with qtbot.waitSignal(panel.cancel_asked):
        button.click()
    panel.show_finished("60,000 records")
    assert not button.isVisible()


def test_a_pane_is_beside_below_or_not_there(qtbot: QtBot) -> None:
    main, side = QWidget(), QWidget()
    both = Beside(main, side)
    qtbot.addWidget(both)
    both.show()
    for size, place in (((1200, 600), PanePlace.BESIDE), ((700, 900), PanePlace.BELOW), ((700, 400), PanePlace.HIDDEN)):
        both.resize(*size)
        assert both.place is place
        assert side.isVisible() is (place is not PanePlace.HIDDEN)
        assert not (side.isVisible() and side.geometry().intersects(main.geometry()))
        assert both.rect().contains(main.geometry())


def test_a_tool_row_folds_when_narrow(qtbot: QtBot) -> None:
    bar, field = tabs(), SearchField("Find")
    row = ToolRow(bar, field)
    qtbot.addWidget(row)
    row.show()
    row.resize(900, row.heightForWidth(900))
    assert bar.geometry().top() < field.geometry().bottom()
    assert row.heightForWidth(300) > row.heightForWidth(900)
    row.resize(300, row.heightForWidth(300))
    assert not bar.geometry().intersects(field.geometry())


def test_a_tool_row_folds_when_its_tabs_grow(qtbot: QtBot) -> None:
    bar, field = tabs(), SearchField("Find")
    row = ToolRow(bar, field)
    qtbot.addWidget(row)
    row.resize(900, row.heightForWidth(900))
    row.show()
    QApplication.processEvents()
    before = row.heightForWidth(900)
    wide = bar.width()
    bar.set_counts({bar.current_key: 10**70})
    qtbot.waitUntil(lambda: row.heightForWidth(900) > before)
    qtbot.waitUntil(lambda: bar.width() > wide)


def test_a_scroller_takes_tab_only_while_it_scrolls(qtbot: QtBot) -> None:
    scroller = Scroller("Chart")
    qtbot.addWidget(scroller)
    inside = QWidget()
    inside.setFixedHeight(400)
    scroller.body.addWidget(inside)
    scroller.resize(200, 100)
    scroller.show()
    qtbot.waitUntil(lambda: scroller.focusPolicy() is Qt.FocusPolicy.StrongFocus)
    scroller.resize(200, 500)
    qtbot.waitUntil(lambda: scroller.focusPolicy() is Qt.FocusPolicy.NoFocus)


def test_the_rail_binds_as_many_numbers_as_it_has_sections(window: QWidget) -> None:
    rail = NavigationRail("Sections", SECTIONS, foot=LOCK)
    shown(window, rail)
    keys = {shortcut.key().toString() for shortcut in rail.findChildren(QShortcut)}
    assert keys == {"Ctrl+1", "Ctrl+2", "Ctrl+3"}


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_a_sentence_on_the_strip_breaks_and_makes_no_window_wider(factor: float, qtbot: QtBot) -> None:
    sentence = "This workstation could not take some of the district's records; all others are here"
    look = StripLook(state=StripState.ATTENTION, parts=("Needs attention", sentence, "data as of 10:41"))
    with dressed(factor=factor):
        strip = ConnectionStrip(look)
        qtbot.addWidget(strip)
        width = current_scale().px(400)
        assert strip.minimumSizeHint().width() <= width
        lines = strip._lines(width)
        assert len(lines) > len(look.parts)
        assert " ".join(lines).replace("\N{NO-BREAK SPACE}", " ") == " ".join(look.parts)
        font = current_scale().font(TextStyle.BODY_MEDIUM)
        assert max(text_width(line, font) for line in lines) <= width - strip._around()
        strip.hide()
