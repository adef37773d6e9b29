"""Writing down what happened at a workstation whose lease has ended: the journal is open, nothing of a child is read.

Each record is an entry like any other, and says itself when the lease ended: the district takes it in, marks it as of
an unauthorised period and has a person look at it, who may name the child then (rules.md O1, S6).
"""

import json
from collections.abc import Iterator, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model.apply import compact
from wc_contract.model.changes import AccessRecorded, Change, RecordAdded
from wc_contract.model.ids import UserId, new_uuid
from wc_contract.model.instants import Clock, instant_from_text, instant_to_text, whole_millis
from wc_contract.model.kinds import CAPTURE, WireValue
from wc_contract.model.values import AccessAction, DoseState, Route
from wc_contract.wire.codes import Outcome
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.unlock import access, untold_failures
from wc_desktop.domain.capture import CaptureDraft, CaptureRow, CaptureSaid
from wc_desktop.domain.failures import ReasonMissing, UnknownPerson
from wc_desktop.domain.screens import PersonRow
from wc_desktop.ports import Journal, JournalRecord, OpenedCapture, Workstation

_DRAFT = "capture_draft"
_ADDED = f"record.add:{CAPTURE.name}"
_REASON_MISSING = "reason_missing"
# As many entries are looked through for what was written down; a lease without contact ends long before.
_MOST = 2_000
# An entry holds at most twenty changes (wire.versions.MAX_CHANGES).
_MOST_FAILURES = 19


class CaptureDesk:
    """A workstation whose lease has ended, opened for writing. end_capture ends it."""

    def __init__(self, station: Workstation, person: PersonRow, opened: OpenedCapture) -> None:
        self.station = station
        self.person = person
        self.opened = opened
        self.clock: Clock = station.parts.clock

    @property
    def journal(self) -> Journal:
        """The device's own entries."""
        return self.opened.journal

    @property
    def user(self) -> UserId:
        """Who is at the desk."""
        return self.person.id

    @property
    def zone(self) -> ZoneInfo:
        """The school's zone."""
        return self.station.zone

    def new_id(self) -> UUID:
        """Return the id of a record to be written."""
        return new_uuid(self.clock.now(), self.station.parts.chance)

    def author(self, *changes: Change) -> None:
        """Write one entry in the name of who is at the desk; it is durable when this returns."""
        at = whole_millis(self.clock.now())
        self.journal.append(changes, author=self.user, at=at, zone=str(self.zone), replica_as_of=None)


def begin_capture(station: Workstation, user: UserId, password: str) -> CaptureDesk:
    """Open the journal of a workstation whose lease has ended, and put that on record, with the wrong passwords before.

    Raises what Workstation.open_capture raises.
    """
    person = next((person for person in station.people() if person.id == user), None)
    if person is None:
        raise UnknownPerson(str(user))
    desk = CaptureDesk(station, person, station.open_capture(user, password))
    try:
        failed = untold_failures(station, desk.journal)
        desk.author(*failed[-_MOST_FAILURES:], _access(desk, AccessAction.UNLOCK))
        station.forget_failed_unlocks()
    except BaseException:
        desk.opened.close()
        raise
    return desk


def end_capture(desk: CaptureDesk) -> None:
    """Write that it was locked, and close the journal. The draft is kept."""
    try:
        desk.author(_access(desk, AccessAction.LOCK))
    finally:
        desk.opened.close()


def write_down(desk: CaptureDesk, said: CaptureSaid) -> CaptureRow:
    """Write what happened; it is on the disk, sealed copy included, when this returns.

    Raises ReasonMissing for a state that needs one, EntryMalformed (naming fields), DiskFull, DiskFailed; then nothing
    was written. Said again under the same id it is written once.
    """
    if said.status.needs_reason and not said.reason:
        raise ReasonMissing((_REASON_MISSING,))
    there = {row.said.id: row for row in written_down(desk)}
    if said.id not in there:
        desk.author(RecordAdded(kind=CAPTURE.name, id=said.id, values=_values(desk, said)))
    save_draft(desk, None)
    return there.get(said.id) or CaptureRow(said=said, written_at=whole_millis(desk.clock.now()), sent=False)


