"""Taking the texts out of old receipts: what was answered stays for ever, what was sent need not.

With id, number and hash left, a laptop that comes back after years is answered as before, and one number with two texts
is still found to be two machines. Done by the owner: the application may not touch what was sent.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from psycopg.conninfo import make_conninfo

from wc_contract.model.ids import Chance, DistrictId, SchoolId
from wc_contract.model.instants import Instant
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db.context import SYSTEM, Context, Timeouts
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.grants import OWNER
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import scoped

LEAST_DAYS = 400
_BATCH = 500
_BRIEF = Timeouts(statement=60_000, lock=2_000, idle=60_000)

_WITH_TEXT = """
SELECT count(*) FROM receipts r
WHERE r.district_id = %(district)s AND r.school_id = %(school)s AND r.received_at < %(before)s AND r.body <> ''
  AND (r.outcome <> 'waiting' OR EXISTS (SELECT FROM later_answers a
                                         WHERE a.district_id = r.district_id AND a.entry_id = r.entry_id))
"""
_TRIM = """
UPDATE receipts AS r SET body = '', signature = '', updated_at = %(at)s
FROM (SELECT o.entry_id FROM receipts o
      WHERE o.district_id = %(district)s AND o.school_id = %(school)s AND o.received_at < %(before)s AND o.body <> ''
        AND (o.outcome <> 'waiting' OR EXISTS (SELECT FROM later_answers a
                                               WHERE a.district_id = o.district_id AND a.entry_id = o.entry_id))
      ORDER BY o.received_at LIMIT %(size)s FOR NO KEY UPDATE SKIP LOCKED) AS old
WHERE r.district_id = %(district)s AND r.entry_id = old.entry_id
"""


def kept_from(at: Instant, days: int) -> Instant:
    """Return the instant from which on receipts keep their text: the beginning of the month that lies days back."""
    return (at - timedelta(days=days)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def with_text(pool: Pool, district: DistrictId, school: SchoolId, before: Instant) -> int:
    """Return how many receipts of a school from before an instant still hold what was sent."""
    context = Context(district=district, role=SYSTEM, schools=(school,))
    with scoped(pool, context, read_only=True) as uow:
        parameters = {"district": district, "school": school, "before": before}
        ((count,),) = uow.connection.execute(_WITH_TEXT, parameters).fetchall()
    return int(count)


def trim(
    dsn: str, district: DistrictId, schools: tuple[SchoolId, ...], before: Instant, chance: Chance
) -> Iterator[int]:
    """Take the texts out of receipts from before an instant, batch by batch; yield how many each batch was.

    Each batch is on record. dsn is the migrating role's. What waits keeps its text, however old it is, until it has a
    final answer.
    """
    pool = connect_pool(
        make_conninfo(dsn, options=f"-c role={OWNER}"),
        size=1,
        application_name="wc-receipts",
        signer=signer_of(dsn),
    )
    try:
        for school in schools:
            while done := run_retrying(partial(_batch, pool, district, school, before, chance)):
                yield done
    finally:
        pool.close()


def _batch(pool: Pool, district: DistrictId, school: SchoolId, before: Instant, chance: Chance) -> int:
    context = Context(district=district, role=SYSTEM, schools=(school,))
    with scoped(pool, context, timeouts=_BRIEF, chance=chance) as uow:
        parameters = {"district": district, "school": school, "before": before, "size": _BATCH, "at": uow.at}
        done = uow.connection.execute(_TRIM, parameters).rowcount
        if done:
            uow.audit([_trimmed(school, uow.at, done, before)])
        uow.commit()
    return done


def _trimmed(school: SchoolId, at: Instant, count: int, before: Instant) -> AuditEvent:
    return AuditEvent(
        action="TRIM",
        entity_type="receipts",
        entity_id=str(school),
        at=at,
        role=SYSTEM,
        school_id=school,
        detail={"count": count, "before": before.date().isoformat()},
    )
