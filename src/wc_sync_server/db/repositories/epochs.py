"""The server's epoch: a new one says that what was acknowledged under the old one may be gone."""

import threading
from dataclasses import dataclass

from wc_contract.model.ids import Chance, DistrictId, new_uuid
from wc_contract.model.instants import Clock, Instant
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.errors import DatabaseUnavailable
from wc_sync_server.db.repositories.cells import Cells

_REMEMBERED_SECONDS = 1.0

_CURRENT = """
SELECT e.id::text, CASE WHEN EXISTS (SELECT FROM server_epochs o WHERE o.id <> e.id) THEN e.minted_at END
FROM server_epochs e ORDER BY e.minted_at DESC, e.id DESC LIMIT 1
"""
# Of two processes that start at once, the second finds the first's row or both stay: the newest counts for all.
_FIRST = """
INSERT INTO server_epochs (id, reason, minted_at)
SELECT %(id)s, 'first start', %(at)s WHERE NOT EXISTS (SELECT 1 FROM server_epochs)
"""
_MINT = "INSERT INTO server_epochs (id, reason, minted_at) VALUES (%(id)s, %(reason)s, %(at)s)"
# The later of two clocks: a database that was put back may hold an epoch of what is still to come for this one.
_SUCCEED = """
INSERT INTO server_epochs (id, reason, minted_at)
SELECT %(id)s, %(reason)s, greatest(%(at)s, e.minted_at + interval '1 millisecond')
FROM (SELECT id, minted_at FROM server_epochs ORDER BY minted_at DESC, id DESC LIMIT 1) e
WHERE e.id::text = %(epoch)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """An epoch, and since when it stands in the place of another; None for the first."""

    id: str
    since: Instant | None


class Epochs:
    """Knows the epoch of each cluster. Asked apart from tenants' data, so it is remembered for a second."""

    def __init__(self, cells: Cells, clock: Clock) -> None:
        self._cells = cells
        self._clock = clock
        self._known: dict[Pool, tuple[float, Epoch]] = {}
        self._beginning = threading.Lock()

    def current(self, district: DistrictId) -> str:
        """Return the id of the epoch in force where district is kept. Raises as in_force."""
        return self.in_force(district).id

    def in_force(self, district: DistrictId) -> Epoch:
        """Return the epoch in force where district is kept. Raises DatabaseUnavailable before the first start."""
        pool, now = self._cells.pool_for(district), self._clock.monotonic()
        known = self._known.get(pool)
        if known is not None and now - known[0] < _REMEMBERED_SECONDS:
            return known[1]
        with pool.connection() as connection:
            row = connection.execute(_CURRENT).fetchone()
        if row is None:
            raise DatabaseUnavailable("this database has no epoch yet: start the server once")
        epoch = Epoch(id=row[0], since=row[1])
        self._known[pool] = (now, epoch)
        return epoch

    def succeed(self, district: DistrictId, epoch: str, chance: Chance, *, reason: str) -> bool:
        """Begin a new epoch where district is kept; False when another one than this is in force already."""
        pool, at = self._cells.pool_for(district), self._clock.now()
        # All who greet after a restore find it out at once. Two processes may begin one each: the newest counts.
        with self._beginning, pool.connection() as connection:
            done = connection.execute(
                _SUCCEED, {"id": new_uuid(at, chance), "at": at, "reason": reason, "epoch": epoch}
            )
        self._known.pop(pool, None)
        return done.rowcount == 1


def ensure_epoch(pool: Pool, at: Instant, chance: Chance) -> None:
    """Mint the first epoch where there is none."""
    with pool.connection() as connection:
        connection.execute(_FIRST, {"id": new_uuid(at, chance), "at": at})


def mint_epoch(pool: Pool, at: Instant, chance: Chance, *, reason: str) -> None:
    """Begin a new epoch, after a restore or a promotion: devices then send again what they kept."""
    with pool.connection() as connection:
        connection.execute(_MINT, {"id": new_uuid(at, chance), "at": at, "reason": reason})
