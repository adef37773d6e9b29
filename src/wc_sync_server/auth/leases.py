"""Leases: the signed, expiring permission of a device and its people to work offline (rules.md S6)."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from wc_contract.model.ids import Chance, DeviceId, DistrictId, SchoolId, UserId, new_uuid
from wc_contract.model.instants import Clock, Instant
from wc_contract.wire.messages import LeaseBody, LeaseUser, SignedLease
from wc_sync_server.auth.keys import DistrictKeys
from wc_sync_server.auth.ports import AccessStore
from wc_sync_server.domain.access import IssuedLease, LeaseHolder

FRESH_FOR = timedelta(hours=1)  # a lease younger than this is sent again instead of a new one


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """Issues leases in the transaction of the action that needs one."""

    keys: Callable[[DistrictId], DistrictKeys]
    clock: Clock
    chance: Chance
    lifetime: timedelta

    def issue(
        self,
        store: AccessStore,
        *,
        district: DistrictId,
        school: SchoolId,
        device: DeviceId,
        epoch: str,
        add: Sequence[UserId] = (),
        trusted: bool = True,
    ) -> SignedLease:
        """Return a lease for everyone with a slot on the device who may still use it, and for those in add.

        epoch is the one in force. trusted False (a revoked or forked device), or nobody left: a lease of nobody that
        has already ended.
        """
        now = self.clock.now()
        newest = store.newest_lease(device)
        known = () if newest is None else tuple(holder.id for holder in newest.users)
        asked = (*known, *(user for user in add if user not in known)) if trusted else ()
        holders = store.valid_holders(asked, school, now)
        if newest is not None and holders and _still_good(newest, holders, epoch, now):
            return _signed(newest)
        lease = self._write(store, district, school, device, epoch, holders)
        if not holders:
            # Not remembered: the next lease still asks for the people of the last good one.
            return _signed(lease)
        store.add_lease(new_uuid(now, self.chance), device, lease)
        return _signed(lease)

    def _write(
        self,
        store: AccessStore,
        district: DistrictId,
        school: SchoolId,
        device: DeviceId,
        epoch: str,
        holders: tuple[LeaseHolder, ...],
    ) -> IssuedLease:
        now = self.clock.now()
        expires_at = now + self.lifetime if holders else now
        body = LeaseBody(
            device_id=device,
            school_id=school,
            district_id=district,
            users=tuple(LeaseUser(id=holder.id, generation=holder.generation) for holder in holders),
            epoch=epoch,
            policy_version=store.district().policy_version,
            issued_at=now,
            expires_at=expires_at,
        ).model_dump_json()
        signature = self.keys(district).sign.sign(body.encode()).signature
        return IssuedLease(body=body, signature=signature, users=holders, issued_at=now, expires_at=expires_at)


def _still_good(newest: IssuedLease, holders: tuple[LeaseHolder, ...], epoch: str, now: Instant) -> bool:
    return newest.users == holders and now - newest.issued_at < FRESH_FOR and f'"{epoch}"' in newest.body


def _signed(lease: IssuedLease) -> SignedLease:
    return SignedLease(body=lease.body, signature=base64.b64encode(lease.signature).decode("ascii"))
