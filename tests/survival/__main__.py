"""Run the tests that show what is survived, and print each line with its result.

Exit code 0 when all of them pass.
"""

import argparse
import sys
from collections.abc import Sequence

import pytest
from rich.console import Console
from rich.table import Table
from tests.review.__main__ import Results
from tests.survival.lines import PAGE, ROOT, lines, page


def main(words: Sequence[str] | None = None) -> int:
    """Print the table, or write the page; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.survival", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/survival.md instead of running the tests")
    chosen = parser.parse_args(words)
    every = lines()
    if chosen.write:
        PAGE.write_text(page(every), encoding="utf-8")
        return 0
    results = Results()
    named = sorted({test for line in every for test in line.tests})
    pytest.main(["-q", "--rootdir", str(ROOT), "-p", "no:randomly", *(str(ROOT / test) for test in named)], [results])
    table = Table(title="What must be survived", show_lines=True)
    for heading in ("what", "test", "result"):
        table.add_column(heading, overflow="fold")
    for line in every:
        tests = "\n".join(test.removeprefix("tests/") for test in line.tests)
        table.add_row(line.what, tests, "\n".join(results.outcomes.get(test, "not run") for test in line.tests))
    Console().print(table)
    return 0 if all(results.outcomes.get(test) == "passed" for test in named) else 1


if __name__ == "__main__":
    sys.exit(main())
