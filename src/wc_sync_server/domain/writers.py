"""Who writes which table: the policies of the database are made from it, and entries are judged by it."""

from collections.abc import Mapping
from types import MappingProxyType

from wc_contract.model.kinds import RecordKind
from wc_contract.model.values import Role

SYSTEM = "SYSTEM"  # imports, admin commands
DEVICE = "DEVICE"  # sync
SIGN_IN = "SIGN_IN"  # before a person or a school is known: the only one besides SYSTEM that sees secrets
ROLES = frozenset({SYSTEM, DEVICE, SIGN_IN, *(role.value for role in Role)})

Roles = tuple[str, ...]


def _roles(*names: str) -> Roles:
    return tuple(sorted(map(str, names)))


EVERYBODY: Roles = _roles(*ROLES)  # what is put on record about a reader too
STAFF: Roles = _roles(*(ROLES - {Role.READ_ONLY, SIGN_IN}))
LICENSED: Roles = _roles(Role.NURSE, Role.SUBSTITUTE, Role.SUPERVISOR, DEVICE, SYSTEM)
CLINICAL: Roles = _roles(*LICENSED, Role.UNLICENSED)  # what a delegate on a workstation writes as well
CHART: Roles = _roles(*LICENSED, Role.ADMIN)
OFFICE: Roles = _roles(Role.ADMIN, Role.SUPERVISOR, SYSTEM)
ACCESS: Roles = _roles(*OFFICE, DEVICE, SIGN_IN)  # people, workstations and how they come in
SECRET: Roles = _roles(SIGN_IN, SYSTEM)
CONFIDENTIAL_READERS: Roles = _roles(Role.NURSE, Role.SUPERVISOR, DEVICE, SYSTEM)

# Who writes a record; everybody else of the district's staff where nothing is said.
WRITERS: Mapping[str, Roles] = MappingProxyType(
    {
        **dict.fromkeys(("districts", "schools", "medications", "consent_forms"), OFFICE),
        **dict.fromkeys(("calendar_days", "bell_schedules", "school_assignments"), OFFICE),
        "users": ACCESS,
        **dict.fromkeys(("students", "student_aliases", "emergency_contacts", "consent_signatures"), CHART),
        **dict.fromkeys(("documents", "vaccinations", "vaccination_exemptions", "screenings"), CHART),
        **dict.fromkeys(("allergies", "chronic_conditions", "care_plans", "health_records", "delegations"), LICENSED),
        **dict.fromkeys(("student_medications", "order_versions", "medication_containers"), LICENSED),
        **dict.fromkeys(
            ("clinic_visits", "vital_signs", "medication_logs", "effect_checks", "medication_ledger", "trip_custody"),
            CLINICAL,
        ),
        **dict.fromkeys(("incident_reports", "incident_addenda", "witness_statements", "head_injury_checks"), CLINICAL),
        **dict.fromkeys(("appointments", "appointment_reminders", "appointment_waitlist"), CHART),
    }
)


def writers_of(kind: RecordKind) -> Roles:
    """Return the roles that write records of a kind."""
    return WRITERS.get(kind.table, STAFF)
