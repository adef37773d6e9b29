"""Signing in without a workstation, over the records API."""

from datetime import timedelta

import pytest
from tests import factories as make
from tests.sync_server.house import PASSWORD
from tests.sync_server.records.office import Office

from wc_contract.model.kinds import SCHOOL_ASSIGNMENT

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def nobody_is_locked_out(office: Office) -> None:
    office.house.done("DELETE FROM login_attempts")
    for person in office.people.values():
        office.house.forget_codes(person)


def test_a_nurse_signs_in_and_is_told_what_she_may(office: Office) -> None:
    answer = office.sign_in("ann")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["token_type"] == "Bearer"
    assert told["person"]["schools"] == [str(office.house.north)]
    assert "orders" in told["person"]["writes"]
    assert "budget" not in told["person"]["reads"]
    assert set(told) == {"access_token", "token_type", "expires_in", "person"}


def test_people_of_the_office_see_every_school_and_others_their_own(office: Office) -> None:
    everywhere = {str(office.house.north), str(office.house.south)}
    assert set(office.client_of("sue").get("people/me")["schools"]) == everywhere
    assert set(office.client_of("abe").get("people/me")["schools"]) == everywhere
    assert office.client_of("cleo").get("people/me")["schools"] == [str(office.house.south)]


@pytest.mark.parametrize(("since", "until"), [(-30, -2), (2, None)])
def test_who_is_assigned_to_a_school_on_other_days_sees_none_today(
    office: Office, since: int, until: int | None
) -> None:
    today, assignment = office.house.parts.clock.now().date(), office.new_id()
    row = make.row(
        "school_assignment",
        id=assignment,
        user_id=str(office.people["sue"].id),
        assigned_from=(today + timedelta(days=since)).isoformat(),
        assigned_to=None if until is None else (today + timedelta(days=until)).isoformat(),
    )
    office.put(office.house.north, SCHOOL_ASSIGNMENT, row)
    remembered = office.client.app.state.services.records.people._remembered  # type: ignore[attr-defined]
    remembered.clear()
    try:
        assert office.client_of("sue").get("people/me")["schools"] == []
    finally:
        office.delete(office.house.north, SCHOOL_ASSIGNMENT, assignment)
        remembered.clear()
    assert len(office.client_of("sue").get("people/me")["schools"]) == 2


def test_a_role_that_works_on_workstations_only_gets_no_token(office: Office) -> None:
    answer = office.sign_in("una")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert office.house.one("SELECT count(*) FROM audit_logs WHERE action = 'DENIED' AND role = 'UNLICENSED'") == 1


def test_wrong_and_unknown_get_one_answer(office: Office) -> None:
    wrong = office.sign_in("ann", password="not it at all")
    unknown = office.sign_in("ann", email="nobody@testville.example")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_a_code_of_the_authenticator_counts_once(office: Office) -> None:
    code = office.people["bea"].code(office.house.parts.clock.now())
    assert office.sign_in("bea", totp=code).status_code == 200
    assert office.sign_in("bea", totp=code).json()["code"] == "second_factor_failed"


def test_ten_failures_lock_the_account_here_too(office: Office) -> None:
    answers = [office.sign_in("ann", password="wrong all along").json()["code"] for _ in range(11)]
    assert answers == ["sign_in_failed"] * 10 + ["locked_out"]


def test_signing_out_ends_the_session_at_once(office: Office) -> None:
    token = office.sign_in("ann").json()["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    assert office.client.get("/v1/people/me", headers=bearer).status_code == 200
    assert office.client.post("/v1/people/sign-out", headers=bearer).status_code == 204
    after = office.client.get("/v1/people/me", headers=bearer)
    assert (after.status_code, after.json()["code"]) == (401, "not_signed_in")
    assert office.client.post("/v1/people/sign-out", headers=bearer).status_code == 401


def test_a_device_token_opens_no_records_and_a_persons_token_no_device(office: Office) -> None:
    from wc_sync_server.auth.tokens import AccessTokens
    from wc_sync_server.domain.access import Principal

    parts = office.house.parts
    tokens = AccessTokens(parts.server_keys.access, parts.clock, parts.chance, parts.settings.access)
    ann = office.people["ann"]
    principal = Principal(
        district=office.house.district,
        school=office.house.north,
        device=office.house.pupils["ned"].id,  # type: ignore[arg-type]  # any id will do
        user=ann.id,
        session=office.house.pupils["ned"].id,
    )
    bearer = {"authorization": f"Bearer {tokens.issue(principal)}"}
    assert office.client.get("/v1/people/me", headers=bearer).json()["code"] == "not_signed_in"
    person = {"authorization": f"Bearer {office.sign_in('ann').json()['access_token']}"}
    assert office.client.post("/v1/hello", headers=person, json={}).json()["code"] == "token_expired"


def test_a_disabled_person_is_shut_out_within_seconds(office: Office) -> None:
    token = office.sign_in("tess").json()["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    office.house.done("UPDATE users SET revoked_at = now() WHERE id = %s", office.people["tess"].id)
    try:
        office.client.app.state.services.records.people._remembered.clear()  # type: ignore[attr-defined]
        assert office.client.get("/v1/people/me", headers=bearer).status_code == 401
    finally:
        office.house.done("UPDATE users SET revoked_at = NULL WHERE id = %s", office.people["tess"].id)


def test_bodies_that_do_not_read_name_fields_and_no_values(office: Office) -> None:
    answer = office.client.post("/v1/people/token", json={"email": 7, "Marker-Zebulon-Quist": 1, "password": PASSWORD})
    assert answer.status_code == 422
    assert answer.json()["fields"] == ["district", "email", "totp"]
    assert "Zebulon" not in answer.text
