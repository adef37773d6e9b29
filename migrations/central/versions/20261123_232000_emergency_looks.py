"""Looks at the emergency card: who asked, why, when, and whose cards were opened.

Revision ID: 20261123_232000
Revises: 20261123_230000

Only a new table, and it is empty: the old program goes on beside it.
"""

from alembic import op

revision = "20261123_232000"
down_revision = "20261123_230000"
branch_labels = None
depends_on = None
kind = "expand"

_WRITERS = "'ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'"
_SEEN = """district_id = (SELECT wc_sec.current_district())::uuid
    AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])"""
_WRITES = f"(SELECT wc_sec.current_role())::text IN ({_WRITERS})"

LOOKS = (
    """CREATE TABLE emergency_looks (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    use_id UUID NOT NULL,
    workstation_id UUID NOT NULL,
    number INTEGER NOT NULL,
    student_id UUID,
    looked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    asked_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_emergency_looks PRIMARY KEY (district_id, id),
    CONSTRAINT fk_emergency_looks_school_id FOREIGN KEY(district_id, school_id)
        REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_emergency_looks_student_id FOREIGN KEY(district_id, student_id)
        REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_emergency_looks_reason CHECK (
        reason IN ('ALLERGIC_REACTION', 'BREATHING', 'SEIZURE', 'INJURY', 'REACH_FAMILY', 'OTHER'))
)""",
    "CREATE INDEX ix_emergency_looks_student_id ON emergency_looks (district_id, student_id)",
    "CREATE INDEX ix_emergency_looks_school_id_row_version ON emergency_looks (district_id, school_id, row_version)",
    "ALTER TABLE emergency_looks ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE emergency_looks FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY tenant ON emergency_looks USING ({_SEEN}) WITH CHECK ({_SEEN})",
    f"CREATE POLICY writers_insert ON emergency_looks AS RESTRICTIVE FOR INSERT WITH CHECK ({_WRITES})",
    f"""CREATE POLICY writers_update ON emergency_looks AS RESTRICTIVE
    FOR UPDATE USING ({_WRITES}) WITH CHECK ({_WRITES})""",
    f"CREATE POLICY writers_delete ON emergency_looks AS RESTRICTIVE FOR DELETE USING ({_WRITES})",
    "GRANT SELECT, INSERT ON emergency_looks TO wc_app",
    "GRANT UPDATE (row_version, updated_at) ON emergency_looks TO wc_app",
    "GRANT SELECT ON emergency_looks TO wc_backup",
)


def upgrade() -> None:
    for statement in LOOKS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE emergency_looks")
