"""Staff with an account: who is new, changed or gone. A roster never takes access away by silence."""

from collections.abc import Mapping
from dataclasses import dataclass

from wc_contract.model.ids import SchoolId, UserId
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.oneroster.manifest import Mode
from wc_sync_server.importing.oneroster.plan import CreateUser, DeactivateUser, Step, UpdateUser
from wc_sync_server.importing.oneroster.problems import Code, Problem, Weight
from wc_sync_server.importing.oneroster.records import Roster, RosterSchool, RosterUser
from wc_sync_server.importing.oneroster.state import DistrictState, KnownSchool, KnownUser

_FIELDS = ("email", "first_name", "last_name", "role")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedUsers:
    """Steps, how many stay as they are, and how many that a roster made are absent from this bulk."""

    steps: tuple[Step, ...]
    unchanged: int
    absent: int
    problems: tuple[Problem, ...]


def plan_users(roster: Roster, state: DistrictState) -> PlannedUsers:
    """Return the steps for staff. Absent staff are counted for the operator, never locked out."""
    by_id = {user.id: user for user in state.users}
    by_email = {user.email.lower(): user for user in state.users}
    schools = school_ids(roster, state)
    steps: list[Step] = []
    problems: list[Problem] = []
    unchanged = 0
    met: set[UserId] = set()
    for facts in roster.users:
        own_id = stable_ids.user_id(state.district, facts.sourced_id)
        known = by_id.get(own_id) or by_email.get(facts.email)
        at = tuple(schools[school] for school in facts.schools)
        if known is None:
            steps.append(CreateUser(id=own_id, facts=facts, schools=at))
            continue
        met.add(known.id)
        if by_email.get(facts.email, known).id != known.id:
            problems.append(_email_taken(facts))
            continue
        step = _changed(facts, known, at)
        if step is None:
            unchanged += 1
        else:
            steps.append(step)
    gone = {stable_ids.user_id(state.district, sourced_id) for sourced_id in roster.gone_users}
    steps.extend(DeactivateUser(id=user.id) for user in state.users if user.is_active and user.id in gone - met)
    return PlannedUsers(
        steps=tuple(steps), unchanged=unchanged, absent=_absent(roster, state, met, gone), problems=tuple(problems)
    )


def _changed(facts: RosterUser, known: KnownUser, at: tuple[SchoolId, ...]) -> UpdateUser | None:
    changed = tuple(name for name in _FIELDS if getattr(facts, name) != getattr(known, name))
    if not known.is_active:
        changed = (*changed, "is_active")
    joins = tuple(school for school in at if school not in known.schools)
    leaves = tuple(sorted(known.by_roster.difference(at)))
    if not changed and not joins and not leaves:
        return None
    return UpdateUser(id=known.id, facts=facts, changed=changed, joins=joins, leaves=leaves)


def known_school(state: DistrictState, school: RosterSchool) -> KnownSchool | None:
    """Return the school that is there already: by its sourcedId, or by name when it was entered by hand."""
    for there in state.schools:
        if there.sourced_id == school.sourced_id:
            return there
    for there in state.schools:
        if there.sourced_id is None and there.name.casefold() == school.name.casefold():
            return there
    return None


def school_ids(roster: Roster, state: DistrictState) -> Mapping[str, SchoolId]:
    """Return the id of each school by sourcedId; a school that is there keeps the id it has."""
    ids = {each.sourced_id: each.id for each in state.schools if each.sourced_id is not None}
    for school in roster.schools:
        there = known_school(state, school)
        own = stable_ids.school_id(state.district, school.sourced_id)
        ids[school.sourced_id] = own if there is None else there.id
    return ids


def _email_taken(facts: RosterUser) -> Problem:
    return Problem(
        code=Code.DUPLICATE_EMAIL,
        weight=Weight.ROW_LEFT_OUT,
        file="users.csv",
        line=facts.line,
        column="email",
        detail="another user of the district has this e-mail address; correct one of the two",
    )


def _absent(roster: Roster, state: DistrictState, met: set[UserId], gone: set[UserId]) -> int:
    if roster.mode is not Mode.BULK:
        return 0
    present = {stable_ids.user_id(state.district, sourced_id) for sourced_id in roster.present_users}
    # Accounts made by hand have ids of version 7; those that a roster made, of version 5.
    made = (user for user in state.users if user.is_active and user.id.version == 5)  # noqa: PLR2004
    return sum(1 for user in made if user.id not in present and user.id not in met and user.id not in gone)
