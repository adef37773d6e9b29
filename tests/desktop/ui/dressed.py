"""A dressed application for tests that look at pixels or sizes, and windows that really are in front."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.widgets.dress import Dresser, collector_at_rest


@contextmanager
def dressed(choice: SchemeChoice = SchemeChoice.LIGHT, factor: float = 1.0) -> Iterator[Dresser]:
    """Dress the test's application, and undress it for the next test."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = (app.font(), app.palette())
    dresser = Dresser(app, choice=choice, text_factor=factor)
    try:
        yield dresser
    finally:
        dresser.choose_scheme(SchemeChoice.SYSTEM)
        dresser.setParent(None)
        with collector_at_rest():
            app.setStyleSheet("")
            app.setFont(before[0])
            app.setPalette(before[1])


def bring_up(window: QWidget) -> None:
    """Show a window and wait until it is the active one: only there has a widget the focus, and keys a place to go.

    pytest-qt's `waitExposed` waits in a `with` statement only; called bare it does nothing at all.
    """
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window), "the window did not become active"
