"""The replica's tables, made from the one declaration of records (wc_contract.model.kinds)."""

from collections.abc import Mapping

from wc_contract.model.authoring import ADDABLE, CHANGEABLE
from wc_contract.model.kinds import DOSE, INCIDENT, KINDS, REVIEW_CASE, FieldType, RecordKind

# Raised with each Alembic revision of migrations/replica, whose newest revision has this name.
SCHEMA = "20261124_0009"

_SQL_TYPES = {
    FieldType.UUID: "TEXT",
    FieldType.TEXT: "TEXT",
    FieldType.INTEGER: "INTEGER",
    FieldType.BOOLEAN: "INTEGER",
    FieldType.DATE: "TEXT",
    FieldType.INSTANT: "TEXT",
    FieldType.DECIMAL: "TEXT",
    FieldType.JSON: "TEXT",
}

# What the screens ask for: (name, table, columns). Built after the first sync's rows: that is faster.
_INDEXES = (
    ("calendar_days_by_date", "calendar_days", "date"),
    ("students_by_name", "students", "last_name, first_name"),
    ("emergency_contacts_of_student", "emergency_contacts", "student_id"),
    ("allergies_of_student", "allergies", "student_id"),
    ("chronic_conditions_of_student", "chronic_conditions", "student_id"),
    ("vaccinations_of_student", "vaccinations", "student_id"),
    ("orders_of_student", "student_medications", "student_id"),
    ("orders_by_schedule", "student_medications", "kind, start_date"),
    ("order_versions_of_order", "order_versions", "order_id"),
    ("doses_of_student", "medication_logs", "student_id, administered_at"),
    ("doses_of_order", "medication_logs", "order_id, administered_at"),
    ("doses_of_slot", "medication_logs", "slot_id"),
    ("doses_of_day", "medication_logs", "local_date"),
    ("effects_of_student", "effect_checks", "student_id"),
    ("effects_of_dose", "effect_checks", "dose_id"),
    ("incidents_of_student", "incident_reports", "student_id"),
    ("incidents_by_time", "incident_reports", "occurred_at"),
    ("review_cases_by_status", "review_cases", "status"),
    ("student_aliases_of_student", "student_aliases", "student_id"),
    ("consents_of_student", "consent_signatures", "student_id"),
    ("documents_of_student", "documents", "student_id"),
    ("care_plans_of_student", "care_plans", "student_id"),
    ("health_records_of_student", "health_records", "student_id, record_date"),
    ("clinic_visits_of_student", "clinic_visits", "student_id, arrived_at"),
    ("clinic_visits_by_time", "clinic_visits", "arrived_at"),
    ("vital_signs_of_student", "vital_signs", "student_id, measured_at"),
    ("screenings_of_student", "screenings", "student_id, screened_on"),
    ("exemptions_of_student", "vaccination_exemptions", "student_id"),
    ("delegations_of_user", "delegations", "user_id"),
    ("containers_of_student", "medication_containers", "student_id"),
    ("containers_of_medication", "medication_containers", "medication_id"),
    ("ledger_of_container", "medication_ledger", "container_id, occurred_at"),
    ("trip_custody_of_student", "trip_custody", "student_id"),
    ("addenda_of_incident", "incident_addenda", "incident_id"),
    ("statements_of_incident", "witness_statements", "incident_id"),
    ("head_checks_of_incident", "head_injury_checks", "incident_id"),
    ("follow_ups_of_incident", "follow_up_actions", "incident_id"),
    ("follow_ups_by_day", "follow_up_actions", "status, due_on"),
    ("notifications_of_incident", "notifications", "incident_id"),
    ("appointments_of_student", "appointments", "student_id, scheduled_at"),
    ("appointments_by_time", "appointments", "scheduled_at"),
    ("reminders_of_appointment", "appointment_reminders", "appointment_id"),
    ("waitlist_by_status", "appointment_waitlist", "status, requested_at"),
    ("movements_of_item", "inventory_transactions", "item_id, occurred_at"),
    ("shifts_by_time", "shifts", "started_at"),
    ("sides_of_case", "case_sides", "case_id"),
)
# Few doses amend another one, and each question about a dose asks whether it was amended.
_PARTIAL_INDEXES = (("doses_that_amend", "medication_logs", "amends_id", "amends_id IS NOT NULL"),)

