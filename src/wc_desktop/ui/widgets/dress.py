"""Puts the theme on the running application and changes it live."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QStyleFactory

from wc_desktop.ui.theme.fonts import body_font, load_fonts
from wc_desktop.ui.theme.palette import build_palette
from wc_desktop.ui.theme.scheme import SchemeChoice, SchemeFollower
from wc_desktop.ui.theme.stylesheet import style_sheet
from wc_desktop.ui.theme.tokens import Tokens
from wc_desktop.ui.theme.type_scale import TypeScale, factor_within_bounds


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Let no widget be destroyed by Python's collector while Qt changes the look of all of them.

    Qt walks through a list of bare pointers then, and calls methods of ours on the way. A collection begun there
    destroys windows that nobody holds any more, and Qt steps on one of them: a crash, seen once in many test runs.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Dresser(QObject):
    """Fusion, letters, palette and style sheet of one QApplication. Make one, keep it as long as the application."""

    redressed = Signal()

    def __init__(
        self,
        app: QApplication,
        *,
        choice: SchemeChoice = SchemeChoice.SYSTEM,
        text_factor: float = 1.0,
    ) -> None:
        super().__init__(app)
        self._app = app
        self._factor = factor_within_bounds(text_factor)
        self._follower = SchemeFollower(self)
        load_fonts()
        with collector_at_rest():
            app.setStyle(QStyleFactory.create("Fusion"))
            self._follower.choose(choice)
        self._follower.scheme_changed.connect(self._on_scheme_changed)
        self._dress()

    @property
    def tokens(self) -> Tokens:
        return self._follower.tokens

    @property
    def choice(self) -> SchemeChoice:
        return self._follower.choice

    @property
    def text_factor(self) -> float:
        return self._factor

    @Slot(str)
    def choose_scheme(self, choice: SchemeChoice) -> None:
        """Light, dark, or as the system says. Shown at once."""
        with collector_at_rest():
            self._follower.choose(SchemeChoice(choice))

    @Slot(float)
    def choose_text_factor(self, factor: float) -> None:
        """Text size as a multiple of the usual one, 0.9 to 2.0. Shown at once."""
        wanted = factor_within_bounds(factor)
        if wanted != self._factor:
            self._factor = wanted
            self._dress()

    @Slot(object)
    def _on_scheme_changed(self) -> None:
        self._dress()

    def _dress(self) -> None:
        with collector_at_rest():
            self._app.setFont(body_font(self._factor))
            self._app.setPalette(build_palette(self._follower.tokens))
            self._app.setStyleSheet(style_sheet(self._follower.tokens, TypeScale(factor=self._factor)))
        self.redressed.emit()
