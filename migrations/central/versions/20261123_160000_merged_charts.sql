CREATE TABLE student_merges (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    kept_id UUID NOT NULL,
    merged_id UUID NOT NULL,
    reason TEXT NOT NULL,
    changed JSONB NOT NULL,
    merged_at TIMESTAMP WITH TIME ZONE NOT NULL,
    merged_by UUID,
    undone_at TIMESTAMP WITH TIME ZONE,
    undone_by UUID,
    undone_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_student_merges PRIMARY KEY (district_id, id),
    CONSTRAINT ck_student_merges_undone_at CHECK (undone_at >= merged_at),
    CONSTRAINT fk_student_merges_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT fk_student_merges_kept_id FOREIGN KEY(district_id, kept_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_student_merges_merged_id FOREIGN KEY(district_id, merged_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_student_merges_merged_by FOREIGN KEY(district_id, merged_by) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_student_merges_undone_by FOREIGN KEY(district_id, undone_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);
CREATE INDEX ix_student_merges_kept_id ON student_merges (district_id, kept_id);
CREATE INDEX ix_student_merges_merged_by ON student_merges (district_id, merged_by);
CREATE INDEX ix_student_merges_merged_id ON student_merges (district_id, merged_id);
CREATE INDEX ix_student_merges_undone_by ON student_merges (district_id, undone_by);
CREATE UNIQUE INDEX uq_student_merges_standing ON student_merges (district_id, merged_id) WHERE undone_at IS NULL;
ALTER TABLE student_merges ENABLE ROW LEVEL SECURITY;
ALTER TABLE student_merges FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON student_merges USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);
CREATE POLICY readers ON student_merges AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));
GRANT SELECT, INSERT, UPDATE ON student_merges TO wc_app;
GRANT SELECT ON student_merges TO wc_backup;
