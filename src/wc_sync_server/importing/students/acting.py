"""Who does it, why it is refused, and where students are before anything is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model.errors import Refused
from wc_contract.model.ids import DistrictId, SchoolId, StudentId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import SCHOOL, STUDENT, RecordKind
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.importing.oneroster.present import school_ids
from wc_sync_server.importing.ports import ImportWork, Works
from wc_sync_server.importing.present_rows import read_by_id

_PLACES = b"""
SELECT id, school_id, merged_into_id FROM students
WHERE district_id = %(district)s AND id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL
"""
_INTO = b"""
SELECT id, school_id, merged_into_id FROM students
WHERE district_id = %(district)s AND merged_into_id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL
"""
_COMPARED = ("first_name", "last_name", "date_of_birth")
# The student moved between two looks. Nobody moves that often.
_TRIES = 3

_SENTENCES = {
    "no_student": "There is no such student, or it is not a student of your schools.",
    "no_school": "There is no such school.",
    "same_student": "These are one and the same chart already.",
    "here_already": "The student is at that school already.",
    "merged_away": "That chart was merged into another: use the chart that it goes on in, or undo the merge first.",
    "others_merged_into": "Other charts were merged into the one that is to go. Keep that one instead.",
    "merged_elsewhere": "That chart was merged into a different one. Undo that merge first.",
    "not_merged": "That chart was not merged into another.",
    "merge_known": "A merge of that id was done before. If it was undone since, merge again under another id.",
    "kept_has_left": "The chart to be kept is of a student who has left. Keep the other one instead.",
    "birth_dates_differ": "The dates of birth of the two charts differ. Look at both, and say if they are one child.",
    "has_left": "The student has left already.",
    "before_enrolment": "That is before the student was enrolled.",
    "moved_meanwhile": "The student was being moved at the same moment. Do it again.",
}


class StudentRefused(Refused):
    """It cannot be done to this student. The sentence says why and what to do."""

    def __init__(self, code: str) -> None:
        super().__init__(_SENTENCES[code])
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """On whose behalf; via says by which way in."""

    role: str
    via: str
    user: UUID | None = None

    def event(
        self,
        action: str,
        kind: RecordKind,
        record: object,
        at: Instant,
        *,
        school: SchoolId,
        touched: Sequence[str] = (),
    ) -> AuditEvent:
        """Return the audit line of a record; touched are the names of its fields."""
        return AuditEvent(
            action=action,
            entity_type=kind.name,
            entity_id=str(record),
            at=at,
            fields=tuple(sorted(kind.phi_fields.intersection(touched))),
            user_id=self.user,
            role=self.role,
            school_id=school,
            detail={"via": self.via},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a student's chart is, and which chart it goes on in, if any."""

    school: SchoolId
    merged_into: StudentId | None


def places(work: ImportWork, district: DistrictId, ids: Sequence[UUID]) -> dict[StudentId, Place]:
    """Return where these students are, of those in sight."""
    return _read(work, _PLACES, district, ids)


def charts_within(work: ImportWork, district: DistrictId, ids: Sequence[UUID]) -> dict[StudentId, Place]:
    """Return the charts that were merged into those of these students."""
    return _read(work, _INTO, district, ids)


def looked_up(works: Works, district: DistrictId, ids: Sequence[StudentId]) -> Mapping[StudentId, Place]:
    """Return where students are now, without a lock. Raises StudentRefused for one that is not there."""
    with works.begin(school_ids(works, district), read_only=True) as work:
        found = places(work, district, ids)
    if len(found) != len(set(ids)):
        raise StudentRefused("no_student")
    return found


def school_day(work: ImportWork, district: DistrictId, school: SchoolId) -> date:
    """Return the day that it is at a school."""
    return work.at.astimezone(ZoneInfo(str(read_by_id(work, SCHOOL, district, [school])[school]["timezone"]))).date()


def put_look_on_record(works: Works, found: Mapping[StudentId, Place], actor: Actor) -> None:
    """Put on record that a preview compared these charts: its own transaction was undone, with all it wrote."""
    with works.begin(sorted({place.school for place in found.values()})) as work:
        looks = [
            actor.event("VIEW", STUDENT, student, work.at, school=place.school, touched=_COMPARED)
            for student, place in sorted(found.items())
        ]
        work.audit(looks)
        work.commit()


def hold(
    work: ImportWork, district: DistrictId, expected: Mapping[StudentId, Place], *more: SchoolId
) -> Mapping[StudentId, Place] | None:
    """Hold the streams of the students' schools, and of more, then the students. None: one has moved meanwhile."""
    work.lock_streams(*{place.school for place in expected.values()}, *more)
    work.lock_rows(STUDENT.table, sorted(expected))
    found = places(work, district, list(expected))
    same = {id_: place.school for id_, place in found.items()} == {id_: p.school for id_, p in expected.items()}
    return found if same else None


TRIES = range(_TRIES)


def _read(work: ImportWork, query: bytes, district: DistrictId, ids: Sequence[UUID]) -> dict[StudentId, Place]:
    rows = work.connection.execute(query, {"district": district, "ids": list(ids)}).fetchall()
    return {
        StudentId(id_): Place(school=SchoolId(school), merged_into=None if into is None else StudentId(into))
        for id_, school, into in rows
    }
