"""A district's policy, its schools' time zones and its medications: read once a change, not once a batch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import orjson

from wc_contract.model.ids import MedicationId, SchoolId
from wc_contract.rules.facts import MedicationFacts
from wc_sync_server.db.cache import Cache, Read
from wc_sync_server.db.errors import StatementFailed
from wc_sync_server.db.unit_of_work import UnitOfWork

# Head and time: after a restore the same numbers are given again, the same microsecond is not.
VERSION = """
(SELECT v.head || '/' || (extract(epoch FROM v.updated_at) * 1000000)::bigint FROM streams v
 WHERE v.district_id = %(district)s AND v.id = %(district)s)
"""

# One statement sees one state of the database: what it reads has the version it reads.
_READ = f"""
SELECT json_build_object(
  'policy', (SELECT d.policy::text FROM districts d WHERE d.district_id = %(district)s AND d.id = %(district)s),
  'zones', (SELECT json_object_agg(s.id, s.timezone) FROM schools s WHERE s.district_id = %(district)s),
  'medications', (SELECT json_agg(json_build_object('id', m.id, 'ingredients', m.ingredients::text,
     'is_emergency', m.is_emergency, 'dea_schedule', m.dea_schedule))
     FROM medications m WHERE m.district_id = %(district)s))::text, {VERSION}
"""  # noqa: S608  # put together from constants of this file


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictReference:
    """What holds for a whole district. Nothing in it tells of a child."""

    policy: str | None = field(repr=False)
    zones: Mapping[SchoolId, str] = field(repr=False)
    medications: Mapping[MedicationId, MedicationFacts] = field(repr=False)


class References:
    """Answers from the cache as long as the district's stream says nothing new."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def of(self, uow: UnitOfWork, version: str | None) -> DistrictReference:
        """Return what holds under version, which this transaction read by VERSION."""
        name = f"reference:{uow.context.district}"
        return self._cache.through(name, version, partial(_load, uow), _parse)


def _load(uow: UnitOfWork) -> Read:
    row = uow.connection.execute(_READ.encode(), {"district": uow.context.district}).fetchone()
    if row is None:
        raise StatementFailed(None)
    return Read(version=row[1], value=row[0].encode())


def _parse(value: bytes) -> DistrictReference:
    read = orjson.loads(value)
    medications = (MedicationFacts.from_row(row) for row in read["medications"] or ())
    return DistrictReference(
        policy=read["policy"],
        zones={SchoolId(UUID(school)): zone for school, zone in (read["zones"] or {}).items()},
        medications={each.id: each for each in medications},
    )
