"""Every line of what must be survived is shown by tests that there are, and the page that says so is current."""

import pytest
from tests.review.test_the_review_is_answered import names_of_tests
from tests.survival.lines import PAGE, ROOT, Line, lines, page

_LINES = 14


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.what[:40])
def test_a_line_is_shown_by_tests_that_exist(line: Line) -> None:
    assert line.tests
    for test in line.tests:
        file, _, name = test.partition("::")
        assert name in names_of_tests(ROOT / file), test


def test_no_line_is_left_out() -> None:
    assert len({line.what for line in lines()}) == _LINES


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(lines()), "run python -m tests.survival --write"
