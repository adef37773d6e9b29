"""What waits in the database, looked up when the page of measures is read: at most every few seconds."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.db.context import Timeouts
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.db.whole_district import whole_district

_EVERY_SECONDS = 15.0
_BRIEF = Timeouts(statement=2_000, lock=500, idle=5_000)

_DISTRICTS = "SELECT district_id, created_at FROM district_directory"
_OUTBOX = """
SELECT count(*) FILTER (WHERE status = 'WAITING'), count(*) FILTER (WHERE status = 'DEAD'),
       coalesce(extract(epoch FROM %(at)s - min(created_at) FILTER (WHERE status = 'WAITING')), 0)::float8
FROM outbox_messages WHERE district_id = %(district)s AND status IN ('WAITING', 'DEAD')
"""
# The first line of a district's audit tells that it was made: one never sealed is behind since then.
_SEALED = """
SELECT extract(epoch FROM %(at)s - coalesce(max(to_at), %(entered)s))::float8
FROM audit_seals WHERE district_id = %(district)s
"""


@dataclass(slots=True, kw_only=True)
class _Seen:
    """All districts together: what a page of measures may say without naming one."""

    up: bool = False
    waiting: int = 0
    dead: int = 0
    oldest_seconds: float = 0.0
    seal_seconds: float | None = None  # None where there is no district


@dataclass(slots=True, kw_only=True)
class _Memory:
    at: float = float("-inf")
    seen: _Seen = field(default_factory=_Seen)


class Depths(Collector):
    """The outbox and the seals of the audit, over all districts; wc_database_up tells whether anybody answered."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._lock = threading.Lock()
        self._memory = _Memory()

    def collect(self) -> Iterator[Metric]:
        seen = self._look()
        yield GaugeMetricFamily("wc_database_up", "Whether the database answered.", value=float(seen.up))
        if not seen.up:
            return
        outbox = GaugeMetricFamily("wc_outbox_messages", "Messages not delivered, by status.", labels=["status"])
        outbox.add_metric(["waiting"], seen.waiting)
        outbox.add_metric(["dead"], seen.dead)
        yield outbox
        yield GaugeMetricFamily("wc_outbox_oldest_seconds", "Age of the oldest that waits.", value=seen.oldest_seconds)
        if seen.seal_seconds is not None:
            text = "Time since the audit was sealed, of the district that is longest without."
            yield GaugeMetricFamily("wc_audit_seal_lag_seconds", text, value=seen.seal_seconds)

    def _look(self) -> _Seen:
        with self._lock:
            if time.monotonic() - self._memory.at >= _EVERY_SECONDS:
                seen = self._read()
                # As of its end: an answer that was long waited for is not old already.
                self._memory = _Memory(at=time.monotonic(), seen=seen)
            return self._memory.seen

    def _read(self) -> _Seen:
        seen = _Seen()
        try:
            with self._cells.home.connection() as connection:
                districts = connection.execute(_DISTRICTS).fetchall()
            for district, entered in districts:
                self._add(seen, DistrictId(district), entered)
        except (psycopg.Error, WhiteCrossError):
            return _Seen()
        seen.up = True
        return seen

    def _add(self, seen: _Seen, district: DistrictId, entered: Instant) -> None:
        pool = self._cells.pool_for(district)
        context = whole_district(pool, district, timeouts=_BRIEF)
        with scoped(pool, context, read_only=True, timeouts=_BRIEF) as uow:
            parameters = {"district": district, "at": uow.at, "entered": entered}
            ((waiting, dead, oldest),) = uow.connection.execute(_OUTBOX, parameters).fetchall()
            ((sealed,),) = uow.connection.execute(_SEALED, parameters).fetchall()
        seen.waiting += waiting
        seen.dead += dead
        seen.oldest_seconds = max(seen.oldest_seconds, oldest)
        seen.seal_seconds = max(seen.seal_seconds or 0.0, sealed)
