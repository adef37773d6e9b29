"""The one declaration of every record that travels: fields, types, PHI, scope and merge policy.

Both databases, the wire, the PHI lists of the audit and the data dictionary are made from this. The central
database adds tenancy, keys and policies to it; the replica adds nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from wc_contract.model.values import (
    AllergyCriticality,
    CalendarKind,
    CaseStatus,
    ConditionStatus,
    Disposition,
    DoseState,
    IncidentStatus,
    IncidentType,
    MedicationErrorType,
    MedicationForm,
    OrderKind,
    OrderStatus,
    Role,
    Route,
    Severity,
)


class FieldType(StrEnum):
    """How a value is kept: PostgreSQL type, replica type and wire form follow from it."""

    UUID = "uuid"  # uuid | TEXT | text
    TEXT = "text"  # text | TEXT | text
    INTEGER = "integer"  # integer | INTEGER | number
    BOOLEAN = "boolean"  # boolean | INTEGER | true/false
    DATE = "date"  # date | TEXT | '2026-11-23'
    INSTANT = "instant"  # timestamptz | TEXT | '2026-11-23T17:45:00+00:00'
    DECIMAL = "decimal"  # numeric | TEXT | '2.5'
    JSON = "json"  # jsonb | TEXT | JSON as text


class Scope(StrEnum):
    """Whose stream carries the record."""

    SCHOOL = "school"
    DISTRICT = "district"


class MergePolicy(StrEnum):
    """What happens when two devices say something about one record (sync.md, 'Conflicts, by kind of record')."""

    INSERT_ONLY = "insert_only"
    SERVER_ONLY = "server_only"
    UNION = "union"
    SECTIONS = "sections"
    BASE_MUST_MATCH = "base_must_match"
    FIELD_GROUPS = "field_groups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a record."""

    name: str
    type: FieldType
    required: bool = False
    phi: bool = False
    values: tuple[str, ...] = ()
    references: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """One kind of record: its name on the wire, its table in both databases and what it is made of.

    Every record also has id (uuid) and row_version (integer, from its stream); SCHOOL records live in the
    stream of their school, DISTRICT records in the stream of the district.
    """

    name: str
    table: str
    scope: Scope
    merge: MergePolicy
    fields: tuple[Field, ...]
    append_only: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns as they stand on the wire and in the replica, in order."""
        return ("id", *(field.name for field in self.fields), "row_version")

    @property
    def phi_fields(self) -> frozenset[str]:
        """Names of the fields whose values never leave the record (audit, logs)."""
        return frozenset(field.name for field in self.fields if field.phi)

    def field(self, name: str) -> Field:
        """Return the field called name. Raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


def _f(name: str, type_: FieldType, flags: str = "", ref: str | None = None) -> Field:
    return Field(name=name, type=type_, required="!" in flags, phi="*" in flags, references=ref)


def _enum(name: str, values: type[StrEnum], flags: str = "") -> Field:
    return Field(
        name=name,
        type=FieldType.TEXT,
        required="!" in flags,
        phi="*" in flags,
        values=tuple(v.value for v in values),
    )


_U, _T, _I, _B = FieldType.UUID, FieldType.TEXT, FieldType.INTEGER, FieldType.BOOLEAN
_D, _TS, _N, _J = FieldType.DATE, FieldType.INSTANT, FieldType.DECIMAL, FieldType.JSON

# What every clinical event carries (schema.md §11).
_EVENT = (
    _f("entry_id", _U, "!"),
    _f("device_id", _U, "!"),
    _f("device_seq", _I, "!"),
    _f("recorded_at", _TS, "!"),
    _f("recorded_tz", _T, "!"),
    _f("author_user_id", _U, "!", "users"),
    _f("replica_as_of", _TS),
    _f("flags", _J, "!"),  # finding codes, never text
    _f("amends_id", _U),
    _f("amend_reason", _T, "*"),
)

