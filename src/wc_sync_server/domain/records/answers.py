"""The shapes of every answer about children, and of the lists beside them."""

from wc_contract.model import kinds
from wc_contract.model.kinds import Field, FieldType
from wc_sync_server.domain.records.shapes import Shape, renamed, shape_of

_NURSE = Field(name="nurse_name", type=FieldType.TEXT)
_AUTHOR = Field(name="author_name", type=FieldType.TEXT)
_MEDICINE = Field(name="medication_name", type=FieldType.TEXT)
_STRENGTH = renamed(kinds.MEDICATION.field("strength"), "strength")
_OF_STUDENT = tuple(
    renamed(kinds.STUDENT.field(name), f"student_{name.removeprefix('student_')}")
    for name in ("student_number", "first_name", "last_name")
)
VERSION_NAMES = (
    "dose", "unit", "route", "times", "window_minutes", "min_interval_minutes", "max_doses", "max_period_minutes",
    "instructions",
)  # fmt: skip
_CURRENT_VERSION = tuple(renamed(kinds.ORDER_VERSION.field(name), name) for name in VERSION_NAMES)

_LISTED = """student_number first_name last_name preferred_name date_of_birth grade homeroom gender nurse_id is_active
enrolled_on withdrawn_on"""

STUDENT_LISTED = shape_of("StudentListed", kinds.STUDENT, _LISTED, _NURSE)
STUDENT = shape_of("Student", kinds.STUDENT, f"{_LISTED} medical_record_num", _NURSE)

CONTACT = shape_of(
    "EmergencyContact",
    kinds.EMERGENCY_CONTACT,
    "student_id name relationship phone priority is_primary may_pick_up custody_note is_active",
)
ALLERGY = shape_of(
    "Allergy", kinds.ALLERGY, "student_id allergen code code_system reaction criticality verified_on is_active"
)
DOCUMENT = shape_of(
    "Document",
    kinds.DOCUMENT,
    "student_id kind title media_type size_bytes sha256 expires_on is_confidential added_by added_at",
    *_OF_STUDENT,
)
CONDITION = shape_of(
    "ChronicCondition", kinds.CHRONIC_CONDITION, "student_id name icd10 snomed onset review_due status"
)

ORDER = shape_of(
    "Order",
    kinds.ORDER,
    """student_id medication_id version kind status indication prescriber_name order_signed_on verbal_until
    parent_auth_from parent_auth_to self_carry start_date end_date stop_effective_at verified_by""",
    *_OF_STUDENT,
    _MEDICINE,
    _STRENGTH,
    *_CURRENT_VERSION,
)

ORDER_VERSION = shape_of("OrderVersion", kinds.ORDER_VERSION, f"order_id version {' '.join(VERSION_NAMES)}")

DOSE = shape_of(
    "Dose",
    kinds.DOSE,
    """student_id order_id order_version_id medication_id slot_date slot_time status administered_at local_date
    dose_given unit reason site overrides recorded_at author_user_id flags amends_id amend_reason""",
    *_OF_STUDENT,
    _MEDICINE,
    _AUTHOR,
)

_INCIDENT = """student_id type severity occurred_at location disposition med_error_type ncc_merp follow_up_due status
signed_at author_user_id flags"""
INCIDENT_LISTED = shape_of("IncidentListed", kinds.INCIDENT, _INCIDENT, *_OF_STUDENT, _AUTHOR)
INCIDENT = shape_of(
    "Incident",
    kinds.INCIDENT,
    f"{_INCIDENT} activity narrative body_regions injury_kind witnesses care_given checks notifications recorded_at",
    *_OF_STUDENT,
    _AUTHOR,
)
ADDENDUM = shape_of(
    "IncidentAddendum",
    kinds.INCIDENT_ADDENDUM,
    "incident_id text signed_at recorded_at author_user_id amends_id amend_reason",
)
WITNESS = shape_of(
    "WitnessStatement", kinds.WITNESS_STATEMENT, "incident_id witness_name witness_role statement taken_at"
)
HEAD_CHECK = shape_of(
    "HeadInjuryCheck", kinds.HEAD_INJURY_CHECK, "incident_id student_id checked_at symptoms red_flag note"
)
FOLLOW_UP = shape_of(
    "FollowUpAction",
    kinds.FOLLOW_UP_ACTION,
    "incident_id action status assigned_to due_on completed_at completed_by note",
)
FOLLOW_UP_LISTED = shape_of(
    "FollowUpActionListed",
    kinds.FOLLOW_UP_ACTION,
    "incident_id action status assigned_to due_on completed_at completed_by note",
    Field(name="assigned_name", type=FieldType.TEXT),
    Field(name="completed_by_name", type=FieldType.TEXT),
    *(renamed(kinds.INCIDENT.field(name), f"incident_{name}") for name in ("type", "severity", "occurred_at")),
    renamed(kinds.INCIDENT.field("student_id"), "student_id"),
    *_OF_STUDENT,
)
NOTIFICATION = shape_of(
    "Notification", kinds.NOTIFICATION, "incident_id contact_id method attempted_at outcome note made_by"
)
INCIDENT_CONTACT = Shape(
    name="IncidentContact",
    entity=CONTACT.entity,
    own=CONTACT.own,
    joined=(Field(name="incident_id", type=FieldType.UUID, required=True),),
)

