"""Entries that the district refused or lets wait: reading them, and saying a refused one again, mended.

A mended record keeps its id: should the district come to take the refused entry after all (after a restore it is sent
again), the same fact cannot stand twice. Only where the id was what it refused does the record get another one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from wc_contract.model.apply import WireValue, compact
from wc_contract.model.authoring import authored_fields, flaws_of_addition
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
from wc_contract.model.ids import DoseId, EntryId, IncidentId, new_uuid
from wc_contract.model.instants import whole_millis
from wc_contract.model.kinds import BY_NAME, INCIDENT, LEDGER_ENTRY, REVIEW_CASE
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import AccessAction
from wc_contract.rules.findings import blocking
from wc_contract.wire.changes import change_to_wire
from wc_contract.wire.codes import Outcome, Refusal
from wc_desktop.actions.checked_dose import findings_of, overrides_of
from wc_desktop.actions.corrections import unit_ordered
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.dose_stock import moved_with
from wc_desktop.actions.reading import medications, people, students_by_id
from wc_desktop.actions.records import builds_on, changed, found
from wc_desktop.domain.failures import AlreadySaid, FieldsWrong, NotFound, NotRefused
from wc_desktop.domain.incident_form import draft_fields
from wc_desktop.domain.link_views import EntryText, JournalRow, RefusedDose, RefusedRecord
from wc_desktop.domain.screens import DoseCorrection, IncidentDraft, Obstacle, StudentRow
from wc_desktop.domain.views import author_name, text
from wc_desktop.ports import JournalRecord, Row

_TAKEN = frozenset({Refusal.ALREADY_THERE.value, Refusal.ALREADY_SIGNED.value})
# As many as the record of a look may name.
_MOST_FIELDS = 100
_FIELDS = tuple(sorted({name for kind in BY_NAME.values() for name in kind.phi_fields}))


def read_entry(desk: Desk, entry_id: EntryId) -> EntryText:
    """Return what an unsettled entry says, and write that it was looked at. Raises NotFound, EntryMalformed."""
    record, entry = _unsettled(desk, entry_id)
    at = whole_millis(desk.clock.now())
    viewed = AccessRecorded(
        action=AccessAction.VIEW, entity_type="entry", entity_id=str(entry_id), at=at, fields=_named_fields(entry)
    )
    desk.author((viewed,), at)
    refused = _may_be_said_again(record)
    dose, report = _only_dose(entry), _only_report(entry)
    obstacle = _obstacle(desk, entry) if refused and dose is None and report is None else None
    editable = refused and dose is None and report is None and obstacle is None
    return EntryText(
        row=journal_rows(desk, (record,))[0],
        parts=tuple(_part(change) for change in entry.changes),
        wrong=record.fields,
        dose=_refused_dose(desk, dose) if refused and dose is not None else None,
        incident=report.id if refused and report is not None else None,
        records=tuple(_records(entry)) if editable else (),
        obstacle=obstacle,
        can_be_set_aside=refused and _says_no_fact(entry),
    )


def send_records_again(desk: Desk, entry_id: EntryId, edited: Mapping[int, Mapping[str, WireValue]]) -> Entry:
    """Write the records of a refused entry again; the refused entry is answered by it and stays readable.

    edited gives, by place in the entry, the fields that say something else now. Raises NotFound, NotRefused,
    FieldsWrong, AlreadySaid, SendAgainFirst, DiskFull, DiskFailed; then nothing was written.
    """
    record, entry = _refused(desk, entry_id)
    if _only_dose(entry) is not None or _only_report(entry) is not None or _obstacle(desk, entry) is not None:
        raise NotRefused(str(entry_id))
    at = whole_millis(desk.clock.now())
    added = [change.id for change in entry.changes if isinstance(change, RecordAdded)]
    other_ids = {str(one): new_uuid(at, desk.chance) for one in added} if record.code in _TAKEN else {}
    changes: list[Change] = []
    depends_on = list(entry.depends_on)
    for place, change in enumerate(entry.changes):
        if isinstance(change, RecordAdded):
            changes.append(_added_again(change, edited.get(place, {}), other_ids))
        elif isinstance(change, RecordChanged):
            kind = BY_NAME[change.kind]
            now = changed(found(desk, kind, change.id), kind, {**change.values, **edited.get(place, {})})
            if now is not None:
                changes.append(now)
                depends_on += builds_on(desk, kind, change.id)
    if not changes:
        raise AlreadySaid(str(entry_id))
    return desk.author(tuple(changes), at, depends_on=tuple(dict.fromkeys(depends_on)), replaces=entry_id)


def set_aside(desk: Desk, entry_id: EntryId) -> None:
    """Answer a refused entry by not saying it again: who did is on record, and it stays readable in the journal.

    What happened to a child is never set aside. Raises NotFound, NotRefused, DiskFull, DiskFailed.
    """
    _, entry = _refused(desk, entry_id)
    if not _says_no_fact(entry):
        raise NotRefused(str(entry_id))
    at = whole_millis(desk.clock.now())
    looked = AccessRecorded(action=AccessAction.VIEW, entity_type="entry", entity_id=str(entry_id), at=at)
    desk.author((looked,), at, replaces=entry_id)


def send_dose_again(desk: Desk, entry_id: EntryId, correction: DoseCorrection) -> Entry:
    """Write a refused dose again as it should be; the refused entry is answered by it and stays readable.

    Raises NotFound, NotRefused, NotAllowed, ReasonMissing, DiskFull, DiskFailed; then nothing was written.
    """
    record, entry = _refused(desk, entry_id)
    dose = _only_dose(entry)
    if dose is None:
        raise NotRefused(str(entry_id))
    at = whole_millis(desk.clock.now())
    amount = correction.quantity if correction.status.given else None
    given = whole_millis(correction.administered_at)
    mended = replace(
        dose,
        id=DoseId(new_uuid(at, desk.chance)) if record.code in _TAKEN else dose.id,
        status=correction.status,
        administered_at=given,
        local_date=given.astimezone(desk.zone).date(),
        dose_given=None if amount is None else amount.amount,
        unit=None if amount is None else amount.unit or unit_ordered(desk, dose.order_version_id),
        reason=(correction.reason or "").strip() or None,
        overrides=(),
    )
    stops = tuple(blocking(findings_of(desk, mended, at, without=(dose.id,))))
    # What the nurse went on in spite of then, with the reason given then, is not asked for again.
    kept = {override.code: override for override in dose.overrides}
    asked = [stop for stop in stops if stop.code.value not in kept or not stop.overridable]
    overrides = overrides_of(asked, correction.why)
    mended = replace(mended, overrides=(*(kept[s.code.value] for s in stops if s.code.value in kept), *overrides))
    kept_changes = tuple(mended if change is dose else change for change in entry.changes if not _moves_stock(change))
    return desk.author(
        (*kept_changes, *moved_with(desk, mended, at)), at, depends_on=entry.depends_on, replaces=entry_id
    )


def _moves_stock(change: Change) -> bool:
    """Whether a change is a line of the ledger: beside a dose it is made anew from what the dose says now."""
    return isinstance(change, RecordAdded) and change.kind == LEDGER_ENTRY.name


def edit_report(desk: Desk, entry_id: EntryId) -> IncidentId:
    """Put a refused report into the form as a draft, and return the draft's id; signing it says the entry again.

    A draft that was begun for it before is left as it is. Raises NotFound, NotRefused, DiskFull, DiskFailed.
    """
    record, entry = _refused(desk, entry_id)
    report = _only_report(entry)
    if report is None:
        raise NotRefused(str(entry_id))
    begun = next((d.id for d, _ in desk.journal.drafts() if d.fields.get("replaces") == str(entry_id)), None)
    if begun is not None:
        return begun
    at = whole_millis(desk.clock.now())
    draft = IncidentDraft(
        id=IncidentId(new_uuid(at, desk.chance)) if record.code in _TAKEN else report.id,
        student_id=report.student_id,
        fields={**draft_fields(report), "replaces": str(entry_id)},
    )
    desk.journal.save_draft(draft, author=desk.user, at=at)
    return draft.id


def still_refused(desk: Desk, entry_id: EntryId) -> bool:
    """Return whether an entry is refused and nobody has said it again."""
    return any(record.id == entry_id and _may_be_said_again(record) for record in desk.journal.unsettled())


def journal_rows(desk: Desk, records: Iterable[JournalRecord]) -> tuple[JournalRow, ...]:
    """Return entries as lists show them, each with the child it is about where that can be told."""
    records = tuple(records)
    children = {record.id: record.student_id or _child_of(desk, record) for record in records}
    shown: Mapping[str, StudentRow] = students_by_id(desk, sorted({child for child in children.values() if child}))
    staff = people(desk)
    return tuple(
        JournalRow(
            number=record.number,
            id=record.id,
            what=record.verb,
            student=shown.get(children[record.id] or ""),
            authored_at=record.authored_at,
            author=author_name(staff, str(record.author_id)),
            outcome=record.outcome,
            code=record.code,
            findings=record.findings,
            fields=record.fields,
            is_replaced=record.replaced_by is not None,
            set_aside_by=author_name(staff, _set_aside_by(desk, record)),
        )
        for record in records
    )


def _refused(desk: Desk, entry_id: EntryId) -> tuple[JournalRecord, Entry]:
    record, entry = _unsettled(desk, entry_id)
    if not _may_be_said_again(record):
        raise NotRefused(str(entry_id))
    return record, entry


def _unsettled(desk: Desk, entry_id: EntryId) -> tuple[JournalRecord, Entry]:
    record = next((record for record in desk.journal.unsettled() if record.id == entry_id), None)
    entry = None if record is None else desk.journal.entry(entry_id)
    if record is None or entry is None:
        raise NotFound(str(entry_id))
    return record, entry


def _may_be_said_again(record: JournalRecord) -> bool:
    return record.outcome == Outcome.REFUSED.value and record.replaced_by is None


def _set_aside_by(desk: Desk, record: JournalRecord) -> str:
    """Return who answered an entry by saying nothing again, '' when nobody did."""
    answer = None if record.replaced_by is None else desk.journal.entry(record.replaced_by)
    if answer is None or not all(isinstance(change, AccessRecorded) for change in answer.changes):
        return ""
    return str(answer.author_id)


def _obstacle(desk: Desk, entry: Entry) -> Obstacle | None:
    """Say why an entry cannot be said again by a form of its records."""
    for change in entry.changes:
        if isinstance(change, CaseAnswered):
            return Obstacle.CASE
        if isinstance(change, RecordChanged) and desk.records.find(BY_NAME[change.kind], str(change.id)) is None:
            return Obstacle.GONE
        if not isinstance(change, RecordAdded | RecordChanged):
            return Obstacle.OTHER
    return None


def _says_no_fact(entry: Entry) -> bool:
    """Whether an entry may be set aside: no dose in it, no report, unless it answers a case, which is open again."""
    answers = any(isinstance(change, CaseAnswered) for change in entry.changes)
    return answers or not any(isinstance(change, DoseLogged | IncidentSigned) for change in entry.changes)


def _records(entry: Entry) -> Iterable[RefusedRecord]:
    for place, change in enumerate(entry.changes):
        match change:
            case RecordAdded():
                said = {name: change.values.get(name) for name in authored_fields(change.kind)}
                yield RefusedRecord(place=place, kind=change.kind, values=said, new=True)
            case RecordChanged():
                yield RefusedRecord(place=place, kind=change.kind, values=dict(change.values), new=False)
            case _:
                continue


def _added_again(added: RecordAdded, edit: Mapping[str, WireValue], other_ids: Mapping[str, UUID]) -> RecordAdded:
    values: dict[str, WireValue] = {}
    for name, value in {**added.values, **edit}.items():
        if value is not None:
            other = other_ids.get(value) if isinstance(value, str) else None
            values[name] = value if other is None else str(other)
    flaws = flaws_of_addition(added.kind, values)
    if flaws:
        raise FieldsWrong(flaws)
    return replace(added, id=other_ids.get(str(added.id), added.id), values=values)


def _only_dose(entry: Entry) -> DoseLogged | None:
    """Return the dose that an entry is about; an answer voids doses, and is answered anew instead."""
    doses = [change for change in entry.changes if isinstance(change, DoseLogged)]
    answers = any(isinstance(change, CaseAnswered) for change in entry.changes)
    return doses[0] if len(doses) == 1 and not answers else None


def _only_report(entry: Entry) -> IncidentSigned | None:
    reports = [change for change in entry.changes if isinstance(change, IncidentSigned)]
    return reports[0] if len(reports) == len(entry.changes) == 1 else None


def _refused_dose(desk: Desk, dose: DoseLogged) -> RefusedDose:
    drug: Row | None = medications(desk).get(str(dose.medication_id))
    amount = None if dose.dose_given is None else Quantity(amount=dose.dose_given, unit=dose.unit or "")
    return RefusedDose(
        correction=DoseCorrection(
            status=dose.status,
            administered_at=dose.administered_at,
            quantity=amount,
            reason=dose.reason,
            why="",
        ),
        medication_name="" if drug is None else text(drug, "name"),
        unit=dose.unit or unit_ordered(desk, dose.order_version_id),
    )


# What an entry says, in wire form: the view model puts it into words.


def _part(change: Change) -> tuple[str, Mapping[str, WireValue]]:
    match change:
        case RecordAdded():
            return f"record.add:{change.kind}", dict(change.values)
        case RecordChanged():
            return f"record.change:{change.kind}", dict(change.values)
        case _:
            wire = change_to_wire(change)
            verb = str(wire.pop("verb"))
            return verb, {name: _plain(value) for name, value in wire.items()}


def _plain(value: object) -> WireValue:
    return value if value is None or isinstance(value, str | int | bool) else compact(value)


def _named_fields(entry: Entry) -> tuple[str, ...]:
    """Return the names of the fields that reading an entry shows, for the record of the look."""
    names = {name for change in entry.changes for name in _part(change)[1]}
    return tuple(name for name in _FIELDS if name in names)[:_MOST_FIELDS]


def _child_of(desk: Desk, record: JournalRecord) -> str | None:
    """Return the child of an unsettled entry that names none itself, by the record that it is about."""
    if record.outcome not in {Outcome.REFUSED.value, Outcome.WAITING.value}:
        return None
    entry = desk.journal.entry(record.id) if record.verb.startswith(("record.", "case.")) else None
    for change in () if entry is None else entry.changes:
        row: Row | None = None
        if isinstance(change, CaseAnswered):
            row = desk.records.find(REVIEW_CASE, str(change.case_id))
        elif isinstance(change, RecordChanged):
            row = desk.records.find(BY_NAME[change.kind], str(change.id))
        elif isinstance(change, RecordAdded) and change.values.get("incident_id"):
            row = desk.records.find(INCIDENT, str(change.values["incident_id"]))
        if row is not None and row.get("student_id"):
            return text(row, "student_id")
    return None
