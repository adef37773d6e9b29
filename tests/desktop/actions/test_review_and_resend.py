"""Records changed, doses corrected, cases answered, refused entries said again: each through the one journal."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from tests.desktop.actions.test_dose_stock import stock, with_bottle
from tests.desktop.actions.test_log_dose import give, row_of
from tests.desktop.clinic import (
    EPOCH,
    NOON,
    NURSE,
    SECOND_NURSE,
    Rows,
    dose_row,
    row,
    uid,
)
from tests.desktop.samples import authored_values

from wc_contract.model.changes import AccessRecorded, CaseAnswered, DoseLogged, Entry, IncidentSigned, RecordChanged
from wc_contract.model.ids import CaseId, DoseId, EntryId, IncidentId, StudentId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import (
    ALLERGY,
    CHRONIC_CONDITION,
    CLINIC_VISIT,
    DOSE,
    EMERGENCY_CONTACT,
    INCIDENT,
    VITAL_SIGN,
)
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import CaseResolution, DoseState, Role
from wc_contract.rules.findings import Code
from wc_contract.wire.codes import Outcome, Refusal
from wc_contract.wire.entries import body_hash
from wc_contract.wire.messages import PushAnswer, Receipt, SignedLease
from wc_desktop.actions.corrections import amend_dose, void_dose
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.incidents import list_incidents, load_draft, save_draft, sign_incident
from wc_desktop.actions.log_dose import plan_dose
from wc_desktop.actions.records import add_record, change_record
from wc_desktop.actions.refused import edit_report, read_entry, send_dose_again
from wc_desktop.actions.review import answer_case, open_cases, view_case
from wc_desktop.actions.students import read_again
from wc_desktop.actions.sync_state import link_status, sync_state
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.case_views import CaseDecision, Hindrance
from wc_desktop.domain.failures import (
    AlreadyAmended,
    AlreadyAnswered,
    FieldsWrong,
    NotAllowed,
    NotFound,
    NotRefused,
    ReasonMissing,
    SendAgainFirst,
)
from wc_desktop.domain.incident_form import draft_fields, signed
from wc_desktop.domain.screens import DoseCorrection, DueStatus, IncidentDraft
from wc_desktop.sync.files import Files

CASE = CaseId(uid("case"))


def newest(desk: Desk) -> Entry:
    entry = desk.journal.entry(desk.journal.newest(1)[0].id)
    assert entry is not None
    return entry


def take(desk: Desk, kind: str, *rows: list[Any]) -> None:
    opened_of(desk).records.take_rows(kind, list(rows), max(int(one[-1]) for one in rows))


def refuse(desk: Desk, entry: EntryId, code: str, *, outcome: Outcome = Outcome.REFUSED) -> None:
    """Let the district answer an entry, as a push brings the answer."""
    journal = opened_of(desk).journal
    number, body = journal._connection.execute(
        "SELECT number, body FROM entries WHERE id = ?", (str(entry),)
    ).fetchone()
    answer = Receipt(
        entry_id=entry,
        number=number,
        hash=body_hash(body),
        outcome=outcome,
        code=code,
        fields=("changes.0.unit",) if code == Refusal.MALFORMED.value else (),
        received_at=NOON,
    )
    files = Files(
        journal=journal,
        replica=partial(getattr, opened_of(desk), "records"),
        keeping=partial(getattr, opened_of(desk), "repairing"),
        lease=NoLease(),
        word=NoWord(),
        clock=desk.clock,
        app_version="1",
    )
    files.take_receipts(PushAnswer(protocol=1, receipts=(answer,), acknowledged=number), EPOCH)


class NoWord:
    """Keeps no word: no test here says hello."""

    def read(self) -> str:
        return ""

    def write(self, word: str) -> None:
        raise AssertionError(word)


class NoLease:
    """Takes no lease: no test here says hello."""

    def take_lease(self, lease: SignedLease, server_time: Instant) -> None:
        raise AssertionError((lease, server_time))


def contact(version: int = 9000, **changed: Any) -> list[Any]:
    values = authored_values("emergency_contact") | {"student_id": str(uid("sofia")), "phone": "555-0117"} | changed
    return row("emergency_contact", version, id=str(uid("contact")), **values)


def test_records_are_added_and_changed_from_what_is_shown(desk: Desk) -> None:
    visit = add_record(desk, CLINIC_VISIT, authored_values("clinic_visit") | {"student_id": str(uid("sofia"))})
    found = desk.records.find(CLINIC_VISIT, str(visit))
    assert found is not None
    assert (found["waiting"], found["author_user_id"]) == (True, str(NURSE))
    sign = authored_values("vital_sign") | {"student_id": str(uid("sofia")), "visit_id": str(visit)}
    brought = newest(desk).id
    add_record(desk, VITAL_SIGN, sign)
    assert newest(desk).depends_on == (brought,), "without the visit it would name nothing"
    with pytest.raises(FieldsWrong) as told:
        add_record(desk, CLINIC_VISIT, {"student_id": "nobody"})
    assert set(told.value.fields) == {"arrived_at", "is_confidential", "student_id"}

    take(desk, "emergency_contact", contact())
    before = desk.journal.newest(1)[0].number
    assert change_record(desk, EMERGENCY_CONTACT, uid("contact"), {"phone": "555-0117"}) is None
    assert desk.journal.newest(1)[0].number == before, "what the record says already is no change"
    first = change_record(desk, EMERGENCY_CONTACT, uid("contact"), {"phone": "555-0199"})
    second = change_record(desk, EMERGENCY_CONTACT, uid("contact"), {"may_pick_up": False})
    assert first is not None
    assert second is not None
    [change] = second.changes
    assert isinstance(change, RecordChanged)
    assert set(change.values) == {"may_pick_up", "custody_note"}, "a group of fields is compared together"
    assert change.base_version == 9000
    assert second.depends_on == (first.id,)
    assert first.depends_on == ()
    shown = desk.records.find(EMERGENCY_CONTACT, str(uid("contact")))
    assert shown is not None
    assert (shown["phone"], shown["may_pick_up"], shown["waiting"]) == ("555-0199", False, True)
    assert [view.phone for view in read_again(desk, StudentId(uid("sofia"))).contacts] == ["555-0199"]

    condition = row("chronic_condition", 9001, id=str(uid("asthma")), **authored_values("chronic_condition"))
    take(desk, "chronic_condition", condition)
    whole = change_record(desk, CHRONIC_CONDITION, uid("asthma"), {"name": "Asthma, mild"})
    assert whole is not None
    [based] = whole.changes
    assert isinstance(based, RecordChanged)
    assert set(based.base) == {one.name for one in CHRONIC_CONDITION.fields}
    assert dict(based.values) == {"name": "Asthma, mild"}
    with pytest.raises(FieldsWrong):
        change_record(desk, ALLERGY, uid("allergy-omar"), {"criticality": "very"})
    with pytest.raises(NotFound):
        change_record(desk, ALLERGY, uid("nobody"), {"criticality": "low"})
    refuse(desk, first.id, Refusal.UNKNOWN_RECORD.value)
    # As it is between the refusal and the next pull, when the entry still lies over the record.
    opened_of(desk).records.lay_over([first])
    with pytest.raises(SendAgainFirst):
        change_record(desk, EMERGENCY_CONTACT, uid("contact"), {"phone": "555-0200"})


def test_a_dose_is_corrected_by_another_entry_and_both_stay_readable(desk: Desk) -> None:
    saved = give(desk, "Sofia")
    dose = saved.row.answers[-1].id
    half = DoseCorrection(
        status=DoseState.PARTIAL,
        administered_at=NOON,
        quantity=Quantity(amount=Decimal("2.5"), unit="mg"),
        reason="Spat half of it out",
        why="The amount was wrong",
    )
    with pytest.raises(ReasonMissing):
        amend_dose(desk, dose, replace(half, why=" "))
    entry = amend_dose(desk, dose, half)
    assert entry.depends_on == (saved.row.answers[-1].entry_id,)
    chart = read_again(desk, StudentId(uid("sofia"))).doses
    assert {(view.status, view.is_replaced, view.amend_reason) for view in chart} == {
        (DoseState.ADMINISTERED, True, None),
        (DoseState.PARTIAL, False, "The amount was wrong"),
    }
    row_now = row_of(desk, "Sofia")
    assert row_now.status is DueStatus.DONE
    assert row_now.answers[-1].status is DoseState.PARTIAL
    with pytest.raises(AlreadyAmended):
        void_dose(desk, dose, "again")
    amended = next(view.id for view in chart if view.status is DoseState.PARTIAL)
    desk.clock.forward(timedelta(minutes=40))  # type: ignore[attr-defined]
    void = void_dose(desk, amended, "It was another child")
    [change] = void.changes
    assert isinstance(change, DoseLogged)
    assert {override.code for override in change.overrides} == {Code.LATE_ENTRY.value}
    assert row_of(desk, "Sofia").status is not DueStatus.DONE, "the slot is open again"
    assert [found["status"] for found in desk.records.where(DOSE, "slot_id", [row_now.key])].count("ADMINISTERED") == 1
    assert row_of(desk, "Sofia").last_given is None


def test_a_dose_whose_void_was_refused_stands_again(desk: Desk) -> None:
    void = void_dose(desk, give(desk, "Sofia").row.answers[-1].id, "It was another child")
    assert row_of(desk, "Sofia").status is not DueStatus.DONE
    refuse(desk, void.id, Refusal.NOT_ENTITLED.value)
    assert row_of(desk, "Sofia").status is DueStatus.DONE, "else it would be given twice"


def doubled(desk: Desk, *, own: bool) -> tuple[DoseId, DoseId]:
    """A slot with two doses of the district's, one by another nurse and one by this or a third one, and its case."""
    key = row_of(desk, "Sofia").key
    slot = {"slot": key, "slot_date": "2026-11-23", "slot_time": "11:45"}
    first = dose_row({}, "one", order="sofia-mph", student="sofia", at=NOON, **slot)
    other = str(NURSE) if own else str(uid("a third nurse"))
    second = dose_row({}, "two", order="sofia-mph", student="sofia", at=NOON, **slot, author_user_id=other)
    take(desk, "dose", first, second)
    case = row(
        "review_case",
        9100,
        id=str(CASE),
        kind="possible_double_dose",
        student_id=str(uid("sofia")),
        slot_id=key,
        medication_id=str(uid("methylphenidate")),
        subject_ids=json.dumps([str(uid("one")), str(uid("two"))]),
        opened_at="2026-11-23T17:55:00+00:00",
        status="OPEN",
    )
    take(desk, "review_case", case)
    return DoseId(uid("one")), DoseId(uid("two"))


