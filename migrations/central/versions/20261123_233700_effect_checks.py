"""What a medicine given as needed did, when it was looked at.

Revision ID: 20261123_233700
Revises: 20261123_233600

Only a new table, and it is empty: the old program goes on beside it.
"""

from alembic import op

revision = "20261123_233700"
down_revision = "20261123_233600"
branch_labels = None
depends_on = None
kind = "expand"

_WRITERS = "'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'"
_SEEN = """district_id = (SELECT wc_sec.current_district())::uuid
    AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])"""
_WRITES = f"(SELECT wc_sec.current_role())::text IN ({_WRITERS})"

EFFECT_CHECKS = (
    """CREATE TABLE effect_checks (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    dose_id UUID NOT NULL,
    checked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    effect TEXT NOT NULL,
    note TEXT,
    entry_id UUID,
    device_id UUID,
    device_seq INTEGER,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_tz TEXT NOT NULL,
    author_user_id UUID NOT NULL,
    amends_id UUID,
    amend_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_effect_checks PRIMARY KEY (district_id, id),
    CONSTRAINT ck_effect_checks_entry CHECK (num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)),
    CONSTRAINT fk_effect_checks_school_id FOREIGN KEY(district_id, school_id)
        REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_effect_checks_student_id FOREIGN KEY(district_id, student_id)
        REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_effect_checks_dose_id FOREIGN KEY(district_id, dose_id)
        REFERENCES medication_logs (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_effect_checks_effect CHECK (
        effect IN ('HELPED', 'HELPED_SOMEWHAT', 'NO_CHANGE', 'WORSE', 'NOT_SEEN')),
    CONSTRAINT fk_effect_checks_author_user_id FOREIGN KEY(district_id, author_user_id)
        REFERENCES users (district_id, id) ON DELETE RESTRICT
)""",
    "CREATE INDEX ix_effect_checks_author_user_id ON effect_checks (district_id, author_user_id)",
    "CREATE INDEX ix_effect_checks_dose_id ON effect_checks (district_id, dose_id)",
    "CREATE INDEX ix_effect_checks_school_id_row_version ON effect_checks (district_id, school_id, row_version)",
    "CREATE INDEX ix_effect_checks_student_id ON effect_checks (district_id, student_id)",
    "ALTER TABLE effect_checks ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE effect_checks FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY tenant ON effect_checks USING ({_SEEN}) WITH CHECK ({_SEEN})",
    f"CREATE POLICY writers_insert ON effect_checks AS RESTRICTIVE FOR INSERT WITH CHECK ({_WRITES})",
    f"""CREATE POLICY writers_update ON effect_checks AS RESTRICTIVE
    FOR UPDATE USING ({_WRITES}) WITH CHECK ({_WRITES})""",
    f"CREATE POLICY writers_delete ON effect_checks AS RESTRICTIVE FOR DELETE USING ({_WRITES})",
    "GRANT SELECT, INSERT ON effect_checks TO wc_app",
    "GRANT UPDATE (row_version, updated_at) ON effect_checks TO wc_app",
    "GRANT SELECT ON effect_checks TO wc_backup",
)


def upgrade() -> None:
    for statement in EFFECT_CHECKS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE effect_checks")
