"""What a person is shown of a list, put on record as it is read (product.md, law 6): a page of it, or one record."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from wc_sync_server.db.repositories.records.charts import of_child
from wc_sync_server.db.repositories.records.desk import Seat
from wc_sync_server.db.repositories.records.lists import Listing, page_of, the_one
from wc_sync_server.domain.records.pages import Page, Row, Window


def seen_page(
    listing: Listing,
    conditions: Sequence[str],
    values: Mapping[str, object],
    window: Window,
    *,
    child: UUID | None = None,
) -> Callable[[Seat], Page]:
    """Return a look at a page of a list; of one child only, by whichever of its charts, where one is named."""

    def look(seat: Seat) -> Page:
        own, named = of_child(seat.uow, child)
        page = page_of(seat.uow, listing, [*conditions, *own], {**values, **named}, window)
        seat.saw(listing.shape, page.rows, via="list")
        return page

    return look


def seen_one(listing: Listing, record: UUID) -> Callable[[Seat], Row]:
    """Return a look at one record, which raises RecordRefused(NO_RECORD)."""

    def look(seat: Seat) -> Row:
        row = the_one(seat.uow, listing, record)
        seat.saw(listing.shape, [row], via="record")
        return row

    return look
