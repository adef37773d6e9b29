-- Frozen: what 20261123_161000_photos_and_documents.py runs to go up. Later changes are later revisions.

CREATE TABLE blobs (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    held_bytes BIGINT DEFAULT 0 NOT NULL,
    media_type TEXT NOT NULL,
    status TEXT NOT NULL,
    data_key BYTEA NOT NULL,
    device_id UUID,
    uploaded_by UUID NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_blobs PRIMARY KEY (district_id, id),
    CONSTRAINT fk_blobs_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_blobs_device_id FOREIGN KEY(district_id, device_id) REFERENCES devices (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_blobs_uploaded_by FOREIGN KEY(district_id, uploaded_by) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_blobs_status CHECK (status IN ('UPLOADING', 'COMPLETE', 'REFUSED')),
    CONSTRAINT ck_blobs_media_type CHECK (media_type IN ('image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/tiff', 'application/pdf')),
    CONSTRAINT ck_blobs_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_blobs_held_bytes CHECK (held_bytes >= 0 AND held_bytes <= size_bytes AND size_bytes > 0),
    CONSTRAINT ck_blobs_complete CHECK ((status = 'COMPLETE') = (completed_at IS NOT NULL))
);

CREATE INDEX ix_blobs_device_id ON blobs (district_id, device_id);

CREATE INDEX ix_blobs_school_id_sha256 ON blobs (district_id, school_id, sha256);

CREATE INDEX ix_blobs_unfinished ON blobs (district_id, updated_at) WHERE status <> 'COMPLETE';

CREATE INDEX ix_blobs_uploaded_by ON blobs (district_id, uploaded_by);

CREATE UNIQUE INDEX uq_blobs_living ON blobs (district_id, school_id, size_bytes, sha256) WHERE status <> 'REFUSED';

CREATE TABLE blob_pieces (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    blob_id UUID NOT NULL,
    start_byte BIGINT NOT NULL,
    byte_count BIGINT NOT NULL,
    content BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_blob_pieces PRIMARY KEY (district_id, blob_id, start_byte),
    CONSTRAINT fk_blob_pieces_blob_id FOREIGN KEY(district_id, blob_id) REFERENCES blobs (district_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_blob_pieces_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_blob_pieces_start_byte CHECK (start_byte >= 0 AND byte_count > 0)
);

CREATE INDEX ix_blob_pieces_school_id ON blob_pieces (district_id, school_id);

ALTER TABLE blobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE blobs FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON blobs USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON blobs AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON blobs AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON blobs AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE blob_pieces ENABLE ROW LEVEL SECURITY;

ALTER TABLE blob_pieces FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON blob_pieces USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON blob_pieces AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON blob_pieces AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON blob_pieces AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

GRANT SELECT, INSERT ON blobs TO wc_app;

GRANT SELECT ON blobs TO wc_backup;

GRANT SELECT, INSERT ON blob_pieces TO wc_app;

GRANT SELECT ON blob_pieces TO wc_backup;

GRANT UPDATE (held_bytes, status, completed_at, data_key, updated_at) ON blobs TO wc_app;
