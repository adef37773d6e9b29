"""What a school's orders say, remembered between batches for as long as the school's stream says nothing new.

A batch holds the lock on the stream row, whose heads tell which kinds of record changed; so what is remembered
under the same heads, in one epoch, is what the database would answer: one that was put back gives its numbers again.
It spares a noon's pushes most of their reading.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from wc_contract.model.ids import OrderId, SchoolId, StudentId
from wc_contract.model.kinds import ALLERGY, ORDER, ORDER_VERSION, STUDENT
from wc_contract.rules.facts import AllergyFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.prn import limited

_SCHOOLS = 200
_REMOVAL = "removal"
_WATCHED = (STUDENT.name, ORDER.name, ORDER_VERSION.name, ALLERGY.name, _REMOVAL)


@dataclass(slots=True, kw_only=True)
class KnownOrders:
    """One school's students, orders, versions and allergies, as far as batches asked for them."""

    epoch: str
    heads: tuple[int, ...]
    students: set[StudentId] = field(default_factory=set)
    orders: dict[OrderId, OrderFacts] = field(default_factory=dict)
    versions: dict[OrderId, tuple[OrderVersionFacts, ...]] = field(default_factory=dict)
    allergies: dict[StudentId, tuple[AllergyFacts, ...]] = field(default_factory=dict)

    def missing_orders(self, wanted: Iterable[OrderId]) -> list[OrderId]:
        """Return the orders that must still be read."""
        return [order for order in wanted if order not in self.orders]

    def missing_students(self, wanted: Iterable[StudentId]) -> list[StudentId]:
        """Return the students that must still be read."""
        return [student for student in wanted if student not in self.students]

    def any_limited(self, wanted: Iterable[OrderId]) -> bool:
        """Whether a version of an order known here sets an interval or a maximum."""
        return any(limited(version) for order in wanted for version in self.versions.get(order, ()))

    def learn(self, read: Mapping[str, Any], students: Mapping[StudentId, SchoolId], here: SchoolId) -> None:
        """Remember what was read of the missing ones. Whoever is elsewhere, or nowhere, is asked for again."""
        for order in (OrderFacts.from_row(row) for row in read.get("orders") or ()):
            self.orders[order.id] = order
            self.versions.setdefault(order.id, ())
        for version in (OrderVersionFacts.from_row(row) for row in read.get("versions") or ()):
            if version.order_id in self.orders:
                self.versions[version.order_id] = (*self.versions[version.order_id], version)
        found: dict[StudentId, list[AllergyFacts]] = {}
        for allergy in (AllergyFacts.from_row(row) for row in read.get("allergies") or ()):
            found.setdefault(allergy.student_id, []).append(allergy)
        for student, school in students.items():
            if school == here:
                self.students.add(student)
                self.allergies[student] = tuple(found.get(student, ()))


class OrderBooks:
    """The schools remembered, the longest unused forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._schools: OrderedDict[SchoolId, KnownOrders] = OrderedDict()

    def open(self, school: SchoolId, epoch: str, heads: Mapping[str, int]) -> KnownOrders:
        """Return what is known of school under these heads of an epoch. The caller holds the school's stream."""
        now = tuple(heads.get(kind, 0) for kind in _WATCHED)
        with self._lock:
            known = self._schools.get(school)
            if known is None or (known.epoch, known.heads) != (epoch, now):
                known = self._schools[school] = KnownOrders(epoch=epoch, heads=now)
            self._schools.move_to_end(school)
            while len(self._schools) > _SCHOOLS:
                self._schools.popitem(last=False)
        return known


def orders_of(known: KnownOrders, wanted: Sequence[OrderId]) -> tuple[OrderFacts, ...]:
    """Return the facts of the orders that exist."""
    return tuple(known.orders[order] for order in wanted if order in known.orders)


def versions_of(known: KnownOrders, wanted: Sequence[OrderId]) -> tuple[OrderVersionFacts, ...]:
    """Return the versions of the orders that exist."""
    return tuple(version for order in wanted for version in known.versions.get(order, ()))


def allergies_of(known: KnownOrders, wanted: Sequence[StudentId]) -> tuple[AllergyFacts, ...]:
    """Return the allergies of the students that are here."""
    return tuple(allergy for student in wanted for allergy in known.allergies.get(student, ()))


def as_students(read: Mapping[str, str] | None) -> dict[StudentId, SchoolId]:
    """Return where the students read are."""
    return {StudentId(UUID(s)): SchoolId(UUID(school)) for s, school in (read or {}).items()}
