"""Run the tests that show what is promised, and print each line with its result and how often it was tried.

Exit code 0 when all of them pass.
"""

import argparse
import sys
from collections.abc import Sequence

import pytest
from rich.console import Console
from rich.table import Table
from tests.promises.lines import PAGES, ROOT, page_of
from tests.review.__main__ import Results


def main(words: Sequence[str] | None = None) -> int:
    """Print the table, or write the page; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.promises", description=__doc__)
    parser.add_argument("page", choices=PAGES)
    parser.add_argument("--write", action="store_true", help="write the page in docs instead of running the tests")
    chosen = parser.parse_args(words)
    page = page_of(chosen.page)
    if chosen.write:
        page.path.write_text(page.text(), encoding="utf-8")
        return 0
    results = Results()
    named = sorted({test for line in page.lines for test in line.tests})
    pytest.main(["-q", "--rootdir", str(ROOT), "-p", "no:randomly", *(str(ROOT / test) for test in named)], [results])
    table = Table(title=page.title, show_lines=True)
    for heading in (page.columns[0], "test", page.counted, "result"):
        table.add_column(heading, overflow="fold")
    counts = results.attacks if page.counted == "attacks" else results.cases
    for line in page.lines:
        of_line = sum(counts.get(test, 0) for test in line.tests)
        table.add_row(
            f"{line.what} ({of_line} {page.counted})",
            "\n".join(test.removeprefix("tests/") for test in line.tests),
            "\n".join(str(counts.get(test, 0)) for test in line.tests),
            "\n".join(results.outcomes.get(test, "not run") for test in line.tests),
        )
    console = Console()
    console.print(table)
    passed = sum(results.outcomes.get(test) == "passed" for test in named)
    tried = sum(counts.get(test, 0) for test in named)
    console.print(f"{len(page.lines)} lines, {passed} of {len(named)} tests passed, {tried} {page.counted}")
    return 0 if passed == len(named) else 1


if __name__ == "__main__":
    sys.exit(main())
