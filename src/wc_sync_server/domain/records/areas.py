"""Which role may read or write what through the records API. Row-level security says the same once more below."""

from enum import StrEnum

from wc_contract.model.values import Role


class Area(StrEnum):
    """A part of the records."""

    STUDENTS = "students"
    CHARTS = "charts"  # two of one child: made one, and parted
    ORDERS = "orders"
    DOSES = "doses"
    INCIDENTS = "incidents"
    FOLLOW_UP_ACTIONS = "follow_up_actions"
    APPOINTMENTS = "appointments"
    HEALTH_RECORDS = "health_records"
    VACCINATIONS = "vaccinations"
    INVENTORY = "inventory"
    BUDGET = "budget"
    PURCHASING = "purchasing"
    POLICIES = "policies"
    ACKNOWLEDGMENTS = "acknowledgments"
    MEDICATIONS = "medications"
    USERS = "users"


class Access(StrEnum):
    """What somebody wants to do there."""

    READ = "read"
    WRITE = "write"


# Unlicensed staff see delegated students only (rules.md O8), on a workstation; no list here could promise that.
MAY_SIGN_IN = frozenset(Role) - {Role.UNLICENSED}
# People of the district's office: assigned to no school they work for all of them.
OF_THE_OFFICE = frozenset({Role.SUPERVISOR, Role.ADMIN})

_EVERYBODY = MAY_SIGN_IN
_LICENSED = frozenset({Role.NURSE, Role.SUBSTITUTE, Role.SUPERVISOR})
_IN_CHARGE = frozenset({Role.NURSE, Role.SUPERVISOR})

_READERS: dict[Area, frozenset[Role]] = {
    Area.STUDENTS: _EVERYBODY,
    Area.CHARTS: frozenset({Role.SUPERVISOR}),
    Area.ORDERS: _EVERYBODY,
    Area.DOSES: _EVERYBODY,
    Area.INCIDENTS: _EVERYBODY,
    Area.FOLLOW_UP_ACTIONS: _EVERYBODY,
    Area.APPOINTMENTS: _EVERYBODY,
    Area.HEALTH_RECORDS: _LICENSED,
    Area.VACCINATIONS: _EVERYBODY,
    Area.INVENTORY: _EVERYBODY,
    Area.BUDGET: OF_THE_OFFICE | {Role.READ_ONLY},
    Area.PURCHASING: OF_THE_OFFICE | {Role.READ_ONLY},
    Area.POLICIES: _EVERYBODY,
    Area.ACKNOWLEDGMENTS: OF_THE_OFFICE | {Role.READ_ONLY},
    Area.MEDICATIONS: _EVERYBODY,
    Area.USERS: _EVERYBODY,
}

# A dose is a fact that a nurse signs on a workstation; nobody writes one here. The catalogue comes by import.
_WRITERS: dict[Area, frozenset[Role]] = {
    Area.STUDENTS: _IN_CHARGE | {Role.ADMIN},
    # It touches allergies and orders of two schools at once: no nurse's, no clerk's.
    Area.CHARTS: frozenset({Role.SUPERVISOR}),
    Area.ORDERS: _IN_CHARGE,
    Area.INCIDENTS: _IN_CHARGE,
    # What follows a report (a broken swing) is also the office's to do; the report itself is not.
    Area.FOLLOW_UP_ACTIONS: _LICENSED | {Role.ADMIN},
    Area.APPOINTMENTS: _LICENSED | {Role.ADMIN},
    Area.HEALTH_RECORDS: _IN_CHARGE,
    Area.INVENTORY: _IN_CHARGE | {Role.ADMIN},
    Area.BUDGET: OF_THE_OFFICE,
    Area.PURCHASING: OF_THE_OFFICE,
    Area.POLICIES: OF_THE_OFFICE,
    # Whoever only reads the records works for somebody else, and is asked for nothing.
    Area.ACKNOWLEDGMENTS: _EVERYBODY - {Role.READ_ONLY},
}


def may(role: str, area: Area, access: Access) -> bool:
    """Return whether somebody of that role may."""
    allowed = _READERS if access is Access.READ else _WRITERS
    return role in allowed.get(area, frozenset())
