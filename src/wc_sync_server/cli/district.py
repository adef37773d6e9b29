"""Districts and schools: the first things there are."""

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from wc_contract.model.ids import DistrictId, SchoolId, new_uuid
from wc_contract.model.kinds import DISTRICT, SCHOOL
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.cli.console import CommandRefused, out, spoken, table, workshop
from wc_sync_server.cli.records import district_named, schools_of, system
from wc_sync_server.db.directory import District, add_district
from wc_sync_server.db.repositories.epochs import ensure_epoch
from wc_sync_server.wiring import Workshop

districts = typer.Typer(no_args_is_help=True, help="Districts: create, list.")
schools = typer.Typer(no_args_is_help=True, help="Schools of a district: add, list.")

DistrictOption = Annotated[
    str | None, typer.Option("--district", "-d", help="Code of the district; not needed when there is only one.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDistrict:
    """A district to be made."""

    code: str
    name: str
    state: str
    policy: str = "{}"


def create_district(parts: Workshop, new: NewDistrict) -> DistrictId:
    """Make a district, its keys and its stream; return its id. Raises CommandRefused when the code is taken."""
    code = new.code.strip().lower()
    if parts.cells.find(code) is not None:
        raise CommandRefused(f"There is a district {code!r} already.")
    now = parts.clock.now()
    district = DistrictId(new_uuid(now, parts.chance))
    ensure_epoch(parts.cells.home, now, parts.chance)
    parts.keys.create_district(district)
    add_district(parts.cells.home, District(id=district, code=code, name=new.name), now)
    with system(parts, district) as uow:
        uow.open_streams(district)
        row = {
            "id": str(district),
            "name": new.name,
            "state": new.state.upper(),
            "sourced_id": None,
            "policy": new.policy,
        }
        uow.write_rows(DISTRICT, district, [row])
        uow.audit([_event("DISTRICT_CREATED", "district", district, parts)])
        uow.commit()
    return district


def add_school(parts: Workshop, district: DistrictId, name: str, timezone: str, sourced_id: str | None) -> SchoolId:
    """Add a school and its stream; return its id. Raises CommandRefused for a time zone nobody knows."""
    known_zone(timezone)
    school = SchoolId(new_uuid(parts.clock.now(), parts.chance))
    with system(parts, district, (school,)) as uow:
        uow.lock_streams(district)
        row = {"id": str(school), "name": name, "timezone": timezone, "sourced_id": sourced_id, "bells": None}
        uow.write_rows(SCHOOL, district, [row])
        uow.open_streams(school)
        uow.audit([_event("SCHOOL_ADDED", "school", school, parts)])
        uow.commit()
    return school


def known_zone(said: str) -> str:
    """Return the name of a time zone that there is. Raises CommandRefused."""
    try:
        ZoneInfo(said)
    except (OSError, ValueError, KeyError):
        raise CommandRefused(f"{said!r} is no time zone. Use an IANA name such as America/Chicago.") from None
    return said


@districts.command("create")
@spoken
def create(
    code: Annotated[str, typer.Argument(help="Short code that people type when they sign in, e.g. lakeside.")],
    name: Annotated[str, typer.Argument(help="Full name of the district.")],
    state: Annotated[str, typer.Option(help="Two letters of the state, e.g. MN.")],
) -> None:
    """Make a district with its keys. Back the key folder up: without it no lease and no sealed copy can be read."""
    with workshop() as parts:
        district = create_district(parts, NewDistrict(code=code, name=name, state=state))
        out.print(f"District {code.lower()} is {district}. Its keys are in the key folder: back that folder up.")


@districts.command("list")
@spoken
def list_districts() -> None:
    """List the districts of this server."""
    with workshop() as parts:
        table("Districts", ("code", "name", "id"), ((d.code, d.name, d.id) for d in parts.cells.all()))


@schools.command("add")
@spoken
def add(
    name: Annotated[str, typer.Argument(help="Name of the school.")],
    timezone: Annotated[str, typer.Option(help="IANA time zone, e.g. America/Chicago.")],
    sourced_id: Annotated[str | None, typer.Option(help="Its id in the student information system.")] = None,
    district: DistrictOption = None,
) -> None:
    """Add a school. A roster import adds schools too."""
    with workshop() as parts:
        school = add_school(parts, district_named(parts, district).id, name, timezone, sourced_id)
        out.print(f"School {name} is {school}.")


@schools.command("list")
@spoken
def list_schools(district: DistrictOption = None) -> None:
    """List the schools of a district."""
    with workshop() as parts:
        known = schools_of(parts, district_named(parts, district).id)
        rows = ((facts["name"], facts["timezone"], facts["sourced_id"], school) for school, facts in known.items())
        table("Schools", ("name", "time zone", "sourced id", "id"), rows)


def _event(action: str, entity: str, record: DistrictId | SchoolId, parts: Workshop) -> AuditEvent:
    return AuditEvent(action=action, entity_type=entity, entity_id=str(record), at=parts.clock.now(), role="SYSTEM")
