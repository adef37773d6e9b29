"""The lease: the district's signed, expiring permission to work offline (rules.md S6)."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from pydantic import ValidationError

from wc_contract.model.ids import DeviceId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_contract.wire.messages import LeaseBody, SignedLease
from wc_desktop.domain.failures import LeaseExpired, LeaseForged, SlotRetired
from wc_desktop.security.base64_text import octets_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTerms:
    """Who may work on what, until when."""

    device: DeviceId
    school: SchoolId
    generations: dict[UserId, int]
    epoch: str
    issued_at: Instant
    expires_at: Instant


def verified_lease(lease: SignedLease, verify_key: bytes, *, device: DeviceId, school: SchoolId) -> LeaseTerms:
    """Return what the district signed for this device and school. Raises LeaseForged."""
    try:
        VerifyKey(verify_key).verify(lease.body.encode(), octets_of(lease.signature))
        body = LeaseBody.model_validate_json(lease.body)
    except (BadSignatureError, ValueError, ValidationError):
        raise LeaseForged("the lease is not signed by this district") from None
    if (body.device_id, body.school_id) != (UUID(str(device)), UUID(str(school))):
        raise LeaseForged("the lease names another workstation")
    return LeaseTerms(
        device=device,
        school=school,
        generations={UserId(user.id): user.generation for user in body.users},
        epoch=body.epoch,
        issued_at=body.issued_at,
        expires_at=body.expires_at,
    )


def check_person(terms: LeaseTerms, user: UserId, generation: int) -> None:
    """Raise SlotRetired unless the lease names this person with the slot's generation."""
    if terms.generations.get(user) != generation:
        raise SlotRetired(str(user))


def check_expiry(terms: LeaseTerms, at: Instant, zone: ZoneInfo) -> None:
    """Raise LeaseExpired when the lease has run out; zone is the school's."""
    if at >= terms.expires_at:
        raise LeaseExpired(issued_at=terms.issued_at, ended_at=terms.expires_at, zone=zone)
