"""The application may no longer take a fact from one school to another.

Revision ID: 20261123_114000
Revises: 20261123_113500

A fact stays with the school where it happened. A transfer moved it by this right until the unit of work refused to:
a version that still does would fail here, so this is a contract.
"""

from alembic import op

revision = "20261123_114000"
down_revision = "20261123_113500"
branch_labels = None
depends_on = None
kind = "contract"

FACTS = ("incident_addenda", "inventory_transactions", "medication_ledger", "medication_logs", "order_versions")


def upgrade() -> None:
    for table in FACTS:
        op.execute(f"REVOKE UPDATE (school_id) ON {table} FROM wc_app")


def downgrade() -> None:
    for table in FACTS:
        op.execute(f"GRANT UPDATE (school_id) ON {table} TO wc_app")
