"""What is done to one student as a whole: move, withdraw, merge of two charts and its undoing."""

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from wc_contract.model.ids import DistrictId, StudentId, new_uuid
from wc_sync_server.cli.console import CommandRefused, out, spoken, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.importing import SystemWorks
from wc_sync_server.cli.records import district_named, every_school, school_named, system
from wc_sync_server.db.context import SYSTEM
from wc_sync_server.importing.students.acting import Actor
from wc_sync_server.importing.students.leaving import withdraw_student
from wc_sync_server.importing.students.merging import Wish, merge_students
from wc_sync_server.importing.students.moving import move_student
from wc_sync_server.importing.students.parting import unmerge_student
from wc_sync_server.wiring import Workshop

students = typer.Typer(no_args_is_help=True, help="One student: move, withdraw, merge two charts, part them again.")

_ACTOR = Actor(role=SYSTEM, via="command")
_FIND = b"""
SELECT id FROM students WHERE district_id = %(district)s AND deleted_at IS NULL
AND (id = %(id)s OR student_number = %(number)s)
"""

Student = Annotated[str, typer.Argument(help="Student number, or id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why. It is kept, and only the office reads it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON, for a script.")]


def student_named(parts: Workshop, district: DistrictId, named: str) -> StudentId:
    """Return the student with that number or id. Raises CommandRefused."""
    with system(parts, district, every_school(parts, district), read_only=True) as uow:
        rows = uow.connection.execute(
            _FIND, {"district": district, "id": _id_or_none(named), "number": named}
        ).fetchall()
    if len(rows) != 1:
        raise CommandRefused("There is no student with that number or id.")
    return StudentId(rows[0][0])


@students.command("move")
@spoken
def move(
    student: Student,
    school: Annotated[str, typer.Argument(help="Name, sourced id or id of the school that the student goes to.")],
    district: DistrictOption = None,
) -> None:
    """Move a student to another school, as a roster import does.

    The chart goes along; orders stop and wait at the new school to be verified; what happened stays where it happened.
    """
    with workshop() as parts:
        found = district_named(parts, district).id
        works = SystemWorks(parts=parts, district=found)
        moved = move_student(
            works, found, student_named(parts, found, student), school_named(parts, found, school), _ACTOR
        )
    out.print(f"Moved. The chart is at school {moved.school} now; its orders wait to be verified there.")


@students.command("withdraw")
@spoken
def withdraw(
    student: Student,
    *,
    last_day: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Last day at school; today, as it is there.")
    ] = None,
    district: DistrictOption = None,
) -> None:
    """Close the chart of a student who has left the district. Nothing is deleted.

    What is still sent in of that day and before is clean; what was recorded later is kept, flagged and reviewed.
    """
    with workshop() as parts:
        found = district_named(parts, district).id
        works = SystemWorks(parts=parts, district=found)
        asked = None if last_day is None else _day(last_day)
        day = withdraw_student(works, found, student_named(parts, found, student), asked, _ACTOR)
    out.print(f"Withdrawn; the last day was {day.isoformat()}.")


@students.command("merge")
@spoken
def merge(
    keep: Annotated[str, typer.Argument(help="Number or id of the student whose chart goes on.")],
    gone: Annotated[str, typer.Argument(help="Number or id of the second chart of the same child.")],
    *,
    reason: Reason,
    birth_dates_differ: Annotated[
        bool, typer.Option("--birth-dates-differ", help="They are one child although the dates of birth differ.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    district: DistrictOption = None,
) -> None:
    """Make two charts of one child one. It can be undone with `student unmerge`.

    Allergies, orders and contacts of both go on in the chart that is kept; doses and reports keep the number they were
    recorded under and are read through the merge. A nurse gets a case to look both over.
    """
    with workshop() as parts:
        found = district_named(parts, district).id
        wish = Wish(
            id=new_uuid(parts.clock.now(), parts.chance),
            kept=student_named(parts, found, keep),
            gone=student_named(parts, found, gone),
            reason=_told(reason),
            birth_dates_differ=birth_dates_differ,
        )
        merged = merge_students(SystemWorks(parts=parts, district=found), found, wish, _ACTOR, dry_run=dry_run)
    out.print(merged.as_json() if as_json else merged.as_text(), soft_wrap=True, highlight=False, markup=False)


@students.command("unmerge")
@spoken
def unmerge(
    gone: Annotated[str, typer.Argument(help="Number or id of the chart that was merged into another.")],
    *,
    reason: Reason,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    district: DistrictOption = None,
) -> None:
    """Make a chart that was merged its own again. What was changed or made since is listed, for a nurse to look at."""
    with workshop() as parts:
        found = district_named(parts, district).id
        works = SystemWorks(parts=parts, district=found)
        parted = unmerge_student(
            works, found, student_named(parts, found, gone), _told(reason), _ACTOR, dry_run=dry_run
        )
    out.print(parted.as_json() if as_json else parted.as_text(), soft_wrap=True, highlight=False, markup=False)


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandRefused("The last day is no date: write it as 2026-11-23.") from None


def _told(reason: str) -> str:
    if not reason.strip():
        raise CommandRefused("Say why with --reason.")
    return reason.strip()
