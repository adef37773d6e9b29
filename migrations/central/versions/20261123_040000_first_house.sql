-- Frozen: what 20261123_040000_first_house.py runs. Later changes are later revisions.

CREATE SCHEMA wc_sec;

REVOKE ALL ON SCHEMA wc_sec FROM PUBLIC;

CREATE FUNCTION wc_sec.current_district() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT nullif(current_setting('wc.district', true), '')::uuid $$;

REVOKE ALL ON FUNCTION wc_sec.current_district() FROM PUBLIC;

CREATE FUNCTION wc_sec.current_school_ids() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT string_to_array(nullif(current_setting('wc.schools', true), ''), ',')::uuid[] $$;

REVOKE ALL ON FUNCTION wc_sec.current_school_ids() FROM PUBLIC;

CREATE FUNCTION wc_sec.current_user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT nullif(current_setting('wc.user', true), '')::uuid $$;

REVOKE ALL ON FUNCTION wc_sec.current_user_id() FROM PUBLIC;

CREATE FUNCTION wc_sec.current_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT nullif(current_setting('wc.role', true), '') $$;

REVOKE ALL ON FUNCTION wc_sec.current_role() FROM PUBLIC;

CREATE TABLE audit_logs (
    district_id UUID NOT NULL,
    school_id UUID,
    id UUID NOT NULL,
    user_id UUID,
    role TEXT,
    device_id UUID,
    entry_id UUID,
    action TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    fields JSONB NOT NULL,
    detail JSONB,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_logs PRIMARY KEY (district_id, id, received_at)
)
 PARTITION BY RANGE (received_at);

CREATE INDEX idx_audit_logs_at ON audit_logs (district_id, at DESC, action, entity_type);

CREATE INDEX idx_audit_logs_entity ON audit_logs (district_id, entity_type, entity_id, action, at DESC);

CREATE INDEX idx_audit_logs_export ON audit_logs (district_id, at DESC) WHERE action = 'EXPORT';

CREATE INDEX idx_audit_logs_user ON audit_logs (district_id, user_id, at DESC);

CREATE TABLE audit_overflow (
    district_id UUID NOT NULL,
    school_id UUID,
    id UUID NOT NULL,
    user_id UUID,
    role TEXT,
    device_id UUID,
    entry_id UUID,
    action TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    fields JSONB NOT NULL,
    detail JSONB,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_overflow PRIMARY KEY (district_id, id)
);

CREATE TABLE district_directory (
    district_id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    cell TEXT DEFAULT 'main' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_district_directory PRIMARY KEY (district_id),
    CONSTRAINT uq_district_directory_code UNIQUE (code),
    CONSTRAINT ck_district_directory_code CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,62}$')
);

CREATE TABLE districts (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    sourced_id TEXT,
    policy JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_districts PRIMARY KEY (district_id, id),
    CONSTRAINT uq_districts_district_id UNIQUE (district_id),
    CONSTRAINT uq_districts_sourced_id UNIQUE (district_id, sourced_id),
    CONSTRAINT ck_districts_id CHECK (id = district_id),
    CONSTRAINT ck_districts_state CHECK (state ~ '^[A-Z]{2}$')
);

CREATE INDEX ix_districts_row_version ON districts (district_id, row_version);

CREATE TABLE server_epochs (
    id UUID NOT NULL,
    reason TEXT NOT NULL,
    minted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_server_epochs PRIMARY KEY (id)
);

CREATE INDEX ix_server_epochs_minted_at ON server_epochs (minted_at);

CREATE TABLE medications (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    name TEXT NOT NULL,
    generic_name TEXT,
    brand_name TEXT,
    category TEXT,
    form TEXT NOT NULL,
    strength TEXT,
    rxcui TEXT,
    ndc11 TEXT,
    dea_schedule TEXT,
    ingredients JSONB NOT NULL,
    is_emergency BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    search TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, coalesce(name, '') || ' ' || coalesce(generic_name, '') || ' ' || coalesce(brand_name, ''))) STORED,
    CONSTRAINT pk_medications PRIMARY KEY (district_id, id),
    CONSTRAINT fk_medications_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT ck_medications_form CHECK (form IN ('TABLET', 'CHEWABLE', 'CAPSULE', 'LIQUID', 'INHALER', 'NASAL_SPRAY', 'INJECTION', 'AUTO_INJECTOR', 'PEN', 'CREAM', 'DROPS', 'PATCH', 'RECTAL_GEL', 'OTHER')),
    CONSTRAINT ck_medications_ndc11 CHECK (ndc11 ~ '^[0-9]{11}$')
);

CREATE INDEX idx_medications_search ON medications USING gin (search);

CREATE INDEX ix_medications_row_version ON medications (district_id, row_version);

CREATE TABLE schools (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    name TEXT NOT NULL,
    timezone TEXT NOT NULL,
    sourced_id TEXT,
    bells JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_schools PRIMARY KEY (district_id, id),
    CONSTRAINT fk_schools_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT uq_schools_sourced_id UNIQUE (district_id, sourced_id)
);

