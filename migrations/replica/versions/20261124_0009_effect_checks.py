"""What a medicine given as needed did, when it was looked at.

Frozen: this text is what was released. The new table is empty and has no position, so the next pull brings all of it.
"""

from alembic import op

revision = "20261124_0009"
down_revision = "20261124_0008"

STATEMENTS = (
    """CREATE TABLE effect_checks (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_id" TEXT NOT NULL,
    "dose_id" TEXT NOT NULL,
    "checked_at" TEXT NOT NULL,
    "effect" TEXT NOT NULL,
    "note" TEXT,
    "entry_id" TEXT,
    "device_id" TEXT,
    "device_seq" INTEGER,
    "recorded_at" TEXT NOT NULL,
    "recorded_tz" TEXT NOT NULL,
    "author_user_id" TEXT NOT NULL,
    "amends_id" TEXT,
    "amend_reason" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    "CREATE INDEX effects_of_student ON effect_checks (student_id)",
    "CREATE INDEX effects_of_dose ON effect_checks (dose_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("a replica is not taken back: it is rebuilt from the server")
