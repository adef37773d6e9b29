"""Which table belongs to which domain of the schema. One that belongs to none, or to two, is a mistake of ours."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from wc_contract.model.errors import Defect


class TablesWithoutDomain(Defect):
    """A table was made and nobody said to which domain it belongs, or a domain names a table that is not there."""

    code = "tables_without_domain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A part of the schema that is read at once; name is that of its page."""

    name: str
    title: str
    tables: tuple[str, ...]


def _domain(name: str, title: str, tables: str) -> Domain:
    return Domain(name=name, title=title, tables=tuple(tables.split()))


DOMAINS: tuple[Domain, ...] = (
    _domain("tenancy", "Tenancy and calendar", "districts schools calendar_days bell_schedules"),
    _domain(
        "people",
        "People and access",
        "users school_assignments shifts delegations user_credentials recovery_codes login_attempts sessions devices"
        " enrolment_codes leases",
    ),
    _domain(
        "students",
        "Students",
        "students student_aliases student_merges emergency_contacts consent_forms consent_signatures",
    ),
    _domain(
        "health",
        "Health",
        "health_records clinic_visits vital_signs screenings vaccinations vaccination_exemptions allergies"
        " chronic_conditions care_plans documents blobs blob_pieces",
    ),
    _domain(
        "medication",
        "Medication",
        "medications student_medications order_versions medication_logs effect_checks medication_containers"
        " medication_ledger trip_custody",
    ),
    _domain(
        "incidents",
        "Incidents",
        "incident_reports incident_addenda witness_statements head_injury_checks follow_up_actions notifications"
        " emergency_looks captures",
    ),
    _domain("scheduling", "Scheduling", "appointments appointment_reminders appointment_waitlist"),
    _domain("supplies", "Supplies", "inventory_items inventory_transactions"),
    _domain(
        "money",
        "Money",
        "suppliers purchase_orders purchase_order_items budget_categories budget_transactions",
    ),
    _domain(
        "compliance",
        "Compliance and audit",
        "policy_documents policy_acknowledgments phi_disclosures retention_policies legal_holds audit_logs"
        " audit_overflow audit_seals audit_archives",
    ),
    _domain("reference", "Public codes", "vaccine_codes manufacturers drug_ingredients icd10_codes"),
    _domain(
        "sync",
        "Sync and messages",
        "streams removals receipts later_answers refused_entries review_cases case_sides outbox_messages server_epochs"
        " district_directory",
    ),
)


def check_domains(tables: Iterable[str]) -> None:
    """Raise TablesWithoutDomain unless every table is in exactly one domain."""
    listed = Counter(table for domain in DOMAINS for table in domain.tables)
    wrong = sorted({*(set(tables) ^ listed.keys()), *(table for table, times in listed.items() if times > 1)})
    if wrong:
        raise TablesWithoutDomain(f"these tables are in no domain, in two, or not there: {', '.join(wrong)}")
