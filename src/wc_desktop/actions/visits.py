"""Clinic visits: drafts that survive a crash, then a record; going on with one and correcting it amend it (A1)."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeAlias
from uuid import UUID

from wc_contract.model.changes import RecordAdded
from wc_contract.model.ids import IncidentId, StudentId, new_uuid
from wc_contract.model.instants import instant_from_text, whole_millis
from wc_contract.model.kinds import CLINIC_VISIT
from wc_contract.model.values import AccessAction
from wc_contract.rules.findings import Code, Finding, blocking
from wc_contract.rules.rows import instant_or_none
from wc_contract.rules.visit import chain_of, check_visit, standing
from wc_desktop.actions.access import record
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.documents import may_see
from wc_desktop.actions.reading import charts_of, people, students_by_id
from wc_desktop.actions.records import builds_on, found
from wc_desktop.domain.failures import NotAllowed, NotFound, Unfinished
from wc_desktop.domain.screens import IncidentDraft, StudentRow, VisitView
from wc_desktop.domain.views import author_name, confirmed, text, text_or_none
from wc_desktop.domain.visit_form import (
    amended,
    begun_fields,
    facts_of,
    fields_of,
    is_hidden,
    is_visit,
    measured,
    record_of,
    view_fields,
)
from wc_desktop.domain.visit_views import WRITES_VISITS, VisitHistory, VisitList, VisitQuery
from wc_desktop.ports import Row

_MOST_FOUND = 500
Marked: TypeAlias = tuple[Row, bool]  # an entry that stands, and whether another one stands for the same visit


def new_draft(desk: Desk, student_id: StudentId | None = None) -> IncidentDraft:
    """Return an empty form of a child who has just come; it is kept from the first save_draft on."""
    at = whole_millis(desk.clock.now()).replace(second=0, microsecond=0)
    return IncidentDraft(id=IncidentId(new_uuid(at, desk.chance)), student_id=student_id, fields=begun_fields(at))


def go_on(desk: Desk, visit: UUID, why: str) -> IncidentDraft:
    """Return the form of a visit that stands already, to go on with it or to correct it; the look is on record.

    One that was begun on this workstation is gone on with. Raises NotFound.
    """
    begun = next((draft for draft in _drafts(desk) if amended(draft) == visit), None)
    if begun is not None:
        return load_draft(desk, begun.id)
    row = _seen(desk, visit)
    _looked_at(desk, visit)
    view = _view(desk, row, students_by_id(desk, [text(row, "student_id")]).get(text(row, "student_id")))
    return IncidentDraft(
        id=IncidentId(new_uuid(desk.clock.now(), desk.chance)),
        student_id=StudentId(UUID(text(row, "student_id"))),
        fields=fields_of(view, why),
    )


def load_draft(desk: Desk, form: IncidentId) -> IncidentDraft:
    """Return an unfinished form, and write that it was looked at. Raises NotFound."""
    draft = desk.journal.draft(form)
    if draft is None or not _may_see_draft(desk, draft):
        raise NotFound(str(form))
    _looked_at(desk, form)
    return draft


def check(desk: Desk, draft: IncidentDraft) -> tuple[Finding, ...]:
    """Return what stands between the form and its being saved, the most serious first."""
    return check_visit(facts_of(draft), whole_millis(desk.clock.now()))


def save_visit(desk: Desk, draft: IncidentDraft) -> VisitView:
    """Write the visit: it is durable and in view when this returns, and its draft is gone.

    Raises Unfinished when a finding blocks, NotAllowed, SendAgainFirst, DiskFull, DiskFailed; then the draft stays.
    """
    stops = tuple(dict.fromkeys(finding.code.value for finding in blocking(check(desk, draft))))
    if stops:
        raise Unfinished(stops)
    if desk.person.role not in WRITES_VISITS:
        raise NotAllowed((Code.NOT_ENTITLED.value,))
    # The form's own id: one that was saved, as the program stopped before its draft was gone, is not saved again.
    if desk.records.find(CLINIC_VISIT, str(draft.id)) is None:
        target = amended(draft)
        built_on = () if target is None else builds_on(desk, CLINIC_VISIT, target)
        added = RecordAdded(kind=CLINIC_VISIT.name, id=draft.id, values=record_of(draft))
        desk.author((added,), whole_millis(desk.clock.now()), depends_on=built_on)
    desk.journal.discard_draft(draft.id)
    row = found(desk, CLINIC_VISIT, draft.id)
    return _view(desk, row, students_by_id(desk, [text(row, "student_id")]).get(text(row, "student_id")))


def list_visits(desk: Desk, query: VisitQuery) -> VisitList:
    """Return drafts and children who are here, then the visits of a period, newest first."""
    drafts = _drafts(desk)
    # One that somebody goes on with stands once: as the draft.
    begun = {target for draft in drafts if (target := amended(draft)) is not None}
    came = [
        marked
        for marked in _standing(_with_relatives(desk, desk.records.visits_since(query.since)))
        if instant_from_text(text(marked[0], "arrived_at")) >= query.since
        and _id(marked[0]) not in begun
        and may_see(desk, marked[0])
    ]
    fits = [marked for marked in came if query.disposition in {"", text(marked[0], "disposition")}]
    listed = drafts if not query.disposition else []
    if query.text.strip():
        children = {text(row, "id") for row in desk.records.search_students(query.text, _MOST_FOUND)}
        fits = [marked for marked in fits if _is_like(marked[0], children, query.text)]
        listed = [draft for draft in listed if str(draft.student_id) in children]
    fits.sort(key=_place, reverse=True)
    shown = fits[: query.limit]
    ids = {text(row, "student_id") for row, _ in shown} | {str(d.student_id) for d in listed if d.student_id}
    named = students_by_id(desk, sorted(ids))
    rows = (
        *(_draft_view(desk, draft, named.get(str(draft.student_id))) for draft in listed),
        *(_view(desk, row, named.get(text(row, "student_id")), twice=twice) for row, twice in shown),
    )
    return VisitList(
        rows=rows,
        total=len(listed) + len(fits),
        here=sum(map(_is_unfinished, drafts)) + sum(_is_open(row) for row, _ in came),
    )


def visits_of(desk: Desk, charts: Sequence[str]) -> tuple[VisitView, ...]:
    """Return what stands of a child's visits, newest first; the look is on record with that at the chart."""
    rows = sorted(_standing(desk.records.where(CLINIC_VISIT, "student_id", charts)), key=_place, reverse=True)
    return tuple(_view(desk, row, None, twice=twice) for row, twice in rows if may_see(desk, row))


