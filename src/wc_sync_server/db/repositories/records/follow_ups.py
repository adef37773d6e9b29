"""What is to be done after incidents: by when and by whom, done or not to be done. Open ones keep a report open."""

# ruff: noqa: S608  # names of our own declaration

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model import kinds
from wc_contract.model.apply import WireValue
from wc_contract.model.care_values import ActionStatus
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import instant_from_text, instant_to_text
from wc_contract.model.values import IncidentStatus, Role
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, asked, equal, of_schools, the_one
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.db.repositories.records.writing import (
    Changes,
    add_record,
    change_locked,
    known,
    school_of,
    zone_of,
)
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import OF_THE_OFFICE
from wc_sync_server.domain.records.closing import require_not_before_event
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import ActionsAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.steps import require_action_step

_ASSIGNED_NAME = joins.person("assigned_to", "assigned_name")
_DOER_NAME = joins.person("completed_by", "completed_by_name")
_INCIDENT = f"LEFT JOIN {living(kinds.INCIDENT, 'i')} ON i.district_id = t.district_id AND i.id = t.incident_id"
ACTIONS = Listing(
    kind=kinds.FOLLOW_UP_ACTION,
    shape=answers.FOLLOW_UP_LISTED,
    order=("due_on", "id"),
    joins=f"{_INCIDENT} {joins.student('i.student_id')}",
    joined={
        **_ASSIGNED_NAME,
        **_DOER_NAME,
        "incident_type": "i.type",
        "incident_severity": "i.severity",
        "incident_occurred_at": "i.occurred_at",
        "student_id": "i.student_id",
        **joins.STUDENT_NAMES,
    },
)
_OPEN, _DONE = ActionStatus.OPEN.value, ActionStatus.DONE.value
# Who works in the district, and whether at that school; whoever was assigned to it may have left.
_WORKS_THERE = (
    "SELECT u.role, EXISTS (SELECT 1"
    f" FROM {living(kinds.SCHOOL_ASSIGNMENT, 'a')} WHERE a.district_id = %(district)s AND a.user_id = u.id"
    " AND a.school_id = %(school)s AND (a.assigned_to IS NULL OR a.assigned_to >= %(today)s)) AS is_there"
    f" FROM {living(kinds.USER, 'u')} WHERE u.district_id = %(district)s AND u.id = %(user)s"
    " AND u.is_active AND u.revoked_at IS NULL"
)


class PostgresFollowUps:
    """What follows the reports of the person's schools (api.records_ports.FollowUps)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listed(self, person: Person, wanted: ActionsAsked, window: Window) -> Page:
        """Return a page of what is to be done, what is due first first."""
        return self._desk.read(
            person, seen_page(ACTIONS, _conditions(wanted), asdict(wanted), window), school=wanted.school
        )

    def one(self, person: Person, action: UUID) -> Row:
        """Return one. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(ACTIONS, action))

    def open(self, person: Person, incident: UUID, values: Changes) -> Row:
        """Say what is to be done after an incident, by when and perhaps by whom.

        Raises RecordRefused: NO_RECORD, TAKEN, INVALID (due before the event), WRONG_STATE (the report is closed).
        """

        def work(seat: Seat) -> Row:
            school = school_of(seat, kinds.INCIDENT, incident)
            # The same lock as closing the report takes: nothing is opened beside it.
            seat.uow.lock_streams(school)
            if known(seat, kinds.FOLLOW_UP_ACTION, UUID(str(values["id"]))) is None:
                report = _report(seat, incident)
                if report["status"] == IncidentStatus.CLOSED.value:
                    raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("incident_id",))
                _require_fitting(seat, school, report, values)
            row = {**values, "incident_id": str(incident)}
            shape = answers.FOLLOW_UP_LISTED
            add_record(seat, kinds.FOLLOW_UP_ACTION, shape, school, row, {"status": _OPEN})
            return the_one(seat.uow, ACTIONS, values["id"])

        return self._desk.write(person, work)

    def change(self, person: Person, action: UUID, changes: Changes, version: int) -> Row:
        """Assign it, put it off, say that it is done (by whom and when), or why it is not to be done.

        Raises RecordRefused: NO_RECORD, STALE, INVALID, WRONG_STATE (it is done, or cancelled).
        """

        def work(seat: Seat) -> Row:
            school = school_of(seat, kinds.FOLLOW_UP_ACTION, action)
            seat.uow.lock_streams(school)

            def settle(present: Mapping[str, Any]) -> Changes:
                return _settle(seat, school, present, changes)

            shape = answers.FOLLOW_UP_LISTED
            change_locked(seat, kinds.FOLLOW_UP_ACTION, shape, school, action, changes, version, settle)
            return the_one(seat.uow, ACTIONS, action)

        return self._desk.write(person, work)


