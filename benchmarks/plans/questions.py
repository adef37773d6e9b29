"""The named queries (schema.md §3), asked through the product's own repositories: their SQL is what is explained.

The one that has no repository is the audit of a record: the auditor's statement stands here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from uuid import UUID, uuid5

from benchmarks.plans.ground import Seeded
from wc_contract.model.ids import DistrictId, SchoolId, UserId
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.grants import APP, AUDIT_READER
from wc_sync_server.db.operations import REPORT
from wc_sync_server.db.repositories.records.appointments import PostgresAppointments
from wc_sync_server.db.repositories.records.desk import Desk
from wc_sync_server.db.repositories.records.doses import PostgresDoses
from wc_sync_server.db.repositories.records.schedule import PostgresSchedule
from wc_sync_server.db.repositories.records.search import PostgresSearch
from wc_sync_server.db.repositories.records.students import PostgresStudents
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.domain.messages import Channel
from wc_sync_server.domain.records.pages import Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import DosesAsked, FreeAsked, RosterAsked

BY_ENTITY = """
SELECT l.id, l.user_id, l.role, l.action, l.fields, l.at, l.received_at FROM audit_logs l
WHERE l.district_id = %(district)s AND l.entity_type = %(type)s AND l.entity_id = %(entity)s
ORDER BY l.at DESC LIMIT 100
"""

Ask = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A named query. rounds are ways to ask it, each with other parameters; indexes are those it is meant to use."""

    name: str
    role: str
    rounds: list[Ask]
    indexes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    student: UUID
    school: SchoolId
    nurse: UserId
    first_name: str
    last_name: str
    number: str


def questions(ground: Seeded, rounds: int, reader: Pool) -> list[Question]:
    """Return every named query with so many rounds. reader is the auditor's pool."""
    chance = Random(ground.plan.seed)  # noqa: S311  # which child is looked at
    children = [chance.choice(known) for known in [_children(ground)] for _ in range(rounds)]
    treated = [chance.choice(known) for known in [_children(ground, treated=True)] for _ in range(rounds)]
    desk = Desk(ground.parts.cells, ground.parts.chance, _tell_nobody, _on_no_channel)
    people = _People(ground)
    students, doses, search = PostgresStudents(desk), PostgresDoses(desk), PostgresSearch(desk)
    schedule, appointments = PostgresSchedule(desk), PostgresAppointments(desk)
    days = ground.plan.school_days
    since = datetime.combine(days[0], time(0), UTC)

    def dashboard(child: _Child) -> Ask:
        return lambda: students.dashboard(people.nurse(child), child.student)

    def medication(child: _Child) -> Ask:
        day = chance.choice(days)
        return lambda: schedule.day(people.nurse(child), child.school, day)

    def availability(child: _Child) -> Ask:
        begins = datetime.combine(chance.choice(days), time(12), UTC) + timedelta(days=chance.randrange(60))
        free = FreeAsked(
            nurse=child.nurse,
            school=child.school,
            since=begins,
            until=begins + timedelta(days=2),
            duration=timedelta(minutes=15),
        )
        return lambda: appointments.free(people.nurse(child), free)

    def recent(child: _Child) -> Ask:
        return lambda: doses.recent(people.nurse(child), DosesAsked(student=child.student, since=since), Window())

    def entity(child: _Child) -> Ask:
        return lambda: _audited(reader, ground, people.schools, child.student)

    def roster(child: _Child) -> Ask:
        return lambda: students.roster(people.nurse(child), RosterAsked(school=child.school), Window())

    def words(child: _Child) -> Ask:
        typed = chance.choice((child.last_name[:4], f"{child.first_name[:2]} {child.last_name}", child.number))
        return lambda: search.students(people.nurse(child), typed, None)

    def wide(child: _Child) -> Ask:
        typed = f"{child.first_name} {child.last_name[:5]}"
        return lambda: search.students(people.supervisor(), typed, None)

    return [
        Question(
            name="student dashboard",
            role=APP,
            rounds=[dashboard(each) for each in children],
            indexes=("pk_students", "ix_emergency_contacts_student_id", "ix_allergies_student_id"),
        ),
        Question(
            name="medication schedule",
            role=APP,
            rounds=[medication(each) for each in children],
            indexes=("idx_medication_schedule",),
        ),
        Question(
            name="appointment availability",
            role=APP,
            rounds=[availability(each) for each in children],
            indexes=("idx_appointments_upcoming", "idx_appointment_availability"),
        ),
        Question(
            name="recent doses of a student",
            role=APP,
            rounds=[recent(each) for each in treated],
            indexes=("idx_medication_logs_student_recent", "ix_medication_logs_student_id"),
        ),
        Question(
            name="audit by entity",
            role=AUDIT_READER,
            rounds=[entity(each) for each in children],
            indexes=("idx_audit_logs_entity",),  # each month has its own copy of it
        ),
        Question(
            name="roster of a school",
            role=APP,
            rounds=[roster(each) for each in children],
            indexes=("idx_students_school_grade_active", "ix_students_school_id_row_version"),
        ),
        Question(
            name="roster search, one school",
            role=APP,
            rounds=[words(each) for each in children],
            # Of one school both are right: a common word reads the school's children, a rare one the words.
            indexes=("idx_students_search", "idx_students_school_grade_active"),
        ),
        Question(
            name="roster search, whole district",
            role=APP,
            rounds=[wide(each) for each in children],
            indexes=("idx_students_search",),
        ),
    ]


