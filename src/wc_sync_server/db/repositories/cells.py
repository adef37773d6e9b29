"""Which pool leads to a district: the directory is asked from the start, so that districts can be spread."""

import threading
from collections.abc import Mapping

from wc_contract.model.ids import DistrictId
from wc_sync_server.db.directory import District, DistrictUnknown, all_districts, dsn_for, find_district
from wc_sync_server.db.engine import Pool, connect_pool

HOME = "main"  # the cluster that a district is in unless the directory says otherwise


class Cells:
    """Pools by cluster. The home pool keeps the directory and, on one machine, everything else.

    reports gives, by cluster, the way to a read replica for pages and reports; it is opened when first asked for,
    and whoever borrows from it waits no longer than reports_patience.
    """

    def __init__(
        self,
        home: Pool,
        dsns: Mapping[str, str],
        *,
        size: int = 10,
        reports: Mapping[str, str] | None = None,
        reports_patience: float = 5.0,
    ) -> None:
        self.home = home
        self._dsns = dict(dsns)
        self._reports = dict(reports or {})
        self._reports_patience = reports_patience
        self._size = size
        self._lock = threading.Lock()
        self._pools: dict[str, Pool] = {dsns[HOME]: home}
        self._of_district: dict[DistrictId, Pool] = {}
        self._reports_of_district: dict[DistrictId, Pool] = {}

    def pool_for(self, district: DistrictId) -> Pool:
        """Return the pool of the cluster that keeps district. Raises DistrictUnknown."""
        known = self._of_district.get(district)
        if known is not None:
            return known
        pool = self._pool(dsn_for(self.home, self._dsns, district))
        self._of_district[district] = pool
        return pool

    def reports_for(self, district: DistrictId) -> Pool:
        """Return the pool that pages and reports of district are read from: the replica's where one is set.

        A replica is behind by its lag, and says 25006 to a write. One that is away is not silently replaced by the
        primary, which nurses work on: whoever borrows is told. Raises DistrictUnknown.
        """
        if not self._reports:
            return self.pool_for(district)
        known = self._reports_of_district.get(district)
        if known is None:
            known = self._reports_pool(dsn_for(self.home, self._reports, district))
            self._reports_of_district[district] = known
        return known

    def find(self, code: str) -> District | None:
        """Return the district with that code."""
        return find_district(self.home, code)

    def named(self, district: DistrictId) -> District:
        """Return the district's entry in the directory. Raises DistrictUnknown."""
        for known in self.all():
            if known.id == district:
                return known
        raise DistrictUnknown("the directory has no such district")

    def all(self) -> tuple[District, ...]:
        """Return every district."""
        return all_districts(self.home)

    def _pool(self, dsn: str) -> Pool:
        with self._lock:
            pool = self._pools.get(dsn)
            if pool is None:
                pool = self._pools[dsn] = connect_pool(
                    dsn,
                    size=self._size,
                    sealer=self.home.sealer,
                    signer=self.home.signer,
                    plans_from=self.home.plans_from,
                )
            return pool

    def _reports_pool(self, dsn: str) -> Pool:
        with self._lock:
            pool = self._pools.get(dsn)
            if pool is None:
                # Not waited for: a replica that is away must not hold the lock that the primary's pools need.
                pool = self._pools[dsn] = connect_pool(
                    dsn,
                    size=self._size,
                    application_name="wc-reports",
                    patience=self._reports_patience,
                    sealer=self.home.sealer,
                    signer=self.home.signer,
                    wait=False,
                )
            return pool

    def close(self) -> None:
        """Close every pool."""
        for pool in self._pools.values():
            pool.close()
