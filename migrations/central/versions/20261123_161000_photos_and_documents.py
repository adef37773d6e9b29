"""The content of photos and documents, in encrypted pieces; documents are found by the hash of their content.

Revision ID: 20261123_161000
Revises: 20261123_160000

The statements of the new tables stand in the .sql file of the same name and are frozen there.
"""

from pathlib import Path

from alembic import op

from wc_sync_server.db.online import create_index, drop_index

revision = "20261123_161000"
down_revision = "20261123_160000"
branch_labels = None
depends_on = None
kind = "expand"

INDEX = "ix_documents_sha256"
STATEMENTS = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    # First, for it is made outside the transaction: tried again, it is there already.
    create_index(op.get_context(), INDEX, "documents (district_id, sha256) WHERE deleted_at IS NULL")
    op.get_bind().exec_driver_sql(STATEMENTS.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE blob_pieces")
    op.execute("DROP TABLE blobs")
    drop_index(op.get_context(), INDEX)
