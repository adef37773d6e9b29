"""The migrated database keeps the rules of scale.md and schema.md; each rule is seen to fail when it is broken."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from tests.sync_server.db import catalogue_rules as rules

from wc_contract.model.kinds import KINDS, FieldType, Scope
from wc_sync_server.db.rls import Form, policies
from wc_sync_server.db.tables import METADATA, TABLES, TENANT, guard_of, written_fields
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def catalogue(module_database: Callable[..., Dsn], central_template: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(module_database(central_template).conninfo()) as connection:
        yield connection


@pytest.fixture(autouse=True)
def nothing_stays(catalogue: Connection[Any]) -> Iterator[None]:
    yield
    catalogue.rollback()


@pytest.mark.parametrize("rule", rules.RULES)
def test_the_database_keeps_the_rule(catalogue: Connection[Any], rule: rules.Rule) -> None:
    assert rule(catalogue) == []


OLD_MONTH = "CREATE TABLE audit_logs_1999_01 PARTITION OF audit_logs FOR VALUES FROM ('1999-01-01') TO ('1999-02-01')"

BROKEN: tuple[tuple[rules.Rule, str], ...] = (
    (rules.c1_every_table_is_listed_and_every_tenant_has_a_district, "CREATE TABLE stray (id uuid)"),
    (
        rules.c1_every_table_is_listed_and_every_tenant_has_a_district,
        "ALTER TABLE audit_overflow DROP CONSTRAINT pk_audit_overflow, ALTER district_id DROP NOT NULL",
    ),
    (rules.c2_every_unique_index_has_the_district_first, "CREATE UNIQUE INDEX u ON students (student_number)"),
    (
        rules.c2_every_unique_index_has_the_district_first,
        "CREATE UNIQUE INDEX u ON students (student_number, district_id)",
    ),
    (
        rules.c3_foreign_keys_stay_in_their_district,
        "ALTER TABLE allergies ADD UNIQUE (id), ADD COLUMN twin uuid REFERENCES allergies (id)",
    ),
    (
        rules.c3_foreign_keys_stay_in_their_district,
        "ALTER TABLE allergies ADD FOREIGN KEY (district_id) REFERENCES district_directory (district_id)",
    ),
    (
        rules.c4_foreign_keys_restrict_and_nothing_is_deferrable,
        "ALTER TABLE allergies ADD FOREIGN KEY (district_id, student_id) REFERENCES students ON DELETE CASCADE",
    ),
    (
        rules.c4_foreign_keys_restrict_and_nothing_is_deferrable,
        "ALTER TABLE allergies ADD UNIQUE (district_id, allergen) DEFERRABLE",
    ),
    (
        rules.c4_foreign_keys_restrict_and_nothing_is_deferrable,
        """ALTER TABLE witness_statements DROP CONSTRAINT fk_witness_statements_incident_id,
           ADD CONSTRAINT fk_witness_statements_incident_id FOREIGN KEY (district_id, incident_id)
           REFERENCES incident_reports ON DELETE RESTRICT""",
    ),
    (
        rules.c5_no_triggers_and_no_rules,
        "CREATE TRIGGER t BEFORE UPDATE ON students FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ),
    (rules.c5_no_triggers_and_no_rules, "CREATE RULE r AS ON DELETE TO students DO INSTEAD NOTHING"),
    (rules.c6_no_materialised_views_and_no_inheritance, "CREATE MATERIALIZED VIEW m AS SELECT * FROM students"),
    (rules.c6_no_materialised_views_and_no_inheritance, "CREATE TABLE heir () INHERITS (students)"),
    (rules.c7_no_volatile_defaults, "ALTER TABLE students ALTER id SET DEFAULT gen_random_uuid()"),
    (rules.c7_no_volatile_defaults, "ALTER TABLE students ALTER created_at SET DEFAULT clock_timestamp()"),
    (rules.c7_no_volatile_defaults, "ALTER TABLE students ADD n int GENERATED ALWAYS AS IDENTITY"),
    (
        rules.c8_row_level_security_is_forced_and_the_application_owns_nothing,
        "ALTER TABLE students NO FORCE ROW LEVEL SECURITY",
    ),
    (
        rules.c8_row_level_security_is_forced_and_the_application_owns_nothing,
        OLD_MONTH,
    ),
    (rules.c8_row_level_security_is_forced_and_the_application_owns_nothing, "ALTER TABLE students OWNER TO wc_app"),
    (rules.c8_row_level_security_is_forced_and_the_application_owns_nothing, "ALTER ROLE wc_app BYPASSRLS"),
    (rules.c8_row_level_security_is_forced_and_the_application_owns_nothing, "GRANT wc_owner TO wc_app"),
    (rules.c9_policies_are_the_templates, "ALTER POLICY tenant ON students USING (true)"),
    (rules.c9_policies_are_the_templates, "CREATE POLICY more ON students USING (true)"),
    (rules.c9_policies_are_the_templates, "DROP POLICY secret ON user_credentials"),
    (rules.c9_policies_are_the_templates, "DROP POLICY confidential ON health_records"),
    (rules.c9_policies_are_the_templates, "DROP POLICY confidential_with ON vital_signs"),
    (rules.c9_policies_are_the_templates, "DROP POLICY readers ON budget_categories"),
    (rules.c9_policies_are_the_templates, "DROP POLICY writers_update ON students"),
    (
        rules.c9_policies_are_the_templates,
        """DROP POLICY writers_update ON students;
           CREATE POLICY writers_update ON students AS RESTRICTIVE FOR DELETE USING (true)""",
    ),
    (
        rules.c10_no_right_on_a_partition,
        f"{OLD_MONTH}; GRANT SELECT ON audit_logs_1999_01 TO wc_app",
    ),
    (rules.every_foreign_key_has_an_index, "DROP INDEX ix_allergies_student_id"),
    (rules.names_are_short_and_ours, "ALTER TABLE students ADD CHECK (grade <> '')"),
    (rules.names_are_short_and_ours, f"ALTER TABLE students ADD CONSTRAINT ck_{'x' * 50} CHECK (grade <> '')"),
    (rules.timestamps_know_their_zone, "ALTER TABLE students ADD seen timestamp"),
    (rules.functions_are_not_definers, "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"),
    (
        rules.functions_are_not_definers,
        "ALTER FUNCTION wc_sec.search_students(tsquery, integer) SET search_path = public",
    ),
    (rules.functions_are_not_definers, "ALTER FUNCTION wc_sec.current_role() SET search_path = public"),
    (rules.functions_are_not_definers, "ALTER ROLE wc_search LOGIN"),
    (rules.functions_are_not_definers, "GRANT wc_search TO wc_app"),
    (rules.records_are_deleted_softly, "ALTER TABLE health_records DROP deleted_at CASCADE"),
    (
        rules.checks_are_valid_and_mean_the_same_in_every_session,
        "ALTER TABLE students ADD CONSTRAINT ck_students_x CHECK (grade <> '') NOT VALID",
    ),
    (
        rules.checks_are_valid_and_mean_the_same_in_every_session,
        "ALTER TABLE students ADD CONSTRAINT ck_students_x CHECK (date_of_birth < current_date)",
    ),
    (rules.pairs_of_dates_are_checked, "ALTER TABLE health_records DROP CONSTRAINT ck_health_records_follow_up_date"),
    (rules.pairs_of_dates_are_checked, "ALTER TABLE students DROP CONSTRAINT ck_students_withdrawn_on"),
)


@pytest.mark.parametrize(
    ("rule", "violation"), BROKEN, ids=[f"{rule.__name__}-{n}" for n, (rule, _) in enumerate(BROKEN)]
)
def test_the_rule_sees_a_violation(catalogue: Connection[Any], rule: rules.Rule, violation: str) -> None:
    catalogue.execute(violation.encode())
    assert rule(catalogue) != []


def test_every_rule_has_a_violation_to_its_name() -> None:
    assert {rule for rule, _ in BROKEN} == set(rules.RULES)


@pytest.mark.parametrize("table", TENANT, ids=[table.name for table in TENANT])
def test_the_distributed_form_has_no_sub_select_and_means_the_same(catalogue: Connection[Any], table: Any) -> None:
    forms = {form: policies(guard_of(table), form) for form in Form}
    assert len(forms[Form.PLAIN]) == len(forms[Form.DISTRIBUTED])
    catalogue.execute(f"CREATE TABLE spread (LIKE {table.name})".encode())
    for policy in forms[Form.DISTRIBUTED]:
        assert "select" not in policy.predicate.lower()
        assert "current_setting" not in policy.predicate
        catalogue.execute(policy.create("spread").encode())
    stored = catalogue.execute(
        "SELECT coalesce(polqual::text, ''), coalesce(polwithcheck::text, '') FROM pg_policy"
        " WHERE polrelid = 'spread'::regclass"
    ).fetchall()
    assert stored
    assert not [tree for row in stored for tree in row if "SUBLINK" in tree]


def test_the_distributed_form_asks_no_other_table_and_lets_less_through() -> None:
    for table in TENANT:
        if guard_of(table).confidential_with is not None:
            plain, spread = (
                next(
                    policy.predicate for policy in policies(guard_of(table), form) if policy.name == "confidential_with"
                )
                for form in Form
            )
            assert plain.count(" OR ") == spread.count(" OR ") + 1
            assert "EXISTS" in plain.rpartition(" OR ")[2]


def test_what_a_row_is_as_confidential_as_marks_what_is_confidential() -> None:
    """Where the other table had a column of the same name, the policy would ask that one's."""
    named = [(table, above) for table in TENANT if (above := guard_of(table).confidential_with) is not None]
    assert [(table.name, above.column) for table, above in named] == [("vital_signs", "visit_id")]
    for _, above in named:
        other = METADATA.tables[above.table]
        assert guard_of(other).confidential
        assert above.column not in other.columns


