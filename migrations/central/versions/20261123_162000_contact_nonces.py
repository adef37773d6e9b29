"""What tells two copies of one workstation apart, and up to which number a fork was settled.

Revision ID: 20261123_162000
Revises: 20261123_161000

Constant defaults write no row; the old program names its columns and goes on beside it.
"""

from alembic import op

revision = "20261123_162000"
down_revision = "20261123_161000"
branch_labels = None
depends_on = None
kind = "expand"

COLUMNS = ("contact_nonce", "given_nonces", "challenge_nonce", "settled_upto")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE devices ADD COLUMN contact_nonce text,"
        " ADD COLUMN given_nonces jsonb NOT NULL DEFAULT '[]'::jsonb,"
        " ADD COLUMN challenge_nonce text,"
        " ADD COLUMN settled_upto bigint NOT NULL DEFAULT 0"
    )


def downgrade() -> None:
    for column in COLUMNS:
        op.execute(f"ALTER TABLE devices DROP COLUMN {column}")
