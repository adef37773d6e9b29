"""Incident reports, what is added to a signed one, what follows it, and review cases."""

from wc_contract.model.care_values import ActionStatus, NotificationMethod, NotificationOutcome
from wc_contract.model.kinds.fields import (
    AUTHORED,
    BOOLEAN,
    DATE,
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
from wc_contract.model.values import (
    CaseStatus,
    Disposition,
    DoseState,
    EmergencyReason,
    IncidentStatus,
    IncidentType,
    MedicationErrorType,
    Route,
    Severity,
)

INCIDENT = RecordKind(
    name="incident",
    table="incident_reports",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SECTIONS,
    fields=(
        column("student_id", UUID, "*", "students"),
        choice("type", IncidentType, "!"),
        choice("severity", Severity, "!"),
        column("occurred_at", INSTANT, "!"),
        column("location", TEXT, "!~"),
        column("activity", TEXT, "~"),
        column("narrative", TEXT, "!*"),
        column("body_regions", JSON, "!*"),
        column("injury_kind", TEXT, "*"),
        column("witnesses", JSON, "!*"),
        column("care_given", TEXT, "*"),
        choice("disposition", Disposition, "!"),
        column("checks", JSON, "!*"),
        column("notifications", JSON, "!*"),
        choice("med_error_type", MedicationErrorType),
        column("ncc_merp", TEXT, "~"),
        column("follow_up_due", DATE),
        choice("status", IncidentStatus, "!"),
        column("signed_at", INSTANT),
        *EVENT,
    ),
)
INCIDENT_ADDENDUM = RecordKind(
    name="incident_addendum",
    table="incident_addenda",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    append_only=True,
    fields=(
        column("incident_id", UUID, "!^", "incident_reports"),
        column("text", TEXT, "!*"),
        column("signed_at", INSTANT, "!"),
        *AUTHORED,
    ),
)
WITNESS_STATEMENT = RecordKind(
    name="witness_statement",
    table="witness_statements",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    fields=(
        column("incident_id", UUID, "!^", "incident_reports"),
        column("witness_name", TEXT, "!*"),
        column("witness_role", TEXT, "*"),
        column("statement", TEXT, "!*"),
        column("taken_at", INSTANT, "!"),
        *AUTHORED,
    ),
)
HEAD_INJURY_CHECK = RecordKind(
    name="head_injury_check",
    table="head_injury_checks",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    fields=(
        column("incident_id", UUID, "!^", "incident_reports"),
        column("student_id", UUID, "!", "students"),
        column("checked_at", INSTANT, "!"),
        column("symptoms", JSON, "!*"),
        column("red_flag", BOOLEAN, "!*"),
        column("note", TEXT, "*"),
        *AUTHORED,
    ),
)
FOLLOW_UP_ACTION = RecordKind(
    name="follow_up_action",
    table="follow_up_actions",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        column("incident_id", UUID, "!^", "incident_reports"),
        column("action", TEXT, "!*"),
        choice("status", ActionStatus, "!"),
        column("assigned_to", UUID, "", "users"),
        column("due_on", DATE, "!"),
        column("completed_at", INSTANT),
        column("completed_by", UUID, "", "users"),
        column("note", TEXT, "*"),
    ),
)
NOTIFICATION = RecordKind(
    name="notification",
    table="notifications",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    fields=(
        column("incident_id", UUID, "", "incident_reports"),
        column("log_id", UUID, "", "medication_logs"),
        column("contact_id", UUID, "!*", "emergency_contacts"),
        choice("method", NotificationMethod, "!"),
        column("attempted_at", INSTANT, "!"),
        choice("outcome", NotificationOutcome, "!"),
        column("note", TEXT, "*"),
        column("made_by", UUID, "", "users"),
    ),
)
EMERGENCY_LOOK = RecordKind(
    name="emergency_look",
    table="emergency_looks",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    append_only=True,
    # Who wrote the entry is whoever unlocked next, not who looked: so it carries nothing of its author.
    fields=(
        column("use_id", UUID, "!"),  # the opening that it belongs to; its own id for the opening itself
        column("workstation_id", UUID, "!"),
        column("number", INTEGER, "!"),  # of the workstation, from 1, without a gap
        column("student_id", UUID, "", "students"),  # none: the cards were opened
        column("looked_at", INSTANT, "!"),
        column("asked_by", TEXT, "!*"),
        choice("reason", EmergencyReason, "!"),
        column("note", TEXT, "*"),
    ),
)
CAPTURE = RecordKind(
    name="capture",
    table="captures",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    append_only=True,
    # Written where no chart and no order could be looked at: what is known is what was typed.
    fields=(
        column("student_id", UUID, "", "students"),  # none: nobody has said yet who it was (amends_id, when they do)
        column("child", TEXT, "*"),  # as it was typed; none: an unidentified person
        column("medicine", TEXT, "!*"),
        column("amount", TEXT, "*"),
        choice("route", Route),
        choice("status", DoseState, "!"),
        column("happened_at", INSTANT, "!*"),
        column("reason", TEXT, "*"),
        column("lease_ended_at", INSTANT, "!"),  # since when its author's workstation may show nothing
        *AUTHORED,
    ),
)
REVIEW_CASE = RecordKind(
    name="review_case",
    table="review_cases",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("kind", TEXT, "!~"),  # a finding code: possible_double_dose, after_stop, …
        column("student_id", UUID, "", "students"),
        column("slot_id", UUID),
        column("medication_id", UUID, "", "medications"),
        column("subject_ids", JSON, "!~"),
        column("opened_at", INSTANT, "!"),
        choice("status", CaseStatus, "!"),
        column("resolution", TEXT, "~"),
        column("resolved_by", UUID, "", "users"),
        column("resolved_at", INSTANT),
        column("note", TEXT, "*"),
    ),
)
CASE_SIDE = RecordKind(
    name="case_side",
    table="case_sides",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    append_only=True,
    fields=(
        column("case_id", UUID, "!^", "review_cases"),
        column("record_kind", TEXT, "!~"),
        column("record_id", UUID, "!"),
        column("values", JSON, "!*"),  # what this side says, by field
        column("stands", BOOLEAN, "!"),  # whether it is what the record says now
        column("entry_id", UUID),  # none: what the record said before
        column("author_user_id", UUID, "", "users"),
        column("authored_at", INSTANT),
    ),
)
