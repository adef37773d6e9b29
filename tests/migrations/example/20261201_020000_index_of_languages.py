"""Expand: an index, made while everybody writes.

Revision ID: 20261201_020000
Revises: 20261201_010000
"""

from alembic import op

from wc_sync_server.db.online import create_index, drop_index

revision = "20261201_020000"
down_revision = "20261201_010000"
branch_labels = None
depends_on = None
kind = "expand"

INDEX = "ix_students_home_language"


def upgrade() -> None:
    create_index(op.get_context(), INDEX, "students (district_id, home_language)")


def downgrade() -> None:
    drop_index(op.get_context(), INDEX)
