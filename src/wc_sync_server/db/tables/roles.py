"""On whose behalf a transaction can run, and which of them may write or read a kind of table."""

from wc_contract.model.values import Role

SYSTEM = "SYSTEM"  # imports, admin commands
DEVICE = "DEVICE"  # sync
SIGN_IN = "SIGN_IN"  # before a person or a school is known: the only one besides SYSTEM that sees secrets
ROLES = frozenset({SYSTEM, DEVICE, SIGN_IN, *(role.value for role in Role)})

Roles = tuple[str, ...]


def _roles(*names: str) -> Roles:
    return tuple(sorted(map(str, names)))


# Who writes.
EVERYBODY: Roles = _roles(*ROLES)  # what is put on record about a reader too
STAFF: Roles = _roles(*(ROLES - {Role.READ_ONLY, SIGN_IN}))
LICENSED: Roles = _roles(Role.NURSE, Role.SUBSTITUTE, Role.SUPERVISOR, DEVICE, SYSTEM)
CLINICAL: Roles = _roles(*LICENSED, Role.UNLICENSED)  # what a delegate on a workstation writes as well
CHART: Roles = _roles(*LICENSED, Role.ADMIN)
OFFICE: Roles = _roles(Role.ADMIN, Role.SUPERVISOR, SYSTEM)
ACCESS: Roles = _roles(*OFFICE, DEVICE, SIGN_IN)  # people, workstations and how they come in
SECRET: Roles = _roles(SIGN_IN, SYSTEM)

# Who reads.
MONEY_READERS: Roles = _roles(*OFFICE, Role.READ_ONLY)
CONFIDENTIAL_READERS: Roles = _roles(Role.NURSE, Role.SUPERVISOR, DEVICE, SYSTEM)
