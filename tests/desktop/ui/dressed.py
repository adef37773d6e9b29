"""A dressed application for tests that look at pixels or sizes."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QApplication

from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.widgets.dress import Dresser


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
        app.setStyleSheet("")
        app.setFont(before[0])
        app.setPalette(before[1])
