-- Frozen: what 20261123_070000_all_domains.py runs to go up. Later changes are later revisions.

CREATE TABLE audit_archives (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    month DATE NOT NULL,
    line_count BIGINT NOT NULL,
    first_seal BIGINT NOT NULL,
    last_seal BIGINT NOT NULL,
    manifest_hash BYTEA NOT NULL,
    keep_until DATE NOT NULL,
    key_id TEXT NOT NULL,
    signature BYTEA NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_archives PRIMARY KEY (district_id, id),
    CONSTRAINT uq_audit_archives_month UNIQUE (district_id, month),
    CONSTRAINT ck_audit_archives_line_count CHECK (line_count >= 0)
);

CREATE TABLE audit_seals (
    district_id UUID NOT NULL,
    number BIGINT NOT NULL,
    from_at TIMESTAMP WITH TIME ZONE NOT NULL,
    to_at TIMESTAMP WITH TIME ZONE NOT NULL,
    line_count INTEGER NOT NULL,
    contents BYTEA NOT NULL,
    prev_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    signature BYTEA NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_seals PRIMARY KEY (district_id, number),
    CONSTRAINT uq_audit_seals_to_at UNIQUE (district_id, to_at),
    CONSTRAINT ck_audit_seals_number CHECK (number > 0),
    CONSTRAINT ck_audit_seals_line_count CHECK (line_count >= 0)
);

CREATE TABLE drug_ingredients (
    rxcui TEXT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT pk_drug_ingredients PRIMARY KEY (rxcui),
    CONSTRAINT ck_drug_ingredients_rxcui CHECK (rxcui ~ '^[0-9]{1,8}$')
);

CREATE TABLE icd10_codes (
    code TEXT NOT NULL,
    description TEXT NOT NULL,
    CONSTRAINT pk_icd10_codes PRIMARY KEY (code),
    CONSTRAINT ck_icd10_codes_code CHECK (code ~ '^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$')
);

CREATE TABLE manufacturers (
    mvx TEXT NOT NULL,
    name TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    CONSTRAINT pk_manufacturers PRIMARY KEY (mvx),
    CONSTRAINT ck_manufacturers_mvx CHECK (mvx ~ '^[A-Z]{2,3}$')
);

CREATE TABLE vaccine_codes (
    cvx TEXT NOT NULL,
    short_name TEXT NOT NULL,
    full_name TEXT NOT NULL,
    vaccine_group TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    CONSTRAINT pk_vaccine_codes PRIMARY KEY (cvx),
    CONSTRAINT ck_vaccine_codes_cvx CHECK (cvx ~ '^[0-9]{2,3}$')
);

CREATE TABLE budget_categories (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    fiscal_year INTEGER NOT NULL,
    name TEXT NOT NULL,
    allocated NUMERIC NOT NULL,
    spent_amount NUMERIC NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_budget_categories PRIMARY KEY (district_id, id),
    CONSTRAINT uq_budget_categories_fiscal_year_name UNIQUE (district_id, fiscal_year, name),
    CONSTRAINT ck_budget_categories_allocated CHECK (allocated >= 0),
    CONSTRAINT ck_budget_categories_ceiling CHECK (spent_amount >= 0 AND spent_amount <= allocated),
    CONSTRAINT fk_budget_categories_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT
);

CREATE TABLE consent_forms (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    version INTEGER NOT NULL,
    wording TEXT NOT NULL,
    effective_from DATE NOT NULL,
    effective_to DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_consent_forms PRIMARY KEY (district_id, id),
    CONSTRAINT uq_consent_forms_kind_title_version UNIQUE (district_id, kind, title, version),
    CONSTRAINT ck_consent_forms_version CHECK (version > 0),
    CONSTRAINT ck_consent_forms_effective_to CHECK (effective_to >= effective_from),
    CONSTRAINT fk_consent_forms_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT ck_consent_forms_kind CHECK (kind IN ('MEDICATION', 'TREATMENT', 'SCREENING', 'EMERGENCY_CARE', 'RELEASE_OF_INFORMATION', 'FIELD_TRIP', 'OTHER'))
);

CREATE INDEX ix_consent_forms_row_version ON consent_forms (district_id, row_version);

CREATE TABLE retention_policies (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    record_class TEXT NOT NULL,
    basis TEXT NOT NULL,
    citation TEXT NOT NULL,
    keep_years INTEGER NOT NULL,
    until_age INTEGER,
    hot_months INTEGER,
    valid_from DATE NOT NULL,
    valid_to DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_retention_policies PRIMARY KEY (district_id, id),
    CONSTRAINT ck_retention_policies_keep_years CHECK (keep_years BETWEEN 0 AND 200),
    CONSTRAINT ck_retention_policies_until_age CHECK (until_age BETWEEN 3 AND 120),
    CONSTRAINT ck_retention_policies_hot_months CHECK (hot_months BETWEEN 1 AND 1200),
    CONSTRAINT ck_retention_policies_valid_to CHECK (valid_to >= valid_from),
    CONSTRAINT fk_retention_policies_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT ck_retention_policies_record_class CHECK (record_class IN ('AUDIT', 'EDUCATION_RECORD', 'MEDICATION', 'INCIDENT', 'IMMUNIZATION')),
    CONSTRAINT ck_retention_policies_basis CHECK (basis IN ('FEDERAL', 'STATE', 'DISTRICT'))
);

CREATE TABLE suppliers (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    name TEXT NOT NULL,
    account_number TEXT,
    email TEXT,
    phone TEXT,
    is_active BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_suppliers PRIMARY KEY (district_id, id),
    CONSTRAINT uq_suppliers_name UNIQUE (district_id, name),
    CONSTRAINT fk_suppliers_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT
);

CREATE TABLE bell_schedules (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    name TEXT NOT NULL,
    effective_from DATE NOT NULL,
    effective_to DATE,
    weekdays JSONB NOT NULL,
    periods JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_bell_schedules PRIMARY KEY (district_id, id),
    CONSTRAINT ck_bell_schedules_effective_to CHECK (effective_to >= effective_from),
    CONSTRAINT fk_bell_schedules_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_bell_schedules_effective ON bell_schedules (district_id, school_id, effective_from) WHERE deleted_at IS NULL;

CREATE INDEX ix_bell_schedules_school_id_row_version ON bell_schedules (district_id, school_id, row_version);

CREATE TABLE inventory_items (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    category TEXT,
    lot TEXT,
    expires_on DATE,
    unit TEXT,
    location TEXT,
    quantity NUMERIC NOT NULL,
    reorder_at NUMERIC,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    search TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, coalesce(name, '') || ' ' || coalesce(description, '') || ' ' || coalesce(category, ''))) STORED,
    CONSTRAINT pk_inventory_items PRIMARY KEY (district_id, id),
    CONSTRAINT ck_inventory_items_quantity CHECK (quantity >= 0),
    CONSTRAINT ck_inventory_items_reorder_at CHECK (reorder_at >= 0),
    CONSTRAINT fk_inventory_items_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_inventory_items_expires_on ON inventory_items (district_id, school_id, expires_on) WHERE expires_on IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX idx_inventory_items_reorder ON inventory_items (district_id, school_id) WHERE quantity <= reorder_at AND deleted_at IS NULL;

CREATE INDEX idx_inventory_items_search ON inventory_items USING gin (search);

CREATE INDEX ix_inventory_items_school_id_row_version ON inventory_items (district_id, school_id, row_version);

CREATE TABLE outbox_messages (
    district_id UUID NOT NULL,
    school_id UUID,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    dedupe_key TEXT NOT NULL,
    payload JSONB NOT NULL,
    status TEXT DEFAULT 'WAITING' NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_error TEXT,
    delivered_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_outbox_messages PRIMARY KEY (district_id, id),
    CONSTRAINT uq_outbox_messages_channel_dedupe_key UNIQUE (district_id, channel, dedupe_key),
    CONSTRAINT fk_outbox_messages_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_outbox_messages_kind CHECK (kind IN ('incident_severe', 'case_opened')),
    CONSTRAINT ck_outbox_messages_channel CHECK (channel IN ('webhook', 'email')),
    CONSTRAINT ck_outbox_messages_status CHECK (status IN ('WAITING', 'DELIVERED', 'DEAD')),
    CONSTRAINT ck_outbox_messages_attempts CHECK (attempts >= 0),
    CONSTRAINT ck_outbox_messages_delivered CHECK ((status = 'DELIVERED') = (delivered_at IS NOT NULL)),
    CONSTRAINT ck_outbox_messages_payload CHECK (octet_length(payload::text) <= 2000)
);

CREATE INDEX ix_outbox_messages_dead ON outbox_messages (district_id, updated_at) WHERE status = 'DEAD';

CREATE INDEX ix_outbox_messages_due ON outbox_messages (district_id, next_attempt_at, id) WHERE status = 'WAITING';

CREATE INDEX ix_outbox_messages_school_id ON outbox_messages (district_id, school_id);

