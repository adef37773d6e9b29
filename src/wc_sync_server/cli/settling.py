"""Letting a workstation go on after two copies of it were found: everything that either copy entered counts, once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

import typer

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_contract.wire.codes import Outcome, ProblemCode
from wc_contract.wire.messages import SealedEntry
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.signatures import BatchSignatures
from wc_sync_server.cli.console import CommandRefused, out, spoken, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.records import district_named, every_school, system
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.importing.journals.taking import Intake, taken_in
from wc_sync_server.reconcile.arrivals import digests_of, read_arrivals
from wc_sync_server.reconcile.batch import Batch
from wc_sync_server.wiring import Workshop, intake_of

# Also one that was settled before, when not all that is kept of it was taken in: a settling that was cut off goes on.
_SETTLE = """
UPDATE devices d SET directive = 'ok', contact_nonce = NULL, given_nonces = '[]'::jsonb, challenge_nonce = NULL,
  settled_upto = CASE WHEN d.directive = 'forked' THEN d.last_number ELSE d.settled_upto END, updated_at = %(at)s
WHERE d.district_id = %(district)s AND d.id = %(device)s AND (d.directive = 'forked' OR d.settled_upto > 0 AND EXISTS (
  SELECT FROM refused_entries r WHERE r.district_id = %(district)s AND r.device_id = %(device)s AND r.code = 'forked'
    AND r.answered_at IS NULL))
RETURNING d.school_id, d.sign_key, d.enrolled_by, d.settled_upto, d.revoked_at IS NOT NULL
"""
# An id that stands for another text already can count only once; such an entry stays where it is, for a person.
_KEPT = """
SELECT r.body, r.signature FROM refused_entries r
WHERE r.district_id = %(district)s AND r.device_id = %(device)s AND r.code = 'forked' AND r.answered_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM receipts k WHERE k.district_id = %(district)s AND k.entry_id = r.entry_id)
ORDER BY r.number NULLS LAST, r.received_at, r.id
"""
_STILL_KEPT = """
SELECT count(*) FROM refused_entries r
WHERE r.district_id = %(district)s AND r.device_id = %(device)s AND r.answered_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How many kept entries count now, and how many of the workstation's stay kept for a person to look at."""

    taken: int
    left: int
    revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forked:
    district: DistrictId
    device: DeviceId
    school: SchoolId
    sign_key: bytes = field(repr=False)
    user: UserId
    upto: int
    revoked: bool


def settle_device(parts: Workshop, district: DistrictId, device: DeviceId) -> Settled:
    """Take in what a forked workstation sent under numbers that were taken, and let it go on. Raises CommandRefused.

    Whenever this is stopped, what was taken in counts, and doing it again takes in the rest.
    """
    forked, intake = _let_go_on(parts, district, device), intake_of(parts)
    with ThreadPoolExecutor(1) as workers:
        taken = sum(_counts(intake, BatchSignatures(workers), forked, *kept) for kept in _kept(parts, forked))
    with system(parts, district, (forked.school,), read_only=True) as uow:
        left = uow.connection.execute(_STILL_KEPT, {"district": district, "device": device}).fetchone()
    return Settled(taken=taken, left=0 if left is None else int(left[0]), revoked=forked.revoked)


@spoken
def settle(
    device: Annotated[str, typer.Argument(help="Id of the workstation; see `device list`.")],
    district: DistrictOption = None,
) -> None:
    """Let a workstation go on of which two copies were found (state `forked`).

    First end the copy that is not to go on: switch that computer off for good, or erase its data folder. Then settle:
    what either copy entered is taken in, nothing twice, and the workstation works again at its next contact. Of one
    that was revoked the entries are taken in all the same.
    """
    with workshop() as parts:
        try:
            wanted = DeviceId(UUID(device))
        except ValueError:
            raise CommandRefused("That is no id of a workstation. See `wc-sync-server device list`.") from None
        settled = settle_device(parts, district_named(parts, district).id, wanted)
    out.print(f"Settled. Entries that were kept aside and count now: {settled.taken}.")
    if settled.left:
        out.print(f"Kept for a person: {settled.left}. See `wc-sync-server refused list --device {wanted}`.")
    if not settled.revoked:
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
        revoked=row[4],
    )


def _kept(parts: Workshop, forked: _Forked) -> list[tuple[str, str]]:
    with system(parts, forked.district, (forked.school,), read_only=True) as uow:
        parameters = {"district": forked.district, "device": forked.device}
        return uow.connection.execute(_KEPT, parameters).fetchall()


def _counts(intake: Intake, signatures: BatchSignatures, forked: _Forked, body: str, signature: str) -> bool:
    """Take one entry in as if it arrived now, and return whether it has its effect.

    What is refused or waits stays kept under that reason. So does one before which another is missing: its
    workstation will send both.
    """
    sealed = (SealedEntry(body=body, signature=signature),)
    digests = digests_of(sealed)
    batch = Batch(
        principal=Principal(
            district=forked.district,
            school=forked.school,
            device=forked.device,
            user=forked.user,
            session=UUID(int=0),
        ),
        epoch=intake.epoch(forked.district),
        arrivals=read_arrivals(sealed, digests, forked.device),
        unsigned=signatures.begin(forked.sign_key, [(digests[0], signature)]),
        settled=forked.upto,
    )
    try:
        (receipt,) = taken_in(batch, intake)
    except ProblemRaised as problem:
        if problem.problem is not ProblemCode.GAP:
            raise
        return False
    return receipt.outcome not in {Outcome.REFUSED, Outcome.WAITING}


def _event(action: str, device: DeviceId, school: SchoolId, at: Instant) -> AuditEvent:
    return AuditEvent(
        action=action, entity_type="device", entity_id=str(device), at=at, role="SYSTEM", school_id=school
    )
