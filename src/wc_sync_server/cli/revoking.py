"""The end of a workstation: lost or retired, what became of it, and its receipt proved."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import typer

from wc_contract.model.ids import DeviceId, DistrictId
from wc_contract.wire.wipe import WipeDone, WipeReason, signed_receipt
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.device_proof import verifies
from wc_sync_server.cli.console import CommandRefused, out, spoken, table, workshop
from wc_sync_server.cli.device import erasing_words
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.records import district_named, system
from wc_sync_server.wiring import Workshop

DeviceArgument = Annotated[str, typer.Argument(help="Id of the workstation; see `device list`.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]

_REVOKE = """
UPDATE devices SET revoked_at = %(at)s, revoked_reason = %(reason)s, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(device)s AND revoked_at IS NULL
"""
# Found gone after all: a retired workstation waits for nobody's password any more.
_LOST_TOO = """
UPDATE devices SET revoked_reason = 'lost', updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(device)s AND revoked_reason = 'retired' AND wiped_at IS NULL
"""
_SHOW = """
SELECT d.name, s.name, d.app_version, d.enrolled_at, d.last_seen_at, d.last_number, d.waiting, d.lease_until,
       d.revoked_at, d.revoked_reason, d.wipe_told_at, d.wipe_held, d.wiped_at, d.wipe_receipt, d.wipe_signature,
       d.sign_key
FROM devices d JOIN schools s ON s.district_id = d.district_id AND s.id = d.school_id
WHERE d.district_id = %(district)s AND d.id = %(device)s
"""
_WILL = {
    WipeReason.LOST: (
        "It gets no record any more. At its next contact it locks, sends the entries that it still has, destroys its "
        "keys, erases its files and sends a signed receipt; photos and documents that were not sent go with them."
    ),
    WipeReason.RETIRED: (
        "It gets no record any more. At its next contact it asks whoever works at it to finish. Once it is locked and "
        "everything was sent, photos too, it destroys its keys, erases its files and sends a signed receipt."
    ),
}


def revoke_device(
    parts: Workshop, district: DistrictId, device: DeviceId, reason: WipeReason = WipeReason.LOST
) -> None:
    """End a workstation: it may send what it has, and is to erase itself. Raises CommandRefused."""
    with system(parts, district) as uow:
        parameters = {"district": district, "device": device, "at": uow.at, "reason": reason.value}
        done = uow.connection.execute(_REVOKE, parameters).rowcount
        if not done and reason is WipeReason.LOST:
            done = uow.connection.execute(_LOST_TOO, parameters).rowcount
        if not done:
            raise CommandRefused("There is no such workstation, or it is revoked already. See `device list`.")
        event = AuditEvent(
            action="DEVICE_REVOKED",
            entity_type="device",
            entity_id=str(device),
            at=uow.at,
            role="SYSTEM",
            detail={"reason": reason.value},
        )
        uow.audit([event])
        uow.commit()


@spoken
def lost(device: DeviceArgument, *, yes: YesOption = False, district: DistrictOption = None) -> None:
    """Mark a workstation as lost or stolen: it sends what it can without a password, and erases itself.

    It cannot be taken back. One that never calls again is not reached: its permission to work ends with its lease.
    """
    _revoke(device, WipeReason.LOST, district, yes=yes)


@spoken
def retire(device: DeviceArgument, *, yes: YesOption = False, district: DistrictOption = None) -> None:
    """Retire a workstation that goes to another school, to another use or to the scrap: it erases itself.

    It cannot be taken back; afterwards the same computer can be enrolled anew, with a new code.
    """
    _revoke(device, WipeReason.RETIRED, district, yes=yes)


@spoken
def show(device: DeviceArgument, district: DistrictOption = None) -> None:
    """Show one workstation: what waits on it, how far its end is, and its receipt, proved by its stored key.

    Ends with 1 when the kept receipt is not the workstation's own.
    """
    with workshop() as parts:
        found, wanted = district_named(parts, district).id, device_named(device)
        row = _row(parts, found, wanted)
    (*facts, revoked, reason, told, held, wiped, receipt, signature, key) = row
    names = ("name", "school", "version", "enrolled", "last seen", "entries held", "waiting there", "lease until")
    shown = [*zip(names, facts, strict=True), ("revoked as", reason or ("lost" if revoked else "no"))]
    shown.append(("erasing", erasing_words(revoked, told, facts[6], held, wiped)))
    proved = receipt is None or verifies(bytes(key), signed_receipt(receipt), bytes(signature))
    if receipt is not None:
        shown += _receipt_lines(receipt, proved=proved)
    table(f"Workstation {wanted}", ("what", "is"), shown)
    if not proved:
        raise CommandRefused("The receipt that is kept is not signed by this workstation's key: it proves nothing.")


def device_named(said: str) -> DeviceId:
    """Return the id that an operator typed. Raises CommandRefused."""
    try:
        return DeviceId(UUID(said))
    except ValueError:
        raise CommandRefused("That is no id of a workstation. See `wc-sync-server device list`.") from None


def _revoke(device: str, reason: WipeReason, code: str | None, *, yes: bool) -> None:
    with workshop() as parts:
        district, wanted = district_named(parts, code).id, device_named(device)
        row = _row(parts, district, wanted)
        out.print(f"{row[0]}, {row[1]}. Last seen: {row[4] or 'never'}. Said to wait there: {row[6]}.", highlight=False)
        out.print(_WILL[reason], highlight=False)
        out.print(f"If it never calls: nobody can work on it after {row[7] or 'now'} (its lease), and nothing more.")
        if not yes and not typer.confirm("This cannot be taken back. Go on?"):
            raise CommandRefused("Nothing was changed.")
        revoke_device(parts, district, wanted, reason)
        out.print(f"Marked as {reason.value}. `wc-sync-server device show {wanted}` says how far it is.")


def _row(parts: Workshop, district: DistrictId, device: DeviceId) -> Sequence[Any]:
    with system(parts, district, read_only=True) as uow:
        row = uow.connection.execute(_SHOW, {"district": district, "device": device}).fetchone()
    if row is None:
        raise CommandRefused("There is no such workstation. See `wc-sync-server device list`.")
    return row


def _receipt_lines(receipt: str, *, proved: bool) -> list[tuple[str, object]]:
    said = WipeDone.model_validate_json(receipt)
    photos = "not known" if said.photos is None else said.photos
    return [
        ("receipt", "signed by its key" if proved else "NOT SIGNED BY ITS KEY"),
        ("erased from/to", f"{said.begun_at:%Y-%m-%d %H:%M:%S} / {said.erased_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("entries sent", said.sent),
        ("last number", said.last_number),
        ("photos unsent", photos),
        ("keys destroyed", ", ".join(said.keys)),
        ("files erased", ", ".join(said.files)),
        ("left, sealed", ", ".join(said.left) or "nothing"),
    ]
