"""Pages of a list: one statement for the rows, one for how many there are, whatever the size of either."""

# ruff: noqa: S608  # put together from our own names; values are bound

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg.rows import dict_row

from wc_contract.model.kinds import RecordKind
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.shapes import Shape

_KEY = "key_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of records t: its shape, what is joined to it, and the order of its rows, which ends with the id.

    order names columns of t that are never NULL.
    """

    kind: RecordKind
    shape: Shape
    order: tuple[str, ...]
    descending: bool = False
    joins: str = ""
    joined: Mapping[str, str] = field(default_factory=dict)


def page_of(
    uow: UnitOfWork, listing: Listing, conditions: Sequence[str], values: Mapping[str, object], window: Window
) -> Page:
    """Return a page of a list. conditions speak of t alone."""
    parameters = {**_own(uow), **values, "limit": window.limit + 1}
    total = _total(uow, count_statement(listing, conditions), parameters)
    rows = asked(
        uow,
        page_statement(listing, conditions, window),
        {**parameters, **_after(window), "skipped": window.skipped},
    )
    shown = rows[: window.limit]
    last = tuple(shown[-1][f"{_KEY}{name}"] for name in listing.order) if len(rows) > window.limit else None
    return Page(rows=[_without_keys(row) for row in shown], total=total, window=window, last=last)


def page_statement(listing: Listing, conditions: Sequence[str], window: Window) -> str:
    """Return the statement of a page, with one row more than it shows: whether there is a next one."""
    after, skipping = _position(listing, window)
    order, keys = _order(listing), ", ".join(f"t.{name} AS {_KEY}{name}" for name in listing.order)
    # The page is cut before anything is joined to it.
    return (
        f"SELECT {columns_of(listing)}, {keys}"
        f" FROM (SELECT t.* FROM {living(listing.kind, 't')} WHERE {_where(conditions)}{after}"
        f" ORDER BY {order} LIMIT %(limit)s{skipping}) t {listing.joins} ORDER BY {order}"
    )


def count_statement(listing: Listing, conditions: Sequence[str]) -> str:
    """Return the statement that counts a whole list."""
    return f"SELECT count(*) FROM {living(listing.kind, 't')} WHERE {_where(conditions)}"


def columns_of(listing: Listing) -> str:
    """Return the columns of a listing's shape, and no other: what is not selected cannot be answered."""
    own = [f"t.{field.name}" for field in listing.shape.own]
    return ", ".join([*own, *(f"{listing.joined[field.name]} AS {field.name}" for field in listing.shape.joined)])


def one_of(uow: UnitOfWork, listing: Listing, record: object) -> Row | None:
    """Return one record of a listing by its id, None when the context does not show it."""
    statement = (
        f"SELECT {columns_of(listing)} FROM {living(listing.kind, 't')} {listing.joins}"
        " WHERE t.district_id = %(district)s AND t.id = %(record)s"
    )
    rows = asked(uow, statement, {"district": uow.context.district, "record": record})
    return rows[0] if rows else None


def the_one(uow: UnitOfWork, listing: Listing, record: object) -> Row:
    """Return one record. Raises RecordRefused(NO_RECORD)."""
    row = one_of(uow, listing, record)
    if row is None:
        raise RecordRefused(RecordsProblem.NO_RECORD)
    return row


def all_of(
    uow: UnitOfWork, listing: Listing, conditions: Sequence[str], values: Mapping[str, object], *, most: int
) -> list[Row]:
    """Return the first records of a listing, without a page."""
    statement = (
        f"SELECT {columns_of(listing)} FROM {living(listing.kind, 't')} {listing.joins} WHERE {_where(conditions)}"
        f" ORDER BY {_order(listing)} LIMIT %(limit)s"
    )
    return asked(uow, statement, {**_own(uow), **values, "limit": most})


def equal(values: Mapping[str, object], **columns: str) -> list[str]:
    """Return the conditions that columns (by the names of their values) have these values; of None, none."""
    return [f"t.{column} = %({name})s" for name, column in columns.items() if values[name] is not None]


def of_schools(school: object | None) -> str:
    """Return the condition on the school: naming it keeps ORDER BY … LIMIT on its index."""
    return "t.school_id = %(school)s" if school is not None else "t.school_id = ANY(%(schools)s::uuid[])"


def asked(uow: UnitOfWork, statement: str, parameters: Mapping[str, object]) -> list[Row]:
    """Return the rows of a statement by the names of their columns."""
    with uow.connection.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(statement.encode(), parameters).fetchall())


def _own(uow: UnitOfWork) -> dict[str, object]:
    return {"district": uow.context.district, "schools": list(uow.context.schools)}


def _where(conditions: Sequence[str]) -> str:
    return " AND ".join(["t.district_id = %(district)s", *conditions])


def _order(listing: Listing) -> str:
    sign = " DESC" if listing.descending else ""
    return ", ".join(f"t.{name}{sign}" for name in listing.order)


def _position(listing: Listing, window: Window) -> tuple[str, str]:
    if window.after is None:
        return "", " OFFSET %(skipped)s" if window.skipped else ""
    compared = "<" if listing.descending else ">"
    names = ", ".join(f"t.{name}" for name in listing.order)
    values = ", ".join(f"%(after_{number})s" for number in range(len(listing.order)))
    return f" AND ({names}) {compared} ({values})", ""


def _after(window: Window) -> dict[str, object]:
    return {f"after_{number}": value for number, value in enumerate(window.after or ())}


def _total(uow: UnitOfWork, statement: str, parameters: Mapping[str, object]) -> int:
    row = uow.connection.execute(statement.encode(), parameters).fetchone()
    return 0 if row is None else int(row[0])


def _without_keys(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith(_KEY)}
