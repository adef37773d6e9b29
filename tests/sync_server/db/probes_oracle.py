"""Who should see and write which row: worked out from a table's guard in Python, never from the text of a policy."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Table
from tests.sync_server.db.central_world import ASH, BIRCH, CEDAR, NORTH, SOUTH

from wc_contract.model.kinds import KINDS
from wc_sync_server.db.grants import APP, AUDIT_READER, BACKUP, MIGRATE, OWNER, rights_of_app
from wc_sync_server.db.tables import METADATA, Guard, Visible, guard_of
from wc_sync_server.db.tables.roles import ROLES

# Written down a second time, so that a slip in the first is seen.
_CONFIDENTIAL_READERS = {"NURSE", "SUPERVISOR", "DEVICE", "SYSTEM"}
_CHANGES_TO_FACTS = {"row_version", "updated_at"}
_CHANGES_TO_RECORDS = _CHANGES_TO_FACTS | {"school_id", "deleted_at"}
_CHANGES_TO_WHAT_IS_WRITTEN_ONCE: dict[str, set[str]] = {
    "clinic_visits": _CHANGES_TO_RECORDS,
    "documents": _CHANGES_TO_RECORDS | {"blob_ref"},
    "head_injury_checks": _CHANGES_TO_RECORDS,
    "health_records": _CHANGES_TO_RECORDS | {"notes"},
    "notifications": _CHANGES_TO_RECORDS,
    "screenings": _CHANGES_TO_RECORDS,
    "vital_signs": _CHANGES_TO_RECORDS,
    "witness_statements": _CHANGES_TO_RECORDS,
    "blobs": {"held_bytes", "status", "completed_at", "data_key", "updated_at"},
}
_AUDITORS: dict[str, set[str]] = {
    "audit_logs": {"SELECT"},
    "audit_overflow": {"SELECT"},
    "audit_seals": {"SELECT", "INSERT"},
    "audit_archives": {"SELECT", "INSERT"},
}
_NOT_QUITE_A_ROLE = "nurse"
ASKED_ROLES: tuple[str | None, ...] = ("READ_ONLY", "SYSTEM", *sorted(ROLES - {"READ_ONLY", "SYSTEM"}))
ASKED_ROLES += (None, _NOT_QUITE_A_ROLE)

Where = tuple[UUID | None, tuple[UUID, ...]]
OWN = "own school"
SEARCH = "EXECUTE"  # the search functions, which policies do not bind
CONTEXTS: dict[str, Where] = {
    OWN: (NORTH, (ASH.school,)),
    "other school": (NORTH, (BIRCH.school,)),
    "two schools": (NORTH, (ASH.school, BIRCH.school)),
    "other district": (SOUTH, (CEDAR.school,)),
    "a school of another district": (NORTH, (CEDAR.school,)),
    "district alone": (NORTH, ()),
    "school alone": (None, (ASH.school,)),
    "nothing left": (None, ()),
}
_ROLES_EVERYWHERE = ("SYSTEM", "NURSE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A database role with a context. district and role None are settings left empty."""

    login: str
    role: str | None
    where: str

    @property
    def district(self) -> UUID | None:
        return CONTEXTS[self.where][0]

    @property
    def schools(self) -> tuple[UUID, ...]:
        return CONTEXTS[self.where][1]

    def __str__(self) -> str:
        return f"{self.login}, {self.role or 'no role'}, {self.where}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the oracle has to know of a row."""

    key: str
    district: UUID
    school: UUID | None
    confidential: bool = False
    above: "Row | None" = None  # the row that it is as confidential as


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A tenant table, or a partition of one, and the rows that are in it."""

    name: str
    table: Table
    rows: tuple[Row, ...] = field(repr=False)

    @property
    def guard(self) -> Guard:
        return guard_of(self.table)

    @property
    def is_partition(self) -> bool:
        return self.name != self.table.name

    def __str__(self) -> str:
        return self.name


def everybody(relation: Relation, *, whole: bool) -> Iterator[Asker]:
    """Yield who asks for relation's rows: whole, every role in every context; else each role and each context."""
    logins = [OWNER] if relation.is_partition else [OWNER, APP]
    if relation.table.name in _AUDITORS and not relation.is_partition:
        logins.append(AUDIT_READER)
    for login in logins:
        for where in CONTEXTS:
            roles: Iterable[str | None] = ASKED_ROLES if whole or where == OWN else _ROLES_EVERYWHERE
            yield from (Asker(login=login, role=role, where=where) for role in roles)
    for login in {APP, AUDIT_READER, BACKUP, MIGRATE} - set(logins):
        for where in (OWN, "nothing left"):
            yield Asker(login=login, role="SYSTEM", where=where)


def may(login: str, relation: Relation, right: str, column: str | None = None) -> bool:
    """Return whether a database role was given a right at all. column None: on any column."""
    match login:
        case _ if login in {OWNER, MIGRATE}:
            return True
        case _ if login == BACKUP:
            return right == "SELECT"
        case _ if relation.is_partition:
            return False
        case _ if login == AUDIT_READER:
            return right in _AUDITORS.get(relation.name, set())
        case _:
            return _app_may(relation.table, right, column)


def _app_may(table: Table, right: str, column: str | None) -> bool:
    if right == SEARCH or right in rights_of_app(table).split(", "):
        return True
    kind = table.info.get("kind")
    changes = _CHANGES_TO_FACTS if kind in KINDS and kind.append_only else set[str]()
    changes = _CHANGES_TO_WHAT_IS_WRITTEN_ONCE.get(table.name, changes)
    return right == "UPDATE" and (bool(changes) if column is None else column in changes)


def sees(guard: Guard, asker: Asker, row: Row) -> bool:
    """Return whether asker should see row."""
    if asker.login == BACKUP:
        return True
    if asker.district is None or row.district != asker.district:
        return False
    match guard.visible:
        case Visible.SCHOOL if row.school not in asker.schools:
            return False
        case Visible.MAYBE_SCHOOL if row.school is not None and row.school not in asker.schools:
            return False
        case _:
            pass
    if guard.readers is not None and asker.role not in guard.readers:
        return False
    return asker.role in _CONFIDENTIAL_READERS or _is_open(guard, asker, row)


def _is_open(guard: Guard, asker: Asker, row: Row) -> bool:
    """Return whether who sees nothing confidential sees row."""
    if guard.confidential_with is not None and row.above is not None:
        return sees(guard_of(METADATA.tables[guard.confidential_with.table]), asker, row.above)
    return not (guard.confidential and row.confidential)


def writes(guard: Guard, asker: Asker, row: Row) -> bool:
    """Return whether asker should be able to add, lock, change or delete row. What is for all asks for no role."""
    return sees(guard, asker, row) and (asker.role in guard.writers or set(guard.writers) == ROLES)
