"""Every line of what is promised is shown by tests that there are, and the pages that say so are current."""

import pytest
from tests.promises.lines import PAGES, ROOT, Line, page_of
from tests.review.test_the_review_is_answered import names_of_tests

# How many rules there are of each group (time, windows, orders, as needed, split doses, duplicates, controlled
# medication, people, corrections, incidents).
_GROUPS = {"T": 5, "W": 5, "O": 8, "P": 6, "D": 1, "X": 7, "C": 8, "S": 7, "A": 4, "I": 7}
_RULES = [f"{group}{number}" for group, last in _GROUPS.items() for number in range(1, last + 1)]
_EVERY = [pytest.param(line, id=f"{name}: {line.what[:40]}") for name in PAGES for line in page_of(name).lines]


@pytest.mark.parametrize("line", _EVERY)
def test_a_line_is_shown_by_tests_that_exist(line: Line) -> None:
    assert line.tests
    for test in line.tests:
        file, _, name = test.partition("::")
        assert name in names_of_tests(ROOT / file), test


@pytest.mark.parametrize("name", PAGES)
def test_no_line_is_left_out(name: str) -> None:
    page = page_of(name)
    assert len({line.what for line in page.lines}) >= page.least


def test_every_rule_is_applied_or_named_as_missing() -> None:
    page = page_of("rules")
    applied = [word for line in page.lines for word in line.what.split(" ")[0].split("/") if word in _RULES]
    assert sorted([*applied, *page.not_yet]) == sorted(_RULES)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_current(name: str) -> None:
    page = page_of(name)
    assert page.path.read_text(encoding="utf-8") == page.text(), f"run python -m tests.promises {name} --write"
