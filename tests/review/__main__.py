"""Run the tests that the answers to the review name, and print each finding with its result.

Exit code 0 when every finding has tests and all of them pass.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from rich.console import Console
from rich.table import Table
from tests.review.findings import PAGE, ROOT, Finding, findings, page

_COLOURS = {"passed": "green", "failed": "red", "not run": "red"}


@dataclass(eq=False)
class Results:
    """Listens to a run and keeps the worst outcome of each test, whatever its parameters. pytest hashes who listens.

    cases counts how often each test passed, with one parameter or another; attacks the same, and more where a test
    itself reports how many it tried.
    """

    outcomes: dict[str, str] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    attacks: dict[str, int] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one report of one phase of one test."""
        name = report.nodeid.split("[", maxsplit=1)[0]
        if report.failed:
            self.outcomes[name] = "failed"
        elif report.when == "call" and report.passed:
            self.outcomes.setdefault(name, "passed")
            self.cases[name] = self.cases.get(name, 0) + 1
            tried = dict(report.user_properties).get("attacks", 1)
            self.attacks[name] = self.attacks.get(name, 0) + int(str(tried))


def main(words: Sequence[str] | None = None) -> int:
    """Print the table, or write the page; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.review", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/review.md instead of running the tests")
    chosen = parser.parse_args(words)
    every = findings()
    if chosen.write:
        PAGE.write_text(page(every), encoding="utf-8")
        return 0
    results = Results()
    named = sorted({test for finding in every for test in finding.tests})
    pytest.main(["-q", "--rootdir", str(ROOT), "-p", "no:randomly", *(str(ROOT / test) for test in named)], [results])
    Console().print(_table(every, results.outcomes))
    return 0 if all(_result(finding, results.outcomes) == "passed" for finding in every) else 1


def _table(every: Sequence[Finding], outcomes: Mapping[str, str]) -> Table:
    table = Table(title="The review's findings", show_lines=True)
    for heading in ("section", "finding", "advice", "test", "result"):
        table.add_column(heading, overflow="fold")
    for finding in every:
        result = _result(finding, outcomes)
        tests = "\n".join(test.removeprefix("tests/") for test in finding.tests)
        coloured = f"[{_COLOURS[result]}]{result}[/]"
        table.add_row(finding.section, finding.title, finding.followed.value, tests, coloured)
    return table


def _result(finding: Finding, outcomes: Mapping[str, str]) -> str:
    found = {outcomes.get(test, "not run") for test in finding.tests} or {"not run"}
    return next(result for result in ("failed", "not run", "passed") if result in found)


if __name__ == "__main__":
    sys.exit(main())
