"""A child goes from one school to another and comes back, while a workstation of the first has entries to send."""

import json
from dataclasses import replace
from itertools import count
from uuid import UUID

import pytest
from tests import factories as make
from tests.sync_server.direct import move_pupil
from tests.sync_server.house import House
from tests.sync_server.moving.moving_world import enrolled, station

from wc_contract.model.changes import CaseAnswered, RecordChanged
from wc_contract.model.ids import CaseId, slot_case_id
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import ALLERGY, CASE_SIDE
from wc_contract.model.values import CaseResolution, DoseState
from wc_contract.wire.codes import Outcome
from wc_sync_server.cli.records import system

pytestmark = pytest.mark.postgres
_numbers = count(500)


def test_what_happened_leaves_the_replica_with_the_child_and_comes_back_with_it(house: House) -> None:
    child = enrolled(house, "back and forth", next(_numbers), house.north)
    north, south = station(house, house.north, "ann"), station(house, house.south, "cleo")
    dose = north.dose(child)
    north.push(north.entry(dose))
    north.pull()
    move_pupil(house, child, house.north, house.south)
    north.pull()
    south.pull()
    assert str(child.id) not in north.ids("student")
    assert not {str(dose.id), str(child.order)} & (north.ids("dose") | north.ids("order"))
    late_comer = station(house, house.north, "bea")
    late_comer.pull()
    assert str(dose.id) not in late_comer.ids("dose"), "who begins now holds what the others hold"
    move_pupil(house, child, house.south, house.north)
    for one in (north, south, late_comer):
        one.pull()
    assert str(dose.id) in north.ids("dose") & late_comer.ids("dose")
    assert str(child.order) in north.ids("order"), "the order that was stopped is history again"
    assert str(child.id) not in south.ids("student")


def test_an_entry_for_a_child_who_has_left_goes_after_it_and_somebody_looks(house: House) -> None:
    child = enrolled(house, "left", next(_numbers), house.north)
    north, south = station(house, house.north, "ann"), station(house, house.south, "cleo")
    move_pupil(house, child, house.north, house.south)
    dose = north.dose(child)
    (receipt,) = north.push(north.entry(dose))
    assert receipt.outcome.value == "case_opened"
    assert "late_from_previous_school" in receipt.findings
    south.pull()
    assert str(dose.id) in south.ids("dose")
    kinds = {row["kind"] for row in south.held["review_case"].values() if row["student_id"] == str(child.id)}
    assert "late_from_previous_school" in kinds
    north.pull()
    assert str(dose.id) not in north.ids("dose")


def test_two_doses_in_one_slot_conflict_whichever_schools_hold_them(house: House) -> None:
    child = enrolled(house, "two schools", next(_numbers), house.north)
    first, second = station(house, house.north, "ann"), station(house, house.north, "bea")
    a, b = first.dose(child), second.dose(child)
    case = slot_case_id(a.slot.id) if a.slot is not None else None
    move_pupil(house, child, house.north, house.south)
    first.push(first.entry(a))
    move_pupil(house, child, house.south, house.north)
    (receipt,) = second.push(second.entry(b))
    assert case in receipt.cases
    where = "SELECT school_id FROM medication_logs WHERE id = %s"
    assert (house.one(where, a.id), house.one(where, b.id)) == (house.south, house.north)
    flags = house.asked("SELECT flags FROM medication_logs WHERE id = ANY(%s)", [a.id, b.id])
    assert all("possible_double_dose" in found for (found,) in flags)


def test_an_open_case_goes_along_and_its_block_with_it(house: House) -> None:
    child = enrolled(house, "case goes along", next(_numbers), house.north)
    north, south = station(house, house.north, "ann"), station(house, house.south, "cleo")
    doses = [north.dose(child) for _ in range(2)]
    receipts = north.push(*(north.entry(dose) for dose in doses))
    case = str(receipts[0].cases[0])
    move_pupil(house, child, house.north, house.south)
    south.pull()
    north.pull()
    assert case in south.ids("review_case")
    assert case not in north.ids("review_case")
    assert south.held["review_case"][case]["opened_at"] <= instant_to_text(house.parts.clock.now())