def _settle(seat: Seat, school: SchoolId, present: Mapping[str, Any], changes: Changes) -> Changes:
    if present["status"] != _OPEN:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))
    status = str(changes.get("status", _OPEN))
    require_action_step(present["status"], status)
    if status != _DONE and (misplaced := sorted({"completed_at", "completed_by"} & changes.keys())):
        raise RecordRefused(RecordsProblem.INVALID, fields=tuple(misplaced))
    if status == ActionStatus.CANCELLED.value and not str(changes.get("note") or "").strip():
        # Why nothing is done is asked of whoever decides it.
        raise RecordRefused(RecordsProblem.INVALID, fields=("note",))
    _require_fitting(seat, school, _report(seat, UUID(present["incident_id"])), changes)
    if status != _DONE:
        return {}
    now_by_whom: dict[str, WireValue] = {
        "completed_at": instant_to_text(seat.uow.at),
        "completed_by": str(seat.person.user),
    }
    return {name: value for name, value in now_by_whom.items() if name not in changes}


def _require_fitting(seat: Seat, school: SchoolId, report: Mapping[str, Any], said: Changes) -> None:
    """Raise RecordRefused(INVALID) for a time before the event or to come, and for somebody who is not there."""
    zone = zone_of(seat, school)
    if said.get("due_on") is not None:
        require_not_before_event(str(said["due_on"]), report["occurred_at"], zone, "due_on")
    if said.get("completed_at") is not None:
        done = instant_from_text(str(said["completed_at"]))
        if not instant_from_text(report["occurred_at"]) <= done <= seat.uow.at:
            raise RecordRefused(RecordsProblem.INVALID, fields=("completed_at",))
    today = seat.uow.at.astimezone(ZoneInfo(zone)).date()
    for name in ("assigned_to", "completed_by"):
        user = said.get(name)
        if user is not None and str(user) != str(seat.person.user):
            values = {"district": seat.uow.context.district, "school": school, "user": user, "today": today}
            _require_there(asked(seat.uow, _WORKS_THERE, values), name)


def _require_there(found: list[Row], name: str) -> None:
    """Raise RecordRefused(INVALID: name) unless somebody works at the school, or for all of them, and may write."""
    works = any(row["is_there"] or row["role"] in OF_THE_OFFICE for row in found)
    if not works or found[0]["role"] == Role.READ_ONLY.value:
        raise RecordRefused(RecordsProblem.INVALID, fields=(name,))


def _report(seat: Seat, incident: UUID) -> Mapping[str, Any]:
    row = known(seat, kinds.INCIDENT, incident)
    if row is None:
        raise RecordRefused(RecordsProblem.NO_RECORD)
    return row


def _conditions(wanted: ActionsAsked) -> list[str]:
    values = asdict(wanted)
    conditions = [
        of_schools(wanted.school),
        *equal(values, incident="incident_id", assigned_to="assigned_to", status="status"),
    ]
    if wanted.due_by is not None:
        conditions.append("t.due_on <= %(due_by)s")
    if wanted.unassigned:
        conditions.append("t.assigned_to IS NULL")
    return conditions
