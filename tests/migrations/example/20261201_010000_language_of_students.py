"""Expand: students get a language. Rows that are written from now on have one; those that are there wait.

Revision ID: 20261201_010000
Revises: the product's head
"""

from alembic import op

from wc_sync_server.db.migrate import head

revision = "20261201_010000"
down_revision = head()
branch_labels = None
depends_on = None
kind = "expand"


def upgrade() -> None:
    # In two steps: ADD with a default would give every row its value at once, and this example has to fill them.
    op.execute("ALTER TABLE students ADD COLUMN home_language text")
    op.execute("ALTER TABLE students ALTER COLUMN home_language SET DEFAULT 'en'")


def downgrade() -> None:
    op.execute("ALTER TABLE students DROP COLUMN home_language")
