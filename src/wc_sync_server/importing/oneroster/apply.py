"""Taking the steps of a plan. Each transaction is whole in itself: an import that was cut off is run again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import islice
from typing import TypeAlias, TypeVar

from wc_contract.model.ids import DistrictId, SchoolId
from wc_contract.model.kinds import STUDENT
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.importing.oneroster.apply_directory import apply_directory
from wc_sync_server.importing.oneroster.plan import (
    CreateStudent,
    DeactivateStudent,
    MoveStudent,
    Plan,
    UpdateStudent,
)
from wc_sync_server.importing.oneroster.student_rows import created_row, left_row, updated_row
from wc_sync_server.importing.oneroster.transfer import transfer
from wc_sync_server.importing.ports import Works
from wc_sync_server.importing.present_rows import read_by_id
from wc_sync_server.importing.progress import Progress
from wc_sync_server.importing.recording import CREATE, DEACTIVATE, UPDATE, recorded

SOURCE = "oneroster"
# As many as are written in well under a second: nurses' devices wait no longer for the school's stream.
_BATCH = 1_000

_OfOneSchool: TypeAlias = CreateStudent | UpdateStudent | DeactivateStudent
T = TypeVar("T")


def apply_plan(plan: Plan, works: Works, district: DistrictId, *, today: date, progress: Progress) -> None:
    """Take every step of a plan: schools and users first, then each school's students, then the moves."""
    apply_directory(plan, works, district, today=today)
    by_school: defaultdict[SchoolId, list[_OfOneSchool]] = defaultdict(list)
    moves: defaultdict[tuple[SchoolId, SchoolId], list[MoveStudent]] = defaultdict(list)
    for step in plan.steps:
        match step:
            case CreateStudent() | UpdateStudent() | DeactivateStudent():
                by_school[step.school_id].append(step)
            case MoveStudent():
                moves[step.from_school, step.school_id].append(step)
            case _:
                continue
    count = sum(map(len, by_school.values())) + sum(map(len, moves.values()))
    done = 0
    for school, steps in sorted(by_school.items()):
        for batch in batched(_leavers_first(steps), _BATCH):
            works.retrying(partial(_apply_students, works, district, school, batch, today))
            done += len(batch)
            progress("writing students", done, count)
    for schools, step_list in sorted(moves.items()):
        for some in batched(step_list, _BATCH):
            works.retrying(partial(transfer, works, district, schools, some))
            done += len(some)
            progress("writing students", done, count)


def _leavers_first(steps: Iterable[_OfOneSchool]) -> list[_OfOneSchool]:
    return sorted(steps, key=_is_not_leaver)


def _is_not_leaver(step: _OfOneSchool) -> bool:
    return not isinstance(step, DeactivateStudent)


def batched(items: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    """Yield items in lists of at most size."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _apply_students(
    works: Works, district: DistrictId, school: SchoolId, steps: Sequence[_OfOneSchool], today: date
) -> None:
    with works.begin((school,)) as work:
        work.lock_streams(school)
        present = read_by_id(
            work, STUDENT, district, [step.id for step in steps if not isinstance(step, CreateStudent)]
        )
        rows = []
        events: list[AuditEvent] = []
        told = partial(recorded, kind=STUDENT, at=work.at, source=SOURCE, school=school)
        for step in steps:
            match step:
                case CreateStudent():
                    rows.append(created_row(step))
                    events.append(told(CREATE, record=step.id))
                case UpdateStudent():
                    rows.append(updated_row(present[step.id], step.facts))
                    events.append(told(UPDATE, record=step.id, touched=step.changed))
                case DeactivateStudent():
                    rows.append(left_row(present[step.id], today))
                    events.append(told(DEACTIVATE, record=step.id, touched=()))
        work.write_rows(STUDENT, school, rows)
        work.audit(events)
        work.commit()