def open_visit(desk: Desk, visit: UUID) -> VisitHistory:
    """Return a visit and what was written of it before, and write that it was looked at. Raises NotFound."""
    row = _seen(desk, visit)
    _looked_at(desk, visit)
    child = text(row, "student_id")
    family = {_id(one): one for one in desk.records.where(CLINIC_VISIT, "student_id", charts_of(desk, child))}
    student = students_by_id(desk, [child]).get(child)
    earlier = chain_of(visit, {key: _target(one) for key, one in family.items()})[1:]
    return VisitHistory(
        visit=_view(desk, row, student),
        earlier=tuple(_view(desk, family[one], student) for one in earlier if may_see(desk, family[one])),
    )


def _seen(desk: Desk, visit: UUID) -> Row:
    """Return a visit that the person at the desk may see. Raises NotFound."""
    row = found(desk, CLINIC_VISIT, visit)
    if not may_see(desk, row):
        raise NotFound(str(visit))
    return row


def _drafts(desk: Desk) -> list[IncidentDraft]:
    """Return the unfinished forms that the person at the desk may see, newest first."""
    return [
        draft
        for draft, _ in desk.journal.drafts()
        if is_visit(draft) and not _is_saved(desk, draft) and _may_see_draft(desk, draft)
    ]


def _may_see_draft(desk: Desk, draft: IncidentDraft) -> bool:
    return may_see(desk, {"is_confidential": is_hidden(draft)})


