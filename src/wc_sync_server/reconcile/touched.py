"""What changes of declared records touch: which of it to load, and what is known of it. Most batches have none."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from wc_contract.merge.fold import RecordKey, records_needed
from wc_contract.model.changes import (
    AccessRecorded,
    CaseAnswered,
    DoseLogged,
    Entry,
    IncidentSigned,
    RecordAdded,
    is_fact,
)
from wc_contract.model.ids import CaseId, EntryId, SchoolId, StudentId, UserId, record_case_id
from wc_contract.model.kinds import (
    BY_NAME,
    INVENTORY_ITEM,
    INVENTORY_TRANSACTION,
    LEDGER_ENTRY,
    MEDICATION_CONTAINER,
    ORDER,
    ORDER_VERSION,
    RecordKind,
    WireValue,
)
from wc_contract.rules.findings import Code

# Doses of so many days are judged again when their order changes: older ones were looked at by people long ago.
JUDGED_AGAIN = 400

WireRow = Mapping[str, Any]  # one record in wire form
Named = tuple[str, UUID]  # a record by its table and id

_CONFLICTS = (Code.FIELD_CONFLICT.value, Code.BASE_CHANGED.value)
_PLAIN = (DoseLogged, IncidentSigned, AccessRecorded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A record in wire form and the school that has it."""

    school: SchoolId
    row: WireRow = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What to load. records are wanted whole, named only as far as they exist, and where.

    orders are those that may change, or get a version: doses given under them are judged again.
    """

    records: frozenset[RecordKey] = frozenset()
    named: frozenset[Named] = frozenset()
    cases: frozenset[CaseId] = frozenset()
    answered: frozenset[CaseId] = frozenset()
    containers: frozenset[UUID] = frozenset()
    depends: frozenset[EntryId] = frozenset()
    orders: frozenset[UUID] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.records or self.named or self.depends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A line of a container's ledger, as far as its balance needs it. log: the dose that it is about."""

    id: UUID
    container: UUID
    event: str
    quantity: str
    occurred_at: str
    log: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerable:
    """A dose that an answered case is about: who wrote it, and whether another amends it already."""

    author: UserId
    amended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedFacts:
    """What is known of it.

    gone: records that were deleted. left: records that once were at the device's school. settled: entries that had
    their effect, or were said again by one that had.
    """

    records: Mapping[RecordKey, Held] = field(default_factory=dict, repr=False)
    gone: frozenset[RecordKey] = frozenset()
    named: Mapping[Named, SchoolId | None] = field(default_factory=dict)
    left: frozenset[UUID] = frozenset()
    cases: Mapping[UUID, Held] = field(default_factory=dict, repr=False)
    subjects: Mapping[UUID, Answerable] = field(default_factory=dict)
    ledger: tuple[Movement, ...] = field(default=(), repr=False)
    settled: frozenset[EntryId] = frozenset()
    given: tuple[Held, ...] = field(default=(), repr=False)


def is_plain(entry: Entry) -> bool:
    """Whether an entry has only doses, signed reports and looks."""
    return all(isinstance(change, _PLAIN) for change in entry.changes)


def carries_a_fact(entry: Entry) -> bool:
    """Whether an entry reports something that happened and is never refused for what else it says (law 1).

    A void alone is none: it says something of another entry.
    """
    return any(is_fact(change) for change in entry.changes)


def touched_by(entries: Iterable[Entry]) -> Touched:
    """Return what the changes of declared records in entries touch."""
    found = [entry for entry in entries if entry.depends_on or not is_plain(entry)]
    if not found:
        return Touched()
    records = {key for entry in found for key in _records(entry)}
    answered = {c.case_id for entry in found for c in entry.changes if isinstance(c, CaseAnswered)}
    added = [change for entry in found for change in entry.changes if isinstance(change, RecordAdded)]
    return Touched(
        records=frozenset(records),
        named=frozenset(name for entry in found for change in entry.changes for name in references_of(change)),
        cases=frozenset(case for entry in found for case in _cases(entry)),
        answered=frozenset(answered),
        containers=frozenset(c for change in added if (c := container_of(change)) is not None),
        orders=frozenset(UUID(id_) for kind, id_ in records if kind == ORDER.name)
        | frozenset(order for change in added if (order := _named_by(change, ORDER_VERSION.name, "order_id"))),
        depends=frozenset(one for entry in found for one in entry.depends_on),
    )


def students_of(entry: Entry) -> Iterator[StudentId]:
    """Yield the students that changes of declared records name."""
    for change in entry.changes:
        for values in _values(change):
            student = values.get("student_id")
            if isinstance(student, str):
                yield StudentId(UUID(student))


def references_of(change: object) -> Iterator[Named]:
    """Yield the records that a change of a declared record names, as its fields are declared."""
    kind = getattr(change, "kind", None)
    if kind is None or isinstance(change, _PLAIN):
        return
    for values in list(_values(change))[:1]:
        for name, table, id_ in references(BY_NAME[kind], values):
            if name != "student_id":
                yield table, id_


def references(kind: RecordKind, values: Mapping[str, WireValue]) -> Iterator[tuple[str, str, UUID]]:
    """Yield field, table and id of each record that values name."""
    for one in kind.fields:
        value = values.get(one.name)
        if one.references is not None and isinstance(value, str):
            yield one.name, one.references, UUID(value)


def item_of(change: RecordAdded) -> UUID | None:
    """Return the shelf's item that a movement changes."""
    return _named_by(change, INVENTORY_TRANSACTION.name, "item_id")


def container_of(change: RecordAdded) -> UUID | None:
    """Return the container that a line of the ledger is about."""
    return _named_by(change, LEDGER_ENTRY.name, "container_id")


def _named_by(change: RecordAdded, kind: str, name: str) -> UUID | None:
    value = change.values.get(name) if change.kind == kind else None
    return UUID(value) if isinstance(value, str) else None


def _records(entry: Entry) -> Iterator[RecordKey]:
    yield from records_needed(entry)
    for change in entry.changes:
        if isinstance(change, RecordAdded):
            yield change.kind, str(change.id)
            item, container = item_of(change), container_of(change)
            if item is not None:
                yield INVENTORY_ITEM.name, str(item)
            if container is not None:
                yield MEDICATION_CONTAINER.name, str(container)


def _cases(entry: Entry) -> Iterator[CaseId]:
    for kind, record in records_needed(entry):
        for code in _CONFLICTS:
            yield record_case_id(code, kind, UUID(record))
    for change in entry.changes:
        if isinstance(change, CaseAnswered):
            yield change.case_id
        elif isinstance(change, RecordAdded):
            for of, shelf in ((INVENTORY_ITEM, item_of(change)), (MEDICATION_CONTAINER, container_of(change))):
                if shelf is not None:
                    yield record_case_id(Code.STOCK_NEGATIVE.value, of.name, shelf)
                    yield record_case_id(Code.COUNT_DIFFERS.value, of.name, shelf)


def _values(change: object) -> Iterator[Mapping[str, WireValue]]:
    for name in ("values", "base"):
        values = getattr(change, name, None)
        if isinstance(values, Mapping):
            yield values
