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
STOPPED = frozenset({OrderStatus.DISCONTINUED, OrderStatus.COMPLETED})


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
