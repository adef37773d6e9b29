"""What the demonstration says: one line a step, with how long it took; long steps count."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table


class Counting:
    """Counts of the step that is running; what importers and generators report to."""

    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._title = title
        self._task = progress.add_task(title, total=None)

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._progress.update(
            self._task, description=f"{self._title}: {stage}", completed=done, total=total if total > 1 else None
        )


class Narrator:
    """Prints the demonstration's steps; on a terminal with a moving bar, in a log with plain lines."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    @contextmanager
    def step(self, title: str) -> Iterator[Counting]:
        """Say title, run, say how long it took."""
        started = time.monotonic()
        if not self.console.is_terminal:
            self.console.print(f"· {title} …")
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        ) as progress:
            yield Counting(progress, title)
        self.console.print(f"[green]✓[/] {title} [dim]({time.monotonic() - started:.1f} s)[/]")

    def say(self, line: str) -> None:
        """Say one line of the noon."""
        self.console.print(f"  {line}")

    def note(self, line: str) -> None:
        """Say something aside."""
        self.console.print(f"[dim]{line}[/]")

    def warn(self, line: str) -> None:
        """Say that something is not as it should be."""
        self.console.print(f"[bold red]![/] {line}")

    def table(self, table: Table) -> None:
        """Print a table."""
        self.console.print(table)
