"""The end of a workstation, as the server sees it: an order that is signed, a receipt that is proved and kept once."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from nacl.signing import SigningKey, VerifyKey
from tests.sync_server.cli.commanded import run, wide_and_forgetful
from tests.sync_server.house import House
from tests.sync_server.workstation import Workstation, b64, code_of, enrol

from wc_contract.model.ids import DeviceId
from wc_contract.model.instants import instant_from_text, instant_to_text
from wc_contract.wire.wipe import WipeReason, signed_order, signed_receipt
from wc_desktop.security.base64_text import octets_of
from wc_sync_server.cli.revoking import revoke_device

pytestmark = pytest.mark.postgres
__all__ = ["wide_and_forgetful"]


@pytest.fixture
def office(house: House, client: httpx.Client) -> Workstation:
    return enrol(house, client)


def revoke(house: House, office: Workstation, reason: WipeReason = WipeReason.LOST) -> None:
    revoke_device(house.parts, house.district, DeviceId(UUID(office.device)), reason)


def order_of(office: Workstation, **said: Any) -> dict[str, Any]:
    answer = office.ask("/v1/wipe/order", {"protocol": 1, **said})
    key = VerifyKey(octets_of(office.enrolled["district"]["verify_key"]))
    key.verify(signed_order(answer["order"]["body"]), octets_of(answer["order"]["signature"]))
    return dict(json.loads(answer["order"]["body"]))


def receipt_of(office: Workstation, sign: SigningKey | None = None, **changed: Any) -> dict[str, Any]:
    order = order_of(office)
    at = instant_to_text(instant_from_text(order["revoked_at"]) + timedelta(minutes=1))
    said = {
        "district_id": order["district_id"],
        "device_id": order["device_id"],
        "revoked_at": order["revoked_at"],
        "begun_at": at,
        "erased_at": at,
        "sent": 2,
        "last_number": 7,
        "photos": 0,
        "keys": ["device secret"],
        "files": ["journal"],
        "left": [],
        "app_version": "0.1.0",
    } | changed
    body = json.dumps(said)
    return {
        "protocol": 1,
        "body": body,
        "signature": b64((sign or office.sign).sign(signed_receipt(body)).signature),
    }


def hand_in(client: httpx.Client, receipt: dict[str, Any]) -> httpx.Response:
    """Send a receipt as a workstation without any key or token does."""
    return client.post("/v1/wipe/receipt", json=receipt)


def lines(house: House, office: Workstation) -> list[dict[str, Any]]:
    query = "SELECT detail FROM audit_logs WHERE entity_id = %s AND action = 'DEVICE_WIPED' ORDER BY at"
    return [row[0] for row in house.asked(query, office.device)]


def test_a_workstation_in_good_standing_has_no_order_and_asking_changes_nothing(
    house: House, office: Workstation
) -> None:
    before = house.asked("SELECT * FROM devices WHERE id = %s", office.device)
    assert office.ask("/v1/wipe/order", {"protocol": 1, "unsent": 9})["order"] is None
    assert house.asked("SELECT * FROM devices WHERE id = %s", office.device) == before


def test_the_order_is_signed_by_the_district_and_says_why(house: House, office: Workstation) -> None:
    revoke(house, office, WipeReason.RETIRED)
    order = order_of(office, unsent=3, held="needs_password")
    assert (order["device_id"], order["reason"]) == (office.device, "retired")
    listed = run(house, "device", "show", office.device).stdout
    assert "entries still unsent: 3; held up: needs_password" in listed
    assert "wipe asked, told" in run(house, "device", "list").stdout


def test_a_stolen_token_gets_no_order_without_the_device_key(house: House, office: Workstation) -> None:
    revoke(house, office)
    thief = SigningKey.generate()
    assert code_of(office.request("/v1/wipe/order", {"protocol": 1}, sign=thief)) == "bad_proof"
    refresh = {"protocol": 1, "refresh_token": office.refresh}
    assert code_of(office.request("/v1/token", refresh, token=office.refresh, sign=thief)) == "bad_proof"


def test_a_receipt_is_kept_with_a_line_of_the_audit_and_its_replays_do_nothing(
    house: House, office: Workstation, client: httpx.Client
) -> None:
    revoke(house, office)
    receipt = receipt_of(office)
    first = hand_in(client, receipt)
    assert first.status_code == 200, first.text
    assert {hand_in(client, receipt).json()["received_at"] for _ in range(5)} == {first.json()["received_at"]}
    (line,) = lines(house, office)
    assert (line["sent"], line["last_number"], line["photos"]) == (2, 7, 0)
    shown = run(house, "device", "show", office.device)
    assert (shown.returncode, "signed by its key" in shown.stdout) == (0, True)
    assert "with receipt" in run(house, "device", "list").stdout


def test_a_forged_receipt_is_refused_and_nothing_is_kept(
    house: House, office: Workstation, client: httpx.Client
) -> None:
    other = enrol(house, client)
    revoke(house, office)
    receipt = receipt_of(office)
    changed = receipt["body"].replace('"sent": 2', '"sent": 3')
    forged = [
        receipt_of(office, SigningKey.generate()),
        receipt_of(office, other.sign),
        receipt | {"body": changed},
        receipt | {"signature": "x"},
        # The key's own hand over the same words, but for another purpose.
        receipt | {"signature": b64(office.sign.sign(receipt["body"].encode()).signature)},
        receipt_of(office, revoked_at=instant_to_text(instant_from_text("2026-01-01T00:00:00.000Z"))),
        receipt_of(office, device_id=str(UUID(int=7))),
        receipt_of(office, district_id=str(UUID(int=7))),
        receipt | {"body": "{}"},
    ]
    assert {code_of(hand_in(client, one)) for one in forged} == {"bad_proof"}
    assert lines(house, office) == []
    assert house.one("SELECT wiped_at IS NULL AND wipe_receipt IS NULL FROM devices WHERE id = %s", office.device)


def test_a_workstation_that_goes_on_cannot_be_reported_as_erased(
    house: House, office: Workstation, client: httpx.Client
) -> None:
    gone = enrol(house, client)
    revoke(house, gone)
    receipt = receipt_of(gone, office.sign, device_id=office.device)
    assert code_of(hand_in(client, receipt)) == "bad_proof"
    assert office.hello()["directive"] == "ok"


def test_a_second_copy_that_is_erased_too_is_on_record_and_the_first_word_stands(
    house: House, office: Workstation, client: httpx.Client
) -> None:
    revoke(house, office)
    first, second = receipt_of(office), receipt_of(office, sent=0)
    assert [hand_in(client, one).status_code for one in (first, second)] == [200, 200]
    assert [line["sent"] for line in lines(house, office)] == [2, 0]
    assert house.one("SELECT wipe_receipt FROM devices WHERE id = %s", office.device) == first["body"]


def test_a_receipt_that_was_changed_in_the_database_proves_nothing(
    house: House, office: Workstation, client: httpx.Client
) -> None:
    revoke(house, office)
    assert hand_in(client, receipt_of(office)).status_code == 200
    house.done(
        """UPDATE devices SET wipe_receipt = replace(wipe_receipt, '"sent": 2', '"sent": 9') WHERE id = %s""",
        office.device,
    )
    shown = run(house, "device", "show", office.device)
    assert shown.returncode == 1
    assert "NOT SIGNED BY ITS KEY" in shown.stdout


def test_the_operator_is_told_what_will_happen_and_asked(house: House, office: Workstation) -> None:
    asked = run(house, "device", "retire", office.device, typed="n\n")
    assert asked.returncode == 1
    assert "photos too, it destroys its keys" in " ".join(asked.stdout.split())
    assert office.ask("/v1/wipe/order", {"protocol": 1})["order"] is None
    assert run(house, "device", "retire", office.device, typed="y\n").returncode == 0
    assert order_of(office)["reason"] == "retired"
    assert run(house, "device", "retire", office.device, "--yes").returncode == 1
    # It was stolen before anybody fetched it.
    assert run(house, "device", "lost", office.device, "--yes").returncode == 0
    assert order_of(office)["reason"] == "lost"
