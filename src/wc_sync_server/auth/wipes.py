"""Ending a workstation: the order it is given, and the receipt that is all it leaves behind."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import structlog
from pydantic import ValidationError

from wc_contract.model.ids import DeviceId, DistrictId
from wc_contract.model.instants import Clock, Instant, instant_to_text
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.wipe import (
    AskWipe,
    SignedOrder,
    WipeAsked,
    WipeDone,
    WipeKept,
    WipeOrder,
    WipeReceipt,
    signed_order,
    signed_receipt,
)
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.device_proof import verifies
from wc_sync_server.auth.keys import DistrictKeys
from wc_sync_server.auth.ports import AccessStore, AccessStores
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.revocation import Revoked

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wipes:
    """Gives orders and takes receipts."""

    stores: AccessStores
    keys: Callable[[DistrictId], DistrictKeys]
    clock: Clock

    def asked(self, principal: Principal, message: AskWipe) -> WipeAsked:
        """Return the order for a revoked workstation, none for any other; remember what it says it still has."""
        epoch = self.stores.epoch(principal.district)
        with self.stores.open(principal.district) as store:
            revoked, held = store.revoked(principal.device), store.last_number(principal.device)
            if revoked is not None:
                store.told_to_wipe(principal.device, self.clock.now(), unsent=message.unsent, held=message.held)
                store.commit()
        order = None if revoked is None else self._order(principal.district, revoked)
        return WipeAsked(protocol=1, epoch=epoch, last_number=held, order=order)

    def done(self, message: WipeReceipt) -> WipeKept:
        """Keep a receipt, once. It needs no session: the workstation has no key left but the one it signed this with.

        Raises ProblemRaised(BAD_PROOF) unless the stored key of a revoked workstation signed exactly this.
        """
        said, now = _read(message.body), self.clock.now()
        district = DistrictId(said.district_id)
        if not self.stores.keeps(district):
            raise _refused("district_unknown")
        with self.stores.open(district) as store:
            revoked = store.revoked(DeviceId(said.device_id))
            if revoked is None:
                raise _refused("not_revoked")
            _require(revoked, said, message)
            if revoked.receipt is None:
                kept = store.keep_wipe(revoked.device, message.body, _octets(message.signature), now)
                if kept:
                    store.audit([_wiped(said, message.body, now)])
                    store.commit()
            elif revoked.receipt != message.body:
                # Another copy of the same files was erased as well: the first word stands, the second is on record.
                self._second(store, said, message.body, now)
        return WipeKept(protocol=1, received_at=revoked.wiped_at or now)

    def _second(self, store: AccessStore, said: WipeDone, body: str, now: Instant) -> None:
        _log.warning("device.wiped_twice", device=str(said.device_id))
        store.audit([_wiped(said, body, now)])
        store.commit()

    def _order(self, district: DistrictId, revoked: Revoked) -> SignedOrder:
        body = WipeOrder(
            district_id=district, device_id=revoked.device, reason=revoked.reason, revoked_at=revoked.at
        ).model_dump_json()
        signature = self.keys(district).sign.sign(signed_order(body)).signature
        return SignedOrder(body=body, signature=base64.b64encode(signature).decode("ascii"))


def _require(revoked: Revoked, said: WipeDone, message: WipeReceipt) -> None:
    if not verifies(revoked.sign_key, signed_receipt(message.body), _octets(message.signature)):
        raise _refused("not_signed")
    if instant_to_text(said.revoked_at) != instant_to_text(revoked.at):
        raise _refused("another_order")


def _read(body: str) -> WipeDone:
    try:
        return WipeDone.model_validate_json(body)
    except ValidationError:
        raise _refused("malformed") from None


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _refused(why: str) -> ProblemRaised:
    # Nothing is put on record: whoever reaches the server can send these, and fill the audit with them.
    _log.info("wipe.receipt_refused", why=why)
    return ProblemRaised(ProblemCode.BAD_PROOF)


def _wiped(said: WipeDone, body: str, at: Instant) -> AuditEvent:
    return AuditEvent(
        action="DEVICE_WIPED",
        entity_type="device",
        entity_id=str(said.device_id),
        at=at,
        device_id=DeviceId(said.device_id),
        detail={
            "receipt": sha256(body.encode()).hexdigest(),
            "sent": said.sent,
            "last_number": said.last_number,
            "photos": said.photos,
            "left": len(said.left),
        },
    )
