"""Kept entries by their commands: listed without a word of content, shown on record, answered; old texts taken out."""

from datetime import timedelta
from typing import Any

import pytest
from tests import factories as make
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import House
from tests.sync_server.in_house import Office, office_of

from wc_contract.model.ids import EntryId
from wc_contract.wire.codes import Outcome
from wc_contract.wire.messages import SealedEntry

pytestmark = pytest.mark.postgres


@pytest.fixture
def office(house: House) -> Office:
    return office_of(house)


def refuse(office: Office) -> Any:
    """Push something that does not read, with a child's name in it; return the id under which it is kept."""
    body = f'{{"note": "{make.MARKER}", "device": "{office.device}"}}'
    office.push_sealed([SealedEntry(body=body, signature="A" * 88)])
    return office.house.one("SELECT id FROM refused_entries WHERE device_id = %s", office.device)


def test_what_is_kept_is_listed_without_content_and_shown_on_record(house: House, office: Office) -> None:
    kept = refuse(office)
    listed = run(house, "refused", "list", "--school", "North School", "--device", str(office.device))
    assert listed.returncode == 0
    assert str(kept) in listed.stdout
    assert "malformed" in listed.stdout
    assert make.MARKER not in listed.stdout
    looks = "SELECT count(*) FROM audit_logs WHERE entity_type = 'refused_entry' AND action = 'VIEW'"
    before = house.one(looks)
    shown = run(house, "refused", "show", str(kept))
    assert make.MARKER in shown.stdout
    assert house.one(looks) == before + 1


def test_what_was_answered_is_listed_only_when_asked_for(house: House, office: Office) -> None:
    kept = str(refuse(office))
    assert run(house, "refused", "answer", kept, "--by", "bea@testville.example").returncode == 0
    assert kept not in run(house, "refused", "list").stdout
    assert kept in run(house, "refused", "list", "--all").stdout
    again = run(house, "refused", "answer", kept, "--by", "bea@testville.example")
    assert (again.returncode, "answered before" in again.stderr) == (1, True)
    assert house.one("SELECT answered_by FROM refused_entries WHERE id = %s", kept) == house.nurses["bea"].id
    assert run(house, "refused", "show", str(make.named("none"))).returncode == 1
    assert run(house, "refused", "show", "x").returncode == 1


def test_what_waited_loses_its_text_once_it_is_answered_for_good(house: House, office: Office) -> None:
    missing = EntryId(make.named("not there yet"))
    waits = office.entry(make.access_recorded(), depends_on=(missing,))
    (receipt,) = office.push(waits)
    assert receipt.outcome is Outcome.WAITING
    aged = "UPDATE receipts SET received_at = received_at - %s WHERE device_id = %s"
    house.done(aged, timedelta(days=440), office.device)
    run(house, "receipts", "trim")
    text = "SELECT body <> '' FROM receipts WHERE entry_id = %s"
    assert house.one(text, waits.id)
    later = office.entry(make.access_recorded(), id=missing)
    assert [one.outcome for one in office.push(later, waits)] == [Outcome.APPLIED] * 2
    run(house, "receipts", "trim")
    assert not house.one(text, waits.id)


def test_old_receipts_lose_what_was_sent_and_answer_as_before(house: House, office: Office) -> None:
    ned = house.pupils["ned"]
    old, young = (office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)) for _ in range(2))
    receipts = office.push(old, young)
    aged = "UPDATE receipts SET received_at = received_at - %s WHERE entry_id = %s"
    house.done(aged, timedelta(days=440), old.id)
    house.done(aged, timedelta(days=399), young.id)
    assert run(house, "receipts", "trim", "--days", "399").returncode == 2
    lines = "SELECT id, school_id, role, detail ->> 'count' FROM audit_logs WHERE action = 'TRIM'"
    before = house.asked(lines)
    counted = run(house, "receipts", "trim", "--dry-run")
    assert counted.stdout.startswith("1 receipts"), counted.stdout
    assert run(house, "receipts", "trim").stdout.startswith("What was sent is out of 1 receipts")
    bodies = dict(house.asked("SELECT entry_id, body <> '' FROM receipts WHERE device_id = %s", office.device))
    assert bodies == {old.id: False, young.id: True}
    (told,) = set(house.asked(lines)) - set(before)
    assert told[1:] == (house.north, "SYSTEM", "1")
    again = office.push(old, young)
    assert [one.outcome for one in again] == [one.outcome for one in receipts] == [Outcome.APPLIED] * 2
    assert house.one("SELECT count(*) FROM medication_logs WHERE device_id = %s", office.device) == 2
