"""Incidents: lists, one of them with all that follows it, whom to call for many at once, and its steps."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.apply import WireValue
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import instant_from_text, instant_to_text
from wc_contract.model.values import IncidentStatus, IncidentType
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.charts import charts_of_record
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.doses import span
from wc_sync_server.db.repositories.records.lists import Listing, all_of, asked, equal, of_schools, the_one
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.records.seen import seen_page
from wc_sync_server.db.repositories.records.writing import (
    Changes,
    add_record,
    change_locked,
    known,
    school_of,
    zone_of,
)
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.closing import Followed, require_closable, require_not_before_event
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import IncidentsAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.steps import require_incident_step
from wc_sync_server.domain.records.whole import Whole

_AUTHOR_NAME = joins.person("author_user_id", "author_name")
_JOINED = {**joins.STUDENT_NAMES, **_AUTHOR_NAME}
LISTED = Listing(
    kind=kinds.INCIDENT,
    shape=answers.INCIDENT_LISTED,
    order=("occurred_at", "id"),
    descending=True,
    joins=joins.STUDENT,
    joined=_JOINED,
)
ONE = Listing(kind=kinds.INCIDENT, shape=answers.INCIDENT, order=("id",), joins=joins.STUDENT, joined=_JOINED)
FOLLOWING: dict[str, Listing] = {
    "addenda": Listing(kind=kinds.INCIDENT_ADDENDUM, shape=answers.ADDENDUM, order=("signed_at", "id")),
    "witness_statements": Listing(kind=kinds.WITNESS_STATEMENT, shape=answers.WITNESS, order=("taken_at", "id")),
    "head_injury_checks": Listing(kind=kinds.HEAD_INJURY_CHECK, shape=answers.HEAD_CHECK, order=("checked_at", "id")),
    "follow_up_actions": Listing(kind=kinds.FOLLOW_UP_ACTION, shape=answers.FOLLOW_UP, order=("due_on", "id")),
    "notifications": Listing(kind=kinds.NOTIFICATION, shape=answers.NOTIFICATION, order=("attempted_at", "id")),
}
_SOME = 200
_DRIFT = timedelta(minutes=2)  # by which a clock may be wrong and nobody minds (rules.md T3)

_CONTACT_COLUMNS = ", ".join(f"c.{each.name}" for each in answers.CONTACT.own)
# Whom to call for many reports: one statement, whatever their number.
CONTACTS_OF_MANY = (
    f"SELECT {_CONTACT_COLUMNS}, t.id AS incident_id FROM {living(kinds.INCIDENT, 't')}"  # noqa: S608  # our own names
    # A report keeps the chart that it was written under; whom to call goes on in the one that is kept.
    f" JOIN {living(kinds.STUDENT, 's')} ON s.district_id = t.district_id AND s.id = t.student_id"
    f" JOIN {living(kinds.EMERGENCY_CONTACT, 'c')} ON c.district_id = t.district_id"
    " AND c.student_id = coalesce(s.merged_into_id, s.id)"
    " WHERE t.district_id = %(district)s AND t.id = ANY(%(incidents)s::uuid[]) AND c.is_active"
    " ORDER BY t.id, c.priority, c.id"
)


class PostgresIncidents:
    """Incident reports of the person's schools (api.records_ports.Incidents)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listed(self, person: Person, wanted: IncidentsAsked, window: Window) -> Page:
        """Return a page of reports, the newest first."""
        return self._desk.read(
            person,
            seen_page(LISTED, _conditions(wanted), asdict(wanted), window, child=wanted.student),
            school=wanted.school,
        )

    def one(self, person: Person, incident: UUID) -> Whole:
        """Return a report with what was added to it. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> Whole:
            row = the_one(seat.uow, ONE, incident)
            values = {"incident": incident}
            parts = {
                name: all_of(seat.uow, listing, ["t.incident_id = %(incident)s"], values, most=_SOME)
                for name, listing in FOLLOWING.items()
            }
            fields = {*answers.INCIDENT.phi}
            fields |= {f"{part.shape.entity}.{name}" for part in FOLLOWING.values() for name in part.shape.phi}
            seat.saw_fields(answers.INCIDENT, row, tuple(sorted(fields)), via="record")
            return Whole(record=row, parts=parts)

        return self._desk.read(person, look)

    def contacts(self, person: Person, incidents: Sequence[UUID]) -> list[Row]:
        """Return whom to call for each of these reports, in the order to call. Those not seen are left out."""

        def look(seat: Seat) -> list[Row]:
            values = {"district": seat.uow.context.district, "incidents": list(incidents)}
            rows = asked(seat.uow, CONTACTS_OF_MANY, values)
            seat.saw(answers.INCIDENT_CONTACT, rows, via="incidents")
            return rows

        return self._desk.read(person, look)

    def change(self, person: Person, incident: UUID, changes: Changes, version: int) -> Whole:
        """Plan the follow-up of a report, or take it a step on. What was signed stays as it is (rules.md I7).

        Raises RecordRefused: NO_RECORD, STALE, INVALID (a follow-up before the event), WRONG_STATE.
        """

        def work(seat: Seat) -> None:
            school = school_of(seat, kinds.INCIDENT, incident)
            seat.uow.lock_streams(school)

            def settle(present: Mapping[str, Any]) -> Changes:
                return _settle(seat, school, present, changes)

            change_locked(seat, kinds.INCIDENT, answers.INCIDENT, school, incident, changes, version, settle)

        self._desk.write(person, work)
        return self.one(person, incident)

    def add_addendum(self, person: Person, incident: UUID, addendum: UUID, text: str) -> Whole:
        """Add to a signed report under the person's own name. Raises RecordRefused: NO_RECORD, TAKEN."""

        def work(seat: Seat) -> None:
            school = school_of(seat, kinds.INCIDENT, incident)
            seat.uow.lock_streams(school)
            values: dict[str, WireValue] = {
                "id": str(addendum),
                "incident_id": str(incident),
                "text": text,
                "author_user_id": str(person.user),
            }
            now = instant_to_text(seat.uow.at)
            zone = zone_of(seat, school)
            derived = {"signed_at": now, "recorded_at": now, "recorded_tz": zone}
            add_record(seat, kinds.INCIDENT_ADDENDUM, answers.ADDENDUM, school, values, derived)

        self._desk.write(person, work)
        return self.one(person, incident)

    def add_check(self, person: Person, incident: UUID, values: Changes) -> Whole:
        """Add a look at a child after a head injury (I2). Raises RecordRefused: INVALID, WRONG_STATE, TAKEN."""

        def work(seat: Seat) -> None:
            school, report = _held(seat, incident)
            if report["type"] != IncidentType.HEAD_INJURY.value:
                raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("type",))
            _require_past(seat, values, "checked_at")
            whose = {"incident_id": str(incident), "student_id": report["student_id"]}
            row = {"symptoms": "[]", **values, **whose, "author_user_id": str(person.user)}
            derived = {"recorded_at": instant_to_text(seat.uow.at), "recorded_tz": zone_of(seat, school)}
            add_record(seat, kinds.HEAD_INJURY_CHECK, answers.HEAD_CHECK, school, row, derived)

        self._desk.write(person, work)
        return self.one(person, incident)

    def add_notification(self, person: Person, incident: UUID, values: Changes) -> Whole:
        """Add a try to reach one of a child's contacts (I6). Raises RecordRefused: INVALID, TAKEN."""

        def work(seat: Seat) -> None:
            school, report = _held(seat, incident)
            contact = known(seat, kinds.EMERGENCY_CONTACT, UUID(str(values["contact_id"])))
            child = report["student_id"]
            if contact is None or child is None or contact["student_id"] not in charts_of_record(seat.uow, child):
                raise RecordRefused(RecordsProblem.INVALID, fields=("contact_id",))
            _require_past(seat, values, "attempted_at")
            row = {**values, "incident_id": str(incident), "made_by": str(person.user)}
            add_record(seat, kinds.NOTIFICATION, answers.NOTIFICATION, school, row)

        self._desk.write(person, work)
        return self.one(person, incident)


