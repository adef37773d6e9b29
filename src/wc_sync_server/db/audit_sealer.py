"""Sealing the audit: beside the writers, never in their way.

A line is dated by the time at which its transaction began, and shows when that commits. So what was received before
the oldest transaction still open, and a little before now, is complete: nothing can be added to it by any honest
writer. That far the sealer goes, and no further. It locks nothing; of two that seal at once the database takes one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta

import structlog

from wc_contract.model.errors import Refused
from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.audit.seals import Seal, SealedLine, Signer, make_seal
from wc_sync_server.db.audit_lines import PAGE, AuditRecord
from wc_sync_server.db.context import DATABASE_TIME, Context
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.errors import RowsRejected
from wc_sync_server.db.months import month_of
from wc_sync_server.db.operations import AUDIT_LOOK, AUDIT_SEAL
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.db.whole_district import whole_district

# How far behind the present it stays: a transaction tells its beginning to others a moment after it began.
MARGIN = timedelta(seconds=10)
# So long nothing may happen before that, too, is sealed: else a quiet night could be filled in later.
QUIET = timedelta(hours=1)
_LEAST = timedelta(microseconds=1)
_UNIQUE = "23505"
_log = structlog.get_logger(__name__)

# The activity of its own role is shown to every role; all writers of the audit sign in as the application.
_HORIZON = f"""
SELECT min(date_trunc('milliseconds', a.xact_start + ({DATABASE_TIME} - transaction_timestamp()))), {DATABASE_TIME}
FROM pg_stat_activity AS a
WHERE a.datname = current_database() AND a.usename = current_user AND a.xact_start IS NOT NULL
"""  # noqa: S608  # an expression of ours


class ActivityHidden(Refused):
    """Nobody can say what is complete. The sentence says what to set."""

    code = "activity_hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Until when a district's audit is complete (None: the database does not tell), and who sees all of it."""

    until: Instant | None
    now: Instant
    context: Context


class AuditSealer:
    """Seals districts: the application's pool tells how far, the reader's reads and keeps the seals."""

    def __init__(
        self, app: Pool, reader: Pool, signer: Signer, *, margin: timedelta = MARGIN, most: int = PAGE
    ) -> None:
        self._app = app
        self._reader = reader
        self._signer = signer
        self._margin = margin
        self._most = most
        self._seen: dict[DistrictId, Seal] = {}

    def seal(self, district: DistrictId, *, unless_within: timedelta | None = None) -> tuple[Seal, ...]:
        """Seal what is complete and not sealed yet; return the new seals. None when another process was first.

        unless_within: leave it when another sealed the district so short a time ago. Raises ActivityHidden.
        """
        horizon = horizon_of(self._app, district, self._margin)
        if horizon.until is None:
            raise ActivityHidden("PostgreSQL does not tell which transactions are open: set track_activities = on.")
        made = tuple(self._seals(district, horizon, unless_within))
        if made:
            self._seen[district] = made[-1]
        return made

    def _seals(self, district: DistrictId, horizon: Horizon, unless_within: timedelta | None) -> Iterator[Seal]:
        fresh = None if unless_within is None else horizon.now - unless_within
        while True:
            try:
                with scoped(self._reader, horizon.context, operation=AUDIT_SEAL) as uow:
                    record = AuditRecord(uow.connection, district)
                    last = record.last_seal()
                    self._compare(district, last)
                    if fresh is not None and last is not None and last.sealed_at > fresh:
                        return
                    seal = self._next(record, last, district, horizon)
                    if seal is None:
                        return
                    record.add_seal(seal)
                    uow.commit()
            except RowsRejected as error:
                if error.sqlstate == _UNIQUE:
                    return
                raise
            yield seal
            fresh = None

    def _compare(self, district: DistrictId, last: Seal | None) -> None:
        """Complain when the seals are not those that this process made or saw: somebody took the end away."""
        seen = self._seen.get(district)
        if seen is not None and (last is None or last.number < seen.number or _other(last, seen)):
            _log.error("audit.seals_cut", district=str(district), seen=seen.number, there=last and last.number)
            del self._seen[district]
        elif last is not None:
            self._seen[district] = last

    def _next(self, record: AuditRecord, last: Seal | None, district: DistrictId, horizon: Horizon) -> Seal | None:
        start = _beginning(record) if last is None else last.ends_at
        if start is None:
            return None
        month_ends = month_of(start).after(1).begins
        end = start if horizon.until is None else min(horizon.until, month_ends)
        if end <= start:
            return None
        end = self._cut(record, start, end)
        lines = record.lines(start, end)
        if not lines and end != month_ends and end - start < QUIET:
            return None
        return make_seal(
            district=district,
            previous=last,
            starts_at=start,
            ends_at=end,
            lines=(SealedLine(line.id, line.digest) for line in lines),
            sealed_at=horizon.now,
            signer=self._signer,
        )

    def _cut(self, record: AuditRecord, start: Instant, end: Instant) -> Instant:
        """Return where the next seal ends, so that it is not too long. What was received at one instant stays whole."""
        cut = record.received(start, end, self._most)
        if cut is None or cut != record.received(start, end, 0):
            return end if cut is None else cut
        return record.received(cut + _LEAST, end, 0) or end


@contextmanager
def whole_record(app: Pool, reader: Pool, district: DistrictId) -> Iterator[AuditRecord]:
    """Give all of a district's audit, as it is at one instant."""
    context = horizon_of(app, district, timedelta(0)).context
    with scoped(reader, context, operation=AUDIT_LOOK) as uow:
        yield AuditRecord(uow.connection, district)


def horizon_of(app: Pool, district: DistrictId, margin: timedelta) -> Horizon:
    """Return until when the audit is complete. Schools are read after that is known: each line's is among them."""
    with app.connection() as connection:
        ((oldest, now),) = connection.execute(_HORIZON.encode()).fetchall()
    context = whole_district(app, district)
    # Our own transaction is among those that are open, so there is an oldest.
    until = None if oldest is None else min(oldest, now - margin).astimezone(UTC)
    return Horizon(until=until, now=now.astimezone(UTC), context=context)


def _other(last: Seal, seen: Seal) -> bool:
    return last.number == seen.number and last.hash != seen.hash


def _beginning(record: AuditRecord) -> Instant | None:
    oldest = record.oldest()
    return None if oldest is None else month_of(oldest).begins
