"""People: a student's age and a prescriber's number (schema.md, 'students', 'users')."""

from collections.abc import Iterator
from datetime import date

from wc_contract.model.validity import OLDEST, YOUNGEST, is_pupils_age, npi_is_valid
from wc_contract.rules.findings import Code, Noticed


def check_age(born: date, day: date) -> Iterator[Noticed]:
    """Notice a student outside the ages that schools serve, from the third birthday to before the 23rd."""
    if not is_pupils_age(born, day):
        yield Noticed(code=Code.AGE_OUT_OF_RANGE, detail={"youngest": str(YOUNGEST), "oldest": str(OLDEST)})


def check_npi(number: str) -> Iterator[Noticed]:
    """Notice a number that cannot be an NPI."""
    if not npi_is_valid(number):
        yield Noticed(code=Code.NPI_INVALID)
