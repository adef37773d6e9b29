"""A clinic visit before it is saved: what is missing, what cannot be; and which of its entries stands (A1, A3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from wc_contract.model.care_values import VitalSignKind
from wc_contract.model.ids import StudentId
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.values import Disposition
from wc_contract.model.visits import VisitReason
from wc_contract.rules.findings import Code, Finding, Noticed, grade_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One unit in which something is measured (UCUM): what can be at all, and what is usual at school age."""

    unit: str
    least: Decimal
    most: Decimal
    usual_from: Decimal
    usual_to: Decimal
    digits: int = 0

    def holds(self, value: Decimal) -> bool:
        """Whether a measure can be true in this unit."""
        return self.least <= value <= self.most

    def is_usual(self, value: Decimal) -> bool:
        """Whether nobody needs to look twice at a measure."""
        return self.usual_from <= value <= self.usual_to


def _scale(unit: str, bounds: str, digits: int = 0) -> Scale:
    least, usual_from, usual_to, most = (Decimal(part) for part in bounds.split())
    return Scale(unit=unit, least=least, most=most, usual_from=usual_from, usual_to=usual_to, digits=digits)


# Least possible, usual from, usual to, most possible. The two scales of a temperature share no number.
SCALES: Final[Mapping[VitalSignKind, tuple[Scale, ...]]] = {
    VitalSignKind.TEMPERATURE: (_scale("[degF]", "86 96.8 100.3 113", 1), _scale("Cel", "30 36 37.9 45", 1)),
    VitalSignKind.PULSE: (_scale("/min", "20 50 130 260"),),
    VitalSignKind.RESPIRATION: (_scale("/min", "4 12 30 90"),),
    VitalSignKind.SYSTOLIC: (_scale("mm[Hg]", "40 80 135 260"),),
    VitalSignKind.DIASTOLIC: (_scale("mm[Hg]", "20 45 85 180"),),
    VitalSignKind.OXYGEN_SATURATION: (_scale("%", "40 95 100 100"),),
    VitalSignKind.BLOOD_GLUCOSE: (_scale("mg/dL", "10 70 180 1000"),),
    VitalSignKind.PEAK_FLOW: (_scale("L/min", "20 60 700 900"),),
    VitalSignKind.PAIN: (_scale("{score}", "0 0 6 10"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A measure that was understood."""

    value: Decimal = field(repr=False)
    scale: Scale

    @property
    def is_usual(self) -> bool:
        """Whether nobody needs to look twice."""
        return self.scale.is_usual(self.value)


def read_measure(kind: VitalSignKind, typed: str) -> Reading | None:
    """Return what was typed as a measure in the unit that it can only be; None when it does not read."""
    try:
        value = Decimal(typed.strip().replace(",", "."))
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    for scale in SCALES.get(kind, ()):
        # A negative exponent is what a number has behind its point.
        if scale.holds(value) and -int(value.as_tuple().exponent) <= scale.digits:
            return Reading(value=value, scale=scale)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFacts:
    """A visit as far as it has been filled in. arrived_at and left_at are None also while they do not read."""

    student_id: StudentId | None
    arrived_at: Instant | None
    reason: VisitReason | None = None
    said: str = field(default="", repr=False)
    left_at: Instant | None = None
    disposition: Disposition | None = None
    fetched_by: str = field(default="", repr=False)
    vitals: Mapping[VitalSignKind, str] = field(default_factory=dict, repr=False)
    amends: bool = False
    amend_reason: str = field(default="", repr=False)


def check_visit(facts: VisitFacts, at: Instant) -> tuple[Finding, ...]:
    """Return what stands between a visit and its being saved, the most serious first. Never raises.

    A child that is still in the clinic has neither left nor gone anywhere; an amendment says why it was made (A1).
    """
    return grade_before((*_missing(facts), *_times(facts, at), *_measures(facts)))


def _missing(facts: VisitFacts) -> Iterator[Noticed]:
    gone = facts.left_at is not None or facts.disposition is not None
    present = {
        "student_id": facts.student_id is not None,
        "arrived_at": facts.arrived_at is not None,
        "reason": facts.reason is not None,
        "said": facts.reason is not VisitReason.OTHER or bool(facts.said.strip()),
        "left_at": not gone or facts.left_at is not None,
        "disposition": not gone or facts.disposition is not None,
        "fetched_by": facts.disposition is not Disposition.SENT_HOME or bool(facts.fetched_by.strip()),
    }
    for name, there in present.items():
        if not there:
            yield Noticed(code=Code.FIELD_MISSING, detail={"field": name})
    if facts.amends and not facts.amend_reason.strip():
        yield Noticed(code=Code.REASON_MISSING, detail={"field": "amend_reason"})


def _times(facts: VisitFacts, at: Instant) -> Iterator[Noticed]:
    for name, moment in (("arrived_at", facts.arrived_at), ("left_at", facts.left_at)):
        if moment is not None and moment > at:
            yield Noticed(code=Code.FUTURE_TIME, detail={"field": name, "at": instant_to_text(moment)})
    if facts.arrived_at is not None and facts.left_at is not None and facts.left_at < facts.arrived_at:
        yield Noticed(code=Code.LEFT_BEFORE_ARRIVAL, detail={"field": "left_at"})


def _measures(facts: VisitFacts) -> Iterator[Noticed]:
    for kind, typed in facts.vitals.items():
        reading = read_measure(kind, typed)
        if reading is None:
            yield Noticed(code=Code.MEASURE_UNREADABLE, detail={"field": kind.value})
        elif not reading.is_usual:
            yield Noticed(code=Code.MEASURE_UNUSUAL, detail={"field": kind.value})
    if (VitalSignKind.SYSTOLIC in facts.vitals) != (VitalSignKind.DIASTOLIC in facts.vitals):
        one = next(kind for kind in (VitalSignKind.SYSTOLIC, VitalSignKind.DIASTOLIC) if kind not in facts.vitals)
        yield Noticed(code=Code.FIELD_MISSING, detail={"field": one.value})


def standing(amends: Mapping[UUID, UUID | None]) -> frozenset[UUID]:
    """Return, of entries and what each of them amends, those that nothing amends (A1).

    Two that amend the same one both stand (A3); entries that amend one another in a ring, which no program writes, all
    stand rather than none.
    """
    replaced = {target for target in amends.values() if target is not None}
    left = {one for one in amends if one not in replaced}
    reached: set[UUID] = set()
    for one in left:
        at: UUID | None = one
        while at is not None and at not in reached:
            reached.add(at)
            at = amends.get(at)
    return frozenset(left | (amends.keys() - reached))


def chain_of(entry: UUID, amends: Mapping[UUID, UUID | None]) -> tuple[UUID, ...]:
    """Return an entry and what it amends, one after another, as far as they are here."""
    chain: list[UUID] = []
    at: UUID | None = entry
    while at is not None and at in amends and at not in chain:
        chain.append(at)
        at = amends[at]
    return tuple(chain)
