"""What was written down at a workstation whose lease had ended: no chart was seen, perhaps no child named.

Revision ID: 20261123_233600
Revises: 20261123_233510

Only a new table, and it is empty: the old program goes on beside it.
"""

from alembic import op

revision = "20261123_233600"
down_revision = "20261123_233510"
branch_labels = None
depends_on = None
kind = "expand"

_WRITERS = "'ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'"
_SEEN = """district_id = (SELECT wc_sec.current_district())::uuid
    AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])"""
_WRITES = f"(SELECT wc_sec.current_role())::text IN ({_WRITERS})"

CAPTURES = (
    """CREATE TABLE captures (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID,
    child TEXT,
    medicine TEXT NOT NULL,
    amount TEXT,
    route TEXT,
    status TEXT NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT,
    lease_ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    CONSTRAINT pk_captures PRIMARY KEY (district_id, id),
    CONSTRAINT ck_captures_entry CHECK (num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)),
    CONSTRAINT fk_captures_school_id FOREIGN KEY(district_id, school_id)
        REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_captures_student_id FOREIGN KEY(district_id, student_id)
        REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_captures_route CHECK (
        route IN ('ORAL', 'INHALED', 'NASAL', 'SUBCUTANEOUS', 'INTRAMUSCULAR', 'TOPICAL', 'OPHTHALMIC', 'OTIC',
            'BUCCAL', 'SUBLINGUAL', 'RECTAL', 'ENTERAL_TUBE', 'TRANSDERMAL')),
    CONSTRAINT ck_captures_status CHECK (
        status IN ('ADMINISTERED', 'PARTIAL', 'REFUSED', 'ABSENT', 'DISMISSED_EARLY', 'HELD', 'MISSED',
            'NOT_AVAILABLE', 'WASTED', 'SELF_ADMINISTERED', 'OFF_SITE', 'VOMITED', 'ENTERED_IN_ERROR')),
    CONSTRAINT fk_captures_author_user_id FOREIGN KEY(district_id, author_user_id)
        REFERENCES users (district_id, id) ON DELETE RESTRICT
)""",
    "CREATE INDEX ix_captures_author_user_id ON captures (district_id, author_user_id)",
    "CREATE INDEX ix_captures_school_id_row_version ON captures (district_id, school_id, row_version)",
    "CREATE INDEX ix_captures_student_id ON captures (district_id, student_id)",
    "ALTER TABLE captures ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE captures FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY tenant ON captures USING ({_SEEN}) WITH CHECK ({_SEEN})",
    f"CREATE POLICY writers_insert ON captures AS RESTRICTIVE FOR INSERT WITH CHECK ({_WRITES})",
    f"""CREATE POLICY writers_update ON captures AS RESTRICTIVE
    FOR UPDATE USING ({_WRITES}) WITH CHECK ({_WRITES})""",
    f"CREATE POLICY writers_delete ON captures AS RESTRICTIVE FOR DELETE USING ({_WRITES})",
    "GRANT SELECT, INSERT ON captures TO wc_app",
    "GRANT UPDATE (row_version, updated_at) ON captures TO wc_app",
    "GRANT SELECT ON captures TO wc_backup",
)


def upgrade() -> None:
    for statement in CAPTURES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE captures")
