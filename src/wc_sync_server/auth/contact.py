"""Each contact begins with a greeting: what the device is to do, and a lease for those who may still use it."""

import base64
from dataclasses import dataclass

import structlog

from wc_contract.model.ids import Chance
from wc_contract.model.instants import Clock, Instant, whole_millis
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import Hello, HelloAnswer
from wc_contract.wire.versions import SUPPORTED_PROTOCOLS
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.leases import Leases
from wc_sync_server.auth.ports import AccessStore, AccessStores
from wc_sync_server.domain.access import Admission, DeviceStatus, Principal
from wc_sync_server.domain.checkpoints import Checkpoint, Checkpoints, scope_of
from wc_sync_server.domain.contact_nonce import heard, said_under, word_under
from wc_sync_server.domain.directives import directive_for, went_back
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.registration import Greeting

_NONCE_OCTETS = 18
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Answers greetings."""

    stores: AccessStores
    leases: Leases
    checkpoints: Checkpoints
    clock: Clock
    chance: Chance
    min_app_version: str

    def hello(self, principal: Principal, admission: Admission, message: Hello) -> HelloAnswer:
        """Return what the server knows of the device and wants of it."""
        epoch = self.stores.epoch(principal.district)
        answer = self._greet(principal, admission, message, epoch)
        if answer is not None:
            return answer
        # The database was put back without a word: devices must send what it lost. Those who greet meanwhile find it
        # out as well, so the epoch is begun outside of their transactions, which hold all connections.
        self._begin_epoch(principal, epoch)
        answer = self._greet(principal, admission, message, self.stores.epoch(principal.district))
        if answer is None:
            raise ProblemRaised(ProblemCode.BUSY, retry_after=1)
        return answer

    def _greet(self, principal: Principal, admission: Admission, message: Hello, epoch: str) -> HelloAnswer | None:
        """Answer a greeting; None, and nothing written, when the device knows that the server was further."""
        now = self.clock.now()
        with self.stores.open(principal.district, principal.school) as store:
            word = None if message.nonce is None else self._known_by(store, principal, message.nonce, epoch, now)
            fresh = store.admission(principal.device, principal.session, now) or admission
            # Two copies of a workstation know words of each other's making.
            if word is not None and word.ahead and fresh.device.status is not DeviceStatus.FORKED:
                self._say_went_back(store, principal, now, "word")
            store.greet(
                principal.device,
                Greeting(
                    at=now,
                    app_version=message.app_version,
                    waiting=min(message.waiting, 2**31 - 1),
                    oldest_waiting=message.oldest_waiting,
                    clock_offset_ms=int((whole_millis(message.device_time) - now).total_seconds() * 1000),
                    unstored=min(message.unstored or 0, 2**31 - 1),
                ),
            )
            heads = store.heads((principal.district, principal.school))
            stand = Checkpoint(
                epoch=epoch,
                district_head=heads.get(principal.district, 0),
                school_head=heads.get(principal.school, 0),
                scope=scope_of(principal.school, confidential=fresh.confidential),
            )
            read = None if message.checkpoint is None else self.checkpoints.read(message.checkpoint)
            if went_back(read, stand):
                return None
            lease = self.leases.issue(
                store,
                district=principal.district,
                school=principal.school,
                device=principal.device,
                epoch=epoch,
                trusted=fresh.device.status is DeviceStatus.ACTIVE,
            )
            store.commit()
        return HelloAnswer(
            protocol=1,
            supported=SUPPORTED_PROTOCOLS,
            server_time=now,
            epoch=epoch,
            last_number=fresh.device.last_number,
            directive=directive_for(
                fresh,
                message,
                read,
                now=stand,
                min_app_version=self.min_app_version,
                ahead=word is not None and word.ahead,
            ),
            lease=lease,
            min_app_version=self.min_app_version,
            next_nonce=None if word is None else word.next,
            again=True if word is not None and word.again else None,
        )

    def _known_by(self, store: AccessStore, principal: Principal, said: str, epoch: str, now: Instant) -> "_Word":
        """Hand on the word by which the device is known next; a second copy of it forks the device."""
        chance = base64.urlsafe_b64encode(self.chance.octets(_NONCE_OCTETS)).decode("ascii").rstrip("=")
        state, said = store.nonces(principal.device), said_under(epoch, said)
        fresh = word_under(epoch, chance, state=state, said=said)
        found = heard(state, said, fresh)
        store.keep_nonces(principal.device, found.state)
        if found.second:
            _log.warning("device.two_copies", device=str(principal.device))
            store.fork(principal.device, now)
            store.audit([_event("DEVICE_FORKED", "device", str(principal.device), principal, now, "second_copy")])
        return _Word(next=fresh, again=found.again, ahead=found.ahead)

    def _begin_epoch(self, principal: Principal, epoch: str) -> None:
        if self.stores.went_back(principal.district, epoch):
            with self.stores.open(principal.district, principal.school) as store:
                self._say_went_back(store, principal, self.clock.now(), "checkpoint")
                store.commit()

    def _say_went_back(self, store: AccessStore, principal: Principal, now: Instant, found_by: str) -> None:
        _log.error("server.went_back", district=str(principal.district))
        store.audit([_event("SERVER_WENT_BACK", "district", str(principal.district), principal, now, found_by)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    next: str
    again: bool
    ahead: bool


def _event(  # what a line of the audit says
    action: str, kind: str, record: str, principal: Principal, at: Instant, found_by: str
) -> AuditEvent:
    return AuditEvent(
        action=action,
        entity_type=kind,
        entity_id=record,
        at=at,
        device_id=principal.device,
        school_id=principal.school,
        detail={"found_by": found_by},
    )
