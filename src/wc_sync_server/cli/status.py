"""Who is behind: what each workstation last said of itself, what waits for a person, whose entries do not follow."""

from wc_contract.model.ids import DistrictId
from wc_sync_server.cli.audit_chains import broken_on_arrival
from wc_sync_server.cli.auditing import reader_of
from wc_sync_server.cli.console import spoken, table, workshop
from wc_sync_server.cli.device import say_not_taken
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.records import district_named, every_school, system
from wc_sync_server.wiring import Workshop

_BEHIND = """
SELECT s.name, d.name, d.last_seen_at, d.waiting, d.oldest_waiting_at, d.last_number,
       round(d.clock_offset_ms / 1000.0, 1), d.directive, d.revoked_at IS NOT NULL, d.lease_until,
       (SELECT count(*) FROM refused_entries r
        WHERE r.district_id = %(district)s AND r.device_id = d.id AND r.answered_at IS NULL),
       d.unstored
FROM devices d JOIN schools s ON s.district_id = d.district_id AND s.id = d.school_id
WHERE d.district_id = %(district)s AND d.wiped_at IS NULL
ORDER BY d.waiting DESC, d.last_seen_at NULLS FIRST
"""
_OPEN = """
SELECT s.name, count(*) FROM review_cases c JOIN schools s ON s.district_id = c.district_id AND s.id = c.school_id
WHERE c.district_id = %(district)s AND c.status = 'OPEN' AND c.deleted_at IS NULL GROUP BY s.name ORDER BY s.name
"""
_COLUMNS = (
    "school", "workstation", "last seen", "waiting", "oldest", "entries held", "clock s", "told", "revoked",
    "lease until", "refused", "not taken",
)  # fmt: skip


def who_is_behind(parts: Workshop, district: DistrictId) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return a row for each workstation, the one with most waiting first, and the open cases by school."""
    with system(parts, district, every_school(parts, district), read_only=True) as uow:
        behind = uow.connection.execute(_BEHIND, {"district": district}).fetchall()
        cases = uow.connection.execute(_OPEN, {"district": district}).fetchall()
    return behind, cases


@spoken
def status(district: DistrictOption = None) -> None:
    """Show who is behind: workstations with entries waiting or refused, wrong clocks, records not taken; open cases.

    With WC_AUDIT_URL also those whose chain was broken on arrival; `doctor chains` reads every chain whole.
    """
    with workshop() as parts:
        named = district_named(parts, district).id
        behind, cases = who_is_behind(parts, named)
        broken = []
        if parts.settings.audit_url is not None:
            with reader_of(parts) as reader:
                broken = broken_on_arrival(parts, reader, named)
    table("Workstations", _COLUMNS, behind)
    say_not_taken(behind)
    table("Open review cases", ("school", "open"), cases)
    if broken:
        table("Broken chains (`audit devices`)", ("workstation", "id ends", "since", "entries"), broken)
