"""Enrolment: a one-time code, a nurse's sign-in and the device's new keys make a workstation known."""

import base64
from dataclasses import dataclass, replace

from wc_contract.model.ids import Chance, DeviceId, DistrictId, new_uuid
from wc_contract.model.instants import Clock
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import AddUser, DistrictInfo, Enrol, Enrolled, PersonInfo, SchoolInfo, UserAdded
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.codes import code_hash
from wc_sync_server.auth.device_proof import decode_key, require_proof
from wc_sync_server.auth.keys import DistrictKeys
from wc_sync_server.auth.leases import Leases
from wc_sync_server.auth.nonces import Nonces
from wc_sync_server.auth.ports import AccessStore, AccessStores
from wc_sync_server.auth.sessions import Sessions
from wc_sync_server.auth.sign_in import Credentials, Proven, SignIn
from wc_sync_server.auth.sign_on import SignOn
from wc_sync_server.domain.access import Account, EnrolmentCode, Principal, School
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.registration import NewDevice
from wc_sync_server.domain.requests import Admitted, SignedRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Makes workstations known, and further people on them."""

    stores: AccessStores
    sign_in: SignIn
    sign_on: SignOn
    sessions: Sessions
    leases: Leases
    nonces: Nonces
    clock: Clock
    chance: Chance

    def enrol(self, request: SignedRequest, message: Enrol) -> Enrolled:
        """Register the device that holds message.sign_key and return all it needs.

        Asked again with the same code and key (the answer was lost), it returns the same device. Raises
        ProblemRaised: USE_NONCE, BAD_PROOF, WRONG_DISTRICT, CODE_INVALID, CODE_EXPIRED, NOT_ASSIGNED and what
        SignIn raises.
        """
        key = decode_key(message.sign_key)
        require_proof(replace(request, token=""), key, self.nonces)
        district = self.stores.find_district(message.district.strip().lower())
        if district is None:
            raise ProblemRaised(ProblemCode.WRONG_DISTRICT)
        # The code comes first: without one, nobody can guess passwords here.
        code = self._code(district, message.code, key)
        proven = self._proven(district, message, key, address=request.address, again=code.used_by is not None)
        epoch = self.stores.epoch(district)
        with self.stores.open(district, code.school) as store:
            if not store.assigned(proven.account.id, code.school, self.clock.now()):
                raise ProblemRaised(ProblemCode.NOT_ASSIGNED)
            device = code.used_by or self._register(store, code, proven, message, key)
            answer = self._answer(store, district, code, proven, device, epoch)
            store.commit()
        return answer

    def add_user(self, admitted: Admitted, request: SignedRequest, message: AddUser) -> UserAdded:
        """Give a further person a slot on the device. Raises ProblemRaised: NOT_ASSIGNED and what SignIn raises."""
        principal, key = admitted.principal, admitted.admission.device.sign_key
        proven = self._proven(principal.district, message, key, address=request.address, device=principal.device)
        epoch = self.stores.epoch(principal.district)
        with self.stores.open(principal.district, principal.school) as store:
            if not store.assigned(proven.account.id, principal.school, self.clock.now()):
                raise ProblemRaised(ProblemCode.NOT_ASSIGNED)
            self._use_up(store, proven)
            lease = self.leases.issue(
                store,
                district=principal.district,
                school=principal.school,
                device=principal.device,
                epoch=epoch,
                add=(proven.account.id,),
            )
            store.audit([self._event("USER_ADDED", principal.device, proven.account, principal.school)])
            store.commit()
        return UserAdded(user=_person(proven.account), lease=lease)

    def _proven(
        self,
        district: DistrictId,
        message: Enrol | AddUser,
        key: bytes,
        *,
        address: str | None,
        device: DeviceId | None = None,
        again: bool = False,
    ) -> Proven:
        typed = Credentials(
            email=message.email, password=message.password, totp=message.totp, address=address, device=device
        )
        if message.sign_on is None:
            return self.sign_in.prove(district, typed, again=again)
        return self.sign_in.vouch(district, self.sign_on.vouched(district, message.sign_on, key), typed, again=again)

    def _code(self, district: DistrictId, code: str, key: bytes) -> EnrolmentCode:
        with self.stores.open(district) as store:
            found = store.enrolment_code(code_hash(code))
        if found is None or (found.used_by is not None and found.used_by_key != key):
            raise ProblemRaised(ProblemCode.CODE_INVALID)
        if found.expires_at <= self.clock.now():
            raise ProblemRaised(ProblemCode.CODE_EXPIRED)
        return found

    def _register(
        self, store: AccessStore, code: EnrolmentCode, proven: Proven, message: Enrol, key: bytes
    ) -> DeviceId:
        now = self.clock.now()
        device = DeviceId(new_uuid(now, self.chance))
        self._use_up(store, proven)
        store.add_device(
            NewDevice(
                id=device,
                school=code.school,
                name=message.device_name,
                sign_key=key,
                seal_key=decode_key(message.seal_key),
                app_version=message.app_version,
                enrolled_by=proven.account.id,
                at=now,
            )
        )
        if not store.use_code(code.id, device, now):
            raise ProblemRaised(ProblemCode.CODE_INVALID)
        store.audit([self._event("DEVICE_ENROLLED", device, proven.account, code.school)])
        return device

    def _use_up(self, store: AccessStore, proven: Proven) -> None:
        if not proven.use_up(store, self.clock.now()):
            raise ProblemRaised(ProblemCode.SECOND_FACTOR_FAILED)

    def _answer(
        self,
        store: AccessStore,
        district: DistrictId,
        code: EnrolmentCode,
        proven: Proven,
        device: DeviceId,
        epoch: str,
    ) -> Enrolled:
        principal = Principal(
            district=district,
            school=code.school,
            device=device,
            user=proven.account.id,
            session=new_uuid(self.clock.now(), self.chance),
        )
        return Enrolled(
            device_id=device,
            district=self._district(store, district),
            school=_school(store.school(code.school)),
            user=_person(proven.account),
            tokens=self.sessions.begin(store, principal),
            lease=self.leases.issue(
                store, district=district, school=code.school, device=device, epoch=epoch, add=(proven.account.id,)
            ),
        )

    def _district(self, store: AccessStore, district: DistrictId) -> DistrictInfo:
        keys: DistrictKeys = self.leases.keys(district)
        found = store.district()
        return DistrictInfo(
            id=district,
            code=self.stores.code(district),
            name=found.name,
            seal_key=base64.b64encode(keys.seal_key).decode("ascii"),
            verify_key=base64.b64encode(keys.verify_key).decode("ascii"),
        )

    def _event(self, action: str, device: DeviceId, account: Account, school: object) -> AuditEvent:
        return AuditEvent(
            action=action,
            entity_type="device",
            entity_id=str(device),
            at=self.clock.now(),
            user_id=account.id,
            role=account.role,
            device_id=device,
            detail={"school": str(school)},
        )


def _person(account: Account) -> PersonInfo:
    return PersonInfo(
        id=account.id,
        first_name=account.first_name,
        last_name=account.last_name,
        role=account.role,
        licence_type=account.licence_type,
    )


def _school(school: School) -> SchoolInfo:
    return SchoolInfo(id=school.id, name=school.name, timezone=school.timezone)
