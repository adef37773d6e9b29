"""Two charts of one child made one (rules.md S4). Everything in one transaction, and recorded so that it can be undone.

Held are the streams of both schools and both students, in the order of docs/isolation.md, as for a transfer: an entry
for either chart is taken in before or after, and both ways give the same records and cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import orjson

from wc_contract.model.ids import DistrictId, SchoolId, StudentId, merge_case_id
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import (
    DOSE,
    KINDS,
    ORDER_VERSION,
    STUDENT,
    STUDENT_ALIAS,
    RecordKind,
)
from wc_contract.rules.charts import GOES_ON, cases_across
from wc_contract.rules.facts import DoseFacts
from wc_sync_server.importing.oneroster.present import school_ids
from wc_sync_server.importing.oneroster.student_rows import left_row
from wc_sync_server.importing.oneroster.transfer import move_charts
from wc_sync_server.importing.ports import ImportWork, Works
from wc_sync_server.importing.present_rows import WireRow, read_by_id, read_of_students
from wc_sync_server.importing.students.acting import (
    TRIES,
    Actor,
    Place,
    StudentRefused,
    charts_within,
    hold,
    looked_up,
    put_look_on_record,
    school_day,
)
from wc_sync_server.importing.students.charts import (
    Clash,
    Clashing,
    aliases,
    by_student,
    clashes,
    goes_on,
    names_clash,
)
from wc_sync_server.importing.students.merge_report import Merged
from wc_sync_server.importing.students.reviewing import open_cases
from wc_sync_server.reconcile.cases import CaseWanted, from_draft
from wc_sync_server.reconcile.charts_read import charts_of

MERGED_CHARTS = "merged_charts"

_RECORD = b"""
INSERT INTO student_merges (district_id, id, kept_id, merged_id, reason, changed, merged_at, merged_by, created_at,
                            updated_at)
