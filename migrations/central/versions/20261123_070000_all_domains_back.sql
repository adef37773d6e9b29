-- Frozen: what 20261123_070000_all_domains.py runs to go back. Later changes are later revisions.

DROP FUNCTION wc_sec.search_users(query tsquery, most integer);

DROP FUNCTION wc_sec.search_students(query tsquery, most integer);

DROP FUNCTION wc_sec.search_medications(query tsquery, most integer);

DROP FUNCTION wc_sec.search_inventory_items(query tsquery, most integer);

DROP POLICY writers_insert ON districts;

DROP POLICY writers_update ON districts;

DROP POLICY writers_delete ON districts;

DROP POLICY writers_insert ON medications;

DROP POLICY writers_update ON medications;

DROP POLICY writers_delete ON medications;

DROP POLICY writers_insert ON schools;

DROP POLICY writers_update ON schools;

DROP POLICY writers_delete ON schools;

DROP POLICY writers_insert ON users;

DROP POLICY writers_update ON users;

DROP POLICY writers_delete ON users;

DROP POLICY writers_insert ON calendar_days;

DROP POLICY writers_update ON calendar_days;

DROP POLICY writers_delete ON calendar_days;

DROP POLICY writers_insert ON devices;

DROP POLICY writers_update ON devices;

DROP POLICY writers_delete ON devices;

DROP POLICY writers_insert ON school_assignments;

DROP POLICY writers_update ON school_assignments;

DROP POLICY writers_delete ON school_assignments;

DROP POLICY writers_insert ON streams;

DROP POLICY writers_update ON streams;

DROP POLICY writers_delete ON streams;

DROP POLICY writers_insert ON students;

DROP POLICY writers_update ON students;

DROP POLICY writers_delete ON students;

DROP POLICY writers_insert ON allergies;

DROP POLICY writers_update ON allergies;

DROP POLICY writers_delete ON allergies;

DROP POLICY writers_insert ON chronic_conditions;

DROP POLICY writers_update ON chronic_conditions;

DROP POLICY writers_delete ON chronic_conditions;

DROP POLICY writers_insert ON emergency_contacts;

DROP POLICY writers_update ON emergency_contacts;

DROP POLICY writers_delete ON emergency_contacts;

DROP POLICY writers_insert ON incident_reports;

DROP POLICY writers_update ON incident_reports;

DROP POLICY writers_delete ON incident_reports;

DROP POLICY writers_insert ON leases;

DROP POLICY writers_update ON leases;

DROP POLICY writers_delete ON leases;

DROP POLICY writers_insert ON login_attempts;

DROP POLICY writers_update ON login_attempts;

DROP POLICY writers_delete ON login_attempts;

DROP POLICY writers_insert ON receipts;

DROP POLICY writers_update ON receipts;

DROP POLICY writers_delete ON receipts;

DROP POLICY writers_insert ON refused_entries;

DROP POLICY writers_update ON refused_entries;

DROP POLICY writers_delete ON refused_entries;

DROP POLICY writers_insert ON removals;

DROP POLICY writers_update ON removals;

DROP POLICY writers_delete ON removals;

DROP POLICY writers_insert ON review_cases;

DROP POLICY writers_update ON review_cases;

DROP POLICY writers_delete ON review_cases;

DROP POLICY writers_insert ON sessions;

DROP POLICY writers_update ON sessions;

DROP POLICY writers_delete ON sessions;

DROP POLICY writers_insert ON student_medications;

DROP POLICY writers_update ON student_medications;

DROP POLICY writers_delete ON student_medications;

DROP POLICY writers_insert ON vaccinations;

DROP POLICY writers_update ON vaccinations;

DROP POLICY writers_delete ON vaccinations;

DROP POLICY writers_insert ON order_versions;

DROP POLICY writers_update ON order_versions;

DROP POLICY writers_delete ON order_versions;

DROP POLICY writers_insert ON medication_logs;

DROP POLICY writers_update ON medication_logs;

DROP POLICY writers_delete ON medication_logs;

REVOKE USAGE, CREATE ON SCHEMA wc_sec FROM wc_search;

REVOKE EXECUTE ON FUNCTION wc_sec.current_district() FROM wc_search;

REVOKE EXECUTE ON FUNCTION wc_sec.current_school_ids() FROM wc_search;

REVOKE SELECT (district_id, id, search, deleted_at) ON medications FROM wc_search;

REVOKE SELECT (district_id, school_id, id, search, deleted_at) ON students FROM wc_search;

