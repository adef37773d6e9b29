"""By what name a district's single sign-on knows a person, as an operator linked it.

Revision ID: 20261123_233000
Revises: 20261123_232000

Only new columns without a default, and an index over none of the rows there are: the old program goes on beside them.
"""

from alembic import op

from wc_sync_server.db.online import create_index, drop_index

revision = "20261123_233000"
down_revision = "20261123_232000"
branch_labels = None
depends_on = None
kind = "expand"

INDEX = "uq_user_credentials_sign_on"
COLUMNS = ("sign_on_issuer", "sign_on_name", "sign_on_last")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE user_credentials ADD COLUMN sign_on_issuer text,"
        " ADD COLUMN sign_on_name text,"
        " ADD COLUMN sign_on_last bigint"
    )
    create_index(
        op.get_context(),
        INDEX,
        "user_credentials (district_id, sign_on_issuer, sign_on_name)",
        unique=True,
        where="sign_on_name IS NOT NULL",
    )


def downgrade() -> None:
    drop_index(op.get_context(), INDEX)
    for column in COLUMNS:
        op.execute(f"ALTER TABLE user_credentials DROP COLUMN {column}")
