"""Somebody who forgot the password gets another one from the operator; the old one ends where it signs in."""

from typing import Any

import httpx
import pytest
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import PASSWORD, House

pytestmark = pytest.mark.postgres
ANOTHER = "another long pass phrase"


def sign_in(house: House, client: httpx.Client, name: str, password: str) -> httpx.Response:
    person = house.nurses[name]
    house.forget_codes(person)
    typed = {"email": person.email, "password": password, "totp": person.code(house.parts.clock.now())}
    return client.post("/v1/people/token", json={"district": "testville", **typed})


def bearing(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def hashes(house: House) -> dict[Any, str]:
    return dict(house.asked("SELECT id, password_hash FROM user_credentials"))


def generation(house: House, name: str) -> Any:
    return house.one("SELECT generation FROM users WHERE id = %s", house.nurses[name].id)


def test_a_new_password_signs_in_and_ends_what_the_old_one_opened(house: House, client: httpx.Client) -> None:
    before = sign_in(house, client, "bea", PASSWORD)
    assert before.status_code == 200, before.text
    was, known = generation(house, "bea"), hashes(house)
    changed = run(house, "people", "new-password", "BEA@testville.example", "--password-stdin", typed=ANOTHER + "\n")
    assert changed.returncode == 0, changed.stderr
    assert ANOTHER not in changed.stdout + changed.stderr
    assert "still open with the old one" in changed.stdout
    assert client.get("/v1/people/me", headers=bearing(before)).status_code == 401, "its session has ended"
    assert sign_in(house, client, "bea", PASSWORD).status_code == 401
    after = sign_in(house, client, "bea", ANOTHER)
    assert after.status_code == 200, after.text
    assert client.get("/v1/people/me", headers=bearing(after)).status_code == 200
    assert generation(house, "bea") == was, "her workstation opens as before"
    done = house.asked("SELECT action FROM audit_logs WHERE entity_id = %s", str(house.nurses["bea"].id))
    assert [row[0] for row in done].count("PASSWORD_REPLACED") == 1
    assert [who for who, hashed in hashes(house).items() if known[who] != hashed] == [house.nurses["bea"].id]


def test_a_new_authenticator_ends_sessions_too(house: House, client: httpx.Client) -> None:
    before = sign_in(house, client, "ann", PASSWORD)
    assert before.status_code == 200, before.text
    assert run(house, "people", "new-authenticator", "ann@testville.example").returncode == 0
    assert client.get("/v1/people/me", headers=bearing(before)).status_code == 401


def test_a_password_that_somebody_else_knows_ends_at_workstations_too(house: House) -> None:
    was = generation(house, "cleo")
    changed = run(
        house, "people", "new-password", "cleo@testville.example", "--everywhere", "--password-stdin", typed=ANOTHER
    )
    assert changed.returncode == 0, changed.stderr
    assert "A colleague adds them there again" in changed.stdout
    assert generation(house, "cleo") == was + 1


@pytest.mark.parametrize(
    ("email", "typed", "said"),
    [
        ("no@body.example", ANOTHER, "There is nobody with that e-mail address"),
        ("cleo@testville.example", "short", "at least"),
        ("cleo@testville.example", "password1234567", "among the first that anybody tries"),
    ],
)
def test_what_is_refused_changes_nothing(house: House, email: str, typed: str, said: str) -> None:
    before = hashes(house)
    refused = run(house, "people", "new-password", email, "--password-stdin", typed=typed + "\n")
    assert refused.returncode == 1
    assert said in refused.stderr + refused.stdout
    assert hashes(house) == before
