"""Writing orders: a change of drug, dose, route or time is a new version; what a nurse decided stays decided."""

from collections.abc import Sequence
from uuid import UUID

from wc_contract.model.ids import DistrictId, OrderId, SchoolId, order_version_id
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import ORDER, ORDER_VERSION
from wc_contract.model.values import OrderStatus
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.importing.fhir.records import ChartOrder
from wc_sync_server.importing.fhir.tally import Tally
from wc_sync_server.importing.ports import ImportWork
from wc_sync_server.importing.present_rows import WireRow, read_by_id, whole, wire_row
from wc_sync_server.importing.recording import CREATE, UPDATE, recorded
from wc_sync_server.importing.students.acting import Actor
from wc_sync_server.importing.students.reviewing import judge_doses_again

_SOURCE = "fhir"
_ACTOR = Actor(role="SYSTEM", via=_SOURCE)
_OVER = {OrderStatus.DISCONTINUED, OrderStatus.COMPLETED, OrderStatus.EXPIRED, OrderStatus.SUPERSEDED}


def write_orders(
    work: ImportWork, district: DistrictId, school: SchoolId, orders: Sequence[ChartOrder], *, dry_run: bool
) -> Tally:
    """Write the orders of one school that are new or changed."""
    present = read_by_id(work, ORDER, district, [order.id for order in orders])
    current = {id_: order_version_id(OrderId(id_), int(str(row["version"]))) for id_, row in present.items()}
    versions = read_by_id(work, ORDER_VERSION, district, list(current.values()))
    tally = Tally()
    rows: list[WireRow] = []
    terms: list[WireRow] = []
    events: list[AuditEvent] = []
    for order in orders:
        there = present.get(order.id)
        old_terms = versions.get(current[order.id]) if there is not None else None
        row, new_terms = _merged(order, there, old_terms, instant_to_text(work.at))
        if there is not None and new_terms is None and all(row[name] == there[name] for name in row):
            tally.unchanged += 1
            continue
        tally.created += there is None
        tally.updated += there is not None
        rows.append(row)
        terms += [] if new_terms is None else [new_terms]
        action = CREATE if there is None else UPDATE
        events.append(recorded(action, ORDER, order.id, work.at, source=_SOURCE, school=school))
    if rows and not dry_run:
        work.write_rows(ORDER, school, rows)
        work.write_rows(ORDER_VERSION, school, terms)
        work.audit(events)
        changed = [UUID(str(row["id"])) for row in rows if UUID(str(row["id"])) in present]
        judge_doses_again(work, district, school, changed, _ACTOR)
    return tally


def _merged(
    order: ChartOrder, there: WireRow | None, old_terms: WireRow | None, now: str
) -> tuple[WireRow, WireRow | None]:
    """Return the order's row, and a new version when drug, dose, route or time changed (rules.md O3)."""
    told = wire_row(order, ORDER)
    if there is None or old_terms is None:
        return whole({**told, "version": 1}, ORDER), _version(order, 1, instant_to_text(order.terms.effective_from))
    same_drug = told["medication_id"] == there["medication_id"]
    same_terms = same_drug and all(
        value == old_terms[name] for name, value in wire_row(order.terms, ORDER_VERSION).items() if name in _TERMS
    )
    version = int(str(there["version"]))
    if not same_terms:
        row = whole({**there, **told, "version": version + 1}, ORDER)
        return _stopped(row, there, now), _version(order, version + 1, now)
    kept = {"version": version}
    if there["status"] in _OVER or order.status not in _OVER:
        # The sender knows its own orders; whether a nurse here verified, held or stopped one, it does not.
        kept |= {name: there[name] for name in ("status", "verified_by", "stop_effective_at")}  # type: ignore[misc]
    return _stopped(whole({**there, **told, **kept}, ORDER), there, now), None


def _stopped(row: WireRow, there: WireRow, now: str) -> WireRow:
    """Let an order that ends here, nobody says when, have stopped now: doses before are none of a stopped order."""
    ends = row["status"] in _OVER and there["status"] not in _OVER
    untold = row["stop_effective_at"] is None and row["end_date"] is None
    return {**row, "stop_effective_at": now} if ends and untold else row


_TERMS = frozenset(
    {
        "dose",
        "unit",
        "route",
        "times",
        "window_minutes",
        "min_interval_minutes",
        "max_doses",
        "max_period_minutes",
        "instructions",
    }
)


def _version(order: ChartOrder, number: int, effective_from: str) -> WireRow:
    row: WireRow = {
        **wire_row(order.terms, ORDER_VERSION),
        "id": str(order_version_id(order.id, number)),
        "order_id": str(order.id),
        "student_id": str(order.student_id),
        "version": number,
        "effective_from": effective_from,
    }
    return whole(row, ORDER_VERSION)
