"""The chart: records, visits, measurements, screenings, vaccinations, allergies, conditions, plans, documents."""

from wc_contract.model.care_values import (
    CarePlanKind,
    CarePlanStatus,
    DocumentKind,
    ExemptionKind,
    HealthRecordType,
    ScreeningKind,
    ScreeningResult,
    VitalSignKind,
)
from wc_contract.model.kinds.fields import (
    AUTHORED,
    BOOLEAN,
    DATE,
    DECIMAL,
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
from wc_contract.model.values import AllergyCriticality, ConditionStatus, Disposition

DOCUMENT = RecordKind(
    name="document",
    table="documents",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    fields=(
        column("student_id", UUID, "*", "students"),
        choice("kind", DocumentKind, "!"),
        column("title", TEXT, "*"),
        column("media_type", TEXT, "!~"),
        column("size_bytes", INTEGER),
        column("sha256", TEXT, "!~"),
        column("blob_ref", TEXT, "!*#"),
        column("expires_on", DATE),
        column("is_confidential", BOOLEAN, "!"),
        # A user's id, without a key: it is the author of the entry, who was known as it was judged.
        column("added_by", UUID, "+"),
        column("added_at", INSTANT, "+"),
    ),
)
ALLERGY = RecordKind(
    name="allergy",
    table="allergies",
    scope=Scope.SCHOOL,
    merge=MergePolicy.UNION,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("allergen", TEXT, "!*"),
        column("code", TEXT, "*"),
        column("code_system", TEXT, "~"),
        column("ingredient_codes", JSON, "!*"),  # ingredient and class codes that an order is checked against
        column("reaction", TEXT, "*"),
        choice("criticality", AllergyCriticality, "!"),
        column("verified_on", DATE),
        column("is_active", BOOLEAN, "!"),
    ),
    groups=(("allergen", "code", "code_system", "ingredient_codes"),),
    cautious={
        "criticality": (
            AllergyCriticality.LOW.value,
            AllergyCriticality.UNABLE_TO_ASSESS.value,
            AllergyCriticality.HIGH.value,
        ),
        "is_active": (False, True),
    },
)
CHRONIC_CONDITION = RecordKind(
    name="chronic_condition",
    table="chronic_conditions",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("name", TEXT, "!*"),
        column("icd10", TEXT, "*"),
        column("snomed", TEXT, "*"),
        column("onset", DATE, "*"),
        column("care_plan", JSON, "*"),
        column("review_due", DATE),
        choice("status", ConditionStatus, "!"),
    ),
)
CARE_PLAN = RecordKind(
    name="care_plan",
    table="care_plans",
    scope=Scope.SCHOOL,
    merge=MergePolicy.UNION,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("condition_id", UUID, "", "chronic_conditions"),
        column("document_id", UUID, "", "documents"),
        choice("kind", CarePlanKind, "!"),
        choice("status", CarePlanStatus, "!"),
        column("title", TEXT, "!*"),
        column("content", JSON, "!*"),
        column("effective_from", DATE, "!"),
        column("effective_to", DATE),
        column("review_due", DATE),
        column("signed_by", UUID, "", "users"),
        column("signed_on", DATE),
    ),
    groups=(("title", "content"), ("effective_from", "effective_to"), ("signed_by", "signed_on")),
    cautious={
        "status": (
            CarePlanStatus.ENDED.value,
            CarePlanStatus.SUPERSEDED.value,
            CarePlanStatus.DRAFT.value,
            CarePlanStatus.ACTIVE.value,
        ),
    },
)
HEALTH_RECORD = RecordKind(
    name="health_record",
    table="health_records",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    fields=(
        column("student_id", UUID, "!", "students"),
        choice("record_type", HealthRecordType, "!"),
        column("record_date", DATE, "!"),
        column("notes", TEXT, "*#"),
        column("icd10", TEXT, "*"),
        column("metadata", JSON, "!*"),
        column("provider_name", TEXT, "*"),
        column("provider_npi", TEXT, "~"),
        column("is_confidential", BOOLEAN, "!"),
        column("follow_up_date", DATE),
        column("document_id", UUID, "", "documents"),
        *AUTHORED,
    ),
)
CLINIC_VISIT = RecordKind(
    name="clinic_visit",
    table="clinic_visits",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("arrived_at", INSTANT, "!"),
        column("left_at", INSTANT),
        column("complaint", TEXT, "*"),
        column("vitals", JSON, "*"),  # as noted at the desk; measurements to be compared are vital_signs
        column("care_given", TEXT, "*"),
        choice("disposition", Disposition),
        column("is_confidential", BOOLEAN, "!"),
        *AUTHORED,
    ),
)
VITAL_SIGN = RecordKind(
    name="vital_sign",
    table="vital_signs",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("visit_id", UUID, "", "clinic_visits"),
        choice("kind", VitalSignKind, "!"),
        column("measured_at", INSTANT, "!"),
        column("value", DECIMAL, "!*"),
        column("unit", TEXT, "!~"),
        column("method", TEXT, "~"),
        *AUTHORED,
    ),
)
SCREENING = RecordKind(
    name="screening",
    table="screenings",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    fields=(
        column("student_id", UUID, "!", "students"),
        choice("kind", ScreeningKind, "!"),
        column("screened_on", DATE, "!"),
        choice("result", ScreeningResult, "!*"),
        column("findings", JSON, "*"),
        column("referral", TEXT, "*"),
        column("follow_up_due", DATE),
        *AUTHORED,
    ),
)
VACCINATION = RecordKind(
    name="vaccination",
    table="vaccinations",
    scope=Scope.SCHOOL,
    merge=MergePolicy.INSERT_ONLY,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("cvx", TEXT, "!*"),
        column("vaccine_name", TEXT, "*"),
        column("mvx", TEXT, "~"),
        column("lot", TEXT, "~"),
        column("administered_on", DATE, "!*"),
        column("dose_number", INTEGER),
        column("source", TEXT, "!~"),
    ),
)
VACCINATION_EXEMPTION = RecordKind(
    name="vaccination_exemption",
    table="vaccination_exemptions",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("student_id", UUID, "!", "students"),
        choice("kind", ExemptionKind, "!*"),
        column("cvx", TEXT, "*"),  # of one vaccine; of all without it
        column("granted_on", DATE, "!"),
        column("expires_on", DATE),
        column("document_id", UUID, "", "documents"),
    ),
)
