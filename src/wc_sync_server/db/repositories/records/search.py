"""Full-text search: ids from the functions of search_functions.py, records under the person's own policies."""

# ruff: noqa: S608  # names of our own declaration

from collections.abc import Callable

from wc_contract.model import kinds
from wc_contract.model.ids import SchoolId
from wc_sync_server.db.repositories.records import inventory, people, students
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, asked, columns_of
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.domain.records.pages import Row
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.words import prefixes

MOST = 50


def search_statement(listing: Listing) -> str:
    """Return the statement that finds records of a listing by words."""
    found = f"wc_sec.search_{listing.kind.table}"
    # A word as it is indexed whole (an address, a number with dashes) counts as well as the beginnings of its parts.
    words = "to_tsquery('simple', %(prefixes)s) || plainto_tsquery('simple', %(typed)s)"
    order = ", ".join(f"t.{name}" for name in listing.order)
    of_school = " AND t.school_id = ANY(%(schools)s::uuid[])" if _of_school(listing) else ""
    return (
        f"SELECT {columns_of(listing)} FROM {found}({words}, %(most)s) f"
        f" JOIN {living(listing.kind, 't')} ON t.id = f.id {listing.joins}"
        f" WHERE t.district_id = %(district)s{of_school} ORDER BY f.rank DESC, {order}"
    )


class PostgresSearch:
    """Finds by words (api.records_ports.Search)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def students(self, person: Person, typed: str, school: SchoolId | None) -> list[Row]:
        """Return students by the beginnings of their names or number."""
        return self._found(person, students.ROSTER, typed, school)

    def users(self, person: Person, typed: str) -> list[Row]:
        """Return people of the district."""
        return self._found(person, people.USERS, typed, None)

    def medications(self, person: Person, typed: str) -> list[Row]:
        """Return medicines of the catalogue."""
        return self._found(person, people.MEDICATIONS, typed, None)

    def inventory(self, person: Person, typed: str, school: SchoolId | None) -> list[Row]:
        """Return what stands on shelves."""
        return self._found(person, inventory.ITEMS, typed, school)

    def _found(self, person: Person, listing: Listing, typed: str, school: SchoolId | None) -> list[Row]:
        words = prefixes(typed)
        if words is None:
            raise RecordRefused(RecordsProblem.INVALID, fields=("words",))
        return self._desk.read(person, _looking(listing, typed, words), school=school)


def _looking(listing: Listing, typed: str, words: str) -> Callable[[Seat], list[Row]]:
    def look(seat: Seat) -> list[Row]:
        context = seat.uow.context
        values = {"district": context.district, "schools": list(context.schools)}
        asking = {"prefixes": words, "typed": typed, "most": MOST}
        rows = asked(seat.uow, search_statement(listing), {**values, **asking})
        seat.saw(listing.shape, rows, via="search")
        return rows

    return look


def _of_school(listing: Listing) -> bool:
    return listing.kind.scope is kinds.Scope.SCHOOL
