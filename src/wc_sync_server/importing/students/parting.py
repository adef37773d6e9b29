"""A merge undone: what it changed is put back, and what happened since is told (rules.md S4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId, StudentId, merge_case_id
from wc_contract.model.kinds import BY_NAME, DOSE, ORDER, REVIEW_CASE, STUDENT, STUDENT_ALIAS, RecordKind
from wc_contract.rules.charts import GOES_ON
from wc_sync_server.importing.oneroster.present import school_ids
from wc_sync_server.importing.ports import ImportWork, Works
from wc_sync_server.importing.present_rows import WireRow, read_by_id, read_of_students, whole
from wc_sync_server.importing.students.acting import (
    TRIES,
    Actor,
    Place,
    StudentRefused,
    hold,
    looked_up,
    put_look_on_record,
)
from wc_sync_server.importing.students.merge_report import Parted
from wc_sync_server.importing.students.reviewing import judge_doses_again, open_cases
from wc_sync_server.reconcile.cases import CaseWanted

CHARTS_PARTED = "charts_parted"

_STANDING = b"""
SELECT id, changed, merged_at FROM student_merges
WHERE district_id = %(district)s AND merged_id = %(gone)s AND undone_at IS NULL
"""
_UNDONE = b"""
UPDATE student_merges SET undone_at = %(at)s, undone_by = %(by)s, undone_reason = %(reason)s, updated_at = %(at)s,
       row_version = row_version + 1
WHERE district_id = %(district)s AND id = %(id)s RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """A record that the merge took on: its version then, and what it changed in it besides."""

    id: UUID
    version: int
    was: WireRow


def unmerge_student(
    works: Works, district: DistrictId, gone: StudentId, reason: str, actor: Actor, *, dry_run: bool = False
) -> Parted:
    """Make a chart that was merged into another its own again. Raises StudentRefused: nothing was changed then."""
    everywhere = school_ids(works, district)
    for _ in TRIES:
        into = looked_up(works, district, [gone])[gone].merged_into
        if into is None:
            raise StudentRefused("not_merged")
        found = looked_up(works, district, [gone, into])
        done = works.retrying(
            partial(_unmerge, works, district, (gone, into), reason, actor, found, everywhere, dry_run=dry_run)
        )
        if done is not None:
            if dry_run:
                put_look_on_record(works, found, actor)
            return done
    raise StudentRefused("moved_meanwhile")


def _unmerge(
    works: Works,
    district: DistrictId,
    charts: tuple[StudentId, StudentId],
    reason: str,
    actor: Actor,
    expected: Mapping[StudentId, Place],
    everywhere: Sequence[SchoolId],
    *,
    dry_run: bool,
) -> Parted | None:
    gone, kept = charts
    with works.begin(everywhere) as work:
        found = hold(work, district, expected)
        if found is None or found[gone].merged_into != kept:
            return None
        done = _Parting(work, district, charts, actor, found[gone].school).done(reason, dry_run=dry_run)
        if not dry_run:
            work.commit()
    return done


