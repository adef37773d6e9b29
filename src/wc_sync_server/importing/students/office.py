"""Merging and parting charts on behalf of a person of the office (api.records_ports.Charts)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId, StudentId
from wc_sync_server.domain.records.charts import MergeAsked, UnmergeAsked
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.importing.ports import ImportWork, Works
from wc_sync_server.importing.students.acting import Actor, StudentRefused
from wc_sync_server.importing.students.merging import Wish, merge_students
from wc_sync_server.importing.students.parting import unmerge_student
from wc_sync_server.importing.students.reviewing import judge_doses_again

# What is wrong with the request itself, and what is the state of the records, by the field that names the chart.
_WRONG = {"same_student": "gone", "birth_dates_differ": "birth_dates_differ"}
_STATE = {
    "merged_away": "student",
    "others_merged_into": "gone",
    "merged_elsewhere": "gone",
    "kept_has_left": "student",
    "not_merged": "student",
    "moved_meanwhile": "student",
}


class OfficeCharts:
    """Does to charts what a person asks, as that person."""

    def __init__(self, works: Callable[[Person], Works], tell: Callable[[DistrictId], None]) -> None:
        self._works = works
        self._tell = tell

    def merge(self, person: Person, asked: MergeAsked) -> Mapping[str, object]:
        """Make two charts one and return the report. Raises RecordRefused."""
        wish = Wish(
            id=asked.id,
            kept=StudentId(asked.kept),
            gone=StudentId(asked.gone),
            reason=asked.reason,
            birth_dates_differ=asked.birth_dates_differ,
        )
        with _refusing():
            done = merge_students(
                self._works(person), person.district, wish, _actor(person), dry_run=asked.dry_run
            ).as_document()
        self._tell(person.district)
        return done

    def unmerge(self, person: Person, asked: UnmergeAsked) -> Mapping[str, object]:
        """Make a merged chart its own again and return the report. Raises RecordRefused."""
        gone = StudentId(asked.gone)
        with _refusing():
            done = unmerge_student(
                self._works(person), person.district, gone, asked.reason, _actor(person), dry_run=asked.dry_run
            ).as_document()
        self._tell(person.district)
        return done


def judge_orders_again(work: ImportWork, person: Person, school: SchoolId, orders: Sequence[UUID]) -> None:
    """Judge the doses under orders that a person changed, in the transaction that changes them."""
    judge_doses_again(work, person.district, school, orders, _actor(person))


def _actor(person: Person) -> Actor:
    return Actor(role=person.role, user=person.user, via="records")


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except StudentRefused as error:
        if error.code == "no_student":
            raise RecordRefused(RecordsProblem.NO_RECORD) from None
        if error.code == "merge_known":
            raise RecordRefused(RecordsProblem.TAKEN, fields=("id",)) from None
        if error.code in _WRONG:
            raise RecordRefused(RecordsProblem.INVALID, fields=(_WRONG[error.code],)) from None
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=(_STATE[error.code],)) from None
