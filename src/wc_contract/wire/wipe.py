"""The end of a workstation: the district's order to erase it, and the workstation's word that it did."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from wc_contract.wire.base import Base64, Code, Short, WireInstant, WireModel, is_none

# Before what is signed, so that neither is ever taken for anything else that these keys sign.
_ORDER, _RECEIPT = b"wc-wipe-order-1\n", b"wc-wipe-receipt-1\n"
_MOST = 20_000
Names = Annotated[tuple[Short, ...], Field(max_length=200)]


class WipeReason(StrEnum):
    """Why a workstation ends. A lost one waits for nobody's password; a retired one is erased when all was sent."""

    LOST = "lost"
    RETIRED = "retired"


class AskWipe(WireModel):
    """Ask whether to be erased. A workstation that was told before says what it still has, and why it has it.

    unsent: entries without a final receipt. held: a failure's code, or what is needed.
    """

    protocol: Literal[1]
    unsent: int | None = Field(default=None, ge=0, exclude_if=is_none)
    held: Code | None = Field(default=None, exclude_if=is_none)


class WipeOrder(WireModel):
    """What the district signs (signed_order): this workstation is to be erased."""

    district_id: UUID
    device_id: UUID
    reason: WipeReason
    revoked_at: WireInstant


class SignedOrder(WireModel):
    """A WipeOrder as text, and the district's signature."""

    body: str = Field(max_length=_MOST)
    signature: Base64


class WipeAsked(WireModel):
    """Where the server stands, and the order when there is one. last_number: every entry up to it is held."""

    protocol: Literal[1]
    epoch: Short
    last_number: int = Field(ge=0)
    order: SignedOrder | None


class WipeDone(WireModel):
    """What a workstation says of its end, and signs (signed_receipt).

    sent: entries that were sent for it; last_number: the newest there ever was. photos: content of its own that was
    erased unsent, None where nobody could count it without a password. left: files that only the district can read.
    """

    district_id: UUID
    device_id: UUID
    revoked_at: WireInstant
    begun_at: WireInstant
    erased_at: WireInstant
    sent: int = Field(ge=0)
    last_number: int = Field(ge=0)
    photos: int | None = Field(ge=0)
    keys: Names
    files: Names
    left: Names
    app_version: Short


class WipeReceipt(WireModel):
    """A WipeDone as text, and the device's signature: nothing else proves it, for its keys are gone by then."""

    protocol: Literal[1]
    body: str = Field(max_length=_MOST)
    signature: Base64


class WipeKept(WireModel):
    """The district has the receipt."""

    protocol: Literal[1]
    received_at: WireInstant


def signed_order(body: str) -> bytes:
    """Return the octets that a district signs for an order."""
    return _ORDER + body.encode()


def signed_receipt(body: str) -> bytes:
    """Return the octets that a device signs for a receipt."""
    return _RECEIPT + body.encode()