DISTRICT = RecordKind(
    name="district",
    table="districts",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    fields=(_f("name", _T, "!"), _f("state", _T, "!"), _f("sourced_id", _T), _f("policy", _J, "!")),
)
SCHOOL = RecordKind(
    name="school",
    table="schools",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    fields=(_f("name", _T, "!"), _f("timezone", _T, "!"), _f("sourced_id", _T), _f("bells", _J)),
)
USER = RecordKind(
    name="user",
    table="users",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        _f("first_name", _T, "!"),
        _f("last_name", _T, "!"),
        _enum("role", Role, "!"),
        _f("licence_type", _T),
        _f("licence_expires", _D),
        _f("is_active", _B, "!"),
    ),
)
MEDICATION = RecordKind(
    name="medication",
    table="medications",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        _f("name", _T, "!"),
        _f("generic_name", _T),
        _f("brand_name", _T),
        _f("category", _T),
        _enum("form", MedicationForm, "!"),
        _f("strength", _T),
        _f("rxcui", _T),
        _f("ndc11", _T),
        _f("dea_schedule", _T),  # 'II' … 'V' when controlled
        _f("ingredients", _J, "!"),  # [{"code","name","classes":[…]}]
        _f("is_emergency", _B, "!"),
    ),
)
CALENDAR_DAY = RecordKind(
    name="calendar_day",
    table="calendar_days",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(_f("date", _D, "!"), _enum("kind", CalendarKind, "!"), _f("open", _T), _f("close", _T)),
)
SCHOOL_ASSIGNMENT = RecordKind(
    name="school_assignment",
    table="school_assignments",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(_f("user_id", _U, "!", "users"), _f("assigned_from", _D, "!"), _f("assigned_to", _D)),
)
STUDENT = RecordKind(
    name="student",
    table="students",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        _f("student_number", _T, "!*"),
        _f("sourced_id", _T),
        _f("first_name", _T, "!*"),
        _f("last_name", _T, "!*"),
        _f("preferred_name", _T, "*"),
        _f("date_of_birth", _D, "!*"),
        _f("grade", _T, "!"),
        _f("homeroom", _T),
        _f("gender", _T, "*"),
        _f("medical_record_num", _T, "*"),
        _f("nurse_id", _U, "", "users"),
        _f("is_active", _B, "!"),
        _f("enrolled_on", _D, "!"),
        _f("withdrawn_on", _D),
    ),
)
EMERGENCY_CONTACT = RecordKind(
    name="emergency_contact",
    table="emergency_contacts",
    scope=Scope.SCHOOL,
    merge=MergePolicy.FIELD_GROUPS,
    fields=(
        _f("student_id", _U, "!", "students"),
        _f("name", _T, "!*"),
        _f("relationship", _T, "!"),
        _f("phone", _T, "!*"),
        _f("priority", _I, "!"),
        _f("is_primary", _B, "!"),
        _f("may_pick_up", _B, "!"),
        _f("custody_note", _T, "*"),
        _f("is_active", _B, "!"),
    ),
)
ALLERGY = RecordKind(
    name="allergy",
    table="allergies",
    scope=Scope.SCHOOL,
    merge=MergePolicy.UNION,
    fields=(
        _f("student_id", _U, "!", "students"),
        _f("allergen", _T, "!*"),
        _f("code", _T, "*"),
        _f("code_system", _T),
        _f("ingredient_codes", _J, "!*"),  # ingredient and class codes that an order is checked against
        _f("reaction", _T, "*"),
        _enum("criticality", AllergyCriticality, "!"),
        _f("verified_on", _D),
        _f("is_active", _B, "!"),
    ),
)
CHRONIC_CONDITION = RecordKind(
    name="chronic_condition",
    table="chronic_conditions",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        _f("student_id", _U, "!", "students"),
        _f("name", _T, "!*"),
        _f("icd10", _T, "*"),
        _f("snomed", _T, "*"),
        _f("onset", _D, "*"),
        _f("care_plan", _J, "*"),
        _f("review_due", _D),
        _enum("status", ConditionStatus, "!"),
    ),
)
VACCINATION = RecordKind(
    name="vaccination",
    table="vaccinations",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    fields=(
        _f("student_id", _U, "!", "students"),
        _f("cvx", _T, "!*"),
        _f("vaccine_name", _T, "*"),
        _f("mvx", _T),
        _f("lot", _T),
        _f("administered_on", _D, "!*"),
        _f("dose_number", _I),
        _f("source", _T, "!"),
    ),
)
ORDER = RecordKind(
    name="order",
    table="student_medications",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        _f("student_id", _U, "!", "students"),
        _f("medication_id", _U, "!", "medications"),
        _f("version", _I, "!"),  # its current order_versions row is UUIDv5(order, version)
        _enum("kind", OrderKind, "!"),
        _enum("status", OrderStatus, "!"),
        _f("indication", _T, "*"),
        _f("prescriber_name", _T, "!*"),
        _f("order_signed_on", _D),
        _f("verbal_until", _D),
        _f("parent_auth_from", _D),
        _f("parent_auth_to", _D),
        _f("self_carry", _B, "!"),
        _f("start_date", _D, "!"),
        _f("end_date", _D),
        _f("stop_effective_at", _TS),
        _f("verified_by", _U, "", "users"),
    ),
)
ORDER_VERSION = RecordKind(
    name="order_version",
    table="order_versions",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    append_only=True,
    fields=(
        _f("order_id", _U, "!", "student_medications"),
        _f("student_id", _U, "!", "students"),
        _f("version", _I, "!"),
        _f("dose", _N, "!*"),
        _f("unit", _T, "!"),
        _enum("route", Route, "!"),
        _f("times", _J, "!*"),  # ["11:45", "lunch"]; [] for PRN
        _f("window_minutes", _I),
        _f("min_interval_minutes", _I),
        _f("max_doses", _I),
        _f("max_period_minutes", _I),
        _f("instructions", _T, "*"),
        _f("effective_from", _TS, "!"),
    ),
)
DOSE = RecordKind(
    name="dose",
    table="medication_logs",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    append_only=True,
    fields=(
        _f("student_id", _U, "!", "students"),
        _f("order_id", _U, "!", "student_medications"),
        _f("order_version_id", _U, "!", "order_versions"),
        _f("medication_id", _U, "!", "medications"),
        _f("slot_id", _U),
        _f("slot_date", _D),
        _f("slot_time", _T),
        _enum("status", DoseState, "!"),
        _f("administered_at", _TS, "!*"),
        _f("local_date", _D, "!"),
        _f("dose_given", _N, "*"),
        _f("unit", _T),
        _f("reason", _T, "*"),
        _f("site", _T, "*"),
        _f("overrides", _J, "!*"),  # [{"code","reason"}]: findings the nurse went on in spite of
        *_EVENT,
    ),
)
INCIDENT = RecordKind(
    name="incident",
    table="incident_reports",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SECTIONS,
    fields=(
        _f("student_id", _U, "*", "students"),
        _enum("type", IncidentType, "!"),
        _enum("severity", Severity, "!"),
        _f("occurred_at", _TS, "!"),
        _f("location", _T, "!"),
        _f("activity", _T),
        _f("narrative", _T, "!*"),
        _f("body_regions", _J, "!*"),
        _f("injury_kind", _T, "*"),
        _f("witnesses", _J, "!*"),
        _f("care_given", _T, "*"),
        _enum("disposition", Disposition, "!"),
        _f("checks", _J, "!*"),
        _f("notifications", _J, "!*"),
        _enum("med_error_type", MedicationErrorType),
        _f("ncc_merp", _T),
        _f("follow_up_due", _D),
        _enum("status", IncidentStatus, "!"),
        _f("signed_at", _TS),
        *_EVENT,
    ),
)
REVIEW_CASE = RecordKind(
    name="review_case",
    table="review_cases",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        _f("kind", _T, "!"),  # a finding code: possible_double_dose, after_stop, …
        _f("student_id", _U, "", "students"),
        _f("slot_id", _U),
        _f("medication_id", _U, "", "medications"),
        _f("subject_ids", _J, "!"),
        _f("opened_at", _TS, "!"),
        _enum("status", CaseStatus, "!"),
        _f("resolution", _T),
        _f("resolved_by", _U, "", "users"),
        _f("resolved_at", _TS),
        _f("note", _T, "*"),
    ),
)

# Parents before children: the order in which a replica may insert them.
KINDS: tuple[RecordKind, ...] = (
    DISTRICT,
    SCHOOL,
    USER,
    MEDICATION,
    CALENDAR_DAY,
    SCHOOL_ASSIGNMENT,
    STUDENT,
    EMERGENCY_CONTACT,
    ALLERGY,
    CHRONIC_CONDITION,
    VACCINATION,
    ORDER,
    ORDER_VERSION,
    DOSE,
    INCIDENT,
    REVIEW_CASE,
)
BY_NAME: dict[str, RecordKind] = {kind.name: kind for kind in KINDS}
