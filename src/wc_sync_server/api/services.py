"""What the handlers work with, handed to them by the composition root."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from starlette.requests import Request

from wc_sync_server.api.ports import (
    Blobs,
    Contacts,
    Enrolment,
    Feeds,
    Gate,
    Hints,
    Limits,
    NonceSource,
    Readiness,
    Sessions,
    Signatures,
    SignOn,
    Wipes,
)
from wc_sync_server.api.records_ports import (
    Acknowledgments,
    Appointments,
    Budget,
    Charts,
    Cursors,
    Denials,
    Directory,
    Documents,
    Doses,
    EmergencyContacts,
    FollowUps,
    HealthRecords,
    Incidents,
    Inventory,
    Orders,
    People,
    Policies,
    Purchases,
    Reminders,
    Schedule,
    Search,
    Students,
    Suppliers,
    Vaccinations,
    Waitlist,
)
from wc_sync_server.api.turns import Turns
from wc_sync_server.api.watch import StreamWatch
from wc_sync_server.domain.checkpoints import Checkpoints
from wc_sync_server.reconcile.batch import Reconciler


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsServices:
    """Everything behind the handlers of records."""

    people: People
    denials: Denials
    cursors: Cursors
    students: Students
    charts: Charts
    contacts: EmergencyContacts
    orders: Orders
    documents: Documents
    doses: Doses
    incidents: Incidents
    follow_ups: FollowUps
    appointments: Appointments
    reminders: Reminders
    waitlist: Waitlist
    health_records: HealthRecords
    vaccinations: Vaccinations
    inventory: Inventory
    budget: Budget
    suppliers: Suppliers
    purchases: Purchases
    policies: Policies
    acknowledgments: Acknowledgments
    directory: Directory
    schedule: Schedule
    search: Search


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything behind the handlers."""

    records: RecordsServices

    gate: Gate
    enrolment: Enrolment
    sign_on: SignOn
    sessions: Sessions
    contacts: Contacts
    wipes: Wipes
    reconciler: Reconciler
    signatures: Signatures
    turns: Turns
    feeds: Feeds
    blobs: Blobs
    hints: Hints
    watch: StreamWatch
    readiness: Readiness
    nonces: NonceSource
    checkpoints: Checkpoints
    readers: ThreadPoolExecutor = field(repr=False)
    limits: Limits
    version: str


def services_of(request: Request) -> Services:
    """Return the services of the application that request came to."""
    services: Services = request.app.state.services
    return services
