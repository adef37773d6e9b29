"""Contract, second: every row is looked at, policies or not, while everybody goes on writing.

Revision ID: 20261201_050000
Revises: 20261201_040000
"""

from alembic import op

revision = "20261201_050000"
down_revision = "20261201_040000"
branch_labels = None
depends_on = None
kind = "contract"


def upgrade() -> None:
    op.execute("ALTER TABLE students VALIDATE CONSTRAINT ck_students_home_language")


def downgrade() -> None:
    """Leave it: a constraint that was found true stays true."""
