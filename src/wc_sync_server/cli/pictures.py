"""Pictures of the schema: diagrams and a dictionary, made from the program's own declarations."""

from pathlib import Path
from typing import Annotated

import typer

from wc_sync_server.cli.console import CommandRefused, out, spoken
from wc_sync_server.db.pictures.pages import MADE, pages, stale, write


@spoken
def pictures(
    folder: Annotated[Path, typer.Argument(help="Where the pages go: a folder for them alone, e.g. docs/schema.")],
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a page is stale.")] = False,
) -> None:
    """Draw the schema: an ER diagram (Mermaid) and a data dictionary for each domain, and all of it as CSV.

    No database is needed. The same program always makes the same pages.
    """
    made = pages()
    if folder.exists() and (strange := _strange(folder, made)):
        raise CommandRefused(f"{folder} holds {strange}, which is no page of the schema: name a folder for them alone.")
    if check:
        old = stale(folder, made)
        if old:
            raise CommandRefused(f"Not up to date: {', '.join(old)}. Run `make schema`.")
        out.print(f"{len(made)} pages are up to date.")
        return
    changed = write(folder, made)
    out.print(f"{len(made)} pages, {len(changed)} of them changed.")


def _strange(folder: Path, made: dict[str, str]) -> str:
    # A mistyped folder must not lose its files: what we did not make, we do not touch.
    names = sorted(path.name for path in folder.iterdir() if path.name not in made and not _is_ours(path))
    return names[0] if names else ""


def _is_ours(path: Path) -> bool:
    return path.is_file() and MADE in path.read_text(encoding="utf-8", errors="replace")
