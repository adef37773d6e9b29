"""Moments and coming days as a nurse types them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from wc_desktop.ui.views.typed_moment import ComingDayField, MomentField, parse_coming_day, parse_moment

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 23, 11, 48, 30, tzinfo=ZONE)


def now() -> datetime:
    return NOW


def today() -> date:
    return NOW.date()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1145", datetime(2026, 11, 23, 11, 45, tzinfo=ZONE)),
        ("-10", datetime(2026, 11, 23, 11, 38, tzinfo=ZONE)),
        ("now", datetime(2026, 11, 23, 11, 48, tzinfo=ZONE)),
        ("20 Nov 11:45", datetime(2026, 11, 20, 11, 45, tzinfo=ZONE)),
        ("23 Nov 2026 11:45", datetime(2026, 11, 23, 11, 45, tzinfo=ZONE)),
        ("11/20 2:05 pm", datetime(2026, 11, 20, 14, 5, tzinfo=ZONE)),
        ("yesterday, 0915", datetime(2026, 11, 22, 9, 15, tzinfo=ZONE)),
        ("8 Mar 2026 02:30", None),  # the clocks skipped it
        ("half past", None),
        ("31 Feb 11:45", None),
        ("", None),
    ],
)
def test_a_moment_is_read_or_refused_never_guessed(typed: str, meant: datetime | None) -> None:
    assert parse_moment(typed, NOW) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("+7", date(2026, 11, 30)), ("30 Nov", date(2026, 11, 30)), ("11/30/2026", date(2026, 11, 30)), ("soon", None)],
)
def test_a_coming_day(typed: str, meant: date | None) -> None:
    assert parse_coming_day(typed, NOW.date()) == meant


def test_the_field_echoes_what_it_understood_and_keeps_what_it_did_not(qtbot: QtBot) -> None:
    field = MomentField("When", now)
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, "1145")
    assert field.value == "2026-11-23T17:45:00+00:00"
    assert field.note == "Monday 23 November 2026 · 11:45"
    field.set_value("")
    QTest.keyClicks(field.editor, "114x")
    assert field.value == "114x"


def test_a_moment_put_back_is_not_moved_by_the_day_it_is_read_on(qtbot: QtBot) -> None:
    field = MomentField("When", now)
    qtbot.addWidget(field)
    field.set_value("2026-11-19T17:45:00+00:00")
    assert field.value == "2026-11-19T17:45:00+00:00"
    assert field.note == "Thursday 19 November 2026 · 11:45"


def test_a_follow_up_day_is_kept_as_a_day(qtbot: QtBot) -> None:
    field = ComingDayField("Follow-up", today)
    qtbot.addWidget(field)
    QTest.keyClicks(field.editor, "+7")
    assert field.value == "2026-11-30"
    assert field.note == "Monday 30 November 2026"
