"""The table: what was measured, beside its floor, and the figure to reach."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

_HEADINGS = ("figure", "unit", "floor", "product", "ratio", "to reach", "floor is")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure. Where nothing raw can be compared, floor is None."""

    figure: str
    unit: str
    product: float | None
    reach: str
    floor: float | None = None
    floor_is: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the floor the product takes."""
        if self.product is None or not self.floor:
            return None
        return self.product / self.floor

    def cells(self) -> tuple[str, ...]:
        """Return the line as text."""
        ratio = "" if self.ratio is None else f"{self.ratio:.1f} \N{MULTIPLICATION SIGN}"
        return (
            self.figure,
            self.unit,
            _number(self.floor),
            "not measured" if self.product is None else _number(self.product),
            ratio,
            self.reach,
            self.floor_is,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole run."""

    machine: str
    day: str
    rounds: int
    rows: int
    lines: Sequence[Line]

    def show(self, console: Console) -> None:
        """Print it."""
        table = Table(title=f"{self.day} · a school of {self.rows:,} rows · medians of {self.rounds} rounds")
        for heading in _HEADINGS:
            table.add_column(heading, justify="right" if heading in {"floor", "product", "ratio"} else "left")
        for line in self.lines:
            table.add_row(*line.cells())
        console.print(table)
        console.print(self.machine, highlight=False)

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        lines = [{**asdict(line), "ratio": line.ratio} for line in self.lines]
        about = {"machine": self.machine, "day": self.day, "rounds": self.rounds, "rows": self.rows}
        path.write_text(json.dumps({**about, "lines": lines}, indent=1) + "\n", encoding="utf-8")

    def as_markdown(self) -> str:
        """Return it as the table of docs/benchmarks.md."""
        rows = [_HEADINGS, ("---",) * len(_HEADINGS), *(line.cells() for line in self.lines)]
        return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"
