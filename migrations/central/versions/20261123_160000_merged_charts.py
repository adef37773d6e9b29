"""Which charts of one child were made one, and what it takes to part them again.

Revision ID: 20261123_160000
Revises: 20261123_115000

The statements stand in the .sql file of the same name and are frozen there.
"""

from pathlib import Path

from alembic import op

revision = "20261123_160000"
down_revision = "20261123_115000"
branch_labels = None
depends_on = None
kind = "expand"

STATEMENTS = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STATEMENTS.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE student_merges")
