"""Somebody who lost the authenticator gets in with a code made beforehand, once, and gets a new secret."""

import re

import httpx
import pytest
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import House, Nurse
from tests.sync_server.workstation import Workstation, code_of

pytestmark = pytest.mark.postgres


def test_a_lost_authenticator_is_made_up_for_by_one_code_once(house: House, client: httpx.Client) -> None:
    first = run(house, "people", "recovery-codes", "BEA@testville.example")
    codes = re.findall(r"^[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}$", run_codes(first.stdout), re.MULTILINE)
    assert len(codes) == 10
    bea = house.nurses["bea"]
    stored = house.asked("SELECT code_hash FROM recovery_codes WHERE user_id = %s", bea.id)
    assert not [row for row in stored for code in codes if code.encode() in bytes(row[0])]

    office, code = Workstation(client=client), house.one_time_code()
    lower = codes[0].lower().replace("-", " ")
    assert office.enrol_request(house, bea, code, totp=lower).status_code == 200
    assert office.enrol_request(house, bea, code, totp=lower).status_code == 200, "the answer was lost: asked again"
    other = Workstation(client=client)
    assert code_of(other.enrol_request(house, bea, house.one_time_code(), totp=codes[0])) == "second_factor_failed"
    ann = house.nurses["ann"]
    assert code_of(other.enrol_request(house, ann, house.one_time_code(), totp=codes[1])) == "second_factor_failed"

    again = run(house, "people", "recovery-codes", "bea@testville.example")
    fresh = re.findall(r"^[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}$", run_codes(again.stdout), re.MULTILINE)
    assert not set(fresh) & set(codes)
    refused = other.enrol_request(house, bea, house.one_time_code(), totp=codes[2])
    assert code_of(refused) == "second_factor_failed", "earlier codes end with new ones"
    assert code_of(office.enrol_request(house, bea, code, totp=codes[2])) == "second_factor_failed", "nor asked again"
    assert office.enrol_request(house, bea, code, totp=lower).status_code == 200
    assert other.enrol_request(house, bea, house.one_time_code(), totp=fresh[0]).status_code == 200
    assert run(house, "people", "recovery-codes", "no@body.example").returncode == 1
    assert house.one("SELECT count(*) FROM audit_logs WHERE action = 'RECOVERY_CODES_ISSUED'") == 2


def test_a_new_authenticator_ends_the_old_one(house: House, client: httpx.Client) -> None:
    shown = run(house, "people", "new-authenticator", "cleo@testville.example")
    assert shown.returncode == 0, shown.stderr
    secret = re.search(r"type the secret: ([A-Z2-7]{32})", shown.stdout)
    assert secret is not None
    old = house.nurses["cleo"]
    office, code = Workstation(client=client), house.one_time_code(house.south)
    assert code_of(office.enrol_request(house, old, code)) == "second_factor_failed"
    assert office.enrol_request(house, Nurse(old.id, old.email, secret[1]), code).status_code == 200
    assert house.one("SELECT count(*) FROM audit_logs WHERE action = 'AUTHENTICATOR_REPLACED'") == 1
    assert run(house, "people", "new-authenticator", "no@body.example").returncode == 1


def run_codes(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())
