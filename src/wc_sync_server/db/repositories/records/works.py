"""Transactions of a person for what is done to one student as a whole (importing.ports.Works)."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

from wc_contract.model.ids import Chance, SchoolId
from wc_sync_server.db.context import Context
from wc_sync_server.db.operations import IMPORT, LOOK, Operation
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.domain.messages import Channel
from wc_sync_server.domain.records.person import Person

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWorks:
    """Begins transactions that see what the person may see, whatever schools are asked for; but for the rules all."""

    cells: Cells
    chance: Chance
    person: Person
    channels: Collection[Channel]

    def begin(self, schools: Sequence[SchoolId], *, read_only: bool = False) -> AbstractContextManager[UnitOfWork]:
        """Begin a transaction for those of the schools that are the person's."""
        own = tuple(school for school in schools if school in self.person.schools)
        return self._scoped(own, LOOK if read_only else IMPORT)

    def look_everywhere(self) -> AbstractContextManager[UnitOfWork]:
        """Begin to read in every school, in the person's sight or not."""
        return self._scoped(self.person.everywhere, LOOK)

    def retrying(self, closure: Callable[[], T], /) -> T:
        """Run closure until it succeeds, for as long as a request may last."""
        return run_retrying(closure)

    def _scoped(self, schools: tuple[SchoolId, ...], operation: Operation) -> AbstractContextManager[UnitOfWork]:
        person = self.person
        context = Context(district=person.district, role=person.role, schools=schools, user=person.user)
        pool = self.cells.pool_for(person.district)
        return scoped(pool, context, operation=operation, chance=self.chance, channels=self.channels)
