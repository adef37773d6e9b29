"""What a district's own policy says, key by key."""

from wc_sync_server.db.repositories.records.desk import Seat

_SAID = "SELECT d.policy -> %(key)s::text FROM districts d WHERE d.district_id = %(district)s"


def said_by_district(seat: Seat, key: str) -> object:
    """Return what districts.policy says under a key, None where it says nothing; JSON as PostgreSQL gives it."""
    values = {"district": seat.uow.context.district, "key": key}
    row = seat.uow.connection.execute(_SAID, values).fetchone()
    return None if row is None else row[0]
