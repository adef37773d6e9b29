"""Whom the district buys from."""

from uuid import UUID

from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.keeping import Values, add_row, change_row
from wc_sync_server.db.repositories.records.lists import Listing, one_of
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.db.tables.money import SUPPLIER
from wc_sync_server.domain.records import purchasing_answers as answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

SUPPLIERS = Listing(kind=SUPPLIER, shape=answers.SUPPLIER, order=("name", "id"))


class PostgresSuppliers:
    """The district's suppliers (api.records_ports.Suppliers)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listed(self, person: Person, window: Window, *, active: bool | None = None) -> Page:
        """Return a page of suppliers by name."""
        conditions = [] if active is None else ["t.is_active = %(active)s"]
        return self._desk.report(person, seen_page(SUPPLIERS, conditions, {"active": active}, window))

    def one(self, person: Person, supplier: UUID) -> Row:
        """Return a supplier. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(SUPPLIERS, supplier))

    def add(self, person: Person, values: Values) -> Row:
        """Add a supplier. Raises RecordRefused(TAKEN) when there is one of that name."""

        def work(seat: Seat) -> Row:
            return add_row(seat, SUPPLIERS, values, {"is_active": True})

        return self._desk.write(person, work)

    def change(self, person: Person, supplier: UUID, changes: Values, version: int) -> Row:
        """Change a supplier; one who is not active gets no further order. Raises RecordRefused: NO_RECORD, STALE."""

        def work(seat: Seat) -> Row:
            return change_row(seat, SUPPLIERS, supplier, changes, version)

        return self._desk.write(person, work)


def require_supplier(seat: Seat, supplier: object) -> None:
    """Raise RecordRefused(INVALID: supplier_id) unless the district buys from that supplier."""
    row = one_of(seat.uow, SUPPLIERS, supplier)
    if row is None or not row["is_active"]:
        raise RecordRefused(RecordsProblem.INVALID, fields=("supplier_id",))
