"""What may become of an order, an incident report, an appointment, by a person's decision."""

from wc_contract.model.office_values import AppointmentStatus
from wc_contract.model.values import IncidentStatus, OrderStatus
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_ORDERS: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.DRAFT: frozenset({OrderStatus.PENDING_VERIFICATION, OrderStatus.ACTIVE, OrderStatus.DISCONTINUED}),
    OrderStatus.PENDING_VERIFICATION: frozenset({OrderStatus.ACTIVE, OrderStatus.DISCONTINUED}),
    OrderStatus.ACTIVE: frozenset({OrderStatus.HELD, OrderStatus.DISCONTINUED, OrderStatus.COMPLETED}),
    OrderStatus.HELD: frozenset({OrderStatus.ACTIVE, OrderStatus.DISCONTINUED, OrderStatus.COMPLETED}),
}
_INCIDENTS: dict[IncidentStatus, frozenset[IncidentStatus]] = {
    IncidentStatus.SIGNED: frozenset({IncidentStatus.FOLLOW_UP, IncidentStatus.CLOSED}),
    IncidentStatus.FOLLOW_UP: frozenset({IncidentStatus.CLOSED}),
}
_APPOINTMENTS: dict[AppointmentStatus, frozenset[AppointmentStatus]] = {
    AppointmentStatus.SCHEDULED: frozenset(AppointmentStatus),
    AppointmentStatus.IN_PROGRESS: frozenset({AppointmentStatus.COMPLETED, AppointmentStatus.CANCELLED}),
}
# From then on nothing is given: a hold counts exactly like a stop, until it is lifted (rules.md X5).
STOPPED = frozenset({OrderStatus.HELD, OrderStatus.DISCONTINUED, OrderStatus.COMPLETED})
ENDED = frozenset(OrderStatus) - _ORDERS.keys()
_BEGINNINGS = frozenset({OrderStatus.DRAFT, OrderStatus.PENDING_VERIFICATION, OrderStatus.ACTIVE})


def require_order_begin(status: str) -> None:
    """Raise RecordRefused(INVALID) unless a new order may have that status."""
    if OrderStatus(status) not in _BEGINNINGS:
        raise RecordRefused(RecordsProblem.INVALID, fields=("status",))


def require_order_step(present: str, wanted: str) -> None:
    """Raise RecordRefused(WRONG_STATE) unless an order may go from present to wanted."""
    if present != wanted and wanted not in _ORDERS.get(OrderStatus(present), frozenset()):
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))


def require_incident_step(present: str, wanted: str) -> None:
    """Raise RecordRefused(WRONG_STATE) unless a report may go from present to wanted."""
    if present != wanted and wanted not in _INCIDENTS.get(IncidentStatus(present), frozenset()):
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))


def require_appointment_step(present: str, wanted: str) -> None:
    """Raise RecordRefused(WRONG_STATE) unless an appointment may go from present to wanted."""
    if present != wanted and wanted not in _APPOINTMENTS.get(AppointmentStatus(present), frozenset()):
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))
