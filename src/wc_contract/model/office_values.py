"""Closed sets of values of stock, appointments and money."""

from enum import StrEnum


class ContainerStatus(StrEnum):
    """Where a bottle is in its life."""

    IN_USE = "IN_USE"
    EMPTY = "EMPTY"
    RETURNED = "RETURNED"
    DESTROYED = "DESTROYED"


class LedgerEvent(StrEnum):
    """What happened to the contents of a container; the balance is derived from these."""

    RECEIVED = "RECEIVED"
    GIVEN = "GIVEN"
    WASTED = "WASTED"
    COUNTED = "COUNTED"  # the quantity is what was found
    ADJUSTED = "ADJUSTED"
    SENT_OUT = "SENT_OUT"
    BROUGHT_BACK = "BROUGHT_BACK"
    RETURNED = "RETURNED"
    DESTROYED = "DESTROYED"


class AppointmentKind(StrEnum):
    """What an appointment is for."""

    CHECKUP = "CHECKUP"
    MEDICATION = "MEDICATION"
    PROCEDURE = "PROCEDURE"
    SCREENING = "SCREENING"
    FOLLOW_UP = "FOLLOW_UP"
    COUNSELLING = "COUNSELLING"
    MEETING = "MEETING"
    OTHER = "OTHER"


class AppointmentStatus(StrEnum):
    """Life of an appointment."""

    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    NO_SHOW = "NO_SHOW"
    CANCELLED = "CANCELLED"


class ReminderStatus(StrEnum):
    """Whether a reminder went out."""

    PENDING = "PENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class WaitlistStatus(StrEnum):
    """Whether a child still waits for an appointment."""

    WAITING = "WAITING"
    OFFERED = "OFFERED"
    BOOKED = "BOOKED"
    WITHDRAWN = "WITHDRAWN"


class StockMovement(StrEnum):
    """Why the stock of an item changed."""

    RECEIVED = "RECEIVED"
    USED = "USED"
    WASTED = "WASTED"
    EXPIRED = "EXPIRED"
    TRANSFERRED = "TRANSFERRED"
    COUNTED = "COUNTED"  # the difference that a count found
    ADJUSTED = "ADJUSTED"


class PurchaseStatus(StrEnum):
    """Life of a purchase order."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    ORDERED = "ORDERED"
    RECEIVED = "RECEIVED"
    CANCELLED = "CANCELLED"
