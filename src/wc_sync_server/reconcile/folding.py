"""Changes of declared records, folded into the records as they are held: rows, conflicts with both sides, shelves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from wc_contract.merge.fold import Effect, RecordKey, fold_entry
from wc_contract.merge.sides import Merged, Result, Sides, same
from wc_contract.model.apply import WireValue, compact
from wc_contract.model.changes import (
    AccessRecorded,
    CaseAnswered,
    Change,
    DoseLogged,
    Entry,
    IncidentSigned,
    RecordAdded,
    RecordChanged,
)
from wc_contract.model.ids import CaseId, DoseId, EntryId, SchoolId, case_side_id, entry_case_id, record_case_id
from wc_contract.model.instants import instant_from_text, instant_to_text
from wc_contract.model.kinds import (
    BY_NAME,
    DOSE,
    INCIDENT,
    INVENTORY_ITEM,
    KINDS,
    MEDICATION_CONTAINER,
    REVIEW_CASE,
    VITAL_SIGN,
    RecordKind,
)
from wc_contract.model.office_values import LedgerEvent
from wc_contract.model.quantity import decimal_from_text, plain
from wc_contract.rules.findings import Code
from wc_contract.rules.stock import LedgerLine, balance_of, running
from wc_sync_server.reconcile.cases import CaseWanted, first_student
from wc_sync_server.reconcile.judge import LeftOut, Taken
from wc_sync_server.reconcile.touched import Movement, TouchedFacts, container_of, item_of

Row = Mapping[str, WireValue]
_FACTS = frozenset({DOSE.name, INCIDENT.name})
# Whoever sees a school's cases need not see these.
_HIDDEN = {VITAL_SIGN.name, *(kind.name for kind in KINDS if any(one.name == "is_confidential" for one in kind.fields))}


@dataclass(slots=True, kw_only=True)
class Folded:
    """What a batch makes of declared records. rows holds each record once, as the batch leaves it."""

    rows: dict[RecordKey, tuple[SchoolId, Row]] = field(default_factory=dict, repr=False)
    sides: list[tuple[SchoolId, Row]] = field(default_factory=list, repr=False)
    effects: list[tuple[Taken, Effect]] = field(default_factory=list, repr=False)
    cases: list[CaseWanted] = field(default_factory=list)
    derived: list[RecordKey] = field(default_factory=list)
    reopened: dict[UUID, EntryId] = field(default_factory=dict)
    cases_of: dict[EntryId, list[CaseId]] = field(default_factory=dict)
    codes_of: dict[EntryId, set[str]] = field(default_factory=dict)
    combined: set[EntryId] = field(default_factory=set)


def fold(taken: Iterable[Taken], facts: TouchedFacts) -> Folded:
    """Return what entries that change declared records make of them, in order."""
    folding = _Folding(facts)
    for one in taken:
        folding.take(one)
    return folding.result


class _Folding:
    def __init__(self, facts: TouchedFacts) -> None:
        self._held: dict[RecordKey, Row] = {key: held.row for key, held in facts.records.items()}
        self._places: dict[RecordKey, SchoolId] = {key: held.school for key, held in facts.records.items()}
        self._ledger = list(facts.ledger)
        self.result = Folded()

    def take(self, taken: Taken) -> None:
        for effect in fold_entry(taken.entry, self._held):
            if effect.key[0] not in _FACTS:
                self._keep(taken, effect)
        self._move(taken)
        if taken.left_out:
            self._leave_out(taken)

    def _move(self, taken: Taken) -> None:
        """Move stock, and open the cases of shelves and containers that are below nothing once the entry is in.

        Each entry is weighed by itself: how a workstation cuts its entries into batches changes no case.
        """
        shelves: dict[UUID, list[UUID]] = {}
        containers: dict[UUID, list[UUID]] = {}
        for change in taken.entry.changes:
            if not isinstance(change, RecordAdded):
                continue
            item, container = item_of(change), container_of(change)
            if item is not None:
                self._take_from_shelf(item, change)
                shelves.setdefault(item, []).append(change.id)
            if container is not None:
                self._ledger.append(_movement(change, container))
                containers.setdefault(container, []).append(change.id)
        for item, moved in shelves.items():
            if decimal_from_text(str(self._held[INVENTORY_ITEM.name, str(item)]["quantity"])) < 0:
                self._below_zero(taken, INVENTORY_ITEM, item, moved)
        for container, lines in containers.items():
            self._weigh(taken, container, lines)

    def _weigh(self, taken: Taken, container: UUID, lines: Sequence[UUID]) -> None:
        """Open the cases of a container that is below nothing (C6), or was counted otherwise than it is on record (C4).

        A count takes nothing out: it brings no container below nothing.
        """
        bottle = self._held.get((MEDICATION_CONTAINER.name, str(container)))
        controlled = bottle is not None and bool(bottle["is_controlled"])
        ledger = [_line(line) for line in self._ledger if line.container == container]
        standing = running(ledger, controlled=controlled)
        came = [one for one in standing if one.line.id in lines]
        moved = [one.line.id for one in came if one.line.event is not LedgerEvent.COUNTED]
        if standing[-1].balance < 0 and (moved or not controlled):
            self._below_zero(taken, MEDICATION_CONTAINER, container, lines)
        differing = [one.line.id for one in came if controlled and one.difference]
        if differing:
            self._open_about(taken, Code.COUNT_DIFFERS, MEDICATION_CONTAINER, container, differing)

    def _keep(self, taken: Taken, effect: Effect) -> None:
        result, key = self.result, effect.key
        result.effects.append((taken, effect))
        place = self._places.setdefault(key, taken.places[UUID(key[1])])
        if effect.write is not None:
            before = self._held.get(key)
            version = None if before is None else before.get("row_version")
            self._held[key] = {**effect.write.values, "row_version": version}
            result.rows[key] = place, effect.write.values
        merged = effect.merged
        if merged is None:
            return
        if merged.result is Result.COMBINED:
            result.combined.add(taken.entry.id)
        if merged.code is not None:
            result.codes_of.setdefault(taken.entry.id, set()).add(merged.code)
        if merged.result is Result.CONFLICT:
            self._conflict(taken, key, merged, place)

    def _conflict(self, taken: Taken, key: RecordKey, merged: Merged, place: SchoolId) -> None:
        kind, record, code = BY_NAME[key[0]], UUID(key[1]), str(merged.code)
        if kind is REVIEW_CASE:
            # The case itself is open again, with both answers beside it.
            case = CaseId(record)
            self.result.reopened[case] = taken.entry.id
        else:
            case = record_case_id(code, kind.name, record)
            wanted = CaseWanted(
                id=case,
                kind=code,
                school=place,
                student=_uuid(merged.values.get("student_id")),
                medication=_uuid(merged.values.get("medication_id")),
                slot=None,
                subjects=(record, taken.entry.id),
            )
            self.result.cases.append(wanted)
        self._open_of(taken, case)
        for number, sides in enumerate(merged.sides):
            self.result.sides += [
                (place, row) for row in _both(case, key, number, sides, kind, merged.values, taken.entry)
            ]

    def _take_from_shelf(self, item: UUID, added: RecordAdded) -> None:
        key = INVENTORY_ITEM.name, str(item)
        held = self._held[key]
        left = decimal_from_text(str(held["quantity"])) + decimal_from_text(str(added.values["quantity"]))
        values = {name: held[name] for name in INVENTORY_ITEM.columns if name != "row_version"}
        self._held[key] = {**held, "quantity": plain(left)}
        self.result.rows[key] = self._places[key], {**values, "quantity": plain(left)}
        self.result.derived.append(key)

    def _below_zero(self, taken: Taken, kind: RecordKind, shelf: UUID, moved: Sequence[UUID]) -> None:
        self._open_about(taken, Code.STOCK_NEGATIVE, kind, shelf, moved)

    def _open_about(self, taken: Taken, code: Code, kind: RecordKind, shelf: UUID, moved: Sequence[UUID]) -> None:
        case = record_case_id(code.value, kind.name, shelf)
        wanted = CaseWanted(
            id=case,
            kind=code.value,
            school=taken.places[moved[0]],
            student=None,
            medication=None,
            slot=None,
            subjects=(shelf, *moved),
        )
        self.result.cases.append(wanted)
        self._open_of(taken, case)
        self.result.codes_of.setdefault(taken.entry.id, set()).add(code.value)

    def _leave_out(self, taken: Taken) -> None:
        """Open the case of what an entry was taken without, and keep each change beside it as a side."""
        case = entry_case_id(taken.entry.id, Code.LEFT_OUT.value)
        record, place = next(iter(taken.places.items()))
        wanted = CaseWanted(
            id=case,
            kind=Code.LEFT_OUT.value,
            school=place,
            student=first_student(taken.entry),
            medication=None,
            slot=None,
            subjects=tuple(taken.places),
        )
        self.result.cases.append(wanted)
        self._open_of(taken, case)
        self.result.codes_of.setdefault(taken.entry.id, set()).add(Code.LEFT_OUT.value)
        for number, left in enumerate(taken.left_out):
            self.result.sides.append((place, _left(case, number, left, taken.entry, record)))

    def _open_of(self, taken: Taken, case: CaseId) -> None:
        opened = self.result.cases_of.setdefault(taken.entry.id, [])
        if case not in opened:
            opened.append(case)


def balance(lines: Iterable[Movement]) -> Decimal:
    """Return what a container of a medicine that is not controlled holds: the last count, and what moved since."""
    return balance_of((_line(line) for line in lines), controlled=False)


def _line(line: Movement) -> LedgerLine:
    return LedgerLine(
        id=line.id,
        event=LedgerEvent(line.event),
        quantity=decimal_from_text(line.quantity),
        occurred_at=instant_from_text(line.occurred_at),
        log=None if line.log is None else DoseId(UUID(line.log)),
    )


def _movement(added: RecordAdded, container: UUID) -> Movement:
    values = added.values
    return Movement(
        id=added.id,
        container=container,
        event=str(values["event"]),
        quantity=str(values["quantity"]),
        occurred_at=str(values["occurred_at"]),
        log=None if values.get("log_id") is None else str(values["log_id"]),
    )


def _both(
    case: CaseId, key: RecordKey, number: int, sides: Sides, kind: RecordKind, now: Row, entry: Entry
) -> Iterator[Row]:
    stands = all(same(kind.field(name), now[name], value) for name, value in sides.held.items())
    yield _side(case, key, sides.held, entry_id=None, stands=stands, id_=case_side_id(case, entry.id, number, "held"))
    sent = _side(
        case,
        key,
        sides.sent,
        entry_id=entry.id,
        stands=sides.sent_stands,
        id_=case_side_id(case, entry.id, number, "sent"),
    )
    yield {**sent, **_author(entry)}


def _left(case: CaseId, number: int, left: LeftOut, entry: Entry, record: UUID) -> Row:
    kind, id_, values = _said(left.change, record)
    row = _side(
        case,
        (kind, str(id_)),
        values,
        entry_id=entry.id,
        stands=False,
        id_=case_side_id(case, entry.id, number, "left"),
    )
    return {**row, **_author(entry)}


def _said(change: Change, record: UUID) -> tuple[str, UUID, Row]:
    """Return what a change that was left out says, by kind and id; what is confidential stays in the entry alone."""
    match change:
        case RecordAdded() | RecordChanged():
            return change.kind, change.id, {} if change.kind in _HIDDEN else change.values
        case CaseAnswered():
            return (
                REVIEW_CASE.name,
                change.case_id,
                {"resolution": change.resolution.value, "note": change.note or None},
            )
        case DoseLogged():
            return DOSE.name, change.id, {"status": change.status.value, "amends_id": str(change.amends_id)}
        case IncidentSigned() | AccessRecorded():
            return INCIDENT.name, record, {}
        case _:
            assert_never(change)


def _side(case: CaseId, key: RecordKey, values: Row, *, entry_id: EntryId | None, stands: bool, id_: UUID) -> Row:
    return {
        "id": str(id_),
        "case_id": str(case),
        "record_kind": key[0],
        "record_id": key[1],
        "values": compact(dict(values)),
        "stands": stands,
        "entry_id": None if entry_id is None else str(entry_id),
        "author_user_id": None,
        "authored_at": None,
    }


def _author(entry: Entry) -> Row:
    return {"author_user_id": str(entry.author_id), "authored_at": instant_to_text(entry.authored_at)}


def _uuid(value: WireValue) -> UUID | None:
    return UUID(value) if isinstance(value, str) else None
