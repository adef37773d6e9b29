"""The context that sees all of a district: the system's, with every school."""

from wc_contract.model.ids import DistrictId, SchoolId
from wc_sync_server.db.context import SYSTEM, Context, Timeouts
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.unit_of_work import scoped

_SCHOOLS = "SELECT id FROM schools WHERE district_id = %(district)s"


def whole_district(pool: Pool, district: DistrictId, *, timeouts: Timeouts | None = None) -> Context:
    """Return the system's context of a district with all its schools, the deleted ones too."""
    alone = Context(district=district, role=SYSTEM)
    with scoped(pool, alone, read_only=True, timeouts=timeouts) as uow:
        rows = uow.connection.execute(_SCHOOLS, {"district": district}).fetchall()
    return Context(district=district, role=SYSTEM, schools=tuple(SchoolId(row[0]) for row in rows))
