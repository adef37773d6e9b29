"""People: a student's age and a prescriber's number (schema.md, 'students', 'users')."""

from collections.abc import Iterator
from datetime import date

from wc_contract.rules.findings import Code, Noticed

YOUNGEST = 3
OLDEST = 22
_NPI_DIGITS = 10
_NPI_PREFIX = "80840"
_TWO_DIGITS = 9


def age_on(born: date, day: date) -> int:
    """Return the completed years on a day. Who is born on 29 February turns on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def check_age(born: date, day: date) -> Iterator[Noticed]:
    """Notice a student outside the ages that schools serve, from the third birthday to before the 23rd."""
    age = age_on(born, day)
    if not YOUNGEST <= age <= OLDEST:
        yield Noticed(code=Code.AGE_OUT_OF_RANGE, detail={"youngest": str(YOUNGEST), "oldest": str(OLDEST)})


def npi_is_valid(number: str) -> bool:
    """Whether ten digits are a National Provider Identifier: Luhn over the card prefix 80840 and the number."""
    if len(number) != _NPI_DIGITS or not (number.isascii() and number.isdigit()):
        return False
    total = 0
    for place, digit in enumerate(reversed(_NPI_PREFIX + number)):
        value = int(digit) * (1 + place % 2)
        total += value - _TWO_DIGITS if value > _TWO_DIGITS else value
    return total % 10 == 0


def check_npi(number: str) -> Iterator[Noticed]:
    """Notice a number that cannot be an NPI."""
    if not npi_is_valid(number):
        yield Noticed(code=Code.NPI_INVALID)