def decide(answer: CaseResolution, **more: Any) -> CaseDecision:
    return CaseDecision(case_id=CASE, resolution=answer, note="Counted the tablets", **more)


def test_what_was_written_twice_is_given_back_to_the_shelf(open_desk: Callable[[Rows | None], Desk]) -> None:
    desk = open_desk(with_bottle())
    first, second = doubled(desk, own=False)
    for dose in (first, second):
        line = {"container_id": str(uid("bottle")), "event": "GIVEN", "quantity": "-5", "log_id": str(dose)}
        line |= {"id": str(uid(f"line {dose}")), "occurred_at": "2026-11-23T17:50:00+00:00", "actor_id": str(NURSE)}
        take(desk, "ledger_entry", row("ledger_entry", 9_200, **line))
    assert stock(desk).balance == 90
    answer_case(desk, decide(CaseResolution.DUPLICATE_RECORD, keep=second))
    assert stock(desk).balance == 95


def test_who_wrote_one_of_the_doses_is_told_and_cannot_answer(desk: Desk) -> None:
    doubled(desk, own=True)
    [case] = open_cases(desk)
    assert case.hindrance is Hindrance.AUTHOR
    with pytest.raises(NotAllowed) as told:
        answer_case(desk, decide(CaseResolution.BOTH_GIVEN))
    assert told.value.codes == (Code.NOT_ENTITLED.value,)
    desk.person = replace(desk.person, id=SECOND_NURSE)
    assert open_cases(desk)[0].hindrance is Hindrance.AUTHOR
    desk.person = replace(desk.person, id=uid("an aide"), role=Role.UNLICENSED)  # type: ignore[arg-type]
    assert open_cases(desk)[0].hindrance is Hindrance.ROLE
    assert row_of(desk, "Sofia").status is DueStatus.DOUBLE


