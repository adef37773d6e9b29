"""The reference facts that a batch of doses is judged by: read once, looked up by id."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from wc_contract.model.ids import MedicationId, OrderId, OrderVersionId, StudentId
from wc_contract.model.instants import Instant
from wc_contract.rules.dosing import version_in_force
from wc_contract.rules.facts import AllergyFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class FactBook:
    """One school's orders, versions, medicines and allergies, its zone and its district's policy.

    withdrawn: the last day of each child who has left the district.
    """

    zone: ZoneInfo
    policy: Policy = field(default_factory=Policy)
    orders: Mapping[OrderId, OrderFacts] = field(default_factory=dict, repr=False)
    versions: Mapping[OrderId, tuple[OrderVersionFacts, ...]] = field(default_factory=dict, repr=False)
    medications: Mapping[MedicationId, MedicationFacts] = field(default_factory=dict, repr=False)
    allergies: Mapping[StudentId, tuple[AllergyFacts, ...]] = field(default_factory=dict, repr=False)
    withdrawn: Mapping[StudentId, date] = field(default_factory=dict)

    def in_force(self, order: OrderId, at: Instant) -> OrderVersionFacts | None:
        """Return the version of an order in force at an instant, None for an order without versions."""
        return version_in_force(self.versions.get(order, ()), at)

    def version(self, order: OrderId, version: OrderVersionId) -> OrderVersionFacts | None:
        """Return one version of an order, None when it is not known here."""
        for known in self.versions.get(order, ()):
            if known.id == version:
                return known
        return None


def fact_book(
    *,
    zone: ZoneInfo,
    policy: Policy | None = None,
    orders: Iterable[OrderFacts] = (),
    versions: Iterable[OrderVersionFacts] = (),
    medications: Iterable[MedicationFacts] = (),
    allergies: Iterable[AllergyFacts] = (),
    withdrawn: Mapping[StudentId, date] | None = None,
) -> FactBook:
    """Return a book over facts in any order."""
    by_order: dict[OrderId, list[OrderVersionFacts]] = {}
    for version in versions:
        by_order.setdefault(version.order_id, []).append(version)
    by_student: dict[StudentId, list[AllergyFacts]] = {}
    for allergy in allergies:
        by_student.setdefault(allergy.student_id, []).append(allergy)
    return FactBook(
        zone=zone,
        policy=policy or Policy(),
        orders={order.id: order for order in orders},
        versions={order: tuple(found) for order, found in by_order.items()},
        medications={medication.id: medication for medication in medications},
        allergies={student: tuple(found) for student, found in by_student.items()},
        withdrawn=withdrawn or {},
    )
