"""A short way through the program, for who sees it first: one thing at a time, left with Esc whenever she likes."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import SecondaryButton
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


class TourSheet(WindowSheet):
    """Enter goes on, and closes it at the end."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(self.tr("A short tour"), self.tr("&Next"), parent, leave=self.tr("&Skip the tour"), width=540)
        self.back = SecondaryButton(self.tr("&Back"), self)
        self.back.clicked.connect(self._on_back)
        self.add_to_foot(self.back)
        self._stops = self._ways()
        self._at = 0
        self._title = TextLabel("", LabelStyle.STRONG, self)
        self._words = TextLabel("", LabelStyle.BODY, self)
        self.body.addWidget(self._title)
        self.body.addWidget(self._words)
        self.body.addStretch(1)
        self.completed.connect(self._on_next)
        self.set_first_focus(self.action_button)
        self._show()

    def _ways(self) -> tuple[tuple[str, str], ...]:
        return (
            (
                self.tr("The rail at the left leads everywhere"),
                self.tr(
                    "Each section has a number: Ctrl+1 is the medication pass, Ctrl+2 the students, and so on. The "
                    "keys of the screen you are on stand at its foot; F1 tells more, and shows this tour again."
                ),
            ),
            (
                self.tr("Give a dose with two keys"),
                self.tr(
                    "The medication pass lists today's doses by time. Enter opens the confirmation: check the child, "
                    "the medicine and the dose, then Enter again. R is refused, H held, A absent."
                ),
            ),
            (
                self.tr("Find a child from anywhere"),
                self.tr(
                    "Press / and type a part of the name. Enter opens the chart. Ctrl+I begins an incident report."
                ),
            ),
            (
                self.tr("It works without the network"),
                self.tr(
                    "The strip at the top right says whether the server was reached, how old the data is and how many "
                    "entries wait. What you enter is saved on this workstation first and sent by itself. When two "
                    "entries do not fit together, Review shows both: nothing is overwritten."
                ),
            ),
            (
                self.tr("Lock it when you leave"),
                self.tr(
                    "Ctrl+L locks at once, and nothing of a child stays on the screen. Esc goes back and keeps what "
                    "you typed. Text size, theme and lock time are in the settings: Ctrl and comma."
                ),
            ),
        )

    @property
    def stop(self) -> str:
        """What is told now."""
        return self._title.text()

    @Slot()
    def _on_next(self) -> None:
        if self._at + 1 == len(self._stops):
            self.finish()
        else:
            self._go(self._at + 1)

    @Slot()
    def _on_back(self) -> None:
        self._go(self._at - 1)

    def _go(self, at: int) -> None:
        self._at = at
        self._show()
        announce(self, f"{self._title.text()}. {self._words.text()}")

    def _show(self) -> None:
        title, words = self._stops[self._at]
        last = self._at + 1 == len(self._stops)
        self._title.setText(title)
        self._words.setText(words)
        self.say_step(self.tr("{number} of {count}").format(number=self._at + 1, count=len(self._stops)))
        if self._at == 0 and self.back.hasFocus():
            self.action_button.setFocus()
        self.back.setEnabled(self._at > 0)
        self.leave_button.setVisible(not last)
        self.action_button.setText(self.tr("&Done") if last else self.tr("&Next"))
        self.fit_soon()
