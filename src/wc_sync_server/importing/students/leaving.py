"""One student leaves the district without a roster (rules.md S2): the chart is closed, and nothing is deleted."""

from datetime import date
from functools import partial

from wc_contract.model.ids import DistrictId, StudentId
from wc_contract.model.kinds import STUDENT
from wc_sync_server.importing.oneroster.student_rows import gone_row
from wc_sync_server.importing.ports import Works
from wc_sync_server.importing.present_rows import read_by_id
from wc_sync_server.importing.recording import DEACTIVATE
from wc_sync_server.importing.students.acting import (
    TRIES,
    Actor,
    Place,
    StudentRefused,
    hold,
    looked_up,
    school_day,
)


def withdraw_student(
    works: Works, district: DistrictId, student: StudentId, last_day: date | None, actor: Actor
) -> date:
    """Close a student's chart and return the last day at school: last_day, or what day it is there.

    Raises StudentRefused.
    """
    for _ in TRIES:
        place = looked_up(works, district, [student])[student]
        if place.merged_into is not None:
            raise StudentRefused("merged_away")
        last = works.retrying(partial(_withdraw, works, district, student, place, last_day, actor))
        if last is not None:
            return last
    raise StudentRefused("moved_meanwhile")


def _withdraw(
    works: Works, district: DistrictId, student: StudentId, place: Place, last_day: date | None, actor: Actor
) -> date | None:
    with works.begin((place.school,)) as work:
        if hold(work, district, {student: place}) is None:
            return None
        present = read_by_id(work, STUDENT, district, [student])[student]
        if present["is_active"] is not True:
            raise StudentRefused("has_left")
        last = last_day or school_day(work, district, place.school)
        if last.isoformat() < str(present["enrolled_on"]):
            raise StudentRefused("before_enrolment")
        work.write_rows(STUDENT, place.school, [gone_row(present, last)])
        work.audit([actor.event(DEACTIVATE, STUDENT, student, work.at, school=place.school)])
        work.commit()
    return last
