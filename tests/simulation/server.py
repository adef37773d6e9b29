"""The server's process: requests as bytes, the real reconciler, pull, greeting; stopped, restored and promoted."""

import base64
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Protocol
from uuid import UUID

import httpx
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from tests import factories as make
from tests.simulation.memory import Accidents, Database, MemoryIntake, MemorySnapshot, Store, TryAgain
from tests.simulation.memory_access import MemoryAccess, device_of
from tests.simulation.scheduler import Fiber, Scheduler, Wake

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import Hello, Manifest, Pull, Push, Repair, SignedLease
from wc_sync_server.api.manifest import differing, hands_out_repair, repair_lines
from wc_sync_server.api.ports import Snapshot
from wc_sync_server.api.problems import problem_response
from wc_sync_server.api.pull import hands_out, pull_lines
from wc_sync_server.api.sync import FIRST_SYNC, REPAIR
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.contact import Contacts
from wc_sync_server.auth.ports import AccessStores
from wc_sync_server.domain.access import Admission, Device, Principal
from wc_sync_server.domain.checkpoints import Checkpoints
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

    def access(self) -> AccessStores:
        """Return what greetings read and write."""
        ...

    def snapshot(self, principal: Principal) -> AbstractContextManager[Snapshot]: ...
    def hand_out(self, principal: Principal, via: str) -> None:
        """Put on record that a workstation gets records of its school."""
        ...

    def heads(self, school: SchoolId) -> tuple[int, int]:
        """Return the heads of the district's stream and of a school's."""
        ...

    def answered(self) -> Container[UUID]:
        """Return the entries whose answers are durable."""
        ...

    @property
    def busy(self) -> bool:
        """Whether entries are being taken in: who wants to write waits."""
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


@dataclass(frozen=True, slots=True)
class _Clock:
    """The server's clock, which is right."""

    now: Callable[[], Instant]

    def monotonic(self) -> float:
        return self.now().timestamp()


