"""Bringing a database to a revision of migrations/central, one program at a time, and what it needs besides."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from wc_contract.model.errors import Refused
from wc_sync_server.db.backfill import fill
from wc_sync_server.db.grants import OWNER, let_backup_read
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.reference import load_reference
from wc_sync_server.db.revisions import Revision, after, all_revisions, config_of, leading_expands

# A lock that did not come in time, and a deadlock: the revision was undone, and somebody was let past meanwhile.
_PASSING = frozenset({"55P03", "40P01"})
_TRIES = 60
_PAUSE_SECONDS = 0.5


class NoWayBack(Refused):
    """A revision cannot be undone. The sentence gives its reason."""

    code = "no_way_back"


def upgrade(dsn: str, revision: str = "head", *, folders: Sequence[Path] = ()) -> None:
    """Bring the database to revision, backfills included, and furnish it; doing it twice changes nothing.

    dsn is the migrating role's. folders hold revisions besides the product's own (tests).
    """
    wanted = head(folders) if revision == "head" else revision
    for step in pending(dsn, folders):
        if step.backfill is not None:
            fill(dsn, step.backfill)
        _go(dsn, step.id, folders)
        if step.id == wanted:
            break
    _furnish(dsn, folders)


def expand(dsn: str, *, folders: Sequence[Path] = ()) -> tuple[Revision, ...]:
    """Do the pending revisions that the running version does not notice, up to the first other one; return them."""
    steps = leading_expands(pending(dsn, folders))
    for step in steps:
        _go(dsn, step.id, folders)
    _furnish(dsn, folders)
    return steps


def contract(dsn: str, *, folders: Sequence[Path] = ()) -> tuple[Revision, ...]:
    """Do every pending revision, but fill nothing; return them. Raises BackfillUnfinished where rows are missing."""
    steps = pending(dsn, folders)
    for step in steps:
        _go(dsn, step.id, folders)
    _furnish(dsn, folders)
    return steps


def pending(dsn: str, folders: Sequence[Path] = ()) -> tuple[Revision, ...]:
    """Return the revisions that the database has before it."""
    return after(current(dsn), all_revisions(folders))


def downgrade(dsn: str, revision: str, *, folders: Sequence[Path] = ()) -> None:
    """Take the database back to revision; 'base' is before the first. Raises NoWayBack, before anything is undone."""
    every = all_revisions(folders)
    kept = after(None if revision == "base" else revision, every)
    behind = after(current(dsn), every)
    for step in kept[: len(kept) - len(behind)]:
        if step.irreversible is not None:
            raise NoWayBack(f"There is no way back from {step.id}: {step.irreversible}")
    _patiently(partial(command.downgrade, _config(dsn, folders), revision))


def refresh_statistics(dsn: str) -> None:
    """Let PostgreSQL count anew, after a large import: without statistics each foreign key costs a scan."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"SET ROLE {OWNER}".encode())
        connection.execute("ANALYZE")


def current(dsn: str) -> str | None:
    """Return the revision a database is at, None when it has none."""
    with _engine(dsn).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head(folders: Sequence[Path] = ()) -> str | None:
    """Return the newest revision there is. Raises when there are two."""
    return ScriptDirectory.from_config(config_of(folders)).get_current_head()


def _furnish(dsn: str, folders: Sequence[Path]) -> None:
    """Make the coming months of the audit, let the backup read all; at the newest revision, write the public codes."""
    revision = current(dsn)
    if revision is None:
        return
    with psycopg.connect(dsn, application_name="wc-migrate", autocommit=True) as connection:
        connection.execute(f"SET ROLE {OWNER}".encode())
        let_backup_read(connection)
    ensure_partitions(dsn)
    if revision == head(folders):
        load_reference(dsn)


def _go(dsn: str, revision: str, folders: Sequence[Path]) -> None:
    _patiently(partial(command.upgrade, _config(dsn, folders), revision))


def _patiently(step: Callable[[], None]) -> None:
    """Do a step again while it only waited too long for a lock. What it did until then was undone."""
    pause = Event()
    for failures in range(_TRIES):
        try:
            return step()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _PASSING or failures == _TRIES - 1:
                raise
        pause.wait(_PAUSE_SECONDS)
    return None


def _config(dsn: str, folders: Sequence[Path]) -> Config:
    config = config_of(folders)
    config.attributes["engine"] = _engine(dsn)
    return config


def _engine(dsn: str) -> Engine:
    return create_engine(
        "postgresql+psycopg://",
        creator=partial(psycopg.connect, dsn, application_name="wc-migrate"),
        poolclass=NullPool,
    )
