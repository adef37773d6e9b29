"""Whatever is repeated, lost or broken on the way, an entry takes effect once (product.md, law 3)."""

import json
from uuid import uuid4

import httpx
import pytest
from tests import factories as make
from tests.sync_server.direct import dose_in
from tests.sync_server.house import House
from tests.sync_server.serving import Served
from tests.sync_server.workstation import Workstation, code_of, enrol

from wc_contract.model.changes import Entry
from wc_contract.wire.entries import entry_to_body

pytestmark = pytest.mark.postgres


@pytest.fixture
def office(house: House, client: httpx.Client) -> Workstation:
    return enrol(house, client)


def dose_of(house: House, office: Workstation, name: str = "ned", **values: object) -> Entry:
    """Return an entry with one dose as needed: it conflicts with nothing."""
    pupil = house.pupils[name]
    return office.entry(make.dose_logged(student_id=pupil.id, order_id=pupil.order, slot=None, **values))


def held(house: House, office: Workstation) -> int:
    return int(house.one("SELECT count(*) FROM medication_logs WHERE device_id = %s", office.device))


def test_fifty_retries_have_one_effect_and_one_answer(house: House, office: Workstation) -> None:
    entries = [dose_of(house, office) for _ in range(3)]
    sealed = [office.sealed(entry) for entry in entries]
    answers = [office.push(*sealed) for _ in range(50)]
    assert all(answer == answers[0] for answer in answers)
    assert held(house, office) == 3
    assert house.one("SELECT count(*) FROM receipts WHERE device_id = %s", office.device) == 3
    assert (
        house.one("SELECT count(*) FROM audit_logs WHERE device_id = %s AND action = 'DOSE_LOGGED'", office.device) == 3
    )


def test_a_server_killed_and_started_again_knows_what_it_had(house: House, served: Served, office: Workstation) -> None:
    first = office.sealed(dose_of(house, office))
    before = office.push(first)
    served.kill()
    served.start()
    second = office.sealed(dose_of(house, office))
    assert office.push(first, second)[0] == before[0]
    assert held(house, office) == 2


def test_a_gap_is_told_with_the_number_wanted_and_stores_nothing(house: House, office: Workstation) -> None:
    dose_of(house, office)
    response = office.push_request([dose_of(house, office)])
    assert code_of(response) == "gap"
    assert response.json()["expected"] == 1
    assert held(house, office) == 0


def test_two_texts_under_one_number_fork_the_device_and_lose_neither(house: House, office: Workstation) -> None:
    first = dose_of(house, office)
    office.push(first)
    other = office.entry(*first.changes, number=1)
    for _ in range(3):
        assert code_of(office.push_request([other])) == "forked"
    kept = house.asked("SELECT body, code FROM refused_entries WHERE device_id = %s", office.device)
    assert kept == [(entry_to_body(other), "forked")]
    assert held(house, office) == 1
    assert office.hello()["directive"] == "forked"
    # What comes after a fork is kept too, and what was known is still answered.
    office.number = 1
    assert code_of(office.push_request([dose_of(house, office)])) == "forked"
    assert house.one("SELECT count(*) FROM refused_entries WHERE device_id = %s", office.device) == 2
    assert office.push(first)[0]["outcome"] == "applied"


def test_one_id_with_two_texts_is_a_fork(house: House, office: Workstation) -> None:
    first = dose_of(house, office)
    office.push(first)
    assert code_of(office.push_request([office.entry(*first.changes, id=first.id)])) == "forked"


def test_one_poisoned_entry_is_refused_alone_and_kept_whole(house: House, office: Workstation) -> None:
    entries = [dose_of(house, office) for _ in range(2_000)]
    poison = json.loads(entry_to_body(entries[1_017]))
    poison["changes"][0]["slot"] = {"id": str(uuid4()), "date": "2026-02-31", "time": "12:00"}
    bodies: list[Entry | str] = [*entries]
    bodies[1_017] = json.dumps(poison)
    receipts = [one for at in range(0, len(bodies), 200) for one in office.push(*bodies[at : at + 200])]
    assert [r["outcome"] for r in receipts] == ["applied"] * 1_017 + ["refused"] + ["applied"] * 982
    assert (receipts[1_017]["code"], receipts[1_017]["number"]) == ("malformed", 1_018)
    assert house.one("SELECT body FROM refused_entries WHERE device_id = %s", office.device) == bodies[1_017]
    assert held(house, office) == 1_999


