"""How people read and write: in a transaction of their own context, what they saw or did on record within it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import TypeVar
from uuid import UUID

from wc_contract.model.ids import Chance, DistrictId, SchoolId
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db.context import Context
from wc_sync_server.db.errors import RowsRejected
from wc_sync_server.db.operations import READ_ON_RECORD, REPORT, WRITE, Operation
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.repositories.records.refused import refusal_for
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.domain.messages import Channel
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.pages import Row
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.shapes import Shape

T = TypeVar("T")

Tell = Callable[[DistrictId], None]
_SEVERAL = "several"


class Seat:
    """One transaction of a person: the unit of work, and what of it goes on record."""

    def __init__(self, uow: UnitOfWork, person: Person) -> None:
        self.uow = uow
        self.person = person
        self.events: list[AuditEvent] = []

    def saw(self, shape: Shape, rows: Iterable[Row], *, via: str) -> None:
        """Note that these records were shown: each by itself when it tells of a child, else that there were some."""
        shown = list(rows)
        if shape.phi:
            self.events += [self._event("VIEW", shape, row["id"], shape.phi, row, {"via": via}) for row in shown]
        else:
            self.events.append(self._event("VIEW", shape, _SEVERAL, (), {}, {"via": via, "count": len(shown)}))

    def saw_fields(self, shape: Shape, row: Row, fields: tuple[str, ...], *, via: str) -> None:
        """Note that one record was shown together with others that belong to it, by the names of all the fields."""
        self.events.append(self._event("VIEW", shape, row["id"], fields, row, {"via": via}))

    def did(self, action: str, shape: Shape, row: Row, changed: Iterable[str]) -> None:
        """Note that a record was made or changed, and which of its fields."""
        names = sorted(changed)
        phi = tuple(name for name in names if name in shape.phi)
        self.events.append(self._event(action, shape, row["id"], phi, row, {"changed": names}))

    def note(self, action: str, entity: str, entity_id: object, detail: Mapping[str, str | int]) -> None:
        """Note something that is neither a look at a record nor a change of one."""
        self.events.append(self._made(action, entity, str(entity_id), (), None, detail))

    def _event(
        self,
        action: str,
        shape: Shape,
        record: object,
        fields: tuple[str, ...],
        row: Row,
        detail: Mapping[str, str | int | list[str]],
    ) -> AuditEvent:
        return self._made(action, shape.entity, str(record), fields, row.get("school_id"), detail)

    def _made(
        self,
        action: str,
        entity: str,
        entity_id: str,
        fields: tuple[str, ...],
        school: UUID | None,
        detail: Mapping[str, str | int | list[str]],
    ) -> AuditEvent:
        return AuditEvent(
            action=action,
            entity_type=entity,
            entity_id=entity_id,
            fields=fields,
            at=self.uow.at,
            user_id=self.person.user,
            role=self.person.role,
            school_id=school,
            detail={**detail, "session": str(self.person.session)},
        )


class Desk:
    """Seats people at the records of their district."""

    def __init__(
        self, cells: Cells, chance: Chance, tell: Tell, channels: Callable[[DistrictId], Collection[Channel]]
    ) -> None:
        self._cells = cells
        self._chance = chance
        self._tell = tell
        self._channels = channels

    def read(
        self, person: Person, look: Callable[[Seat], T], *, school: SchoolId | None = None, everywhere: bool = False
    ) -> T:
        """Return what look returns, of one instant; that it was seen is committed with it.

        school narrows the look to one of the person's schools; everywhere widens it to all of the district, for
        answers that tell nothing of a child. Raises RecordRefused(NO_RECORD) for a school that is none of theirs.
        """
        schools = person.everywhere if everywhere else _schools(person, school)
        return run_retrying(partial(self._seated, person, schools, READ_ON_RECORD, look))

    def report(self, person: Person, look: Callable[[Seat], T], *, school: SchoolId | None = None) -> T:
        """As read, but from the server for reports where there is one: then it is on record before it is answered."""
        schools = _schools(person, school)
        reports = self._cells.reports_for(person.district)
        if reports is self._cells.pool_for(person.district):
            return run_retrying(partial(self._seated, person, schools, READ_ON_RECORD, look))

        def read() -> tuple[T, list[AuditEvent]]:
            with scoped(reports, _context(person, schools), operation=REPORT, chance=self._chance) as uow:
                seat = Seat(uow, person)
                return look(seat), seat.events

        answer, events = run_retrying(read)
        self._put_on_record(person, schools, events)
        return answer

    def write(
        self, person: Person, work: Callable[[Seat], T], *, operation: Operation = WRITE, everywhere: bool = False
    ) -> T:
        """Return what work returns, once it is durable and on record. everywhere: with every school in sight.

        Raises RecordRefused also for what a constraint or a policy refuses.
        """
        schools = person.everywhere if everywhere else person.schools
        try:
            done = run_retrying(partial(self._seated, person, schools, operation, work))
        except RowsRejected as error:
            raise refusal_for(error) from None
        self._tell(person.district)
        return done

    def deny(self, person: Person, area: Area, access: Access) -> RecordRefused:
        """Put on record that somebody asked for what their role may not have; return what to raise."""

        def work(seat: Seat) -> None:
            seat.note("DENIED", area.value, access.value, {"code": RecordsProblem.NOT_ALLOWED.value})

        run_retrying(partial(self._seated, person, (), WRITE, work))
        return RecordRefused(RecordsProblem.NOT_ALLOWED)

    def _seated(
        self, person: Person, schools: tuple[SchoolId, ...], operation: Operation, work: Callable[[Seat], T]
    ) -> T:
        pool, channels = self._cells.pool_for(person.district), self._channels(person.district)
        with scoped(
            pool, _context(person, schools), operation=operation, chance=self._chance, channels=channels
        ) as uow:
            seat = Seat(uow, person)
            done = work(seat)
            uow.audit(seat.events)
            uow.commit()
        return done

    def _put_on_record(self, person: Person, schools: tuple[SchoolId, ...], events: list[AuditEvent]) -> None:
        def record(seat: Seat) -> None:
            seat.events = events

        run_retrying(partial(self._seated, person, schools, WRITE, record))


def _context(person: Person, schools: tuple[SchoolId, ...]) -> Context:
    return Context(district=person.district, role=person.role, schools=schools, user=person.user)


def _schools(person: Person, school: SchoolId | None) -> tuple[SchoolId, ...]:
    if school is None:
        return person.schools
    if school not in person.schools:
        raise RecordRefused(RecordsProblem.NO_RECORD)
    return (school,)
