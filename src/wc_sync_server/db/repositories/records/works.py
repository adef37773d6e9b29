"""Transactions of a person for what is done to one student as a whole (importing.ports.Works)."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

from wc_contract.model.ids import Chance, SchoolId
from wc_sync_server.db.context import Context
from wc_sync_server.db.operations import IMPORT, LOOK
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.domain.messages import Channel
from wc_sync_server.domain.records.person import Person

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWorks:
    """Begins transactions that see what the person may see, whatever schools are asked for."""

    cells: Cells
    chance: Chance
    person: Person
    channels: Collection[Channel]

    def begin(self, schools: Sequence[SchoolId], *, read_only: bool = False) -> AbstractContextManager[UnitOfWork]:
        """Begin a transaction for those of the schools that are the person's."""
        person = self.person
        own = tuple(school for school in schools if school in person.schools)
        context = Context(district=person.district, role=person.role, schools=own, user=person.user)
        operation = LOOK if read_only else IMPORT
        pool = self.cells.pool_for(person.district)
        return scoped(pool, context, operation=operation, chance=self.chance, channels=self.channels)

    def retrying(self, closure: Callable[[], T], /) -> T:
        """Run closure until it succeeds, for as long as a request may last."""
        return run_retrying(closure)
