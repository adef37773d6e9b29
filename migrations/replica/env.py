"""How a revision of the replica runs: on the connection that holds the encrypted file, in its transaction."""

from alembic import context
from sqlalchemy import Connection


def run() -> None:
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


run()
