"""Which pool leads to a district: the directory is asked from the start, so that districts can be spread."""

import threading
from collections.abc import Mapping

from wc_contract.model.ids import DistrictId
from wc_sync_server.db.directory import District, DistrictUnknown, all_districts, dsn_for, find_district
from wc_sync_server.db.engine import Pool, connect_pool

HOME = "main"  # the cluster that a district is in unless the directory says otherwise


class Cells:
    """Pools by cluster. The home pool keeps the directory and, on one machine, everything else."""

    def __init__(self, home: Pool, dsns: Mapping[str, str], *, size: int = 10) -> None:
        self.home = home
        self._dsns = dict(dsns)
        self._size = size
        self._lock = threading.Lock()
        self._pools: dict[str, Pool] = {dsns[HOME]: home}
        self._of_district: dict[DistrictId, Pool] = {}

    def pool_for(self, district: DistrictId) -> Pool:
        """Return the pool of the cluster that keeps district. Raises DistrictUnknown."""
        known = self._of_district.get(district)
        if known is not None:
            return known
        dsn = dsn_for(self.home, self._dsns, district)
        with self._lock:
            pool = self._pools.get(dsn)
            if pool is None:
                pool = self._pools[dsn] = connect_pool(dsn, size=self._size)
            self._of_district[district] = pool
            return pool

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

    def close(self) -> None:
        """Close every pool."""
        for pool in self._pools.values():
            pool.close()
