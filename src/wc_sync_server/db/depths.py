"""What waits in the database, looked up when the page of measures is read: at most every few seconds."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import DistrictId, SchoolId
from wc_sync_server.db.context import SYSTEM, Context, Timeouts
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.unit_of_work import scoped

_EVERY_SECONDS = 15.0
_BRIEF = Timeouts(statement=2_000, lock=500, idle=5_000)

_SCHOOLS = "SELECT id FROM schools WHERE district_id = %(district)s"
_OUTBOX = """
SELECT count(*) FILTER (WHERE status = 'WAITING'), count(*) FILTER (WHERE status = 'DEAD'),
       coalesce(extract(epoch FROM %(at)s - min(created_at) FILTER (WHERE status = 'WAITING')), 0)::float8
FROM outbox_messages WHERE district_id = %(district)s AND status IN ('WAITING', 'DEAD')
"""
_SEALED = "SELECT extract(epoch FROM %(at)s - max(to_at))::float8 FROM audit_seals WHERE district_id = %(district)s"


@dataclass(slots=True, kw_only=True)
class _Seen:
    """All districts together: what a page of measures may say without naming one."""

    up: bool = False
    waiting: int = 0
    dead: int = 0
    oldest_seconds: float = 0.0
    seal_seconds: float | None = None  # None where nothing was ever sealed


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
            now = time.monotonic()
            if now - self._memory.at >= _EVERY_SECONDS:
                self._memory = _Memory(at=now, seen=self._read())
            return self._memory.seen

    def _read(self) -> _Seen:
        seen = _Seen()
        try:
            for district in self._cells.all():
                self._add(seen, district.id)
        except (psycopg.Error, WhiteCrossError):
            return _Seen()
        seen.up = True
        return seen

    def _add(self, seen: _Seen, district: DistrictId) -> None:
        pool, parameters = self._cells.pool_for(district), {"district": district}
        with scoped(pool, Context(district=district, role=SYSTEM), read_only=True, timeouts=_BRIEF) as uow:
            schools = tuple(SchoolId(row[0]) for row in uow.connection.execute(_SCHOOLS, parameters))
        context = Context(district=district, role=SYSTEM, schools=schools)
        with scoped(pool, context, read_only=True, timeouts=_BRIEF) as uow:
            ((waiting, dead, oldest),) = uow.connection.execute(_OUTBOX, {**parameters, "at": uow.at}).fetchall()
            ((sealed,),) = uow.connection.execute(_SEALED, {**parameters, "at": uow.at}).fetchall()
        seen.waiting += waiting
        seen.dead += dead
        seen.oldest_seconds = max(seen.oldest_seconds, oldest)
        if sealed is not None:
            seen.seal_seconds = max(seen.seal_seconds or 0.0, sealed)