CREATE INDEX ix_schools_row_version ON schools (district_id, row_version);

CREATE TABLE users (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    role TEXT NOT NULL,
    licence_type TEXT,
    licence_expires DATE,
    is_active BOOLEAN NOT NULL,
    email TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    failed_logins INTEGER DEFAULT 0 NOT NULL,
    lockout_until TIMESTAMP WITH TIME ZONE,
    generation INTEGER DEFAULT 1 NOT NULL,
    mfa_enabled BOOLEAN DEFAULT false NOT NULL,
    email_verified BOOLEAN DEFAULT false NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    search TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(email, ''))) STORED,
    CONSTRAINT pk_users PRIMARY KEY (district_id, id),
    CONSTRAINT fk_users_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT ck_users_role CHECK (role IN ('NURSE', 'SUBSTITUTE', 'UNLICENSED', 'SUPERVISOR', 'ADMIN', 'READ_ONLY')),
    CONSTRAINT uq_users_email UNIQUE (district_id, email),
    CONSTRAINT ck_users_email CHECK (email = lower(email)),
    CONSTRAINT ck_users_failed_logins CHECK (failed_logins >= 0),
    CONSTRAINT ck_users_generation CHECK (generation > 0)
);

CREATE INDEX idx_users_email_verified ON users (district_id, email_verified);

CREATE INDEX idx_users_failed_login_attempts ON users (district_id, email, failed_logins);

CREATE INDEX idx_users_lockout_until ON users (district_id, lockout_until) WHERE lockout_until IS NOT NULL;

CREATE INDEX idx_users_mfa_enabled ON users (district_id, mfa_enabled);

CREATE INDEX idx_users_search ON users USING gin (search);

CREATE INDEX ix_users_row_version ON users (district_id, row_version);

CREATE TABLE calendar_days (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    date DATE NOT NULL,
    kind TEXT NOT NULL,
    open TEXT,
    close TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_calendar_days PRIMARY KEY (district_id, id),
    CONSTRAINT fk_calendar_days_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_calendar_days_kind CHECK (kind IN ('SCHOOL_DAY', 'HOLIDAY', 'DELAYED_OPENING', 'EARLY_DISMISSAL'))
);

CREATE INDEX ix_calendar_days_school_id_row_version ON calendar_days (district_id, school_id, row_version);

CREATE UNIQUE INDEX uq_calendar_days_date ON calendar_days (district_id, school_id, date) WHERE deleted_at IS NULL;

CREATE TABLE devices (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    sign_key BYTEA NOT NULL,
    seal_key BYTEA NOT NULL,
    app_version TEXT,
    enrolled_by UUID,
    enrolled_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    last_seen_at TIMESTAMP WITH TIME ZONE,
    last_number BIGINT DEFAULT 0 NOT NULL,
    waiting INTEGER DEFAULT 0 NOT NULL,
    oldest_waiting_at TIMESTAMP WITH TIME ZONE,
    clock_offset_ms BIGINT,
    directive TEXT DEFAULT 'ok' NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    wiped_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_devices PRIMARY KEY (district_id, id),
    CONSTRAINT fk_devices_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_devices_enrolled_by FOREIGN KEY(district_id, enrolled_by) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_devices_directive CHECK (directive IN ('ok', 'reconcile', 'forked', 'drain_only', 'upgrade', 'wipe')),
    CONSTRAINT ck_devices_sign_key CHECK (octet_length(sign_key) = 32),
    CONSTRAINT ck_devices_seal_key CHECK (octet_length(seal_key) = 32),
    CONSTRAINT ck_devices_last_number CHECK (last_number >= 0)
);

CREATE INDEX ix_devices_enrolled_by ON devices (district_id, enrolled_by);

CREATE INDEX ix_devices_school_id ON devices (district_id, school_id);

