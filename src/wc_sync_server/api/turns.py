"""Turns: a workstation may send two batches at once, and the second is not judged before the first."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from wc_contract.model.ids import DeviceId
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.reconcile.batch import Batch, Pushed

_PATIENCE = 10.0  # seconds; whoever waits longer finds out for itself what the device's next number is


@dataclass(eq=False, slots=True, kw_only=True)
class _Here:
    first: int
    done: threading.Event = field(default_factory=threading.Event)


class Turns:
    """The batches that this process works on, by device. One that another process has is met as a gap."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._here: dict[DeviceId, list[_Here]] = {}

    def push(self, batch: Batch, push: Callable[[Batch], Pushed]) -> Pushed:
        """Push a batch once those of its device that are here with smaller numbers are done.

        Raises what push raises.
        """
        device = batch.principal.device
        first = next((arrival.number for arrival in batch.arrivals if arrival.number is not None), 0)
        with self._taken(device, first) as own:
            self._wait(device, own)
            try:
                return push(batch)
            except ProblemRaised as problem:
                # What is missing may have come meanwhile.
                if problem.problem is not ProblemCode.GAP or not self._wait(device, own):
                    raise
            return push(batch)

    @contextmanager
    def _taken(self, device: DeviceId, first: int) -> Iterator[_Here]:
        own = _Here(first=first)
        with self._lock:
            self._here.setdefault(device, []).append(own)
        try:
            yield own
        finally:
            with self._lock:
                self._here[device].remove(own)
                if not self._here[device]:
                    del self._here[device]
            own.done.set()

    def _wait(self, device: DeviceId, own: _Here) -> bool:
        """Wait until no batch with smaller numbers is here; return whether there was one."""
        waited = False
        while (before := self._before(device, own)) is not None:
            waited = True
            if not before.done.wait(self._patience):
                break
        return waited

    def _before(self, device: DeviceId, own: _Here) -> _Here | None:
        with self._lock:
            return next((one for one in self._here[device] if one.first < own.first), None)
