"""What may become of an order, a report, an appointment and what belongs to them, by a person's decision."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from wc_contract.model.care_values import ActionStatus
from wc_contract.model.office_values import AppointmentStatus, ReminderStatus, WaitlistStatus
from wc_contract.model.values import IncidentStatus, OrderStatus
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

S = TypeVar("S", bound=StrEnum)

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
# A booking comes undone only with its appointment: the child waits again, in the old place of the queue.
_WAITLIST: dict[WaitlistStatus, frozenset[WaitlistStatus]] = {
    WaitlistStatus.WAITING: frozenset({WaitlistStatus.OFFERED, WaitlistStatus.BOOKED, WaitlistStatus.WITHDRAWN}),
    WaitlistStatus.OFFERED: frozenset({WaitlistStatus.WAITING, WaitlistStatus.BOOKED, WaitlistStatus.WITHDRAWN}),
    WaitlistStatus.BOOKED: frozenset({WaitlistStatus.WAITING}),
}
_REMINDERS: dict[ReminderStatus, frozenset[ReminderStatus]] = {
    ReminderStatus.PENDING: frozenset({ReminderStatus.SENT, ReminderStatus.FAILED, ReminderStatus.CANCELLED}),
    ReminderStatus.FAILED: frozenset({ReminderStatus.PENDING, ReminderStatus.SENT, ReminderStatus.CANCELLED}),
}
_ACTIONS: dict[ActionStatus, frozenset[ActionStatus]] = {
    ActionStatus.OPEN: frozenset({ActionStatus.DONE, ActionStatus.CANCELLED}),
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
    _require(_ORDERS, OrderStatus(present), wanted)


def require_incident_step(present: str, wanted: str) -> None:
    """Raise RecordRefused(WRONG_STATE) unless a report may go from present to wanted."""
    _require(_INCIDENTS, IncidentStatus(present), wanted)


def require_appointment_step(present: str, wanted: str) -> None:
    """Raise RecordRefused(WRONG_STATE) unless an appointment may go from present to wanted."""
    _require(_APPOINTMENTS, AppointmentStatus(present), wanted)


def require_waitlist_step(present: str, wanted: str) -> None:
    """Raise RecordRefused(WRONG_STATE) unless who waits may go from present to wanted."""
    _require(_WAITLIST, WaitlistStatus(present), wanted)


def require_reminder_step(present: str, wanted: str) -> None:
    """Raise RecordRefused(WRONG_STATE) unless a reminder may go from present to wanted."""
    _require(_REMINDERS, ReminderStatus(present), wanted)


def require_action_step(present: str, wanted: str) -> None:
    """Raise RecordRefused(WRONG_STATE) unless something to do may go from present to wanted."""
    _require(_ACTIONS, ActionStatus(present), wanted)


def _require(steps: Mapping[S, frozenset[S]], present: S, wanted: str) -> None:
    if present.value != wanted and wanted not in steps.get(present, frozenset()):
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))
