"""Flip a bit at every 997th octet of every file of a workstation, cut it at each page, empty and remove it; open it.

Prints a table by file: how many attacks were tried, after how many all was there without a word, after how many it was
told and came back. Exit code 1 when one came to anything else.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from tests.desktop.attacks.damage import Image, attacks, summed

from wc_desktop.security import slots
from wc_desktop.security.slots import Cost


def main(words: Sequence[str] | None = None) -> int:
    """Try them all; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.desktop.attacks", description=__doc__)
    parser.add_argument("--file", help="this file alone, as journal.db-wal")
    chosen = parser.parse_args(words)
    # Guessing is attacked elsewhere; here only its price is in the way.
    slots.STANDARD_COST = Cost(memory=8 * 1024 * 1024, passes=1)
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        image = Image(Path(folder))
        every = [each for each in attacks(image.folder) if chosen.file in {None, each.file}]
        found = [(each, image.tried(each)) for each in track(every, "attacks", console=console)]
    table = Table(title="Damage to the files of a workstation")
    for heading in ("file", "damage", "tried", "all there", "told, and back", "wrong"):
        table.add_column(heading)
    for (file, kind), counts in summed(found).items():
        shown = (counts.total(), counts["whole"], counts["told"], counts["wrong"])
        table.add_row(file, kind, *map(str, shown))
    console.print(table)
    wrong = [(each, verdict) for each, verdict in found if verdict.wrong]
    for each, verdict in wrong:
        console.print(f"{each}: told {verdict.told}, wrong {verdict.wrong}", style="red")
    console.print(f"{len(found)} attacks tried, {len(wrong)} wrong")
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main())
