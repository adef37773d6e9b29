"""What taking entries in needs of the central database."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from wc_contract.model.errors import Defect
from wc_contract.model.ids import SchoolId, StudentId
from wc_contract.model.instants import Instant
from wc_sync_server.domain.access import Principal
from wc_sync_server.reconcile.facts import BatchFacts, Wanted
from wc_sync_server.reconcile.plan import Plan
from wc_sync_server.reconcile.touched import Named

T = TypeVar("T")


class SetRejected(Defect):
    """The database would not take what a set of entries writes. Carries the code of the reason, no content."""

    code = "set_rejected"


class IntakeTransaction(Protocol):
    """One transaction. Leaving without commit undoes it."""

    @property
    def at(self) -> Instant: ...
    def lock(self) -> None:
        """Lock the streams of its schools, in order, until the end. What is loaded before may be outdated by then."""
        ...

    def load(self, wanted: Wanted) -> BatchFacts: ...
    def write(self, plan: Plan) -> None: ...
    def commit(self) -> None: ...


class Intake(Protocol):
    """Opens transactions for a device's entries."""

    def open(self, principal: Principal, elsewhere: Sequence[SchoolId]) -> AbstractContextManager[IntakeTransaction]:
        """Begin, for the device's school and the schools elsewhere.

        Leaving raises SetRejected when the database refused what was written.
        """
        ...

    def schools_of(
        self, principal: Principal, students: Sequence[StudentId], records: Sequence[Named]
    ) -> tuple[SchoolId, ...]:
        """Return the schools, anywhere in the district, at which students and other records are now."""
        ...

    def retrying(self, work: Callable[[], T]) -> T:
        """Run work, a whole transaction, again as long as what stops it passes."""
        ...
