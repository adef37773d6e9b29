"""Who added a document and when.

Frozen: this text is what was released. Documents that are here keep their place in the stream: nobody said of them who
added them. What a newer server said meanwhile was kept (extra), and finds its place now.
"""

from alembic import op

revision = "20261123_0006"
down_revision = "20261123_0005"

COLUMNS = (
    "id, student_id, kind, title, media_type, size_bytes, sha256, blob_ref, expires_on, is_confidential, row_version"
)
STATEMENTS = (
    "ALTER TABLE documents RENAME TO documents_before",
    """CREATE TABLE documents (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_id" TEXT,
    "kind" TEXT NOT NULL,
    "title" TEXT,
    "media_type" TEXT NOT NULL,
    "size_bytes" INTEGER,
    "sha256" TEXT NOT NULL,
    "blob_ref" TEXT NOT NULL,
    "expires_on" TEXT,
    "is_confidential" INTEGER NOT NULL,
    "added_by" TEXT,
    "added_at" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    f"INSERT INTO documents ({COLUMNS}) SELECT {COLUMNS} FROM documents_before",
    "DROP TABLE documents_before",
    "CREATE INDEX documents_of_student ON documents (student_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("a replica is not taken back: it is rebuilt from the server")
