"""Letting a workstation go on after two copies of it were found: everything that either copy entered counts, once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import typer

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_contract.wire.messages import SealedEntry
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.signatures import BatchSignatures
from wc_sync_server.cli.console import CommandRefused, out, spoken, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.records import district_named, every_school, system
from wc_sync_server.db.repositories.epochs import Epochs
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.reconcile.arrivals import digests_of, read_arrivals
from wc_sync_server.reconcile.batch import Batch
from wc_sync_server.wiring import Workshop, build_reconciler

_SETTLE = """
UPDATE devices SET directive = 'ok', settled_upto = last_number, contact_nonce = NULL, given_nonces = '[]'::jsonb,
  challenge_nonce = NULL, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(device)s AND directive = 'forked' AND revoked_at IS NULL
RETURNING school_id, sign_key, enrolled_by, last_number
"""
# An id that stands for another text already can count only once; such an entry stays where it is, for a person.
_KEPT = """
SELECT r.id, r.body, r.signature FROM refused_entries r
WHERE r.district_id = %(district)s AND r.device_id = %(device)s AND r.code = 'forked' AND r.answered_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM receipts k WHERE k.district_id = %(district)s AND k.entry_id = r.entry_id)
ORDER BY r.number NULLS LAST, r.received_at, r.id
"""
_ANSWERED = """
UPDATE refused_entries SET answered_at = %(at)s, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(kept)s AND answered_at IS NULL
"""
_STILL_KEPT = """
SELECT count(*) FROM refused_entries r WHERE r.district_id = %(district)s AND r.device_id = %(device)s
  AND r.code = 'forked' AND r.answered_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How many kept entries count now, and how many stay kept for a person to look at."""

    taken: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forked:
    district: DistrictId
    device: DeviceId
    school: SchoolId
    sign_key: bytes
    user: UserId
    upto: int


def settle_device(parts: Workshop, district: DistrictId, device: DeviceId) -> Settled:
    """Take in what a forked workstation sent under numbers that were taken, and let it go on. Raises CommandRefused."""
    forked = _let_go_on(parts, district, device)
    taken = sum(_take(parts, forked, *kept) for kept in _kept(parts, forked))
    with system(parts, district, (forked.school,), read_only=True) as uow:
        left = uow.connection.execute(_STILL_KEPT, {"district": district, "device": device}).fetchone()
    return Settled(taken=taken, left=0 if left is None else int(left[0]))


@spoken
def settle(
    device: Annotated[str, typer.Argument(help="Id of the workstation; see `device list`.")],
    district: DistrictOption = None,
) -> None:
    """Let a workstation go on of which two copies were found (state `forked`).

    First end the copy that is not to go on: switch that computer off for good, or erase its data folder. Then settle:
    what either copy entered is taken in, nothing twice, and the workstation works again at its next contact.
    """
    with workshop() as parts:
        try:
            wanted = DeviceId(UUID(device))
        except ValueError:
            raise CommandRefused("That is no id of a workstation. See `wc-sync-server device list`.") from None
        settled = settle_device(parts, district_named(parts, district).id, wanted)
        out.print(f"Settled. {settled.taken} entries that were kept aside count now.")
        if settled.left:
            out.print(f"{settled.left} stay kept for a person: see `wc-sync-server status`, column refused.")
        out.print("The workstation goes on at its next contact. If it is found forked again, both copies still run.")


def _let_go_on(parts: Workshop, district: DistrictId, device: DeviceId) -> _Forked:
    with system(parts, district, every_school(parts, district)) as uow:
        row = uow.connection.execute(_SETTLE, {"district": district, "device": device, "at": uow.at}).fetchone()
        if row is None:
            raise CommandRefused("There is no such workstation, or no two copies of it were found. See `device list`.")
        uow.audit([_event("DEVICE_SETTLED", device, SchoolId(row[0]), uow.at)])
        uow.commit()
    return _Forked(
        district=district,
        device=device,
        school=SchoolId(row[0]),
        sign_key=bytes(row[1]),
        user=UserId(row[2] or UUID(int=0)),
        upto=row[3],
    )


def _kept(parts: Workshop, forked: _Forked) -> list[tuple[UUID, str, str]]:
    with system(parts, forked.district, (forked.school,), read_only=True) as uow:
        parameters = {"district": forked.district, "device": forked.device}
        return uow.connection.execute(_KEPT, parameters).fetchall()


def _take(parts: Workshop, forked: _Forked, kept: UUID, body: str, signature: str) -> bool:
    """Take one entry in as if it arrived now; False when an earlier one is missing, which its workstation will send."""
    sealed = (SealedEntry(body=body, signature=signature),)
    digests = digests_of(sealed)
    with ThreadPoolExecutor(1) as workers:
        batch = Batch(
            principal=Principal(
                district=forked.district,
                school=forked.school,
                device=forked.device,
                user=forked.user,
                session=UUID(int=0),
            ),
            epoch=Epochs(parts.cells, parts.clock).current(forked.district),
            arrivals=read_arrivals(sealed, digests, forked.device),
            unsigned=BatchSignatures(workers).begin(forked.sign_key, [(digests[0], signature)]),
            settled=forked.upto,
        )
        try:
            build_reconciler(parts).push(batch)
        except ProblemRaised:
            return False
    with system(parts, forked.district, (forked.school,)) as uow:
        uow.connection.execute(_ANSWERED, {"district": forked.district, "kept": kept, "at": uow.at})
        uow.commit()
    return True


def _event(action: str, device: DeviceId, school: SchoolId, at: Instant) -> AuditEvent:
    return AuditEvent(
        action=action, entity_type="device", entity_id=str(device), at=at, role="SYSTEM", school_id=school
    )
