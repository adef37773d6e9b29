"""What must be true of anybody: the age of a pupil, the form of a provider's number.

The one place of both rules: the workstation, the imports and the records API ask here, and the central database's
CHECKs are made from the same constants.
"""

from datetime import date

# On the day of enrolment, the one day that never moves.
YOUNGEST = 3
OLDEST = 22

NPI_DIGITS = 10
# An NPI is the end of a card number whose beginning, 80840, everybody leaves out.
NPI_PREFIX = "80840"
# What doubling makes of each digit by Luhn, nine taken off what has two digits: 0 1 2 … 9 become these.
DOUBLED = "0246813579"


def age_on(born: date, day: date) -> int:
    """Return the completed years on a day. Who is born on 29 February turns on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_pupils_age(born: date, day: date) -> bool:
    """Whether schools serve somebody of that age: from the third birthday to before the 23rd."""
    return YOUNGEST <= age_on(born, day) <= OLDEST


def npi_is_valid(number: str) -> bool:
    """Whether ten digits are a National Provider Identifier: Luhn over the card prefix 80840 and the number."""
    if len(number) != NPI_DIGITS or not (number.isascii() and number.isdigit()):
        return False
    return luhn_sum(NPI_PREFIX + number) % 10 == 0


def luhn_sum(digits: str) -> int:
    """Return the sum of Luhn: from the right, every second digit is doubled."""
    backwards = digits[::-1]
    return sum(map(int, backwards[::2])) + sum(int(DOUBLED[int(digit)]) for digit in backwards[1::2])
