"""What the rules say of a dose about to be written, whatever screen writes it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from wc_contract.model.changes import DoseLogged, Override
from wc_contract.model.ids import DoseId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import ALLERGY, DOSE, MEDICATION, ORDER, ORDER_VERSION, REVIEW_CASE
from wc_contract.rules.book import FactBook, fact_book
from wc_contract.rules.facts import AllergyFacts, CaseFacts, DoseFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.findings import Code, Finding
from wc_contract.rules.giving import GivingFacts, check_before_giving
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.dose_stock import stock_for
from wc_desktop.actions.med_pass import book_of_day
from wc_desktop.actions.reading import charts_of, last_days, medications, newest_doses
from wc_desktop.domain.failures import NotAllowed, ReasonMissing
from wc_desktop.domain.link_views import LinkState

# No interval or maximum of an order looks further back.
_LONGEST_REACH = timedelta(days=32)
# A second workstation that was used within a school week, weekend included, counts as in use.
_LATELY_DAYS = 7
_SILENT = frozenset({LinkState.OFFLINE, LinkState.ATTENTION})


def findings_of(desk: Desk, dose: DoseLogged, at: Instant, *, without: Collection[DoseId] = ()) -> tuple[Finding, ...]:
    """Return what the rules say of a dose; without: entries that it is about to stand for."""
    offset = desk.journal.recall("clock_offset_ms")
    records = desk.records
    student = [str(dose.student_id)]
    unseen = desk.link.state in _SILENT
    facts = GivingFacts(
        book=_book(desk, dose, at),
        role=desk.person.role,
        history=tuple(known for known in _history(desk, dose) if known.id not in without),
        cases=tuple(CaseFacts.from_row(r) for r in records.where(REVIEW_CASE, "student_id", student)),
        replica_as_of=records.data_as_of,
        clock_offset_ms=None if offset is None else int(offset),
        stock=stock_for(desk, str(dose.student_id), str(dose.order_id), str(dose.medication_id)),
        offline_since=desk.link.since if unseen else None,
        other_devices=unseen and dose.slot is None and _others_at_work(desk, at),
    )
    return check_before_giving(dose, facts, at)


def overrides_of(stops: Sequence[Finding], reason: str | None) -> tuple[Override, ...]:
    """Return the overrides of hard stops. Raises NotAllowed, ReasonMissing."""
    lacking = _codes(stop for stop in stops if stop.code is Code.REASON_MISSING)
    final = _codes(stop for stop in stops if not stop.overridable and stop.code is not Code.REASON_MISSING)
    if final:
        raise NotAllowed(final)
    asked = _codes(stop for stop in stops if stop.overridable)
    given = (reason or "").strip()
    if lacking or (asked and not given):
        raise ReasonMissing((*lacking, *(() if given else asked)))
    return tuple(Override(code=code, reason=given) for code in asked)


def _others_at_work(desk: Desk, at: Instant) -> bool:
    """Whether another workstation of the school gave something lately: it may be giving still, out of sight (P3)."""
    today = at.astimezone(desk.zone).date()
    days = [(today - timedelta(days=back)).isoformat() for back in range(_LATELY_DAYS)]
    own = str(desk.device_id)
    return any(row["device_id"] != own for row in desk.records.where(DOSE, "local_date", days))


def _codes(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.code.value for finding in findings))


def _history(desk: Desk, dose: DoseLogged) -> tuple[DoseFacts, ...]:
    """Return the doses that this one is judged by: of its slot, and the child's of the last days."""
    recent = newest_doses(desk, charts_of(desk, str(dose.student_id)), since=dose.administered_at - _LONGEST_REACH)
    of_slot = () if dose.slot is None else desk.records.where(DOSE, "slot_id", [str(dose.slot.id)])
    by_id = {str(found["id"]): found for found in (*recent, *of_slot)}
    return tuple(DoseFacts.from_row(found) for found in by_id.values())


def _medication_facts(desk: Desk) -> tuple[MedicationFacts, ...]:
    def make() -> tuple[MedicationFacts, ...]:
        return tuple(MedicationFacts.from_row(row) for row in medications(desk).values())

    return desk.remembered("medication_facts", (MEDICATION,), None, make)


def _book(desk: Desk, dose: DoseLogged, at: Instant) -> FactBook:
    """Return the child's own facts, read at this moment: all orders, as needed ones too."""
    records = desk.records
    student = [str(dose.student_id)]
    orders = records.where(ORDER, "student_id", student)
    return fact_book(
        zone=desk.zone,
        policy=book_of_day(desk, at).facts.policy,
        orders=[OrderFacts.from_row(r) for r in orders],
        versions=[
            OrderVersionFacts.from_row(r)
            for r in records.where(ORDER_VERSION, "order_id", [str(r["id"]) for r in orders])
        ],
        medications=_medication_facts(desk),
        allergies=[AllergyFacts.from_row(r) for r in records.where(ALLERGY, "student_id", student)],
        withdrawn=last_days(desk, student),
    )