def test_an_answer_lifts_the_block_at_once_and_voids_what_was_written_twice(desk: Desk) -> None:
    first, second = doubled(desk, own=False)
    view_case(desk, CASE)
    looked = newest(desk).changes[0]
    assert isinstance(looked, AccessRecorded)
    assert (looked.entity_type, looked.entity_id) == ("review_case", str(CASE))
    sofia = row_of(desk, "Sofia")
    assert sofia.status is DueStatus.DOUBLE
    blocked = {finding.code for finding in plan_dose(desk, sofia.key, DoseState.ADMINISTERED, NOON).findings}
    assert Code.DOUBLE_DOSE_UNRESOLVED in blocked
    with pytest.raises(NotFound):
        answer_case(desk, decide(CaseResolution.DUPLICATE_RECORD))
    with pytest.raises(NotAllowed):
        answer_case(desk, decide(CaseResolution.TOOK_OTHER))

    answered = answer_case(desk, decide(CaseResolution.DUPLICATE_RECORD, keep=second))
    entry = newest(desk)
    answer, void = entry.changes
    assert isinstance(answer, CaseAnswered)
    assert answer.subject_ids == (first, second)
    assert isinstance(void, DoseLogged)
    assert (void.amends_id, void.status, void.amend_reason) == (
        first,
        DoseState.ENTERED_IN_ERROR,
        "Counted the tablets",
    )
    assert answered.status == "RESOLVED"
    assert open_cases(desk) == ()
    assert link_status(desk).open_cases == 0
    after = row_of(desk, "Sofia")
    assert after.status is DueStatus.DONE
    assert [view.id for view in after.answers if view.stands] == [second]
    later = plan_dose(desk, after.key, DoseState.ADMINISTERED, NOON).findings
    assert Code.DOUBLE_DOSE_UNRESOLVED not in {finding.code for finding in later}
    with pytest.raises(AlreadyAnswered):
        answer_case(desk, decide(CaseResolution.BOTH_GIVEN))

    refuse(desk, entry.id, Refusal.NOT_ENTITLED.value)
    assert row_of(desk, "Sofia").status is DueStatus.DOUBLE, "a refused answer blocks the drug again"
    assert [view.is_replaced for view in open_cases(desk)[0].doses] == [False, False]


