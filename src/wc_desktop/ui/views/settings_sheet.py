"""How this workstation looks and when it locks itself: chosen here, shown at once, kept for the next start."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.domain.lock_policy import LOCK_MINUTES, LONGEST_LOCK_MINUTES
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

_WIDTH: Final = 460
_PERCENTS: Final = (100, 110, 125, 150, 175, 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is in force when the sheet opens. lock_minutes: None while nobody is at the desk, who alone may choose."""

    theme: SchemeChoice
    text_size: float
    lock_minutes: int | None


class SettingsSheet(WindowSheet):
    """Three lists. An arrow key chooses; there is nothing to save."""

    text_size_chosen = Signal(float)
    theme_chosen = Signal(object)
    lock_minutes_chosen = Signal(int)

    def __init__(self, chosen: Chosen, parent: QWidget) -> None:
        super().__init__(self.tr("Settings of this workstation"), self.tr("&Close"), parent, width=_WIDTH)
        self.leave_button.hide()
        self.completed.connect(self.finish)
        self.text_size = ChoiceList(self.tr("&Text size"), self._sizes(chosen.text_size), parent=self)
        self.theme = ChoiceList(self.tr("T&heme"), self._themes(), parent=self)
        self.lock_time = ChoiceList(self.tr("&Lock after"), self._times(chosen), hint=self._limit(), parent=self)
        self.later = TextLabel(self.tr("Unlock to choose when it locks itself."), LabelStyle.MUTED, self)
        for part in (self.text_size, self.theme, self.lock_time, self.later):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.text_size.choose(str(round(chosen.text_size * 100)))
        self.theme.choose(chosen.theme.value)
        self.lock_time.choose(None if chosen.lock_minutes is None else str(chosen.lock_minutes))
        self.lock_time.setVisible(chosen.lock_minutes is not None)
        self.later.setVisible(chosen.lock_minutes is None)
        self.text_size.changed.connect(self._on_text_size)
        self.theme.changed.connect(self._on_theme)
        self.lock_time.changed.connect(self._on_lock_time)
        self.set_first_focus(self.text_size.editor)

    def _sizes(self, now: float) -> tuple[Choice, ...]:
        # A size that was reached by key stays offered.
        percents = sorted({*_PERCENTS, round(now * 100)})
        words = self.tr("{percent} %")
        return tuple(Choice(key=str(percent), words=words.format(percent=percent)) for percent in percents)

    def _themes(self) -> tuple[Choice, ...]:
        return (
            Choice(key=SchemeChoice.SYSTEM.value, words=self.tr("As the system says")),
            Choice(key=SchemeChoice.LIGHT.value, words=self.tr("Light")),
            Choice(key=SchemeChoice.DARK.value, words=self.tr("Dark")),
        )

    def _times(self, chosen: Chosen) -> tuple[Choice, ...]:
        one, many = self.tr("1 minute"), self.tr("{count} minutes")
        offered = sorted({*LOCK_MINUTES, chosen.lock_minutes or LONGEST_LOCK_MINUTES})
        return tuple(
            Choice(key=str(minutes), words=one if minutes == 1 else many.format(count=minutes)) for minutes in offered
        )

    def _limit(self) -> str:
        return self.tr("When nobody touches it. {count} minutes is the longest allowed.").format(
            count=LONGEST_LOCK_MINUTES
        )

    @Slot()
    def _on_text_size(self) -> None:
        if self.text_size.key is not None:
            self.text_size_chosen.emit(int(self.text_size.key) / 100)

    @Slot()
    def _on_theme(self) -> None:
        if self.theme.key is not None:
            self.theme_chosen.emit(SchemeChoice(self.theme.key))

    @Slot()
    def _on_lock_time(self) -> None:
        if self.lock_time.key is not None:
            self.lock_minutes_chosen.emit(int(self.lock_time.key))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            # It changes the size of its own text.
            self.setMinimumWidth(current_scale().px(_WIDTH))
            self.fit_soon()
