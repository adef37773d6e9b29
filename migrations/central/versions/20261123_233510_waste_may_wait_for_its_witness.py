"""Waste without a witness is kept, and waits for one: what happened is never refused (rules.md C5).

Revision ID: 20261123_233510
Revises: 20261123_233000

A demand goes, and nothing else: the old program, which writes no such line, goes on beside it.
"""

from alembic import op

revision = "20261123_233510"
down_revision = "20261123_233000"
branch_labels = None
depends_on = None
kind = "expand"
excused = {"ban-drop-constraint": "no program relies on it: who read such lines reads them without a witness too"}

CHECK = "ck_medication_ledger_witnessed"
DEMAND = "event NOT IN ('WASTED', 'DESTROYED') OR witness_id IS NOT NULL"


def upgrade() -> None:
    op.execute(f"ALTER TABLE medication_ledger DROP CONSTRAINT {CHECK}")


def downgrade() -> None:
    # Lines that were written without a witness meanwhile stay: they are facts.
    op.execute(f"ALTER TABLE medication_ledger ADD CONSTRAINT {CHECK} CHECK ({DEMAND}) NOT VALID")