def in_conflict(desk: Desk) -> None:
    """A contact whose phone two nurses wrote: one number stands, the other is a side of the case."""
    take(desk, "emergency_contact", contact(phone="555-0117"))
    case = row(
        "review_case",
        9100,
        id=str(CASE),
        kind="field_conflict",
        student_id=str(uid("sofia")),
        subject_ids=json.dumps([str(uid("contact"))]),
        opened_at="2026-11-23T17:55:00+00:00",
        status="OPEN",
    )
    take(desk, "review_case", case)
    for number, (phone, stands) in enumerate((("555-0117", 1), ("555-0199", 0))):
        side = row(
            "case_side",
            9200 + number,
            id=str(uid(f"side {number}")),
            case_id=str(CASE),
            record_kind="emergency_contact",
            record_id=str(uid("contact")),
            values=json.dumps({"phone": phone}),
            stands=stands,
            author_user_id=str(NURSE),
            authored_at="2026-11-23T17:50:00+00:00",
        )
        take(desk, "case_side", side)


def test_taking_the_other_version_writes_what_it_says(desk: Desk) -> None:
    in_conflict(desk)
    [shown] = open_cases(desk)
    assert {(side.stands, side.values["phone"], side.author) for side in shown.sides} == {
        (True, "555-0117", "Ana Reyes"),
        (False, "555-0199", "Ana Reyes"),
    }
    assert shown.hindrance is None
    assert set(shown.answers) == {CaseResolution.KEPT_STANDING, CaseResolution.TOOK_OTHER}
    answer_case(desk, decide(CaseResolution.TOOK_OTHER))
    _, change = newest(desk).changes
    assert isinstance(change, RecordChanged)
    assert dict(change.values) == {"phone": "555-0199"}
    assert dict(change.base) == {"phone": "555-0117"}
    found = desk.records.find(EMERGENCY_CONTACT, str(uid("contact")))
    assert found is not None
    assert found["phone"] == "555-0199"


def test_the_other_version_that_the_record_has_by_now_is_kept_standing(desk: Desk) -> None:
    in_conflict(desk)
    take(desk, "emergency_contact", contact(9300, phone="555-0199"))
    answer_case(desk, decide(CaseResolution.TOOK_OTHER))
    [answer] = newest(desk).changes
    assert isinstance(answer, CaseAnswered)
    assert answer.resolution is CaseResolution.KEPT_STANDING, "nothing is written, so nothing was taken"