class _People:
    """Who asks: a child's nurse, who sees her school, and a supervisor, who sees all."""

    def __init__(self, ground: Seeded) -> None:
        self._district = ground.district
        self.schools = ground.schools
        rows = ground.asked("SELECT id FROM users WHERE district_id = %s AND role = 'SUPERVISOR'", ground.district)
        self._supervisor = UserId(rows[0][0])

    def nurse(self, child: _Child) -> Person:
        return self._person(child.nurse, "NURSE", (child.school,))

    def supervisor(self) -> Person:
        return self._person(self._supervisor, "SUPERVISOR", self.schools)

    def _person(self, user: UserId, role: str, schools: tuple[SchoolId, ...]) -> Person:
        return Person(
            district=self._district,
            user=user,
            session=uuid5(user, role),
            role=role,
            schools=schools,
            everywhere=self.schools,
        )


def _children(ground: Seeded, *, treated: bool = False) -> list[_Child]:
    having = " AND EXISTS (SELECT 1 FROM medication_logs l WHERE l.district_id = s.district_id AND l.student_id = s.id)"
    rows = ground.asked(
        "SELECT s.id, s.school_id, u.id, s.first_name, s.last_name, s.student_number FROM students s"
        " JOIN school_assignments a ON a.district_id = s.district_id AND a.school_id = s.school_id"
        " JOIN users u ON u.district_id = s.district_id AND u.id = a.user_id AND u.role = 'NURSE'"
        f" WHERE s.district_id = %s{having if treated else ''} ORDER BY s.id",
        ground.district,
    )
    return [
        _Child(student=r[0], school=SchoolId(r[1]), nurse=UserId(r[2]), first_name=r[3], last_name=r[4], number=r[5])
        for r in rows
    ]


def _audited(reader: Pool, ground: Seeded, schools: tuple[SchoolId, ...], student: UUID) -> object:
    context = Context(district=ground.district, role=SYSTEM, schools=schools)
    values = {"district": ground.district, "type": "student", "entity": str(student)}
    with scoped(reader, context, operation=REPORT) as uow:
        return uow.connection.execute(BY_ENTITY, values).fetchall()


def _tell_nobody(_district: DistrictId) -> None:
    """Wake no workstation: there is none."""


def _on_no_channel(_district: DistrictId) -> tuple[Channel, ...]:
    """Tell the district nothing: it has no address."""
    return ()
