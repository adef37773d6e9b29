"""What a greeting reads and writes of a device, over a store in memory (auth.ports.AccessStores)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from tests.simulation.memory import Database, Store

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId
from wc_contract.model.instants import Instant
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.domain.access import Admission, Device, DeviceStatus
from wc_sync_server.domain.contact_nonce import NonceState
from wc_sync_server.domain.registration import Greeting


class MemoryAccess:
    """Opens transactions of greetings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def epoch(self, _district: DistrictId) -> str:
        return self._database.store.epoch

    def went_back(self, _district: DistrictId, _epoch: str) -> bool:
        raise AssertionError("no server of a simulation goes back without a new epoch")

    @contextmanager
    def open(self, _district: DistrictId, _school: SchoolId | None = None) -> Iterator["MemoryAccessStore"]:
        yield MemoryAccessStore(self._database)


class MemoryAccessStore:
    """One transaction. Nobody else is in one meanwhile."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._after = database.store.copy()

    def admission(self, device: DeviceId, _session: UUID, _at: Instant) -> Admission:
        return Admission(device=device_of(self._after, device), session_ended=False, anyone_valid=True)

    def greet(self, _device: DeviceId, _greeting: Greeting) -> None:
        return

    def nonces(self, device: DeviceId) -> NonceState:
        return self._after.devices[device].nonces

    def keep_nonces(self, device: DeviceId, state: NonceState) -> None:
        self._after.devices[device].nonces = state

    def fork(self, device: DeviceId, _at: Instant) -> None:
        self._after.devices[device].forked = True

    def heads(self, streams: Sequence[UUID]) -> Mapping[UUID, int]:
        return {stream: self._after.head(stream) for stream in streams}

    def audit(self, events: Sequence[AuditEvent]) -> None:
        self._after.audit += events

    def commit(self) -> None:
        self._database.store = self._after


def device_of(store: Store, device: DeviceId) -> Device:
    """Return a device as the gate knows it."""
    known = store.devices[device]
    return Device(
        id=device,
        school=known.school,
        sign_key=known.sign_key,
        status=DeviceStatus.FORKED if known.forked else DeviceStatus.ACTIVE,
        last_number=known.last_number,
    )