def test_what_the_database_cannot_hold_is_found_among_many(house: House, office: Workstation) -> None:
    entries = [dose_of(house, office) for _ in range(30)]
    # The id is taken by a dose of the other school, which this school's context does not show.
    taken = dose_in(house, house.south, house.pupils["sam"], house.nurses["cleo"].id)
    with_taken = dose_of(house, office, id=taken)
    receipts = office.push(*entries, with_taken, dose_of(house, office))
    assert [r["outcome"] for r in receipts] == ["applied"] * 30 + ["refused", "applied"]
    assert held(house, office) == 31


def test_a_text_with_a_nul_is_refused_and_kept(house: House, office: Workstation) -> None:
    text = entry_to_body(dose_of(house, office, reason="a!b")).replace("a!b", "a\\u0000b")
    (receipt,) = office.push(text)
    assert (receipt["outcome"], receipt["code"]) == ("refused", "malformed")
    (outer,) = office.push("not json \x00 at all")
    assert outer["outcome"] == "refused"
    assert outer["number"] == 2
    assert office.push("not json \x00 at all") == [outer]
    office.number = 2
    assert office.push(dose_of(house, office))[0]["outcome"] == "applied"


def test_the_same_dose_in_another_entry_is_a_duplicate(house: House, office: Workstation) -> None:
    first = dose_of(house, office)
    again = office.entry(*first.changes)
    assert [r["outcome"] for r in office.push(first, again)] == ["applied", "duplicate"]
    assert held(house, office) == 1


def test_a_signature_of_another_key_is_refused_and_kept(house: House, office: Workstation) -> None:
    entry = dose_of(house, office)
    sealed = office.sealed(entry) | {"signature": Workstation(client=office.client).sealed(entry)["signature"]}
    (receipt,) = office.push(sealed)
    assert (receipt["outcome"], receipt["code"]) == ("refused", "bad_signature")
    assert held(house, office) == 0
    assert house.one("SELECT count(*) FROM refused_entries WHERE device_id = %s", office.device) == 1


def test_an_entry_is_taken_whole_or_not_at_all(house: House, office: Workstation) -> None:
    ned = house.pupils["ned"]
    good = make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)
    bad = make.incident_signed(student_id=make.named("nobody"))
    (receipt,) = office.push(office.entry(good, bad))
    assert (receipt["outcome"], receipt["code"]) == ("refused", "unknown_student")
    assert receipt["fields"] == ["changes.1.student_id"]
    assert held(house, office) == 0


def test_an_order_nobody_knows_is_refused_by_name(house: House, office: Workstation) -> None:
    ned = house.pupils["ned"]
    (receipt,) = office.push(office.entry(make.dose_logged(student_id=ned.id)))
    assert (receipt["outcome"], receipt["code"]) == ("refused", "unknown_order")


def test_a_report_signed_twice_keeps_the_first(house: House, office: Workstation) -> None:
    report = make.incident_signed(student_id=house.pupils["ned"].id)
    first, second = office.entry(report), office.entry(report)
    receipts = office.push(first, second)
    assert [(r["outcome"], r["code"]) for r in receipts] == [("applied", None), ("refused", "already_signed")]


def test_entries_of_another_epoch_wait_for_a_greeting(house: House, office: Workstation) -> None:
    epoch, office.epoch = office.epoch, str(uuid4())
    entry = dose_of(house, office)
    assert code_of(office.push_request([entry])) == "epoch_changed"
    office.epoch = epoch
    assert office.push(entry)[0]["outcome"] == "applied"
