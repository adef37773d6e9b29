"""Vital signs of a confidential visit are seen by those who may see the visit.

Revision ID: 20261123_113000
Revises: 20261123_070000

No row changes. The version before this one goes on working: it reads vital signs as DEVICE and SYSTEM only, which see
all of their school.
"""

from alembic import op

revision = "20261123_113000"
down_revision = "20261123_070000"
branch_labels = None
depends_on = None
kind = "expand"

_PREDICATE = """visit_id IS NULL
    OR (SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUPERVISOR', 'SYSTEM')
    OR EXISTS (SELECT 1 FROM clinic_visits AS above
               WHERE above.district_id = (SELECT wc_sec.current_district())::uuid AND above.id = visit_id)"""


def upgrade() -> None:
    op.execute(
        f"CREATE POLICY confidential_with ON vital_signs AS RESTRICTIVE USING ({_PREDICATE}) WITH CHECK ({_PREDICATE})"
    )


def downgrade() -> None:
    op.execute("DROP POLICY confidential_with ON vital_signs")
