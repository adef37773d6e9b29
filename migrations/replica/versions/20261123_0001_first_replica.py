"""The first replica: one table for each kind of record, search, indexes.

Frozen: this text is what was released. A test proves that a new file made from the declaration of records equals it;
when the declaration changes, a further revision is written and this one stays.
"""

from alembic import op

revision = "20261123_0001"
down_revision = None

STATEMENTS = (
    "CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE positions (kind TEXT NOT NULL PRIMARY KEY, upto INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE districts (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "sourced_id" TEXT,
    "policy" TEXT NOT NULL,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE schools (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "timezone" TEXT NOT NULL,
    "sourced_id" TEXT,
    "bells" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE users (
    "id" TEXT NOT NULL PRIMARY KEY,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "licence_type" TEXT,
    "licence_expires" TEXT,
    "is_active" INTEGER NOT NULL,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE medications (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "generic_name" TEXT,
    "brand_name" TEXT,
    "category" TEXT,
    "form" TEXT NOT NULL,
    "strength" TEXT,
    "rxcui" TEXT,
    "ndc11" TEXT,
    "dea_schedule" TEXT,
    "ingredients" TEXT NOT NULL,
    "is_emergency" INTEGER NOT NULL,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE calendar_days (
    "id" TEXT NOT NULL PRIMARY KEY,
    "date" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "open" TEXT,
    "close" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE school_assignments (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "assigned_from" TEXT NOT NULL,
    "assigned_to" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE students (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_number" TEXT NOT NULL,
    "sourced_id" TEXT,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "preferred_name" TEXT,
    "date_of_birth" TEXT NOT NULL,
    "grade" TEXT NOT NULL,
    "homeroom" TEXT,
    "gender" TEXT,
    "medical_record_num" TEXT,
    "nurse_id" TEXT,
    "is_active" INTEGER NOT NULL,
    "enrolled_on" TEXT NOT NULL,
    "withdrawn_on" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE emergency_contacts (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "relationship" TEXT NOT NULL,
    "phone" TEXT NOT NULL,
    "priority" INTEGER NOT NULL,
    "is_primary" INTEGER NOT NULL,
    "may_pick_up" INTEGER NOT NULL,
    "custody_note" TEXT,
    "is_active" INTEGER NOT NULL,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE allergies (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_id" TEXT NOT NULL,
    "allergen" TEXT NOT NULL,
    "code" TEXT,
    "code_system" TEXT,
    "ingredient_codes" TEXT NOT NULL,
    "reaction" TEXT,
    "criticality" TEXT NOT NULL,
    "verified_on" TEXT,
    "is_active" INTEGER NOT NULL,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE chronic_conditions (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "icd10" TEXT,
    "snomed" TEXT,
    "onset" TEXT,
    "care_plan" TEXT,
    "review_due" TEXT,
    "status" TEXT NOT NULL,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE vaccinations (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_id" TEXT NOT NULL,
    "cvx" TEXT NOT NULL,
    "vaccine_name" TEXT,
    "mvx" TEXT,
    "lot" TEXT,
    "administered_on" TEXT NOT NULL,
    "dose_number" INTEGER,
    "source" TEXT NOT NULL,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE student_medications (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_id" TEXT NOT NULL,
    "medication_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "indication" TEXT,
    "prescriber_name" TEXT NOT NULL,
    "order_signed_on" TEXT,
    "verbal_until" TEXT,
    "parent_auth_from" TEXT,
    "parent_auth_to" TEXT,
    "self_carry" INTEGER NOT NULL,
    "start_date" TEXT NOT NULL,
    "end_date" TEXT,
    "stop_effective_at" TEXT,
    "verified_by" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE order_versions (
    "id" TEXT NOT NULL PRIMARY KEY,
    "order_id" TEXT NOT NULL,
    "student_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "dose" TEXT NOT NULL,
    "unit" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "times" TEXT NOT NULL,
    "window_minutes" INTEGER,
    "min_interval_minutes" INTEGER,
    "max_doses" INTEGER,
    "max_period_minutes" INTEGER,
    "instructions" TEXT,
    "effective_from" TEXT NOT NULL,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE medication_logs (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "order_version_id" TEXT NOT NULL,
    "medication_id" TEXT NOT NULL,
    "slot_id" TEXT,
    "slot_date" TEXT,
    "slot_time" TEXT,
    "status" TEXT NOT NULL,
    "administered_at" TEXT NOT NULL,
    "local_date" TEXT NOT NULL,
    "dose_given" TEXT,
    "unit" TEXT,
    "reason" TEXT,
    "site" TEXT,
    "overrides" TEXT NOT NULL,
    "entry_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "device_seq" INTEGER NOT NULL,
    "recorded_at" TEXT NOT NULL,
    "recorded_tz" TEXT NOT NULL,
    "author_user_id" TEXT NOT NULL,
    "replica_as_of" TEXT,
    "flags" TEXT NOT NULL,
    "amends_id" TEXT,
    "amend_reason" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE incident_reports (
    "id" TEXT NOT NULL PRIMARY KEY,
    "student_id" TEXT,
    "type" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "occurred_at" TEXT NOT NULL,
    "location" TEXT NOT NULL,
    "activity" TEXT,
    "narrative" TEXT NOT NULL,
    "body_regions" TEXT NOT NULL,
    "injury_kind" TEXT,
    "witnesses" TEXT NOT NULL,
    "care_given" TEXT,
    "disposition" TEXT NOT NULL,
    "checks" TEXT NOT NULL,
    "notifications" TEXT NOT NULL,
    "med_error_type" TEXT,
    "ncc_merp" TEXT,
    "follow_up_due" TEXT,
    "status" TEXT NOT NULL,
    "signed_at" TEXT,
    "entry_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "device_seq" INTEGER NOT NULL,
    "recorded_at" TEXT NOT NULL,
    "recorded_tz" TEXT NOT NULL,
    "author_user_id" TEXT NOT NULL,
    "replica_as_of" TEXT,
    "flags" TEXT NOT NULL,
    "amends_id" TEXT,
    "amend_reason" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE review_cases (
    "id" TEXT NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "student_id" TEXT,
    "slot_id" TEXT,
    "medication_id" TEXT,
    "subject_ids" TEXT NOT NULL,
    "opened_at" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "resolution" TEXT,
    "resolved_by" TEXT,
    "resolved_at" TEXT,
    "note" TEXT,
    "row_version" INTEGER NOT NULL
) STRICT""",
    "CREATE INDEX calendar_days_by_date ON calendar_days (date)",
    "CREATE INDEX students_by_name ON students (last_name, first_name)",
    "CREATE INDEX emergency_contacts_of_student ON emergency_contacts (student_id)",
    "CREATE INDEX allergies_of_student ON allergies (student_id)",
    "CREATE INDEX chronic_conditions_of_student ON chronic_conditions (student_id)",
    "CREATE INDEX vaccinations_of_student ON vaccinations (student_id)",
    "CREATE INDEX orders_of_student ON student_medications (student_id)",
    "CREATE INDEX orders_by_schedule ON student_medications (kind, start_date)",
    "CREATE INDEX order_versions_of_order ON order_versions (order_id)",
    "CREATE INDEX doses_of_student ON medication_logs (student_id, administered_at)",
    "CREATE INDEX doses_of_order ON medication_logs (order_id, administered_at)",
    "CREATE INDEX doses_of_slot ON medication_logs (slot_id)",
    "CREATE INDEX doses_of_day ON medication_logs (local_date)",
    "CREATE INDEX incidents_of_student ON incident_reports (student_id)",
    "CREATE INDEX incidents_by_time ON incident_reports (occurred_at)",
    "CREATE INDEX review_cases_by_status ON review_cases (status)",
    """CREATE VIRTUAL TABLE students_search USING fts5(first_name, last_name, preferred_name, student_number, grade, content='students', tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')""",  # noqa: E501
    "INSERT INTO students_search (students_search) VALUES ('rebuild')",
    """CREATE TRIGGER students_search_added AFTER INSERT ON students BEGIN INSERT INTO students_search (rowid, first_name, last_name, preferred_name, student_number, grade) VALUES (new.rowid, new.first_name, new.last_name, new.preferred_name, new.student_number, new.grade); END""",  # noqa: E501
    """CREATE TRIGGER students_search_gone AFTER DELETE ON students BEGIN INSERT INTO students_search (students_search, rowid, first_name, last_name, preferred_name, student_number, grade) VALUES ('delete', old.rowid, old.first_name, old.last_name, old.preferred_name, old.student_number, old.grade); END""",  # noqa: E501
    """CREATE TRIGGER students_search_changed AFTER UPDATE OF first_name, last_name, preferred_name, student_number, grade ON students BEGIN INSERT INTO students_search (students_search, rowid, first_name, last_name, preferred_name, student_number, grade) VALUES ('delete', old.rowid, old.first_name, old.last_name, old.preferred_name, old.student_number, old.grade); INSERT INTO students_search (rowid, first_name, last_name, preferred_name, student_number, grade) VALUES (new.rowid, new.first_name, new.last_name, new.preferred_name, new.student_number, new.grade); END""",  # noqa: E501
)


def upgrade() -> None:
    for statement in STATEMENTS:
        # The driver's own way: a colon or a percent sign in the text is no parameter.
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("a replica is not taken back: it is rebuilt from the server")