def test_the_plain_form_evaluates_its_context_once() -> None:
    for table in TENANT:
        for policy in policies(guard_of(table)):
            assert policy.predicate.count("(SELECT wc_sec.") == policy.predicate.count("wc_sec.")


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_synced_table_has_what_its_kind_declares(catalogue: Connection[Any], kind: Any) -> None:
    rows = catalogue.execute(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (kind.table,),
    ).fetchall()
    columns = {name: (type_, required) for name, type_, required in rows}
    assert rows[0][0] == "district_id"
    assert ("school_id" in columns) is (kind.scope is Scope.SCHOOL)
    assert ("deleted_at" in columns) is not kind.append_only
    assert columns["row_version"] == ("bigint", True)
    for field in written_fields(kind):
        assert columns[field.name][1] is field.required, field.name
        assert (columns[field.name][0] == "bytea") is field.sealed, field.name


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_feed_is_read_by_an_index(kind: Any) -> None:
    wanted = (
        ["district_id", "row_version"] if kind.scope is Scope.DISTRICT else ["district_id", "school_id", "row_version"]
    )
    assert any([column.name for column in index.columns] == wanted for index in TABLES[kind.name].indexes)


@pytest.mark.parametrize(
    "name",
    [
        "idx_students_search",
        "idx_students_school_grade_active",
        "idx_students_district_active",
        "idx_students_nurse",
        "idx_medication_schedule",
        "idx_medication_logs_student_administered",
        "idx_medication_logs_medication_fk",
        "idx_emergency_contacts_student_primary",
        "idx_health_records_student_date",
        "idx_health_records_confidential",
        "idx_health_records_provider",
        "idx_health_records_student_type",
        "idx_health_records_metadata_diagnosis",
        "idx_appointments_upcoming",
        "idx_appointments_student",
        "idx_appointment_availability",
        "idx_incident_reports_follow_up",
        "idx_users_search",
        "idx_medications_search",
        "idx_inventory_items_search",
        "idx_audit_logs_user",
        "idx_audit_logs_entity",
        "idx_audit_logs_at",
        "idx_audit_logs_export",
        "idx_incident_reports_student",
        "idx_incident_reports_critical",
        "idx_users_failed_login_attempts",
        "idx_users_lockout_until",
        "idx_users_mfa_enabled",
        "idx_users_email_verified",
    ],
)
def test_the_auditor_of_the_old_schema_finds_the_index(catalogue: Connection[Any], name: str) -> None:
    assert catalogue.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchall() == [(True,)]


