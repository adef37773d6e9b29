"""What a change past the workstations leaves for a person to look at: cases opened, doses judged again."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model.apply import compact
from wc_contract.model.ids import DistrictId, SchoolId
from wc_contract.model.kinds import DISTRICT, DOSE, ORDER, ORDER_VERSION, REVIEW_CASE, SCHOOL
from wc_contract.rules.again import judged_again
from wc_contract.rules.book import fact_book
from wc_contract.rules.facts import DoseFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.policy import Policy
from wc_sync_server.importing.ports import ImportWork
from wc_sync_server.importing.present_rows import WireRow, read_by_id, read_of
from wc_sync_server.importing.students.acting import Actor
from wc_sync_server.reconcile.cases import CaseWanted, from_draft, merged, rows_for
from wc_sync_server.reconcile.facts import Held
from wc_sync_server.reconcile.telling import of_case
from wc_sync_server.reconcile.touched import JUDGED_AGAIN

# Orders whose doses are in memory together.
_AT_ONCE = 100


def open_cases(work: ImportWork, district: DistrictId, actor: Actor, wanted: Sequence[CaseWanted]) -> None:
    """Open cases, or add to those that are there already; put it on record and tell the district."""
    known = read_by_id(work, REVIEW_CASE, district, [case.id for case in wanted])
    held = {id_: Held(school=SchoolId(UUID(str(row["school_id"]))), row=row) for id_, row in known.items()}
    for school, row in rows_for(wanted, held, work.at):
        work.write_rows(REVIEW_CASE, school, [row])
        work.audit([actor.event("CASE_OPENED", REVIEW_CASE, row["id"], work.at, school=school)])
        work.post([of_case(school, row)])


def judge_doses_again(
    work: ImportWork, district: DistrictId, school: SchoolId, orders: Sequence[UUID], actor: Actor
) -> None:
    """Judge the doses under orders of a school again, once these were changed.

    A stop that is put down late counts as one that came first, whoever puts it down (X4). The caller holds the stream.
    """
    for first in range(0, len(orders), _AT_ONCE):
        _judge_again(work, district, school, orders[first : first + _AT_ONCE], actor)


def _judge_again(
    work: ImportWork, district: DistrictId, school: SchoolId, orders: Sequence[UUID], actor: Actor
) -> None:
    doses = [row for row in read_of(work, DOSE, district, "order_id", orders).values() if _is_judged(work, row, school)]
    if not doses:
        return
    (place,) = read_by_id(work, SCHOOL, district, [school]).values()
    (whole,) = read_by_id(work, DISTRICT, district, [district]).values()
    policy = whole["policy"]
    terms = read_of(work, ORDER_VERSION, district, "order_id", orders)
    book = fact_book(
        zone=ZoneInfo(str(place["timezone"])),
        policy=Policy.from_json(None if policy is None else str(policy)),
        orders=[OrderFacts.from_row(row) for row in read_by_id(work, ORDER, district, orders).values()],
        versions=[OrderVersionFacts.from_row(row) for row in terms.values()],
    )
    again = judged_again([(row, DoseFacts.from_row(row).flags) for row in doses], book)
    flags = [(dose, compact(codes)) for dose, codes in sorted(again.flags.items())]
    work.write_flags(DOSE, school, flags)
    work.audit([actor.event("FLAGGED", DOSE, dose, work.at, school=school) for dose, _ in flags])
    open_cases(work, district, actor, list(merged(from_draft(draft, school) for draft in again.cases)))


def _is_judged(work: ImportWork, row: WireRow, school: SchoolId) -> bool:
    recent = DoseFacts.from_row(row).administered_at > work.at - timedelta(days=JUDGED_AGAIN)
    return recent and row["school_id"] == str(school)
