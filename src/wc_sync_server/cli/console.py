"""What every command shares: where it prints, how it fails, and how it gets at the parts."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import psycopg
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from wc_contract.model.errors import Refused, Unavailable, WhiteCrossError
from wc_sync_server.db.errors import ContextNotBelieved, DatabaseUnavailable, RowsRejected, StatementFailed
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.sealing import KeyUnavailable
from wc_sync_server.logs import configure_logs
from wc_sync_server.settings import from_environment
from wc_sync_server.wiring import Workshop, open_workshop

P = ParamSpec("P")
R = TypeVar("R")

out = Console()
complaints = Console(stderr=True)

_REFUSED, _UNAVAILABLE, _DEFECT = 1, 4, 70
# A table, column, function or schema that is not there: the database is older than the program, or empty.
_NOT_THERE = frozenset({"42P01", "42703", "42883", "3F000"})
# A lock that did not come in time, and a statement that took longer than it may: the address is right.
_BUSY = frozenset({"55P03", "57014"})


class CommandRefused(Refused):
    """A command cannot be carried out as it was asked. The sentence says why and what to do."""

    code = "command_refused"


class AddressUnusable(DatabaseUnavailable):
    """The database cannot be used with the address that one variable gives. The sentence names the variable."""

    code = "address_unusable"


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


@contextmanager
def reached_by(variable: str) -> Iterator[None]:
    """Say which variable's address does not lead to a database that can be used.

    Raises AddressUnusable, or CommandRefused when the database only was busy.
    """
    try:
        yield
    except ContextNotBelieved:
        raise  # says itself what to do, and the address is right
    except (psycopg.Error, DBAPIError, DatabaseUnavailable) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        state = getattr(cause, "sqlstate", None)
        if state in _BUSY:
            raise CommandRefused(
                f"Somebody else uses what this needs, so it was given up for now ({state}). Run it again: it goes on "
                "where it was. `wc-sync-server db health` shows who holds what."
            ) from None
        # The server's own words may quote what it was sent, so only its code is passed on.
        why = f" (it said {state})" if state else ""
        raise AddressUnusable(
            f"The database cannot be used with the address in {variable}{why}. "
            "Check that it runs, and that address, user and password are right. Nothing was changed."
        ) from None


def spoken(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command fail with a sentence and a code instead of a traceback."""

    @wraps(command)
    def run(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return command(*arguments, **named)
        except Refused as error:
            raise fail(str(error), _REFUSED) from None
        except OSError as error:
            raise fail(_file_words(error), _REFUSED) from None
        except (StatementFailed, psycopg.Error) as error:
            raise _failed_statement(error) from None
        except RowsRejected as error:
            raise fail(
                f"The database refused it ({error.constraint or error.sqlstate}). Nothing was changed.", 1
            ) from None
        except (AddressUnusable, ContextNotBelieved, KeyUnavailable) as error:
            raise fail(str(error), _UNAVAILABLE) from None
        except Unavailable as error:
            sentence = (
                f"The database cannot be used just now: {error}. Check that it runs and that DATABASE_URL is right."
            )
            raise fail(sentence, _UNAVAILABLE) from None
        except ProblemRaised as error:
            sentence = (
                f"The district was changed by others at the same time ({error.code}). What was taken in stands. Run it "
                "again: nothing counts twice."
            )
            raise fail(sentence, _UNAVAILABLE) from None
        except WhiteCrossError as error:
            raise fail(_mistake(error.code), _DEFECT) from None

    return run


def _failed_statement(error: StatementFailed | psycopg.Error) -> typer.Exit:
    state = error.sqlstate
    if state in _NOT_THERE:
        return fail("The database lacks tables of this version. Run `wc-sync-server db upgrade` first.", _REFUSED)
    if isinstance(error, psycopg.OperationalError):
        sentence = "The database cannot be used just now. Check that it runs and that DATABASE_URL is right."
        return fail(sentence, _UNAVAILABLE)
    return fail(_mistake(state or type(error).__name__), _DEFECT)


def _mistake(code: str) -> str:
    return f"This is a mistake of the program ({code}). Nothing was changed."


def _file_words(error: OSError) -> str:
    name = "" if error.filename is None else f" {str(error.filename)!r}"
    return f"The file or folder{name} cannot be used: {error.strerror}. Check its path and who may read it."


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
