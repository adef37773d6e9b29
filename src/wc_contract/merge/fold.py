"""The fold: what an entry makes of the records that are held. Device and server run this same code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from wc_contract.merge.answers import answer_case
from wc_contract.merge.policies import merge_change
from wc_contract.merge.sides import Merged, Result
from wc_contract.model.apply import RowWrite, apply_entry
from wc_contract.model.changes import CaseAnswered, Entry, RecordChanged
from wc_contract.model.kinds import BY_NAME, REVIEW_CASE, WireValue

RecordKey: TypeAlias = tuple[str, str]  # kind and id
HeldRows: TypeAlias = Mapping[RecordKey, Mapping[str, WireValue]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One record that an entry touches. write is None when the record stays as it is; merged tells of a change."""

    key: RecordKey
    write: RowWrite | None = field(repr=False)
    merged: Merged | None = None


def records_needed(entry: Entry) -> Iterator[RecordKey]:
    """Yield the records that must be held before an entry can be folded in."""
    for change in entry.changes:
        if isinstance(change, RecordChanged):
            yield change.kind, str(change.id)
        elif isinstance(change, CaseAnswered):
            yield REVIEW_CASE.name, str(change.case_id)


def fold_entry(entry: Entry, held: HeldRows, flags: Mapping[str, tuple[str, ...]] | None = None) -> Iterator[Effect]:
    """Yield what an entry does to each record, in the order of its changes; an earlier change counts for a later one.

    held gives the records that exist, by kind and id, in wire form; a change of a record that is not there does
    nothing and yields nothing. flags as for apply_entry.
    """
    written: dict[RecordKey, Mapping[str, WireValue]] = {}
    for write in apply_entry(entry, flags):
        written[write.kind.name, write.id] = write.values
        yield Effect(key=(write.kind.name, write.id), write=write)
    for change in entry.changes:
        if isinstance(change, RecordChanged):
            key = change.kind, str(change.id)
            now = written.get(key, held.get(key))
            merged = None if now is None else merge_change(now, change)
        elif isinstance(change, CaseAnswered):
            key = REVIEW_CASE.name, str(change.case_id)
            now = written.get(key, held.get(key))
            merged = None if now is None else answer_case(now, change, entry)
        else:
            continue
        if merged is not None:
            written[key] = merged.values
            yield Effect(key=key, write=_write(key, merged), merged=merged)


def _write(key: RecordKey, merged: Merged) -> RowWrite | None:
    if merged.result is Result.NOTHING:
        return None
    return RowWrite(kind=BY_NAME[key[0]], id=key[1], values=merged.values)
