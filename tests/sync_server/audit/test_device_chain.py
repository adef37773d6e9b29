"""The chain of a workstation: what is done to it on its way, or to what the district holds of it, is named."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from nacl.signing import SigningKey
from tests import factories as make
from tests.sync_server.cli.commanded import run
from tests.sync_server.cli.examined import examined
from tests.sync_server.house import House
from tests.sync_server.workstation import Workstation, b64, code_of, enrol

from wc_contract.model.changes import Entry
from wc_contract.wire.entries import body_hash, entry_to_body

pytestmark = pytest.mark.postgres


class Chained:
    """A workstation whose texts name the one before them."""

    def __init__(self, station: Workstation, house: House, after: "Chained | None" = None) -> None:
        self.station = station
        self._house = house
        self._before: str | None = None if after is None else after._before

    def look(self, **more: Any) -> Entry:
        """Return the next entry: a look at a child."""
        seen = make.access_recorded(entity_id=str(self._house.pupils["ned"].id))
        entry = self.station.entry(seen, **{"previous": self._before, **more})
        self._before = body_hash(entry_to_body(entry))
        return entry

    def broken_at(self) -> list[int]:
        asked = (
            "SELECT detail FROM audit_logs WHERE action = 'CHAIN_BROKEN' AND device_id = %s ORDER BY received_at, id"
        )
        return [row[0]["number"] for row in self._house.asked(asked, UUID(self.station.device))]

    def breaks(self) -> list[tuple[str, int | None]]:
        """Return what `audit devices` finds of this workstation."""
        ended = run(self._house, "audit", "devices", "--json", "--device", self.station.device)
        (read,) = json.loads(ended.stdout)["devices"]
        assert ended.returncode == (5 if read["findings"] else 0), ended.stderr
        return [(one["what"], one["number"]) for one in read["findings"]]


@pytest.fixture
def chain(house: House, client: httpx.Client) -> Chained:
    return Chained(enrol(house, client), house)


def test_a_whole_chain_is_taken_told_of_and_read_as_whole(chain: Chained) -> None:
    entries = [chain.look() for _ in range(5)]
    chain.station.push(*entries)
    chain.station.push(*entries)  # a lost answer: nothing twice
    assert (chain.broken_at(), chain.breaks()) == ([], [])


def test_each_way_of_tampering_on_the_way_is_refused_or_recorded(chain: Chained) -> None:
    station = chain.station
    first, second, third = chain.look(), chain.look(), chain.look()
    station.push(first)
    # taken out of the middle, and put in another order
    assert code_of(station.push_request([third])) == "gap"
    assert code_of(station.push_request([third, second])) == "gap"
    # a letter changed; signed by another
    edited = station.sealed(second) | {"body": entry_to_body(second).replace("VIEW", "LOCK")}
    stranger = Workstation(client=station.client, sign=SigningKey.generate())
    # an older text again: it is answered, and told of once
    assert [one["outcome"] for one in station.push(first)] == ["applied"]
    for sealed in (edited, stranger.sealed(second)):
        (told,) = station.push(sealed)
        assert (told["outcome"], told["code"]) == ("refused", "bad_signature")
    assert chain.broken_at() == []


def test_another_text_under_a_number_that_was_answered_makes_the_device_forked(chain: Chained) -> None:
    first = chain.look()
    chain.station.push(first)
    anew = replace(first, id=make.entry_of(make.access_recorded()).id)
    assert code_of(chain.station.push_request([anew])) == "forked"
    assert chain.station.hello()["directive"] == "forked"


def test_a_text_that_was_put_in_the_place_of_an_unsent_one_breaks_the_chain_and_loses_nothing(chain: Chained) -> None:
    first, second, third = chain.look(), chain.look(), chain.look()
    other = replace(second, id=make.entry_of(make.access_recorded()).id)
    told = chain.station.push(first, other, third)
    assert [one["outcome"] for one in told] == ["applied"] * 3
    assert chain.broken_at() == [3]
    assert chain.breaks() == [("out_of_chain", 3)]


def test_a_broken_chain_is_told_to_the_operator_until_the_workstation_is_out_of_service(
    chain: Chained, house: House
) -> None:
    first, second, third = chain.look(), chain.look(), chain.look()
    device = UUID(chain.station.device)
    chain.station.push(first, second)
    assert chain.station.device[-8:] not in run(house, "status").stdout
    chain.station.push(replace(third, previous=body_hash("another")))
    assert chain.station.device[-8:] in run(house, "status").stdout.split("Broken chains")[1]
    house.done("UPDATE receipts SET received_at = '2026-11-02 08:30+00' WHERE device_id = %s", device)
    told = examined(house.environment(1), "chains")
    assert told.named("chains", chain.station.device, "2026-11-02 08:30 UTC", "number 3", "device retire")
    house.done("UPDATE devices SET revoked_at = now() WHERE id = %s", device)
    assert [
        found for _, found in examined(house.environment(1), "chains").states("note") if chain.station.device in found
    ]


def test_an_entry_that_names_none_after_others_that_did_is_found(chain: Chained) -> None:
    chain.station.push(chain.look(), chain.look(), chain.look(previous=None))
    assert chain.breaks() == [("unlinked", 3)]


def test_two_copies_that_were_settled_leave_a_chain_that_is_whole(chain: Chained, house: House) -> None:
    station = chain.station
    chain.station.push(*(chain.look() for _ in range(2)))
    copy = Chained(station, house, after=chain)
    station.push(*(chain.look() for _ in range(2)))
    station.number = 2
    entered = [copy.look() for _ in range(3)]
    assert code_of(station.push_request(entered)) == "forked"
    assert run(house, "device", "settle", station.device).returncode == 0
    assert (chain.broken_at(), chain.breaks()) == ([], [])
    station.push(copy.look())
    assert (chain.broken_at(), chain.breaks()) == ([], [])


@pytest.fixture
def held(chain: Chained, house: House) -> Iterator[Chained]:
    """Let five entries be held; whatever is done to their receipts is undone at the end."""
    chain.station.push(*(chain.look() for _ in range(5)))
    device = UUID(chain.station.device)
    assert chain.breaks() == []
    house.done("CREATE TABLE kept_receipts AS SELECT * FROM receipts WHERE device_id = %s", device)
    yield chain
    house.done("DELETE FROM receipts WHERE device_id = %s", device)
    house.done("INSERT INTO receipts SELECT * FROM kept_receipts")
    house.done("DROP TABLE kept_receipts")
    house.done("UPDATE devices SET last_number = 5 WHERE id = %s", device)


def test_an_edited_text_is_found(held: Chained, house: House) -> None:
    statement = "UPDATE receipts SET body = replace(body, 'VIEW', 'LOCK') WHERE device_id = %s AND number = 3"
    house.done(statement, UUID(held.station.device))
    assert held.breaks() == [("text_changed", 3)]


def test_a_text_edited_with_its_hash_is_found(held: Chained, house: House) -> None:
    statement = """UPDATE receipts SET body = replace(body, 'VIEW', 'LOCK'),
        hash = encode(sha256(replace(body, 'VIEW', 'LOCK')::bytea), 'hex') WHERE device_id = %s AND number = 3"""
    house.done(statement, UUID(held.station.device))
    assert held.breaks() == [("not_signed", 3), ("out_of_chain", 4), ("rewritten", 3)]


def test_one_taken_out_of_the_middle_is_found(held: Chained, house: House) -> None:
    house.done("DELETE FROM receipts WHERE device_id = %s AND number = 3", UUID(held.station.device))
    assert held.breaks() == [("number_missing", 3), ("entry_gone", None)]


def test_a_cut_end_is_found_also_when_the_device_s_row_was_set_back(held: Chained, house: House) -> None:
    device = UUID(held.station.device)
    house.done("DELETE FROM receipts WHERE device_id = %s AND number = 5", device)
    assert held.breaks() == [("end_cut", 5), ("entry_gone", None)]
    house.done("UPDATE devices SET last_number = 4 WHERE id = %s", device)
    assert held.breaks() == [("entry_gone", None)]


def test_two_that_changed_places_are_found(held: Chained, house: House) -> None:
    device = UUID(held.station.device)
    for before, after in ((2, 100), (3, 2), (100, 3)):
        house.done("UPDATE receipts SET number = %s WHERE device_id = %s AND number = %s", after, device, before)
    found = held.breaks()
    assert found[:2] == [("number_moved", 2), ("out_of_chain", 2)]
    assert ("rewritten", 2) in found


def test_a_copy_under_another_number_is_found(held: Chained, house: House) -> None:
    house.done(
        """INSERT INTO receipts (district_id, school_id, entry_id, device_id, number, hash, outcome, body, signature,
               received_at, created_at, updated_at)
           SELECT district_id, school_id, %s, device_id, 6, hash, outcome, body, signature, received_at, now(), now()
           FROM receipts WHERE device_id = %s AND number = 2""",
        make.named("forged"),
        UUID(held.station.device),
    )
    assert held.breaks() == [("number_moved", 6), ("out_of_chain", 6), ("untold", 6)]


def test_a_chain_made_anew_with_another_key_is_found_by_the_signatures_and_by_the_sealed_audit(
    held: Chained, house: House
) -> None:
    device, thief, before = UUID(held.station.device), SigningKey.generate(), None
    rows = house.asked("SELECT number, body FROM receipts WHERE device_id = %s ORDER BY number", device)
    for number, body in rows:
        told = json.loads(body) | {"previous": before, "schema": 3, "replaces": None}
        told["changes"][0]["entity_id"] = str(make.named("somebody else"))
        text = json.dumps(told, sort_keys=True, separators=(",", ":"))
        before = body_hash(text)
        signature = b64(thief.sign(bytes.fromhex(before)).signature)
        house.done(
            "UPDATE receipts SET body = %s, hash = %s, signature = %s WHERE device_id = %s AND number = %s",
            text, before, signature, device, number,
        )  # fmt: skip
    found = held.breaks()
    assert found[:5] == [("not_signed", number) for number in range(1, 6)]
    genuine = house.one("SELECT sign_key FROM devices WHERE id = %s", device)
    house.done("UPDATE devices SET sign_key = %s WHERE id = %s", bytes(thief.verify_key), device)
    assert held.breaks() == [("rewritten", number) for number in range(1, 6)]
    house.done("UPDATE devices SET sign_key = %s WHERE id = %s", genuine, device)


def test_an_entry_that_no_line_tells_of_is_found(held: Chained, house: House) -> None:
    device = UUID(held.station.device)
    entry = house.one("SELECT entry_id FROM receipts WHERE device_id = %s AND number = 4", device)
    house.done("UPDATE audit_logs SET entry_id = NULL, detail = NULL WHERE entry_id = %s", entry)
    assert held.breaks() == [("untold", 4)]
