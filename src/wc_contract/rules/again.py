"""Doses judged again because what stood behind them changed: a stop or a withdrawal that came later (X4, X5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wc_contract.model.ids import DoseId
from wc_contract.model.instants import Instant
from wc_contract.rules.arrival import CaseDraft, case_of_dose
from wc_contract.rules.authority import check_authority
from wc_contract.rules.book import FactBook
from wc_contract.rules.facts import DoseFacts
from wc_contract.rules.findings import Code, Severity, codes_to_store, grade_on_arrival

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """flags: the codes of each dose whose codes changed. cases: those that the new codes open."""

    flags: Mapping[DoseId, tuple[str, ...]] = field(repr=False)
    cases: tuple[CaseDraft, ...]


def authority_again(doses: Iterable[tuple[DoseFacts, Instant | None]], book: FactBook) -> Again:
    """Return what the authority behind doses that are known, each with its replica_as_of, comes to by the book.

    A dose judged before a stop was known then stands as if the stop had come first.
    """
    flags: dict[DoseId, tuple[str, ...]] = {}
    cases: list[CaseDraft] = []
    for dose, replica_as_of in doses:
        order = book.orders.get(dose.order_id)
        if order is None or not dose.status.given:
            continue
        noticed = check_authority(
            order, dose.status, dose.administered_at, replica_as_of, zone=book.zone, policy=book.policy
        )
        found = grade_on_arrival(noticed)
        now = tuple(sorted((set(dose.flags) - _AUTHORITY) | set(codes_to_store(found))))
        if now != tuple(sorted(dose.flags)):
            flags[dose.id] = now
        fresh = (one for one in found if one.severity is Severity.REVIEW and one.code.value not in dose.flags)
        cases += [case_of_dose(dose, one.code) for one in fresh]
    return Again(flags=flags, cases=tuple(cases))