CREATE TABLE policy_documents (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL,
    effective_on DATE NOT NULL,
    review_due DATE,
    published_by UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_policy_documents PRIMARY KEY (district_id, id),
    CONSTRAINT uq_policy_documents_code_version UNIQUE (district_id, code, version),
    CONSTRAINT ck_policy_documents_version CHECK (version > 0),
    CONSTRAINT ck_policy_documents_review_due CHECK (review_due >= effective_on),
    CONSTRAINT fk_policy_documents_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT ck_policy_documents_status CHECK (status IN ('DRAFT', 'ACTIVE', 'RETIRED')),
    CONSTRAINT fk_policy_documents_published_by FOREIGN KEY(district_id, published_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_policy_documents_published_by ON policy_documents (district_id, published_by);

CREATE TABLE purchase_orders (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    number TEXT NOT NULL,
    supplier_id UUID NOT NULL,
    deliver_to UUID,
    budget_category_id UUID,
    status TEXT NOT NULL,
    ordered_on DATE,
    expected_on DATE,
    received_on DATE,
    ordered_by UUID,
    note TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_purchase_orders PRIMARY KEY (district_id, id),
    CONSTRAINT uq_purchase_orders_number UNIQUE (district_id, number),
    CONSTRAINT ck_purchase_orders_expected_on CHECK (expected_on >= ordered_on),
    CONSTRAINT ck_purchase_orders_received_on CHECK (received_on >= ordered_on),
    CONSTRAINT fk_purchase_orders_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT fk_purchase_orders_supplier_id FOREIGN KEY(district_id, supplier_id) REFERENCES suppliers (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_purchase_orders_deliver_to FOREIGN KEY(district_id, deliver_to) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_purchase_orders_budget_category_id FOREIGN KEY(district_id, budget_category_id) REFERENCES budget_categories (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_purchase_orders_status CHECK (status IN ('DRAFT', 'APPROVED', 'ORDERED', 'RECEIVED', 'CANCELLED')),
    CONSTRAINT fk_purchase_orders_ordered_by FOREIGN KEY(district_id, ordered_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_purchase_orders_budget_category_id ON purchase_orders (district_id, budget_category_id);

CREATE INDEX ix_purchase_orders_deliver_to ON purchase_orders (district_id, deliver_to);

CREATE INDEX ix_purchase_orders_ordered_by ON purchase_orders (district_id, ordered_by);

CREATE INDEX ix_purchase_orders_supplier_id ON purchase_orders (district_id, supplier_id);

CREATE TABLE recovery_codes (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_recovery_codes PRIMARY KEY (district_id, id),
    CONSTRAINT uq_recovery_codes_user_id_code_hash UNIQUE (district_id, user_id, code_hash),
    CONSTRAINT fk_recovery_codes_user_id FOREIGN KEY(district_id, user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_recovery_codes_used_at CHECK (used_at >= issued_at)
);

CREATE TABLE shifts (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    user_id UUID NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    handover_to UUID,
    note TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_shifts PRIMARY KEY (district_id, id),
    CONSTRAINT ck_shifts_ended_at CHECK (ended_at >= started_at),
    CONSTRAINT ck_shifts_handover_to CHECK (handover_to <> user_id),
    CONSTRAINT fk_shifts_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_shifts_user_id FOREIGN KEY(district_id, user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_shifts_handover_to FOREIGN KEY(district_id, handover_to) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_shifts_handover_to ON shifts (district_id, handover_to);

CREATE INDEX ix_shifts_school_id_row_version ON shifts (district_id, school_id, row_version);

CREATE INDEX ix_shifts_school_started ON shifts (district_id, school_id, started_at) WHERE deleted_at IS NULL;

CREATE INDEX ix_shifts_user_id ON shifts (district_id, user_id);

CREATE TABLE budget_transactions (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    category_id UUID NOT NULL,
    amount NUMERIC NOT NULL,
    occurred_on DATE NOT NULL,
    description TEXT,
    purchase_order_id UUID,
    reverses_id UUID,
    posted_by UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_budget_transactions PRIMARY KEY (district_id, id),
    CONSTRAINT uq_budget_transactions_reverses_id UNIQUE (district_id, reverses_id),
    CONSTRAINT ck_budget_transactions_amount CHECK (amount <> 0),
    CONSTRAINT ck_budget_transactions_reverses_id CHECK (reverses_id <> id),
    CONSTRAINT fk_budget_transactions_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT fk_budget_transactions_category_id FOREIGN KEY(district_id, category_id) REFERENCES budget_categories (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_budget_transactions_purchase_order_id FOREIGN KEY(district_id, purchase_order_id) REFERENCES purchase_orders (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_budget_transactions_reverses_id FOREIGN KEY(district_id, reverses_id) REFERENCES budget_transactions (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_budget_transactions_posted_by FOREIGN KEY(district_id, posted_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_budget_transactions_occurred ON budget_transactions (district_id, category_id, occurred_on DESC);

CREATE INDEX ix_budget_transactions_category_id ON budget_transactions (district_id, category_id);

CREATE INDEX ix_budget_transactions_posted_by ON budget_transactions (district_id, posted_by);

CREATE INDEX ix_budget_transactions_purchase_order_id ON budget_transactions (district_id, purchase_order_id);

CREATE INDEX ix_budget_transactions_reverses_id ON budget_transactions (district_id, reverses_id);

CREATE TABLE clinic_visits (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    arrived_at TIMESTAMP WITH TIME ZONE NOT NULL,
    left_at TIMESTAMP WITH TIME ZONE,
    complaint TEXT,
    vitals JSONB,
    care_given TEXT,
    disposition TEXT,
    is_confidential BOOLEAN NOT NULL,
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
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_clinic_visits PRIMARY KEY (district_id, id),
    CONSTRAINT ck_clinic_visits_left_at CHECK (left_at >= arrived_at),
    CONSTRAINT ck_clinic_visits_entry CHECK (num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)),
    CONSTRAINT fk_clinic_visits_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_clinic_visits_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_clinic_visits_disposition CHECK (disposition IN ('RETURNED_TO_CLASS', 'RESTED_IN_CLINIC', 'SENT_HOME', 'MEDICAL_CARE', 'EMS')),
    CONSTRAINT fk_clinic_visits_author_user_id FOREIGN KEY(district_id, author_user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_clinic_visits_school_arrived ON clinic_visits (district_id, school_id, arrived_at DESC) WHERE deleted_at IS NULL;

CREATE INDEX idx_clinic_visits_student ON clinic_visits (district_id, student_id, arrived_at DESC);

CREATE INDEX ix_clinic_visits_author_user_id ON clinic_visits (district_id, author_user_id);

CREATE INDEX ix_clinic_visits_school_id_row_version ON clinic_visits (district_id, school_id, row_version);

CREATE TABLE documents (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID,
    kind TEXT NOT NULL,
    title TEXT,
    media_type TEXT NOT NULL,
    size_bytes INTEGER,
    sha256 TEXT NOT NULL,
    blob_ref BYTEA NOT NULL,
    expires_on DATE,
    is_confidential BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_documents PRIMARY KEY (district_id, id),
    CONSTRAINT ck_documents_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_documents_size_bytes CHECK (size_bytes > 0),
    CONSTRAINT fk_documents_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_documents_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_documents_kind CHECK (kind IN ('MEDICATION_ORDER', 'PARENT_AUTHORISATION', 'CONSENT', 'IMMUNIZATION_RECORD', 'EXEMPTION', 'CARE_PLAN', 'PHYSICAL_EXAM', 'PHOTO', 'OTHER'))
);

CREATE INDEX ix_documents_expires_on ON documents (district_id, school_id, expires_on) WHERE expires_on IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX ix_documents_school_id_row_version ON documents (district_id, school_id, row_version);

CREATE INDEX ix_documents_student_id ON documents (district_id, student_id);

CREATE TABLE legal_holds (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    matter TEXT NOT NULL,
    student_id UUID,
    held_from DATE,
    held_to DATE,
    placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    placed_by UUID,
    released_at TIMESTAMP WITH TIME ZONE,
    released_by UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_legal_holds PRIMARY KEY (district_id, id),
    CONSTRAINT ck_legal_holds_held_to CHECK (held_to >= held_from),
    CONSTRAINT ck_legal_holds_released_at CHECK (released_at >= placed_at),
    CONSTRAINT fk_legal_holds_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT fk_legal_holds_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_legal_holds_placed_by FOREIGN KEY(district_id, placed_by) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_legal_holds_released_by FOREIGN KEY(district_id, released_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_legal_holds_placed_by ON legal_holds (district_id, placed_by);

CREATE INDEX ix_legal_holds_released_by ON legal_holds (district_id, released_by);

CREATE INDEX ix_legal_holds_student_id ON legal_holds (district_id, student_id);

CREATE TABLE phi_disclosures (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    student_id UUID NOT NULL,
    disclosed_on DATE NOT NULL,
    disclosed_to TEXT NOT NULL,
    recipient_kind TEXT NOT NULL,
    basis TEXT NOT NULL,
    purpose TEXT NOT NULL,
    records JSONB NOT NULL,
    requested_on DATE,
    disclosed_by UUID,
    corrects_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_phi_disclosures PRIMARY KEY (district_id, id),
    CONSTRAINT ck_phi_disclosures_disclosed_on CHECK (disclosed_on >= requested_on),
    CONSTRAINT fk_phi_disclosures_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT fk_phi_disclosures_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_phi_disclosures_recipient_kind CHECK (recipient_kind IN ('PARENT', 'ELIGIBLE_STUDENT', 'SCHOOL_OFFICIAL', 'OTHER_SCHOOL', 'HEALTH_AUTHORITY', 'PROVIDER', 'COURT', 'RESEARCHER', 'OTHER')),
    CONSTRAINT ck_phi_disclosures_basis CHECK (basis IN ('CONSENT', 'HEALTH_OR_SAFETY_EMERGENCY', 'LEGITIMATE_INTEREST', 'TRANSFER', 'SUBPOENA', 'PUBLIC_HEALTH', 'AUDIT_OR_EVALUATION', 'STUDY', 'OTHER')),
    CONSTRAINT fk_phi_disclosures_disclosed_by FOREIGN KEY(district_id, disclosed_by) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_phi_disclosures_corrects_id FOREIGN KEY(district_id, corrects_id) REFERENCES phi_disclosures (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_phi_disclosures_corrects_id ON phi_disclosures (district_id, corrects_id);

CREATE INDEX ix_phi_disclosures_disclosed_by ON phi_disclosures (district_id, disclosed_by);

CREATE INDEX ix_phi_disclosures_student_id ON phi_disclosures (district_id, student_id);

CREATE TABLE policy_acknowledgments (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    document_id UUID NOT NULL,
    user_id UUID NOT NULL,
    acknowledged_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_policy_acknowledgments PRIMARY KEY (district_id, id),
    CONSTRAINT uq_policy_acknowledgments_document_id_user_id UNIQUE (district_id, document_id, user_id),
    CONSTRAINT fk_policy_acknowledgments_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT fk_policy_acknowledgments_document_id FOREIGN KEY(district_id, document_id) REFERENCES policy_documents (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_policy_acknowledgments_user_id FOREIGN KEY(district_id, user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_policy_acknowledgments_document_id ON policy_acknowledgments (district_id, document_id);

CREATE INDEX ix_policy_acknowledgments_user_id ON policy_acknowledgments (district_id, user_id);

CREATE TABLE purchase_order_items (
    district_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT DEFAULT 1 NOT NULL,
    purchase_order_id UUID NOT NULL,
    line INTEGER NOT NULL,
    name TEXT NOT NULL,
    quantity NUMERIC NOT NULL,
    received_quantity NUMERIC NOT NULL,
    unit_price NUMERIC NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_purchase_order_items PRIMARY KEY (district_id, id),
    CONSTRAINT uq_purchase_order_items_purchase_order_id_line UNIQUE (district_id, purchase_order_id, line),
    CONSTRAINT ck_purchase_order_items_quantity CHECK (quantity > 0),
    CONSTRAINT ck_purchase_order_items_unit_price CHECK (unit_price >= 0),
    CONSTRAINT ck_purchase_order_items_received_quantity CHECK (received_quantity BETWEEN 0 AND quantity),
    CONSTRAINT fk_purchase_order_items_district_id FOREIGN KEY(district_id) REFERENCES districts (district_id) ON DELETE RESTRICT,
    CONSTRAINT fk_purchase_order_items_purchase_order_id FOREIGN KEY(district_id, purchase_order_id) REFERENCES purchase_orders (district_id, id) ON DELETE CASCADE
);

CREATE INDEX ix_purchase_order_items_purchase_order_id ON purchase_order_items (district_id, purchase_order_id);

CREATE TABLE screenings (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    kind TEXT NOT NULL,
    screened_on DATE NOT NULL,
    result TEXT NOT NULL,
    findings JSONB,
    referral TEXT,
    follow_up_due DATE,
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
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_screenings PRIMARY KEY (district_id, id),
    CONSTRAINT ck_screenings_follow_up_due CHECK (follow_up_due >= screened_on),
    CONSTRAINT ck_screenings_screened_on CHECK (screened_on <= (updated_at AT TIME ZONE 'UTC')::date + 1),
    CONSTRAINT ck_screenings_entry CHECK (num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)),
    CONSTRAINT fk_screenings_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_screenings_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_screenings_kind CHECK (kind IN ('VISION', 'HEARING', 'SCOLIOSIS', 'DENTAL', 'BMI', 'BLOOD_PRESSURE', 'OTHER')),
    CONSTRAINT ck_screenings_result CHECK (result IN ('PASSED', 'REFERRED', 'RESCREEN', 'UNABLE_TO_SCREEN', 'DECLINED')),
    CONSTRAINT fk_screenings_author_user_id FOREIGN KEY(district_id, author_user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_screenings_student ON screenings (district_id, student_id, kind, screened_on DESC);

CREATE INDEX ix_screenings_author_user_id ON screenings (district_id, author_user_id);

CREATE INDEX ix_screenings_school_id_row_version ON screenings (district_id, school_id, row_version);

CREATE TABLE student_aliases (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    valid_from DATE,
    valid_to DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_student_aliases PRIMARY KEY (district_id, id),
    CONSTRAINT ck_student_aliases_valid_to CHECK (valid_to >= valid_from),
    CONSTRAINT fk_student_aliases_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_student_aliases_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_student_aliases_kind CHECK (kind IN ('FORMER_NAME', 'KNOWN_AS', 'FORMER_NUMBER', 'MERGED_NUMBER', 'OTHER_SYSTEM'))
);

CREATE INDEX ix_student_aliases_school_id_row_version ON student_aliases (district_id, school_id, row_version);

CREATE INDEX ix_student_aliases_student_id ON student_aliases (district_id, student_id);

CREATE INDEX ix_student_aliases_value ON student_aliases (district_id, kind, value) WHERE deleted_at IS NULL;

CREATE TABLE appointments (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    nurse_id UUID NOT NULL,
    kind TEXT NOT NULL,
    scheduled_at TIMESTAMP WITH TIME ZONE NOT NULL,
    duration INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    note TEXT,
    visit_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_appointments PRIMARY KEY (district_id, id),
    CONSTRAINT ck_appointments_duration CHECK (duration BETWEEN 5 AND 480),
    CONSTRAINT fk_appointments_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_appointments_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_appointments_nurse_id FOREIGN KEY(district_id, nurse_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_appointments_kind CHECK (kind IN ('CHECKUP', 'MEDICATION', 'PROCEDURE', 'SCREENING', 'FOLLOW_UP', 'COUNSELLING', 'MEETING', 'OTHER')),
    CONSTRAINT ck_appointments_status CHECK (status IN ('SCHEDULED', 'IN_PROGRESS', 'COMPLETED', 'NO_SHOW', 'CANCELLED')),
    CONSTRAINT fk_appointments_visit_id FOREIGN KEY(district_id, visit_id) REFERENCES clinic_visits (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_appointment_availability ON appointments (district_id, nurse_id, scheduled_at, status, duration);

CREATE INDEX idx_appointments_student ON appointments (district_id, student_id, scheduled_at DESC, status);

CREATE INDEX idx_appointments_upcoming ON appointments (district_id, nurse_id, scheduled_at, status) WHERE status IN ('SCHEDULED', 'IN_PROGRESS');

CREATE INDEX ix_appointments_school_id_row_version ON appointments (district_id, school_id, row_version);

CREATE INDEX ix_appointments_visit_id ON appointments (district_id, visit_id);

CREATE TABLE care_plans (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    condition_id UUID,
    document_id UUID,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    title TEXT NOT NULL,
    content JSONB NOT NULL,
    effective_from DATE NOT NULL,
    effective_to DATE,
    review_due DATE,
    signed_by UUID,
    signed_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_care_plans PRIMARY KEY (district_id, id),
    CONSTRAINT ck_care_plans_effective_to CHECK (effective_to >= effective_from),
    CONSTRAINT ck_care_plans_signed CHECK ((signed_on IS NULL) = (signed_by IS NULL)),
    CONSTRAINT fk_care_plans_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_care_plans_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_care_plans_condition_id FOREIGN KEY(district_id, condition_id) REFERENCES chronic_conditions (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_care_plans_document_id FOREIGN KEY(district_id, document_id) REFERENCES documents (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_care_plans_kind CHECK (kind IN ('INDIVIDUAL_HEALTH', 'EMERGENCY_ACTION', 'ANAPHYLAXIS', 'ASTHMA', 'DIABETES', 'SEIZURE', 'SECTION_504')),
    CONSTRAINT ck_care_plans_status CHECK (status IN ('DRAFT', 'ACTIVE', 'SUPERSEDED', 'ENDED')),
    CONSTRAINT fk_care_plans_signed_by FOREIGN KEY(district_id, signed_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_care_plans_condition_id ON care_plans (district_id, condition_id);

CREATE INDEX ix_care_plans_document_id ON care_plans (district_id, document_id);

CREATE INDEX ix_care_plans_review_due ON care_plans (district_id, school_id, status, review_due) WHERE deleted_at IS NULL;

CREATE INDEX ix_care_plans_school_id_row_version ON care_plans (district_id, school_id, row_version);

CREATE INDEX ix_care_plans_signed_by ON care_plans (district_id, signed_by);

CREATE INDEX ix_care_plans_student_id ON care_plans (district_id, student_id);

CREATE TABLE consent_signatures (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    consent_form_id UUID NOT NULL,
    student_id UUID NOT NULL,
    order_id UUID,
    document_id UUID,
    decision TEXT NOT NULL,
    method TEXT NOT NULL,
    signer_name TEXT NOT NULL,
    relationship TEXT,
    signed_on DATE NOT NULL,
    expires_on DATE,
    revoked_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_consent_signatures PRIMARY KEY (district_id, id),
    CONSTRAINT ck_consent_signatures_expires_on CHECK (expires_on >= signed_on),
    CONSTRAINT ck_consent_signatures_revoked_on CHECK (revoked_on >= signed_on),
    CONSTRAINT fk_consent_signatures_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_consent_signatures_consent_form_id FOREIGN KEY(district_id, consent_form_id) REFERENCES consent_forms (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_consent_signatures_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_consent_signatures_order_id FOREIGN KEY(district_id, order_id) REFERENCES student_medications (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_consent_signatures_document_id FOREIGN KEY(district_id, document_id) REFERENCES documents (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_consent_signatures_decision CHECK (decision IN ('GRANTED', 'DECLINED')),
    CONSTRAINT ck_consent_signatures_method CHECK (method IN ('PAPER', 'ELECTRONIC', 'VERBAL'))
);

CREATE INDEX ix_consent_signatures_consent_form_id ON consent_signatures (district_id, consent_form_id);

CREATE INDEX ix_consent_signatures_document_id ON consent_signatures (district_id, document_id);

CREATE INDEX ix_consent_signatures_order_id ON consent_signatures (district_id, order_id);

CREATE INDEX ix_consent_signatures_school_id_row_version ON consent_signatures (district_id, school_id, row_version);

CREATE INDEX ix_consent_signatures_student_id ON consent_signatures (district_id, student_id);

CREATE TABLE delegations (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    user_id UUID NOT NULL,
    delegated_by UUID NOT NULL,
    student_id UUID,
    order_id UUID,
    assigned_from DATE NOT NULL,
    assigned_to DATE,
    trained_on DATE NOT NULL,
    expires_on DATE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_delegations PRIMARY KEY (district_id, id),
    CONSTRAINT ck_delegations_assigned_to CHECK (assigned_to >= assigned_from),
    CONSTRAINT ck_delegations_expires_on CHECK (expires_on >= trained_on),
    CONSTRAINT ck_delegations_delegated_by CHECK (delegated_by <> user_id),
    CONSTRAINT fk_delegations_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_delegations_user_id FOREIGN KEY(district_id, user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_delegations_delegated_by FOREIGN KEY(district_id, delegated_by) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_delegations_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_delegations_order_id FOREIGN KEY(district_id, order_id) REFERENCES student_medications (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_delegations_delegated_by ON delegations (district_id, delegated_by);

CREATE INDEX ix_delegations_order_id ON delegations (district_id, order_id);

CREATE INDEX ix_delegations_school_id_row_version ON delegations (district_id, school_id, row_version);

CREATE INDEX ix_delegations_student_id ON delegations (district_id, student_id);

CREATE INDEX ix_delegations_user_id ON delegations (district_id, user_id);

CREATE TABLE follow_up_actions (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    incident_id UUID NOT NULL,
    action TEXT NOT NULL,
    status TEXT NOT NULL,
    assigned_to UUID,
    due_on DATE NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    completed_by UUID,
    note TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_follow_up_actions PRIMARY KEY (district_id, id),
    CONSTRAINT ck_follow_up_actions_completed_at CHECK ((completed_at IS NOT NULL) = (status = 'DONE')),
    CONSTRAINT ck_follow_up_actions_completed_by CHECK (completed_by IS NULL OR completed_at IS NOT NULL),
    CONSTRAINT fk_follow_up_actions_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_follow_up_actions_incident_id FOREIGN KEY(district_id, incident_id) REFERENCES incident_reports (district_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_follow_up_actions_status CHECK (status IN ('OPEN', 'DONE', 'CANCELLED')),
    CONSTRAINT fk_follow_up_actions_assigned_to FOREIGN KEY(district_id, assigned_to) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_follow_up_actions_completed_by FOREIGN KEY(district_id, completed_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_follow_up_actions_due ON follow_up_actions (district_id, school_id, due_on) WHERE status = 'OPEN' AND deleted_at IS NULL;

CREATE INDEX ix_follow_up_actions_assigned_to ON follow_up_actions (district_id, assigned_to);

CREATE INDEX ix_follow_up_actions_completed_by ON follow_up_actions (district_id, completed_by);

CREATE INDEX ix_follow_up_actions_incident_id ON follow_up_actions (district_id, incident_id);

CREATE INDEX ix_follow_up_actions_school_id_row_version ON follow_up_actions (district_id, school_id, row_version);

CREATE TABLE head_injury_checks (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    incident_id UUID NOT NULL,
    student_id UUID NOT NULL,
    checked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    symptoms JSONB NOT NULL,
    red_flag BOOLEAN NOT NULL,
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
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_head_injury_checks PRIMARY KEY (district_id, id),
    CONSTRAINT ck_head_injury_checks_entry CHECK (num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)),
    CONSTRAINT fk_head_injury_checks_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_head_injury_checks_incident_id FOREIGN KEY(district_id, incident_id) REFERENCES incident_reports (district_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_head_injury_checks_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_head_injury_checks_author_user_id FOREIGN KEY(district_id, author_user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_head_injury_checks_author_user_id ON head_injury_checks (district_id, author_user_id);

CREATE INDEX ix_head_injury_checks_incident_id ON head_injury_checks (district_id, incident_id);

CREATE INDEX ix_head_injury_checks_school_id_row_version ON head_injury_checks (district_id, school_id, row_version);

CREATE INDEX ix_head_injury_checks_student_id ON head_injury_checks (district_id, student_id);

CREATE TABLE health_records (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    record_type TEXT NOT NULL,
    record_date DATE NOT NULL,
    notes BYTEA,
    icd10 TEXT,
    metadata JSONB NOT NULL,
    provider_name TEXT,
    provider_npi TEXT,
    is_confidential BOOLEAN NOT NULL,
    follow_up_date DATE,
    document_id UUID,
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
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_health_records PRIMARY KEY (district_id, id),
    CONSTRAINT ck_health_records_follow_up_date CHECK (follow_up_date >= record_date),
    CONSTRAINT ck_health_records_record_date CHECK (record_date <= (updated_at AT TIME ZONE 'UTC')::date + 1),
    CONSTRAINT ck_health_records_provider_npi CHECK (CASE WHEN provider_npi ~ '^[0-9]{10}$' THEN mod(24 + translate(substr(provider_npi, 1, 1), '0123456789', '0246813579')::int + substr(provider_npi, 2, 1)::int + translate(substr(provider_npi, 3, 1), '0123456789', '0246813579')::int + substr(provider_npi, 4, 1)::int + translate(substr(provider_npi, 5, 1), '0123456789', '0246813579')::int + substr(provider_npi, 6, 1)::int + translate(substr(provider_npi, 7, 1), '0123456789', '0246813579')::int + substr(provider_npi, 8, 1)::int + translate(substr(provider_npi, 9, 1), '0123456789', '0246813579')::int + substr(provider_npi, 10, 1)::int, 10) = 0 ELSE provider_npi IS NULL END),
    CONSTRAINT ck_health_records_entry CHECK (num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)),
    CONSTRAINT fk_health_records_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_health_records_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_health_records_record_type CHECK (record_type IN ('NOTE', 'ASSESSMENT', 'PHYSICAL_EXAM', 'DIAGNOSIS', 'PROCEDURE', 'LAB', 'ILLNESS', 'INJURY', 'MENTAL_HEALTH', 'CARE_COORDINATION', 'OTHER')),
    CONSTRAINT fk_health_records_document_id FOREIGN KEY(district_id, document_id) REFERENCES documents (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_health_records_author_user_id FOREIGN KEY(district_id, author_user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_health_records_confidential ON health_records (district_id, is_confidential, student_id) WHERE is_confidential;

CREATE INDEX idx_health_records_follow_up ON health_records (district_id, school_id, follow_up_date) WHERE follow_up_date IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX idx_health_records_metadata_diagnosis ON health_records USING gin ((metadata -> 'diagnosis'::text));

CREATE INDEX idx_health_records_provider ON health_records (district_id, provider_npi, record_date DESC) WHERE provider_npi IS NOT NULL;

CREATE INDEX idx_health_records_student_date ON health_records (district_id, student_id, record_date DESC, record_type);

CREATE INDEX idx_health_records_student_type ON health_records (district_id, student_id, record_type, is_confidential, record_date DESC);

CREATE INDEX ix_health_records_author_user_id ON health_records (district_id, author_user_id);

CREATE INDEX ix_health_records_document_id ON health_records (district_id, document_id);

CREATE INDEX ix_health_records_school_id_row_version ON health_records (district_id, school_id, row_version);

CREATE TABLE incident_addenda (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    incident_id UUID NOT NULL,
    text TEXT NOT NULL,
    signed_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    CONSTRAINT pk_incident_addenda PRIMARY KEY (district_id, id),
    CONSTRAINT ck_incident_addenda_entry CHECK (num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)),
    CONSTRAINT fk_incident_addenda_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_incident_addenda_incident_id FOREIGN KEY(district_id, incident_id) REFERENCES incident_reports (district_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_incident_addenda_author_user_id FOREIGN KEY(district_id, author_user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_incident_addenda_author_user_id ON incident_addenda (district_id, author_user_id);

CREATE INDEX ix_incident_addenda_incident_id ON incident_addenda (district_id, incident_id);

CREATE INDEX ix_incident_addenda_school_id_row_version ON incident_addenda (district_id, school_id, row_version);

CREATE TABLE inventory_transactions (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    item_id UUID NOT NULL,
    kind TEXT NOT NULL,
    quantity NUMERIC NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id UUID,
    visit_id UUID,
    note TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_inventory_transactions PRIMARY KEY (district_id, id),
    CONSTRAINT ck_inventory_transactions_quantity CHECK (quantity <> 0),
    CONSTRAINT fk_inventory_transactions_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_inventory_transactions_item_id FOREIGN KEY(district_id, item_id) REFERENCES inventory_items (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_inventory_transactions_kind CHECK (kind IN ('RECEIVED', 'USED', 'WASTED', 'EXPIRED', 'TRANSFERRED', 'COUNTED', 'ADJUSTED')),
    CONSTRAINT fk_inventory_transactions_actor_id FOREIGN KEY(district_id, actor_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_inventory_transactions_visit_id FOREIGN KEY(district_id, visit_id) REFERENCES clinic_visits (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_inventory_transactions_item ON inventory_transactions (district_id, item_id, occurred_at);

CREATE INDEX ix_inventory_transactions_actor_id ON inventory_transactions (district_id, actor_id);

CREATE INDEX ix_inventory_transactions_school_id_row_version ON inventory_transactions (district_id, school_id, row_version);

CREATE INDEX ix_inventory_transactions_visit_id ON inventory_transactions (district_id, visit_id);

CREATE TABLE medication_containers (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID,
    medication_id UUID NOT NULL,
    order_id UUID,
    status TEXT NOT NULL,
    label TEXT,
    lot TEXT,
    location TEXT,
    unit TEXT NOT NULL,
    is_controlled BOOLEAN NOT NULL,
    received_on DATE NOT NULL,
    received_by UUID NOT NULL,
    received_from TEXT,
    expires_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_medication_containers PRIMARY KEY (district_id, id),
    CONSTRAINT fk_medication_containers_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_medication_containers_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_medication_containers_medication_id FOREIGN KEY(district_id, medication_id) REFERENCES medications (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_medication_containers_order_id FOREIGN KEY(district_id, order_id) REFERENCES student_medications (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_medication_containers_status CHECK (status IN ('IN_USE', 'EMPTY', 'RETURNED', 'DESTROYED')),
    CONSTRAINT fk_medication_containers_received_by FOREIGN KEY(district_id, received_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_medication_containers_expires ON medication_containers (district_id, school_id, status, expires_on) WHERE deleted_at IS NULL;

CREATE INDEX ix_medication_containers_medication_id ON medication_containers (district_id, medication_id);

CREATE INDEX ix_medication_containers_order_id ON medication_containers (district_id, order_id);

CREATE INDEX ix_medication_containers_received_by ON medication_containers (district_id, received_by);

CREATE INDEX ix_medication_containers_school_id_row_version ON medication_containers (district_id, school_id, row_version);

CREATE INDEX ix_medication_containers_student_id ON medication_containers (district_id, student_id);

CREATE TABLE vaccination_exemptions (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    kind TEXT NOT NULL,
    cvx TEXT,
    granted_on DATE NOT NULL,
    expires_on DATE,
    document_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_vaccination_exemptions PRIMARY KEY (district_id, id),
    CONSTRAINT ck_vaccination_exemptions_expires_on CHECK (expires_on >= granted_on),
    CONSTRAINT fk_vaccination_exemptions_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_vaccination_exemptions_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_vaccination_exemptions_kind CHECK (kind IN ('MEDICAL', 'RELIGIOUS', 'PERSONAL', 'PROVISIONAL')),
    CONSTRAINT fk_vaccination_exemptions_document_id FOREIGN KEY(district_id, document_id) REFERENCES documents (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_vaccination_exemptions_document_id ON vaccination_exemptions (district_id, document_id);

CREATE INDEX ix_vaccination_exemptions_school_id_row_version ON vaccination_exemptions (district_id, school_id, row_version);

CREATE INDEX ix_vaccination_exemptions_student_id ON vaccination_exemptions (district_id, student_id);

CREATE TABLE vital_signs (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    visit_id UUID,
    kind TEXT NOT NULL,
    measured_at TIMESTAMP WITH TIME ZONE NOT NULL,
    value NUMERIC NOT NULL,
    unit TEXT NOT NULL,
    method TEXT,
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
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_vital_signs PRIMARY KEY (district_id, id),
    CONSTRAINT ck_vital_signs_value CHECK (value >= 0),
    CONSTRAINT ck_vital_signs_entry CHECK (num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)),
    CONSTRAINT fk_vital_signs_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_vital_signs_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_vital_signs_visit_id FOREIGN KEY(district_id, visit_id) REFERENCES clinic_visits (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_vital_signs_kind CHECK (kind IN ('TEMPERATURE', 'PULSE', 'RESPIRATION', 'SYSTOLIC', 'DIASTOLIC', 'OXYGEN_SATURATION', 'BLOOD_GLUCOSE', 'PEAK_FLOW', 'HEIGHT', 'WEIGHT', 'PAIN')),
    CONSTRAINT fk_vital_signs_author_user_id FOREIGN KEY(district_id, author_user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_vital_signs_student ON vital_signs (district_id, student_id, kind, measured_at DESC);

CREATE INDEX ix_vital_signs_author_user_id ON vital_signs (district_id, author_user_id);

CREATE INDEX ix_vital_signs_school_id_row_version ON vital_signs (district_id, school_id, row_version);

CREATE INDEX ix_vital_signs_visit_id ON vital_signs (district_id, visit_id);

CREATE TABLE witness_statements (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    incident_id UUID NOT NULL,
    witness_name TEXT NOT NULL,
    witness_role TEXT,
    statement TEXT NOT NULL,
    taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_witness_statements PRIMARY KEY (district_id, id),
    CONSTRAINT ck_witness_statements_entry CHECK (num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)),
    CONSTRAINT fk_witness_statements_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_witness_statements_incident_id FOREIGN KEY(district_id, incident_id) REFERENCES incident_reports (district_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_witness_statements_author_user_id FOREIGN KEY(district_id, author_user_id) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_witness_statements_author_user_id ON witness_statements (district_id, author_user_id);

CREATE INDEX ix_witness_statements_incident_id ON witness_statements (district_id, incident_id);

CREATE INDEX ix_witness_statements_school_id_row_version ON witness_statements (district_id, school_id, row_version);

CREATE TABLE appointment_reminders (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    appointment_id UUID NOT NULL,
    contact_id UUID,
    method TEXT NOT NULL,
    status TEXT NOT NULL,
    send_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_appointment_reminders PRIMARY KEY (district_id, id),
    CONSTRAINT ck_appointment_reminders_sent_at CHECK ((sent_at IS NOT NULL) = (status = 'SENT')),
    CONSTRAINT fk_appointment_reminders_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_appointment_reminders_appointment_id FOREIGN KEY(district_id, appointment_id) REFERENCES appointments (district_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_appointment_reminders_contact_id FOREIGN KEY(district_id, contact_id) REFERENCES emergency_contacts (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_appointment_reminders_method CHECK (method IN ('PHONE', 'SMS', 'EMAIL', 'IN_PERSON', 'LETTER')),
    CONSTRAINT ck_appointment_reminders_status CHECK (status IN ('PENDING', 'SENT', 'FAILED', 'CANCELLED'))
);

CREATE INDEX idx_appointment_reminders_due ON appointment_reminders (district_id, send_at) WHERE status = 'PENDING' AND deleted_at IS NULL;

CREATE INDEX ix_appointment_reminders_appointment_id ON appointment_reminders (district_id, appointment_id);

CREATE INDEX ix_appointment_reminders_contact_id ON appointment_reminders (district_id, contact_id);

CREATE INDEX ix_appointment_reminders_school_id_row_version ON appointment_reminders (district_id, school_id, row_version);

CREATE TABLE appointment_waitlist (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    nurse_id UUID,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    wanted_from DATE,
    wanted_to DATE,
    reason TEXT,
    appointment_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_appointment_waitlist PRIMARY KEY (district_id, id),
    CONSTRAINT ck_appointment_waitlist_duration CHECK (duration BETWEEN 5 AND 480),
    CONSTRAINT ck_appointment_waitlist_priority CHECK (priority >= 1),
    CONSTRAINT ck_appointment_waitlist_booked CHECK ((appointment_id IS NOT NULL) = (status = 'BOOKED')),
    CONSTRAINT ck_appointment_waitlist_wanted_to CHECK (wanted_to >= wanted_from),
    CONSTRAINT fk_appointment_waitlist_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_appointment_waitlist_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_appointment_waitlist_nurse_id FOREIGN KEY(district_id, nurse_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_appointment_waitlist_kind CHECK (kind IN ('CHECKUP', 'MEDICATION', 'PROCEDURE', 'SCREENING', 'FOLLOW_UP', 'COUNSELLING', 'MEETING', 'OTHER')),
    CONSTRAINT ck_appointment_waitlist_status CHECK (status IN ('WAITING', 'OFFERED', 'BOOKED', 'WITHDRAWN')),
    CONSTRAINT fk_appointment_waitlist_appointment_id FOREIGN KEY(district_id, appointment_id) REFERENCES appointments (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_appointment_waitlist_waiting ON appointment_waitlist (district_id, school_id, priority, requested_at) WHERE status = 'WAITING' AND deleted_at IS NULL;

CREATE INDEX ix_appointment_waitlist_appointment_id ON appointment_waitlist (district_id, appointment_id);

CREATE INDEX ix_appointment_waitlist_nurse_id ON appointment_waitlist (district_id, nurse_id);

CREATE INDEX ix_appointment_waitlist_school_id_row_version ON appointment_waitlist (district_id, school_id, row_version);

CREATE INDEX ix_appointment_waitlist_student_id ON appointment_waitlist (district_id, student_id);

CREATE TABLE trip_custody (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    student_id UUID NOT NULL,
    container_id UUID NOT NULL,
    carrier_id UUID NOT NULL,
    trip TEXT,
    quantity_out NUMERIC NOT NULL,
    quantity_returned NUMERIC,
    out_at TIMESTAMP WITH TIME ZONE NOT NULL,
    back_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_trip_custody PRIMARY KEY (district_id, id),
    CONSTRAINT ck_trip_custody_quantity_out CHECK (quantity_out > 0),
    CONSTRAINT ck_trip_custody_quantity_returned CHECK (quantity_returned BETWEEN 0 AND quantity_out),
    CONSTRAINT ck_trip_custody_returned CHECK ((quantity_returned IS NULL) = (back_at IS NULL)),
    CONSTRAINT ck_trip_custody_back_at CHECK (back_at >= out_at),
    CONSTRAINT fk_trip_custody_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_trip_custody_student_id FOREIGN KEY(district_id, student_id) REFERENCES students (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_trip_custody_container_id FOREIGN KEY(district_id, container_id) REFERENCES medication_containers (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_trip_custody_carrier_id FOREIGN KEY(district_id, carrier_id) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_trip_custody_carrier_id ON trip_custody (district_id, carrier_id);

CREATE INDEX ix_trip_custody_container_id ON trip_custody (district_id, container_id);

CREATE INDEX ix_trip_custody_school_id_row_version ON trip_custody (district_id, school_id, row_version);

CREATE INDEX ix_trip_custody_student_id ON trip_custody (district_id, student_id);

CREATE TABLE medication_ledger (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    container_id UUID NOT NULL,
    event TEXT NOT NULL,
    quantity NUMERIC NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id UUID NOT NULL,
    witness_id UUID,
    log_id UUID,
    reason TEXT,
    entry_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_medication_ledger PRIMARY KEY (district_id, id),
    CONSTRAINT ck_medication_ledger_witness_id CHECK (witness_id <> actor_id),
    CONSTRAINT ck_medication_ledger_witnessed CHECK (event NOT IN ('WASTED', 'DESTROYED') OR witness_id IS NOT NULL),
    CONSTRAINT ck_medication_ledger_quantity CHECK (CASE event WHEN 'COUNTED' THEN quantity >= 0 ELSE quantity <> 0 END),
    CONSTRAINT fk_medication_ledger_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_medication_ledger_container_id FOREIGN KEY(district_id, container_id) REFERENCES medication_containers (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_medication_ledger_event CHECK (event IN ('RECEIVED', 'GIVEN', 'WASTED', 'COUNTED', 'ADJUSTED', 'SENT_OUT', 'BROUGHT_BACK', 'RETURNED', 'DESTROYED')),
    CONSTRAINT fk_medication_ledger_actor_id FOREIGN KEY(district_id, actor_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_medication_ledger_witness_id FOREIGN KEY(district_id, witness_id) REFERENCES users (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_medication_ledger_log_id FOREIGN KEY(district_id, log_id) REFERENCES medication_logs (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX idx_medication_ledger_container ON medication_ledger (district_id, container_id, occurred_at);

CREATE INDEX ix_medication_ledger_actor_id ON medication_ledger (district_id, actor_id);

CREATE INDEX ix_medication_ledger_log_id ON medication_ledger (district_id, log_id);

CREATE INDEX ix_medication_ledger_school_id_row_version ON medication_ledger (district_id, school_id, row_version);

CREATE INDEX ix_medication_ledger_witness_id ON medication_ledger (district_id, witness_id);

CREATE TABLE notifications (
    district_id UUID NOT NULL,
    school_id UUID NOT NULL,
    id UUID NOT NULL,
    row_version BIGINT NOT NULL,
    incident_id UUID,
    log_id UUID,
    contact_id UUID NOT NULL,
    method TEXT NOT NULL,
    attempted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT,
    made_by UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_notifications PRIMARY KEY (district_id, id),
    CONSTRAINT ck_notifications_about CHECK (num_nonnulls(incident_id, log_id) = 1),
    CONSTRAINT fk_notifications_school_id FOREIGN KEY(district_id, school_id) REFERENCES schools (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_notifications_incident_id FOREIGN KEY(district_id, incident_id) REFERENCES incident_reports (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_notifications_log_id FOREIGN KEY(district_id, log_id) REFERENCES medication_logs (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_notifications_contact_id FOREIGN KEY(district_id, contact_id) REFERENCES emergency_contacts (district_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_notifications_method CHECK (method IN ('PHONE', 'SMS', 'EMAIL', 'IN_PERSON', 'LETTER')),
    CONSTRAINT ck_notifications_outcome CHECK (outcome IN ('REACHED', 'LEFT_MESSAGE', 'NO_ANSWER', 'WRONG_NUMBER', 'SENT', 'FAILED')),
    CONSTRAINT fk_notifications_made_by FOREIGN KEY(district_id, made_by) REFERENCES users (district_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_notifications_contact_id ON notifications (district_id, contact_id);

CREATE INDEX ix_notifications_incident_id ON notifications (district_id, incident_id);

CREATE INDEX ix_notifications_log_id ON notifications (district_id, log_id);

CREATE INDEX ix_notifications_made_by ON notifications (district_id, made_by);

CREATE INDEX ix_notifications_school_id_row_version ON notifications (district_id, school_id, row_version);

CREATE INDEX ix_audit_logs_received_at ON audit_logs USING brin (received_at) WITH (pages_per_range = 32, autosummarize = on);

ALTER TABLE users ADD COLUMN licence_number TEXT;

ALTER TABLE users ADD COLUMN licence_state TEXT;

ALTER TABLE users ADD COLUMN npi TEXT;

ALTER TABLE users ADD CONSTRAINT ck_users_licence_number CHECK (licence_number IS NULL OR licence_state IS NOT NULL) NOT VALID;

ALTER TABLE users ADD CONSTRAINT ck_users_licence_state CHECK (licence_state ~ '^[A-Z]{2}$') NOT VALID;

ALTER TABLE users ADD CONSTRAINT ck_users_npi CHECK (CASE WHEN npi ~ '^[0-9]{10}$' THEN mod(24 + translate(substr(npi, 1, 1), '0123456789', '0246813579')::int + substr(npi, 2, 1)::int + translate(substr(npi, 3, 1), '0123456789', '0246813579')::int + substr(npi, 4, 1)::int + translate(substr(npi, 5, 1), '0123456789', '0246813579')::int + substr(npi, 6, 1)::int + translate(substr(npi, 7, 1), '0123456789', '0246813579')::int + substr(npi, 8, 1)::int + translate(substr(npi, 9, 1), '0123456789', '0246813579')::int + substr(npi, 10, 1)::int, 10) = 0 ELSE npi IS NULL END) NOT VALID;

ALTER TABLE users ADD CONSTRAINT uq_users_licence_state_licence_number UNIQUE (district_id, licence_state, licence_number);

ALTER TABLE students ADD COLUMN photo UUID;

ALTER TABLE students ADD COLUMN merged_into_id UUID;

ALTER TABLE students DROP CONSTRAINT ck_students_date_of_birth;

ALTER TABLE students ADD CONSTRAINT ck_students_date_of_birth CHECK (extract(year FROM enrolled_on) - extract(year FROM date_of_birth) - (extract(month FROM enrolled_on) * 100 + extract(day FROM enrolled_on) < extract(month FROM date_of_birth) * 100 + extract(day FROM date_of_birth))::int BETWEEN 3 AND 22) NOT VALID;

ALTER TABLE students ADD CONSTRAINT ck_students_merged_into_id CHECK (merged_into_id <> id) NOT VALID;

ALTER TABLE students ADD CONSTRAINT fk_students_merged_into_id FOREIGN KEY(district_id, merged_into_id) REFERENCES students (district_id, id) ON DELETE RESTRICT NOT VALID;

CREATE INDEX idx_students_names ON students (district_id, last_name, first_name, id);

CREATE INDEX idx_students_school_names ON students (district_id, school_id, last_name, first_name, id);

CREATE INDEX ix_students_merged_into_id ON students (district_id, merged_into_id);

CREATE INDEX ix_chronic_conditions_review_due ON chronic_conditions (district_id, school_id, status, review_due) WHERE deleted_at IS NULL;

ALTER TABLE incident_reports ADD COLUMN closed_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE incident_reports ADD CONSTRAINT ck_incident_reports_closed_at CHECK (closed_at IS NULL OR status = 'CLOSED') NOT VALID;

ALTER TABLE student_medications ADD COLUMN supersedes_id UUID;

ALTER TABLE student_medications ADD CONSTRAINT ck_student_medications_supersedes_id CHECK (supersedes_id <> id) NOT VALID;

ALTER TABLE student_medications ADD CONSTRAINT fk_student_medications_supersedes_id FOREIGN KEY(district_id, supersedes_id) REFERENCES student_medications (district_id, id) ON DELETE RESTRICT NOT VALID;

CREATE INDEX ix_student_medications_supersedes_id ON student_medications (district_id, supersedes_id);

ALTER TABLE vaccinations ADD CONSTRAINT ck_vaccinations_administered_on CHECK (administered_on <= (updated_at AT TIME ZONE 'UTC')::date + 1) NOT VALID;

DROP INDEX ix_vaccinations_student_id;

CREATE INDEX idx_vaccinations_student ON vaccinations (district_id, student_id, cvx, administered_on DESC);

ALTER TABLE medication_logs ADD COLUMN witness_id UUID;

ALTER TABLE medication_logs ADD COLUMN container_id UUID;

ALTER TABLE medication_logs ADD COLUMN reaction TEXT;

ALTER TABLE medication_logs ADD CONSTRAINT ck_medication_logs_witness_id CHECK (witness_id <> author_user_id) NOT VALID;

ALTER TABLE medication_logs ADD CONSTRAINT fk_medication_logs_container_id FOREIGN KEY(district_id, container_id) REFERENCES medication_containers (district_id, id) ON DELETE RESTRICT NOT VALID;

ALTER TABLE medication_logs ADD CONSTRAINT fk_medication_logs_witness_id FOREIGN KEY(district_id, witness_id) REFERENCES users (district_id, id) ON DELETE RESTRICT NOT VALID;

DROP INDEX ix_medication_logs_medication_id;

CREATE INDEX idx_medication_logs_medication_fk ON medication_logs (district_id, medication_id);

CREATE INDEX ix_medication_logs_container_id ON medication_logs (district_id, container_id);

CREATE INDEX ix_medication_logs_witness_id ON medication_logs (district_id, witness_id);

ALTER TABLE users VALIDATE CONSTRAINT ck_users_licence_number;

ALTER TABLE users VALIDATE CONSTRAINT ck_users_licence_state;

ALTER TABLE users VALIDATE CONSTRAINT ck_users_npi;

ALTER TABLE students VALIDATE CONSTRAINT ck_students_date_of_birth;

ALTER TABLE students VALIDATE CONSTRAINT ck_students_merged_into_id;

ALTER TABLE students VALIDATE CONSTRAINT fk_students_merged_into_id;

ALTER TABLE incident_reports VALIDATE CONSTRAINT ck_incident_reports_closed_at;

ALTER TABLE student_medications VALIDATE CONSTRAINT ck_student_medications_supersedes_id;

ALTER TABLE student_medications VALIDATE CONSTRAINT fk_student_medications_supersedes_id;

ALTER TABLE vaccinations VALIDATE CONSTRAINT ck_vaccinations_administered_on;

ALTER TABLE medication_logs VALIDATE CONSTRAINT ck_medication_logs_witness_id;

ALTER TABLE medication_logs VALIDATE CONSTRAINT fk_medication_logs_container_id;

ALTER TABLE medication_logs VALIDATE CONSTRAINT fk_medication_logs_witness_id;

ALTER TABLE audit_archives ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit_archives FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON audit_archives USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY writers_insert ON audit_archives AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('SYSTEM'));

CREATE POLICY writers_update ON audit_archives AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('SYSTEM'));

CREATE POLICY writers_delete ON audit_archives AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('SYSTEM'));

ALTER TABLE audit_seals ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit_seals FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON audit_seals USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY writers_insert ON audit_seals AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('SYSTEM'));

CREATE POLICY writers_update ON audit_seals AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('SYSTEM'));

CREATE POLICY writers_delete ON audit_seals AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('SYSTEM'));

CREATE POLICY writers_insert ON districts AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON districts AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON districts AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE budget_categories ENABLE ROW LEVEL SECURITY;

ALTER TABLE budget_categories FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON budget_categories USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY readers ON budget_categories AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'READ_ONLY', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'READ_ONLY', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON budget_categories AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON budget_categories AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON budget_categories AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE consent_forms ENABLE ROW LEVEL SECURITY;

ALTER TABLE consent_forms FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON consent_forms USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY writers_insert ON consent_forms AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON consent_forms AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON consent_forms AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON medications AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON medications AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON medications AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE retention_policies ENABLE ROW LEVEL SECURITY;

ALTER TABLE retention_policies FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON retention_policies USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY writers_insert ON retention_policies AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON retention_policies AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON retention_policies AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON schools AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON schools AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON schools AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE suppliers ENABLE ROW LEVEL SECURITY;

ALTER TABLE suppliers FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON suppliers USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY readers ON suppliers AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'READ_ONLY', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'READ_ONLY', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON suppliers AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON suppliers AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON suppliers AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON users AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON users AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON users AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE bell_schedules ENABLE ROW LEVEL SECURITY;

ALTER TABLE bell_schedules FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON bell_schedules USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON bell_schedules AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON bell_schedules AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON bell_schedules AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON calendar_days AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON calendar_days AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON calendar_days AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON devices AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON devices AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON devices AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE inventory_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory_items FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON inventory_items USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON inventory_items AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON inventory_items AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON inventory_items AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE outbox_messages ENABLE ROW LEVEL SECURITY;

ALTER TABLE outbox_messages FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON outbox_messages USING (district_id = (SELECT wc_sec.current_district())::uuid AND (school_id IS NULL OR school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]))) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND (school_id IS NULL OR school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])));

CREATE POLICY writers_insert ON outbox_messages AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON outbox_messages AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON outbox_messages AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE policy_documents ENABLE ROW LEVEL SECURITY;

ALTER TABLE policy_documents FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON policy_documents USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY writers_insert ON policy_documents AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON policy_documents AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON policy_documents AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE purchase_orders ENABLE ROW LEVEL SECURITY;

ALTER TABLE purchase_orders FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON purchase_orders USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY readers ON purchase_orders AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'READ_ONLY', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'READ_ONLY', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON purchase_orders AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON purchase_orders AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON purchase_orders AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE recovery_codes ENABLE ROW LEVEL SECURITY;

ALTER TABLE recovery_codes FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON recovery_codes USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY secret ON recovery_codes AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('SIGN_IN', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('SIGN_IN', 'SYSTEM'));

CREATE POLICY writers_insert ON school_assignments AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON school_assignments AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON school_assignments AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE shifts ENABLE ROW LEVEL SECURITY;

ALTER TABLE shifts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON shifts USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON shifts AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON shifts AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON shifts AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_insert ON streams AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON streams AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON streams AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_insert ON students AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON students AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON students AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON allergies AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON allergies AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON allergies AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE budget_transactions ENABLE ROW LEVEL SECURITY;

ALTER TABLE budget_transactions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON budget_transactions USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY readers ON budget_transactions AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'READ_ONLY', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'READ_ONLY', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON budget_transactions AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON budget_transactions AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON budget_transactions AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON chronic_conditions AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON chronic_conditions AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON chronic_conditions AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE clinic_visits ENABLE ROW LEVEL SECURITY;

ALTER TABLE clinic_visits FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON clinic_visits USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY confidential ON clinic_visits AS RESTRICTIVE USING (NOT is_confidential OR (SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK (NOT is_confidential OR (SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON clinic_visits AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON clinic_visits AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON clinic_visits AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE documents ENABLE ROW LEVEL SECURITY;

ALTER TABLE documents FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON documents USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY confidential ON documents AS RESTRICTIVE USING (NOT is_confidential OR (SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK (NOT is_confidential OR (SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON documents AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON documents AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON documents AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON emergency_contacts AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON emergency_contacts AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON emergency_contacts AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON incident_reports AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON incident_reports AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON incident_reports AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_insert ON leases AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON leases AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON leases AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE legal_holds ENABLE ROW LEVEL SECURITY;

ALTER TABLE legal_holds FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON legal_holds USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY readers ON legal_holds AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON login_attempts AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON login_attempts AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON login_attempts AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE phi_disclosures ENABLE ROW LEVEL SECURITY;

ALTER TABLE phi_disclosures FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON phi_disclosures USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY readers ON phi_disclosures AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE policy_acknowledgments ENABLE ROW LEVEL SECURITY;

ALTER TABLE policy_acknowledgments FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON policy_acknowledgments USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY writers_insert ON policy_acknowledgments AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON policy_acknowledgments AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON policy_acknowledgments AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE purchase_order_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE purchase_order_items FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON purchase_order_items USING (district_id = (SELECT wc_sec.current_district())::uuid) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid);

CREATE POLICY readers ON purchase_order_items AS RESTRICTIVE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'READ_ONLY', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'READ_ONLY', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON purchase_order_items AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON purchase_order_items AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON purchase_order_items AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON receipts AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON receipts AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON receipts AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_insert ON refused_entries AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON refused_entries AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON refused_entries AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_insert ON removals AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON removals AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON removals AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_insert ON review_cases AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON review_cases AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON review_cases AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE screenings ENABLE ROW LEVEL SECURITY;

ALTER TABLE screenings FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON screenings USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON screenings AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON screenings AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON screenings AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON sessions AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON sessions AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON sessions AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'SIGN_IN', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE student_aliases ENABLE ROW LEVEL SECURITY;

ALTER TABLE student_aliases FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON student_aliases USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON student_aliases AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON student_aliases AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON student_aliases AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON student_medications AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON student_medications AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON student_medications AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON vaccinations AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON vaccinations AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON vaccinations AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE appointments ENABLE ROW LEVEL SECURITY;

ALTER TABLE appointments FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON appointments USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON appointments AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON appointments AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON appointments AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE care_plans ENABLE ROW LEVEL SECURITY;

ALTER TABLE care_plans FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON care_plans USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON care_plans AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON care_plans AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON care_plans AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE consent_signatures ENABLE ROW LEVEL SECURITY;

ALTER TABLE consent_signatures FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON consent_signatures USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON consent_signatures AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON consent_signatures AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON consent_signatures AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE delegations ENABLE ROW LEVEL SECURITY;

ALTER TABLE delegations FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON delegations USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON delegations AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON delegations AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON delegations AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE follow_up_actions ENABLE ROW LEVEL SECURITY;

ALTER TABLE follow_up_actions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON follow_up_actions USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON follow_up_actions AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON follow_up_actions AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON follow_up_actions AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE head_injury_checks ENABLE ROW LEVEL SECURITY;

ALTER TABLE head_injury_checks FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON head_injury_checks USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON head_injury_checks AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON head_injury_checks AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON head_injury_checks AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE health_records ENABLE ROW LEVEL SECURITY;

ALTER TABLE health_records FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON health_records USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY confidential ON health_records AS RESTRICTIVE USING (NOT is_confidential OR (SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK (NOT is_confidential OR (SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON health_records AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON health_records AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON health_records AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE incident_addenda ENABLE ROW LEVEL SECURITY;

ALTER TABLE incident_addenda FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON incident_addenda USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON incident_addenda AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON incident_addenda AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON incident_addenda AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE inventory_transactions ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory_transactions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON inventory_transactions USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON inventory_transactions AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON inventory_transactions AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON inventory_transactions AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE medication_containers ENABLE ROW LEVEL SECURITY;

ALTER TABLE medication_containers FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON medication_containers USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON medication_containers AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON medication_containers AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON medication_containers AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON order_versions AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON order_versions AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON order_versions AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE vaccination_exemptions ENABLE ROW LEVEL SECURITY;

ALTER TABLE vaccination_exemptions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON vaccination_exemptions USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON vaccination_exemptions AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON vaccination_exemptions AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON vaccination_exemptions AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE vital_signs ENABLE ROW LEVEL SECURITY;

ALTER TABLE vital_signs FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON vital_signs USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON vital_signs AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON vital_signs AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON vital_signs AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE witness_statements ENABLE ROW LEVEL SECURITY;

ALTER TABLE witness_statements FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON witness_statements USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON witness_statements AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON witness_statements AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON witness_statements AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE appointment_reminders ENABLE ROW LEVEL SECURITY;

ALTER TABLE appointment_reminders FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON appointment_reminders USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON appointment_reminders AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON appointment_reminders AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON appointment_reminders AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

ALTER TABLE appointment_waitlist ENABLE ROW LEVEL SECURITY;

ALTER TABLE appointment_waitlist FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON appointment_waitlist USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON appointment_waitlist AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_update ON appointment_waitlist AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_delete ON appointment_waitlist AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM'));

CREATE POLICY writers_insert ON medication_logs AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON medication_logs AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON medication_logs AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE trip_custody ENABLE ROW LEVEL SECURITY;

ALTER TABLE trip_custody FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON trip_custody USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON trip_custody AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON trip_custody AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON trip_custody AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE medication_ledger ENABLE ROW LEVEL SECURITY;

ALTER TABLE medication_ledger FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON medication_ledger USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON medication_ledger AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON medication_ledger AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON medication_ledger AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;

ALTER TABLE notifications FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON notifications USING (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])) WITH CHECK (district_id = (SELECT wc_sec.current_district())::uuid AND school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]));

CREATE POLICY writers_insert ON notifications AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_update ON notifications AS RESTRICTIVE FOR UPDATE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED')) WITH CHECK ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

CREATE POLICY writers_delete ON notifications AS RESTRICTIVE FOR DELETE USING ((SELECT wc_sec.current_role())::text IN ('ADMIN', 'DEVICE', 'NURSE', 'SUBSTITUTE', 'SUPERVISOR', 'SYSTEM', 'UNLICENSED'));

GRANT SELECT ON audit_archives TO wc_app;

GRANT SELECT ON audit_archives TO wc_backup;

GRANT SELECT ON audit_seals TO wc_app;

GRANT SELECT ON audit_seals TO wc_backup;

GRANT SELECT ON drug_ingredients TO wc_app;

GRANT SELECT ON drug_ingredients TO wc_backup;

GRANT SELECT ON icd10_codes TO wc_app;

GRANT SELECT ON icd10_codes TO wc_backup;

GRANT SELECT ON manufacturers TO wc_app;

GRANT SELECT ON manufacturers TO wc_backup;

GRANT SELECT ON vaccine_codes TO wc_app;

GRANT SELECT ON vaccine_codes TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON budget_categories TO wc_app;

GRANT SELECT ON budget_categories TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON consent_forms TO wc_app;

GRANT SELECT ON consent_forms TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON retention_policies TO wc_app;

GRANT SELECT ON retention_policies TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON suppliers TO wc_app;

GRANT SELECT ON suppliers TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON bell_schedules TO wc_app;

GRANT SELECT ON bell_schedules TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON inventory_items TO wc_app;

GRANT SELECT ON inventory_items TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON outbox_messages TO wc_app;

GRANT SELECT ON outbox_messages TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON policy_documents TO wc_app;

GRANT SELECT ON policy_documents TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON purchase_orders TO wc_app;

GRANT SELECT ON purchase_orders TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON recovery_codes TO wc_app;

GRANT SELECT ON recovery_codes TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON shifts TO wc_app;

GRANT SELECT ON shifts TO wc_backup;

GRANT SELECT, INSERT ON budget_transactions TO wc_app;

GRANT SELECT ON budget_transactions TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON clinic_visits TO wc_app;

GRANT SELECT ON clinic_visits TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON documents TO wc_app;

GRANT SELECT ON documents TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON legal_holds TO wc_app;

GRANT SELECT ON legal_holds TO wc_backup;

GRANT SELECT, INSERT ON phi_disclosures TO wc_app;

GRANT SELECT ON phi_disclosures TO wc_backup;

GRANT SELECT, INSERT ON policy_acknowledgments TO wc_app;

GRANT SELECT ON policy_acknowledgments TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON purchase_order_items TO wc_app;

GRANT SELECT ON purchase_order_items TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON screenings TO wc_app;

GRANT SELECT ON screenings TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON student_aliases TO wc_app;

GRANT SELECT ON student_aliases TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON appointments TO wc_app;

GRANT SELECT ON appointments TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON care_plans TO wc_app;

GRANT SELECT ON care_plans TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON consent_signatures TO wc_app;

GRANT SELECT ON consent_signatures TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON delegations TO wc_app;

GRANT SELECT ON delegations TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON follow_up_actions TO wc_app;

GRANT SELECT ON follow_up_actions TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON head_injury_checks TO wc_app;

GRANT SELECT ON head_injury_checks TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON health_records TO wc_app;

GRANT SELECT ON health_records TO wc_backup;

GRANT SELECT, INSERT ON incident_addenda TO wc_app;

GRANT SELECT ON incident_addenda TO wc_backup;

GRANT SELECT, INSERT ON inventory_transactions TO wc_app;

GRANT SELECT ON inventory_transactions TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON medication_containers TO wc_app;

GRANT SELECT ON medication_containers TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON vaccination_exemptions TO wc_app;

GRANT SELECT ON vaccination_exemptions TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON vital_signs TO wc_app;

GRANT SELECT ON vital_signs TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON witness_statements TO wc_app;

GRANT SELECT ON witness_statements TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON appointment_reminders TO wc_app;

GRANT SELECT ON appointment_reminders TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON appointment_waitlist TO wc_app;

GRANT SELECT ON appointment_waitlist TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON trip_custody TO wc_app;

GRANT SELECT ON trip_custody TO wc_backup;

GRANT SELECT, INSERT ON medication_ledger TO wc_app;

GRANT SELECT ON medication_ledger TO wc_backup;

GRANT SELECT, INSERT, UPDATE ON notifications TO wc_app;

GRANT SELECT ON notifications TO wc_backup;

GRANT UPDATE (school_id, row_version, updated_at) ON medication_ledger TO wc_app;

GRANT UPDATE (school_id, row_version, updated_at) ON incident_addenda TO wc_app;

GRANT UPDATE (school_id, row_version, updated_at) ON inventory_transactions TO wc_app;

GRANT SELECT, INSERT ON audit_seals TO wc_audit_reader;

GRANT SELECT, INSERT ON audit_archives TO wc_audit_reader;

GRANT USAGE, CREATE ON SCHEMA wc_sec TO wc_search;

GRANT EXECUTE ON FUNCTION wc_sec.current_district() TO wc_search;

GRANT EXECUTE ON FUNCTION wc_sec.current_school_ids() TO wc_search;

GRANT SELECT (district_id, school_id, id, search, deleted_at) ON inventory_items TO wc_search;

CREATE FUNCTION wc_sec.search_inventory_items(query tsquery, most integer) RETURNS TABLE (id uuid, rank real) LANGUAGE sql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, pg_temp AS $$ SELECT t.id, ts_rank(t.search, query) FROM public.inventory_items t WHERE t.district_id = (SELECT wc_sec.current_district()) AND t.school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]) AND t.deleted_at IS NULL AND t.search @@ query ORDER BY 2 DESC, 1 LIMIT least(most, 500) $$;

REVOKE ALL ON FUNCTION wc_sec.search_inventory_items(tsquery, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION wc_sec.search_inventory_items(tsquery, integer) TO wc_app;

ALTER FUNCTION wc_sec.search_inventory_items(tsquery, integer) OWNER TO wc_search;

GRANT SELECT (district_id, id, search, deleted_at) ON medications TO wc_search;

CREATE FUNCTION wc_sec.search_medications(query tsquery, most integer) RETURNS TABLE (id uuid, rank real) LANGUAGE sql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, pg_temp AS $$ SELECT t.id, ts_rank(t.search, query) FROM public.medications t WHERE t.district_id = (SELECT wc_sec.current_district()) AND t.deleted_at IS NULL AND t.search @@ query ORDER BY 2 DESC, 1 LIMIT least(most, 500) $$;

REVOKE ALL ON FUNCTION wc_sec.search_medications(tsquery, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION wc_sec.search_medications(tsquery, integer) TO wc_app;

ALTER FUNCTION wc_sec.search_medications(tsquery, integer) OWNER TO wc_search;

GRANT SELECT (district_id, school_id, id, search, deleted_at) ON students TO wc_search;

CREATE FUNCTION wc_sec.search_students(query tsquery, most integer) RETURNS TABLE (id uuid, rank real) LANGUAGE sql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, pg_temp AS $$ SELECT t.id, ts_rank(t.search, query) FROM public.students t WHERE t.district_id = (SELECT wc_sec.current_district()) AND t.school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[]) AND t.deleted_at IS NULL AND t.search @@ query ORDER BY 2 DESC, 1 LIMIT least(most, 500) $$;

REVOKE ALL ON FUNCTION wc_sec.search_students(tsquery, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION wc_sec.search_students(tsquery, integer) TO wc_app;

ALTER FUNCTION wc_sec.search_students(tsquery, integer) OWNER TO wc_search;

GRANT SELECT (district_id, id, search, deleted_at) ON users TO wc_search;

CREATE FUNCTION wc_sec.search_users(query tsquery, most integer) RETURNS TABLE (id uuid, rank real) LANGUAGE sql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, pg_temp AS $$ SELECT t.id, ts_rank(t.search, query) FROM public.users t WHERE t.district_id = (SELECT wc_sec.current_district()) AND t.deleted_at IS NULL AND t.search @@ query ORDER BY 2 DESC, 1 LIMIT least(most, 500) $$;

REVOKE ALL ON FUNCTION wc_sec.search_users(tsquery, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION wc_sec.search_users(tsquery, integer) TO wc_app;

ALTER FUNCTION wc_sec.search_users(tsquery, integer) OWNER TO wc_search;

REVOKE CREATE ON SCHEMA wc_sec FROM wc_search;
