"""Fields for a moment of any day and for a day to come. They show what they understood."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from wc_contract.model.instants import Instant, instant_from_text, instant_to_text
from wc_desktop.ui.viewmodels.words import JOINT, day_words, weekday_words
from wc_desktop.ui.widgets.field import FormField
from wc_desktop.ui.widgets.prefilled_line import PrefilledLine
from wc_desktop.ui.widgets.typed_date import KnownDate, parse_typed_date
from wc_desktop.ui.widgets.typed_time import KnownTime, parse_typed_time

_DAY_AND_TIME: Final = re.compile(
    r"(?P<day>.*[^\s,])[\s,]+(?P<time>\d{1,2}[:.h]?\d{2}(?:\s*[ap]\.?m?\.?)?)", re.IGNORECASE
)
_AHEAD: Final = re.compile(r"\+\s*(?P<days>\d{1,3})")


def parse_moment(text: str, now: datetime) -> datetime | None:
    """Return the moment that was typed at `now` (aware, in the school's zone); a time alone is today's."""
    alone = parse_typed_time(text, now)
    if isinstance(alone, KnownTime):
        return alone.at
    found = _DAY_AND_TIME.fullmatch(text.strip())
    if found is None:
        return None
    day = parse_typed_date(found["day"], now.date())
    if not isinstance(day, KnownDate):
        return None
    then = parse_typed_time(found["time"], datetime.combine(day.on, now.time(), tzinfo=now.tzinfo))
    return then.at if isinstance(then, KnownTime) else None


def parse_coming_day(text: str, today: date) -> date | None:
    """Return the day that was typed; '+7' is in a week."""
    ahead = _AHEAD.fullmatch(text.strip())
    if ahead is not None:
        return today + timedelta(days=int(ahead["days"]))
    typed = parse_typed_date(text, today)
    return typed.on if isinstance(typed, KnownDate) else None


class MomentField(FormField):
    """A moment: 1145, -10, yesterday 11:45, 20 Nov 11:45. `value` is an instant as text, else what was typed."""

    def __init__(self, label: str, now: Callable[[], datetime], *, parent: QWidget | None = None) -> None:
        self._line = PrefilledLine()
        super().__init__(label, self._line, parent=parent)
        self._now = now
        self._value = ""
        self._line.textEdited.connect(self._on_edited)
        self._tell(None)

    @property
    def value(self) -> str:
        """The instant understood at the last key, so that '-10' stays where it was; raw text when it does not read."""
        return self._value

    def set_value(self, value: str) -> None:
        """Put back what `value` said."""
        self._value = value
        at = _instant_or_none(value)
        if at is None:
            self._line.setText(value)
            self._tell(None)
            return
        there = at.astimezone(self._now().tzinfo)
        self._line.setText(f"{day_words(there.date())} {there:%H:%M}")
        self._tell(there)

    @Slot(str)
    def _on_edited(self, text: str) -> None:
        at = parse_moment(text, self._now())
        self._value = text if at is None else instant_to_text(at.astimezone(UTC))
        self._tell(at)
        self.changed.emit()

    def _tell(self, at: datetime | None) -> None:
        self.set_fault("")
        if at is not None:
            self.set_hint(JOINT.join((weekday_words(at.date()), f"{at:%H:%M}")))
        else:
            self.set_hint(self.tr("Type 1145, -10 for ten minutes ago, or 20 Nov 11:45"))


class ComingDayField(FormField):
    """A day to come: 30 Nov, 11/30, +7. `value` is the day as ISO text, else what was typed."""

    def __init__(self, label: str, today: Callable[[], date], *, parent: QWidget | None = None) -> None:
        self._line = PrefilledLine()
        super().__init__(label, self._line, parent=parent)
        self._today = today
        self._value = ""
        self._line.textEdited.connect(self._on_edited)
        self._tell(None)

    @property
    def value(self) -> str:
        return self._value

    def set_value(self, value: str) -> None:
        """Put back what `value` said."""
        self._value = value
        day = _day_or_none(value)
        self._line.setText(value if day is None else day_words(day))
        self._tell(day)

    @Slot(str)
    def _on_edited(self, text: str) -> None:
        day = parse_coming_day(text, self._today())
        self._value = text if day is None else day.isoformat()
        self._tell(day)
        self.changed.emit()

    def _tell(self, day: date | None) -> None:
        self.set_fault("")
        self.set_hint(self.tr("Type 30 Nov, or +7 for a week; empty for none") if day is None else weekday_words(day))


def _instant_or_none(value: str) -> Instant | None:
    try:
        return instant_from_text(value)
    except ValueError:
        return None


def _day_or_none(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
