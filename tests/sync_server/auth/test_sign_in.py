"""Becoming known: codes, passwords, second factors, lock-out, over real HTTP."""

import time

import httpx
import pytest
from tests.sync_server.house import House
from tests.sync_server.workstation import Workstation, code_of, enrol

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def nobody_is_locked_out(house: House) -> None:
    house.done("DELETE FROM login_attempts")
    for nurse in house.nurses.values():
        house.forget_codes(nurse)


def test_a_wrong_password_and_an_unknown_account_get_one_answer(house: House, client: httpx.Client) -> None:
    code, ann = house.one_time_code(), house.nurses["ann"]
    office = Workstation(client=client)
    wrong = office.enrol_request(house, ann, code, password="not it at all")
    unknown = office.enrol_request(house, ann, code, email="nobody@testville.example")
    assert code_of(wrong) == code_of(unknown) == "sign_in_failed"
    assert wrong.json() == unknown.json()
    assert house.one("SELECT count(*) FROM login_attempts WHERE email LIKE %s", "nobody%") == 0


def test_unknown_accounts_take_as_long_as_known_ones(house: House, client: httpx.Client) -> None:
    code, office = house.one_time_code(), Workstation(client=client)

    def fastest(email: str) -> float:
        times = []
        for _ in range(4):
            house.done("DELETE FROM login_attempts")
            began = time.perf_counter()
            office.enrol_request(house, house.nurses["ann"], code, email=email, password="wrong all along")
            times.append(time.perf_counter() - began)
        return min(times)

    known, unknown = fastest("ann@testville.example"), fastest("nobody@testville.example")
    # Without a dummy hash the unknown one would take a tenth.
    assert unknown > known / 3


def test_a_wrong_code_of_the_authenticator_is_told_apart(house: House, client: httpx.Client) -> None:
    office, code = Workstation(client=client), house.one_time_code()
    for totp in ("000000", "12345", "abcdef", "½23456"):
        assert code_of(office.enrol_request(house, house.nurses["ann"], code, totp=totp)) == "second_factor_failed"


def test_a_code_of_the_authenticator_counts_once(house: House, client: httpx.Client) -> None:
    bea = house.nurses["bea"]
    seen = bea.code(house.parts.clock.now())
    first, thief = Workstation(client=client), Workstation(client=client)
    assert first.enrol_request(house, bea, house.one_time_code(), totp=seen).status_code == 200
    assert code_of(thief.enrol_request(house, bea, house.one_time_code(), totp=seen)) == "second_factor_failed"


def test_a_failed_sign_in_does_not_use_up_the_one_time_code(house: House, client: httpx.Client) -> None:
    office, code, ann = Workstation(client=client), house.one_time_code(), house.nurses["ann"]
    assert code_of(office.enrol_request(house, ann, code, password="wrong all along")) == "sign_in_failed"
    assert office.enrol_request(house, ann, code.lower().replace("-", " ")).status_code == 200


def test_a_one_time_code_is_good_once_and_for_fifteen_minutes(house: House, client: httpx.Client) -> None:
    ann, code = house.nurses["ann"], house.one_time_code()
    assert Workstation(client=client).enrol_request(house, ann, code).status_code == 200
    house.forget_codes(ann)
    assert code_of(Workstation(client=client).enrol_request(house, ann, code)) == "code_invalid"
    assert code_of(Workstation(client=client).enrol_request(house, ann, "AAAAA-BBBBB")) == "code_invalid"
    old = house.one_time_code()
    house.done(
        "UPDATE enrolment_codes SET issued_at = issued_at - interval '20 min', "
        "expires_at = expires_at - interval '20 min' WHERE used_at IS NULL"
    )
    assert code_of(Workstation(client=client).enrol_request(house, ann, old)) == "code_expired"


def test_a_lost_answer_to_enrolment_is_asked_for_again(house: House, client: httpx.Client) -> None:
    office, code, ann = Workstation(client=client), house.one_time_code(), house.nurses["ann"]
    totp = ann.code(house.parts.clock.now())
    first = office.enrol_request(house, ann, code, totp=totp).json()
    again = office.enrol_request(house, ann, code, totp=totp).json()
    assert again["device_id"] == first["device_id"]
    other_key = Workstation(client=client)
    assert code_of(other_key.enrol_request(house, ann, code, totp=totp)) == "code_invalid"
    office.take(ann, again)
    assert office.hello()["directive"] == "ok"


def test_another_district_and_a_school_one_does_not_work_at_are_told(house: House, client: httpx.Client) -> None:
    office, ann = Workstation(client=client), house.nurses["ann"]
    assert code_of(office.enrol_request(house, ann, house.one_time_code(), district="elsewhere")) == "wrong_district"
    assert code_of(office.enrol_request(house, ann, house.one_time_code(house.south))) == "not_assigned"


def test_ten_failures_lock_the_account_whoever_asks(house: House, client: httpx.Client) -> None:
    code, office = house.one_time_code(), Workstation(client=client)
    for email in ("ann@testville.example", "nobody@testville.example"):
        answers = [
            code_of(office.enrol_request(house, house.nurses["ann"], code, email=email, password="wrong all along"))
            for _ in range(11)
        ]
        assert answers == ["sign_in_failed"] * 10 + ["locked_out"]
    locked = office.enrol_request(house, house.nurses["ann"], code)
    assert code_of(locked) == "locked_out"
    assert int(locked.headers["retry-after"]) == locked.json()["retry_after"] == 900
    assert office.enrol_request(house, house.nurses["bea"], code).status_code == 200


def test_one_address_cannot_try_every_account(house: House, client: httpx.Client) -> None:
    at = house.parts.clock.now()
    house.done(
        "INSERT INTO login_attempts (district_id, id, email, address, outcome, at, created_at, updated_at)"
        " SELECT %s, gen_random_uuid(), 'sha256:' || n, '127.0.0.1', 'unknown', %s, %s, %s"
        " FROM generate_series(1, 50) n",
        house.district,
        at,
        at,
        at,
    )
    office = Workstation(client=client)
    assert code_of(office.enrol_request(house, house.nurses["ann"], house.one_time_code())) == "locked_out"


def test_a_second_nurse_gets_a_place_on_the_lease(house: House, client: httpx.Client) -> None:
    office, bea = enrol(house, client), house.nurses["bea"]
    message = {
        "protocol": 1,
        "email": bea.email,
        "password": "a long pass phrase of a nurse",
        "totp": bea.code(house.parts.clock.now()),
    }
    added = office.ask("/v1/users", message)
    assert added["user"]["first_name"] == "Bea"
    assert str(bea.id) in added["lease"]["body"]
    assert str(house.nurses["ann"].id) in added["lease"]["body"]
    assert code_of(office.request("/v1/users", message)) == "second_factor_failed"
    cleo = house.nurses["cleo"]
    other = message | {"email": cleo.email, "totp": cleo.code(house.parts.clock.now())}
    assert code_of(office.request("/v1/users", other)) == "not_assigned"


def test_every_try_is_on_record(house: House, client: httpx.Client) -> None:
    before = house.one("SELECT count(*) FROM audit_logs WHERE action LIKE 'SIGN_IN%%'")
    office = Workstation(client=client)
    office.enrol_request(house, house.nurses["ann"], house.one_time_code(), password="wrong all along")
    enrol(house, client)
    told = house.asked("SELECT action FROM audit_logs WHERE action LIKE 'SIGN_IN%%' ORDER BY received_at, id")
    assert [row[0] for row in told[before:]] == ["SIGN_IN_FAILED", "SIGN_IN"]
