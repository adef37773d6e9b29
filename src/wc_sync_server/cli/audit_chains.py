"""The chain of each workstation, read whole: what it signed, what the district holds, what the audit tells of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Annotated
from uuid import UUID

import typer
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from psycopg.rows import TupleRow

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant, instant_to_text
from wc_sync_server.audit.chains import Break, BreakFound, ChainLook, HeldText, Signed, Told, compare, follow
from wc_sync_server.cli.auditing import TAMPERED, reader_of
from wc_sync_server.cli.console import CommandRefused, fail, out, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.records import district_named, every_school, system
from wc_sync_server.db.audit_months import archives_of
from wc_sync_server.db.audit_sealer import whole_record
from wc_sync_server.db.engine import Pool
from wc_sync_server.reconcile.links import CHAIN_BROKEN
from wc_sync_server.wiring import Workshop

_DEVICES = """
SELECT d.id, d.name, d.sign_key, d.last_number, d.directive, d.wiped_at IS NOT NULL, d.revoked_at IS NOT NULL
FROM devices AS d
WHERE d.district_id = %(district)s AND (%(device)s::uuid IS NULL OR d.id = %(device)s) ORDER BY d.enrolled_at, d.id
"""
_HELD = """
SELECT r.number, r.entry_id, r.hash, r.outcome, r.code, r.body, r.signature, r.received_at FROM receipts AS r
WHERE r.district_id = %(district)s AND r.device_id = %(device)s ORDER BY r.number
"""
_SINCE = """
SELECT max(r.received_at) FROM receipts AS r
WHERE r.district_id = %(district)s AND r.device_id = %(device)s AND r.number <= %(number)s
"""
_BROKEN = """
SELECT b.device_id, min(b.received_at), count(*) FROM (
    SELECT l.device_id, l.received_at FROM audit_logs AS l
    WHERE l.district_id = %(district)s AND l.entity_type = 'device' AND l.action = %(broken)s UNION ALL
    SELECT o.device_id, o.received_at FROM audit_overflow AS o
    WHERE o.district_id = %(district)s AND o.entity_type = 'device' AND o.action = %(broken)s
) AS b GROUP BY b.device_id ORDER BY 2
"""
_STILL = "SELECT r.entry_id FROM receipts AS r WHERE r.district_id = %(district)s AND r.entry_id = ANY(%(entries)s)"
_TOLD = """
SELECT l.entry_id, l.action, l.detail FROM audit_logs AS l
WHERE l.district_id = %(district)s AND l.device_id = %(device)s AND l.entry_id IS NOT NULL UNION ALL
SELECT o.entry_id, o.action, o.detail FROM audit_overflow AS o
WHERE o.district_id = %(district)s AND o.device_id = %(device)s AND o.entry_id IS NOT NULL
"""
# Lines about a text that was turned away may tell of one that is kept elsewhere, under a number that is taken.
_TURNED_AWAY = frozenset({"ENTRY_REFUSED", "ENTRY_WAITS", "REFUSED_ANSWERED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChain:
    """A workstation, and what a look along its chain found."""

    id: UUID
    name: str
    sign_key: bytes
    look: ChainLook
    forked: bool
    wiped: bool
    revoked: bool
    since: Instant | None

    def row(self) -> tuple[object, ...]:
        """Return what a table shows of it."""
        look = self.look
        verdict = look.found[0].sentence() if look.found else "whole"
        state = "forked" if self.forked else "erased, with its receipt" if self.wiped else ""
        return self.name, str(self.id)[-8:], look.last, look.linked, look.trimmed, look.set_aside, state, verdict

    def as_json(self) -> dict[str, object]:
        """Return it for a script."""
        look = self.look
        return {
            "device": str(self.id),
            "sign_key": self.sign_key.hex(),
            "last_number": look.last,
            "head": look.head,
            "entries": look.entries,
            "linked": look.linked,
            "texts_taken_out": look.trimmed,
            "set_aside": look.set_aside,
            "forked": self.forked,
            "wiped": self.wiped,
            "since": None if self.since is None else instant_to_text(self.since),
            "findings": [one.as_json() for one in look.found],
        }


def chains_of(parts: Workshop, reader: Pool, district: DistrictId, device: UUID | None = None) -> list[DeviceChain]:
    """Return what a look along the chain of each workstation of a district found, or of the one."""
    everywhere = every_school(parts, district)
    with system(parts, district, everywhere, read_only=True) as uow:
        rows = uow.connection.execute(_DEVICES, {"district": district, "device": device}).fetchall()
    return [_chain(parts, reader, district, row) for row in rows]


def broken_on_arrival(parts: Workshop, reader: Pool, district: DistrictId) -> list[tuple[object, ...]]:
    """Return the workstations that sent a text that does not follow: name, end of the id, since when, how many."""
    with system(parts, district, every_school(parts, district), read_only=True) as uow:
        devices = uow.connection.execute(_DEVICES, {"district": district, "device": None}).fetchall()
    names = {row[0]: row[1] for row in devices}
    with whole_record(parts.cells.pool_for(district), reader, district) as record:
        rows = record.connection.execute(_BROKEN, {"district": district, "broken": CHAIN_BROKEN}).fetchall()
    return [
        (names.get(device, ""), str(device)[-8:], f"{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC", count)
        for device, since, count in rows
    ]


def held_of(parts: Workshop, district: DistrictId, device: UUID) -> list[tuple[HeldText, date]]:
    """Return what the district holds of a workstation, in order, each with the month in which it came."""
    with system(parts, district, every_school(parts, district), read_only=True) as uow:
        rows = uow.connection.execute(_HELD, {"district": district, "device": device}).fetchall()
    return [
        (
            HeldText(
                number=row[0], entry=row[1], hash=row[2], outcome=row[3], code=row[4], body=row[5], signature=row[6]
            ),
            row[7].date().replace(day=1),
        )
        for row in rows
    ]


def verifying(key: bytes) -> Signed:
    """Return what knows the signatures of a workstation."""
    verify = VerifyKey(key)

    def signed(digest: bytes, signature: bytes) -> bool:
        try:
            verify.verify(digest, signature)
        except (BadSignatureError, ValueError):
            return False
        return True

    return signed


def _chain(parts: Workshop, reader: Pool, district: DistrictId, row: TupleRow) -> DeviceChain:
    device, name, key, last_number, directive, wiped, revoked = row
    held = held_of(parts, district, device)
    with whole_record(parts.cells.pool_for(district), reader, district) as record:
        # What an archive took out is verified there; here only what is still told of can be compared.
        archived = set(archives_of(record.connection, district))
        told = _told(record.connection.execute(_TOLD, {"district": district, "device": device}).fetchall())
    look = follow([text for text, _ in held], last_number=last_number, signed=verifying(bytes(key)))
    found = list(compare([text for text, month in held if month not in archived], told))
    look.found += _still_gone(parts, district, found)
    return DeviceChain(
        id=device,
        name=name,
        sign_key=bytes(key),
        look=look,
        forked=directive == "forked",
        wiped=wiped,
        revoked=revoked,
        since=_since(parts, district, device, look.found),
    )


def _since(parts: Workshop, district: DistrictId, device: UUID, found: list[BreakFound]) -> Instant | None:
    """Return when what stands at the first break came in, or the last before it where nothing stands there."""
    if not found or found[0].number is None:
        return None
    asked = {"district": district, "device": device, "number": found[0].number}
    with system(parts, district, every_school(parts, district), read_only=True) as uow:
        ((since,),) = uow.connection.execute(_SINCE, asked).fetchall()
    return None if since is None else since.astimezone(UTC)


def _still_gone(parts: Workshop, district: DistrictId, found: list[BreakFound]) -> list[BreakFound]:
    """Return what was found, without entries that came in while we looked."""
    gone = [one.entry for one in found if one.what is Break.GONE]
    if not gone:
        return found
    with system(parts, district, every_school(parts, district), read_only=True) as uow:
        rows = uow.connection.execute(_STILL, {"district": district, "entries": gone}).fetchall()
    there = {row[0] for row in rows}
    return [one for one in found if one.what is not Break.GONE or one.entry not in there]


def _told(rows: list[tuple[UUID, str, Mapping[str, object] | None]]) -> Told:
    hashes = {
        int(str(detail["number"])): str(detail["hash"])
        for _, _, detail in rows
        if detail is not None and "hash" in detail
    }
    return Told(
        entries=frozenset(entry for entry, _, _ in rows),
        hashes=hashes,
        done=frozenset(entry for entry, action, _ in rows if action not in _TURNED_AWAY),
    )


@spoken
def devices(
    *,
    device: Annotated[str | None, typer.Option("--device", help="Id of one workstation; see `device list`.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    district: DistrictOption = None,
) -> None:
    """Read the chain of each workstation: numbers without a gap, signatures, links, each entry told of. Exit 5 if not.

    A number that a workstation lost, or a text that came damaged, is counted as set aside: it was answered for.
    """
    with workshop() as parts, reader_of(parts) as reader:
        found = chains_of(parts, reader, district_named(parts, district).id, _id(device))
    if as_json:
        typer.echo(
            json.dumps({"ok": not any(one.look.found for one in found), "devices": [o.as_json() for o in found]})
        )
    else:
        columns = ("workstation", "id ends", "up to", "linked", "texts taken out", "set aside", "state", "chain")
        table("Chains", columns, [one.row() for one in found])
    first = next((one for one in found if one.look.found), None)
    if first is not None:
        raise fail(f"The chain of {first.name} ({first.id}) is broken: {first.look.found[0].sentence()}.", TAMPERED)
    if not found and not as_json:
        out.print("There is no workstation yet.")


def _id(said: str | None) -> UUID | None:
    try:
        return None if said is None else UUID(said)
    except ValueError:
        raise CommandRefused("That is no id of a workstation: see `wc-sync-server device list`.") from None
