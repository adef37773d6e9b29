"""A workstation that ended: how it was told to, and what it said of its end."""

from dataclasses import dataclass, field

from wc_contract.model.ids import DeviceId
from wc_contract.model.instants import Instant
from wc_contract.wire.wipe import WipeReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """A revoked workstation. receipt is its signed word, None before it was erased."""

    device: DeviceId
    sign_key: bytes = field(repr=False)
    reason: WipeReason
    at: Instant
    wiped_at: Instant | None
    receipt: str | None = field(repr=False)
