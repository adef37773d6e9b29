"""Policy documents: versions of a code, drafted, published, retired; what was read stays as it was read."""

from dataclasses import replace
from uuid import UUID

from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.keeping import Values, add_row, otherwise, update_row
from wc_sync_server.db.repositories.records.lists import Listing, all_of, equal, one_of, the_one
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.records.seen import seen_page
from wc_sync_server.db.tables.compliance import POLICY_DOCUMENT
from wc_sync_server.domain.records import policies as law
from wc_sync_server.domain.records import policy_answers as answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.policies import DocumentStatus, PoliciesAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_MOST_VERSIONS = 10_000
_PUBLISHER_NAME = joins.person("published_by", "published_by_name")
_LATER = (
    f"FROM {living(POLICY_DOCUMENT, 'n')} WHERE n.district_id = t.district_id AND n.code = t.code"
    " AND n.status = 'ACTIVE' AND n.version > t.version"
)
LISTED = Listing(
    kind=POLICY_DOCUMENT,
    shape=answers.POLICY_LISTED,
    order=("code", "version", "id"),
    joined={**_PUBLISHER_NAME, "superseded_on": f"(SELECT min(n.effective_on) {_LATER})"},
)
ONE = replace(LISTED, shape=answers.POLICY)
# What people are asked to acknowledge: the newest active version of each code.
CURRENT = f"t.status = 'ACTIVE' AND NOT EXISTS (SELECT 1 {_LATER})"


class PostgresPolicies:
    """The district's policies (api.records_ports.Policies)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listed(self, person: Person, wanted: PoliciesAsked, window: Window) -> Page:
        """Return a page of versions by code, without their text."""
        values = {"code": wanted.code, "status": wanted.status}
        conditions = equal(values, code="code", status="status") + ([CURRENT] if wanted.current else [])
        return self._desk.read(person, seen_page(LISTED, conditions, values, window))

    def one(self, person: Person, document: UUID) -> Row:
        """Return a version with its text. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> Row:
            row = the_one(seat.uow, ONE, document)
            seat.saw(answers.POLICY, [row], via="record")
            return row

        return self._desk.read(person, look)

    def add(self, person: Person, values: Values) -> Row:
        """Draft the next version of a code. Raises RecordRefused(TAKEN: code) when it has a draft already."""

        def work(seat: Seat) -> Row:
            if one_of(seat.uow, ONE, values["id"]) is not None:
                return add_row(seat, ONE, values)
            versions = _versions(seat, values["code"])
            if any(row["status"] == DocumentStatus.DRAFT.value for row in versions):
                raise RecordRefused(RecordsProblem.TAKEN, fields=("code",))
            following = max((row["version"] for row in versions), default=0) + 1
            return add_row(seat, ONE, values, {"version": following, "status": DocumentStatus.DRAFT.value})

        return self._desk.write(person, work)

    def change(self, person: Person, document: UUID, changes: Values, version: int) -> Row:
        """Change a draft, publish it, or retire what was published.

        With a published version, those before it end on the day it holds from. Raises RecordRefused: NO_RECORD, STALE,
        WRONG_STATE.
        """

        def work(seat: Seat) -> Row:
            code = the_one(seat.uow, LISTED, document)["code"]
            seat.uow.lock_rows(POLICY_DOCUMENT.table, [row["id"] for row in _versions(seat, code)])
            present = the_one(seat.uow, ONE, document)
            changed = {name: changes[name] for name in otherwise(present, changes)}
            if not changed:
                return present
            law.require_changeable(present["status"], changed.keys() - {"status"})
            publishing = "status" in changed and _stepped(present, DocumentStatus(str(changed["status"])))
            author = {"published_by": person.user} if publishing else {}
            update_row(seat, ONE, present, changed | author, version)
            if publishing:
                _retire_superseded(seat, code)
            return the_one(seat.uow, ONE, document)

        return self._desk.write(person, work)


def _versions(seat: Seat, code: object) -> list[Row]:
    return all_of(seat.uow, LISTED, ["t.code = %(code)s"], {"code": code}, most=_MOST_VERSIONS)


def _stepped(present: Row, wanted: DocumentStatus) -> bool:
    """Return whether the step publishes. Raises RecordRefused(WRONG_STATE)."""
    law.require_step(present["status"], wanted)
    return wanted is DocumentStatus.ACTIVE


def _retire_superseded(seat: Seat, code: object) -> None:
    today = seat.uow.at.date()
    for row in _versions(seat, code):
        over = row["superseded_on"] is not None and row["superseded_on"] <= today
        if over and row["status"] == DocumentStatus.ACTIVE.value:
            update_row(seat, LISTED, row, {"status": DocumentStatus.RETIRED.value}, row["row_version"])
