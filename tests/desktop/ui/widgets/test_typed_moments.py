"""Times and dates as nurses type them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from wc_desktop.ui.widgets.moment_fields import DateField, TimeField, shown_date
from wc_desktop.ui.widgets.typed_date import KnownDate, NoDateTyped, UnreadableDate, parse_typed_date
from wc_desktop.ui.widgets.typed_time import (
    KnownTime,
    NothingTyped,
    TimeFault,
    UnknownTime,
    UnreadableTime,
    parse_typed_time,
)

pytestmark = pytest.mark.usefixtures("qapp")

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 23, 11, 48, 31, tzinfo=CHICAGO)
TODAY = date(2026, 11, 23)


def at(hour: int, minute: int) -> KnownTime:
    return KnownTime(at=NOON.replace(hour=hour, minute=minute, second=0))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1145", at(11, 45)),
        ("11:45", at(11, 45)),
        ("11.45", at(11, 45)),
        (" 9:05 ", at(9, 5)),
        ("905", at(9, 5)),
        ("0905", at(9, 5)),
        ("7:05 pm", at(19, 5)),
        ("705p", at(19, 5)),
        ("7p", at(19, 0)),
        ("12a", at(0, 0)),
        ("12:30pm", at(12, 30)),
        ("-10", at(11, 38)),
        ("\N{MINUS SIGN}10", at(11, 38)),
        ("-120", at(9, 48)),
        ("now", at(11, 48)),
        ("0000", at(0, 0)),
        ("2359", at(23, 59)),
    ],
)
def test_a_time_is_understood(text: str, meant: KnownTime) -> None:
    assert parse_typed_time(text, NOON) == meant


@pytest.mark.parametrize("text", ["9", "25:00", "11:60", "13pm", "0pm", "1145x", "11:4", "--10", "12345", "noonish"])
def test_what_is_no_time_is_said_to_be_none(text: str) -> None:
    assert parse_typed_time(text, NOON) == UnreadableTime(fault=TimeFault.NOT_A_TIME)


def test_nothing_and_not_known_are_two_answers() -> None:
    assert parse_typed_time("  ", NOON) == NothingTyped()
    assert parse_typed_time("?", NOON) == UnknownTime()


def test_a_time_that_the_clocks_skipped_is_refused_not_moved() -> None:
    spring = datetime(2026, 3, 8, 9, 0, tzinfo=CHICAGO)
    assert parse_typed_time("2:30", spring) == NOT_SHOWN
    assert parse_typed_time("3:30", spring) == KnownTime(at=spring.replace(hour=3, minute=30))


NOT_SHOWN = UnreadableTime(fault=TimeFault.SKIPPED_BY_CLOCK_CHANGE)


def test_a_time_that_comes_twice_means_the_first() -> None:
    autumn = datetime(2026, 11, 1, 9, 0, tzinfo=CHICAGO)
    typed = parse_typed_time("1:30", autumn)
    assert isinstance(typed, KnownTime)
    assert typed.at.utcoffset() == timedelta(hours=-5)


def test_minutes_ago_are_counted_across_a_clock_change() -> None:
    just_after = datetime(2026, 3, 8, 3, 5, tzinfo=CHICAGO)
    typed = parse_typed_time("-10", just_after)
    assert typed == KnownTime(at=datetime(2026, 3, 8, 1, 55, tzinfo=CHICAGO))


def test_minutes_ago_reach_back_over_midnight() -> None:
    typed = parse_typed_time("-10", datetime(2026, 11, 23, 0, 4, tzinfo=CHICAGO))
    assert typed == KnownTime(at=datetime(2026, 11, 22, 23, 54, tzinfo=CHICAGO))


@given(st.times())
def test_what_the_field_shows_it_also_reads(time: object) -> None:
    moment = NOON.replace(hour=time.hour, minute=time.minute, second=0)  # type: ignore[attr-defined]
    assert parse_typed_time(f"{moment:%H:%M}", NOON) == KnownTime(at=moment)
    assert parse_typed_time(f"{moment:%H%M}", NOON) == KnownTime(at=moment)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("3 Nov 2026", date(2026, 11, 3)),
        ("3nov", date(2026, 11, 3)),
        ("November 3, 2026", date(2026, 11, 3)),
        ("nov 3", date(2026, 11, 3)),
        ("11/3/2026", date(2026, 11, 3)),
        ("11/3", date(2026, 11, 3)),
        ("2026-11-03", date(2026, 11, 3)),
        ("today", TODAY),
        ("yesterday", date(2026, 11, 22)),
        ("-2", date(2026, 11, 21)),
        ("29 Feb 2028", date(2028, 2, 29)),
    ],
)
def test_a_date_is_understood(text: str, meant: date) -> None:
    assert parse_typed_date(text, TODAY) == KnownDate(on=meant)


@pytest.mark.parametrize("text", ["31 Feb 2026", "13/1/2026", "3 Foo 2026", "3/11/26", "soon", "2026-13-01", "0 Nov"])
def test_what_is_no_date_is_said_to_be_none(text: str) -> None:
    assert parse_typed_date(text, TODAY) == UnreadableDate()


def test_an_empty_date_is_no_date() -> None:
    assert parse_typed_date("", TODAY) == NoDateTyped()


def test_a_shown_date_is_written_with_its_month_in_letters() -> None:
    assert shown_date(date(2026, 11, 3)) == "3 Nov 2026"


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.present = NOON

    def now(self) -> datetime:
        return self.present


def test_the_field_shows_what_it_understood_and_keeps_it_while_time_goes_on(qtbot: QtBot) -> None:
    watch = Watch()
    field = TimeField("&When", watch.now)
    qtbot.addWidget(field)
    field.set_text("-10")
    assert field.note == "11:38 · 10 min ago"
    watch.present += timedelta(minutes=5)
    assert field.typed == at(11, 38)


def test_a_later_time_is_pointed_out(qtbot: QtBot) -> None:
    field = TimeField("&When", Watch().now)
    qtbot.addWidget(field)
    field.set_text("13:00")
    assert field.note == "13:00 · in 1 h 12 min, later than now"


def test_a_fault_is_described_to_a_screen_reader_and_goes_when_mended(qtbot: QtBot) -> None:
    field = TimeField("&When", Watch().now)
    qtbot.addWidget(field)
    field.set_text("25:99")
    assert field.fault
    assert field.editor.accessibleDescription() == field.fault
    field.set_text("11:30")
    assert not field.fault
    assert field.editor.accessibleDescription() == "11:30 · 18 min ago"


def test_not_known_is_a_state_of_its_own(qtbot: QtBot) -> None:
    field = TimeField("&When", Watch().now, may_be_unknown=True)
    qtbot.addWidget(field)
    field.set_text("11:30")
    field._unknown.setChecked(True)
    assert field.typed == UnknownTime()
    field._unknown.setChecked(False)
    assert field.typed == at(11, 30)


def test_the_date_field_shows_the_day_of_the_week(qtbot: QtBot) -> None:
    field = DateField("&Date", NOON.date)
    qtbot.addWidget(field)
    field.set_text("3 nov")
    assert field.note == "Tuesday, 3 Nov 2026"
    field.set_text("31 Feb")
    assert field.fault
