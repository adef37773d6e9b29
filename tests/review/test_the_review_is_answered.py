"""Every finding of the review has an answer and a test, and the page that says so is current."""

import ast
from pathlib import Path

import pytest
from tests.review.__main__ import Results
from tests.review.findings import PAGE, ROOT, Finding, Followed, findings, page


def names_of_tests(path: Path) -> frozenset[str]:
    """Return the names of the tests of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("finding", findings(), ids=lambda finding: finding.title[:40])
def test_a_finding_is_proved_by_tests_that_exist(finding: Finding) -> None:
    assert finding.tests
    for test in finding.tests:
        file, _, name = test.partition("::")
        assert name in names_of_tests(ROOT / file), test


def test_every_section_with_a_finding_is_there() -> None:
    sections = {finding.section for finding in findings()}
    told = {"1.1", "1.2", "1.3", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3", "4.4", "5.1", "5.2"}
    told |= {"5.3", "5.4", "6.2", "6.3", "6.4", "7.1", "7.2", "7.3", "8.1", "8.2", "8.3", "8.4", "8.5", "9.1", "9.2"}
    assert sections >= told | {"9.3", "9.4", "10.1", "10.2", "10.3", "10.4"}


def test_advice_that_was_not_followed_says_why() -> None:
    for finding in findings():
        if finding.followed is Followed.OTHERWISE:
            assert len(finding.here.split()) > 12, finding.title


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(findings()), "run python -m tests.review --write"


def test_pytest_can_keep_who_listens_to_the_results() -> None:
    # It puts its plugins into sets; the command ended with an error of pytest's own before its first test.
    listener = Results()
    assert {listener} == {listener}
