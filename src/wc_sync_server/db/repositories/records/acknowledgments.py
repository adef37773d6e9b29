"""Who has read which policy, once each; who has yet to, by school."""

# ruff: noqa: S608  # names of our own declaration; values are bound

from collections.abc import Sequence
from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.values import Role
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, all_of, asked, one_of, page_of, the_one
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.records.policies import CURRENT, LISTED
from wc_sync_server.db.repositories.records.writing import require_user
from wc_sync_server.db.tables.compliance import POLICY_ACKNOWLEDGMENT
from wc_sync_server.domain.records import policy_answers as answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.policies import Acknowledging, DocumentStatus, UnreadAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

STAFF = frozenset(Role) - {Role.READ_ONLY}

_READER_NAME = joins.person("user_id", "user_name")
ACKNOWLEDGMENTS = Listing(
    kind=POLICY_ACKNOWLEDGMENT,
    shape=answers.ACKNOWLEDGMENT,
    order=("acknowledged_at", "id"),
    descending=True,
    joined=_READER_NAME,
)
# One acknowledges a version once, whoever asks how often, and from how many places at once.
_ACKNOWLEDGE = f"""
INSERT INTO {POLICY_ACKNOWLEDGMENT.table} (district_id, id, document_id, user_id, acknowledged_at, created_at,
                                           updated_at)
VALUES (%(district)s, %(id)s, %(document)s, %(user)s, %(acknowledged_at)s, %(at)s, %(at)s)
ON CONFLICT (district_id, document_id, user_id) DO NOTHING
"""
_READ = f"FROM {living(POLICY_ACKNOWLEDGMENT, 'r')} WHERE r.district_id = t.district_id"
# Where somebody works today, by the clock of each school.
_WORKS = (
    f"FROM {living(kinds.SCHOOL_ASSIGNMENT, 'a')}"
    f" JOIN {living(kinds.SCHOOL, 'c')} ON c.district_id = a.district_id AND c.id = a.school_id"
    " WHERE a.district_id = %(district)s AND a.assigned_from <= (%(at)s AT TIME ZONE c.timezone)::date"
    " AND (a.assigned_to IS NULL OR a.assigned_to >= (%(at)s AT TIME ZONE c.timezone)::date)"
)
_OF_STAFF = "t.is_active AND t.revoked_at IS NULL AND t.role = ANY(%(staff)s::text[])"
_AT_THESE = f"EXISTS (SELECT 1 {_WORKS} AND a.user_id = t.id AND a.school_id = ANY(%(asked)s::uuid[]))"
_NOWHERE = f"NOT EXISTS (SELECT 1 {_WORKS} AND a.user_id = t.id)"
UNREAD = Listing(
    kind=kinds.USER,
    shape=answers.UNREAD,
    order=("last_name", "first_name", "id"),
    joined={
        "schools": f"(SELECT coalesce(json_agg(DISTINCT a.school_id), '[]'::json) {_WORKS} AND a.user_id = t.id"
        " AND a.school_id = ANY(%(asked)s::uuid[]))"
    },
)
# Somebody of two schools counts in both; people of the office, who are assigned to none, stand in a line without one.
SUMMARY = (
    "SELECT w.school_id, count(*) AS staff, count(r.user_id) AS acknowledged, count(*) - count(r.user_id) AS missing"
    f" FROM {living(kinds.USER, 't')}"
    f" LEFT JOIN (SELECT DISTINCT a.district_id, a.user_id, a.school_id {_WORKS}) w"
    " ON w.district_id = t.district_id AND w.user_id = t.id"
    f" LEFT JOIN {living(POLICY_ACKNOWLEDGMENT, 'r')}"
    " ON r.district_id = t.district_id AND r.user_id = t.id AND r.document_id = %(document)s"
    f" WHERE t.district_id = %(district)s AND {_OF_STAFF}"
    " AND (w.school_id IS NULL OR w.school_id = ANY(%(asked)s::uuid[]))"
    " GROUP BY w.school_id ORDER BY w.school_id NULLS LAST"
)


