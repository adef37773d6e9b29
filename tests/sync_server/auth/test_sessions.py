"""Refresh: one successor, the same one for a lost answer, nothing for a thief (trust.md 3.2)."""

import httpx
import pytest
from nacl.signing import SigningKey
from tests.sync_server.house import House
from tests.sync_server.workstation import Workstation, code_of, enrol

pytestmark = pytest.mark.postgres


def refreshed(office: Workstation, token: str, **more: object) -> httpx.Response:
    return office.request("/v1/token", {"protocol": 1, "refresh_token": token}, token=token, **more)  # type: ignore[arg-type]


@pytest.fixture
def office(house: House, client: httpx.Client) -> Workstation:
    return enrol(house, client)


def test_a_lost_answer_is_given_again_until_it_was_used(office: Workstation) -> None:
    first = office.refresh
    answers = [refreshed(office, first).json()["refresh_token"] for _ in range(5)]
    assert len(set(answers)) == 1
    second = answers[0]
    assert second != first
    third = refreshed(office, second).json()["refresh_token"]
    assert code_of(refreshed(office, first)) == "sign_in_failed"
    # The newest lost answer can still be asked for again.
    assert refreshed(office, second).json()["refresh_token"] == third


def test_a_fresh_access_token_works(office: Workstation) -> None:
    office.access = refreshed(office, office.refresh).json()["access_token"]
    assert office.hello()["directive"] == "ok"


def test_a_thief_without_the_key_gets_nothing_and_disturbs_nobody(house: House, office: Workstation) -> None:
    stolen = office.refresh
    for _ in range(5):
        assert code_of(refreshed(office, stolen, sign=SigningKey.generate())) == "bad_proof"
    assert house.one("SELECT count(*) FROM sessions WHERE device_id = %s", office.device) == 1
    assert refreshed(office, stolen).status_code == 200


def test_made_up_tokens_open_nothing(office: Workstation) -> None:
    parts = office.refresh.split(".")
    for token in ("", "x", "a.b.c.d", ".".join([*parts[:3], "A" * 43]), ".".join([*parts[:2], parts[1], parts[3]])):
        assert code_of(refreshed(office, token)) == "sign_in_failed"


def test_an_ended_session_ends_within_seconds(house: House, office: Workstation) -> None:
    house.done("UPDATE sessions SET ended_at = now(), ended_reason = 'test' WHERE device_id = %s", office.device)
    assert code_of(refreshed(office, office.refresh)) == "sign_in_failed"
    response = office.request("/v1/pull", {"protocol": 1, "epoch": office.epoch, "since": {}})
    assert code_of(response) == "token_expired"
