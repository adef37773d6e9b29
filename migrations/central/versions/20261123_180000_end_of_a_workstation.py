"""How a workstation ends: lost or retired, what it was told and what holds it up, and its signed receipt.

Revision ID: 20261123_180000
Revises: 20261123_164000

Only new columns without a default: no row is written, and the old program goes on beside them. A workstation that was
revoked before this counts as lost.
"""

from alembic import op

revision = "20261123_180000"
down_revision = "20261123_164000"
branch_labels = None
depends_on = None
kind = "expand"

COLUMNS = ("revoked_reason", "wipe_told_at", "wipe_held", "wipe_receipt", "wipe_signature")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE devices ADD COLUMN revoked_reason text,"
        " ADD COLUMN wipe_told_at timestamptz,"
        " ADD COLUMN wipe_held text,"
        " ADD COLUMN wipe_receipt text,"
        " ADD COLUMN wipe_signature bytea"
    )


def downgrade() -> None:
    for column in COLUMNS:
        op.execute(f"ALTER TABLE devices DROP COLUMN {column}")
