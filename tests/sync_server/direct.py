"""Records put into the district past any workstation, by the system."""

from tests import factories as make
from tests.sync_server.house import House, Pupil, as_uuid

from wc_contract.model.ids import DoseId, SchoolId, UserId, order_version_id
from wc_contract.model.kinds import DOSE, ORDER, ORDER_VERSION, STUDENT
from wc_sync_server.cli.records import system


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
    """Move a pupil and what belongs to them to another school, as a roster import does."""
    with system(house.parts, house.district, (source, target)) as uow:
        uow.lock_streams(source, target)
        uow.move_rows(STUDENT, source, target, [pupil.id])
        uow.move_rows(ORDER, source, target, [pupil.order])
        uow.move_rows(ORDER_VERSION, source, target, [order_version_id(pupil.order, 1)])
        uow.commit()
