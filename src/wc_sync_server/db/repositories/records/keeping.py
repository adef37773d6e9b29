"""Writing records of no stream, which stay in the central database: each counts its own changes in row_version."""

# ruff: noqa: S608  # names of our own declaration; values are bound

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import RecordKind
from wc_sync_server.db.repositories.records.desk import Seat
from wc_sync_server.db.repositories.records.lists import Listing, one_of, the_one
from wc_sync_server.domain.records.pages import Row
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

Values = Mapping[str, object]
Settle = Callable[[Row], Values]  # what follows from a change; may refuse it


def add_row(seat: Seat, listing: Listing, values: Values, derived: Values | None = None) -> Row:
    """Add a record whose author has given its id, and return it as listing shows it.

    derived is what the server adds to it, which may differ when the same is asked again. The same record again (the
    answer was lost) is no other. Raises RecordRefused(TAKEN) for another of that id.
    """
    present = one_of(seat.uow, listing, values["id"])
    if present is not None:
        if otherwise(present, values):
            raise RecordRefused(RecordsProblem.TAKEN, fields=("id",))
        return present
    insert_row(seat, listing.kind, {**values, **(derived or {})})
    row = the_one(seat.uow, listing, values["id"])
    seat.did("CREATE", listing.shape, row, values.keys() - {"id"})
    return row


def change_row(
    seat: Seat, listing: Listing, record: object, changes: Values, version: int, settle: Settle | None = None
) -> Row:
    """Change some fields of a record that is still at version, and return it. settle may refuse, or add to it.

    Asked again for what it says already (the answer was lost) it changes nothing and is content. Raises
    RecordRefused: NO_RECORD, STALE.
    """
    present = the_one(seat.uow, listing, record)
    changed = otherwise(present, changes)
    if not changed:
        return present
    following = {} if settle is None else settle(present)
    update_row(seat, listing, present, {name: changes[name] for name in changed} | dict(following), version)
    return the_one(seat.uow, listing, record)


def update_row(
    seat: Seat, listing: Listing, present: Row, changes: Values, version: int, *, parts: Iterable[str] = ()
) -> None:
    """Write fields of a record that is still at version, and put their names on record. Raises RecordRefused(STALE).

    parts names what of it changed in other rows: the record has another version then, even if nothing else changed.
    """
    values = {
        **changes,
        "district_": seat.uow.context.district,
        "id_": present["id"],
        "version_": version,
        "at_": seat.uow.at,
    }
    if seat.uow.connection.execute(_updating(listing.kind, sorted(changes)).encode(), values).rowcount != 1:
        raise RecordRefused(RecordsProblem.STALE, row_version=present["row_version"])
    seat.did("UPDATE", listing.shape, present, [*changes, *parts])


def insert_row(seat: Seat, kind: RecordKind, values: Values) -> None:
    """Add a record. What a constraint refuses is refused (Desk.write)."""
    parameters = {**values, "district_": seat.uow.context.district, "at_": seat.uow.at}
    seat.uow.connection.execute(_inserting(kind, sorted(values)).encode(), parameters)


def otherwise(present: Row, wanted: Values) -> list[str]:
    """Return which of the wanted fields a record has otherwise; wanted in wire form, or as the database gives it."""
    return [name for name, value in wanted.items() if _differs(present[name], value)]


def _differs(present: object, wanted: object) -> bool:
    if present is None or wanted is None:
        return present is not wanted
    match present:
        case Decimal():
            return present != Decimal(str(wanted))
        case datetime():
            return present != (instant_from_text(wanted) if isinstance(wanted, str) else wanted)
        case _:
            return str(present) != str(wanted)


def _inserting(kind: RecordKind, names: Iterable[str]) -> str:
    given = list(_declared(kind, names))
    columns = ", ".join(["district_id", *given, "created_at", "updated_at"])
    values = ", ".join(["%(district_)s", *(f"%({name})s" for name in given), "%(at_)s", "%(at_)s"])
    return f"INSERT INTO {kind.table} ({columns}) VALUES ({values})"


def _updating(kind: RecordKind, names: Iterable[str]) -> str:
    settings = [f"{name} = %({name})s" for name in _declared(kind, names)]
    settings += ["row_version = row_version + 1", "updated_at = %(at_)s"]
    return (
        f"UPDATE {kind.table} SET {', '.join(settings)}"
        " WHERE district_id = %(district_)s AND id = %(id_)s AND row_version = %(version_)s"
    )


def _declared(kind: RecordKind, names: Iterable[str]) -> Iterable[str]:
    """Return the names, each of which the kind has. Raises KeyError: no word of a request gets into a statement."""
    return (name if name == "id" else kind.field(name).name for name in names)
