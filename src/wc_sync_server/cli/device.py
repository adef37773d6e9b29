"""Workstations: a one-time code to enrol one, a list, and an end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

import typer

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, new_uuid
from wc_contract.model.instants import Instant
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.codes import LIFETIME, code_hash, new_code
from wc_sync_server.cli.console import CommandRefused, out, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.records import district_named, school_named, system
from wc_sync_server.wiring import Workshop

devices = typer.Typer(no_args_is_help=True, help="Workstations: one-time codes, list, revoke, settle.")

_ADD_CODE = """
INSERT INTO enrolment_codes (district_id, school_id, id, code_hash, issued_at, expires_at, created_at, updated_at)
VALUES (%(district)s, %(school)s, %(id)s, %(hash)s, %(at)s, %(expires_at)s, %(at)s, %(at)s)
"""
_LIST = """
SELECT d.id, d.name, s.name, CASE WHEN d.wiped_at IS NOT NULL THEN 'wiped' WHEN d.revoked_at IS NOT NULL THEN 'revoked'
       WHEN d.directive = 'forked' THEN 'forked' ELSE 'active' END, d.app_version, d.enrolled_at, d.last_seen_at,
       d.unstored
FROM devices d JOIN schools s ON s.district_id = d.district_id AND s.id = d.school_id
WHERE d.district_id = %(district)s ORDER BY s.name, d.name
"""
_REVOKE = """
UPDATE devices SET revoked_at = %(at)s, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(device)s AND revoked_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCode:
    """A one-time code, shown once."""

    code: str = field(repr=False)
    expires_at: Instant


def issue_code(parts: Workshop, district: DistrictId, school: SchoolId) -> IssuedCode:
    """Make a code with which one workstation of school can be enrolled."""
    code = new_code(parts.chance)
    with system(parts, district, (school,)) as uow:
        issued = IssuedCode(code=code, expires_at=uow.at + LIFETIME)
        parameters = {
            "district": district,
            "school": school,
            "id": new_uuid(uow.at, parts.chance),
            "hash": code_hash(code),
            "at": uow.at,
            "expires_at": issued.expires_at,
        }
        uow.connection.execute(_ADD_CODE, parameters)
        uow.audit([_event("CODE_ISSUED", "school", school, uow.at)])
        uow.commit()
    return issued


def revoke_device(parts: Workshop, district: DistrictId, device: DeviceId) -> None:
    """End a workstation: it may send what it has, and gets nothing any more. Raises CommandRefused."""
    with system(parts, district) as uow:
        parameters = {"district": district, "device": device, "at": uow.at}
        if uow.connection.execute(_REVOKE, parameters).rowcount == 0:
            raise CommandRefused("There is no such workstation, or it is revoked already. See `device list`.")
        uow.audit([_event("DEVICE_REVOKED", "device", device, uow.at)])
        uow.commit()


@devices.command("code")
@spoken
def code(
    school: Annotated[str, typer.Argument(help="Name, sourced id or id of the workstation's school.")],
    district: DistrictOption = None,
) -> None:
    """Make a one-time code for enrolling a workstation. It is shown once and good for fifteen minutes."""
    with workshop() as parts:
        found = district_named(parts, district)
        issued = issue_code(parts, found.id, school_named(parts, found.id, school))
        out.print(f"District {found.code}, one-time code:")
        out.print(issued.code, style="bold", highlight=False)
        out.print(f"Good until {issued.expires_at:%H:%M} UTC, for one workstation.")


@devices.command("list")
@spoken
def list_devices(district: DistrictOption = None) -> None:
    """List workstations and when each was last heard of."""
    with workshop() as parts:
        found = district_named(parts, district).id
        with system(parts, found, read_only=True) as uow:
            rows = uow.connection.execute(_LIST, {"district": found}).fetchall()
        columns = ("id", "name", "school", "state", "version", "enrolled", "last seen", "not taken")
        table("Workstations", columns, rows)
        say_not_taken(rows)


@devices.command("revoke")
@spoken
def revoke(
    device: Annotated[str, typer.Argument(help="Id of the workstation; see `device list`.")],
    district: DistrictOption = None,
) -> None:
    """Revoke a workstation that was lost or given away. It may send what it has, and gets no record any more."""
    with workshop() as parts:
        try:
            wanted = DeviceId(UUID(device))
        except ValueError:
            raise CommandRefused("That is no id of a workstation. See `wc-sync-server device list`.") from None
        revoke_device(parts, district_named(parts, district).id, wanted)
        out.print("Revoked. It gets no records from now on. Erase its data folder once it has sent what it had.")


def say_not_taken(rows: Sequence[Sequence[object]]) -> None:
    """Say what to do where the last column of some workstation tells of records that it could not take."""
    if any(row[-1] for row in rows):
        out.print(
            "not taken: records of the district that this workstation's own database would not have; all others are "
            "there. Compare its version with the server's; `wc-desktop report` on it names their kinds. It asks for "
            "them again after each unlock."
        )


def _event(action: str, entity: str, record: DeviceId | SchoolId, at: Instant) -> AuditEvent:
    return AuditEvent(action=action, entity_type=entity, entity_id=str(record), at=at, role="SYSTEM")
