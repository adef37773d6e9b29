"""Children, whom to call for them, and what their families agreed to."""

from wc_contract.model.care_values import AliasKind, ConsentDecision, ConsentKind, SignatureMethod
from wc_contract.model.kinds.fields import (
    BOOLEAN,
    DATE,
    INTEGER,
    TEXT,
    UUID,
    MergePolicy,
    RecordKind,
    Scope,
    choice,
    column,
)

STUDENT = RecordKind(
    name="student",
    table="students",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("student_number", TEXT, "!*"),
        column("sourced_id", TEXT, "~"),
        column("first_name", TEXT, "!*"),
        column("last_name", TEXT, "!*"),
        column("preferred_name", TEXT, "*"),
        column("date_of_birth", DATE, "!*"),
        column("grade", TEXT, "!~"),
        column("homeroom", TEXT, "~"),
        column("gender", TEXT, "*"),
        column("medical_record_num", TEXT, "*"),
        column("nurse_id", UUID, "", "users"),
        column("is_active", BOOLEAN, "!"),
        column("enrolled_on", DATE, "!"),
        column("withdrawn_on", DATE),
    ),
)
STUDENT_ALIAS = RecordKind(
    name="student_alias",
    table="student_aliases",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("student_id", UUID, "!", "students"),
        choice("kind", AliasKind, "!"),
        column("value", TEXT, "!*"),
        column("valid_from", DATE),
        column("valid_to", DATE),
    ),
)
EMERGENCY_CONTACT = RecordKind(
    name="emergency_contact",
    table="emergency_contacts",
    scope=Scope.SCHOOL,
    merge=MergePolicy.FIELD_GROUPS,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("name", TEXT, "!*"),
        column("relationship", TEXT, "!~"),
        column("phone", TEXT, "!*"),
        column("priority", INTEGER, "!"),
        column("is_primary", BOOLEAN, "!"),
        column("may_pick_up", BOOLEAN, "!"),
        column("custody_note", TEXT, "*"),
        column("is_active", BOOLEAN, "!"),
    ),
    groups=(("name", "relationship"), ("priority", "is_primary"), ("may_pick_up", "custody_note")),
)
CONSENT_FORM = RecordKind(
    name="consent_form",
    table="consent_forms",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        choice("kind", ConsentKind, "!"),
        column("title", TEXT, "!~"),
        column("version", INTEGER, "!"),
        column("wording", TEXT, "!~"),
        column("effective_from", DATE, "!"),
        column("effective_to", DATE),
    ),
)
CONSENT_SIGNATURE = RecordKind(
    name="consent_signature",
    table="consent_signatures",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        column("consent_form_id", UUID, "!", "consent_forms"),
        column("student_id", UUID, "!", "students"),
        column("order_id", UUID, "", "student_medications"),
        column("document_id", UUID, "", "documents"),
        choice("decision", ConsentDecision, "!"),
        choice("method", SignatureMethod, "!"),
        column("signer_name", TEXT, "!*"),
        column("relationship", TEXT, "~"),
        column("signed_on", DATE, "!"),
        column("expires_on", DATE),
        column("revoked_on", DATE),
    ),
)
