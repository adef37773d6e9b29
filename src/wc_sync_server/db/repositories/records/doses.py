"""Doses as they were recorded: of a student, of a school, in a span. Nobody writes one here."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from wc_contract.model import kinds
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, of_schools
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import DosesAsked

_AUTHOR_NAME = joins.person("author_user_id", "author_name")
RECENT = Listing(
    kind=kinds.DOSE,
    shape=answers.DOSE,
    order=("administered_at", "id"),
    descending=True,
    joins=f"{joins.STUDENT} {joins.MEDICINE}",
    joined={**joins.STUDENT_NAMES, "medication_name": "m.name", **_AUTHOR_NAME},
)
_MONTH = timedelta(days=31)


class PostgresDoses:
    """Doses of the person's schools (api.records_ports.Doses)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def recent(self, person: Person, wanted: DosesAsked, window: Window) -> Page:
        """Return a page of doses, the newest first; of every school and child at once, those of a month."""

        def look(seat: Seat) -> Page:
            asked = _bounded(wanted, seat.uow.at)
            values = {
                "school": asked.school,
                "status": asked.status,
                "since": asked.since,
                "until": asked.until,
            }
            return seen_page(RECENT, _conditions(asked), values, window, child=asked.student)(seat)

        return self._desk.report(person, look, school=wanted.school)

    def one(self, person: Person, dose: UUID) -> Row:
        """Return a dose. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(RECENT, dose))


def _bounded(wanted: DosesAsked, at: datetime) -> DosesAsked:
    # No index holds the order of a whole district's doses: years of them would be sorted for a page.
    if wanted.school is None and wanted.student is None and wanted.since is None:
        return replace(wanted, since=(wanted.until or at) - _MONTH)
    return wanted


def span(column: str, since: datetime | None, until: datetime | None) -> list[str]:
    """Return the conditions that keep column within a span, open where an end is missing."""
    conditions = [] if since is None else [f"t.{column} >= %(since)s"]
    return conditions if until is None else [*conditions, f"t.{column} < %(until)s"]


def _conditions(wanted: DosesAsked) -> list[str]:
    conditions = [of_schools(wanted.school), *span("administered_at", wanted.since, wanted.until)]
    if wanted.status is not None:
        conditions.append("t.status = %(status)s")
    return conditions
