"""Before a dose is saved: what the screen must say, and where it stops the nurse."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from wc_contract.model.changes import DoseLogged
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.office_values import LedgerEvent
from wc_contract.model.values import DoseState, OrderKind, Role
from wc_contract.rules.allergy import check_allergies, interactions_not_checked
from wc_contract.rules.authority import check_authority
from wc_contract.rules.book import FactBook
from wc_contract.rules.dosing import check_amount, check_slot_name, check_window
from wc_contract.rules.duplicates import check_duplicate_ingredient, check_unresolved_double
from wc_contract.rules.enrolment import check_enrolment
from wc_contract.rules.facts import CaseFacts, DoseFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.findings import Code, Finding, Noticed, grade_before
from wc_contract.rules.prn import EFFECT_CHECK_FROM, EFFECT_CHECK_TO, check_limits, limited
from wc_contract.rules.recording import check_clock, check_late_entry, check_reason
from wc_contract.rules.slots import live
from wc_contract.rules.stock import ContainerFacts, check_lot, check_stock, container_for, moved_by


@dataclass(frozen=True, slots=True, kw_only=True)
class GivingFacts:
    """What the workstation knows at the moment of giving.

    history: the student's doses known here (those of the slot and of this order are looked at). cases: the
    student's review cases. replica_as_of: the newest complete checkpoint. offline_since: since when the server is
    out of reach, None when it answers. other_devices: another workstation of this school is active (P3). stock: the
    containers that the dose can come from, and what each holds (C7).
    """

    book: FactBook
    role: Role
    history: tuple[DoseFacts, ...] = field(default=(), repr=False)
    cases: tuple[CaseFacts, ...] = field(default=(), repr=False)
    replica_as_of: Instant | None = None
    clock_offset_ms: int | None = None
    offline_since: Instant | None = None
    other_devices: bool = False
    stock: tuple[tuple[ContainerFacts, Decimal], ...] = field(default=(), repr=False)


def check_before_giving(dose: DoseLogged, facts: GivingFacts, at: Instant) -> tuple[Finding, ...]:
    """Return the findings on a dose about to be recorded at an instant, the most serious first.

    dose is what would be saved. BLOCK stops until the nurse gives a reason (an Override with the finding's code),
    or for good where overridable is False: nothing overrides a wrong child. A rescue medicine is stopped by
    nothing else (P5). Never raises.
    """
    order = facts.book.orders.get(dose.order_id)
    if order is None:
        return grade_before((Noticed(code=Code.ORDER_UNKNOWN, detail={"order": str(dose.order_id)}),))
    medication = facts.book.medications.get(order.medication_id)
    rescue = medication is not None and medication.is_rescue
    return grade_before(_all(dose, order, medication, facts, at), rescue=rescue)


def _all(
    dose: DoseLogged, order: OrderFacts, medication: MedicationFacts | None, facts: GivingFacts, at: Instant
) -> Iterator[Noticed]:
    yield from check_right_child(dose, order)
    yield from check_enrolment(dose, facts.book.withdrawn, facts.book.zone)
    yield from check_slot_name(dose)
    yield from check_reason(dose, order.kind)
    yield from check_late_entry(dose, at, facts.book.policy)
    yield from check_clock(facts.clock_offset_ms, facts.book.policy)
    yield from _slot_taken(dose, facts)
    yield from _of_stock(dose, order, facts)
    if dose.status.given:
        yield from _of_giving(dose, order, facts)
        yield from _of_medicine(order, medication, facts)


def check_right_child(dose: DoseLogged, order: OrderFacts) -> Iterator[Noticed]:
    """Notice a dose for one child under another's order, or of another drug (W5)."""
    if dose.student_id != order.student_id:
        yield Noticed(code=Code.WRONG_STUDENT, detail={"order": str(order.id)})
    if dose.medication_id != order.medication_id:
        yield Noticed(code=Code.WRONG_MEDICATION, detail={"order": str(order.id)})


def _of_giving(dose: DoseLogged, order: OrderFacts, facts: GivingFacts) -> Iterator[Noticed]:
    book = facts.book
    yield from check_authority(
        order, dose.status, dose.administered_at, facts.replica_as_of, zone=book.zone, policy=book.policy
    )
    yield from check_unresolved_double(order, facts.cases)
    in_force = book.in_force(order.id, dose.administered_at)
    if in_force is None:
        yield Noticed(code=Code.VERSION_UNKNOWN, detail={"version": str(dose.order_version_id)})
        return
    yield from check_window(dose, in_force, zone=book.zone, policy=book.policy, role=facts.role)
    yield from check_amount(dose, book.version(order.id, dose.order_version_id), in_force)
    if dose.status is not DoseState.VOMITED:
        yield from _of_limits(dose, order, in_force, facts)


def _of_limits(
    dose: DoseLogged, order: OrderFacts, version: OrderVersionFacts, facts: GivingFacts
) -> Iterator[Noticed]:
    if limited(version):
        earlier = (d for d in facts.history if d.order_id == order.id and d.id != dose.id)
        yield from check_limits(version, earlier, dose.administered_at)
    if order.kind is not OrderKind.PRN:
        return
    due_from, due_to = dose.administered_at + EFFECT_CHECK_FROM, dose.administered_at + EFFECT_CHECK_TO
    detail = {"from": instant_to_text(due_from), "to": instant_to_text(due_to)}
    yield Noticed(code=Code.EFFECT_CHECK_DUE, detail=detail)
    if facts.offline_since is not None:
        since = instant_to_text(facts.offline_since)
        yield Noticed(code=Code.OTHER_DEVICES_UNSEEN, detail={"since": since})
        if facts.other_devices:
            yield Noticed(code=Code.CONFIRM_ALOUD, detail={"since": since})


def _of_medicine(order: OrderFacts, medication: MedicationFacts | None, facts: GivingFacts) -> Iterator[Noticed]:
    yield interactions_not_checked()
    if medication is None:
        yield Noticed(code=Code.NOT_CHECKED, detail={"what": "allergies"})
        return
    yield from check_allergies(medication, facts.book.allergies.get(order.student_id, ()))
    medications = facts.book.medications
    others = (
        (other, medications[other.medication_id])
        for other in facts.book.orders.values()
        if other.student_id == order.student_id and other.medication_id in medications
    )
    yield from check_duplicate_ingredient(order, medication, others)


def _of_stock(dose: DoseLogged, order: OrderFacts, facts: GivingFacts) -> Iterator[Noticed]:
    """Notice a lot that may not be given (C7), and stock that the dose makes low or takes below zero (C6)."""
    book = facts.book
    if moved_by(dose.status) is not LedgerEvent.GIVEN:
        return
    version = book.in_force(order.id, dose.administered_at)
    amount = dose.dose_given if dose.dose_given is not None or version is None else version.dose
    unit = dose.unit if dose.unit is not None or version is None else version.unit
    if amount is None or unit is None:
        return
    chosen = container_for(facts.stock, unit, amount, dose.local_date, book.policy)
    for container, balance in facts.stock:
        if chosen is not None and container.id == chosen.id:
            taken = container.amount_in(amount, unit) or Decimal(0)
            ordered = None if version is None else container.amount_in(version.dose, version.unit)
            yield from check_lot(container, dose.local_date, book.policy)
            for one in check_stock(container, balance - taken, ordered, dose.local_date, book.policy):
                if one.code in {Code.STOCK_NEGATIVE, Code.LOW_STOCK}:
                    yield one


_OCCUPIES_NOTHING = frozenset({DoseState.WASTED, DoseState.ENTERED_IN_ERROR, DoseState.VOMITED})


def _slot_taken(dose: DoseLogged, facts: GivingFacts) -> Iterator[Noticed]:
    """Ask 'same dose or a second one?' when the slot has an answer already (X2, X7)."""
    if dose.slot is None or dose.status in _OCCUPIES_NOTHING:
        return
    earlier = [d for d in live(facts.history) if d.slot_id == dose.slot.id and d.id != dose.id]
    given = [d for d in earlier if d.status.given]
    stated = [d for d in earlier if not d.status.given and d.status is not DoseState.WASTED]
    if given:
        detail = {"dose": str(given[-1].id), "status": given[-1].status.value}
        yield Noticed(code=Code.POSSIBLE_DOUBLE_DOSE, detail=detail)
    elif stated:
        detail = {"dose": str(stated[-1].id), "status": stated[-1].status.value}
        yield Noticed(code=Code.SLOT_ANSWERED_TWICE, detail=detail)
