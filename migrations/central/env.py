"""How a revision of the central database runs: as the owner, alone, with limits, all or nothing."""

from alembic import context
from sqlalchemy import Engine, text

from wc_sync_server.db.tables import METADATA

# Any number will do, as long as every release uses the same.
ONE_AT_A_TIME = 7_402_115_263

LIMITS = {"lock_timeout": "10s", "statement_timeout": "15min", "idle_in_transaction_session_timeout": "1min"}


def run() -> None:
    engine: Engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        for name, value in LIMITS.items():
            connection.execute(text(f"SET {name} = '{value}'"))
        connection.execute(text("SET ROLE wc_owner"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            transaction_per_migration=False,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
            context.run_migrations()


run()