REVOKE SELECT (district_id, id, search, deleted_at) ON users FROM wc_search;

DROP INDEX ix_medication_logs_witness_id;

DROP INDEX ix_medication_logs_container_id;

DROP INDEX idx_medication_logs_medication_fk;

ALTER TABLE medication_logs DROP CONSTRAINT fk_medication_logs_witness_id;

ALTER TABLE medication_logs DROP CONSTRAINT fk_medication_logs_container_id;

ALTER TABLE medication_logs DROP CONSTRAINT ck_medication_logs_witness_id;

ALTER TABLE medication_logs DROP COLUMN reaction;

ALTER TABLE medication_logs DROP COLUMN container_id;

ALTER TABLE medication_logs DROP COLUMN witness_id;

DROP INDEX idx_vaccinations_student;

ALTER TABLE vaccinations DROP CONSTRAINT ck_vaccinations_administered_on;

DROP INDEX ix_student_medications_supersedes_id;

ALTER TABLE student_medications DROP CONSTRAINT fk_student_medications_supersedes_id;

ALTER TABLE student_medications DROP CONSTRAINT ck_student_medications_supersedes_id;

ALTER TABLE student_medications DROP COLUMN supersedes_id;

ALTER TABLE incident_reports DROP CONSTRAINT ck_incident_reports_closed_at;

ALTER TABLE incident_reports DROP COLUMN closed_at;

DROP INDEX ix_chronic_conditions_review_due;

DROP INDEX ix_students_merged_into_id;

DROP INDEX idx_students_school_names;

DROP INDEX idx_students_names;

ALTER TABLE students DROP CONSTRAINT fk_students_merged_into_id;

ALTER TABLE students DROP CONSTRAINT ck_students_merged_into_id;

ALTER TABLE students DROP CONSTRAINT ck_students_date_of_birth;

ALTER TABLE students ADD CONSTRAINT ck_students_date_of_birth CHECK (enrolled_on >= date_of_birth + interval '3 years' AND enrolled_on < date_of_birth + interval '23 years');

ALTER TABLE students DROP COLUMN merged_into_id;

ALTER TABLE students DROP COLUMN photo;

ALTER TABLE users DROP CONSTRAINT uq_users_licence_state_licence_number;

ALTER TABLE users DROP CONSTRAINT ck_users_npi;

ALTER TABLE users DROP CONSTRAINT ck_users_licence_state;

ALTER TABLE users DROP CONSTRAINT ck_users_licence_number;

ALTER TABLE users DROP COLUMN npi;

ALTER TABLE users DROP COLUMN licence_state;

ALTER TABLE users DROP COLUMN licence_number;

DROP INDEX ix_audit_logs_received_at;

CREATE INDEX ix_vaccinations_student_id ON vaccinations (district_id, student_id);

CREATE INDEX ix_medication_logs_medication_id ON medication_logs (district_id, medication_id);

DROP TABLE notifications;

DROP TABLE medication_ledger;

DROP TABLE trip_custody;

DROP TABLE appointment_waitlist;

DROP TABLE appointment_reminders;

DROP TABLE witness_statements;

DROP TABLE vital_signs;

DROP TABLE vaccination_exemptions;

DROP TABLE medication_containers;

DROP TABLE inventory_transactions;

DROP TABLE incident_addenda;

DROP TABLE health_records;

DROP TABLE head_injury_checks;

DROP TABLE follow_up_actions;

DROP TABLE delegations;

DROP TABLE consent_signatures;

DROP TABLE care_plans;

DROP TABLE appointments;

DROP TABLE student_aliases;

DROP TABLE screenings;

DROP TABLE purchase_order_items;

DROP TABLE policy_acknowledgments;

DROP TABLE phi_disclosures;

DROP TABLE legal_holds;

DROP TABLE documents;

DROP TABLE clinic_visits;

DROP TABLE budget_transactions;

DROP TABLE shifts;

DROP TABLE recovery_codes;

DROP TABLE purchase_orders;

DROP TABLE policy_documents;

DROP TABLE outbox_messages;

DROP TABLE inventory_items;

DROP TABLE bell_schedules;

DROP TABLE suppliers;

DROP TABLE retention_policies;

DROP TABLE consent_forms;

DROP TABLE budget_categories;

DROP TABLE vaccine_codes;

DROP TABLE manufacturers;

DROP TABLE icd10_codes;

DROP TABLE drug_ingredients;

DROP TABLE audit_seals;

DROP TABLE audit_archives;