class PostgresAcknowledgments:
    """Acknowledgments of policies (api.records_ports.Acknowledgments).

    Who works where is asked of every school of the district, and answered for the asker's: it tells nothing of a child.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def open(self, person: Person, user: UUID, window: Window) -> Page:
        """Return a page of the policies that somebody has yet to acknowledge. Raises RecordRefused(INVALID: user)."""

        def look(seat: Seat) -> Page:
            if user != person.user:
                require_user(seat, user, "user", STAFF)
            unread = f"NOT EXISTS (SELECT 1 {_READ} AND r.document_id = t.id AND r.user_id = %(user)s)"
            page = page_of(seat.uow, LISTED, [CURRENT, unread], {"user": user}, window)
            seat.saw(answers.POLICY_LISTED, page.rows, via="to-acknowledge")
            return page

        return self._desk.read(person, look)

    def acknowledge(self, person: Person, asked_: Acknowledging) -> Row:
        """Put on record that somebody has read a policy; once: after that, return when they did.

        Raises RecordRefused: NO_RECORD, WRONG_STATE (no longer, or not yet, what is to be read), INVALID, TAKEN.
        """

        def work(seat: Seat) -> Row:
            document = the_one(seat.uow, LISTED, asked_.document)
            present = _of(seat, asked_)
            if present:
                return present[0]
            _require_readable(document)
            _require_possible(seat, asked_)
            values = {
                "district": person.district,
                "id": asked_.id,
                "document": asked_.document,
                "user": asked_.user,
                "acknowledged_at": asked_.at or seat.uow.at,
                "at": seat.uow.at,
            }
            added = seat.uow.connection.execute(_ACKNOWLEDGE.encode(), values).rowcount
            (row,) = _of(seat, asked_)
            if added:
                seat.did("CREATE", answers.ACKNOWLEDGMENT, row, ("acknowledged_at", "document_id", "user_id"))
            return row

        return self._desk.write(person, work)

    def of_document(self, person: Person, document: UUID, window: Window) -> Page:
        """Return a page of who has acknowledged a version, the last first. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> Page:
            the_one(seat.uow, LISTED, document)
            values = {"document": document}
            page = page_of(seat.uow, ACKNOWLEDGMENTS, ["t.document_id = %(document)s"], values, window)
            seat.saw(answers.ACKNOWLEDGMENT, page.rows, via="list")
            return page

        return self._desk.read(person, look)

    def lacking(self, person: Person, wanted: UnreadAsked, window: Window) -> Page:
        """Return a page of the staff who have yet to acknowledge a version, and where they work.

        Raises RecordRefused(NO_RECORD) for a version or a school that is not there, or none of the person's.
        """

        def look(seat: Seat) -> Page:
            the_one(seat.uow, LISTED, wanted.document)
            where = _AT_THESE if wanted.school is not None else f"({_AT_THESE} OR {_NOWHERE})"
            unread = f"NOT EXISTS (SELECT 1 {_READ} AND r.document_id = %(document)s AND r.user_id = t.id)"
            page = page_of(seat.uow, UNREAD, [_OF_STAFF, where, unread], _values(seat, wanted), window)
            seat.saw(answers.UNREAD, page.rows, via="lacking")
            return page

        _require_own(person, wanted)
        return self._desk.read(person, look, everywhere=True)

    def summary(self, person: Person, document: UUID) -> Sequence[Row]:
        """Return, by school, how many of the staff have acknowledged a version. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> list[Row]:
            the_one(seat.uow, LISTED, document)
            rows = asked(seat.uow, SUMMARY, _values(seat, UnreadAsked(document=document)))
            seat.note("VIEW", "policy_reading", document, {"via": "report", "count": len(rows)})
            return rows

        return self._desk.read(person, look, everywhere=True)


def _of(seat: Seat, asked_: Acknowledging) -> list[Row]:
    values = {"document": asked_.document, "user": asked_.user}
    return all_of(seat.uow, ACKNOWLEDGMENTS, ["t.document_id = %(document)s", "t.user_id = %(user)s"], values, most=1)


def _require_readable(document: Row) -> None:
    if document["status"] != DocumentStatus.ACTIVE.value:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))
    if document["superseded_on"] is not None:
        # A later version is what is to be read.
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("superseded_on",))


def _require_possible(seat: Seat, asked_: Acknowledging) -> None:
    if asked_.at is not None and asked_.at > seat.uow.at:
        raise RecordRefused(RecordsProblem.INVALID, fields=("acknowledged_at",))
    require_user(seat, asked_.user, "user_id", STAFF)
    if one_of(seat.uow, ACKNOWLEDGMENTS, asked_.id) is not None:
        raise RecordRefused(RecordsProblem.TAKEN, fields=("id",))


def _require_own(person: Person, wanted: UnreadAsked) -> None:
    if wanted.school is not None and wanted.school not in person.schools:
        raise RecordRefused(RecordsProblem.NO_RECORD)


def _values(seat: Seat, wanted: UnreadAsked) -> dict[str, object]:
    schools = seat.person.schools if wanted.school is None else (wanted.school,)
    return {
        "district": seat.uow.context.district,
        "document": wanted.document,
        "asked": list(schools),
        "staff": sorted(STAFF),
        "at": seat.uow.at,
    }
