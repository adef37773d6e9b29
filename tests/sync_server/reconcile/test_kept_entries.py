"""Entries that wait, entries said again, and facts that stand whatever else their entry says."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests import factories as make
from tests.recording import Recorder
from tests.sync_server.house import House
from tests.sync_server.in_house import Office
from tests.sync_server.reconcile.record_world import World, change_of, pulled

from wc_contract.model.changes import CaseAnswered, Entry
from wc_contract.model.ids import CaseId, EntryId, entry_case_id
from wc_contract.model.values import CaseResolution, DoseState
from wc_contract.wire.codes import Outcome, ProblemCode
from wc_contract.wire.entries import entry_to_body
from wc_contract.wire.messages import Receipt, SealedEntry
from wc_sync_server.domain.problems import ProblemRaised

pytestmark = pytest.mark.postgres


def unknown(world: World, office: Office, **more: Any) -> Entry:
    """Return an entry that is refused: it changes a record that nobody has."""
    seen = {**make.row("allergy"), "row_version": 1}
    nobody = str(world.added("allergy").id)
    return office.entry(change_of(("allergy", nobody), seen, {"reaction": "Hives"}), **more)


def kept(office: Office, *columns: str) -> list[tuple[Any, ...]]:
    asked = ", ".join(columns or ("entry_id",))
    return office.house.asked(
        f"SELECT {asked} FROM refused_entries WHERE device_id = %s ORDER BY number", office.device
    )


def outcome(receipts: tuple[Receipt, ...]) -> list[tuple[str, str | None]]:
    return [(receipt.outcome.value, receipt.code) for receipt in receipts]


def test_what_depends_on_a_refused_entry_waits_until_that_one_is_said_again(world: World, office: Office) -> None:
    refused = unknown(world, office)
    waiting = office.entry(world.added("allergy"), depends_on=(refused.id,))
    assert outcome(office.push(refused, waiting)) == [("refused", "unknown_record"), ("waiting", "depends")]
    assert outcome(office.push(waiting)) == [("waiting", "depends")]
    assert kept(office, "code", "answered_at") == [("unknown_record", None), ("depends", None)]

    mended = office.entry(world.added("allergy"), replaces=refused.id)
    assert outcome(office.push(mended)) == [("applied", None)]
    ann = office.house.nurses["ann"].id
    assert kept(office, "answered_by", "answered_entry_id")[0] == (ann, mended.id)

    assert outcome(office.push(waiting, mended)) == [("applied", None), ("applied", None)]
    assert outcome(office.push(waiting)) == [("applied", None)], "its answer is the new one from now on"
    assert kept(office, "answered_entry_id") == [(mended.id,), (waiting.id,)]
    assert office.push(office.entry(make.access_recorded()))[0].outcome is Outcome.APPLIED, "no number was taken twice"


def test_a_person_sets_a_refused_entry_aside_by_an_entry_that_writes_nothing(world: World, office: Office) -> None:
    refused = unknown(world, office)
    aside = office.entry(make.access_recorded(entity_type="entry"), replaces=refused.id)
    assert outcome(office.push(refused)) == [("refused", "unknown_record")]
    assert outcome(office.push(aside)) == [("applied", None)]
    assert kept(office, "answered_by", "answered_entry_id") == [(office.house.nurses["ann"].id, aside.id)]


def test_a_refused_entry_that_comes_with_its_answer_waits_for_nobody(world: World, office: Office) -> None:
    refused, other = unknown(world, office), unknown(world, office)
    mended = office.entry(world.added("allergy"), replaces=refused.id)
    aside = office.entry(make.access_recorded(entity_type="entry"), replaces=other.id)
    assert outcome(office.push(refused, other, mended, aside))[2:] == [("applied", None)] * 2
    assert kept(office, "answered_entry_id") == [(mended.id,), (aside.id,)]


def test_all_that_a_forked_workstation_sends_is_kept_before_it_is_told(
    house: House, world: World, office: Office
) -> None:
    ned = house.pupils["ned"]
    dose = make.dose_logged(student_id=ned.id, order_id=ned.order)
    answer = CaseAnswered(case_id=CaseId(dose.id), resolution=CaseResolution.REVIEWED, subject_ids=(dose.id,))
    # What answers a case is looked at in a transaction of its own, and so is what stands before it.
    sent = [office.entry(world.added("allergy")), office.entry(answer), office.entry(dose), office.entry(answer)]
    house.done("UPDATE devices SET directive = 'forked' WHERE id = %s", office.device)
    with pytest.raises(ProblemRaised) as told:
        office.push(*sent)
    assert told.value.problem is ProblemCode.FORKED
    assert kept(office, "entry_id", "code") == [(entry.id, "forked") for entry in sent]


def test_what_waited_and_was_said_by_another_meanwhile_is_answered(world: World, office: Office) -> None:
    refused, allergy = unknown(world, office), world.added("allergy")
    waiting = office.entry(allergy, depends_on=(refused.id,))
    office.push(refused, waiting)
    assert outcome(office.push(office.entry(allergy))) == [("applied", None)]
    assert outcome(office.push(waiting)) == [("duplicate", None)]
    assert kept(office, "entry_id", "answered_entry_id") == [(refused.id, None), (waiting.id, waiting.id)]


def test_what_was_said_again_counts_where_all_of_it_comes_to_a_server_that_went_back(
    world: World, office: Office
) -> None:
    # Refused once by a server that did not know the order yet. One that was put back takes both for the first time.
    ned = office.house.pupils["ned"]
    said = make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)
    first = office.entry(said)
    other = office.entry(world.added("allergy"))
    mended = replace(said, status=DoseState.REFUSED, dose_given=None, unit=None, reason="would not")
    again = office.entry(mended, replaces=first.id)
    aside = office.entry(make.access_recorded(entity_type="entry"), replaces=other.id)
    told = [("refused", "said_again"), ("refused", "said_again"), ("applied", None), ("applied", None)]
    assert outcome(office.push(first, other, again, aside)) == told
    assert outcome(office.push(first, other, again, aside)) == told
    rows = office.house.asked("SELECT status, reason FROM medication_logs WHERE id = %s", said.id)
    assert rows == [("REFUSED", "would not")]
    assert kept(office, "code", "answered_entry_id") == [("said_again", again.id), ("said_again", aside.id)]


def test_a_dose_that_is_said_otherwise_under_an_id_that_is_taken_is_never_answered_as_the_same(office: Office) -> None:
    ned = office.house.pupils["ned"]
    said = make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)
    first = office.entry(said)
    office.push(first)
    same = office.entry(said, replaces=first.id)
    assert outcome(office.push(same)) == [("duplicate", None)]
    other = office.entry(replace(said, reason="half of it was spat out"), replaces=first.id)
    assert outcome(office.push(other)) == [("refused", "already_there")]
    assert kept(office, "code", "answered_at") == [("already_there", None)]


def test_what_depends_on_an_entry_of_the_same_batch_is_taken_with_it(world: World, office: Office) -> None:
    first = office.entry(world.added("clinic_visit"))
    second = office.entry(world.added("allergy"), depends_on=(first.id,))
    assert outcome(office.push(first, second)) == [("applied", None)] * 2
    third = office.entry(world.added("allergy"), depends_on=(first.id, second.id))
    assert outcome(office.push(third)) == [("applied", None)]


def test_a_dose_waits_for_nothing(world: World, office: Office) -> None:
    ned = office.house.pupils["ned"]
    refused = unknown(world, office)
    dose = make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)
    assert outcome(office.push(refused, office.entry(dose, depends_on=(refused.id,))))[1] == ("applied", None)


def test_an_entry_of_a_newer_program_waits_in_its_place(world: World, office: Office) -> None:
    later = json.loads(entry_to_body(office.entry(world.added("allergy")))) | {"schema": 99, "news": True}
    body = json.dumps(later, sort_keys=True, separators=(",", ":"))
    after = office.entry(world.added("allergy"))
    sealed = [SealedEntry(body=text, signature="A" * 88) for text in (body, entry_to_body(after))]
    assert outcome(office.push_sealed(sealed)) == [("waiting", "later_schema"), ("applied", None)]
    assert outcome(office.push_sealed(sealed)) == [("waiting", "later_schema"), ("applied", None)]
    assert kept(office, "code", "number") == [("later_schema", later["number"])]
    held = office.house.one("SELECT body FROM refused_entries WHERE device_id = %s", office.device)
    assert held == body


def test_a_dose_stands_without_what_else_its_entry_says(world: World, office: Office) -> None:
    ned = office.house.pupils["ned"]
    dose = make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)
    no_case = CaseAnswered(case_id=CaseId(make.named("nowhere")), resolution=CaseResolution.REVIEWED, subject_ids=())
    stray = world.added("vital_sign", visit_id=str(make.named("no visit")))
    entry = office.entry(stray, dose, no_case)
    (receipt,) = office.push(entry)
    case = entry_case_id(entry.id, "left_out")
    assert (receipt.outcome, receipt.cases, receipt.findings) == (Outcome.CASE_OPENED, (case,), ("left_out",))
    there = pulled(office)
    assert ("dose", str(dose.id)) in there
    assert ("vital_sign", str(stray.id)) not in there
    sides = [row for (kind, _), row in there.items() if kind == "case_side" and row["case_id"] == str(case)]
    assert {side["record_kind"] for side in sides} == {"vital_sign", "review_case"}
    assert kept(office, "code") == [("left_out",)]
    assert office.push(entry) == (receipt,)


def test_a_dose_stands_when_the_database_will_not_have_what_comes_with_it(world: World, office: Office) -> None:
    ned = office.house.pupils["ned"]
    dose = make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)
    wrong = world.added("emergency_contact", priority=0)  # a CHECK asks for one or more
    (receipt,) = office.push(office.entry(dose, wrong))
    assert (receipt.outcome, receipt.findings) == (Outcome.CASE_OPENED, ("left_out",))
    assert ("dose", str(dose.id)) in pulled(office)
    assert outcome(office.push(office.entry(wrong))) == [("refused", "malformed")]


def test_what_is_there_already_is_not_added_again(world: World, office: Office) -> None:
    allergy = world.added("allergy")
    first = office.entry(allergy)
    office.push(first)
    again = office.entry(allergy, id=EntryId(make.named("another entry")))
    assert outcome(office.push(again)) == [("duplicate", None)]
    other = replace(allergy, values=dict(allergy.values) | {"allergen": "Latex"})
    assert outcome(office.push(office.entry(other))) == [("refused", "already_there")]
    visit = world.added("clinic_visit")
    office.push(office.entry(visit))
    assert outcome(office.push(office.entry(visit))) == [("refused", "already_there")], "another entry's fact"


def test_rights_and_students_are_looked_at_by_kind(house: House, world: World, office: Office) -> None:
    sam = str(house.pupils["sam"].id)
    assert outcome(office.push(office.entry(world.added("allergy", student_id=sam)))) == [
        ("refused", "unknown_student")
    ]
    nobody = str(make.named("nobody"))
    unknown_child = office.entry(world.added("allergy", student_id=nobody))
    assert outcome(office.push(unknown_child)) == [("refused", "unknown_student")]
    role = "UPDATE users SET role = %s WHERE id = %s"
    bea = house.nurses["bea"].id
    house.done(role, "UNLICENSED", bea)
    entries = [
        office.entry(world.added(kind), author_id=bea) for kind in ("allergy", "order", "appointment", "clinic_visit")
    ]
    found = outcome(office.push(*entries))
    house.done(role, "SUBSTITUTE", bea)
    hidden, seen = (
        office.entry(world.added("clinic_visit", is_confidential=secret), author_id=bea) for secret in (True, False)
    )
    confidential = outcome(office.push(hidden, seen))
    house.done(role, "NURSE", bea)
    assert found == [("refused", "not_entitled")] * 3 + [("applied", None)]
    assert confidential == [("refused", "not_entitled"), ("applied", None)]


def test_fifty_deliveries_after_ninety_days_are_answered_as_the_first(
    house: House, world: World, office: Office
) -> None:
    ned = house.pupils["ned"]
    entries = [
        office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)),
        office.entry(world.added("allergy")),
        unknown(world, office),
    ]
    first = office.push(*entries)
    house.done(
        "UPDATE receipts SET received_at = received_at - %s, created_at = created_at - %s WHERE device_id = %s",
        timedelta(days=90),
        timedelta(days=90),
        office.device,
    )
    before = house.one("SELECT head FROM streams WHERE id = %s", house.north)
    told = [[replaced(one) for one in office.push(*entries)] for _ in range(50)]
    assert told == [[replaced(one) for one in first]] * 50
    assert house.one("SELECT head FROM streams WHERE id = %s", house.north) == before
    assert len(kept(office)) == 1


def replaced(receipt: Receipt) -> Receipt:
    return receipt.model_copy(update={"received_at": make.NOON})


def test_a_batch_of_doses_costs_the_same_statements_however_many_and_asks_for_no_records(
    house: House, office: Office, recorded_statements: Recorder
) -> None:
    ned = house.pupils["ned"]

    def statements(count: int) -> list[str]:
        doses = [make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None) for _ in range(count)]
        entries = [office.entry(dose) for dose in doses]
        before = len(recorded_statements.statements)
        office.push(*entries)
        said = (" ".join(each.text.split()) for each in recorded_statements.statements[before:])
        # A connection that is put back says so when it is taken again.
        return sorted(text for text in said if text != "DISCARD ALL")

    statements(1)
    few, many = statements(2), statements(60)
    assert [text[:40] for text in few] == [text[:40] for text in many]
    rare = ("'records'", "later_answers", "UPDATE refused_entries")
    assert not [text for text in many if any(one in text for one in rare)]
