"""The gate: from a signed request to who makes it, with rights as they are now."""

import threading
from dataclasses import replace
from uuid import UUID

from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import Clock
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.versions import version_key
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.device_proof import require_proof
from wc_sync_server.auth.nonces import Nonces
from wc_sync_server.auth.ports import AccessStores
from wc_sync_server.auth.tokens import AccessTokens
from wc_sync_server.domain.access import Admission, DeviceStatus, Principal
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.requests import Admitted, SignedRequest

REMEMBERED_SECONDS = 3.0
_REMEMBERED_AT_MOST = 10_000


class Gate:
    """Admits requests. What it asks the database it remembers for seconds: a revocation bites well within a minute."""

    def __init__(
        self, *, stores: AccessStores, tokens: AccessTokens, nonces: Nonces, clock: Clock, min_app_version: str
    ) -> None:
        self._min_app_version = min_app_version
        self._stores = stores
        self._tokens = tokens
        self._nonces = nonces
        self._clock = clock
        self._lock = threading.Lock()
        self._remembered: dict[UUID, tuple[float, Admission]] = {}

    def school_of(self, token: str) -> SchoolId:
        """Return the school that an access token speaks for. Raises ProblemRaised(TOKEN_EXPIRED).

        Nothing is asked of the database and no proof is looked at: this says where to queue, not who may.
        """
        return self._tokens.read(token).school

    def admit(self, request: SignedRequest) -> Admitted:
        """Return who makes request.

        A device that was revoked is admitted, to send what it has and to be told. Raises ProblemRaised:
        TOKEN_EXPIRED, USE_NONCE, BAD_PROOF.
        """
        principal = self._tokens.read(request.token)
        if request.device and request.device.lower() != str(principal.device):
            raise ProblemRaised(ProblemCode.BAD_PROOF)
        admission = self._admission(principal)
        require_proof(request, admission.device.sign_key, self._nonces)
        if admission.session_ended:
            raise ProblemRaised(ProblemCode.TOKEN_EXPIRED)
        return Admitted(principal=replace(principal, confidential=admission.confidential), admission=admission)

    def admit_trusted(self, request: SignedRequest) -> Admitted:
        """As admit, for a device in good standing. Raises ProblemRaised also with DEVICE_REVOKED and FORKED."""
        admitted = self.admit(request)
        match admitted.admission.device.status:
            case DeviceStatus.REVOKED | DeviceStatus.WIPED:
                raise self._denied(admitted.principal, ProblemCode.DEVICE_REVOKED)
            case DeviceStatus.FORKED:
                raise self._denied(admitted.principal, ProblemCode.FORKED)
            case DeviceStatus.ACTIVE:
                return admitted

    def admit_reader(self, request: SignedRequest) -> Admitted:
        """As admit_trusted, for whoever wants records.

        Raises ProblemRaised also with NOT_ASSIGNED when nobody may, and UNSUPPORTED_PROTOCOL for a program that was
        too old when it last greeted: it was told to send only.
        """
        admitted = self.admit_trusted(request)
        version = admitted.admission.device.app_version
        if version is not None and version_key(version) < version_key(self._min_app_version):
            raise self._denied(admitted.principal, ProblemCode.UNSUPPORTED_PROTOCOL)
        if not admitted.admission.anyone_valid:
            raise self._denied(admitted.principal, ProblemCode.NOT_ASSIGNED)
        return admitted

    def forget(self, session: UUID) -> None:
        """Ask the database anew at the next request of a session: a greeting may have found its rights changed."""
        with self._lock:
            self._remembered.pop(session, None)

    def _denied(self, principal: Principal, code: ProblemCode) -> ProblemRaised:
        """Put on record that a known workstation was denied, and return what to raise."""
        event = AuditEvent(
            action="DENIED",
            entity_type="device",
            entity_id=str(principal.device),
            at=self._clock.now(),
            user_id=principal.user,
            device_id=principal.device,
            school_id=principal.school,
            detail={"code": code.value},
        )
        with self._stores.open(principal.district, principal.school) as store:
            store.audit([event])
            store.commit()
        return ProblemRaised(code)

    def _admission(self, principal: Principal) -> Admission:
        now = self._clock.monotonic()
        with self._lock:
            known = self._remembered.get(principal.session)
        if known is not None and now - known[0] < REMEMBERED_SECONDS:
            return known[1]
        with self._stores.open(principal.district, principal.school) as store:
            admission = store.admission(principal.device, principal.session, self._clock.now())
        if admission is None:
            raise ProblemRaised(ProblemCode.TOKEN_EXPIRED)
        with self._lock:
            if len(self._remembered) >= _REMEMBERED_AT_MOST:
                self._remembered.clear()
            self._remembered[principal.session] = (now, admission)
        return admission
