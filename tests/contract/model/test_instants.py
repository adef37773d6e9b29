"""Instants: aware, UTC, whole milliseconds, and sorted as text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from tests.factories import CHICAGO
from tests.strategies import instants

from wc_contract.model.instants import Instant, instant_from_text, instant_to_text, whole_millis


def test_an_instant_is_cut_to_milliseconds_in_utc() -> None:
    at = datetime(2026, 11, 23, 12, 0, 0, 123999, tzinfo=CHICAGO)
    assert whole_millis(at) == datetime(2026, 11, 23, 18, 0, 0, 123000, tzinfo=UTC)
    assert whole_millis(at).tzinfo is UTC


def test_the_wire_form_never_changes() -> None:
    assert instant_to_text(datetime(2026, 11, 23, 18, 0, tzinfo=UTC)) == "2026-11-23T18:00:00+00:00"
    assert instant_to_text(datetime(2026, 11, 23, 18, 0, 0, 5000, tzinfo=UTC)) == "2026-11-23T18:00:00.005000+00:00"


@given(instants)
def test_an_instant_reads_back(at: Instant) -> None:
    assert instant_from_text(instant_to_text(at)) == at


@given(instants, instants)
def test_text_order_is_time_order(first: Instant, second: Instant) -> None:
    assert (instant_to_text(first) < instant_to_text(second)) == (first < second)


@pytest.mark.parametrize(
    "text", ["2026-11-23T18:00:00.5+00:00", "2026-11-23T12:00:00.5-06:00", "2026-11-23T18:00:00.5Z"]
)
def test_other_forms_of_the_same_instant_read_alike(text: str) -> None:
    assert instant_from_text(text) == datetime(2026, 11, 23, 18, 0, 0, 500_000, tzinfo=UTC)


def test_a_time_without_a_zone_is_no_instant() -> None:
    naive = datetime(2026, 11, 23, 18)  # noqa: DTZ001  # that is the point
    with pytest.raises(ValueError, match="zone"):
        whole_millis(naive)
    with pytest.raises(ValueError, match="zone"):
        instant_from_text("2026-11-23T18:00:00")
    with pytest.raises(ValueError, match=r"[Ii]nvalid isoformat"):
        instant_from_text("noon")