def written_down(desk: CaptureDesk) -> tuple[CaptureRow, ...]:
    """Return what this person wrote down since this lease ended, newest first; nothing else of the journal."""
    records = [one for one in desk.journal.newest(_MOST) if one.verb == _ADDED and one.author_id == desk.user]
    return tuple(row for record in records for row in _rows(desk, record))


def draft_of(desk: CaptureDesk) -> CaptureDraft | None:
    """Return the form that this person had begun, None when there is none or it was written down."""
    draft = begun_draft(desk.journal, desk.user)
    written = {row.said.id for row in written_down(desk)}
    return None if draft is None or draft.id in written else draft


def begun_draft(journal: Journal, user: UserId) -> CaptureDraft | None:
    """Return the form that a person had begun, from any open journal."""
    kept = json.loads(journal.recall(_name(user)) or "null")
    return None if kept is None else CaptureDraft(id=UUID(kept["id"]), fields=kept["fields"])


def left_behind(desk: Desk) -> CaptureDraft | None:
    """Return the form that the person at an unlocked desk had begun without a lease and never wrote down; once."""
    draft = begun_draft(desk.journal, desk.user)
    if draft is None:
        return None
    desk.journal.remember(_name(desk.user), compact(None))
    return draft if desk.records.find(CAPTURE, str(draft.id)) is None else None


def save_draft(desk: CaptureDesk, draft: CaptureDraft | None) -> None:
    """Keep an unfinished form, durably, in the place of the one before; None forgets it."""
    begun = draft is not None and not draft.is_empty
    told = {"id": str(draft.id), "fields": dict(draft.fields)} if draft is not None and begun else None
    desk.journal.remember(_name(desk.user), compact(told))


def _name(user: UserId) -> str:
    return f"{_DRAFT} {user}"


def _rows(desk: CaptureDesk, record: JournalRecord) -> Iterator[CaptureRow]:
    entry = desk.journal.entry(record.id)
    for change in () if entry is None else entry.changes:
        ours = isinstance(change, RecordAdded) and change.values.get("lease_ended_at") == _lease_end(desk)
        if isinstance(change, RecordAdded) and ours:
            sent = record.outcome is not None and record.outcome != Outcome.WAITING.value
            yield CaptureRow(said=said_of(change.id, change.values), written_at=record.authored_at, sent=sent)


def _values(desk: CaptureDesk, said: CaptureSaid) -> dict[str, WireValue]:
    return {
        "child": said.child,
        "medicine": said.medicine,
        "amount": said.amount,
        "route": None if said.route is None else said.route.value,
        "status": said.status.value,
        "happened_at": instant_to_text(said.happened_at),
        "reason": said.reason,
        "lease_ended_at": _lease_end(desk),
    }


def said_of(id_: UUID, record: Mapping[str, WireValue]) -> CaptureSaid:
    """Return what a record says that was written down without a lease."""
    values = {name: None if value is None else str(value) for name, value in record.items()}
    route = values.get("route")
    return CaptureSaid(
        id=id_,
        child=values.get("child"),
        medicine=str(values["medicine"]),
        amount=values.get("amount"),
        route=None if route is None else Route(route),
        status=DoseState(str(values["status"])),
        happened_at=instant_from_text(str(values["happened_at"])),
        reason=values.get("reason"),
    )


def _lease_end(desk: CaptureDesk) -> str:
    return instant_to_text(desk.opened.lease_ended_at)


def _access(desk: CaptureDesk, action: AccessAction) -> AccessRecorded:
    return access(action, desk.user, whole_millis(desk.clock.now()), entity_type=CAPTURE.name)
