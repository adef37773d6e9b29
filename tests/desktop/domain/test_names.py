"""Names that are easily taken for one another, and how they are shown to the nurse."""

import pytest

from wc_desktop.domain.names import NamedChild, alike_names, grade_label


def child(first: str, last: str = "Peterson", grade: str = "05", room: str | None = "5 Rao") -> NamedChild:
    return NamedChild(id=first, first=first, last=last, born="2015-10-09", grade=grade, homeroom=room)


@pytest.mark.parametrize(
    ("stored", "shown"), [("05", "Gr 5"), ("5", "Gr 5"), ("10", "Gr 10"), ("KG", "KG"), (" PK ", "PK"), ("00", "00")]
)
def test_a_grade_is_shown_without_leading_zero_and_kindergarten_by_its_name(stored: str, shown: str) -> None:
    assert grade_label(stored) == shown


def test_a_name_alert_says_the_grade_as_the_lists_do() -> None:
    alike = alike_names([child("Jamie"), child("Jason", grade="KG", room="K Ali"), child("Joseph", grade="02")])
    assert alike["Jamie"] == ("PETERSON, Jason (KG, Rm K Ali)", "PETERSON, Joseph (Gr 2, Rm 5 Rao)")


def test_a_name_that_nobody_shares_raises_no_alert() -> None:
    assert alike_names([child("Jamie"), child("Wei", "Chen")]) == {}
