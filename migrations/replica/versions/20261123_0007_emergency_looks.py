"""Looks at the emergency card.

Frozen: this text is what was released. The new table is empty and has no position, so the next pull brings all of it.
"""

from alembic import op

revision = "20261123_0007"
down_revision = "20261123_0006"

TABLE = """CREATE TABLE emergency_looks (
    "id" TEXT NOT NULL PRIMARY KEY,
    "use_id" TEXT NOT NULL,
    "workstation_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "student_id" TEXT,
    "looked_at" TEXT NOT NULL,
    "asked_by" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "note" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLE)


def downgrade() -> None:
    raise RuntimeError("a replica is not taken back: it is rebuilt from the server")
