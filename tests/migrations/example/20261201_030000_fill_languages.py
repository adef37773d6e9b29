"""Backfill: students without a language get one.

Revision ID: 20261201_030000
Revises: 20261201_020000
"""

from alembic import op

from wc_sync_server.db.backfill import Backfill, require_filled

revision = "20261201_030000"
down_revision = "20261201_020000"
branch_labels = None
depends_on = None
kind = "backfill"

BACKFILL = Backfill(
    name="language-of-students",
    table="students",
    missing="t.home_language IS NULL",
    change="home_language = 'en'",
)


def upgrade() -> None:
    require_filled(op.get_bind(), BACKFILL)


def downgrade() -> None:
    """Leave the values: the column goes with the revision that made it."""
