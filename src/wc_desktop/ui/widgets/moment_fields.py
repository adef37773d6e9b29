"""Typed times and dates. They show what they understood, and never guess in silence."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import assert_never

from PySide6.QtCore import QDate, QLocale, Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.ui.widgets.check_box import CheckBox
from wc_desktop.ui.widgets.field import FormField
from wc_desktop.ui.widgets.prefilled_line import PrefilledLine
from wc_desktop.ui.widgets.typed_date import KnownDate, NoDateTyped, TypedDate, UnreadableDate, parse_typed_date
from wc_desktop.ui.widgets.typed_time import (
    KnownTime,
    NothingTyped,
    TimeFault,
    TypedTime,
    UnknownTime,
    UnreadableTime,
    parse_typed_time,
)

_MINUTE = 60
_HOUR = 3600


def shown_date(day: date) -> str:
    """Return "3 Nov 2026" in the language of the screen."""
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM yyyy")


class TimeField(FormField):
    """A time today: 1145, 11:45, 7:05p, -10, now. `now` gives the present in the school's zone.

    With `may_be_unknown` a check box beside it says that nobody knows the time.
    """

    def __init__(
        self,
        label: str,
        now: Callable[[], datetime],
        *,
        may_be_unknown: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self._line = PrefilledLine()
        super().__init__(label, self._line, parent=parent)
        self._now = now
        self._typed_at = now()
        self._unknown = CheckBox(self.tr("Time not &known"), self)
        self._unknown.setVisible(may_be_unknown)
        self._column.addWidget(self._unknown)
        self._line.textChanged.connect(self._on_changed)
        self._unknown.toggled.connect(self._on_changed)
        self._tell()

    @property
    def typed(self) -> TypedTime:
        """What was understood, against the moment of the last key: "-10" does not move while the form is open."""
        if self._unknown.isChecked():
            return UnknownTime()
        return parse_typed_time(self._line.text(), self._typed_at)

    def set_time(self, at: datetime) -> None:
        """Fill in a time, in the school's zone."""
        self._line.setText(f"{at:%H:%M}")

    def set_text(self, text: str) -> None:
        """Fill in as if typed."""
        self._line.setText(text)

    @Slot()
    def _on_changed(self) -> None:
        self._typed_at = self._now()
        self._line.setEnabled(not self._unknown.isChecked())
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        typed = self.typed
        match typed:
            case NothingTyped():
                self._say(self.tr("Type 1145, 11:45, -10 for ten minutes ago, or now"))
            case UnknownTime():
                self._say(self.tr("Recorded as: time not known"))
            case KnownTime():
                self._say(f"{typed.at:%H:%M} · {self._distance(typed.at)}")
            case UnreadableTime():
                self.set_fault(self._fault_words(typed.fault))
            case _:
                assert_never(typed)

    def _say(self, words: str) -> None:
        self.set_fault("")
        self.set_hint(words)

    def _fault_words(self, fault: TimeFault) -> str:
        match fault:
            case TimeFault.NOT_A_TIME:
                return self.tr("Not a time. Type 1145, 11:45, -10 or now")
            case TimeFault.SKIPPED_BY_CLOCK_CHANGE:
                return self.tr("The clocks skipped this time today. Type the time that the clock showed")
            case _:
                assert_never(fault)

    def _distance(self, at: datetime) -> str:
        now = self._typed_at.replace(second=0, microsecond=0)
        seconds = int((now.astimezone(UTC) - at.astimezone(UTC)).total_seconds())
        if seconds == 0:
            return self.tr("now")
        minutes = abs(seconds) % _HOUR // _MINUTE
        hours = abs(seconds) // _HOUR
        length = self.tr("%1 h %2 min") if hours else self.tr("%2 min")
        length = length.replace("%1", str(hours)).replace("%2", str(minutes))
        sentence = self.tr("%1 ago") if seconds > 0 else self.tr("in %1, later than now")
        return sentence.replace("%1", length)


class DateField(FormField):
    """A day: 3 Nov 2026, 11/3/2026, 2026-11-03, today, -2. `today` gives the school's day."""

    def __init__(self, label: str, today: Callable[[], date], *, parent: QWidget | None = None) -> None:
        self._line = PrefilledLine()
        super().__init__(label, self._line, parent=parent)
        self._today = today
        self._line.textChanged.connect(self._on_changed)
        self._tell()

    @property
    def typed(self) -> TypedDate:
        return parse_typed_date(self._line.text(), self._today())

    def set_date(self, day: date) -> None:
        """Fill in a day."""
        self._line.setText(f"{day:%Y-%m-%d}")

    def set_text(self, text: str) -> None:
        """Fill in as if typed."""
        self._line.setText(text)

    @Slot()
    def _on_changed(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        typed = self.typed
        match typed:
            case NoDateTyped():
                self.set_fault("")
                self.set_hint(self.tr("Type 3 Nov 2026, 11/3/2026, today, or -2 for two days ago"))
            case KnownDate():
                self.set_fault("")
                self.set_hint(f"{self._weekday(typed.on)}, {shown_date(typed.on)}")
            case UnreadableDate():
                self.set_fault(self.tr("Not a date. Type 3 Nov 2026, 11/3/2026 or today"))
            case _:
                assert_never(typed)

    def _weekday(self, day: date) -> str:
        return QLocale().toString(QDate(day.year, day.month, day.day), "dddd")
