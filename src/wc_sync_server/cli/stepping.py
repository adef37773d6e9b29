"""A new version of the database in steps, so that the old program goes on meanwhile (docs/migrations.md)."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import StrEnum
from threading import Event
from typing import Annotated

import typer
from psycopg.errors import LockNotAvailable
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from sqlalchemy.exc import DBAPIError

from wc_sync_server.cli.console import CommandRefused, complaints, out, reached_by, spoken, table
from wc_sync_server.db import migrate
from wc_sync_server.db.backfill import BATCH, Backfill, Filled, fill
from wc_sync_server.db.revisions import Revision, all_revisions, backfills
from wc_sync_server.settings import SettingsWrong

_LOCKED, _UNFIT = "55P03", "23"

MigrateUrl = Annotated[str | None, typer.Option(envvar="WC_MIGRATE_URL", help="How the migrating role signs in.")]


class UpTo(StrEnum):
    """How far to go."""

    EXPAND = "expand"
    CONTRACT = "contract"


def required(url: str | None) -> str:
    """Return how the migrating role signs in. Raises SettingsWrong."""
    if url is None:
        raise SettingsWrong("Say how the migrating role signs in: set WC_MIGRATE_URL.")
    return url


@spoken
def upgrade(
    url: MigrateUrl = None,
    to: Annotated[
        UpTo | None,
        typer.Option(help="expand: what the running version does not notice. contract: the rest, once it is filled."),
    ] = None,
) -> None:
    """Bring the database to this version and make the coming months of the audit. Doing it twice changes nothing.

    Without --to everything is done at once, rows filled on the way.
    """
    dsn = required(url)
    with reached_by("WC_MIGRATE_URL"):
        before = migrate.current(dsn)
        _go(dsn, to)
        after, left = migrate.current(dsn), migrate.pending(dsn)
    out.print(f"The database is at {after}." if before == after else f"The database went from {before} to {after}.")
    if left:
        _tell_what_is_left(left)


def _go(dsn: str, to: UpTo | None) -> None:
    try:
        match to:
            case None:
                migrate.upgrade(dsn)
            case UpTo.EXPAND:
                migrate.expand(dsn)
            case UpTo.CONTRACT:
                migrate.contract(dsn)
    except LockNotAvailable:
        # Not a revision's: those fail as SQLAlchemy's errors.
        raise CommandRefused(
            "The revisions are done, but the audit stayed locked by others, so its coming months were not made. "
            "`wc-sync-server db health` shows who holds it; then run this again."
        ) from None
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if state == _LOCKED:
            raise CommandRefused(
                "A table stayed locked by others, so the revision at hand was given up and undone. "
                "`wc-sync-server db health` shows who holds it; then run this again."
            ) from None
        if state.startswith(_UNFIT):
            raise CommandRefused(
                f"Rows are there that the revision at hand does not allow ({state}), so it was undone. "
                "Nobody's backfill saw them: look for rows of a district that `district list` does not show."
            ) from None
        raise


def _tell_what_is_left(left: Iterable[Revision]) -> None:
    rows = [
        (each.id, each.kind.value, each.title, "" if each.backfill is None else each.backfill.name) for each in left
    ]
    table("Still to be done", ("revision", "kind", "what", "backfill"), rows)


@spoken
def backfill(
    name: Annotated[str, typer.Argument(help="Its name, as `db upgrade --to expand` shows it.")],
    url: MigrateUrl = None,
    batch: Annotated[int, typer.Option(min=1, max=50_000, help="Rows of one transaction.")] = BATCH,
    pause: Annotated[int, typer.Option(min=0, max=60_000, help="Milliseconds between two of them.")] = 50,
) -> None:
    """Fill what a later revision will demand, while everybody works. Stopped, it goes on where it was."""
    dsn = required(url)
    wanted = _named(name)
    with reached_by("WC_MIGRATE_URL"):
        waiting = {each.name for each in backfills(migrate.pending(dsn))}
    if name not in waiting:
        out.print(f"{name} is done: its revision is in the database.")
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=complaints, transient=True
    ) as bars:
        done = fill(dsn, wanted, size=batch, between=_pausing(timedelta(milliseconds=pause)), told=_Shown(bars).show)
    table(f"Filled: {name}", ("district", "rows filled", "left"), [(f"{d.district}", d.filled, d.left) for d in done])
    out.print("Nothing is left. Go on with `wc-sync-server db upgrade --to contract`.")


def _named(name: str) -> Backfill:
    known = {each.name: each for each in backfills(all_revisions())}
    if name not in known:
        names = ", ".join(sorted(known)) or "none in this version"
        raise CommandRefused(f"There is no backfill {name!r}. Known: {names}.")
    return known[name]


def _pausing(pause: timedelta) -> Callable[[], None]:
    waiting = Event()

    def wait() -> None:
        waiting.wait(pause.total_seconds())

    return wait


class _Shown:
    """A bar for each district."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def show(self, now: Filled) -> None:
        total = now.filled + now.left
        if now.district not in self._tasks:
            self._tasks[now.district] = self._bars.add_task(now.district, total=total)
        self._bars.update(self._tasks[now.district], completed=now.filled, total=total)
