"""Workstations: a one-time code to enrol one, and a list. Their end: revoking."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import typer

from wc_contract.model.ids import DistrictId, SchoolId, new_uuid
from wc_contract.model.instants import Instant
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.codes import LIFETIME, code_hash, new_code
from wc_sync_server.cli.console import out, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.records import district_named, school_named, system
from wc_sync_server.wiring import Workshop

devices = typer.Typer(no_args_is_help=True, help="Workstations: one-time codes, list, lost, retire, settle.")

_ADD_CODE = """
INSERT INTO enrolment_codes (district_id, school_id, id, code_hash, issued_at, expires_at, created_at, updated_at)
VALUES (%(district)s, %(school)s, %(id)s, %(hash)s, %(at)s, %(expires_at)s, %(at)s, %(at)s)
"""
_LIST = """
SELECT d.id, d.name, s.name, CASE WHEN d.wiped_at IS NOT NULL THEN 'wiped'
       WHEN d.revoked_at IS NOT NULL THEN coalesce(d.revoked_reason, 'lost')
       WHEN d.directive = 'forked' THEN 'forked' ELSE 'active' END, d.app_version, d.enrolled_at, d.last_seen_at,
       d.revoked_at, d.wipe_told_at, d.waiting, d.wipe_held, d.wiped_at, d.unstored
FROM devices d JOIN schools s ON s.district_id = d.district_id AND s.id = d.school_id
WHERE d.district_id = %(district)s ORDER BY s.name, d.name
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
        uow.audit(
            [AuditEvent(action="CODE_ISSUED", entity_type="school", entity_id=str(school), at=uow.at, role="SYSTEM")]
        )
        uow.commit()
    return issued


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
        columns = ("id", "name", "school", "state", "version", "enrolled", "last seen", "erasing", "not taken")
        table("Workstations", columns, ((*row[:7], erasing_words(*row[7:12]), row[12]) for row in rows))
        say_not_taken(rows)


def say_not_taken(rows: Sequence[Sequence[object]]) -> None:
    """Say what to do where the last column of some workstation tells of records that it could not take."""
    if any(row[-1] for row in rows):
        out.print(
            "not taken: records of the district that this workstation's own database would not have; all others are "
            "there. Compare its version with the server's; `wc-desktop report` on it names their kinds. It asks for "
            "them again after each unlock."
        )


def erasing_words(
    revoked: Instant | None, told: Instant | None, unsent: int, held: str | None, wiped: Instant | None
) -> str:
    """Return how far the end of a workstation is; empty for one that goes on."""
    if revoked is None:
        return ""
    if wiped is not None:
        return f"wiped at {wiped:%Y-%m-%d %H:%M} UTC, with receipt"
    if told is None:
        return f"wipe asked {revoked:%Y-%m-%d %H:%M} UTC; not in contact since"
    waits = f"; entries still unsent: {unsent}" if unsent else ""
    return f"wipe asked, told {told:%Y-%m-%d %H:%M} UTC{waits}" + (f"; held up: {held}" if held else "")
