"""Who added a document and when; and how many records a workstation could not take.

Revision ID: 20261123_164000
Revises: 20261123_163000

A constant default writes no row, and no row of before says who added it: the old program goes on beside these columns.
"""

from alembic import op

revision = "20261123_164000"
down_revision = "20261123_163000"
branch_labels = None
depends_on = None
kind = "expand"


def upgrade() -> None:
    op.execute("ALTER TABLE documents ADD COLUMN added_by uuid, ADD COLUMN added_at timestamptz")
    op.execute("ALTER TABLE devices ADD COLUMN unstored integer NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("ALTER TABLE devices DROP COLUMN unstored")
    op.execute("ALTER TABLE documents DROP COLUMN added_at, DROP COLUMN added_by")
