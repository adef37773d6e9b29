"""Roster and present state to plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from wc_contract.model.ids import SchoolId, StudentId
from wc_contract.model.validity import YOUNGEST, age_on
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.oneroster.manifest import Mode
from wc_sync_server.importing.oneroster.plan import (
    CreateSchool,
    CreateStudent,
    DeactivateStudent,
    Halt,
    MoveStudent,
    Plan,
    Step,
    UpdateSchool,
    UpdateStudent,
    Why,
)
from wc_sync_server.importing.oneroster.plan_users import known_school, plan_users, school_ids
from wc_sync_server.importing.oneroster.problems import Code, Problem, Weight
from wc_sync_server.importing.oneroster.records import Roster, RosterStudent
from wc_sync_server.importing.oneroster.state import DistrictState, KnownStudent

# rules.md S3
_PERCENT = 2
_STUDENT_FIELDS = (
    "student_number",
    "sourced_id",
    "first_name",
    "last_name",
    "preferred_name",
    "date_of_birth",
    "grade",
    "homeroom",
    "gender",
)


def make_plan(roster: Roster, state: DistrictState, *, today: date, allow_disappearing: int = 0) -> Plan:
    """Return the steps that bring the district to what the roster says.

    An unusable roster gives no steps. A plan that halts still lists them, for a dry run; none may be taken.
    """
    if not roster.usable:
        return Plan(steps=(), unchanged=0, disappearing=0, users_absent=0, halt=None, problems=roster.problems)
    schools = list(_schools(roster, state))
    students = _Students(roster=roster, state=state, today=today).planned()
    users = plan_users(roster, state)
    leaving = sum(isinstance(step, DeactivateStudent) for step in students.steps)
    return Plan(
        steps=(*schools, *students.steps, *users.steps),
        unchanged=len(roster.schools) - len(schools) + students.unchanged + users.unchanged,
        disappearing=leaving,
        users_absent=users.absent,
        halt=_halt(leaving, state, allow_disappearing),
        problems=(*roster.problems, *students.problems, *users.problems),
    )


def _halt(leaving: int, state: DistrictState, allowed: int) -> Halt | None:
    active = sum(student.is_active for student in state.students)
    if leaving * 100 <= active * _PERCENT or leaving <= allowed:
        return None
    return Halt(disappearing=leaving, active=active)


def _schools(roster: Roster, state: DistrictState) -> Iterator[Step]:
    for school in roster.schools:
        there = known_school(state, school)
        if there is None:
            yield CreateSchool(
                id=stable_ids.school_id(state.district, school.sourced_id),
                sourced_id=school.sourced_id,
                name=school.name,
                timezone=school.timezone or state.timezone,
            )
            continue
        zone = school.timezone or there.timezone
        differs = {
            "name": school.name != there.name,
            "timezone": zone != there.timezone,
            "sourced_id": school.sourced_id != there.sourced_id,
        }
        if any(differs.values()):
            yield UpdateSchool(
                id=there.id,
                sourced_id=school.sourced_id,
                name=school.name,
                timezone=zone,
                changed=tuple(name for name, changed in differs.items() if changed),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlannedStudents:
    steps: tuple[Step, ...]
    unchanged: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Students:
    roster: Roster
    state: DistrictState
    today: date

    def planned(self) -> _PlannedStudents:
        steps: list[Step] = []
        problems: list[Problem] = []
        unchanged = 0
        adopted: set[StudentId] = set()
        schools = school_ids(self.roster, self.state)
        by_sourced = {each.sourced_id: each for each in self.state.students if each.sourced_id is not None}
        # A number that changes hands within one roster waits until its holder has let it go.
        holders = {each.student_number: each for each in self.state.students}
        rows = {student.sourced_id for student in self.roster.students}
        spoken = {each.id for each in self.state.students if each.sourced_id in rows}
        for student in self.roster.students:
            known = by_sourced.get(student.sourced_id)
            if known is None:
                holder = holders.get(student.student_number)
                if holder is not None and not _may_adopt(student, holder):
                    problems.append(_number_taken(student))
                    continue
                known = holder
            elif holders.get(student.student_number, known).id != known.id:
                problems.append(_number_taken(student))
                continue
            if known is not None and known.merged_into is not None:
                # The child has one chart here. Left out it is either way; nobody is to disappear for it.
                problems.append(_chart_merged(student, known_well=known.merged_into in spoken))
                adopted |= {known.id, known.merged_into}
                continue
            step = self._step(student, known, schools[student.school])
            if step is None:
                unchanged += 1
            else:
                steps.append(step)
            if known is not None:
                adopted.add(known.id)
        steps.extend(self._leaving(adopted))
        return _PlannedStudents(steps=tuple(steps), unchanged=unchanged, problems=tuple(problems))

    def _step(self, student: RosterStudent, known: KnownStudent | None, school: SchoolId) -> Step | None:
        if known is None:
            return CreateStudent(
                id=stable_ids.student_id(self.state.district, student.sourced_id),
                school_id=school,
                facts=student,
                enrolled_on=self._enrolled_on(student.date_of_birth),
            )
        changed = tuple(name for name in _STUDENT_FIELDS if getattr(student, name) != getattr(known, name))
        returns = not known.is_active
        if school != known.school_id:
            return MoveStudent(
                id=known.id,
                from_school=known.school_id,
                school_id=school,
                facts=student,
                changed=changed,
                returns=returns,
            )
        if not changed and not returns:
            return None
        return UpdateStudent(id=known.id, school_id=school, facts=student, changed=changed, returns=returns)

    def _enrolled_on(self, born: date) -> date:
        """Return the first day of the school year, or today for one who was too young then."""
        year = self.roster.year
        if year is None or year.first_day > self.today or age_on(born, year.first_day) < YOUNGEST:
            return self.today
        return year.first_day

    def _leaving(self, spoken: set[StudentId]) -> Iterator[Step]:
        for known in self.state.students:
            # One whom a person entered by hand (no sourced_id) is not the roster's to take away.
            if known.sourced_id is None or not known.is_active or known.id in spoken:
                continue
            if known.sourced_id in self.roster.gone_users:
                yield DeactivateStudent(id=known.id, school_id=known.school_id, why=Why.TO_BE_DELETED)
            elif self.roster.mode is Mode.BULK and known.sourced_id not in self.roster.present_users:
                yield DeactivateStudent(id=known.id, school_id=known.school_id, why=Why.ABSENT_FROM_BULK)


def _may_adopt(student: RosterStudent, holder: KnownStudent) -> bool:
    """Say whether a student entered by hand is the roster's: number and birth date agree."""
    return holder.sourced_id is None and holder.date_of_birth == student.date_of_birth


def _chart_merged(student: RosterStudent, *, known_well: bool) -> Problem:
    told = "the roster has the child's other row too, which is taken" if known_well else "no other row is the child's"
    return Problem(
        code=Code.CHART_MERGED,
        weight=Weight.NOTE if known_well else Weight.ROW_LEFT_OUT,
        file="users.csv",
        line=student.line,
        column="sourcedId",
        detail=f"this chart was merged into another; {told}. Put the student information system right",
    )


def _number_taken(student: RosterStudent) -> Problem:
    return Problem(
        code=Code.NUMBER_TAKEN,
        weight=Weight.ROW_LEFT_OUT,
        file="users.csv",
        line=student.line,
        column="identifier",
        detail="another student of the district has this number now; correct one of them, or import again",
    )
