"""The district's history told again: what its records, cases and sides must come to, by the policies of sync.md.

Nothing of wc_contract.merge is used here: the policies are written down a second time, as plainly as they can be.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeAlias

from tests.simulation.memory import Store, TakenIn, Written

from wc_contract.model.apply import apply_entry
from wc_contract.model.changes import CaseAnswered, Change, DoseLogged, Entry, RecordAdded, RecordChanged
from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import (
    BY_NAME,
    DOSE,
    INCIDENT,
    INVENTORY_ITEM,
    INVENTORY_TRANSACTION,
    ORDER,
    REVIEW_CASE,
    MergePolicy,
    RecordKind,
)
from wc_contract.model.kinds.fields import FieldType
from wc_contract.wire.entries import entry_from_body

Key: TypeAlias = tuple[str, str]
Values: TypeAlias = dict[str, Any]
Side: TypeAlias = tuple[Key, str | None, str, bool]  # of which record, by which entry, what it says, whether it stands
_LEFT_OUT = "left_out"
_ENDING = frozenset({"status", "stop_effective_at", "end_date"})
_FACTS = frozenset({DOSE.name, INCIDENT.name})


@dataclass(slots=True)
class Case:
    """What the answers to a case come to."""

    status: str = "OPEN"
    resolution: str | None = None
    by: str | None = None
    at: Any = None
    note: str | None = None
    subjects: frozenset[str] = frozenset()


@dataclass(slots=True)
class Retold:
    """What a history comes to. records hold neither doses nor reports, whose rows are the entries' own.

    wanted has the subjects of each case that a change or a movement opens, by its code and record; opened the entries
    that came into one. removed are records that the office ever took away. doubled are the slots that were a double
    dose at the end of any transaction.
    """

    records: dict[Key, Values] = field(default_factory=dict)
    sides: Counter[Side] = field(default_factory=Counter)
    wanted: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    answered: dict[str, Case] = field(default_factory=dict)
    reopened: set[tuple[str, str]] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)


def entries_of(store: Store) -> Mapping[Any, Entry]:
    """Return the entries that had an effect, by id, with the changes that were taken."""
    found: dict[Any, Entry] = {}
    for step in store.history:
        for one in step.entries if isinstance(step, TakenIn) else ():
            found[one] = _as_taken(store, entry_from_body(store.receipts[one].body), store.answer_to(one).findings)
    return found


def _as_taken(store: Store, entry: Entry, findings: tuple[str, ...]) -> Entry:
    """Return an entry without what it was taken without: a fact stands, though what it amends was nowhere."""
    if _LEFT_OUT not in findings:
        return entry
    doses = store.rows[DOSE.name]

    def taken(change: Change) -> Change:
        if not isinstance(change, DoseLogged) or doses[str(change.id)].values["amends_id"] is not None:
            return change
        return replace(change, amends_id=None, amend_reason=None)

    return replace(entry, changes=tuple(map(taken, entry.changes)))


def retold(store: Store, entries: Mapping[Any, Entry]) -> Retold:
    """Return what the history of a store comes to."""
    telling = _Telling(store, entries)
    for step in store.history:
        if isinstance(step, Written):
            telling.write(step)
        else:
            telling.take(step)
    return telling.result


class _Telling:
    def __init__(self, store: Store, entries: Mapping[Any, Entry]) -> None:
        self._store = store
        self._entries = entries
        self.result = Retold()

    def write(self, step: Written) -> None:
        key = step.kind, step.id
        if step.values is None:
            self.result.records.pop(key, None)
            self.result.removed.add(step.id)
        else:
            self.result.records[key] = meant(BY_NAME[step.kind], step.values)

    def take(self, step: TakenIn) -> None:
        for one in step.entries:
            entry = self._entries[one]
            self._add(entry)
            for change in entry.changes:
                if isinstance(change, RecordChanged):
                    self._change(entry, change)
                elif isinstance(change, CaseAnswered):
                    self._answer(entry, change)
            self._leave_out(entry)
        for grown, subjects in step.grown.items():
            case = self.result.answered.setdefault(grown, Case())
            case.status, case.resolution, case.by, case.at, case.subjects = "OPEN", None, None, None, subjects

    def _add(self, entry: Entry) -> None:
        moved: dict[Key, set[str]] = {}
        for write in apply_entry(entry):
            if write.kind.name in _FACTS:
                continue
            said = meant(write.kind, write.values)
            self.result.records[write.kind.name, write.id] = said
            if write.kind is INVENTORY_TRANSACTION:
                shelf = INVENTORY_ITEM.name, str(said["item_id"])
                before = self.result.records[shelf]
                self.result.records[shelf] = before | {"quantity": before["quantity"] + said["quantity"]}
                moved.setdefault(shelf, set()).add(write.id)
        # Weighed entry by entry: how they were cut into batches says nothing about the shelf.
        for key, movements in moved.items():
            if self.result.records[key]["quantity"] < 0:
                self._want("stock_negative", key[1], *movements)

    def _leave_out(self, entry: Entry) -> None:
        receipt = self._store.answer_to(entry.id)
        if _LEFT_OUT not in receipt.findings:
            return
        doses = [change for change in entry.changes if isinstance(change, DoseLogged)]
        self._want(_LEFT_OUT, *(str(dose.id) for dose in doses))
        self.result.opened.add(str(entry.id))
        whole = entry_from_body(self._store.receipts[entry.id].body)
        for said, taken in zip(whole.changes, entry.changes, strict=True):
            if isinstance(said, DoseLogged) and said != taken:
                values = {"status": said.status.value, "amends_id": str(said.amends_id)}
                self._side((DOSE.name, str(said.id)), values, entry=str(entry.id), stands=False)

    def _change(self, entry: Entry, change: RecordChanged) -> None:
        kind, key = BY_NAME[change.kind], (change.kind, str(change.id))
        now = self.result.records[key]
        base, wanted = meant(kind, change.base), meant(kind, change.values)
        conflicts: list[tuple[Values, Values]] = []
        if kind.merge is MergePolicy.BASE_MUST_MATCH:
            after, code = self._on_base(kind, now, base, wanted, conflicts), "base_changed"
        else:
            after, code = self._by_groups(kind, now, base, wanted, conflicts), "field_conflict"
        self.result.records[key] = after
        for held, sent in conflicts:
            self._side(key, held, entry=None, stands=held.items() <= after.items())
            self._side(key, sent, entry=str(entry.id), stands=sent.items() <= after.items() and code != "base_changed")
            self._want(code, key[1], str(entry.id))
            self.result.opened.add(str(entry.id))

    @staticmethod
    def _on_base(
        kind: RecordKind, now: Values, base: Values, wanted: Values, conflicts: list[tuple[Values, Values]]
    ) -> Values:
        """The base must match; whoever stops an order is right to."""
        if wanted.items() <= now.items():
            return now
        if base.items() <= now.items():
            return now | wanted
        stops = kind is ORDER and wanted.get("status") == "DISCONTINUED"
        ending = {name: value for name, value in wanted.items() if stops and name in _ENDING}
        rest = {name: value for name, value in wanted.items() if name not in ending}
        if stops:
            rest = {name: value for name, value in rest.items() if now[name] != value}
        if rest:
            conflicts.append(({name: now[name] for name in rest}, rest))
        return now | ending

    @staticmethod
    def _by_groups(
        kind: RecordKind, now: Values, base: Values, wanted: Values, conflicts: list[tuple[Values, Values]]
    ) -> Values:
        """Three ways, by group of fields; the later receipt stands, or the more cautious value."""
        after = dict(now)
        for group in {kind.group_of(name) for name in wanted}:
            seen = {name: base[name] for name in group}
            sent = {name: wanted.get(name, base[name]) for name in group}
            held = {name: now[name] for name in group}
            if held not in (sent, seen):
                conflicts.append((held, sent))
                for name in group:
                    order = kind.cautious.get(name)
                    after[name] = sent[name] if order is None else max(held[name], sent[name], key=order.index)
            elif held == seen:
                after |= sent
        return after

    def _answer(self, entry: Entry, answer: CaseAnswered) -> None:
        id_ = str(answer.case_id)
        case = self.result.answered.setdefault(id_, Case())
        if case.status == "RESOLVED":
            if case.resolution != answer.resolution.value:
                key = REVIEW_CASE.name, id_
                first = {
                    "resolution": case.resolution,
                    "resolved_by": case.by,
                    "resolved_at": case.at,
                    "note": case.note,
                }
                self._side(key, first, entry=None, stands=False)
                second = {"resolution": answer.resolution.value, "note": answer.note or None}
                self._side(key, second, entry=str(entry.id), stands=False)
                self.result.answered[id_] = Case(subjects=case.subjects)
                self.result.reopened.add((id_, str(entry.id)))
                self.result.opened.add(str(entry.id))
        elif case.subjects <= {str(subject) for subject in answer.subject_ids}:
            case.status, case.resolution = "RESOLVED", answer.resolution.value
            case.by, case.at, case.note = str(entry.author_id), entry.authored_at, answer.note or case.note

    def _want(self, code: str, record: str, *subjects: str) -> None:
        self.result.wanted.setdefault((code, record), set()).update({record, *subjects})

    def _side(self, key: Key, values: Mapping[str, Any], *, entry: str | None, stands: bool) -> None:
        self.result.sides[key, entry, spelled(values), stands] += 1


def meant(kind: RecordKind, values: Mapping[str, Any]) -> Values:
    """Return what fields mean, however they are spelled: SQLite keeps a boolean as a number."""
    return {name: _meant(kind, name, value) for name, value in values.items() if name not in {"id", "row_version"}}


def _meant(kind: RecordKind, name: str, value: Any) -> Any:
    if value is None or name not in {one.name for one in kind.fields}:
        return value
    match kind.field(name).type:
        case FieldType.BOOLEAN:
            return bool(value)
        case FieldType.DECIMAL:
            return Decimal(value)
        case FieldType.INSTANT:
            return instant_from_text(value)
        case FieldType.JSON:
            return json.loads(value)
        case _:
            return value


def spelled(values: Mapping[str, Any]) -> str:
    """Return values as one text, to be compared."""
    return repr(sorted(values.items()))


def sides_of(store: Store) -> Iterator[tuple[Side, str]]:
    """Yield the sides that are kept, each with its case."""
    for row in store.rows["case_side"].values():
        values = row.values
        kind = BY_NAME[values["record_kind"]]
        said = meant(kind, json.loads(values["values"]))
        key = kind.name, values["record_id"]
        yield (key, values["entry_id"], spelled(said), bool(values["stands"])), values["case_id"]


def added(entry: Entry) -> Iterator[RecordAdded]:
    """Yield the records that an entry adds."""
    return (change for change in entry.changes if isinstance(change, RecordAdded))
