"""Compliance: policies and who read them, disclosures of records, how long things are kept, and legal holds.

None of it goes to a workstation. Disclosures stand apart from the audit because they live as long as the pupil's
record does (34 CFR 99.32), whatever happens to old months of the audit.
"""

from enum import StrEnum

from wc_contract.model.kinds import MergePolicy, RecordKind, Scope
from wc_contract.model.kinds.fields import DATE, INSTANT, INTEGER, JSON, TEXT, UUID, choice, column
from wc_sync_server.db.tables.base import check, not_before, unique
from wc_sync_server.db.tables.kind_tables import server_table
from wc_sync_server.db.tables.roles import OFFICE


class PolicyStatus(StrEnum):
    """Life of a policy document."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


class RecipientKind(StrEnum):
    """Who a record was disclosed to."""

    PARENT = "PARENT"
    ELIGIBLE_STUDENT = "ELIGIBLE_STUDENT"
    SCHOOL_OFFICIAL = "SCHOOL_OFFICIAL"
    OTHER_SCHOOL = "OTHER_SCHOOL"
    HEALTH_AUTHORITY = "HEALTH_AUTHORITY"
    PROVIDER = "PROVIDER"
    COURT = "COURT"
    RESEARCHER = "RESEARCHER"
    OTHER = "OTHER"


class DisclosureBasis(StrEnum):
    """Why a record might be disclosed (34 CFR 99.30, 99.31)."""

    CONSENT = "CONSENT"
    HEALTH_OR_SAFETY_EMERGENCY = "HEALTH_OR_SAFETY_EMERGENCY"
    LEGITIMATE_INTEREST = "LEGITIMATE_INTEREST"
    TRANSFER = "TRANSFER"
    SUBPOENA = "SUBPOENA"
    PUBLIC_HEALTH = "PUBLIC_HEALTH"
    AUDIT_OR_EVALUATION = "AUDIT_OR_EVALUATION"
    STUDY = "STUDY"
    OTHER = "OTHER"


class RecordClass(StrEnum):
    """What is kept for a time of its own."""

    AUDIT = "AUDIT"
    EDUCATION_RECORD = "EDUCATION_RECORD"
    MEDICATION = "MEDICATION"
    INCIDENT = "INCIDENT"
    IMMUNIZATION = "IMMUNIZATION"


class RetentionBasis(StrEnum):
    """Whose rule it is."""

    FEDERAL = "FEDERAL"
    STATE = "STATE"
    DISTRICT = "DISTRICT"


POLICY_DOCUMENT = RecordKind(
    name="policy_document",
    table="policy_documents",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    replicated=False,
    fields=(
        column("code", TEXT, "!~"),
        column("version", INTEGER, "!"),
        column("title", TEXT, "!~"),
        column("body", TEXT, "!~"),
        choice("status", PolicyStatus, "!"),
        column("effective_on", DATE, "!"),
        column("review_due", DATE),
        column("published_by", UUID, "", "users"),
    ),
)
POLICY_ACKNOWLEDGMENT = RecordKind(
    name="policy_acknowledgment",
    table="policy_acknowledgments",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    replicated=False,
    append_only=True,
    fields=(
        column("document_id", UUID, "!", "policy_documents"),
        column("user_id", UUID, "!", "users"),
        column("acknowledged_at", INSTANT, "!"),
    ),
)
# Of the district, not of a school: it follows the pupil. Put right by a further row, never changed.
DISCLOSURE = RecordKind(
    name="phi_disclosure",
    table="phi_disclosures",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    replicated=False,
    append_only=True,
    fields=(
        column("student_id", UUID, "!*", "students"),
        column("disclosed_on", DATE, "!"),
        column("disclosed_to", TEXT, "!*"),
        choice("recipient_kind", RecipientKind, "!"),
        choice("basis", DisclosureBasis, "!"),
        column("purpose", TEXT, "!*"),
        column("records", JSON, "!~"),  # names of kinds of record, never what they say
        column("requested_on", DATE),
        column("disclosed_by", UUID, "", "users"),
        column("corrects_id", UUID, "", "phi_disclosures"),
    ),
)
RETENTION_POLICY = RecordKind(
    name="retention_policy",
    table="retention_policies",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    replicated=False,
    fields=(
        choice("record_class", RecordClass, "!"),
        choice("basis", RetentionBasis, "!"),
        column("citation", TEXT, "!~"),
        column("keep_years", INTEGER, "!"),
        column("until_age", INTEGER),
        column("hot_months", INTEGER),
        column("valid_from", DATE, "!"),
        column("valid_to", DATE),
    ),
)
LEGAL_HOLD = RecordKind(
    name="legal_hold",
    table="legal_holds",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    replicated=False,
    fields=(
        column("matter", TEXT, "!*"),
        column("student_id", UUID, "*", "students"),
        column("held_from", DATE),
        column("held_to", DATE),
        column("placed_at", INSTANT, "!"),
        column("placed_by", UUID, "", "users"),
        column("released_at", INSTANT),
        column("released_by", UUID, "", "users"),
    ),
)
KINDS_OF_COMPLIANCE = (POLICY_DOCUMENT, POLICY_ACKNOWLEDGMENT, DISCLOSURE, RETENTION_POLICY, LEGAL_HOLD)

POLICY_DOCUMENTS = server_table(
    POLICY_DOCUMENT,
    unique("policy_documents", "code", "version"),
    check("policy_documents", "version", "version > 0"),
    not_before("policy_documents", "review_due", "effective_on"),
    writers=OFFICE,
)
POLICY_ACKNOWLEDGMENTS = server_table(POLICY_ACKNOWLEDGMENT, unique("policy_acknowledgments", "document_id", "user_id"))
PHI_DISCLOSURES = server_table(
    DISCLOSURE,
    not_before("phi_disclosures", "disclosed_on", "requested_on"),
    writers=OFFICE,
    readers=OFFICE,
)
RETENTION_POLICIES = server_table(
    RETENTION_POLICY,
    check("retention_policies", "keep_years", "keep_years BETWEEN 0 AND 200"),
    check("retention_policies", "until_age", "until_age BETWEEN 3 AND 120"),
    check("retention_policies", "hot_months", "hot_months BETWEEN 1 AND 1200"),
    not_before("retention_policies", "valid_to", "valid_from"),
    writers=OFFICE,
)
LEGAL_HOLDS = server_table(
    LEGAL_HOLD,
    not_before("legal_holds", "held_to", "held_from"),
    not_before("legal_holds", "released_at", "placed_at"),
    writers=OFFICE,
    readers=OFFICE,
)