class _Leases:
    """auth.leases.Leases, of which no simulated person has need."""

    def issue(self, *_store: object, **_of: object) -> SignedLease:
        return _LEASE


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

    def access(self) -> AccessStores:
        return MemoryAccess(self._database)  # type: ignore[return-value]

    @contextmanager
    def snapshot(self, principal: Principal) -> Iterator[Snapshot]:
        yield MemorySnapshot(self._database.store, principal, self._now())

    def hand_out(self, principal: Principal, via: str) -> None:
        event = AuditEvent(
            action="EXPORT",
            entity_type="school",
            entity_id=str(principal.school),
            at=self._now(),
            device_id=principal.device,
            detail={"via": via},
        )
        self.change(lambda store: store.audit.append(event))

    def heads(self, school: SchoolId) -> tuple[int, int]:
        store = self._database.store
        return store.head(store.district), store.head(school)

    def answered(self) -> Container[UUID]:
        return self._database.store.receipts.keys()

    @property
    def busy(self) -> bool:
        return bool(self._database.locked)

    def device(self, device: DeviceId) -> Device:
        return device_of(self._database.store, device)

    def back_up(self) -> Store:
        return self._database.store.copy()

    def restore(self, backup: object) -> None:
        assert isinstance(backup, Store)
        self._epochs += 1
        self._database.store = backup.copy()
        self._database.store.epoch = f"epoch-{self._epochs}"
        self._database.store.since = self._now()

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
    scheduler: Scheduler
    random: Random
    up: bool = True
    life: int = 0  # grows with each start: an answer of an earlier life never arrives
    trap: str | None = None  # what happens at the next commit
    poison: frozenset[str] = frozenset()  # ids of records that the database will not take
    moved: list[Callable[[], None]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    checkpoints: Checkpoints = field(default_factory=lambda: Checkpoints(_KEY))
    chance: make.SeededChance = field(default_factory=lambda: make.SeededChance(1))
    requests: list[Fiber] = field(default_factory=list)
    _reconciler: Reconciler | None = None
    _checked: dict[tuple[bytes, str], bool] = field(default_factory=dict)

    def start(self) -> None:
        self.life += 1
        self.up = True
        accidents = Accidents(
            around=self._around, poisoned=self._poisoned, pass_time=self.scheduler.sleep, takes=self._takes
        )
        self._reconciler = Reconciler(self.backend.intake(accidents))

    def stop(self) -> None:
        self.up = False
        self._reconciler = None
        requests, self.requests = self.requests, []
        for request in requests:
            request.kill()

    def serve(self, what: str, device: DeviceId, body: bytes, seconds: float) -> bytes:
        """Answer one request; a push on a fiber of its own: whoever sent it may fall or give up, the server goes on.

        Raises ProblemRaised, ServerStopped, TimeoutError after seconds.
        """
        if what != "push":
            return self.ask(what, device, body)
        given: list[bytes | ProblemRaised] = []
        done = Wake(self.scheduler)

        def work() -> None:
            try:
                given.append(self.ask(what, device, body))
            except ProblemRaised as problem:
                given.append(problem)
            except ServerStopped:
                return
            finally:
                done.set()

        self.requests = [request for request in self.requests if not request.ended]
        self.requests.append(self.scheduler.fiber(work))
        if not done.wait(seconds):
            raise TimeoutError
        if not given:
            raise ServerStopped
        if isinstance(given[0], ProblemRaised):
            raise given[0]
        return given[0]

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
            case "manifest":
                return self._manifest(principal, Manifest.model_validate_json(body))
            case "repair":
                return self._repair(principal, Repair.model_validate_json(body))
            case _:
                raise AssertionError(what)

    def has_moved(self, device: DeviceId, epoch: str, checkpoint: str | None) -> bool:
        """Whether the streams of a device passed its checkpoint. Raises ProblemRaised."""
        since = None if checkpoint is None else self.checkpoints.read(checkpoint)
        if since is None:
            return True
        if since.epoch != epoch:
            raise ProblemRaised(ProblemCode.EPOCH_CHANGED)
        principal = self._principal(device)
        if since.scope != principal.scope:
            return True
        district, school = self.backend.heads(principal.school)
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
        contacts = Contacts(
            stores=self.backend.access(),
            leases=_Leases(),  # type: ignore[arg-type]
            checkpoints=self.checkpoints,
            clock=_Clock(self.now),
            chance=self.chance,
            min_app_version="0.1.0",
        )
        device = self.backend.device(principal.device)
        admission = Admission(device=device, session_ended=False, anyone_valid=True)
        return contacts.hello(principal, admission, message).model_dump_json().encode()

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
        durable = self.backend.answered()
        lost = [receipt for receipt in pushed.answer.receipts if receipt.entry_id not in durable]
        # A text that no key vouches for has no place among the numbers: it is kept, and answered anew each time.
        kept = {one.hash for one in self.backend.store().kept.values()} if lost else set()
        lost = [receipt for receipt in lost if receipt.hash not in kept]
        self.broken += [f"entry {receipt.number} was answered, and nothing of it was kept" for receipt in lost]
        return pushed.answer.model_dump_json().encode()

    def _pull(self, principal: Principal, message: Pull) -> bytes:
        with self.backend.snapshot(principal) as snapshot:
            begins = hands_out(snapshot, message)
        if begins:
            self.backend.hand_out(principal, FIRST_SYNC)
        with self.backend.snapshot(principal) as snapshot:
            return b"".join(pull_lines(snapshot, message, self.checkpoints))

    def _manifest(self, principal: Principal, message: Manifest) -> bytes:
        # Nothing that a schedule does to files takes single records away: what is mended here, we have lost.
        self.broken.append(f"a replica differs in {', '.join(sorted(message.slices))}, and is mended")
        with self.backend.snapshot(principal) as snapshot:
            return differing(snapshot, message).model_dump_json().encode()

    def _repair(self, principal: Principal, message: Repair) -> bytes:
        if hands_out_repair(message):
            self.backend.hand_out(principal, REPAIR)
        with self.backend.snapshot(principal) as snapshot:
            return b"".join(repair_lines(snapshot, message))

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

    def _takes(self) -> float:
        """Return how long the database takes to look something up: mostly no time, now and then a while."""
        return self.random.choice((0.0, 0.01, 0.05, 0.5))

    def _poisoned(self, plan: Plan) -> bool:
        return any(row["id"] in self.poison for rows in plan.rows.values() for row in rows)


def response_of(problem: ProblemRaised) -> httpx.Response:
    """Return a problem as it goes over the wire."""
    made = problem_response(problem)
    return httpx.Response(made.status_code, headers=dict(made.headers), content=bytes(made.body))
