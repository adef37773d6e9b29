"""Doses judged again because what stood behind them changed: a stop or a new version that came later (X4, X5, O6)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from wc_contract.model.changes import DoseLogged, SlotRef
from wc_contract.model.ids import DoseId, OrderVersionId, SlotId
from wc_contract.model.quantity import decimal_from_text
from wc_contract.rules.arrival import CaseDraft, case_of_dose, check_terms
from wc_contract.rules.authority import check_authority
from wc_contract.rules.book import FactBook
from wc_contract.rules.facts import DoseFacts
from wc_contract.rules.findings import Code, Noticed, Severity, codes_to_store, grade_on_arrival
from wc_contract.rules.rows import Row, clock_or_none, date_or_none, instant_or_none, uuid_or_none

_AUTHORITY = frozenset(
    code.value
    for code in (
        Code.AFTER_STOP,
        Code.ORDER_NOT_ACTIVE,
        Code.ORDER_NOT_VERIFIED,
        Code.ORDER_NOT_STARTED,
        Code.ORDER_EXPIRED,
        Code.NO_PRESCRIBER_ORDER,
        Code.VERBAL_ORDER_LAPSED,
        Code.NO_PARENT_AUTHORISATION,
        Code.PARENT_AUTHORISATION_EXPIRED,
        Code.NO_SELF_CARRY,
    )
)
# What ends was over from then on; what begins anew says nothing of the doses before: its codes are lifted, never added.
_ENDED = frozenset(
    code.value
    for code in (
        Code.AFTER_STOP,
        Code.ORDER_EXPIRED,
        Code.VERBAL_ORDER_LAPSED,
        Code.PARENT_AUTHORISATION_EXPIRED,
    )
)
_TERMS = frozenset(
    code.value
    for code in (
        Code.VERSION_UNKNOWN,
        Code.TOO_EARLY,
        Code.LATE,
        Code.SUPERSEDED_VERSION,
        Code.DOSE_DIFFERS,
        Code.DOSE_MISSING,
        Code.PARTIAL_DOSE,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """flags: the codes of each dose whose codes changed. cases: those that the new codes open."""

    flags: Mapping[DoseId, tuple[str, ...]] = field(repr=False)
    cases: tuple[CaseDraft, ...]


def judged_again(
    doses: Iterable[tuple[Row, tuple[str, ...]]], book: FactBook, came: Collection[OrderVersionId] = ()
) -> Again:
    """Return what doses that are known, each a row with the codes that stand on it, come to by the book.

    A dose judged before a stop was known then stands as if the stop had come first; so does one judged before any of
    the versions came that by now was in force as it was given. An order that is renewed is not held against the doses
    before.
    """
    flags: dict[DoseId, tuple[str, ...]] = {}
    cases: list[CaseDraft] = []
    for row, standing in doses:
        dose = DoseFacts.from_row(row)
        if dose.order_id not in book.orders or not dose.status.given:
            continue
        in_force = book.in_force(dose.order_id, dose.administered_at)
        changed = in_force is not None and in_force.id in came
        found = grade_on_arrival(
            chain(_authority(dose, row, book), check_terms(_told(dose, row), book) if changed else ())
        )
        terms = _TERMS if changed else frozenset()
        found = tuple(one for one in found if one.code.value in _ENDED | terms or one.code.value in standing)
        now = tuple(sorted((set(standing) - _AUTHORITY - terms) | set(codes_to_store(found))))
        if now != tuple(sorted(standing)):
            flags[dose.id] = now
        fresh = (one for one in found if one.severity is Severity.REVIEW and one.code.value not in standing)
        cases += [case_of_dose(dose, one.code) for one in fresh]
    return Again(flags=flags, cases=tuple(cases))


def _authority(dose: DoseFacts, row: Row, book: FactBook) -> Iterator[Noticed]:
    return check_authority(
        book.orders[dose.order_id],
        dose.status,
        dose.administered_at,
        instant_or_none(row["replica_as_of"]),
        zone=book.zone,
        policy=book.policy,
    )


def _told(dose: DoseFacts, row: Row) -> DoseLogged:
    """Return what an entry told of a dose, as far as its order's terms judge it."""
    slot, day, time = uuid_or_none(row["slot_id"]), date_or_none(row["slot_date"]), clock_or_none(row["slot_time"])
    return DoseLogged(
        id=dose.id,
        student_id=dose.student_id,
        order_id=dose.order_id,
        order_version_id=dose.order_version_id,
        medication_id=dose.medication_id,
        slot=SlotRef(id=SlotId(slot), date=day, time=time) if slot and day and time is not None else None,
        status=dose.status,
        administered_at=dose.administered_at,
        local_date=date.fromisoformat(row["local_date"]),
        dose_given=None if row["dose_given"] is None else decimal_from_text(row["dose_given"]),
        unit=row["unit"],
    )
