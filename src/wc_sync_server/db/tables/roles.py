"""On whose behalf a transaction can run, and which of them may write or read a kind of table."""

from wc_contract.model.values import Role
from wc_sync_server.domain.writers import (
    ACCESS,
    CHART,
    CLINICAL,
    CONFIDENTIAL_READERS,
    DEVICE,
    EVERYBODY,
    LICENSED,
    OFFICE,
    ROLES,
    SECRET,
    SIGN_IN,
    STAFF,
    SYSTEM,
    Roles,
)

# Who reads what not everybody reads.
MONEY_READERS: Roles = tuple(sorted((*OFFICE, Role.READ_ONLY.value)))

__all__ = [
    "ACCESS",
    "CHART",
    "CLINICAL",
    "CONFIDENTIAL_READERS",
    "DEVICE",
    "EVERYBODY",
    "LICENSED",
    "MONEY_READERS",
    "OFFICE",
    "ROLES",
    "SECRET",
    "SIGN_IN",
    "STAFF",
    "SYSTEM",
    "Roles",
]
