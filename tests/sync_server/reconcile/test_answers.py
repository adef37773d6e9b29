"""Cases answered by people, doses amended, shelves below nothing: through the real push into a real database."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.in_house import Office
from tests.sync_server.reconcile.record_world import World, change_of, pulled

from wc_contract.model.changes import CaseAnswered, DoseLogged, RecordAdded
from wc_contract.model.ids import CaseId, DoseId, entry_case_id, record_case_id, slot_case_id
from wc_contract.model.values import CaseResolution, DoseState
from wc_contract.wire.codes import Outcome
from wc_contract.wire.messages import Receipt

pytestmark = pytest.mark.postgres


_DAYS = iter(range(1, 28))


@pytest.fixture
def doses(house: House) -> list[DoseLogged]:
    """Return two doses for one slot of a day that no other test uses."""
    ned, day = house.pupils["ned"], make.SCHOOL_DAY.replace(day=next(_DAYS))
    facts = {"student_id": ned.id, "order_id": ned.order, "slot": make.noon_slot(ned.order, day), "local_date": day}
    return [make.dose_logged(**facts, administered_at=make.local("12:00", day)) for _ in range(2)]


def like(dose: DoseLogged, **values: Any) -> DoseLogged:
    """Return another dose for the same slot."""
    return replace(dose, id=make.dose_logged().id, **values)


def void(dose: DoseLogged) -> DoseLogged:
    return like(
        dose,
        dose_given=None,
        unit=None,
        status=DoseState.ENTERED_IN_ERROR,
        reason="Written down twice",
        amends_id=dose.id,
        amend_reason="Written down twice",
    )


def answer(case: CaseId, resolution: CaseResolution, *about: DoseLogged | UUID, note: str = "") -> CaseAnswered:
    subjects = tuple(one if isinstance(one, UUID) else one.id for one in about)
    return CaseAnswered(case_id=case, resolution=resolution, subject_ids=subjects, note=note)


def double(office: Office, doses: list[DoseLogged]) -> CaseId:
    """Push two doses by Ann for one slot, and return the case that is open."""
    receipts = office.push(*(office.entry(dose) for dose in doses))
    (case,) = {case for receipt in receipts for case in receipt.cases}
    assert doses[0].slot is not None
    assert case == slot_case_id(doses[0].slot.id)
    return CaseId(case)


def by_bea(office: Office, *changes: Any, **more: Any) -> Receipt:
    (receipt,) = office.push(office.entry(*changes, author_id=office.house.nurses["bea"].id, **more))
    return receipt


def case_row(office: Office, case: CaseId) -> dict[str, Any]:
    return pulled(office)["review_case", str(case)]


def flags_of(office: Office, dose: DoseLogged) -> str:
    return str(pulled(office)["dose", str(dose.id)]["flags"])


def test_an_answer_closes_the_case_everywhere_and_stays_until_something_new_comes(
    office: Office, doses: list[DoseLogged]
) -> None:
    case = double(office, doses)
    assert by_bea(office, answer(case, CaseResolution.BOTH_GIVEN, *doses)).outcome is Outcome.APPLIED
    row = case_row(office, case)
    assert (row["status"], row["resolution"]) == ("RESOLVED", "BOTH_GIVEN")
    assert row["resolved_by"] == str(office.house.nurses["bea"].id)
    office.push(office.entry(make.access_recorded()))
    assert case_row(office, case)["status"] == "RESOLVED"
    third = like(doses[0])
    office.push(office.entry(third))
    again = case_row(office, case)
    assert again["status"] == "OPEN"
    assert str(third.id) in again["subject_ids"]


def test_who_wrote_the_doses_and_who_reads_only_do_not_answer(
    house: House, office: Office, doses: list[DoseLogged]
) -> None:
    case = double(office, doses)
    (own,) = office.push(office.entry(answer(case, CaseResolution.BOTH_GIVEN, *doses)))
    assert (own.outcome, own.code, own.fields) == (Outcome.REFUSED, "not_entitled", ("changes.0.resolution",))
    assert by_bea(office, answer(case, CaseResolution.KEPT_STANDING, *doses)).code == "answer_does_not_fit"
    assert by_bea(office, answer(CaseId(make.named("no case")), CaseResolution.REVIEWED)).code == "unknown_record"
    house.done("UPDATE users SET role = 'READ_ONLY' WHERE id = %s", house.nurses["bea"].id)
    refused = by_bea(office, answer(case, CaseResolution.BOTH_GIVEN, *doses))
    house.done("UPDATE users SET role = 'NURSE' WHERE id = %s", house.nurses["bea"].id)
    assert refused.code == "not_entitled"
    assert case_row(office, case)["status"] == "OPEN"
    kept = "SELECT count(*) FROM refused_entries WHERE device_id = %s AND code <> 'unknown_record'"
    assert house.one(kept, office.device) == 3


def test_a_duplicate_record_is_voided_in_the_same_entry_and_frees_the_slot(
    office: Office, doses: list[DoseLogged]
) -> None:
    case = double(office, doses)
    assert "possible_double_dose" in flags_of(office, doses[0])
    said = answer(case, CaseResolution.DUPLICATE_RECORD, *doses)
    assert by_bea(office, said).code == "answer_does_not_fit"
    taken = by_bea(office, void(doses[1]), said)
    assert (taken.outcome, taken.cases) == (Outcome.APPLIED, ())
    assert case_row(office, case)["resolution"] == "DUPLICATE_RECORD"
    assert "possible_double_dose" not in flags_of(office, doses[0])
    there = pulled(office)
    assert there["dose", str(doses[1].id)]["status"] == "ADMINISTERED", "the original stays readable"
    later = like(doses[0])
    assert office.push(office.entry(later))[0].outcome is Outcome.CASE_OPENED


def test_a_void_alone_leaves_the_case_to_a_person(office: Office, doses: list[DoseLogged]) -> None:
    case = double(office, doses)
    by_bea(office, void(doses[1]))
    assert case_row(office, case)["status"] == "OPEN"
    assert "possible_double_dose" not in flags_of(office, doses[0])
    taken = by_bea(office, answer(case, CaseResolution.DUPLICATE_RECORD, *doses))
    assert taken.outcome is Outcome.APPLIED, "one of them is voided already"


def test_doses_and_the_answer_in_one_batch_come_to_the_same(office: Office, doses: list[DoseLogged]) -> None:
    assert doses[0].slot is not None
    case = slot_case_id(doses[0].slot.id)
    bea = office.house.nurses["bea"].id
    said = office.entry(
        void(doses[1]), answer(case, CaseResolution.DUPLICATE_RECORD, *doses), author_id=bea, number=office.number + 3
    )
    office.number -= 1
    receipts = office.push(*(office.entry(dose) for dose in doses), said)
    assert [receipt.outcome for receipt in receipts] == [Outcome.CASE_OPENED] * 2 + [Outcome.APPLIED]
    assert case_row(office, case)["resolution"] == "DUPLICATE_RECORD"


def test_answers_that_differ_open_the_case_again_with_both(office: Office, doses: list[DoseLogged]) -> None:
    case = double(office, doses)
    by_bea(office, answer(case, CaseResolution.BOTH_GIVEN, *doses, note="Told the family"))
    second = by_bea(office, answer(case, CaseResolution.DIFFERENT_SLOTS, *doses, note="Breakfast"))
    assert (second.outcome, second.cases, second.findings) == (Outcome.CASE_OPENED, (case,), ("answers_differ",))
    there = pulled(office)
    assert there["review_case", str(case)]["status"] == "OPEN"
    sides = [row["values"] for (kind, _), row in there.items() if kind == "case_side" and row["case_id"] == str(case)]
    assert len(sides) == 2
    assert {"BOTH_GIVEN", "DIFFERENT_SLOTS"} == {said.split('"resolution": "')[1].split('"')[0] for said in sides}
    by_bea(office, answer(case, CaseResolution.BOTH_GIVEN, *doses))
    assert case_row(office, case)["status"] == "RESOLVED"


def test_an_answer_to_fewer_doses_leaves_the_case_open(office: Office, doses: list[DoseLogged]) -> None:
    case = double(office, doses)
    part = by_bea(office, answer(case, CaseResolution.BOTH_GIVEN, doses[0]))
    assert (part.outcome, part.findings) == (Outcome.APPLIED, ("case_grew",))
    assert case_row(office, case)["status"] == "OPEN"


def test_two_amendments_of_one_dose_both_stay_and_a_person_chooses(office: Office, doses: list[DoseLogged]) -> None:
    first, _ = doses
    office.push(office.entry(first))
    amending = [like(first, amends_id=first.id, amend_reason=reason) for reason in ("Wrong time", "Wrong amount")]
    assert office.push(office.entry(amending[0]))[0].outcome is Outcome.APPLIED
    (second,) = office.push(office.entry(amending[1]))
    case = record_case_id("amended_twice", "dose", first.id)
    assert (second.outcome, second.cases) == (Outcome.CASE_OPENED, (case,))
    assert [flags_of(office, one) for one in amending] == ['["amended_twice"]'] * 2
    there = pulled(office)
    assert there["dose", str(amending[0].id)]["amends_id"] == str(first.id)
    assert ("review_case", str(slot_case_id(first.slot.id))) not in there, "one dose, not two"  # type: ignore[union-attr]


def test_a_void_of_nothing_is_refused_and_a_dose_that_amends_nothing_stands(
    office: Office, doses: list[DoseLogged]
) -> None:
    first, other = doses
    (refused,) = office.push(office.entry(void(first)))
    assert (refused.code, refused.fields) == ("unknown_record", ("changes.0.amends_id",))
    lone = like(other, amends_id=DoseId(make.named("no dose")), amend_reason="Wrong time")
    (taken,) = office.push(office.entry(lone))
    assert (taken.outcome, taken.findings) == (Outcome.CASE_OPENED, ("left_out",))
    assert pulled(office)["dose", str(lone.id)]["amends_id"] is None


def quantity(office: Office, world: World) -> str:
    return str(pulled(office)["inventory_item", str(world.ids["inventory_items"])]["quantity"])


def test_a_shelf_follows_from_its_movements_and_may_be_below_nothing(office: Office, world: World) -> None:
    item = world.ids["inventory_items"]
    before = float(quantity(office, world))
    moves = [world.added("inventory_transaction", kind="USED", quantity=amount) for amount in ("-4", "-0.5")]
    assert {one.outcome for one in office.push(*(office.entry(move) for move in moves))} == {Outcome.APPLIED}
    assert float(quantity(office, world)) == before - 4.5
    gone = world.added("inventory_transaction", kind="USED", quantity="-100")
    (flagged,) = office.push(office.entry(gone))
    case = record_case_id("stock_negative", "inventory_item", item)
    assert (flagged.outcome, flagged.cases) == (Outcome.CASE_OPENED, (case,))
    assert float(quantity(office, world)) == before - 104.5
    said = answer(case, CaseResolution.COUNTED, item, gone.id)
    assert by_bea(office, said).code == "answer_does_not_fit", "nobody counted"
    counted = world.added("inventory_transaction", kind="COUNTED", quantity="97.5")
    taken = by_bea(office, counted, said)
    assert taken.outcome is Outcome.APPLIED
    assert case_row(office, case)["status"] == "RESOLVED"


def ledger(world: World, event: str, amount: str, at: str) -> RecordAdded:
    container = str(world.ids["medication_containers"])
    occurred = f"2026-11-{at}:00:00+00:00"
    return world.added("ledger_entry", event=event, quantity=amount, occurred_at=occurred, container_id=container)


def test_a_container_that_gave_more_than_it_had_is_flagged_in_whatever_order_it_is_told(
    office: Office, world: World
) -> None:
    fresh = world.added("medication_container", is_controlled=False)
    world.ids["medication_containers"] = fresh.id
    office.push(office.entry(fresh))
    case = record_case_id("stock_negative", "medication_container", fresh.id)
    (given,) = office.push(office.entry(ledger(world, "GIVEN", "-3", "20T18")))
    assert given.cases == (case,)
    assert office.push(office.entry(ledger(world, "COUNTED", "5", "20T17")))[0].cases == ()
    assert office.push(office.entry(ledger(world, "GIVEN", "-2", "20T19")))[0].cases == ()
    assert office.push(office.entry(ledger(world, "GIVEN", "-1", "20T20")))[0].cases == (case,)
    # What moved before the count was counted.
    assert office.push(office.entry(ledger(world, "COUNTED", "9", "21T17")))[0].cases == ()


def test_a_count_of_a_controlled_medicine_that_differs_is_a_case_and_moves_nothing(
    office: Office, world: World
) -> None:
    """C4, C6."""
    fresh = world.added("medication_container", is_controlled=True)
    world.ids["medication_containers"] = fresh.id
    office.push(office.entry(fresh, ledger(world, "RECEIVED", "18", "20T16")))
    assert office.push(office.entry(ledger(world, "COUNTED", "18", "20T17")))[0].cases == ()
    (counted,) = office.push(office.entry(ledger(world, "COUNTED", "17", "20T18")))
    case = record_case_id("count_differs", "medication_container", fresh.id)
    assert (counted.outcome, counted.cases, counted.findings) == (Outcome.CASE_OPENED, (case,), ("count_differs",))
    below = record_case_id("stock_negative", "medication_container", fresh.id)
    (given,) = office.push(office.entry(ledger(world, "GIVEN", "-19", "20T19")))
    assert given.cases == (below,), "the count did not take anything out"
    assert by_bea(office, answer(case, CaseResolution.REVIEWED, fresh.id)).outcome is Outcome.APPLIED


def test_waste_without_a_witness_is_kept(office: Office, world: World) -> None:
    """C5: what happened is never refused."""
    (wasted,) = office.push(office.entry(ledger(world, "WASTED", "-0.5", "20T18")))
    assert wasted.outcome is not Outcome.REFUSED


def test_what_two_devices_take_back_of_one_dose_counts_once(
    office: Office, world: World, doses: list[DoseLogged]
) -> None:
    """A2, C6."""
    fresh = world.added("medication_container", is_controlled=True)
    world.ids["medication_containers"] = fresh.id
    given, back = ledger(world, "GIVEN", "-3", "20T18"), ledger(world, "GIVEN", "3", "20T18")
    again = ledger(world, "GIVEN", "3", "20T18")
    lines = [replace(one, values={**one.values, "log_id": str(doses[0].id)}) for one in (given, back, again)]
    office.push(office.entry(fresh), office.entry(doses[0], lines[0]), office.entry(lines[1]), office.entry(lines[2]))
    case = record_case_id("stock_negative", "medication_container", fresh.id)
    assert office.push(office.entry(ledger(world, "GIVEN", "-1", "20T19")))[0].cases == (case,)


def test_a_dose_from_an_expired_lot_is_flagged_and_reviewed(
    office: Office, world: World, doses: list[DoseLogged]
) -> None:
    """C7, X4."""
    dose = doses[0]
    for expires, expected in ((dose.local_date.isoformat(), False), ("2026-10-31", True)):
        fresh = world.added("medication_container", is_controlled=True, expires_on=expires)
        world.ids["medication_containers"] = fresh.id
        given = like(dose, slot=None)
        line = ledger(world, "GIVEN", "-1", "20T18")
        line = replace(line, values={**line.values, "log_id": str(given.id)})
        office.push(office.entry(fresh, ledger(world, "RECEIVED", "9", "20T16")))
        entry = office.entry(given, line)
        (receipt,) = office.push(entry)
        assert ("lot_expired" in receipt.findings) is expected
        assert (entry_case_id(entry.id, "lot_expired") in receipt.cases) is expected


def test_whoever_stops_an_order_is_right_whichever_change_came_first(office: Office, world: World) -> None:
    stop = {"status": "DISCONTINUED", "stop_effective_at": "2026-11-20T18:00:00+00:00"}
    edit = {"indication": "Attention"}
    outcomes = []
    for first, second in ((stop, edit), (edit, stop)):
        order = world.added("order")
        office.push(office.entry(order))
        key = "order", str(order.id)
        seen = pulled(office)[key]
        office.push(office.entry(change_of(key, seen, first)))
        (receipt,) = office.push(office.entry(change_of(key, seen, second)))
        after = pulled(office)[key]
        assert (after["status"], after["stop_effective_at"]) == ("DISCONTINUED", stop["stop_effective_at"])
        outcomes.append((receipt.outcome, after["indication"]))
    assert outcomes == [(Outcome.CASE_OPENED, seen["indication"]), (Outcome.MERGED, "Attention")]


@pytest.mark.parametrize("late", [False, True], ids=["stop first", "dose first"])
def test_a_dose_after_a_stop_is_flagged_whichever_came_first(office: Office, world: World, *, late: bool) -> None:
    ned = office.house.pupils["ned"]
    authority = {"order_signed_on": "2026-08-10", "parent_auth_from": "2026-08-10", "parent_auth_to": None}
    order = world.added("order", start_date="2026-08-17", end_date=None, **authority)
    begun = "2026-08-17T05:00:00+00:00"
    version = world.added("order_version", order_id=str(order.id), version=1, effective_from=begun)
    office.push(office.entry(order), office.entry(version))
    key = "order", str(order.id)
    stop = {"status": "DISCONTINUED", "stop_effective_at": "2026-11-20T18:00:00+00:00"}
    stopped = change_of(key, pulled(office)[key], stop)
    dose = make.dose_logged(
        student_id=ned.id, order_id=order.id, order_version_id=version.id, slot=None, dose_given=Decimal("2.5")
    )
    dose = replace(dose, unit=str(version.values["unit"]))
    first, second = (dose, stopped) if late else (stopped, dose)
    entries = [office.entry(first), office.entry(second)]
    for entry in entries:
        office.push(entry)
    given = entries[0] if late else entries[1]
    there = pulled(office)
    assert there["dose", str(dose.id)]["flags"] == '["after_stop"]'
    case = there["review_case", str(entry_case_id(given.id, "after_stop"))]
    assert case["status"] == "OPEN"


def test_an_answer_that_takes_the_other_side_comes_with_it_or_is_left_out(
    office: Office, world: World, doses: list[DoseLogged]
) -> None:
    added = world.added("emergency_contact")
    office.push(office.entry(added))
    key = "emergency_contact", str(added.id)
    seen = pulled(office)[key]
    for name in ("A Grandmother", "An Aunt"):
        (receipt,) = office.push(office.entry(change_of(key, seen, {"name": name})))
    (case,) = receipt.cases
    said = answer(CaseId(case), CaseResolution.TOOK_OTHER, added.id, UUID(str(receipt.entry_id)))
    assert by_bea(office, said).code == "answer_does_not_fit"

    # Of an entry with a dose that takes the other side by a change which does not fit, the dose alone is taken.
    seen = pulled(office)[key]
    unfit = change_of(key, seen, {"student_id": str(make.named("no child")), "name": "A Grandmother"})
    beside = by_bea(office, doses[0], said, unfit)
    assert (beside.outcome, beside.findings) == (Outcome.CASE_OPENED, ("left_out",))
    assert case_row(office, CaseId(case))["status"] == "OPEN"

    assert by_bea(office, said, change_of(key, seen, {"name": "A Grandmother"})).outcome is Outcome.APPLIED
    assert case_row(office, CaseId(case))["status"] == "RESOLVED"
    assert pulled(office)[key]["name"] == "A Grandmother"
