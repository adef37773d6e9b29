"""Records put into the district past any workstation: by the system, or by an import."""

from tests import factories as make
from tests.sync_server.house import House, Pupil, as_uuid

from wc_contract.model.ids import DoseId, SchoolId, UserId, order_version_id
from wc_contract.model.kinds import DOSE
from wc_sync_server.cli.importing import SystemWorks
from wc_sync_server.cli.records import system
from wc_sync_server.importing.oneroster.plan import MoveStudent
from wc_sync_server.importing.oneroster.records import RosterStudent
from wc_sync_server.importing.oneroster.transfer import transfer


def dose_in(house: House, school: SchoolId, pupil: Pupil, author: UserId) -> DoseId:
    """Log a dose at a school and return its id."""
    row = make.dose_row(
        student_id=str(pupil.id),
        order_id=str(pupil.order),
        order_version_id=str(order_version_id(pupil.order, 1)),
        author_user_id=str(author),
    )
    with system(house.parts, house.district, (school,)) as uow:
        uow.lock_streams(school)
        uow.write_rows(DOSE, school, [row])
        uow.commit()
    return DoseId(as_uuid(row["id"]))


def move_pupil(house: House, pupil: Pupil, source: SchoolId, target: SchoolId) -> None:
    """Move a pupil to another school by the step of a roster import."""
    told = "student_number, sourced_id, first_name, last_name, preferred_name, date_of_birth, grade, homeroom, gender"
    ((number, sourced_id, *names, born, grade, homeroom, gender),) = house.asked(
        f"SELECT {told} FROM students WHERE id = %s", pupil.id
    )
    facts = RosterStudent(
        line=1,
        school="",
        student_number=number,
        sourced_id=sourced_id or number,
        first_name=names[0],
        last_name=names[1],
        preferred_name=names[2],
        date_of_birth=born,
        grade=grade,
        homeroom=homeroom,
        gender=gender,
    )
    step = MoveStudent(
        id=pupil.id, from_school=source, school_id=target, facts=facts, changed=("school",), returns=False
    )
    works = SystemWorks(parts=house.parts, district=house.district)
    transfer(works, house.district, (source, target), [step])
