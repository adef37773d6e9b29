"""The catalogue, orders and their versions, doses, and where every tablet is."""

from wc_contract.model.care_values import Effect
from wc_contract.model.kinds.fields import (
    AUTHORED,
    BOOLEAN,
    DATE,
    DECIMAL,
    EVENT,
    INSTANT,
    INTEGER,
    JSON,
    TEXT,
    UUID,
    MergePolicy,
    RecordKind,
    Scope,
    choice,
    column,
)
from wc_contract.model.office_values import ContainerStatus, LedgerEvent
from wc_contract.model.values import DoseState, MedicationForm, OrderKind, OrderStatus, Route

MEDICATION = RecordKind(
    name="medication",
    table="medications",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("name", TEXT, "!~"),
        column("generic_name", TEXT, "~"),
        column("brand_name", TEXT, "~"),
        column("category", TEXT, "~"),
        choice("form", MedicationForm, "!"),
        column("strength", TEXT, "~"),
        column("rxcui", TEXT, "~"),
        column("ndc11", TEXT, "~"),
        column("dea_schedule", TEXT, "~"),  # 'II' … 'V' when controlled
        column("ingredients", JSON, "!~"),  # [{"code","name","classes":[…]}]
        column("is_emergency", BOOLEAN, "!"),
    ),
)
ORDER = RecordKind(
    name="order",
    table="student_medications",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("medication_id", UUID, "!", "medications"),
        column("version", INTEGER, "!"),  # its current order_versions row is UUIDv5(order, version)
        choice("kind", OrderKind, "!"),
        choice("status", OrderStatus, "!"),
        column("indication", TEXT, "*"),
        column("prescriber_name", TEXT, "!*"),
        column("order_signed_on", DATE),
        column("verbal_until", DATE),
        column("parent_auth_from", DATE),
        column("parent_auth_to", DATE),
        column("self_carry", BOOLEAN, "!"),
        column("start_date", DATE, "!"),
        column("end_date", DATE),
        column("stop_effective_at", INSTANT),
        column("verified_by", UUID, "", "users"),
    ),
)
ORDER_VERSION = RecordKind(
    name="order_version",
    table="order_versions",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    append_only=True,
    fields=(
        column("order_id", UUID, "!", "student_medications"),
        column("student_id", UUID, "!", "students"),
        column("version", INTEGER, "!"),
        column("dose", DECIMAL, "!*"),
        column("unit", TEXT, "!~"),
        choice("route", Route, "!"),
        column("times", JSON, "!*"),  # ["11:45", "lunch"]; [] for PRN
        column("window_minutes", INTEGER),
        column("min_interval_minutes", INTEGER),
        column("max_doses", INTEGER),
        column("max_period_minutes", INTEGER),
        column("instructions", TEXT, "*"),
        column("effective_from", INSTANT, "!"),
    ),
)
MEDICATION_CONTAINER = RecordKind(
    name="medication_container",
    table="medication_containers",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        column("student_id", UUID, "*", "students"),  # nobody's: the school's own stock
        column("medication_id", UUID, "!", "medications"),
        column("order_id", UUID, "", "student_medications"),
        choice("status", ContainerStatus, "!"),
        column("label", TEXT, "*"),
        column("lot", TEXT, "~"),
        column("location", TEXT, "~"),
        column("unit", TEXT, "!~"),
        column("is_controlled", BOOLEAN, "!"),
        column("received_on", DATE, "!"),
        column("received_by", UUID, "!", "users"),
        column("received_from", TEXT, "*"),
        column("expires_on", DATE),
    ),
)
DOSE = RecordKind(
    name="dose",
    table="medication_logs",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    append_only=True,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("order_id", UUID, "!", "student_medications"),
        column("order_version_id", UUID, "!", "order_versions"),
        column("medication_id", UUID, "!", "medications"),
        column("slot_id", UUID),
        column("slot_date", DATE),
        column("slot_time", TEXT, "~"),
        choice("status", DoseState, "!"),
        column("administered_at", INSTANT, "!*"),
        column("local_date", DATE, "!"),
        column("dose_given", DECIMAL, "*"),
        column("unit", TEXT, "~"),
        column("reason", TEXT, "*"),
        column("site", TEXT, "*"),
        column("overrides", JSON, "!*"),  # [{"code","reason"}]: findings the nurse went on in spite of
        *EVENT,
    ),
)
EFFECT_CHECK = RecordKind(
    name="effect_check",
    table="effect_checks",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    append_only=True,
    # What a medicine given as needed did, looked at after half an hour to an hour (rules.md P4).
    fields=(
        column("student_id", UUID, "!", "students"),
        column("dose_id", UUID, "!", "medication_logs"),
        column("checked_at", INSTANT, "!"),
        choice("effect", Effect, "!*"),
        column("note", TEXT, "*"),
        *AUTHORED,
    ),
)
LEDGER_ENTRY = RecordKind(
    name="ledger_entry",
    table="medication_ledger",
    scope=Scope.SCHOOL,
    merge=MergePolicy.MOVEMENTS,
    append_only=True,
    fields=(
        column("container_id", UUID, "!", "medication_containers"),
        choice("event", LedgerEvent, "!"),
        column("quantity", DECIMAL, "!"),  # signed, but for a count: the balance is derived
        column("occurred_at", INSTANT, "!"),
        column("actor_id", UUID, "!", "users"),
        column("witness_id", UUID, "", "users"),
        column("log_id", UUID, "", "medication_logs"),
        column("reason", TEXT, "*"),
        column("entry_id", UUID),
    ),
)
TRIP_CUSTODY = RecordKind(
    name="trip_custody",
    table="trip_custody",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        column("student_id", UUID, "!*", "students"),
        column("container_id", UUID, "!", "medication_containers"),
        column("carrier_id", UUID, "!", "users"),
        column("trip", TEXT, "~"),
        column("quantity_out", DECIMAL, "!"),
        column("quantity_returned", DECIMAL),
        column("out_at", INSTANT, "!"),
        column("back_at", INSTANT),
    ),
)
DELEGATION = RecordKind(
    name="delegation",
    table="delegations",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("user_id", UUID, "!", "users"),
        column("delegated_by", UUID, "!", "users"),
        column("student_id", UUID, "*", "students"),
        column("order_id", UUID, "*", "student_medications"),
        column("assigned_from", DATE, "!"),
        column("assigned_to", DATE),
        column("trained_on", DATE, "!"),
        column("expires_on", DATE, "!"),
    ),
)