CREATE TABLE school_assignments (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    user_id UUID NOT NULL,
    assigned_from DATE NOT NULL,
    assigned_to DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_school_assignments PRIMARY KEY (district_id, id),
    CONSTRAINT fk_school_assignments_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_school_assignments_user_id FOREIGN KEY(district_id, user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_school_assignments_assigned_to CHECK (assigned_to >= assigned_from)
);

CREATE INDEX ix_school_assignments_school_id_row_version ON school_assignments (district_id, school_id, row_version);

CREATE INDEX ix_school_assignments_user_id ON school_assignments (district_id, user_id);

CREATE TABLE streams (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    school_id UUID,
    head BIGINT DEFAULT 0 NOT NULL,
    heads JSONB DEFAULT '{}'::jsonb NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_streams PRIMARY KEY (district_id, id),
    CONSTRAINT fk_streams_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_streams_kind CHECK (kind IN ('SCHOOL', 'DISTRICT')),
    CONSTRAINT ck_streams_id CHECK (CASE kind WHEN 'DISTRICT' THEN school_id IS NULL AND id = district_id ELSE school_id = id END),
    CONSTRAINT ck_streams_head CHECK (head >= 0)
);

CREATE INDEX ix_streams_school_id ON streams (district_id, school_id);

CREATE TABLE students (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_number TEXT NOT NULL,
    sourced_id TEXT,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    preferred_name TEXT,
    date_of_birth DATE NOT NULL,
    grade TEXT NOT NULL,
    homeroom TEXT,
    gender TEXT,
    medical_record_num TEXT,
    nurse_id UUID,
    is_active BOOLEAN NOT NULL,
    enrolled_on DATE NOT NULL,
    withdrawn_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    search TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(preferred_name, '') || ' ' || coalesce(student_number, ''))) STORED,
    CONSTRAINT pk_students PRIMARY KEY (district_id, id),
    CONSTRAINT fk_students_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_students_nurse_id FOREIGN KEY(district_id, nurse_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT uq_students_student_number UNIQUE (district_id, student_number),
    CONSTRAINT uq_students_sourced_id UNIQUE (district_id, sourced_id),
    CONSTRAINT uq_students_medical_record_num UNIQUE (district_id, medical_record_num),
    CONSTRAINT ck_students_withdrawn_on CHECK (withdrawn_on >= enrolled_on),
    CONSTRAINT ck_students_date_of_birth CHECK (enrolled_on >= date_of_birth + interval '3 years' AND enrolled_on < date_of_birth + interval '23 years')
);

CREATE INDEX idx_students_district_active ON students (district_id, is_active);

CREATE INDEX idx_students_nurse ON students (district_id, nurse_id) WHERE is_active;

CREATE INDEX idx_students_school_grade_active ON students (district_id, school_id, grade, is_active);

CREATE INDEX idx_students_search ON students USING gin (search);

CREATE INDEX ix_students_nurse_id ON students (district_id, nurse_id);

CREATE INDEX ix_students_school_id_row_version ON students (district_id, school_id, row_version);

