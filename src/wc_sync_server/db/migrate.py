"""Bringing a database to a revision of migrations/central, one program at a time."""

from functools import partial
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from wc_contract.model.errors import Defect
from wc_sync_server.db.grants import OWNER
from wc_sync_server.db.partitions import ensure_partitions

# In a checkout, and in a wheel that carries the folder along.
_PLACES = (
    Path(__file__).resolve().parents[3] / "migrations" / "central",
    Path(__file__).resolve().parents[1] / "_migrations" / "central",
)


class MigrationsMissing(Defect):
    """The program was built without its migrations."""

    code = "migrations_missing"


def upgrade(dsn: str, revision: str = "head") -> None:
    """Bring the database to revision, and make the months of the audit. dsn is the migrating role's."""
    command.upgrade(_config(dsn), revision)
    if current(dsn) == head():
        ensure_partitions(dsn)


def downgrade(dsn: str, revision: str) -> None:
    """Take the database back to revision; 'base' is before the first."""
    command.downgrade(_config(dsn), revision)


def refresh_statistics(dsn: str) -> None:
    """Let PostgreSQL count anew, after a large import: without statistics each foreign key costs a scan."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"SET ROLE {OWNER}".encode())
        connection.execute("ANALYZE")


def current(dsn: str) -> str | None:
    """Return the revision a database is at, None when it has none."""
    with _engine(dsn).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the newest revision there is. Raises when there are two."""
    return ScriptDirectory.from_config(_config("")).get_current_head()


def _config(dsn: str) -> Config:
    for place in _PLACES:
        if place.is_dir():
            config = Config()
            config.set_main_option("script_location", str(place))
            config.attributes["engine"] = _engine(dsn)
            return config
    raise MigrationsMissing("migrations/central is not where it should be")


def _engine(dsn: str) -> Engine:
    return create_engine(
        "postgresql+psycopg://",
        creator=partial(psycopg.connect, dsn, application_name="wc-migrate"),
        poolclass=NullPool,
    )
