"""What somebody put down in a record to insert only is no longer the application's to change.

Revision ID: 20261123_115000
Revises: 20261123_114000

It keeps what its own work needs: a record goes along with its child, is deleted softly, is counted in its stream, and
is sealed anew. The version before this one names every column on a conflict of ids and would fail: a contract.
Vaccinations stay as they were: an import takes over what a registry mended.
"""

from alembic import op

revision = "20261123_115000"
down_revision = "20261123_114000"
branch_labels = None
depends_on = None
kind = "contract"

_OF_ALL = "row_version, updated_at, school_id, deleted_at"
CHANGING = {
    "clinic_visits": _OF_ALL,
    "documents": f"{_OF_ALL}, blob_ref",
    "head_injury_checks": _OF_ALL,
    "health_records": f"{_OF_ALL}, notes",
    "notifications": _OF_ALL,
    "screenings": _OF_ALL,
    "vital_signs": _OF_ALL,
    "witness_statements": _OF_ALL,
}


def upgrade() -> None:
    for table, columns in CHANGING.items():
        op.execute(f"REVOKE UPDATE ON {table} FROM wc_app")
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO wc_app")


def downgrade() -> None:
    for table, columns in CHANGING.items():
        op.execute(f"REVOKE UPDATE ({columns}) ON {table} FROM wc_app")
        op.execute(f"GRANT UPDATE ON {table} TO wc_app")
