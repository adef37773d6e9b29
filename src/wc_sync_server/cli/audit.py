"""Looking at the audit, as its reader: the application itself may only write it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import typer

from wc_contract.model.ids import DistrictId
from wc_sync_server.cli.console import CommandRefused, fail, out, reached_by, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.records import district_named, schools_of, system
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.wiring import Workshop

audit = typer.Typer(no_args_is_help=True, help="The audit: count.")

_COUNT = """
SELECT a.entry_id, a.action, count(*) FROM (
    SELECT l.entry_id, l.action FROM audit_logs l WHERE l.district_id = %(district)s UNION ALL
    SELECT o.entry_id, o.action FROM audit_overflow o WHERE o.district_id = %(district)s) a
GROUP BY a.entry_id, a.action
"""
_ENTRIES = "SELECT entry_id FROM receipts WHERE district_id = %(district)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCount:
    """How often each action stands on record, and for each entry held how many lines tell of it."""

    by_action: Mapping[str, int]
    by_entry: Mapping[UUID, int]

    @property
    def untold(self) -> tuple[UUID, ...]:
        """The entries that no line tells of."""
        return tuple(entry for entry, lines in self.by_entry.items() if lines == 0)


def count_audit(parts: Workshop, district: DistrictId) -> AuditCount:
    """Return what stands on record. Raises CommandRefused without the reader's address."""
    if parts.settings.audit_url is None:
        raise CommandRefused("Say where the audit's reader signs in: set WC_AUDIT_URL to its address.")
    everywhere = tuple(schools_of(parts, district))
    with system(parts, district, everywhere, read_only=True) as uow:
        entries = {row[0]: 0 for row in uow.connection.execute(_ENTRIES, {"district": district})}
    with reached_by("WC_AUDIT_URL"):
        pool = connect_pool(parts.settings.audit_url, size=1, application_name="wc-audit-reader")
    try:
        context = Context(district=district, role=SYSTEM, schools=everywhere)
        with scoped(pool, context, read_only=True) as uow:
            rows = uow.connection.execute(_COUNT, {"district": district}).fetchall()
    finally:
        pool.close()
    by_action: dict[str, int] = {}
    for entry, action, lines in rows:
        by_action[action] = by_action.get(action, 0) + lines
        if entry in entries:
            entries[entry] += lines
    return AuditCount(by_action=by_action, by_entry=entries)


@audit.command("count")
@spoken
def count(district: DistrictOption = None) -> None:
    """Count what is on record, and show whether every entry the district holds is told of. Exit 1 if one is not."""
    with workshop() as parts:
        counted = count_audit(parts, district_named(parts, district).id)
    table("On record", ("action", "lines"), sorted(counted.by_action.items()))
    out.print(f"{len(counted.by_entry)} entries held, {len(counted.by_entry) - len(counted.untold)} told of.")
    if counted.untold:
        raise fail(f"{len(counted.untold)} entries are not on record.", 1)
