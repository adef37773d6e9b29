"""Reading and writing whole records for commands, in the context of the system."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId
from wc_sync_server.cli.console import CommandRefused
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.directory import District
from wc_sync_server.db.operations import Operation
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.db.whole_district import whole_district
from wc_sync_server.domain.messages import Channel
from wc_sync_server.wiring import Workshop

_SCHOOLS = "SELECT id, name, sourced_id, timezone FROM schools WHERE district_id = %(district)s AND deleted_at IS NULL"


def district_named(parts: Workshop, code: str | None) -> District:
    """Return the district with that code; without one, the only district there is. Raises CommandRefused."""
    if code is not None:
        found = parts.cells.find(code)
        if found is None:
            raise CommandRefused(f"There is no district {code!r}. See `wc-sync-server district list`.")
        return found
    every = parts.cells.all()
    if len(every) == 1:
        return every[0]
    if not every:
        raise CommandRefused("There is no district yet: make one with `wc-sync-server district create CODE NAME`.")
    raise CommandRefused("There is more than one district: say which with --district CODE.")


@contextmanager
def system(
    parts: Workshop,
    district: DistrictId,
    schools: Sequence[SchoolId] = (),
    *,
    read_only: bool = False,
    operation: Operation | None = None,
    channels: Collection[Channel] = (),
) -> Iterator[UnitOfWork]:
    """Begin a transaction of the system in a district; operation and channels as scoped takes them."""
    context = Context(district=district, role=SYSTEM, schools=tuple(schools))
    pool = parts.cells.pool_for(district)
    with scoped(pool, context, operation=operation, read_only=read_only, chance=parts.chance, channels=channels) as uow:
        yield uow


def every_school(parts: Workshop, district: DistrictId) -> tuple[SchoolId, ...]:
    """Return all schools of a district, closed ones too: their records stay, and so must what can be said of them."""
    return whole_district(parts.cells.pool_for(district), district).schools


def schools_of(parts: Workshop, district: DistrictId) -> dict[SchoolId, dict[str, Any]]:
    """Return the schools of a district that are open, by id."""
    with system(parts, district, read_only=True) as uow:
        rows = uow.connection.execute(_SCHOOLS, {"district": district}).fetchall()
    return {SchoolId(row[0]): {"name": row[1], "sourced_id": row[2], "timezone": row[3]} for row in rows}


def school_named(parts: Workshop, district: DistrictId, said: str) -> SchoolId:
    """Return the school that an operator means, by id, sourced id or name. Raises CommandRefused."""
    wanted = said.strip().casefold()
    schools = schools_of(parts, district)
    found = [
        school
        for school, facts in schools.items()
        if wanted in {str(school), str(facts["sourced_id"] or "").casefold(), facts["name"].casefold()}
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(facts["name"] for facts in schools.values())) or "none yet"
    raise CommandRefused(f"{said!r} is not one school of this district. Its schools: {names}.")


def wire_row(uow: UnitOfWork, statement: str, key: UUID | str) -> dict[str, Any] | None:
    """Return one record in wire form by a statement that asks for it as JSON."""
    row = uow.connection.execute(statement.encode(), {"district": uow.context.district, "key": key}).fetchone()
    return None if row is None else dict(row[0])
