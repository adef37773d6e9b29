"""The server's process: requests as bytes, the real reconciler, pull, greeting; stopped, restored and promoted."""

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import httpx
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from tests import factories as make
from tests.simulation.memory import Accidents, Database, MemoryIntake, MemorySnapshot, Store, TryAgain

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import Hello, HelloAnswer, Pull, Push, SignedLease
from wc_contract.wire.versions import SUPPORTED_PROTOCOLS
from wc_sync_server.api.ports import Snapshot
from wc_sync_server.api.problems import problem_response
from wc_sync_server.api.pull import pull_lines
from wc_sync_server.domain.access import Admission, Device, DeviceStatus, Principal
from wc_sync_server.domain.checkpoints import Checkpoint, Checkpoints
from wc_sync_server.domain.directives import directive_for
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.reconcile.arrivals import digests_of, read_arrivals
from wc_sync_server.reconcile.batch import Batch, Reconciler
from wc_sync_server.reconcile.plan import Plan
from wc_sync_server.reconcile.ports import Intake

_LEASE = SignedLease(body="{}", signature="AA==")
_KEY = b"checkpoints of a simulated district"


class ServerStopped(Exception):
    """The process ended in the middle of a request: whoever asked hears nothing."""


class Backend(Protocol):
    """Where the district's records are: in memory, or in a real PostgreSQL."""

    @property
    def epoch(self) -> str: ...
    def intake(self, accidents: Accidents) -> Intake:
        """Return what a new process takes entries in with."""
        ...

    def snapshot(self, principal: Principal) -> AbstractContextManager[Snapshot]: ...
    def heads(self, school: SchoolId) -> tuple[int, int]:
        """Return the heads of the district's stream and of a school's."""
        ...

    def device(self, device: DeviceId) -> Device: ...
    def back_up(self) -> object: ...
    def restore(self, backup: object) -> None:
        """Put a backup in force, under a new epoch."""
        ...

    def store(self) -> Store:
        """Return everything that is durable, to be judged."""
        ...

    def change(self, work: Callable[[Store], None]) -> None:
        """Let the district's office do something, by the methods of a store."""
        ...


class MemoryBackend:
    """Backend over a store in memory."""

    def __init__(self, store: Store, now: Callable[[], Instant]) -> None:
        self._database = Database(store)
        self._now = now
        self._epochs = 1

    @property
    def epoch(self) -> str:
        return self._database.store.epoch

    def intake(self, accidents: Accidents) -> Intake:
        return MemoryIntake(self._database, self._now, accidents)

    @contextmanager
    def snapshot(self, principal: Principal) -> Iterator[Snapshot]:
        yield MemorySnapshot(self._database.store, principal, self._now())

    def heads(self, school: SchoolId) -> tuple[int, int]:
        store = self._database.store
        return store.head(store.district), store.head(school)

    def device(self, device: DeviceId) -> Device:
        known = self._database.store.devices[device]
        return Device(
            id=device,
            school=known.school,
            sign_key=known.sign_key,
            status=DeviceStatus.FORKED if known.forked else DeviceStatus.ACTIVE,
            last_number=known.last_number,
        )

    def back_up(self) -> Store:
        return self._database.store.copy()

    def restore(self, backup: object) -> None:
        assert isinstance(backup, Store)
        self._epochs += 1
        self._database.store = backup.copy()
        self._database.store.epoch = f"epoch-{self._epochs}"

    def store(self) -> Store:
        return self._database.store

    def change(self, work: Callable[[Store], None]) -> None:
        after = self._database.store.copy()
        work(after)
        self._database.store = after


