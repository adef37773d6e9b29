"""Contract, last: the column itself says so. PostgreSQL believes the constraint and looks at no row.

Revision ID: 20261201_060000
Revises: 20261201_050000
"""

from alembic import op

revision = "20261201_060000"
down_revision = "20261201_050000"
branch_labels = None
depends_on = None
kind = "contract"
excused = {
    "adding-not-nullable-field": "the validated CHECK of the revision before spares PostgreSQL the look at each row",
    "ban-drop-constraint": "NOT NULL takes its place in the same transaction",
}


def upgrade() -> None:
    op.execute("ALTER TABLE students ALTER COLUMN home_language SET NOT NULL")
    op.execute("ALTER TABLE students DROP CONSTRAINT ck_students_home_language")


def downgrade() -> None:
    op.execute(
        "ALTER TABLE students ADD CONSTRAINT ck_students_home_language CHECK (home_language IS NOT NULL) NOT VALID"
    )
    op.execute("ALTER TABLE students ALTER COLUMN home_language DROP NOT NULL")