def test_an_open_case_takes_both_sides_along_and_brings_them_back_once(house: House) -> None:
    child = enrolled(house, "sides go along", next(_numbers), house.north)
    north, south = station(house, house.north, "ann"), station(house, house.south, "cleo")
    receipts = north.push(*(north.entry(north.dose(child)) for _ in range(2)))
    case = str(receipts[0].cases[0])
    said = {"record_kind": "allergy", "record_id": str(make.named("an allergy")), "values": '{"reaction": "Invented."}'}
    side = make.row("case_side", id=str(make.named("one side")), case_id=case, stands=True, **said)
    with system(house.parts, house.district, (house.north,)) as uow:
        uow.lock_streams(house.north)
        uow.write_rows(CASE_SIDE, house.north, [side])
        uow.commit()
    north.pull()
    for there, back in ((house.north, house.south), (house.south, house.north)):
        move_pupil(house, child, there, back)
        north.pull()
        south.pull()
        (here, away) = (south, north) if back == house.south else (north, south)
        told = [json.loads(row["values"]) for row in here.held["case_side"].values() if row["case_id"] == case]
        assert told == [{"reaction": "Invented."}]
        assert case not in {row["case_id"] for row in away.held.get("case_side", {}).values()}


def test_what_was_answered_at_one_school_may_conflict_again_at_the_next(house: House) -> None:
    child = enrolled(house, "conflicts twice", next(_numbers), house.north)
    north, south = station(house, house.north, "ann"), station(house, house.south, "cleo")
    allergy = make.allergy_row(id=str(make.named(f"allergy {child.id}")), student_id=str(child.id), reaction="Hives")
    with system(house.parts, house.district, (house.north,)) as uow:
        uow.lock_streams(house.north)
        uow.write_rows(ALLERGY, house.north, [allergy])
        uow.commit()

    def told(reaction: str) -> RecordChanged:
        base = {"reaction": "Rash"}  # which nobody wrote
        return RecordChanged(
            kind="allergy", id=UUID(allergy["id"]), base_version=1, base=base, values={"reaction": reaction}
        )

    (first,) = north.push(north.entry(told("Swelling")))
    (case,) = first.cases
    north.pull()
    about = tuple(UUID(one) for one in json.loads(north.held["review_case"][str(case)]["subject_ids"]))
    answer = CaseAnswered(case_id=CaseId(case), resolution=CaseResolution.KEPT_STANDING, subject_ids=about)
    assert north.push(north.entry(answer))[0].outcome is Outcome.APPLIED
    move_pupil(house, child, house.north, house.south)
    (second,) = south.push(south.entry(told("Wheezing")))
    assert (second.code, second.cases) == (None, (case,))
    south.pull()
    assert south.held["review_case"][str(case)]["status"] == "OPEN"
    assert len([row for row in south.held["case_side"].values() if row["case_id"] == str(case)]) == 4


def test_a_late_dose_can_be_taken_back_at_the_school_that_it_went_to(house: House) -> None:
    child = enrolled(house, "taken back", next(_numbers), house.north)
    north, south = station(house, house.north, "ann"), station(house, house.south, "cleo")
    move_pupil(house, child, house.north, house.south)
    dose = north.dose(child)
    north.push(north.entry(dose))
    void = replace(
        dose,
        id=make.dose_logged().id,
        status=DoseState.ENTERED_IN_ERROR,
        dose_given=None,
        unit=None,
        reason="It was another child.",
        amends_id=dose.id,
        amend_reason="It was another child.",
    )
    (receipt,) = south.push(south.entry(void))
    assert receipt.code is None
    south.pull()
    assert south.held["dose"][str(void.id)]["amends_id"] == str(dose.id)


def test_an_order_of_another_school_is_unknown_to_whoever_amends_nothing_of_it(house: House) -> None:
    child, other = (enrolled(house, name, next(_numbers), house.north) for name in ("here", "not yours"))
    south = station(house, house.south, "cleo")
    move_pupil(house, child, house.north, house.south)
    (receipt,) = south.push(south.entry(south.dose(child, order_id=other.order, slot=None)))
    assert receipt.code == "unknown_order"


def test_what_left_and_is_nowhere_any_more_is_refused_and_holds_nothing_up(house: House) -> None:
    child = enrolled(house, "purged", next(_numbers), house.north)
    north = station(house, house.north, "ann")
    gone = make.allergy_row(id=str(make.named("a purged allergy")), student_id=str(child.id))
    house.done(
        "INSERT INTO removals (district_id, school_id, stream_id, kind, record_id, row_version, reason, created_at,"
        " updated_at) VALUES (%s, %s, %s, 'allergy', %s, 1, 'moved', now(), now())",
        house.district, house.north, house.north, gone["id"],
    )  # fmt: skip
    change = RecordChanged(
        kind="allergy", id=UUID(gone["id"]), base_version=1, base={"reaction": None}, values={"reaction": "Hives"}
    )
    (refused, taken) = north.push(north.entry(change), north.entry(north.dose(child)))
    assert (refused.code, taken.code) == ("unknown_record", None)