def test_a_refused_dose_is_read_mended_and_said_again_once(desk: Desk) -> None:
    saved = give(desk, "Sofia")
    refused = saved.row.answers[-1].entry_id
    refuse(desk, refused, Refusal.MALFORMED.value)
    assert link_status(desk).refused == 1
    shown = next(one for one in sync_state(desk).journal if one.id == refused)
    assert (shown.student and shown.student.first_name, shown.fields) == ("Sofia", ("changes.0.unit",))
    text = read_entry(desk, refused)
    assert text.parts[0][0] == "dose.log"
    assert text.parts[0][1]["dose_given"] == "5"
    assert newest(desk).changes[0].entity_type == "entry"  # type: ignore[union-attr]
    assert text.dose is not None
    assert text.dose.unit == "mg"

    desk.clock.forward(timedelta(minutes=30))  # type: ignore[attr-defined]
    with pytest.raises(ReasonMissing):
        send_dose_again(desk, refused, text.dose.correction)
    mended = replace(
        text.dose.correction, quantity=Quantity(amount=Decimal(5), unit=""), why="Sent again after a refusal"
    )
    again = send_dose_again(desk, refused, mended)
    assert again.replaces == refused
    [change] = again.changes
    assert isinstance(change, DoseLogged)
    assert change.id == saved.row.answers[-1].id
    assert change.unit == "mg", "the order's, where the sheet has none"
    assert link_status(desk).refused == 0
    assert len(row_of(desk, "Sofia").answers) == 1, "the fact stands once"
    old = next(one for one in sync_state(desk).journal if one.id == refused)
    assert old.is_replaced
    assert read_entry(desk, refused).dose is None, "it stays readable, and is not said a third time"
    with pytest.raises(NotRefused):
        send_dose_again(desk, refused, mended)
    # Its number was taken: then the record gets another id.
    refuse(desk, again.id, Refusal.ALREADY_THERE.value)
    third = send_dose_again(desk, again.id, mended)
    assert isinstance(third.changes[0], DoseLogged)
    assert third.changes[0].id != change.id
    assert opened_of(desk).journal.trim(epoch=EPOCH, at=NOON + timedelta(days=400)) == 0, "refused ones never go"


def report_draft() -> IncidentDraft:
    return IncidentDraft(
        id=IncidentId(uid("report")),
        student_id=StudentId(uid("lee")),
        fields={
            "type": "INJURY",
            "severity": "LOW",
            "occurred_at": "2026-11-23T17:40:00+00:00",
            "location": "Playground",
            "activity": "Running",
            "narrative": "Fell.",
            "body_regions": ("KNEE_LEFT",),
            "injury_kind": "ABRASION",
            "witnesses": ("Pat Lowe\taide",),
            "care_given": "Cleaned.",
            "disposition": "RETURNED_TO_CLASS",
            "notifications": ("Ana\tPhone\t2026-11-23T17:45:00+00:00\treached",),
            "med_error_type": "",
            "ncc_merp": "",
            "follow_up_due": "2026-11-30",
        },
    )


def test_a_refused_report_goes_back_into_the_form_and_signing_says_it_again(desk: Desk) -> None:
    draft = report_draft()
    assert draft_fields(signed(draft, NOON)) == draft.fields
    sign_incident(desk, draft)
    refused = newest(desk).id
    refuse(desk, refused, Refusal.UNKNOWN_STUDENT.value)
    assert len(list_incidents(desk)) == 1, "the report stays in view"
    assert edit_report(desk, refused) == draft.id
    assert edit_report(desk, refused) == draft.id, "a draft that was begun is left as it is"
    [row_shown] = list_incidents(desk)
    assert row_shown.status == "DRAFT"
    begun = load_draft(desk, draft.id)
    save_draft(desk, replace(begun, fields={**begun.fields, "location": "Gym"}))
    sign_incident(desk, load_draft(desk, draft.id))
    entry = newest(desk)
    assert entry.replaces == refused
    [change] = entry.changes
    assert isinstance(change, IncidentSigned)
    assert (change.id, change.location) == (draft.id, "Gym")
    [row_shown] = list_incidents(desk)
    assert (row_shown.status, row_shown.location) == ("SIGNED", "Gym")
    assert desk.records.find(INCIDENT, str(draft.id)) is not None
    assert link_status(desk).refused == 0


def test_an_entry_that_waits_stays_in_view_and_says_why(desk: Desk) -> None:
    visit = add_record(desk, CLINIC_VISIT, authored_values("clinic_visit") | {"student_id": str(uid("sofia"))})
    entry = newest(desk).id
    records = opened_of(desk).records
    refuse(desk, entry, "depends", outcome=Outcome.WAITING)
    records.lay_anew(opened_of(desk).journal.standing(10_000, records.epoch))
    assert desk.records.find(CLINIC_VISIT, str(visit)) is not None
    text = read_entry(desk, entry)
    assert (text.row.outcome, text.row.code, text.dose) == ("waiting", "depends", None)
    assert text.parts[0][0] == "record.add:clinic_visit"
    assert link_status(desk).refused == 0
    assert isinstance(UUID(str(entry)), UUID)
