"""`make prove`: twelve writers at once, a thousand rounds; exits with 1 on a breach, or when a control saw nothing."""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import workplace
from benchmarks.proofs import budget, deadlocks, doses, stock
from benchmarks.proofs.ground import WRITERS, Ground, own_ground
from benchmarks.proofs.proof import Verdict

ROUNDS = 1_000
_CONTROL = 20
_SHOWN = 5
_PLAIN_WIDTH = 160  # in a log nothing wraps


def main(argv: Sequence[str] | None = None) -> int:
    """Prove, print, tell by the exit code."""
    given = _parser().parse_args(argv)
    terminal = Console(highlight=False)
    console = terminal if terminal.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)
    with tempfile.TemporaryDirectory(prefix="wc-proofs-", dir=workplace()) as made, own_ground(Path(made)) as ground:
        return show(console, verdicts(ground, given.rounds, lambda what: console.print(f"[dim]· {what}[/]")))


def verdicts(ground: Ground, rounds: int, tell: Callable[[str], None]) -> list[tuple[Verdict, float]]:
    """Make every proof; return each with the seconds it took."""
    proofs: tuple[tuple[str, Callable[[], Verdict]], ...] = (
        (doses.NAME, lambda: doses.prove(ground, rounds, _CONTROL)),
        (stock.NAME, lambda: stock.prove(ground, rounds, _CONTROL)),
        (budget.NAME, lambda: budget.prove(ground, rounds, _CONTROL)),
        (deadlocks.NAME, lambda: deadlocks.prove(ground, rounds)),
    )
    made = []
    for name, prove in proofs:
        tell(name)
        began = time.monotonic()
        made.append((prove(), time.monotonic() - began))
    return made


def show(console: Console, made: Sequence[tuple[Verdict, float]]) -> int:
    """Print the verdicts; return the exit code."""
    table = Table("proof", "rounds", "writes", "breaches", "control", "s", title=f"{WRITERS} writers at once")
    for verdict, seconds in made:
        breaches = str(len(verdict.breaches))
        table.add_row(
            verdict.name,
            f"{verdict.rounds:,}",
            f"{verdict.writes:,}",
            breaches if verdict.holds else f"[bold red]{breaches}[/]",
            verdict.control,
            f"{seconds:.0f}",
        )
    console.print(table)
    for verdict, _ in made:
        for breach in verdict.breaches[:_SHOWN]:
            console.print(f"{verdict.name}: {breach}", style="red", markup=False)
    return 0 if all(verdict.holds for verdict, _ in made) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proofs", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds of each proof, {ROUNDS} by default")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