USER = shape_of("User", kinds.USER, "first_name last_name role licence_type is_active")
SCHOOL = shape_of("School", kinds.SCHOOL, "name timezone")
MEDICATION = shape_of(
    "Medication",
    kinds.MEDICATION,
    "name generic_name brand_name category form strength rxcui ndc11 dea_schedule is_emergency",
)

APPOINTMENT = shape_of(
    "Appointment",
    kinds.APPOINTMENT,
    "student_id nurse_id kind scheduled_at duration status reason note visit_id",
    *_OF_STUDENT,
    _NURSE,
)
WAITLIST_ENTRY = shape_of(
    "WaitlistEntry",
    kinds.APPOINTMENT_WAITLIST,
    """student_id nurse_id kind status priority duration requested_at wanted_from wanted_to reason appointment_id""",
    *_OF_STUDENT,
    _NURSE,
)
REMINDER = shape_of(
    "AppointmentReminder",
    kinds.APPOINTMENT_REMINDER,
    "appointment_id contact_id method status send_at sent_at",
    renamed(kinds.APPOINTMENT.field("scheduled_at"), "scheduled_at"),
    renamed(kinds.APPOINTMENT.field("student_id"), "student_id"),
    *_OF_STUDENT,
    renamed(kinds.EMERGENCY_CONTACT.field("name"), "contact_name"),
    renamed(kinds.EMERGENCY_CONTACT.field("phone"), "contact_phone"),
)
HEALTH_RECORD = shape_of(
    "HealthRecord",
    kinds.HEALTH_RECORD,
    """student_id record_type record_date notes icd10 provider_name provider_npi is_confidential follow_up_date
    document_id recorded_at author_user_id amends_id amend_reason""",
    *_OF_STUDENT,
    _AUTHOR,
)
HEALTH_RECORD_LISTED = shape_of(
    "HealthRecordListed",
    kinds.HEALTH_RECORD,
    "student_id record_type record_date icd10 is_confidential follow_up_date recorded_at author_user_id",
    *_OF_STUDENT,
    _AUTHOR,
)
INVENTORY_ITEM = shape_of(
    "InventoryItem",
    kinds.INVENTORY_ITEM,
    "name description category lot expires_on unit location quantity reorder_at",
)
INVENTORY_TRANSACTION = shape_of(
    "InventoryTransaction",
    kinds.INVENTORY_TRANSACTION,
    "item_id kind quantity occurred_at actor_id",
    Field(name="actor_name", type=FieldType.TEXT),
)
VACCINATION = shape_of(
    "Vaccination", kinds.VACCINATION, "student_id cvx vaccine_name mvx lot administered_on dose_number source"
)
EXEMPTION = shape_of(
    "VaccinationExemption", kinds.VACCINATION_EXEMPTION, "student_id kind cvx granted_on expires_on document_id"
)
LACKING = shape_of(
    "LackingVaccinations",
    kinds.STUDENT,
    "student_number first_name last_name grade homeroom",
    Field(name="missing", type=FieldType.JSON, phi=True),
)

SLOT = Shape(
    name="ScheduledDose",
    entity=ORDER.entity,
    own=(
        Field(name="id", type=FieldType.UUID, required=True),
        Field(name="order_id", type=FieldType.UUID, required=True),
        Field(name="student_id", type=FieldType.UUID, required=True),
        Field(name="medication_id", type=FieldType.UUID, required=True),
        Field(name="date", type=FieldType.DATE, required=True),
        Field(name="time", type=FieldType.TEXT, required=True, phi=True),
        Field(name="due_at", type=FieldType.INSTANT, required=True, phi=True),
        Field(name="opens_at", type=FieldType.INSTANT, required=True),
        Field(name="closes_at", type=FieldType.INSTANT, required=True),
        Field(name="status", type=FieldType.TEXT, required=True),
        Field(name="suppressed", type=FieldType.TEXT),
        *(kinds.ORDER_VERSION.field(name) for name in ("dose", "unit", "route", "instructions")),
        *_OF_STUDENT,
        renamed(kinds.STUDENT.field("grade"), "grade"),
        renamed(kinds.STUDENT.field("homeroom"), "homeroom"),
        _MEDICINE,
        _STRENGTH,
    ),
)
