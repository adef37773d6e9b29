"""`python -m benchmarks.plans`: seeds a district and asks it; exits with 1 when a large table was read whole."""

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import workplace
from benchmarks.measure import machine
from benchmarks.plans.ground import Seeded, own_seeded
from benchmarks.plans.proof import TINY_PAGES, Finding, prove

_PLAIN_WIDTH = 160  # in a log nothing wraps
_SHOWN = 5
_HEADINGS = ("query", "statements", "p50 ms", "p99 ms", "floor p50", "floor p99", "call p50", "call p99", "indexes")


def main(argv: Sequence[str] | None = None) -> int:
    """Seed, ask, print, tell by the exit code."""
    given = _parser().parse_args(argv)
    terminal = Console(highlight=False)
    console = terminal if terminal.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)
    place = workplace()
    with tempfile.TemporaryDirectory(prefix="wc-plans-", dir=place) as made:
        about = machine(Path(made))
        console.print(f"[dim]· {about}[/]")
        with own_seeded(Path(made), given.students, given.seed) as ground:
            console.print(f"[dim]· {seeded_words(ground)}[/]")
            found = prove(ground, given.rounds, lambda what: console.print(f"[dim]· {what}[/]"))
            noise = (
                f"{about}, at the end {os.getloadavg()[0]:.1f}: figures of a machine that others use are upper bounds"
            )
            text = page(ground, found, noise)
    show(console, found)
    if given.markdown is not None:
        given.markdown.write_text(text, encoding="utf-8")
    return 1 if any(each.breaches for each in found) else 0


def seeded_words(ground: Seeded) -> str:
    """Return what was seeded, and how fast."""
    rows = sum(ground.counts.values())
    return (
        f"{ground.plan.students:,} students at {ground.plan.schools:,} schools: {rows:,} rows "
        f"in {ground.seconds:.0f} s ({rows / ground.seconds:,.0f} a second)"
    )


def show(console: Console, found: Sequence[Finding]) -> None:
    """Print the table and what broke."""
    table = Table(*_HEADINGS)
    for each in found:
        table.add_row(*_cells(each))
    console.print(table)
    for each in found:
        for breach in each.breaches[:_SHOWN]:
            console.print(f"{each.name}: {breach}", style="red", markup=False)


def page(ground: Seeded, found: Sequence[Finding], about: str) -> str:
    """Return docs/queries.md."""
    return "\n".join(_lines(ground, found, about)) + "\n"


def _lines(ground: Seeded, found: Sequence[Finding], about: str) -> Iterator[str]:
    yield "# The named queries, measured"
    yield ""
    yield f"Made by `make prove-plans`. {seeded_words(ground)}. {about}."
    yield ""
    yield (
        f"Each query was asked {found[0].rounds} times with other parameters through the product's repositories "
        "(`db/repositories/records`). *p50* and *p99* are its statements alone, as the application's role under "
        "row-level security; *floor* is the same statements in the same transaction as a superuser, whom no policy "
        "binds, taking turns on the same machine; *call* is everything a request costs below HTTP: context, "
        "statements, the audit of what was seen, and COMMIT (durability off: this is a scratch database). Plans are "
        "those PostgreSQL really used (`auto_explain`, statements within functions too). A Seq Scan of a table above "
        f"{TINY_PAGES} pages is a breach and makes the command fail, and so is such a table that none of the indexes "
        "meant for the query reached."
    )
    yield ""
    yield f"| {' | '.join(_HEADINGS)} | read whole |"
    yield f"|{'---|' * (len(_HEADINGS) + 1)}"
    for each in found:
        yield f"| {' | '.join([*_cells(each), ', '.join(f'`{name}`' for name in sorted(each.whole))])} |"
    breaches = [f"- {each.name}: {breach}" for each in found for breach in each.breaches[:_SHOWN]]
    yield ""
    yield "No large table was read whole, and every query used its index." if not breaches else "Breaches:"
    yield from breaches
    yield ""
    yield "## Rows"
    yield ""
    yield "| table | rows |"
    yield "|---|---|"
    yield from (f"| {name} | {rows:,} |" for name, rows in sorted(ground.counts.items()))


def _cells(each: Finding) -> list[str]:
    # What at least one in ten rounds used, the most used first; a primary key of something joined tells little.
    often = sorted(each.indexes.items(), key=lambda item: (-item[1], item[0]))
    named = [name for name, count in often if count * 10 >= each.rounds]
    return [
        each.name,
        str(each.statements),
        *(f"{value:.2f}" for times in (each.asked, each.floor, each.call) for value in (times.p50, times.p99)),
        ", ".join(named),
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plans", description=__doc__)
    parser.add_argument("--students", type=int, default=100_000, help="size of the district, 100000 by default")
    parser.add_argument("--rounds", type=int, default=200, help="how often each is asked, 200 by default")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other children")
    parser.add_argument("--markdown", type=Path, help="a file to write the figures to, e.g. docs/queries.md")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
