"""What was given in the past weeks, as plain data: the demonstration sends it through the real sync.

Not FHIR MedicationAdministration: a dose here is an entry that a nurse's device signed, and only a device makes one.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from wc_contract.model.ids import DistrictId, MedicationId, OrderId, SchoolId, StudentId, UserId
from wc_contract.model.values import DoseState
from wc_sync_server.demo.district.school_orders import SchoolOrder
from wc_sync_server.demo.district.school_year import SchoolYear
from wc_sync_server.demo.district.shape import ZONE
from wc_sync_server.importing import stable_ids

_ABSENT, _REFUSED, _MISSED = 0.04, 0.015, 0.004
_PRN_A_DAY = 0.06
_LATEST = 17
_RESCUE_RARE = frozenset({"epinephrine-0.15", "epinephrine-0.3", "glucagon-prn", "diazepam-prn", "midazolam-prn"})
_REASONS = {
    DoseState.REFUSED: "Did not want it today.",
    DoseState.MISSED: "Class was on a field day; not sent to the office.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDose:
    """One past dose. Names are those of the roster, the bundle and the catalogue; slot_time None is as-needed."""

    school: str
    student: str
    order: str
    medication: str
    nurse: str
    slot_date: date
    slot_time: str | None
    status: DoseState
    administered_at: datetime
    dose_given: str | None = field(repr=False)
    unit: str
    reason: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseIds:
    """The records of the district that a past dose speaks of, once roster and charts are imported."""

    school: SchoolId
    student: StudentId
    order: OrderId
    medication: MedicationId
    nurse: UserId


def ids_of(dose: PastDose, district: DistrictId) -> DoseIds:
    """Return the ids that the importers gave to what a dose names."""
    student = stable_ids.student_id(district, dose.student)
    return DoseIds(
        school=stable_ids.school_id(district, dose.school),
        student=student,
        order=OrderId(stable_ids.chart_id(student, "MedicationRequest", dose.order)),
        medication=stable_ids.medication_id(district, dose.medication),
        nurse=stable_ids.user_id(district, dose.nurse),
    )


def write_past_doses(path: Path, doses: Iterable[PastDose]) -> None:
    """Write doses as JSON."""
    told = [
        {
            **asdict(dose),
            "slot_date": dose.slot_date.isoformat(),
            "status": dose.status.value,
            "administered_at": dose.administered_at.isoformat(),
        }
        for dose in doses
    ]
    path.write_text(json.dumps(told, sort_keys=True, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_past_doses(path: Path) -> tuple[PastDose, ...]:
    """Read what write_past_doses wrote."""
    return tuple(
        PastDose(
            school=item["school"],
            student=item["student"],
            order=item["order"],
            medication=item["medication"],
            nurse=item["nurse"],
            slot_date=date.fromisoformat(item["slot_date"]),
            slot_time=item["slot_time"],
            status=DoseState(item["status"]),
            administered_at=datetime.fromisoformat(item["administered_at"]),
            dose_given=item["dose_given"],
            unit=item["unit"],
            reason=item["reason"],
        )
        for item in json.loads(path.read_text(encoding="utf-8"))
    )


def past_doses(
    orders: tuple[SchoolOrder, ...], year: SchoolYear, today: date, days: int, seed: int
) -> Iterator[PastDose]:
    """Yield the doses of the school days before today, in order of time."""
    for day in year.school_days_before(today, days):
        found = [dose for order in orders if _held_on(order, day) for dose in _doses(order, day, seed)]
        yield from sorted(found, key=_when)


def _when(dose: PastDose) -> tuple[datetime, str]:
    return dose.administered_at, dose.order


def _held_on(order: SchoolOrder, day: date) -> bool:
    return max(order.start, order.parent_from) <= day <= min(order.end, order.parent_to)


def _doses(order: SchoolOrder, day: date, seed: int) -> Iterator[PastDose]:
    # Chance of its own for each child and day: another day's history does not change with today.
    absent = _chance(f"absent/{order.pupil.number}/{day}/{seed}").random() < _ABSENT
    random = _chance(f"dose/{order.id}/{day}/{seed}")
    if order.time is not None:
        yield _slot(order, day, random, absent=absent)
    elif not absent and order.regimen.key not in _RESCUE_RARE and random.random() < _PRN_A_DAY:
        at = time(random.randrange(9, 15), random.randrange(60))
        yield _dose(order, day, at, DoseState.ADMINISTERED, f"{order.regimen.reason.name}.")


def _slot(order: SchoolOrder, day: date, random: Random, *, absent: bool) -> PastDose:
    nominal = time.fromisoformat(order.time or "12:00")
    late = timedelta(minutes=random.randrange(-9, _LATEST), seconds=random.randrange(60))
    at = (datetime.combine(day, nominal, UTC) + late).time()
    lot = random.random()
    state = DoseState.ADMINISTERED
    if absent:
        state = DoseState.ABSENT
    elif lot < _MISSED:
        state = DoseState.MISSED
    elif lot < _REFUSED:
        state = DoseState.REFUSED
    return _dose(order, day, at, state, _REASONS.get(state))


def _dose(order: SchoolOrder, day: date, at: time, state: DoseState, reason: str | None) -> PastDose:
    local = datetime.combine(day, at, ZoneInfo(ZONE))
    return PastDose(
        school=order.pupil.school,
        student=order.pupil.sourced_id,
        order=order.id,
        medication=order.regimen.medication,
        nurse=order.nurse,
        slot_date=day,
        slot_time=order.time,
        status=state,
        administered_at=local.astimezone(UTC),
        dose_given=str(order.regimen.dose) if state.given else None,
        unit=order.regimen.unit,
        reason=reason,
    )


def _chance(name: str) -> Random:
    return Random(name)  # noqa: S311  # invented days, not secrets
