"""Review cases: what each is about, who may answer it, and the answer. Opening one is on record (law 6)."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.authoring import ADDABLE, authored_fields
from wc_contract.model.changes import AccessRecorded, CaseAnswered, Change, RecordAdded, RecordChanged
from wc_contract.model.ids import CaseId, EntryId, StudentId, UserId, new_uuid
from wc_contract.model.instants import Instant, instant_from_text, whole_millis
from wc_contract.model.kinds import (
    BY_NAME,
    CAPTURE,
    CASE_SIDE,
    DOSE,
    INCIDENT,
    INVENTORY_ITEM,
    INVENTORY_TRANSACTION,
    LEDGER_ENTRY,
    MEDICATION_CONTAINER,
    REVIEW_CASE,
)
from wc_contract.model.values import AccessAction, CaseResolution, CaseStatus
from wc_contract.rules.answering import check_answer, resolutions_of
from wc_contract.rules.findings import Code
from wc_contract.rules.rows import instant_or_none, json_of, texts
from wc_desktop.actions.corrections import voiding
from wc_desktop.actions.counting import counted, shelf_of
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.documents import may_see
from wc_desktop.actions.dose_stock import moved_with
from wc_desktop.actions.reading import medications, people, students_by_id
from wc_desktop.actions.records import builds_on, changed, found
from wc_desktop.domain.case_views import CaseDecision, CaseRow, Hindrance, ShelfRow, SideRow, SubjectRow
from wc_desktop.domain.failures import AlreadyAnswered, FieldsWrong, NotAllowed, NotFound
from wc_desktop.domain.screens import DoseView
from wc_desktop.domain.views import author_name, dose_view, text, text_or_none, with_replaced
from wc_desktop.ports import Row

# Where the record says by now what the answer would write, that stands.
_WITH_NOTHING_DONE = {
    CaseResolution.TOOK_OTHER: CaseResolution.KEPT_STANDING,
    CaseResolution.COUNTED: CaseResolution.REVIEWED,
}
# Of a shelf and its movements more is said than what their records say.
_SAID_OTHERWISE = frozenset({DOSE.name, INVENTORY_ITEM.name, INVENTORY_TRANSACTION.name, MEDICATION_CONTAINER.name})
_MAY_BE_SUBJECT = tuple(
    BY_NAME[name] for name in sorted({INCIDENT.name, *ADDABLE} - _SAID_OTHERWISE - {LEDGER_ENTRY.name})
)
_FIELDS = tuple(sorted({*REVIEW_CASE.phi_fields, *CASE_SIDE.phi_fields, *DOSE.phi_fields}))


def open_cases(desk: Desk) -> tuple[CaseRow, ...]:
    """Return the open cases with the doses and sides they are about, newest first."""
    cases = desk.records.where(REVIEW_CASE, "status", [CaseStatus.OPEN.value])
    return tuple(sorted(_rows(desk, cases), key=_opened, reverse=True))


def view_case(desk: Desk, case_id: CaseId) -> CaseRow:
    """Return one case, and write that it was looked at. Raises NotFound."""
    row = found(desk, REVIEW_CASE, case_id)
    (case,) = _rows(desk, (row,))
    others = {name for other in case.others for name in BY_NAME[other.record_kind].phi_fields}
    at = whole_millis(desk.clock.now())
    viewed = AccessRecorded(
        action=AccessAction.VIEW,
        entity_type=REVIEW_CASE.name,
        entity_id=str(case_id),
        at=at,
        fields=tuple(sorted({*_FIELDS, *others})),
    )
    desk.author((viewed,), at)
    return case


def answer_case(desk: Desk, decision: CaseDecision) -> CaseRow:
    """Write a person's answer, with what it changes, as one entry; return the case as it stands then.

    DUPLICATE_RECORD voids every entry but the one to keep; TOOK_OTHER writes what the other side says, and comes to
    KEPT_STANDING where the record says so already; COUNTED writes the count, and comes to REVIEWED where it was right;
    REVIEWED names the child of what was written down without a lease, where the decision does.
    Raises NotFound, AlreadyAnswered, NotAllowed (naming findings), SendAgainFirst, what counting raises, DiskFull,
    DiskFailed; then nothing was written.
    """
    row = found(desk, REVIEW_CASE, decision.case_id)
    if row["status"] != CaseStatus.OPEN.value:
        raise AlreadyAnswered(str(decision.case_id))
    subjects = _subjects(row)
    doses = desk.records.where(DOSE, "id", subjects)
    notices = check_answer(
        text(row, "kind"), decision.resolution, role=desk.person.role, person=desk.user, authors=_authors(doses)
    )
    stops = tuple(dict.fromkeys(notice.code.value for notice in notices))
    if stops:
        raise NotAllowed(stops)
    at = whole_millis(desk.clock.now())
    consequences, depends_on = _consequences(desk, decision, doses, at)
    said = decision.resolution
    answered = CaseAnswered(
        case_id=decision.case_id,
        resolution=said if consequences else _WITH_NOTHING_DONE.get(said, said),
        subject_ids=tuple(UUID(subject) for subject in subjects),
        note=decision.note.strip(),
    )
    desk.author((answered, *consequences), at, depends_on=depends_on)
    return _rows(desk, (found(desk, REVIEW_CASE, decision.case_id),))[0]


def _consequences(
    desk: Desk, decision: CaseDecision, doses: Sequence[Row], at: Instant
) -> tuple[tuple[Change, ...], tuple[EntryId, ...]]:
    match decision.resolution:
        case CaseResolution.DUPLICATE_RECORD:
            if str(decision.keep) not in {str(dose["id"]) for dose in doses}:
                raise NotFound(str(decision.keep))
            gone = [dose for dose in _standing(desk, doses) if dose["id"] != str(decision.keep)]
            why = decision.note.strip() or "Written down twice"
            voids = [voiding(desk, dose, why, at) for dose in gone]
            # What was written twice was taken from the shelf once.
            changes: tuple[Change, ...] = tuple(
                chain.from_iterable((void, *moved_with(desk, void, at)) for void in voids)
            )
            return changes, _all_built_on(desk, ((DOSE.name, str(dose["id"])) for dose in gone))
        case CaseResolution.TOOK_OTHER:
            taken = _taken(desk, decision.case_id)
            return taken, _all_built_on(desk, ((change.kind, str(change.id)) for change in taken))
        case CaseResolution.COUNTED:
            shelf = shelf_of(desk, _subjects(found(desk, REVIEW_CASE, decision.case_id)))
            if shelf is None:
                raise NotFound(str(decision.case_id))
            if decision.count is None:
                raise FieldsWrong(("quantity",))
            return counted(desk, shelf, decision.count, decision.note.strip(), at), ()
        case CaseResolution.REVIEWED if decision.child is not None:
            unnamed = _unnamed(desk, _subjects(found(desk, REVIEW_CASE, decision.case_id)))
            named = tuple(_naming(desk, row, decision.child, decision.note.strip(), at) for row in unnamed)
            return named, _all_built_on(desk, ((CAPTURE.name, text(row, "id")) for row in unnamed))
        case _:
            return (), ()


def _unnamed(desk: Desk, subjects: Iterable[str]) -> list[Row]:
    """Return what was written down without a lease and has no child yet, nor an entry that names one."""
    rows = (desk.records.find(CAPTURE, subject) for subject in subjects)
    of_nobody = [row for row in rows if row is not None and row["student_id"] is None]
    amending = desk.records.where(CAPTURE, "amends_id", [text(row, "id") for row in of_nobody])
    named = {row["amends_id"] for row in amending}
    return [row for row in of_nobody if row["id"] not in named]


def _naming(desk: Desk, row: Row, child: StudentId, why: str, at: Instant) -> RecordAdded:
    said = {name: row[name] for name in authored_fields(CAPTURE.name)}
    named = {"student_id": str(child), "amends_id": row["id"], "amend_reason": why or "Identified"}
    return RecordAdded(kind=CAPTURE.name, id=new_uuid(at, desk.chance), values={**said, **named})


def _all_built_on(desk: Desk, records: Iterable[tuple[str, str]]) -> tuple[EntryId, ...]:
    entries = (entry for kind, key in records for entry in builds_on(desk, BY_NAME[kind], UUID(key)))
    return tuple(dict.fromkeys(entries))


def _standing(desk: Desk, doses: Sequence[Row]) -> list[Row]:
    """Return the doses that no other entry stands for."""
    amended = {row["amends_id"] for row in desk.records.where(DOSE, "amends_id", [str(dose["id"]) for dose in doses])}
    return [dose for dose in doses if dose["id"] not in amended and dose["status"] != "ENTERED_IN_ERROR"]


def _taken(desk: Desk, case_id: CaseId) -> tuple[RecordChanged, ...]:
    """Return the changes that make each record say what the other side says; the newest, where there are several."""
    sides = [side for side in _sides(desk, [str(case_id)])[str(case_id)] if not side.stands]
    made: list[RecordChanged] = []
    for (kind, key), others in groupby(sorted(sides, key=_side_place), key=_record):
        values: dict[str, WireValue] = {}
        for side in others:
            values |= side.values
        change = changed(found(desk, BY_NAME[kind], key), BY_NAME[kind], values)
        if change is not None:
            made.append(change)
    return tuple(made)


def _record(side: SideRow) -> tuple[str, UUID]:
    return side.record_kind, side.record_id


def _side_place(side: SideRow) -> tuple[str, UUID, str]:
    return side.record_kind, side.record_id, "" if side.authored_at is None else side.authored_at.isoformat()


# Reading.


def _rows(desk: Desk, cases: Sequence[Row]) -> tuple[CaseRow, ...]:
    children = students_by_id(desk, sorted({text(case, "student_id") for case in cases if case["student_id"]}))
    subjects = {text(case, "id"): _subjects(case) for case in cases}
    doses, authors = _doses(desk, sorted({subject for ids in subjects.values() for subject in ids}))
    sides = _sides(desk, [text(case, "id") for case in cases])
    catalogue = medications(desk)
    made: list[CaseRow] = []
    for case in cases:
        about = subjects[text(case, "id")]
        shelf = shelf_of(desk, about) if case["kind"] == Code.STOCK_NEGATIVE.value else None
        made.append(
            CaseRow(
                id=CaseId(UUID(text(case, "id"))),
                kind=text(case, "kind"),
                student=children.get(text(case, "student_id")),
                medication_name=_name(catalogue.get(text(case, "medication_id"))),
                opened_at=instant_from_text(text(case, "opened_at")),
                status=text(case, "status"),
                doses=tuple(doses[subject] for subject in about if subject in doses),
                sides=sides[text(case, "id")],
                subject_ids=tuple(UUID(subject) for subject in about),
                shelf=shelf,
                others=_others(desk, about, sides[text(case, "id")], of_nobody=not case["student_id"]),
                asks_child=bool(_unnamed(desk, about)),
                answers=tuple(one for one in resolutions_of(text(case, "kind")) if _can_be_given(one, shelf)),
                hindrance=_hindrance(desk, text(case, "kind"), {authors[one] for one in about if one in authors}),
            )
        )
    return tuple(made)


def _can_be_given(answer: CaseResolution, shelf: ShelfRow | None) -> bool:
    """Whether an answer can be given at this desk: who must count with a second person needs one who can sign in."""
    if answer is not CaseResolution.COUNTED:
        return True
    return shelf is not None and (bool(shelf.witnesses) or not shelf.needs_two)


def _others(
    desk: Desk, subjects: Iterable[str], sides: Sequence[SideRow], *, of_nobody: bool
) -> tuple[SubjectRow, ...]:
    """Return the records that a case is about and that are shown in no other way."""
    shown = {str(side.record_id) for side in sides}
    staff = people(desk)
    made: list[SubjectRow] = []
    for subject in subjects:
        if subject in shown or desk.records.find(DOSE, subject) is not None:
            continue
        for kind in _MAY_BE_SUBJECT:
            row = desk.records.find(kind, subject)
            if row is not None and may_see(desk, row):
                child = str(row.get("student_id") or "") if of_nobody else ""
                made.append(
                    SubjectRow(
                        child=students_by_id(desk, [child]).get(child) if child else None,
                        record_kind=kind.name,
                        values={one.name: row[one.name] for one in kind.fields},
                        author=author_name(staff, str(row.get("author_user_id") or "")),
                        at=instant_or_none(str(row.get("recorded_at") or "") or None),
                    )
                )
                break
    return tuple(made)


def _hindrance(desk: Desk, kind: str, authors: set[UserId]) -> Hindrance | None:
    """Say why the person at the desk may not answer; the same check as before saving decides."""
    answer = resolutions_of(kind)[0]
    role, person = desk.person.role, desk.user
    if not any(
        notice.code is Code.NOT_ENTITLED
        for notice in check_answer(kind, answer, role=role, person=person, authors=authors)
    ):
        return None
    as_a_stranger = check_answer(kind, answer, role=role, person=person, authors=())
    return Hindrance.ROLE if any(n.code is Code.NOT_ENTITLED for n in as_a_stranger) else Hindrance.AUTHOR


def _subjects(case: Row) -> tuple[str, ...]:
    return texts(json_of(text(case, "subject_ids")))


def _authors(doses: Sequence[Row]) -> set[UserId]:
    return {UserId(UUID(text(dose, "author_user_id"))) for dose in doses}


def _doses(desk: Desk, ids: list[str]) -> tuple[Mapping[str, DoseView], Mapping[str, UserId]]:
    """Return the doses by id, those marked that another entry stands for, and who wrote them."""
    staff, catalogue = people(desk), medications(desk)
    rows = desk.records.where(DOSE, "id", ids)
    amending = desk.records.where(DOSE, "amends_id", ids)
    views = with_replaced(
        dose_view(
            row, people=staff, device=desk.device_id, medication=_name(catalogue.get(text(row, "medication_id"))) or ""
        )
        for row in {str(row["id"]): row for row in (*rows, *amending)}.values()
    )
    authors = {text(row, "id"): UserId(UUID(text(row, "author_user_id"))) for row in rows}
    return {str(view.id): view for view in views}, authors


def _sides(desk: Desk, cases: Sequence[str]) -> Mapping[str, tuple[SideRow, ...]]:
    staff = people(desk)
    made: dict[str, list[SideRow]] = {case: [] for case in cases}
    for row in desk.records.where(CASE_SIDE, "case_id", cases):
        values = json_of(text(row, "values"))
        side = SideRow(
            record_kind=text(row, "record_kind"),
            record_id=UUID(text(row, "record_id")),
            values=values if isinstance(values, dict) else {},
            stands=bool(row["stands"]),
            author=author_name(staff, text(row, "author_user_id")),
            authored_at=instant_or_none(text_or_none(row, "authored_at")),
        )
        if side.record_kind in BY_NAME:
            made[text(row, "case_id")].append(side)
    return {case: tuple(sorted(sides, key=_side_place)) for case, sides in made.items()}


def _name(medication: Row | None) -> str | None:
    return None if medication is None else text(medication, "name")


def _opened(case: CaseRow) -> str:
    return case.opened_at.isoformat()
