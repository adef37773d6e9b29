"""Schools, users and who works where: one transaction, so that no user is without the school just made."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import partial

from wc_contract.model.ids import DistrictId, SchoolId, UserId
from wc_contract.model.kinds import SCHOOL, SCHOOL_ASSIGNMENT, USER
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.oneroster.plan import (
    CreateSchool,
    CreateUser,
    DeactivateUser,
    Plan,
    UpdateSchool,
    UpdateUser,
)
from wc_sync_server.importing.oneroster.present import school_ids
from wc_sync_server.importing.oneroster.records import RosterUser
from wc_sync_server.importing.ports import ImportWork, Works
from wc_sync_server.importing.present_rows import WireRow, read_by_id, whole
from wc_sync_server.importing.recording import CREATE, DEACTIVATE, UPDATE, recorded

_SOURCE = "oneroster"
_Schools = list[CreateSchool | UpdateSchool]
_Users = list[CreateUser | UpdateUser | DeactivateUser]


def apply_directory(plan: Plan, works: Works, district: DistrictId, *, today: date) -> None:
    """Write the schools and users of a plan."""
    schools: _Schools = [step for step in plan.steps if isinstance(step, CreateSchool | UpdateSchool)]
    users: _Users = [step for step in plan.steps if isinstance(step, CreateUser | UpdateUser | DeactivateUser)]
    if schools or users:
        works.retrying(partial(_apply, works, district, schools, users, today))


def _apply(works: Works, district: DistrictId, schools: _Schools, users: _Users, today: date) -> None:
    there = school_ids(works, district)
    new = [step.id for step in schools if isinstance(step, CreateSchool) and step.id not in there]
    with works.begin((*there, *new)) as work:
        work.lock_streams(district, *sorted(_touched(users).intersection(there)))
        _write_schools(work, district, schools)
        if new:
            work.open_streams(*new)
        _write_users(work, district, users)
        _write_assignments(work, district, users, today)
        work.commit()


def _touched(users: _Users) -> set[SchoolId]:
    found: set[SchoolId] = set()
    for step in users:
        match step:
            case CreateUser():
                found.update(step.schools)
            case UpdateUser():
                found.update((*step.joins, *step.leaves))
            case DeactivateUser():
                continue
    return found


def _write_schools(work: ImportWork, district: DistrictId, steps: _Schools) -> None:
    present = read_by_id(work, SCHOOL, district, [step.id for step in steps])
    rows = []
    events = []
    for step in steps:
        told: WireRow = {
            "id": str(step.id),
            "name": step.name,
            "timezone": step.timezone,
            "sourced_id": step.sourced_id,
        }
        rows.append(whole({**present.get(step.id, {}), **told}, SCHOOL))
        action = CREATE if isinstance(step, CreateSchool) else UPDATE
        events.append(recorded(action, SCHOOL, step.id, work.at, source=_SOURCE))
    work.write_rows(SCHOOL, district, rows)
    work.audit(events)


def _write_users(work: ImportWork, district: DistrictId, steps: _Users) -> None:
    present = read_by_id(work, USER, district, [step.id for step in steps])
    rows: list[WireRow] = []
    events: list[AuditEvent] = []
    for step in steps:
        told = partial(recorded, kind=USER, record=step.id, at=work.at, source=_SOURCE)
        match step:
            case CreateUser():
                rows.append(whole({"id": str(step.id), **_told(step.facts)}, USER))
                events.append(told(CREATE))
            case UpdateUser():
                rows.append(whole({**present[step.id], **_told(step.facts)}, USER))
                events.append(told(UPDATE))
            case DeactivateUser():
                rows.append(whole({**present[step.id], "is_active": False}, USER))
                events.append(told(DEACTIVATE))
    work.write_rows(USER, district, rows)
    work.audit(events)


def _told(facts: RosterUser) -> WireRow:
    return {
        "first_name": facts.first_name,
        "last_name": facts.last_name,
        "role": facts.role.value,
        "email": facts.email,
        "is_active": True,
    }


def _write_assignments(work: ImportWork, district: DistrictId, steps: _Users, today: date) -> None:
    by_school: defaultdict[SchoolId, list[WireRow]] = defaultdict(list)
    ended = [stable_ids.assignment_id(step.id, school) for step in steps for school in _leaves(step)]
    present = read_by_id(work, SCHOOL_ASSIGNMENT, district, ended)
    for step in steps:
        for school in _joins(step):
            by_school[school].append(_assignment(step.id, school, today))
        for school in _leaves(step):
            row = present[stable_ids.assignment_id(step.id, school)]
            last = max(today.isoformat(), str(row["assigned_from"]))
            by_school[school].append(whole({**row, "assigned_to": last}, SCHOOL_ASSIGNMENT))
    for school in sorted(by_school):
        rows = by_school[school]
        work.write_rows(SCHOOL_ASSIGNMENT, school, rows)
        work.audit(
            [
                recorded(UPDATE, SCHOOL_ASSIGNMENT, str(row["id"]), work.at, source=_SOURCE, school=school)
                for row in rows
            ]
        )


def _joins(step: CreateUser | UpdateUser | DeactivateUser) -> Iterator[SchoolId]:
    match step:
        case CreateUser():
            yield from step.schools
        case UpdateUser():
            yield from step.joins
        case DeactivateUser():
            return


def _leaves(step: CreateUser | UpdateUser | DeactivateUser) -> tuple[SchoolId, ...]:
    return step.leaves if isinstance(step, UpdateUser) else ()


def _assignment(user: UserId, school: SchoolId, today: date) -> WireRow:
    row: WireRow = {
        "id": str(stable_ids.assignment_id(user, school)),
        "user_id": str(user),
        "assigned_from": today.isoformat(),
        "assigned_to": None,
    }
    return whole(row, SCHOOL_ASSIGNMENT)
