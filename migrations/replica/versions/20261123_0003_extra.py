"""A place for what a newer server sends and this version has no column for.

Frozen: this text is what was released. The table is empty; what the file holds stays where it is.
"""

from alembic import op

revision = "20261123_0003"
down_revision = "20261123_0002"

STATEMENTS = (
    """CREATE TABLE extra (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    known TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("a replica is not taken back: it is rebuilt from the server")