def _held(seat: Seat, incident: UUID) -> tuple[SchoolId, dict[str, Any]]:
    school = school_of(seat, kinds.INCIDENT, incident)
    seat.uow.lock_streams(school)
    report = known(seat, kinds.INCIDENT, incident)
    if report is None:
        raise RecordRefused(RecordsProblem.NO_RECORD)
    return school, report


def _require_past(seat: Seat, values: Changes, field: str) -> None:
    if instant_from_text(str(values[field])) > seat.uow.at + _DRIFT:
        raise RecordRefused(RecordsProblem.INVALID, fields=(field,))


def _conditions(wanted: IncidentsAsked) -> list[str]:
    same = equal(asdict(wanted), severity="severity", status="status")
    due = [] if wanted.due_by is None else ["t.status <> 'CLOSED' AND t.follow_up_due <= %(due_by)s"]
    return [of_schools(wanted.school), *span("occurred_at", wanted.since, wanted.until), *same, *due]


def _settle(seat: Seat, school: SchoolId, present: Mapping[str, Any], changes: Changes) -> Changes:
    if changes.get("follow_up_due") is not None:
        due = str(changes["follow_up_due"])
        require_not_before_event(due, present["occurred_at"], zone_of(seat, school), "follow_up_due")
    status = str(changes.get("status", present["status"]))
    require_incident_step(present["status"], status)
    if status == IncidentStatus.CLOSED.value and present["status"] != status:
        require_closable(present, _followed(seat, present["id"]))
        return {"closed_at": instant_to_text(seat.uow.at)}
    return {}


def _followed(seat: Seat, incident: str) -> Followed:
    values = {"incident": incident}
    condition = ["t.incident_id = %(incident)s"]
    to_do = [*condition, "t.status = 'OPEN'"]
    return Followed(
        checks=all_of(seat.uow, FOLLOWING["head_injury_checks"], condition, values, most=_SOME),
        attempts=all_of(seat.uow, FOLLOWING["notifications"], condition, values, most=_SOME),
        to_do=all_of(seat.uow, FOLLOWING["follow_up_actions"], to_do, values, most=1),
    )
