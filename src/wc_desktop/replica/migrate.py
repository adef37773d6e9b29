"""Bringing an older replica to this version, by Alembic.

Alembic and SQLAlchemy cost a third of a second to import, so that happens only when a file is older: a new file is
made from the tables directly, and a test proves that both ways lead to the same file.
"""

from pathlib import Path

from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.replica.extra import promote
from wc_desktop.replica.meta import keep
from wc_desktop.replica.tables import SCHEMA


def migrations_folder() -> Path:
    """Return where the revisions stand: beside the program when installed, in the repository otherwise."""
    here = Path(__file__).resolve()
    installed = here.parents[1] / "migrations" / "replica"
    return installed if installed.exists() else here.parents[3] / "migrations" / "replica"


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the revisions that the file lacks, in one transaction, on the connection that holds the file."""
    from alembic import command  # noqa: PLC0415  # only an older file pays for it
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.pool import StaticPool  # noqa: PLC0415
    from sqlcipher3 import dbapi2  # noqa: PLC0415

    # The one connection that holds the file; SQLAlchemy's own pools would open it again or share it.
    engine = create_engine("sqlite://", creator=lambda: _Lent(connection), poolclass=StaticPool, module=dbapi2)
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    with writing(connection):
        with engine.connect() as lent:
            config.attributes["connection"] = lent
            command.upgrade(config, revision)
        promote(connection)
        keep(connection, {"schema": SCHEMA})


class _Lent:
    """A connection that whoever borrowed it can neither close nor commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def commit(self) -> None:
        """Do nothing: the transaction is the lender's."""

    def rollback(self) -> None:
        """Do nothing: the transaction is the lender's."""

    def close(self) -> None:
        """Do nothing: the file is the lender's."""
