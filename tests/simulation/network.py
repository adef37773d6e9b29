"""The network between a workstation and the server: slow, lossy, doubling, cut at the worst moment."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random

from tests.simulation.scheduler import Scheduler, Wake
from tests.simulation.server import Server, ServerStopped, response_of

from wc_contract.model.ids import DeviceId
from wc_contract.wire.messages import (
    Hello,
    HelloAnswer,
    Manifest,
    ManifestAnswer,
    Pull,
    Push,
    PushAnswer,
    Repair,
    SealedEntry,
)
from wc_contract.wire.versions import NAMED, PROTOCOL
from wc_desktop.domain.failures import BatchTooLarge, NumberGap, ServerBusy, ServerSlow, ServerUnreachable
from wc_desktop.sync.gateway import Frame, RepairFrame
from wc_desktop.transport.lines import frames, repair_frames
from wc_desktop.transport.translate import from_response
from wc_sync_server.domain.problems import ProblemRaised

_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How bad a network is: chances per request, the longest usual delay, the largest batch a proxy lets through."""

    lost: float = 0.0
    cut: float = 0.0
    doubled: float = 0.0
    busy: float = 0.0
    slow: float = 0.0
    delay: float = 0.2
    batch: int = 200


CALM = Weather()


@dataclass(slots=True)
class Line:
    """One machine's line to the server."""

    scheduler: Scheduler
    server: Server
    random: Random
    counts: Counter[str]
    weather: Weather = CALM
    plugged: bool = True

    def carry(self, what: str, device: DeviceId, body: bytes) -> bytes:
        """Carry a request there and its answer back. Raises what the product's transport raises."""
        self._reach()
        self._pass(self._delay())
        if self._happens("lost"):
            self._pass(_TIMEOUT)
            raise ServerSlow("no answer in time")
        if self._happens("busy"):
            raise ServerBusy(self.random.randint(1, 20))
        self._reach()
        if self._happens("doubled"):
            self.scheduler.after(self.random.uniform(0.0, 120.0), lambda: self._again(what, device, body))
        answer, life = self._answer(what, device, body), self.server.life
        if self._happens("cut"):
            self._pass(self._delay())
            raise ServerUnreachable("cut before the answer")
        self._pass(self._delay())
        if self.server.life != life:
            raise ServerUnreachable("the server went")
        return answer

    def chunks(self, answer: bytes) -> Iterator[bytes]:
        """Deliver a long answer a line or so at a time; it may end early."""
        lines = answer.splitlines(keepends=True)
        end = self.random.randrange(len(lines)) if self._happens("cut") else None
        for number, line in enumerate(lines):
            if number == end:
                # With or without half a line: a proxy may close in good order.
                yield line[: self.random.choice((0, len(line) // 2))]
                if self.random.random() < 0.5:
                    raise ServerUnreachable("cut within the answer")
                return
            if self.random.random() < 0.3:
                self._pass(self._delay() / 4)
            yield line

    def _again(self, what: str, device: DeviceId, body: bytes) -> None:
        """Deliver a request once more, late; nobody waits for the answer."""

        def deliver() -> None:
            with suppress(ProblemRaised, ServerStopped, TimeoutError):
                self.server.serve(what, device, body, _TIMEOUT)

        if self.server.up:
            self.counts["delivered late again"] += 1
            self.scheduler.fiber(deliver)

    def _answer(self, what: str, device: DeviceId, body: bytes) -> bytes:
        try:
            return self.server.serve(what, device, body, _TIMEOUT)
        except TimeoutError:
            raise ServerSlow("no answer in time") from None
        except ProblemRaised as problem:
            self._pass(self._delay())
            raise from_response(response_of(problem)) from None
        except ServerStopped:
            self._pass(self._delay())
            raise ServerUnreachable("the server stopped") from None

    def _reach(self) -> None:
        if not (self.plugged and self.server.up):
            self._pass(self.random.uniform(0.05, 3.0))
            raise ServerUnreachable("no way there")

    def _happens(self, what: str) -> bool:
        chance: float = getattr(self.weather, what)
        happens = self.random.random() < chance
        if happens:
            self.counts[f"network: {what}"] += 1
        return happens

    def _delay(self) -> float:
        if self._happens("slow"):
            return self.random.uniform(1.0, 25.0)
        return self.random.uniform(0.005, self.weather.delay)

    def _pass(self, seconds: float) -> None:
        self.scheduler.sleep(seconds)


@dataclass(slots=True)
class SimulatedGateway:
    """sync.gateway.RepairGateway over a line: real messages, as the bytes that would travel."""

    line: Line
    device: DeviceId
    _listening: Wake | None = None
    _closed: bool = field(default=False)
    _pushing: int = 0

    def hello(self, message: Hello) -> HelloAnswer:
        answer = self.line.carry("hello", self.device, message.model_dump_json().encode())
        return HelloAnswer.model_validate_json(answer)

    def push(self, epoch: str, entries: Sequence[SealedEntry]) -> PushAnswer:
        if len(entries) > self.line.weather.batch:
            self.line.counts["network: batch too large"] += 1
            raise BatchTooLarge("a proxy found the batch too large")
        message = Push(protocol=PROTOCOL, epoch=epoch, entries=tuple(entries))
        if self._pushing:
            self.line.counts["batch sent beside another"] += 1
        self._pushing += 1
        try:
            answer = self.line.carry("push", self.device, message.model_dump_json().encode())
        except NumberGap:
            self.line.counts["batch met a gap"] += 1
            raise
        finally:
            self._pushing -= 1
        return PushAnswer.model_validate_json(answer)

    @contextmanager
    def pull(self, epoch: str, since: Mapping[str, int], *, digest: bool) -> Iterator[Iterator[Frame]]:
        message = Pull(protocol=PROTOCOL, epoch=epoch, since=dict(since), digest=digest, shape=NAMED)
        answer = self.line.carry("pull", self.device, message.model_dump_json().encode())
        yield frames(self.line.chunks(answer))

    def manifest(self, message: Manifest) -> ManifestAnswer:
        self.line.counts["replica compared by slices"] += 1
        answer = self.line.carry("manifest", self.device, message.model_dump_json().encode())
        return ManifestAnswer.model_validate_json(answer)

    @contextmanager
    def repair(self, message: Repair) -> Iterator[Iterator[RepairFrame]]:
        answer = self.line.carry("repair", self.device, message.model_dump_json().encode())
        yield repair_frames(self.line.chunks(answer))

    def wait(
        self, epoch: str, checkpoint: str | None, seconds: int, *, unwanted: Callable[[], bool] | None = None
    ) -> bool:
        line = self.line
        line._reach()
        if unwanted is not None and unwanted():
            raise ServerUnreachable("told to stop listening")
        if self._asked(epoch, checkpoint):
            return True
        wake = self._listening = Wake(line.scheduler)
        line.server.moved.append(wake.set)
        life = line.server.life
        try:
            wake.wait(seconds)
        finally:
            self._listening = None
        if self._closed or line.server.life != life or not (line.plugged and line.server.up):
            raise ServerUnreachable("the line went while listening")
        if wake.is_set() and not self._asked(epoch, checkpoint):
            raise ServerUnreachable("told to stop listening")
        return wake.is_set()

    def stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.set()

    def close(self) -> None:
        self._closed = True
        self.stop_listening()

    def _asked(self, epoch: str, checkpoint: str | None) -> bool:
        try:
            return self.line.server.has_moved(self.device, epoch, checkpoint)
        except ProblemRaised as problem:
            raise from_response(response_of(problem)) from None
