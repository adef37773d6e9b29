"""Theme and text size change while the program runs."""

import gc

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QRegion
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.contrast import strongest_against_ground
from tests.desktop.ui.dressed import dressed

from wc_desktop.ui.theme.cells import Chip
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.theme.tokens import DARK, LIGHT, current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import BODY_POINTS, LARGEST_FACTOR, SMALLEST_FACTOR, current_scale
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.buttons import DangerButton, PrimaryButton, SecondaryButton
from wc_desktop.ui.widgets.chip_row import ChipRow
from wc_desktop.ui.widgets.dress import Dresser
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

pytestmark = pytest.mark.usefixtures("qapp")


def test_the_choice_is_shown_at_once(qtbot: QtBot) -> None:
    with dressed(SchemeChoice.LIGHT) as dresser:
        assert current_tokens() is LIGHT
        with qtbot.waitSignal(dresser.redressed):
            dresser.choose_scheme(SchemeChoice.DARK)
        assert current_tokens() is DARK
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        assert DARK.text in app.styleSheet()


def test_without_a_choice_the_system_decides() -> None:
    with dressed(SchemeChoice.SYSTEM) as dresser:
        dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        assert dresser.tokens is (DARK if dark else LIGHT)


class _Witness(QLabel):
    """Notes whether Python's collector might have begun while Qt told it of another look."""

    def __init__(self) -> None:
        super().__init__("MARTINEZ, Sophia")
        self.told: list[bool] = []

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if hasattr(self, "told"):
            self.told.append(gc.isenabled())


def test_no_widget_is_collected_while_qt_walks_through_all_of_them(qtbot: QtBot) -> None:
    """Qt holds bare pointers meanwhile: with a collection on the way it crashed on windows that nobody held."""
    gc.enable()
    with dressed() as dresser:
        witness = _Witness()
        qtbot.addWidget(witness)
        witness.show()
        for change in (
            lambda: dresser.choose_scheme(SchemeChoice.DARK),
            lambda: dresser.choose_text_factor(1.5),
            lambda: Dresser(QApplication.instance(), choice=SchemeChoice.LIGHT).setParent(None),
        ):
            witness.told.clear()
            change()
            assert witness.told, "the widget was not told"
            assert not any(witness.told)
            assert gc.isenabled()


def test_the_choice_is_stored_as_a_word() -> None:
    assert SchemeChoice("dark") is SchemeChoice.DARK


@pytest.mark.parametrize(("asked", "got"), [(1.0, 1.0), (1.5, 1.5), (0.1, SMALLEST_FACTOR), (9.0, LARGEST_FACTOR)])
def test_text_size_stays_within_what_screens_are_tested_with(asked: float, got: float) -> None:
    with dressed(factor=asked) as dresser:
        assert dresser.text_factor == got
        assert QGuiApplication.font().pointSizeF() == pytest.approx(BODY_POINTS * got)
        assert current_scale().factor == pytest.approx(got)


def test_text_grows_while_the_program_runs(qtbot: QtBot) -> None:
    with dressed() as dresser:
        label = TextLabel("OKAFOR, Adaeze", LabelStyle.HEADING)
        qtbot.addWidget(label)
        label.show()
        before = label.sizeHint()
        dresser.choose_text_factor(2.0)
        qtbot.waitUntil(lambda: label.sizeHint().height() > before.height() * 1.7)


@pytest.mark.parametrize("choice", [SchemeChoice.LIGHT, SchemeChoice.DARK])
def test_what_is_painted_keeps_its_contrast(qtbot: QtBot, choice: SchemeChoice) -> None:
    with dressed(choice):
        chips = [
            ChipRow([Chip(text="Allergy", tone=tone, icon=Icon.TRIANGLE_ALERT)])
            for tone in (Tone.DANGER, Tone.WARNING, Tone.INFO, Tone.OK)
        ]
        banners = [AlertBanner(tone, "Name alert") for tone in (Tone.DANGER, Tone.WARNING, Tone.INFO, Tone.OK)]
        buttons = [PrimaryButton("Give"), SecondaryButton("Refused"), DangerButton("Discard")]
        labels = [TextLabel("Given 10:28", style) for style in LabelStyle]
        for widget in [*chips, *banners, *buttons, *labels]:
            qtbot.addWidget(widget)
            widget.resize(widget.sizeHint())
            image = QImage(widget.size(), QImage.Format.Format_RGB32)
            image.fill(QColor(current_tokens().background))
            widget.render(image, QPoint(0, 0), QRegion(), QWidget.RenderFlag.DrawChildren)
            assert strongest_against_ground(image) >= 4.5, widget