# What this workstation can write, and what its entries may therefore change in view before the server has them.
OVERLAID: Mapping[str, RecordKind] = {
    kind.name: kind for kind in KINDS if kind.name in ADDABLE | CHANGEABLE or kind in {DOSE, INCIDENT, REVIEW_CASE}
}
# Tells a record that an own entry changed, and that is shown instead of the confirmed one, from one it added.
CHANGED = "over_changed"

_SEARCHED = ("first_name", "last_name", "preferred_name", "student_number", "grade")
_SEARCH = "students_search"

# No FOREIGN KEY clauses: these are copies of rows whose keys PostgreSQL enforces. A stream position is complete
# only at a snapshot, so between two chunks a child may stand without its parent; and a surprise of scope (an author
# who left the district) must never keep an allergy from arriving. verify_replica looks for orphans.


def table_ddl(kind: RecordKind) -> str:
    """Return the CREATE TABLE of one kind of record."""
    columns = ["id TEXT NOT NULL PRIMARY KEY"]
    columns += [f"{f.name} {_SQL_TYPES[f.type]}{' NOT NULL' if f.required else ''}" for f in kind.fields]
    columns.append("row_version INTEGER NOT NULL")
    return f"CREATE TABLE {kind.table} (\n    " + ",\n    ".join(_quoted(c) for c in columns) + "\n) STRICT"


def _quoted(column: str) -> str:
    name, rest = column.split(" ", 1)
    return f'"{name}" {rest}'


EXTRA_DDL = """CREATE TABLE extra (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    known TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID"""


def tables() -> tuple[str, ...]:
    """Return the tables: what must stand before rows arrive."""
    return (
        "CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE positions (kind TEXT NOT NULL PRIMARY KEY, upto INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
        *(table_ddl(kind) for kind in KINDS),
        EXTRA_DDL,
    )


def indexes() -> tuple[str, ...]:
    """Return indexes, full-text search and its triggers: what is faster to build once the rows are there."""
    columns = ", ".join(_SEARCHED)
    new, old = (", ".join(f"{side}.{name}" for name in _SEARCHED) for side in ("new", "old"))
    drop_old = f"INSERT INTO {_SEARCH} ({_SEARCH}, rowid, {columns}) VALUES ('delete', old.rowid, {old});"  # noqa: S608
    add_new = f"INSERT INTO {_SEARCH} (rowid, {columns}) VALUES (new.rowid, {new});"  # noqa: S608
    return (
        *(f"CREATE INDEX {name} ON {table} ({columns_})" for name, table, columns_ in _INDEXES),
        *(f"CREATE INDEX {name} ON {table} ({columns_}) WHERE {of}" for name, table, columns_, of in _PARTIAL_INDEXES),
        (
            f"CREATE VIRTUAL TABLE {_SEARCH} USING fts5({columns}, content='students',"
            " tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')"
        ),
        f"INSERT INTO {_SEARCH} ({_SEARCH}) VALUES ('rebuild')",  # noqa: S608
        f"CREATE TRIGGER students_search_added AFTER INSERT ON students BEGIN {add_new} END",
        f"CREATE TRIGGER students_search_gone AFTER DELETE ON students BEGIN {drop_old} END",
        f"CREATE TRIGGER students_search_changed AFTER UPDATE OF {columns} ON students BEGIN {drop_old} {add_new} END",
    )


def overlay_ddl(kind: RecordKind) -> tuple[str, ...]:
    """Return the temporary table (in memory only) that holds this device's own entries over one kind of record."""
    columns = ", ".join(f'"{name}"' for name in kind.columns)
    made = [f"CREATE TEMP TABLE over_{kind.table} ({columns}, {CHANGED}, UNIQUE (id))"]
    if any(field.name == "student_id" for field in kind.fields):
        made.append(f"CREATE INDEX temp.over_{kind.table}_student ON over_{kind.table} (student_id)")
    if kind is DOSE:
        made.append("CREATE INDEX temp.over_doses_order ON over_medication_logs (order_id, administered_at)")
        made.append("CREATE INDEX temp.over_doses_that_amend ON over_medication_logs (amends_id)")
    return tuple(made)


def upsert_sql(kind: RecordKind, *, anyway: bool = False) -> str:
    """Return the statement that takes one row as it comes in a pull. Never REPLACE: that would delete first.

    anyway: whatever version of the record is there.
    """
    names = ", ".join(f'"{name}"' for name in kind.columns)
    marks = ", ".join("?" for _ in kind.columns)
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in kind.columns[1:])
    later = "" if anyway else f" WHERE excluded.row_version >= {kind.table}.row_version"
    return f"INSERT INTO {kind.table} ({names}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {sets}{later}"  # noqa: S608