@dataclass(slots=True)
class Server:
    """One process after another, over one backend."""

    backend: Backend
    district: DistrictId
    now: Callable[[], Instant]
    counts: Counter[str]
    up: bool = True
    life: int = 0  # grows with each start: an answer of an earlier life never arrives
    trap: str | None = None  # what happens at the next commit
    poison: frozenset[str] = frozenset()  # ids of records that the database will not take
    moved: list[Callable[[], None]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    checkpoints: Checkpoints = field(default_factory=lambda: Checkpoints(_KEY))
    _reconciler: Reconciler | None = None
    _checked: dict[tuple[bytes, str], bool] = field(default_factory=dict)

    def start(self) -> None:
        self.life += 1
        self.up = True
        accidents = Accidents(around=self._around, poisoned=self._poisoned)
        self._reconciler = Reconciler(self.backend.intake(accidents))

    def stop(self) -> None:
        self.up = False
        self._reconciler = None

    def ask(self, what: str, device: DeviceId, body: bytes) -> bytes:
        """Answer one request. Raises ProblemRaised, ServerStopped."""
        principal = self._principal(device)
        match what:
            case "hello":
                return self._hello(principal, Hello.model_validate_json(body))
            case "push":
                return self._push(principal, Push.model_validate_json(body))
            case "pull":
                return self._pull(principal, Pull.model_validate_json(body))
            case _:
                raise AssertionError(what)

    def has_moved(self, device: DeviceId, epoch: str, checkpoint: str | None) -> bool:
        """Whether the streams of a device passed its checkpoint. Raises ProblemRaised."""
        since = None if checkpoint is None else self.checkpoints.read(checkpoint)
        if since is None:
            return True
        if since.epoch != epoch:
            raise ProblemRaised(ProblemCode.EPOCH_CHANGED)
        district, school = self.backend.heads(self._principal(device).school)
        return district > since.district_head or school > since.school_head

    def _principal(self, device: DeviceId) -> Principal:
        known = self.backend.device(device)
        return Principal(
            district=self.district,
            school=known.school,
            device=device,
            user=UserId(make.named("nurse 0")),
            session=make.named("session"),
        )

    def _hello(self, principal: Principal, message: Hello) -> bytes:
        district, school = self.backend.heads(principal.school)
        now = Checkpoint(epoch=self.backend.epoch, district_head=district, school_head=school)
        device = self.backend.device(principal.device)
        admission = Admission(device=device, session_ended=False, anyone_valid=True)
        read = None if message.checkpoint is None else self.checkpoints.read(message.checkpoint)
        answer = HelloAnswer(
            protocol=1,
            supported=SUPPORTED_PROTOCOLS,
            server_time=self.now(),
            epoch=now.epoch,
            last_number=device.last_number,
            directive=directive_for(admission, message, read, now=now, min_app_version="0.1.0"),
            lease=_LEASE,
            min_app_version="0.1.0",
        )
        return answer.model_dump_json().encode()

    def _push(self, principal: Principal, message: Push) -> bytes:
        assert self._reconciler is not None
        digests = digests_of(message.entries)
        key = self.backend.device(principal.device).sign_key
        signed = [(digest, one.signature) for digest, one in zip(digests, message.entries, strict=True)]
        bad = frozenset(digest.hex() for digest, text in signed if not self._signed(key, digest, text))
        batch = Batch(
            principal=principal,
            epoch=message.epoch,
            arrivals=read_arrivals(message.entries, digests, principal.device),
            unsigned=lambda: bad,
        )
        try:
            pushed = self._reconciler.push(batch)
        except ProblemRaised as problem:
            if problem.problem is ProblemCode.FORKED:
                self._must_be_kept(digest.hex() for digest in digests)
            raise
        if pushed.moved:
            self.tell()
        return pushed.answer.model_dump_json().encode()

    def _pull(self, principal: Principal, message: Pull) -> bytes:
        with self.backend.snapshot(principal) as snapshot:
            return b"".join(pull_lines(snapshot, message, self.checkpoints))

    def tell(self) -> None:
        """Wake everybody who waits for a stream to move."""
        waiting, self.moved = self.moved, []
        for wake in waiting:
            wake()

    def _signed(self, key: bytes, digest: bytes, text: str) -> bool:
        place = (digest, text)
        if place not in self._checked:
            try:
                VerifyKey(key).verify(digest, base64.b64decode(text, validate=True))
            except (BadSignatureError, ValueError):
                self._checked[place] = False
            else:
                self._checked[place] = True
        return self._checked[place]

    def _must_be_kept(self, texts: Iterable[str]) -> None:
        """What a forked device sends is kept before it is told so."""
        store = self.backend.store()
        held = {stored.receipt.hash for stored in store.receipts.values()} | {text for _, text in store.kept}
        self.broken += [f"a forked device sent {text[:8]}, and it was not kept" for text in texts if text not in held]

    def _around(self, when: str) -> None:
        trap = self.trap
        if trap is None or not trap.endswith(when):
            return
        self.trap = None
        self.counts[f"server: {trap}"] += 1
        if trap.startswith("unknown"):
            raise TryAgain
        self.stop()
        raise ServerStopped

    def _poisoned(self, plan: Plan) -> bool:
        return any(row["id"] in self.poison for rows in plan.rows.values() for row in rows)


def response_of(problem: ProblemRaised) -> httpx.Response:
    """Return a problem as it goes over the wire."""
    made = problem_response(problem)
    return httpx.Response(made.status_code, headers=dict(made.headers), content=bytes(made.body))
