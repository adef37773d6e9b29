"""Who and what a district has: people, schools, the catalogue of medicines. Names only; no address, no secret."""

from uuid import UUID

from wc_contract.model import kinds
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, all_of
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person

USERS = Listing(kind=kinds.USER, shape=answers.USER, order=("last_name", "first_name", "id"))
MEDICATIONS = Listing(kind=kinds.MEDICATION, shape=answers.MEDICATION, order=("name", "id"))
SCHOOLS = Listing(kind=kinds.SCHOOL, shape=answers.SCHOOL, order=("name", "id"))
_ALL_SCHOOLS = 5_000


class PostgresDirectory:
    """People, schools and medicines of the district (api.records_ports.Directory)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def users(self, person: Person, role: str | None, window: Window) -> Page:
        """Return a page of people by name."""
        conditions = ["t.is_active"] + ([] if role is None else ["t.role = %(role)s"])
        return self._page(person, USERS, conditions, {"role": role}, window)

    def medications(self, person: Person, window: Window) -> Page:
        """Return a page of the catalogue by name."""
        return self._page(person, MEDICATIONS, [], {}, window)

    def medication(self, person: Person, medication: UUID) -> Row:
        """Return a medicine. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(MEDICATIONS, medication))

    def schools(self, person: Person) -> list[Row]:
        """Return the schools whose records the person may see."""

        def look(seat: Seat) -> list[Row]:
            rows = all_of(seat.uow, SCHOOLS, ["t.id = ANY(%(schools)s::uuid[])"], {}, most=_ALL_SCHOOLS)
            seat.saw(answers.SCHOOL, rows, via="list")
            return rows

        return self._desk.read(person, look)

    def _page(
        self, person: Person, listing: Listing, conditions: list[str], values: dict[str, object], window: Window
    ) -> Page:
        return self._desk.read(person, seen_page(listing, conditions, values, window))
