"""Grades as schools write them to the codes that OneRoster and CEDS use."""

from collections.abc import Iterable

# CEDS "entry grade level": what a OneRoster export should hold already.
CODES = ("IT", "PR", "PK", "TK", "KG", *(f"{n:02}" for n in range(1, 14)), "PS", "UG")
_WORDS = {
    "K": "KG",
    "KDG": "KG",
    "KINDERGARTEN": "KG",
    "PRE-K": "PK",
    "PREK": "PK",
    "PREKINDERGARTEN": "PK",
    "PRESCHOOL": "PR",
    "INFANT": "IT",
    "TRANSITIONAL KINDERGARTEN": "TK",
    "UNGRADED": "UG",
    "POSTSECONDARY": "PS",
    "FIRST": "01",
    "SECOND": "02",
    "THIRD": "03",
    "FOURTH": "04",
    "FIFTH": "05",
    "SIXTH": "06",
    "SEVENTH": "07",
    "EIGHTH": "08",
    "NINTH": "09",
    "FRESHMAN": "09",
    "TENTH": "10",
    "SOPHOMORE": "10",
    "ELEVENTH": "11",
    "JUNIOR": "11",
    "TWELFTH": "12",
    "SENIOR": "12",
}
UNGRADED = "UG"


def grade_code(text: str) -> str | None:
    """Return the code of a grade as written, or None when it says nothing that is known."""
    word = " ".join(text.upper().removeprefix("GRADE").removesuffix("GRADE").split())
    if word in CODES:
        return word
    digits = word.removesuffix("ST").removesuffix("ND").removesuffix("RD").removesuffix("TH").strip()
    if digits.isascii() and digits.isdigit() and f"{int(digits):02}" in CODES:
        return f"{int(digits):02}"
    return _WORDS.get(word)


def highest_grade(texts: Iterable[str]) -> str | None:
    """Return the highest known grade of several; None when none is known."""
    known = [code for text in texts if (code := grade_code(text)) is not None]
    return max(known, key=CODES.index, default=None)