VALUES (%(district)s, %(id)s, %(kept)s, %(gone)s, %(reason)s, %(changed)s::jsonb, %(at)s, %(by)s, %(at)s, %(at)s)
ON CONFLICT (district_id, id) DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which chart is to be kept and which goes on in it, and why. id names the merge: asked twice, it is done once."""

    id: UUID
    kept: StudentId
    gone: StudentId
    reason: str = field(repr=False)
    birth_dates_differ: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """The doses of the charts that are one afterwards, and the versions of their orders."""

    versions: Mapping[UUID, WireRow] = field(repr=False)
    doses: Mapping[UUID, WireRow] = field(repr=False)


def merge_students(works: Works, district: DistrictId, wish: Wish, actor: Actor, *, dry_run: bool = False) -> Merged:
    """Make two charts one; dry_run does all of it but the commit. Raises StudentRefused: nothing was changed then."""
    if wish.kept == wish.gone:
        raise StudentRefused("same_student")
    everywhere = school_ids(works, district)
    for _ in TRIES:
        found = looked_up(works, district, [wish.kept, wish.gone])
        # What happened stays where it happened, be it out of the sight of who merges; none is added there from now on.
        with works.look_everywhere() as look:
            elsewhere = _given(look, district, _one_with(look, district, wish))
        done = works.retrying(
            partial(_merge, works, district, wish, actor, found, everywhere, elsewhere, dry_run=dry_run)
        )
        if done is not None:
            if dry_run:
                put_look_on_record(works, found, actor)
            return done
    raise StudentRefused("moved_meanwhile")


def _merge(
    works: Works,
    district: DistrictId,
    wish: Wish,
    actor: Actor,
    expected: Mapping[StudentId, Place],
    everywhere: Sequence[SchoolId],
    elsewhere: _Given,
    *,
    dry_run: bool,
) -> Merged | None:
    with works.begin(everywhere) as work:
        found = hold(work, district, expected)
        if found is None:
            return None
        from_school, school = found[wish.gone].school, found[wish.kept].school
        already = found[wish.gone].merged_into == wish.kept
        if already:
            return Merged(kept=wish.kept, gone=wish.gone, school=school, from_school=from_school, already=True)
        _allow(work, district, wish, found)
        if from_school != school:
            move_charts(work, district, (from_school, school), [wish.gone], source=actor.via)
        done = _Merge(work, district, wish, actor, school).done(from_school, elsewhere, dry_run=dry_run)
        if not dry_run:
            work.commit()
    return done


def _allow(work: ImportWork, district: DistrictId, wish: Wish, found: Mapping[StudentId, Place]) -> None:
    if found[wish.kept].merged_into is not None:
        raise StudentRefused("merged_away")
    if found[wish.gone].merged_into is not None:
        raise StudentRefused("merged_elsewhere")
    if charts_within(work, district, [wish.gone]):
        raise StudentRefused("others_merged_into")
    rows = read_by_id(work, STUDENT, district, [wish.kept, wish.gone])
    if rows[wish.gone]["is_active"] is True and rows[wish.kept]["is_active"] is not True:
        raise StudentRefused("kept_has_left")
    differ = {clash.code for clash in names_clash(rows[wish.gone], rows[wish.kept])}
    if Clash.BIRTH_DATES_DIFFER in differ and not wish.birth_dates_differ:
        raise StudentRefused("birth_dates_differ")


def _one_with(work: ImportWork, district: DistrictId, wish: Wish) -> frozenset[StudentId]:
    """Return the charts that are one once the wish is fulfilled."""
    return frozenset({wish.kept, wish.gone, *charts_within(work, district, [wish.kept])})


def _given(work: ImportWork, district: DistrictId, charts: frozenset[StudentId]) -> _Given:
    ids = sorted(charts)
    return _Given(
        versions=read_of_students(work, ORDER_VERSION, district, ids),
        doses=read_of_students(work, DOSE, district, ids),
    )


class _Merge:
    """One merge, within its transaction; both charts are at one school by now."""

    def __init__(self, work: ImportWork, district: DistrictId, wish: Wish, actor: Actor, school: SchoolId) -> None:
        self._work = work
        self._district = district
        self._wish = wish
        self._actor = actor
        self._school = school
        self._clashes: list[Clashing] = []
        self._changed: list[list[object]] = []  # [kind, id, row_version, what was otherwise]
        self._goes_on: dict[str, int] = {}

    def done(self, from_school: SchoolId, elsewhere: _Given, *, dry_run: bool) -> Merged:
        """Write everything and return what was done."""
        work, wish = self._work, self._wish
        rows = read_by_id(work, STUDENT, self._district, [wish.kept, wish.gone])
        gone, kept = rows[wish.gone], rows[wish.kept]
        self._clashes += names_clash(gone, kept)
        for kind in GOES_ON:
            self._take_on(kind)
        self._close(gone)
        made = list(aliases(gone, kept))
        work.write_rows(STUDENT_ALIAS, self._school, made)
        self._record(gone, from_school, [str(row["id"]) for row in made])
        self._audit([*((row["id"], "CREATE") for row in made)])
        cases = self._open_cases(elsewhere)
        return Merged(
            kept=wish.kept,
            gone=wish.gone,
            school=self._school,
            from_school=from_school,
            goes_on=self._goes_on,
            read_through=self._read_through(),
            clashes=tuple(self._clashes),
            cases=cases,
            dry_run=dry_run,
        )

    def _take_on(self, kind: RecordKind) -> None:
        wish, work = self._wish, self._work
        both = read_of_students(work, kind, self._district, [wish.kept, wish.gone])
        gone = {id_: row for id_, row in by_student(both, wish.gone).items() if row["school_id"] == str(self._school)}
        kept = by_student(both, wish.kept)
        self._clashes += clashes(kind, gone, kept)
        changes = list(goes_on(kind, gone, wish.kept, kept, instant_to_text(work.at)))
        if not changes:
            return
        first, _ = work.write_rows(kind, self._school, [change.row for change in changes])
        self._changed += [[kind.name, str(c.id), first + at, c.was] for at, c in enumerate(changes)]
        self._goes_on[kind.name] = len(changes)
        event = partial(self._actor.event, "UPDATE", kind, at=work.at, school=self._school)
        work.audit([event(record=change.id) for change in changes])

    def _close(self, gone: WireRow) -> None:
        today = school_day(self._work, self._district, self._school)
        closed = gone if gone["is_active"] is not True else left_row(gone, today)
        row = {name: value for name, value in closed.items() if name != "school_id"}
        self._work.write_rows(STUDENT, self._school, [{**row, "merged_into_id": str(self._wish.kept)}])

    def _record(self, gone: WireRow, from_school: SchoolId, made: list[str]) -> None:
        changed = {
            "rows": self._changed,
            "student": {name: gone[name] for name in ("is_active", "withdrawn_on")},
            "aliases": made,
            "from_school": str(from_school),
        }
        recorded = self._work.connection.execute(
            _RECORD,
            {
                "district": self._district,
                "id": self._wish.id,
                "kept": self._wish.kept,
                "gone": self._wish.gone,
                "reason": self._wish.reason,
                "changed": orjson.dumps(changed).decode(),
                "at": self._work.at,
                "by": self._actor.user,
            },
        )
        if not recorded.fetchall():
            raise StudentRefused("merge_known")

    def _audit(self, made: Sequence[tuple[object, str]]) -> None:
        at, actor = self._work.at, self._actor
        told = partial(actor.event, at=at, school=self._school)
        self._work.audit(
            [
                told("MERGE", STUDENT, self._wish.kept),
                told("MERGE", STUDENT, self._wish.gone),
                *(told(action, STUDENT_ALIAS, record, touched=("value",)) for record, action in made),
            ]
        )

    def _open_cases(self, elsewhere: _Given) -> tuple[tuple[str, UUID], ...]:
        wanted = [self._look_over(), *self._across(elsewhere)]
        open_cases(self._work, self._district, self._actor, wanted)
        return tuple((case.kind, case.id) for case in wanted)

    def _look_over(self) -> CaseWanted:
        records = {id_ for clash in self._clashes for id_ in clash.records}
        return CaseWanted(
            id=merge_case_id(self._wish.id, MERGED_CHARTS),
            kind=MERGED_CHARTS,
            school=self._school,
            student=self._wish.kept,
            medication=None,
            slot=None,
            subjects=(self._wish.gone, *sorted(records)),
        )

    def _across(self, elsewhere: _Given) -> list[CaseWanted]:
        """Run the rules again over the union: what each chart alone did not show."""
        both = _one_with(self._work, self._district, self._wish)
        here = _given(self._work, self._district, both)
        versions, doses = {**elsewhere.versions, **here.versions}, {**elsewhere.doses, **here.doses}
        charts = charts_of(dict.fromkeys(both - {self._wish.kept}, self._wish.kept), list(versions.values()))
        found = cases_across([DoseFacts.from_row(row) for row in doses.values()], charts)
        return [from_draft(draft, self._school) for draft in found]

    def _read_through(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for kind in KINDS:
            if kind in GOES_ON or not any(field.name == "student_id" for field in kind.fields):
                continue
            count = len(read_of_students(self._work, kind, self._district, [self._wish.gone]))
            if count:
                counts[kind.name] = count
        return counts
