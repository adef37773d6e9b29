"""How revisions of the central database run: as the owner, one program at a time, each all or nothing.

A revision that needs statements outside a transaction (CREATE INDEX CONCURRENTLY) opens them itself with
`op.get_context().autocommit_block()`. Locks are waited for briefly: whoever waits for a table holds up all behind it.
What timed out is tried again by `db.migrate`.
"""

from threading import Event

from alembic import context
from sqlalchemy import Connection, Engine, text

from wc_sync_server.db.tables import METADATA

# Any number will do, as long as every release uses the same.
ONE_AT_A_TIME = 7_402_115_263

LIMITS = {"lock_timeout": "2s", "statement_timeout": "15min", "idle_in_transaction_session_timeout": "1min"}
_LOOK_EVERY_SECONDS = 0.1


def run() -> None:
    engine: Engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        for name, value in LIMITS.items():
            connection.execute(text(f"SET {name} = '{value}'"))
        connection.execute(text("SET ROLE wc_owner"))
        connection.commit()
        take_turn(connection)
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            transaction_per_migration=True,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()


def take_turn(connection: Connection) -> None:
    """Wait until no other program migrates. The turn ends with the connection.

    Asked again and again: an index made CONCURRENTLY waits for every open transaction, and so for one that stands
    waiting for its turn.
    """
    pause = Event()
    while True:
        ours = connection.execute(text(f"SELECT pg_try_advisory_lock({ONE_AT_A_TIME})")).scalar()
        connection.commit()
        if ours:
            return
        pause.wait(_LOOK_EVERY_SECONDS)


run()
