"""The worker of the outbox: takes what is due, carries it, keeps what became of it. At least once, never in a hurry."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

import structlog

from wc_contract.model.errors import Unavailable
from wc_contract.model.ids import DistrictId
from wc_sync_server.delivery.ports import Carriers, Outbox
from wc_sync_server.domain.messages import Delivered, Failed, Letter, Outcome, pause_after

# As many as are carried within the lease, even if each runs into its timeouts.
_BATCH = 4
_NOT_CONFIGURED = Failed(code="not_configured")
_log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a round came to."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Delivers the letters of every district. Several may run at once: each letter is taken by one at a time."""

    outbox: Outbox
    carriers: Carriers = field(repr=False)
    jitter: Callable[[], float]

    def run(self, stop: Event, every: float) -> None:
        """Deliver until stop is set; look again every so many seconds. A database that is away is waited for."""
        while not stop.is_set():
            try:
                self.round(stop)
            except Unavailable as error:
                _log.warning("outbox.unavailable", code=error.code)
            stop.wait(every)

    def round(self, stop: Event | None = None) -> Tally:
        """Deliver what is due now; return what became of it."""
        tally = Tally()
        waiting = list(self.outbox.districts())
        # A batch of each in turn: a district whose receiver hangs does not hold up the others for long.
        while waiting:
            waiting = [
                (district, code)
                for district, code in waiting
                if not _is_over(stop) and self._batch(district, code, tally)
            ]
        return tally

    def _batch(self, district: DistrictId, code: str, tally: Tally) -> bool:
        letters = self.outbox.take(district, _BATCH)
        for letter in letters:
            self._deliver(district, code, letter, tally)
        return bool(letters)

    def _deliver(self, district: DistrictId, code: str, letter: Letter, tally: Tally) -> None:
        outcome = self._carry(code, letter)
        pause = pause_after(letter.attempt, self.jitter)
        self.outbox.settle(district, letter, outcome, pause)
        match outcome:
            case Delivered():
                tally.delivered += 1
                _log.info("outbox.delivered", letter=str(letter.id), attempt=letter.attempt)
            case Failed():
                tally.failed += 1
                tally.dead += pause is None
                told = _log.info if pause is not None else _log.warning
                told("outbox.failed", letter=str(letter.id), attempt=letter.attempt, code=outcome.code)

    def _carry(self, code: str, letter: Letter) -> Outcome:
        carrier = self.carriers.get(code, {}).get(letter.channel)
        return _NOT_CONFIGURED if carrier is None else carrier.carry(letter)


def _is_over(stop: Event | None) -> bool:
    return stop is not None and stop.is_set()
