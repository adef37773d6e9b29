"""Both sides of a conflict, entries that wait and entries said again, and shelves that may be below nothing.

Revision ID: 20261123_163000
Revises: 20261123_162000

Nothing that the version before this one does is refused: the new tables and the column are empty, and that a shelf
never goes below zero is what it asks before it writes.
"""

from alembic import op

from wc_sync_server.db.online import create_index, drop_index

revision = "20261123_163000"
down_revision = "20261123_162000"
branch_labels = None
depends_on = None
kind = "expand"
excused = {
    "ban-drop-constraint": "less is demanded than before: what the running version writes passes with it and without",
}

AMENDING = "idx_medication_logs_amending"
_WRITERS = "'ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'"
_SEEN = """district_id = (SELECT wc_sec.current_district())::uuid
    AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])"""
_WRITES = f"(SELECT wc_sec.current_role())::text IN ({_WRITERS})"

SIDES = (
    """CREATE TABLE case_sides (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    case_id UUID NOT NULL,
    record_kind TEXT NOT NULL,
    record_id UUID NOT NULL,
    values JSONB NOT NULL,
    stands BOOLEAN NOT NULL,
    entry_id UUID,
    author_user_id UUID,
    authored_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_case_sides PRIMARY KEY (district_id, id),
    CONSTRAINT fk_case_sides_school_id FOREIGN KEY(district_id, school_id)
        REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_case_sides_case_id FOREIGN KEY(district_id, case_id)
        REFERENCES review_cases (district_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_case_sides_author_user_id FOREIGN KEY(district_id, author_user_id)
        REFERENCES users (district_id, id) ON DELETE RESTRICT
)""",
    "CREATE INDEX ix_case_sides_author_user_id ON case_sides (district_id, author_user_id)",
    "CREATE INDEX ix_case_sides_case_id ON case_sides (district_id, case_id)",
    "CREATE INDEX ix_case_sides_school_id_row_version ON case_sides (district_id, school_id, row_version)",
    "ALTER TABLE case_sides ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE case_sides FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY tenant ON case_sides USING ({_SEEN}) WITH CHECK ({_SEEN})",
    f"CREATE POLICY writers_insert ON case_sides AS RESTRICTIVE FOR INSERT WITH CHECK ({_WRITES})",
    f"CREATE POLICY writers_update ON case_sides AS RESTRICTIVE FOR UPDATE USING ({_WRITES}) WITH CHECK ({_WRITES})",
    f"CREATE POLICY writers_delete ON case_sides AS RESTRICTIVE FOR DELETE USING ({_WRITES})",
    "GRANT SELECT, INSERT ON case_sides TO wc_app",
    "GRANT UPDATE (row_version, updated_at) ON case_sides TO wc_app",
    "GRANT SELECT ON case_sides TO wc_backup",
)

LATER = (
    """CREATE TABLE later_answers (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    entry_id UUID NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    fields JSONB DEFAULT '[]'::jsonb NOT NULL,
    findings JSONB DEFAULT '[]'::jsonb NOT NULL,
    cases JSONB DEFAULT '[]'::jsonb NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_later_answers PRIMARY KEY (district_id, entry_id),
    CONSTRAINT fk_later_answers_school_id FOREIGN KEY(district_id, school_id)
        REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_later_answers_outcome
        CHECK (outcome IN ('applied', 'merged', 'case_opened', 'duplicate', 'refused'))
)""",
    "CREATE INDEX ix_later_answers_school_id ON later_answers (district_id, school_id)",
    "ALTER TABLE later_answers ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE later_answers FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY tenant ON later_answers USING ({_SEEN}) WITH CHECK ({_SEEN})",
    f"CREATE POLICY writers_insert ON later_answers AS RESTRICTIVE FOR INSERT WITH CHECK ({_WRITES})",
    f"CREATE POLICY writers_update ON later_answers AS RESTRICTIVE FOR UPDATE USING ({_WRITES}) WITH CHECK ({_WRITES})",
    f"CREATE POLICY writers_delete ON later_answers AS RESTRICTIVE FOR DELETE USING ({_WRITES})",
    "GRANT SELECT, INSERT ON later_answers TO wc_app",
    "GRANT SELECT ON later_answers TO wc_backup",
)


def upgrade() -> None:
    for statement in (*SIDES, *LATER):
        op.execute(statement)
    op.execute("ALTER TABLE refused_entries ADD COLUMN answered_entry_id uuid")
    op.execute("ALTER TABLE inventory_items DROP CONSTRAINT ck_inventory_items_quantity")
    create_index(op.get_context(), AMENDING, "medication_logs (district_id, order_id)", where="amends_id IS NOT NULL")


def downgrade() -> None:
    drop_index(op.get_context(), AMENDING)
    # Refused while a shelf is below nothing: what stands there must be counted first.
    op.execute("ALTER TABLE inventory_items ADD CONSTRAINT ck_inventory_items_quantity CHECK (quantity >= 0)")
    op.execute("ALTER TABLE refused_entries DROP COLUMN answered_entry_id")
    op.execute("DROP TABLE later_answers")
    op.execute("DROP TABLE case_sides")
