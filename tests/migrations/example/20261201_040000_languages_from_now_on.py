"""Contract, first: no row without a language is written any more. What is there is not looked at yet.

Revision ID: 20261201_040000
Revises: 20261201_030000
"""

from alembic import op

revision = "20261201_040000"
down_revision = "20261201_030000"
branch_labels = None
depends_on = None
kind = "contract"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE students ADD CONSTRAINT ck_students_home_language CHECK (home_language IS NOT NULL) NOT VALID"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE students DROP CONSTRAINT ck_students_home_language")
