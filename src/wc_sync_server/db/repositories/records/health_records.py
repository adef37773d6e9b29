"""Health records. Row-level security hides confidential ones from whom they do not concern; notes are sealed."""

from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.apply import WireValue
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import instant_to_text
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, of_schools, the_one
from wc_sync_server.db.repositories.records.seen import seen_page
from wc_sync_server.db.repositories.records.writing import Changes, add_record, hold_school_of_student, zone_of
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import HealthRecordsAsked

_AUTHOR_NAME = joins.person("author_user_id", "author_name")
_JOINED = {**joins.STUDENT_NAMES, **_AUTHOR_NAME}
LISTED = Listing(
    kind=kinds.HEALTH_RECORD,
    shape=answers.HEALTH_RECORD_LISTED,
    order=("record_date", "id"),
    descending=True,
    joins=joins.STUDENT,
    joined=_JOINED,
)
ONE = Listing(kind=kinds.HEALTH_RECORD, shape=answers.HEALTH_RECORD, order=("id",), joins=joins.STUDENT, joined=_JOINED)


class PostgresHealthRecords:
    """Health records of the person's schools (api.records_ports.HealthRecords)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listed(self, person: Person, wanted: HealthRecordsAsked, window: Window) -> Page:
        """Return a page of health records without their notes, the newest first."""
        values = {
            "school": wanted.school,
            "type": wanted.type,
            "first": wanted.first,
            "last": wanted.last,
        }
        look = seen_page(LISTED, _conditions(wanted), values, window, child=wanted.student)
        return self._desk.read(person, look, school=wanted.school)

    def one(self, person: Person, record: UUID) -> Row:
        """Return a health record with its notes. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> Row:
            row = _opened(seat, record)
            seat.saw(answers.HEALTH_RECORD, [row], via="record")
            return row

        return self._desk.read(person, look)

    def add(self, person: Person, values: Changes) -> Row:
        """Add a health record in the person's name. Raises RecordRefused: INVALID, TAKEN."""

        def work(seat: Seat) -> Row:
            school = hold_school_of_student(seat, UUID(str(values["student_id"])))
            row = {"metadata": "{}", **values, "author_user_id": str(person.user)}
            add_record(seat, kinds.HEALTH_RECORD, answers.HEALTH_RECORD, school, row, _derived(seat, school))
            return _opened(seat, values["id"])

        return self._desk.write(person, work)


def _opened(seat: Seat, record: object) -> Row:
    row = the_one(seat.uow, ONE, record)
    return seat.uow.sealing.opened(kinds.HEALTH_RECORD, [row])[0]


def _derived(seat: Seat, school: SchoolId) -> dict[str, WireValue]:
    return {"recorded_at": instant_to_text(seat.uow.at), "recorded_tz": zone_of(seat, school)}


def _conditions(wanted: HealthRecordsAsked) -> list[str]:
    conditions = [of_schools(wanted.school)]
    if wanted.type is not None:
        conditions.append("t.record_type = %(type)s")
    if wanted.first is not None:
        conditions.append("t.record_date >= %(first)s")
    if wanted.last is not None:
        conditions.append("t.record_date <= %(last)s")
    return conditions
