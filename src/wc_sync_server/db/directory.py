"""Which districts there are and where each is kept. Read before any context is known; names no child."""

from collections.abc import Mapping
from dataclasses import dataclass

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.errors import StreamUnknown

_FIND = "SELECT district_id, code, name, cell FROM district_directory WHERE code = %(code)s"
_CELL = "SELECT cell FROM district_directory WHERE district_id = %(district)s"
_LIST = "SELECT district_id, code, name, cell FROM district_directory ORDER BY code"
_ADD = """
INSERT INTO district_directory (district_id, code, name, cell, created_at, updated_at)
VALUES (%(district)s, %(code)s, %(name)s, %(cell)s, %(at)s, %(at)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district by its short code, which people type when they sign in. cell names the cluster that keeps it."""

    id: DistrictId
    code: str
    name: str
    cell: str = "main"


class DistrictUnknown(StreamUnknown):
    """No district has that code."""

    code = "district_unknown"


def find_district(pool: Pool, code: str) -> District | None:
    """Return the district with that code, however it is capitalised."""
    with pool.connection() as connection:
        row = connection.execute(_FIND, {"code": code.strip().lower()}).fetchone()
    return None if row is None else District(id=DistrictId(row[0]), code=row[1], name=row[2], cell=row[3])


def all_districts(pool: Pool) -> tuple[District, ...]:
    """Return every district, by code."""
    with pool.connection() as connection:
        rows = connection.execute(_LIST).fetchall()
    return tuple(District(id=DistrictId(r[0]), code=r[1], name=r[2], cell=r[3]) for r in rows)


def add_district(pool: Pool, district: District, at: Instant) -> None:
    """Enter a district, in a transaction of its own: reference and local data are written alone."""
    parameters = {
        "district": district.id,
        "code": district.code,
        "name": district.name,
        "cell": district.cell,
        "at": at,
    }
    with pool.connection() as connection:
        connection.execute(_ADD, parameters)


def dsn_for(pool: Pool, cells: Mapping[str, str], district: DistrictId) -> str:
    """Return the way to the cluster that keeps district; cells gives it by the cluster's name.

    Raises DistrictUnknown.
    """
    with pool.connection() as connection:
        row = connection.execute(_CELL, {"district": district}).fetchone()
    if row is None or row[0] not in cells:
        raise DistrictUnknown("no cluster keeps that district")
    return cells[row[0]]
