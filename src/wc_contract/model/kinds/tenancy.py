"""Districts, schools, their calendar, the people who work there."""

from wc_contract.model.kinds.fields import (
    BOOLEAN,
    DATE,
    INSTANT,
    JSON,
    TEXT,
    UUID,
    MergePolicy,
    RecordKind,
    Scope,
    choice,
    column,
)
from wc_contract.model.values import CalendarKind, Role

DISTRICT = RecordKind(
    name="district",
    table="districts",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("name", TEXT, "!~"),
        column("state", TEXT, "!~"),
        column("sourced_id", TEXT, "~"),
        column("policy", JSON, "!~"),
    ),
)
SCHOOL = RecordKind(
    name="school",
    table="schools",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("name", TEXT, "!~"),
        column("timezone", TEXT, "!~"),
        column("sourced_id", TEXT, "~"),
        column("bells", JSON, "~"),
    ),
)
USER = RecordKind(
    name="user",
    table="users",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("first_name", TEXT, "!~"),
        column("last_name", TEXT, "!~"),
        choice("role", Role, "!"),
        column("licence_type", TEXT, "~"),
        column("licence_expires", DATE),
        column("is_active", BOOLEAN, "!"),
    ),
)
CALENDAR_DAY = RecordKind(
    name="calendar_day",
    table="calendar_days",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("date", DATE, "!"),
        choice("kind", CalendarKind, "!"),
        column("open", TEXT, "~"),
        column("close", TEXT, "~"),
    ),
)
BELL_SCHEDULE = RecordKind(
    name="bell_schedule",
    table="bell_schedules",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("name", TEXT, "!~"),
        column("effective_from", DATE, "!"),
        column("effective_to", DATE),
        column("weekdays", JSON, "!~"),  # [1, …, 5]: Monday to Friday
        column("periods", JSON, "!~"),  # [{"name": "lunch", "from": "11:45", "to": "12:15"}]
    ),
)
SCHOOL_ASSIGNMENT = RecordKind(
    name="school_assignment",
    table="school_assignments",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("user_id", UUID, "!", "users"),
        column("assigned_from", DATE, "!"),
        column("assigned_to", DATE),
    ),
)
SHIFT = RecordKind(
    name="shift",
    table="shifts",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        column("user_id", UUID, "!", "users"),
        column("started_at", INSTANT, "!"),
        column("ended_at", INSTANT),
        column("handover_to", UUID, "", "users"),
        column("note", TEXT, "*"),
    ),
)
