"""What was written down at a workstation whose lease had ended.

Frozen: this text is what was released. The new table is empty and has no position, so the next pull brings all of it.
"""

from alembic import op

revision = "20261124_0008"
down_revision = "20261123_0007"

TABLE = """CREATE TABLE captures (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_id" TEXT,
    "child" TEXT,
    "medicine" TEXT NOT NULL,
    "amount" TEXT,
    "route" TEXT,
    "status" TEXT NOT NULL,
    "happened_at" TEXT NOT NULL,
    "reason" TEXT,
    "lease_ended_at" TEXT NOT NULL,
    "entry_id" TEXT,
    "device_id" TEXT,
    "device_seq" INTEGER,
    "recorded_at" TEXT NOT NULL,
    "recorded_tz" TEXT NOT NULL,
    "author_user_id" TEXT NOT NULL,
    "amends_id" TEXT,
    "amend_reason" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLE)


def downgrade() -> None:
    raise RuntimeError("a replica is not taken back: it is rebuilt from the server")