CREATE TABLE user_credentials (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    password_hash TEXT NOT NULL,
    totp_secret BYTEA,
    totp_last_step BIGINT,
    password_changed_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_user_credentials PRIMARY KEY (district_id, id),
    CONSTRAINT fk_user_credentials_id FOREIGN KEY(district_id, id) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE TABLE allergies (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    allergen TEXT NOT NULL,
    code TEXT,
    code_system TEXT,
    ingredient_codes JSONB NOT NULL,
    reaction TEXT,
    criticality TEXT NOT NULL,
    verified_on DATE,
    is_active BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_allergies PRIMARY KEY (district_id, id),
    CONSTRAINT fk_allergies_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_allergies_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_allergies_criticality CHECK (criticality IN ('low', 'high', 'unable-to-assess'))
);

CREATE INDEX ix_allergies_school_id_row_version ON allergies (district_id, school_id, row_version);

CREATE INDEX ix_allergies_student_id ON allergies (district_id, student_id);

CREATE TABLE chronic_conditions (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    name TEXT NOT NULL,
    icd10 TEXT,
    snomed TEXT,
    onset DATE,
    care_plan JSONB,
    review_due DATE,
    status TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_chronic_conditions PRIMARY KEY (district_id, id),
    CONSTRAINT fk_chronic_conditions_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_chronic_conditions_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_chronic_conditions_status CHECK (status IN ('ACTIVE', 'RESOLVED'))
);

CREATE INDEX ix_chronic_conditions_school_id_row_version ON chronic_conditions (district_id, school_id, row_version);

CREATE INDEX ix_chronic_conditions_student_id ON chronic_conditions (district_id, student_id);

CREATE TABLE emergency_contacts (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    name TEXT NOT NULL,
    relationship TEXT NOT NULL,
    phone TEXT NOT NULL,
    priority INTEGER NOT NULL,
    is_primary BOOLEAN NOT NULL,
    may_pick_up BOOLEAN NOT NULL,
    custody_note TEXT,
    is_active BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_emergency_contacts PRIMARY KEY (district_id, id),
    CONSTRAINT fk_emergency_contacts_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_emergency_contacts_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_emergency_contacts_priority CHECK (priority >= 1)
);

CREATE UNIQUE INDEX idx_emergency_contacts_student_primary ON emergency_contacts (district_id, student_id) WHERE is_primary AND is_active AND deleted_at IS NULL;

CREATE INDEX ix_emergency_contacts_school_id_row_version ON emergency_contacts (district_id, school_id, row_version);

CREATE INDEX ix_emergency_contacts_student_id ON emergency_contacts (district_id, student_id);

CREATE TABLE enrolment_codes (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    issued_by UUID,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    used_by_device UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_enrolment_codes PRIMARY KEY (district_id, id),
    CONSTRAINT uq_enrolment_codes_code_hash UNIQUE (district_id, code_hash),
    CONSTRAINT fk_enrolment_codes_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_enrolment_codes_issued_by FOREIGN KEY(district_id, issued_by) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_enrolment_codes_used_by_device FOREIGN KEY(district_id, used_by_device) REFERENCES devices (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_enrolment_codes_expires_at CHECK (expires_at >= issued_at),
    CONSTRAINT ck_enrolment_codes_used CHECK ((used_at IS NULL) = (used_by_device IS NULL))
);

CREATE INDEX ix_enrolment_codes_issued_by ON enrolment_codes (district_id, issued_by);

CREATE INDEX ix_enrolment_codes_school_id ON enrolment_codes (district_id, school_id);

CREATE INDEX ix_enrolment_codes_used_by_device ON enrolment_codes (district_id, used_by_device);

CREATE TABLE incident_reports (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID,
    type TEXT NOT NULL,
    severity TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    location TEXT NOT NULL,
    activity TEXT,
    narrative TEXT NOT NULL,
    body_regions JSONB NOT NULL,
    injury_kind TEXT,
    witnesses JSONB NOT NULL,
    care_given TEXT,
    disposition TEXT NOT NULL,
    checks JSONB NOT NULL,
    notifications JSONB NOT NULL,
    med_error_type TEXT,
    ncc_merp TEXT,
    follow_up_due DATE,
    status TEXT NOT NULL,
    signed_at TIMESTAMP WITH TIME ZONE,
    entry_id UUID NOT NULL,
    device_id UUID NOT NULL,
    device_seq INTEGER NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_tz TEXT NOT NULL,
    author_user_id UUID NOT NULL,
    replica_as_of TIMESTAMP WITH TIME ZONE,
    flags JSONB NOT NULL,
    amends_id UUID,
    amend_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_incident_reports PRIMARY KEY (district_id, id),
    CONSTRAINT fk_incident_reports_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_incident_reports_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_incident_reports_type CHECK (type IN ('INJURY', 'HEAD_INJURY', 'BITE', 'MEDICATION_ERROR', 'BEHAVIOURAL', 'EXPOSURE', 'NEAR_MISS')),
    CONSTRAINT ck_incident_reports_severity CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    CONSTRAINT ck_incident_reports_disposition CHECK (disposition IN ('RETURNED_TO_CLASS', 'RESTED_IN_CLINIC', 'SENT_HOME', 'MEDICAL_CARE', 'EMS')),
    CONSTRAINT ck_incident_reports_med_error_type CHECK (med_error_type IN ('WRONG_STUDENT', 'WRONG_DRUG', 'WRONG_DOSE', 'WRONG_TIME', 'WRONG_ROUTE', 'OMISSION', 'DUPLICATE', 'NO_AUTHORISATION', 'EXPIRED', 'DOCUMENTATION')),
    CONSTRAINT ck_incident_reports_status CHECK (status IN ('DRAFT', 'SIGNED', 'FOLLOW_UP', 'CLOSED')),
    CONSTRAINT fk_incident_reports_author_user_id FOREIGN KEY(district_id, author_user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_incident_reports_ncc_merp CHECK (ncc_merp IN ('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'))
);

CREATE INDEX idx_incident_reports_critical ON incident_reports (district_id, severity, occurred_at DESC) WHERE severity IN ('HIGH', 'CRITICAL');

CREATE INDEX idx_incident_reports_follow_up ON incident_reports (district_id, status, follow_up_due);

CREATE INDEX idx_incident_reports_student ON incident_reports (district_id, student_id, occurred_at DESC, severity);

CREATE INDEX ix_incident_reports_author_user_id ON incident_reports (district_id, author_user_id);

CREATE INDEX ix_incident_reports_school_id_row_version ON incident_reports (district_id, school_id, row_version);

CREATE TABLE leases (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    device_id UUID NOT NULL,
    body TEXT NOT NULL,
    signature BYTEA NOT NULL,
    users JSONB NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (district_id, id),
    CONSTRAINT fk_leases_device_id FOREIGN KEY(district_id, device_id) REFERENCES devices (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_leases_expires_at CHECK (expires_at >= issued_at)
);

CREATE INDEX ix_leases_device_id_issued_at ON leases (district_id, device_id, issued_at);

CREATE TABLE login_attempts (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    email TEXT NOT NULL,
    user_id UUID,
    device_id UUID,
    address TEXT,
    outcome TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_login_attempts PRIMARY KEY (district_id, id),
    CONSTRAINT fk_login_attempts_user_id FOREIGN KEY(district_id, user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_login_attempts_device_id FOREIGN KEY(district_id, device_id) REFERENCES devices (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_login_attempts_outcome CHECK (outcome IN ('succeeded', 'wrong_password', 'wrong_code', 'unknown', 'locked_out', 'refused'))
);

CREATE INDEX ix_login_attempts_address_at ON login_attempts (district_id, address, at);

CREATE INDEX ix_login_attempts_device_id ON login_attempts (district_id, device_id);

CREATE INDEX ix_login_attempts_email_at ON login_attempts (district_id, email, at);

CREATE INDEX ix_login_attempts_user_id ON login_attempts (district_id, user_id);

CREATE TABLE receipts (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    entry_id UUID NOT NULL,
    device_id UUID NOT NULL,
    number BIGINT NOT NULL,
    hash TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    fields JSONB DEFAULT '[]'::jsonb NOT NULL,
    findings JSONB DEFAULT '[]'::jsonb NOT NULL,
    cases JSONB DEFAULT '[]'::jsonb NOT NULL,
    body TEXT NOT NULL,
    signature TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_receipts PRIMARY KEY (district_id, entry_id),
    CONSTRAINT uq_receipts_device_id_number UNIQUE (district_id, device_id, number),
    CONSTRAINT fk_receipts_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_receipts_device_id FOREIGN KEY(district_id, device_id) REFERENCES devices (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_receipts_outcome CHECK (outcome IN ('applied', 'merged', 'case_opened', 'duplicate', 'refused', 'waiting')),
    CONSTRAINT ck_receipts_number CHECK (number > 0),
    CONSTRAINT ck_receipts_hash CHECK (hash ~ '^[0-9a-f]{64}$')
);

CREATE INDEX ix_receipts_school_id_received_at ON receipts (district_id, school_id, received_at);

CREATE TABLE refused_entries (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    entry_id UUID,
    device_id UUID NOT NULL,
    number BIGINT,
    hash TEXT NOT NULL,
    code TEXT NOT NULL,
    fields JSONB DEFAULT '[]'::jsonb NOT NULL,
    body TEXT NOT NULL,
    signature TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE,
    answered_by UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_refused_entries PRIMARY KEY (district_id, id),
    CONSTRAINT fk_refused_entries_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_refused_entries_device_id FOREIGN KEY(district_id, device_id) REFERENCES devices (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_refused_entries_answered_by FOREIGN KEY(district_id, answered_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_refused_entries_answered_by ON refused_entries (district_id, answered_by);

CREATE INDEX ix_refused_entries_device_id ON refused_entries (district_id, device_id);

CREATE INDEX ix_refused_entries_school_id_received_at ON refused_entries (district_id, school_id, received_at);

CREATE TABLE removals (
    district_id UUID NOT NULL,
    school_id UUID,
    stream_id UUID NOT NULL,
    kind TEXT NOT NULL,
    record_id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    reason TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_removals PRIMARY KEY (district_id, stream_id, kind, record_id),
    CONSTRAINT fk_removals_stream_id FOREIGN KEY(district_id, stream_id) REFERENCES streams (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_removals_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_removals_reason CHECK (reason IN ('deleted', 'moved', 'scope'))
);

CREATE INDEX ix_removals_school_id ON removals (district_id, school_id);

CREATE INDEX ix_removals_stream_id_row_version ON removals (district_id, stream_id, row_version);

CREATE TABLE review_cases (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    student_id UUID,
    slot_id UUID,
    medication_id UUID,
    subject_ids JSONB NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status TEXT NOT NULL,
    resolution TEXT,
    resolved_by UUID,
    resolved_at TIMESTAMP WITH TIME ZONE,
    note TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_review_cases PRIMARY KEY (district_id, id),
    CONSTRAINT fk_review_cases_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_review_cases_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_review_cases_medication_id FOREIGN KEY(district_id, medication_id) REFERENCES medications (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_review_cases_status CHECK (status IN ('OPEN', 'RESOLVED')),
    CONSTRAINT fk_review_cases_resolved_by FOREIGN KEY(district_id, resolved_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_review_cases_open ON review_cases (district_id, school_id, status, opened_at);

CREATE INDEX ix_review_cases_medication_id ON review_cases (district_id, medication_id);

CREATE INDEX ix_review_cases_resolved_by ON review_cases (district_id, resolved_by);

CREATE INDEX ix_review_cases_school_id_row_version ON review_cases (district_id, school_id, row_version);

CREATE INDEX ix_review_cases_slot_id ON review_cases (district_id, slot_id);

CREATE INDEX ix_review_cases_student_id ON review_cases (district_id, student_id);

CREATE TABLE sessions (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    device_id UUID,
    token_hash BYTEA NOT NULL,
    successor_id UUID,
    generation INTEGER NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sessions PRIMARY KEY (district_id, id),
    CONSTRAINT uq_sessions_token_hash UNIQUE (district_id, token_hash),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY(district_id, user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_sessions_device_id FOREIGN KEY(district_id, device_id) REFERENCES devices (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_sessions_successor_id FOREIGN KEY(district_id, successor_id) REFERENCES sessions (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_sessions_expires_at CHECK (expires_at >= issued_at)
);

CREATE INDEX ix_sessions_device_id ON sessions (district_id, device_id);

CREATE INDEX ix_sessions_successor_id ON sessions (district_id, successor_id);

CREATE INDEX ix_sessions_user_id ON sessions (district_id, user_id);

CREATE TABLE student_medications (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    medication_id UUID NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    indication TEXT,
    prescriber_name TEXT NOT NULL,
    order_signed_on DATE,
    verbal_until DATE,
    parent_auth_from DATE,
    parent_auth_to DATE,
    self_carry BOOLEAN NOT NULL,
    start_date DATE NOT NULL,
    end_date DATE,
    stop_effective_at TIMESTAMP WITH TIME ZONE,
    verified_by UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_student_medications PRIMARY KEY (district_id, id),
    CONSTRAINT fk_student_medications_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_student_medications_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_student_medications_medication_id FOREIGN KEY(district_id, medication_id) REFERENCES medications (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_student_medications_kind CHECK (kind IN ('SCHEDULED', 'PRN')),
    CONSTRAINT ck_student_medications_status CHECK (status IN ('DRAFT', 'PENDING_VERIFICATION', 'ACTIVE', 'HELD', 'SUPERSEDED', 'DISCONTINUED', 'EXPIRED', 'COMPLETED')),
    CONSTRAINT fk_student_medications_verified_by FOREIGN KEY(district_id, verified_by) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_student_medications_version CHECK (version > 0),
    CONSTRAINT ck_student_medications_end_date CHECK (end_date >= start_date),
    CONSTRAINT ck_student_medications_parent_auth_to CHECK (parent_auth_to >= parent_auth_from)
);

CREATE INDEX idx_medication_schedule ON student_medications (district_id, school_id, status, start_date, end_date) WHERE deleted_at IS NULL;

CREATE INDEX ix_student_medications_medication_id ON student_medications (district_id, medication_id);

CREATE INDEX ix_student_medications_school_id_row_version ON student_medications (district_id, school_id, row_version);

CREATE INDEX ix_student_medications_student_id ON student_medications (district_id, student_id);

CREATE INDEX ix_student_medications_verified_by ON student_medications (district_id, verified_by);

CREATE TABLE vaccinations (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    cvx TEXT NOT NULL,
    vaccine_name TEXT,
    mvx TEXT,
    lot TEXT,
    administered_on DATE NOT NULL,
    dose_number INTEGER,
    source TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_vaccinations PRIMARY KEY (district_id, id),
    CONSTRAINT fk_vaccinations_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_vaccinations_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_vaccinations_dose_number CHECK (dose_number > 0)
);

CREATE INDEX ix_vaccinations_school_id_row_version ON vaccinations (district_id, school_id, row_version);

CREATE INDEX ix_vaccinations_student_id ON vaccinations (district_id, student_id);

CREATE TABLE order_versions (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    order_id UUID NOT NULL,
    student_id UUID NOT NULL,
    version INTEGER NOT NULL,
    dose NUMERIC NOT NULL,
    unit TEXT NOT NULL,
    route TEXT NOT NULL,
    times JSONB NOT NULL,
    window_minutes INTEGER,
    min_interval_minutes INTEGER,
    max_doses INTEGER,
    max_period_minutes INTEGER,
    instructions TEXT,
    effective_from TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_order_versions PRIMARY KEY (district_id, id),
    CONSTRAINT fk_order_versions_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_order_versions_order_id FOREIGN KEY(district_id, order_id) REFERENCES student_medications (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_order_versions_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_order_versions_route CHECK (route IN ('ORAL', 'INHALED', 'NASAL', 'SUBCUTANEOUS', 'INTRAMUSCULAR', 'TOPICAL', 'OPHTHALMIC', 'OTIC', 'BUCCAL', 'SUBLINGUAL', 'RECTAL', 'ENTERAL_TUBE', 'TRANSDERMAL')),
    CONSTRAINT uq_order_versions_order_id_version UNIQUE (district_id, order_id, version),
    CONSTRAINT ck_order_versions_version CHECK (version > 0),
    CONSTRAINT ck_order_versions_dose CHECK (dose > 0),
    CONSTRAINT ck_order_versions_window_minutes CHECK (window_minutes BETWEEN 0 AND 60),
    CONSTRAINT ck_order_versions_min_interval_minutes CHECK (min_interval_minutes > 0),
    CONSTRAINT ck_order_versions_max_doses CHECK (max_doses > 0),
    CONSTRAINT ck_order_versions_max_period_minutes CHECK (max_period_minutes > 0),
    CONSTRAINT ck_order_versions_max_pair CHECK ((max_doses IS NULL) = (max_period_minutes IS NULL))
);

CREATE INDEX ix_order_versions_order_id ON order_versions (district_id, order_id);

CREATE INDEX ix_order_versions_school_id_row_version ON order_versions (district_id, school_id, row_version);

CREATE INDEX ix_order_versions_student_id ON order_versions (district_id, student_id);

CREATE TABLE medication_logs (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    order_id UUID NOT NULL,
    order_version_id UUID NOT NULL,
    medication_id UUID NOT NULL,
    slot_id UUID,
    slot_date DATE,
    slot_time TEXT,
    status TEXT NOT NULL,
    administered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    local_date DATE NOT NULL,
    dose_given NUMERIC,
    unit TEXT,
    reason TEXT,
    site TEXT,
    overrides JSONB NOT NULL,
    entry_id UUID NOT NULL,
    device_id UUID NOT NULL,
    device_seq INTEGER NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_tz TEXT NOT NULL,
    author_user_id UUID NOT NULL,
    replica_as_of TIMESTAMP WITH TIME ZONE,
    flags JSONB NOT NULL,
    amends_id UUID,
    amend_reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_medication_logs PRIMARY KEY (district_id, id),
    CONSTRAINT fk_medication_logs_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_medication_logs_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_medication_logs_order_id FOREIGN KEY(district_id, order_id) REFERENCES student_medications (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_medication_logs_order_version_id FOREIGN KEY(district_id, order_version_id) REFERENCES order_versions (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_medication_logs_medication_id FOREIGN KEY(district_id, medication_id) REFERENCES medications (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_medication_logs_status CHECK (status IN ('ADMINISTERED', 'PARTIAL', 'REFUSED', 'ABSENT', 'DISMISSED_EARLY', 'HELD', 'MISSED', 'NOT_AVAILABLE', 'WASTED', 'SELF_ADMINISTERED', 'OFF_SITE', 'VOMITED', 'ENTERED_IN_ERROR')),
    CONSTRAINT fk_medication_logs_author_user_id FOREIGN KEY(district_id, author_user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_medication_logs_dose_given CHECK (dose_given >= 0),
    CONSTRAINT ck_medication_logs_slot CHECK ((slot_id IS NULL) = (slot_date IS NULL) AND (slot_id IS NULL) = (slot_time IS NULL))
);

CREATE INDEX idx_medication_logs_administered_at ON medication_logs (district_id, school_id, administered_at);

CREATE INDEX idx_medication_logs_administered_by ON medication_logs (district_id, author_user_id, administered_at);

CREATE INDEX idx_medication_logs_slot ON medication_logs (district_id, order_id, slot_id);

CREATE INDEX idx_medication_logs_student_administered ON medication_logs (district_id, student_id, administered_at DESC, status) WHERE status IN ('ADMINISTERED', 'PENDING');

CREATE INDEX ix_medication_logs_medication_id ON medication_logs (district_id, medication_id);

CREATE INDEX ix_medication_logs_order_version_id ON medication_logs (district_id, order_version_id);

CREATE INDEX ix_medication_logs_school_id_row_version ON medication_logs (district_id, school_id, row_version);

CREATE INDEX ix_medication_logs_student_id ON medication_logs (district_id, student_id);

ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit_logs FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON audit_logs USING (district_id = (SELECT wc_sec.current_district())::uuid AND (school_id IS NULL OR school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]))) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND (school_id IS NULL OR school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])));

ALTER TABLE audit_overflow ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit_overflow FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON audit_overflow USING (district_id = (SELECT wc_sec.current_district())::uuid AND (school_id IS NULL OR school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]))) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND (school_id IS NULL OR school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])));

ALTER TABLE districts ENABLE ROW LEVEL SECURITY;

ALTER TABLE districts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON districts USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

ALTER TABLE medications ENABLE ROW LEVEL SECURITY;

ALTER TABLE medications FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON medications USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

ALTER TABLE schools ENABLE ROW LEVEL SECURITY;

ALTER TABLE schools FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON schools USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

ALTER TABLE users ENABLE ROW LEVEL SECURITY;

ALTER TABLE users FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON users USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

ALTER TABLE calendar_days ENABLE ROW LEVEL SECURITY;

ALTER TABLE calendar_days FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON calendar_days USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE devices ENABLE ROW LEVEL SECURITY;

ALTER TABLE devices FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON devices USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

ALTER TABLE school_assignments ENABLE ROW LEVEL SECURITY;

ALTER TABLE school_assignments FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON school_assignments USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE streams ENABLE ROW LEVEL SECURITY;

ALTER TABLE streams FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON streams USING (district_id = (SELECT wc_sec.current_district())::uuid AND (school_id IS NULL OR school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]))) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND (school_id IS NULL OR school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])));

ALTER TABLE students ENABLE ROW LEVEL SECURITY;

ALTER TABLE students FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON students USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE user_credentials ENABLE ROW LEVEL SECURITY;

ALTER TABLE user_credentials FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON user_credentials USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY secret ON user_credentials AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('SIGN_IN', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('SIGN_IN', 'SYSTEM'));

ALTER TABLE allergies ENABLE ROW LEVEL SECURITY;

ALTER TABLE allergies FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON allergies USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE chronic_conditions ENABLE ROW LEVEL SECURITY;

ALTER TABLE chronic_conditions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON chronic_conditions USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE emergency_contacts ENABLE ROW LEVEL SECURITY;

ALTER TABLE emergency_contacts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON emergency_contacts USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE enrolment_codes ENABLE ROW LEVEL SECURITY;

ALTER TABLE enrolment_codes FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON enrolment_codes USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY secret ON enrolment_codes AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('SIGN_IN', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('SIGN_IN', 'SYSTEM'));

ALTER TABLE incident_reports ENABLE ROW LEVEL SECURITY;

ALTER TABLE incident_reports FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON incident_reports USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE leases ENABLE ROW LEVEL SECURITY;

ALTER TABLE leases FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON leases USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

ALTER TABLE login_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE login_attempts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON login_attempts USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

ALTER TABLE receipts ENABLE ROW LEVEL SECURITY;

ALTER TABLE receipts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON receipts USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE refused_entries ENABLE ROW LEVEL SECURITY;

ALTER TABLE refused_entries FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON refused_entries USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE removals ENABLE ROW LEVEL SECURITY;

ALTER TABLE removals FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON removals USING (district_id = (SELECT wc_sec.current_district())::uuid AND (school_id IS NULL OR school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]))) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND (school_id IS NULL OR school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])));

ALTER TABLE review_cases ENABLE ROW LEVEL SECURITY;

ALTER TABLE review_cases FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON review_cases USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE sessions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON sessions USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

ALTER TABLE student_medications ENABLE ROW LEVEL SECURITY;

ALTER TABLE student_medications FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON student_medications USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE vaccinations ENABLE ROW LEVEL SECURITY;

ALTER TABLE vaccinations FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON vaccinations USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE order_versions ENABLE ROW LEVEL SECURITY;

ALTER TABLE order_versions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON order_versions USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

ALTER TABLE medication_logs ENABLE ROW LEVEL SECURITY;

ALTER TABLE medication_logs FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON medication_logs USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

GRANT USAGE ON SCHEMA wc_sec TO wc_app;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA wc_sec TO wc_app;

GRANT USAGE ON SCHEMA wc_sec TO wc_audit_reader;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA wc_sec TO wc_audit_reader;

GRANT INSERT ON audit_logs TO wc_app;

GRANT SELECT ON audit_logs TO wc_backup;

GRANT INSERT ON audit_overflow TO wc_app;

GRANT SELECT ON audit_overflow TO wc_backup;

GRANT SELECT, INSERT ON district_directory TO wc_app;

GRANT SELECT ON district_directory TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON districts TO wc_app;

GRANT SELECT ON districts TO wc_backup;

GRANT SELECT, INSERT ON server_epochs TO wc_app;

GRANT SELECT ON server_epochs TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON medications TO wc_app;

GRANT SELECT ON medications TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON schools TO wc_app;

GRANT SELECT ON schools TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON users TO wc_app;

GRANT SELECT ON users TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON calendar_days TO wc_app;

GRANT SELECT ON calendar_days TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON devices TO wc_app;

GRANT SELECT ON devices TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON school_assignments TO wc_app;

GRANT SELECT ON school_assignments TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON streams TO wc_app;

GRANT SELECT ON streams TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON students TO wc_app;

GRANT SELECT ON students TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON user_credentials TO wc_app;

GRANT SELECT ON user_credentials TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON allergies TO wc_app;

GRANT SELECT ON allergies TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON chronic_conditions TO wc_app;

GRANT SELECT ON chronic_conditions TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON emergency_contacts TO wc_app;

GRANT SELECT ON emergency_contacts TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON enrolment_codes TO wc_app;

GRANT SELECT ON enrolment_codes TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON incident_reports TO wc_app;

GRANT SELECT ON incident_reports TO wc_backup;

GRANT SELECT, INSERT ON leases TO wc_app;

GRANT SELECT ON leases TO wc_backup;

GRANT SELECT, INSERT ON login_attempts TO wc_app;

GRANT SELECT ON login_attempts TO wc_backup;

GRANT SELECT, INSERT ON receipts TO wc_app;

GRANT SELECT ON receipts TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON refused_entries TO wc_app;

GRANT SELECT ON refused_entries TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON removals TO wc_app;

GRANT SELECT ON removals TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON review_cases TO wc_app;

GRANT SELECT ON review_cases TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON sessions TO wc_app;

GRANT SELECT ON sessions TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON student_medications TO wc_app;

GRANT SELECT ON student_medications TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON vaccinations TO wc_app;

GRANT SELECT ON vaccinations TO wc_backup;

GRANT SELECT, INSERT ON order_versions TO wc_app;

GRANT SELECT ON order_versions TO wc_backup;

GRANT SELECT, INSERT ON medication_logs TO wc_app;

GRANT SELECT ON medication_logs TO wc_backup;

GRANT UPDATE (school_id, row_version, updated_at, flags) ON medication_logs TO wc_app;

GRANT UPDATE (school_id, row_version, updated_at) ON order_versions TO wc_app;

GRANT SELECT ON audit_logs TO wc_audit_reader;

GRANT SELECT ON audit_overflow TO wc_audit_reader;

GRANT SELECT ON district_directory TO wc_audit_reader;
