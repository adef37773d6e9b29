"""Adding a record and changing one, of any kind that a workstation writes. What fits, its declaration says."""

from collections.abc import Mapping
from uuid import UUID

from wc_contract.merge.sides import same
from wc_contract.model.apply import WireValue
from wc_contract.model.authoring import flaws_of_addition, flaws_of_change
from wc_contract.model.changes import Entry, RecordAdded, RecordChanged
from wc_contract.model.ids import EntryId, new_uuid
from wc_contract.model.instants import whole_millis
from wc_contract.model.kinds import MergePolicy, RecordKind
from wc_contract.wire.codes import Outcome
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.failures import FieldsWrong, NotFound, SendAgainFirst
from wc_desktop.ports import Row


def add_record(desk: Desk, kind: RecordKind, values: Mapping[str, WireValue]) -> UUID:
    """Write a new record; it is durable and in view when this returns. values: what the author says, in wire form.

    Raises FieldsWrong, DiskFull, DiskFailed; then nothing was written.
    """
    flaws = flaws_of_addition(kind.name, values)
    if flaws:
        raise FieldsWrong(flaws)
    at = whole_millis(desk.clock.now())
    added = RecordAdded(kind=kind.name, id=new_uuid(at, desk.chance), values=dict(values))
    desk.author((added,), at)
    return added.id


def change_record(desk: Desk, kind: RecordKind, record_id: UUID, values: Mapping[str, WireValue]) -> Entry | None:
    """Write what changes of a record; None, and nothing written, when it says all of that already.

    Raises NotFound, FieldsWrong, SendAgainFirst, DiskFull, DiskFailed.
    """
    change = changed(found(desk, kind, record_id), kind, values)
    if change is None:
        return None
    return desk.author((change,), whole_millis(desk.clock.now()), depends_on=builds_on(desk, kind, record_id))


def found(desk: Desk, kind: RecordKind, record_id: UUID) -> Row:
    """Return a record as it is shown. Raises NotFound."""
    row = desk.records.find(kind, str(record_id))
    if row is None:
        raise NotFound(str(record_id))
    return row


def changed(row: Row, kind: RecordKind, values: Mapping[str, WireValue]) -> RecordChanged | None:
    """Return the change from what a row says to values, None when there is none. Raises FieldsWrong.

    It names whole groups of fields: what only makes sense together is compared together when two hands wrote.
    """
    unknown = tuple(sorted(values.keys() - set(kind.columns)))
    if unknown:
        raise FieldsWrong(unknown)
    moved = [name for name, value in values.items() if not same(kind.field(name), row[name], value)]
    if not moved:
        return None
    whole = kind.merge is MergePolicy.BASE_MUST_MATCH
    named = moved if whole else [one.name for one in kind.fields if set(kind.group_of(one.name)) & set(moved)]
    change = RecordChanged(
        kind=kind.name,
        id=UUID(str(row["id"])),
        base_version=int(str(row["row_version"])),
        base={one.name: row[one.name] for one in kind.fields if whole or one.name in named},
        values={name: values.get(name, row[name]) for name in named},
    )
    flaws = flaws_of_change(change.kind, change.base, change.values)
    if flaws:
        raise FieldsWrong(flaws)
    return change


def builds_on(desk: Desk, kind: RecordKind, record_id: UUID) -> tuple[EntryId, ...]:
    """Return the own entry that a record's present state is owed to, when the district's replica lacks it.

    Raises SendAgainFirst when the district refused that entry: what depends on it would wait for ever.
    """
    entry = desk.records.own_entry(kind, str(record_id))
    if entry is None:
        return ()
    if desk.journal.outcome_of(entry) == Outcome.REFUSED.value:
        raise SendAgainFirst(str(record_id))
    return (entry,)
