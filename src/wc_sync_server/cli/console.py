"""What every command shares: where it prints, how it fails, and how it gets at the parts."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from wc_contract.model.errors import Refused, Unavailable, WhiteCrossError
from wc_sync_server.db.errors import RowsRejected
from wc_sync_server.logs import configure_logs
from wc_sync_server.settings import from_environment
from wc_sync_server.wiring import Workshop, open_workshop

P = ParamSpec("P")
R = TypeVar("R")

out = Console()
complaints = Console(stderr=True)

_REFUSED, _UNAVAILABLE, _DEFECT = 1, 4, 70


class CommandRefused(Refused):
    """A command cannot be carried out as it was asked. The sentence says why and what to do."""

    code = "command_refused"


@contextmanager
def workshop() -> Iterator[Workshop]:
    """Give the parts, and put them away."""
    settings = from_environment()
    configure_logs("error")
    parts = open_workshop(settings)
    try:
        yield parts
    finally:
        parts.close()


def spoken(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command fail with a sentence and a code instead of a traceback."""

    @wraps(command)
    def run(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return command(*arguments, **named)
        except Refused as error:
            raise fail(str(error), _REFUSED) from None
        except RowsRejected as error:
            raise fail(
                f"The database refused it ({error.constraint or error.sqlstate}). Nothing was changed.", 1
            ) from None
        except Unavailable as error:
            sentence = (
                f"The database cannot be used just now: {error}. Check that it runs and that DATABASE_URL is right."
            )
            raise fail(sentence, _UNAVAILABLE) from None
        except WhiteCrossError as error:
            raise fail(f"This is a mistake of the program ({error.code}). Nothing was changed.", _DEFECT) from None

    return run


def fail(sentence: str, code: int) -> typer.Exit:
    """Say what is wrong; the answer is to be raised."""
    complaints.print(sentence, style="bold red", soft_wrap=True, highlight=False, markup=False)
    return typer.Exit(code)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings."""
    made = Table(*columns, title=title, title_justify="left")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(made)


def secret_from_stdin() -> str:
    """Return the first line of standard input, without its end."""
    return sys.stdin.readline().rstrip("\r\n")
