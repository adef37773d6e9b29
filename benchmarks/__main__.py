"""`make bench`: one table of figures beside floors taken in the same run."""

import argparse
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.figures import Plan, all_figures, workplace
from benchmarks.house import served
from benchmarks.measure import machine
from benchmarks.school import FULL, TINY, make_school
from benchmarks.table import Report
from wc_contract.wire.versions import MAX_PUSH_ENTRIES

_FULL = Plan(rounds=5, doses=300, doses_a_pull=60, entries=5_000, batch=MAX_PUSH_ENTRIES, size="full")
_QUICK = Plan(rounds=2, doses=100, doses_a_pull=60, entries=5_000, batch=MAX_PUSH_ENTRIES, size="full")
_TINY = Plan(rounds=1, doses=6, doses_a_pull=4, entries=40, batch=20, size="tiny", crowd=3, each=5, changes=4)
_PLAIN_WIDTH = 190  # in a log nothing wraps
_NAMES = ("first", "giving", "shown", "sending")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    given = _parser().parse_args(argv)
    plan = _TINY if given.tiny else _QUICK if given.quick else _FULL
    terminal = Console(highlight=False)
    console = terminal if terminal.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)
    with tempfile.TemporaryDirectory(prefix="wc-bench-", dir=workplace()) as made:
        folder = Path(made)
        about = machine(folder)
        console.print(f"· raising a school of {(TINY if given.tiny else FULL).rows:,} rows and its server")
        school = make_school(TINY if given.tiny else FULL)
        with served(folder, school, _NAMES) as house:
            lines = all_figures(house, plan, lambda what: console.print(f"[dim]· {what}[/]"))
    day = f"{datetime.now(UTC):%d %B %Y}"
    report = Report(machine=about, day=day, rounds=plan.rounds, rows=school.size.rows, lines=lines)
    report.show(console)
    if given.json is not None:
        report.write(given.json)
    if given.markdown is not None:
        given.markdown.write_text(report.as_markdown(), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two rounds instead of five: for looking, not for citing")
    parser.add_argument("--tiny", action="store_true", help="a school of a few hundred rows, once: does the bench run?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON, too")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table as Markdown, too")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