def test_a_student_has_one_active_primary_contact(catalogue: Connection[Any]) -> None:
    row = catalogue.execute("SELECT pg_get_indexdef('idx_emergency_contacts_student_primary'::regclass)").fetchall()
    assert "UNIQUE" in row[0][0]
    assert "(is_primary AND is_active AND (deleted_at IS NULL))" in row[0][0]


OF_CHILDREN = [
    table
    for table in METADATA.sorted_tables
    if (kind := table.info.get("kind")) is not None
    and (table.name == "students" or {"student_id", "incident_id", "appointment_id"} & set(table.columns.keys()))
]


@pytest.mark.parametrize("table", OF_CHILDREN, ids=[table.name for table in OF_CHILDREN])
def test_every_text_about_a_child_is_phi_or_was_decided_to_tell_nothing(table: Any) -> None:
    undecided = [
        field.name
        for field in table.info["fields"]
        if field.type in {FieldType.TEXT, FieldType.JSON} and not (field.phi or field.plain or field.values)
    ]
    assert undecided == []
    assert not [field.name for field in table.info["fields"] if field.phi and field.plain]


def test_every_table_that_names_a_child_is_made_from_a_declaration() -> None:
    bare = {table.name for table in TENANT if "student_id" in table.columns and "kind" not in table.info}
    assert bare == set()


def test_sealed_fields_are_phi_text_without_check_or_index() -> None:
    for table in METADATA.sorted_tables:
        sealed = {field.name for field in table.info.get("fields", ()) if field.sealed}
        assert not [f for f in table.info.get("fields", ()) if f.sealed and (f.values or not f.phi)], table.name
        assert not [index.name for index in table.indexes if sealed & {c.name for c in index.columns}], table.name
