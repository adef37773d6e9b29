"""A child's doses, the newest first, by one index whatever their state.

Revision ID: 20261123_113500
Revises: 20261123_113000

The partial index of given doses does not serve a list of all of them. Of a child with many, the planner read the
school's doses instead.
"""

from alembic import op

from wc_sync_server.db.online import create_index, drop_index

revision = "20261123_113500"
down_revision = "20261123_113000"
branch_labels = None
depends_on = None
kind = "expand"

INDEX = "idx_medication_logs_student_recent"


def upgrade() -> None:
    create_index(op.get_context(), INDEX, "medication_logs (district_id, student_id, administered_at DESC)")


def downgrade() -> None:
    drop_index(op.get_context(), INDEX)
