"""The sides of a conflict, and which dose amends which.

Frozen: this text is what was released. The new table is empty and has no position, so the next pull brings all of it.
"""

from alembic import op

revision = "20261123_0005"
down_revision = "20261123_0003"

STATEMENTS = (
    """CREATE TABLE case_sides (
    "id" TEXT NOT NULL PRIMARY KEY,
    "case_id" TEXT NOT NULL,
    "record_kind" TEXT NOT NULL,
    "record_id" TEXT NOT NULL,
    "values" TEXT NOT NULL,
    "stands" INTEGER NOT NULL,
    "entry_id" TEXT,
    "author_user_id" TEXT,
    "authored_at" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    "CREATE INDEX sides_of_case ON case_sides (case_id)",
    "CREATE INDEX doses_that_amend ON medication_logs (amends_id) WHERE amends_id IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("a replica is not taken back: it is rebuilt from the server")
