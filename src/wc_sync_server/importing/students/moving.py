"""One student goes to another school without a roster (rules.md S1)."""

from dataclasses import dataclass
from functools import partial

from wc_contract.model.ids import DistrictId, SchoolId, StudentId
from wc_sync_server.importing.oneroster.present import school_ids
from wc_sync_server.importing.oneroster.transfer import move_charts
from wc_sync_server.importing.ports import Works
from wc_sync_server.importing.students.acting import TRIES, Actor, Place, StudentRefused, hold, looked_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where a student came from and is now."""

    student: StudentId
    from_school: SchoolId
    school: SchoolId


def move_student(works: Works, district: DistrictId, student: StudentId, school: SchoolId, actor: Actor) -> Moved:
    """Move a student, with the chart, to a school. Raises StudentRefused: nothing was changed then."""
    if school not in school_ids(works, district):
        raise StudentRefused("no_school")
    for _ in TRIES:
        place = looked_up(works, district, [student])[student]
        if place.merged_into is not None:
            raise StudentRefused("merged_away")
        if place.school == school:
            raise StudentRefused("here_already")
        moved = works.retrying(partial(_move, works, district, student, place, school, actor))
        if moved is not None:
            return moved
    raise StudentRefused("moved_meanwhile")


def _move(
    works: Works, district: DistrictId, student: StudentId, place: Place, school: SchoolId, actor: Actor
) -> Moved | None:
    with works.begin((place.school, school)) as work:
        found = hold(work, district, {student: place}, school)
        if found is None or found[student].merged_into is not None:
            return None
        move_charts(work, district, (place.school, school), [student], source=actor.via)
        work.commit()
    return Moved(student=student, from_school=place.school, school=school)