def _is_saved(desk: Desk, draft: IncidentDraft) -> bool:
    """Whether the form made its entry already, and the program stopped before the draft was thrown away."""
    return desk.records.find(CLINIC_VISIT, str(draft.id)) is not None


def _looked_at(desk: Desk, visit: UUID) -> None:
    record(desk, AccessAction.VIEW, CLINIC_VISIT.name, str(visit), tuple(sorted(CLINIC_VISIT.phi_fields)))


def _with_relatives(desk: Desk, rows: Sequence[Row]) -> Iterable[Row]:
    """Return rows and what amends them, or the same as they do: a correction may have moved it to another day."""
    known = {text(row, "id"): row for row in rows}
    asked = known.keys() | {text(row, "amends_id") for row in rows if row["amends_id"] is not None}
    related = desk.records.where(CLINIC_VISIT, "amends_id", sorted(asked)) if asked else ()
    return (known | {text(row, "id"): row for row in related}).values()


def _standing(rows: Iterable[Row]) -> Iterator[Marked]:
    """Yield the entries that nothing amends, and whether another one stands for the same visit (A3)."""
    held = {_id(row): row for row in rows}
    targets = {key: _target(row) for key, row in held.items()}
    left = standing(targets)
    of_one = Counter(targets[one] for one in left)
    for one in left:
        yield held[one], targets[one] is not None and of_one[targets[one]] > 1


def _is_like(row: Row, children: Collection[str], words: str) -> bool:
    complaint = text(row, "complaint").replace("_", " ").casefold()
    return text(row, "student_id") in children or words.strip().casefold() in complaint


def _is_open(row: Row) -> bool:
    return row["left_at"] is None and row["disposition"] is None


def _is_unfinished(draft: IncidentDraft) -> bool:
    facts = facts_of(draft)
    return facts.left_at is None and facts.disposition is None


def _view(desk: Desk, row: Row, student: StudentRow | None, *, twice: bool = False) -> VisitView:
    reason, said, care, fetched_by = view_fields(row)
    return VisitView(
        id=_id(row),
        student=student,
        arrived_at=instant_from_text(text(row, "arrived_at")),
        left_at=instant_or_none(text_or_none(row, "left_at")),
        reason=reason,
        said=said,
        vitals=measured(row),
        care=care,
        fetched_by=fetched_by,
        disposition=text(row, "disposition"),
        is_confidential=bool(row["is_confidential"]),
        author=author_name(people(desk), text(row, "author_user_id")),
        saved_at=instant_from_text(text(row, "recorded_at")),
        confirmed=confirmed(row),
        amend_reason=text_or_none(row, "amend_reason"),
        said_twice=twice,
    )


def _draft_view(desk: Desk, draft: IncidentDraft, student: StudentRow | None) -> VisitView:
    facts = facts_of(draft)
    saved_at = draft.saved_at or desk.clock.now()
    return VisitView(
        id=draft.id,
        student=student,
        arrived_at=facts.arrived_at or saved_at,
        left_at=facts.left_at,
        reason=facts.reason,
        said=facts.said,
        vitals=tuple(facts.vitals.items()),
        disposition="" if facts.disposition is None else facts.disposition.value,
        saved_at=saved_at,
        is_draft=True,
    )


def _id(row: Row) -> UUID:
    return UUID(text(row, "id"))


def _target(row: Row) -> UUID | None:
    return None if row["amends_id"] is None else UUID(text(row, "amends_id"))


def _place(marked: Marked) -> tuple[bool, str]:
    """Who is still here comes first (the order is from the end)."""
    return _is_open(marked[0]), text(marked[0], "arrived_at")
