"""Ages and provider numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wc_contract.model.validity import age_on, npi_is_valid
from wc_contract.rules.findings import Code
from wc_contract.rules.people import check_age, check_npi

BORN = date(2010, 6, 15)


@pytest.mark.parametrize(
    ("day", "allowed"),
    [(date(2013, 6, 14), False), (date(2013, 6, 15), True), (date(2033, 6, 14), True), (date(2033, 6, 15), False)],
)
def test_a_student_is_three_to_twenty_two(day: date, allowed: bool) -> None:
    assert [n.code for n in check_age(BORN, day)] == ([] if allowed else [Code.AGE_OUT_OF_RANGE])


def test_a_leap_child_turns_on_the_first_of_march() -> None:
    assert age_on(date(2012, 2, 29), date(2015, 2, 28)) == 2
    assert age_on(date(2012, 2, 29), date(2015, 3, 1)) == 3
    assert age_on(date(2012, 2, 29), date(2016, 2, 29)) == 4


@pytest.mark.parametrize("number", ["1234567893", "1245319599"])
def test_published_example_numbers_are_valid(number: str) -> None:
    assert npi_is_valid(number)
    assert list(check_npi(number)) == []


@pytest.mark.parametrize("number", ["1234567890", "123456789", "12345678931", "123456789x", "", "١٢٣٤٥٦٧٨٩٣"])
def test_anything_else_is_not(number: str) -> None:
    assert [n.code for n in check_npi(number)] == [Code.NPI_INVALID]


@given(st.integers(0, 10**9 - 1), st.integers(0, 9), st.integers(1, 9))
def test_exactly_one_check_digit_fits_and_any_single_wrong_digit_is_found(head: int, place: int, off: int) -> None:
    (valid,) = [n for d in range(10) if npi_is_valid(n := f"{head:09d}{d}")]
    wrong = valid[:place] + str((int(valid[place]) + off) % 10) + valid[place + 1 :]
    assert not npi_is_valid(wrong)