class _Parting:
    """One merge being undone, within its transaction."""

    def __init__(
        self,
        work: ImportWork,
        district: DistrictId,
        charts: tuple[StudentId, StudentId],
        actor: Actor,
        school: SchoolId,
    ) -> None:
        self._work = work
        self._district = district
        self._gone, self._kept = charts
        self._actor = actor
        self._school = school
        ((self._id, changed, self._at),) = work.connection.execute(
            _STANDING, {"district": district, "gone": self._gone}
        ).fetchall()
        self._was: WireRow = changed["student"]
        self._aliases = [UUID(id_) for id_ in changed["aliases"]]
        self._taken = _taken(changed["rows"])
        self._back: dict[str, int] = {}
        self._changed: list[tuple[str, UUID]] = []

    def done(self, reason: str, *, dry_run: bool) -> Parted:
        """Put everything back and return what was done."""
        for kind in GOES_ON:
            self._give_back(kind)
        stays = self._made_since()
        self._open_chart()
        judge_doses_again(
            self._work, self._district, self._school, [one.id for one in self._taken[ORDER.name]], self._actor
        )
        case = self._case(stays)
        parameters = {
            "district": self._district,
            "id": self._id,
            "at": self._work.at,
            "by": self._actor.user,
            "reason": reason,
        }
        self._work.connection.execute(_UNDONE, parameters)
        return Parted(
            kept=self._kept,
            gone=self._gone,
            school=self._school,
            back=self._back,
            changed=tuple(self._changed),
            stays=stays,
            case=case,
            dry_run=dry_run,
        )

    def _give_back(self, kind: RecordKind) -> None:
        taken = {one.id: one for one in self._taken.get(kind.name, ())}
        rows = {
            id_: row
            for id_, row in read_by_id(self._work, kind, self._district, list(taken)).items()
            if row["student_id"] == str(self._kept) and row["school_id"] == str(self._school)
        }
        versions = self._versions(kind, list(rows))
        self._changed += [(kind.name, id_) for id_ in sorted(rows) if versions[id_] != taken[id_].version]
        if not rows:
            return
        # What a person has decided since stands; what the merge itself did is taken back.
        own = {"student_id": str(self._gone)}
        was = {id_: {} if versions[id_] != taken[id_].version else taken[id_].was for id_ in rows}
        back = [whole({**row, **was[id_], **own}, kind) for id_, row in sorted(rows.items())]
        self._work.write_rows(kind, self._school, back)
        self._back[kind.name] = len(back)
        event = partial(self._actor.event, "UPDATE", kind, at=self._work.at, school=self._school)
        self._work.audit([event(record=id_) for id_ in sorted(rows)])

    def _versions(self, kind: RecordKind, ids: list[UUID]) -> dict[UUID, int]:
        return {id_: version for id_, version, _ in self._stamps(kind, ids)}

    def _stamps(self, kind: RecordKind, ids: list[UUID]) -> Sequence[tuple[Any, ...]]:
        # The table is of our own declaration; values are bound.
        named = "district_id = %(district)s AND id = ANY(%(ids)s::uuid[])"
        query = f"SELECT id, row_version, created_at FROM {kind.table} WHERE {named}"  # noqa: S608
        return self._work.connection.execute(query.encode(), {"district": self._district, "ids": ids}).fetchall()

    def _open_chart(self) -> None:
        present = read_by_id(self._work, STUDENT, self._district, [self._gone])[self._gone]
        row = whole({**present, **self._was}, STUDENT)
        self._work.write_rows(STUDENT, self._school, [{**row, "merged_into_id": None}])
        there = read_by_id(self._work, STUDENT_ALIAS, self._district, self._aliases)
        self._work.remove_rows(STUDENT_ALIAS, self._school, sorted(there), "deleted")
        told = partial(self._actor.event, at=self._work.at, school=self._school)
        self._work.audit(
            [
                told("UNMERGE", STUDENT, self._kept),
                told("UNMERGE", STUDENT, self._gone),
                *(told("DELETE", STUDENT_ALIAS, id_) for id_ in sorted(there)),
            ]
        )

    def _made_since(self) -> tuple[tuple[str, UUID], ...]:
        """Return what was made for the kept chart since: whose it is, nobody can tell any more by the records."""
        found: list[tuple[str, UUID]] = []
        for kind in (*GOES_ON, DOSE):
            if kind is REVIEW_CASE:
                continue
            rows = read_of_students(self._work, kind, self._district, [self._kept])
            since = self._since(kind, list(rows))
            if kind is DOSE:
                # A dose of the kept chart's own orders is the kept chart's, as ever.
                since &= self._under_orders_given_back(rows)
            found += [(kind.name, id_) for id_ in sorted(since - set(self._aliases))]
        return tuple(found)

    def _under_orders_given_back(self, doses: Mapping[UUID, WireRow]) -> set[UUID]:
        orders = {str(one.id) for one in self._taken.get(ORDER.name, ())}
        return {id_ for id_, row in doses.items() if row["order_id"] in orders}

    def _since(self, kind: RecordKind, ids: list[UUID]) -> set[UUID]:
        return {id_ for id_, _, created_at in self._stamps(kind, ids) if created_at > self._at}

    def _case(self, stays: Sequence[tuple[str, UUID]]) -> UUID | None:
        doubtful = [id_ for _, id_ in (*self._changed, *stays)]
        if not doubtful:
            return None
        case = CaseWanted(
            id=merge_case_id(self._id, CHARTS_PARTED),
            kind=CHARTS_PARTED,
            school=self._school,
            student=self._kept,
            medication=None,
            slot=None,
            subjects=(self._gone, *sorted(doubtful)),
        )
        open_cases(self._work, self._district, self._actor, [case])
        return case.id


def _taken(rows: Sequence[Sequence[Any]]) -> dict[str, list[_Taken]]:
    found: dict[str, list[_Taken]] = {name: [] for name in BY_NAME}
    for kind, id_, version, was in rows:
        found[kind].append(_Taken(id=UUID(id_), version=version, was=was))
    return found
