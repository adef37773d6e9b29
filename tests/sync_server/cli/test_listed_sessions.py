"""Where somebody is signed in is told, and ended: by the operator, and by themselves."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import PASSWORD, House
from tests.sync_server.workstation import Workstation, enrol

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def everybody_is_out(house: House) -> None:
    house.done("UPDATE sessions SET ended_at = now(), ended_reason = 'test' WHERE ended_at IS NULL")
    house.done("DELETE FROM login_attempts")


def sign_in(house: House, client: httpx.Client, name: str) -> dict[str, str]:
    person = house.nurses[name]
    house.forget_codes(person)
    typed = {"email": person.email, "password": PASSWORD, "totp": person.code(house.parts.clock.now())}
    answer = client.post("/v1/people/token", json={"district": "testville", **typed})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def enrolled(house: House, client: httpx.Client) -> Workstation:
    house.forget_codes(house.nurses["ann"])
    return enrol(house, client)


def listed(client: httpx.Client, bearer: dict[str, str]) -> list[dict[str, Any]]:
    answer = client.get("/v1/people/sessions", headers=bearer)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def ended(house: House) -> int:
    return int(house.one("SELECT count(*) FROM audit_logs WHERE action = 'SESSION_ENDED'"))


def opens(client: httpx.Client, bearer: dict[str, str]) -> bool:
    return client.get("/v1/people/me", headers=bearer).status_code == 200


def test_somebody_sees_their_own_sessions_and_ends_another(house: House, client: httpx.Client) -> None:
    station = enrolled(house, client)
    others, mine = sign_in(house, client, "bea"), sign_in(house, client, "ann")
    elsewhere = sign_in(house, client, "ann")
    assert opens(client, mine)
    assert opens(client, elsewhere)
    found = listed(client, mine)
    assert [(each["present"], each["workstation"] is None) for each in found] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert all(each["since"] < each["until"] for each in found)
    assert found[0]["last_used"] >= found[0]["since"]
    before = ended(house)
    assert client.delete(f"/v1/people/sessions/{found[1]['id']}", headers=mine).status_code == 204
    assert not opens(client, elsewhere)
    assert [each["id"] for each in listed(client, mine)] == [found[0]["id"], found[2]["id"]]
    assert ended(house) == before + 1
    theirs = listed(client, others)[0]["id"]
    for not_to_be_ended in (theirs, found[1]["id"], found[2]["id"], uuid4()):
        answer = client.delete(f"/v1/people/sessions/{not_to_be_ended}", headers=mine)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_record")
    assert opens(client, others)
    assert station.hello()["directive"] == "ok"
    assert ended(house) == before + 1
    assert client.delete(f"/v1/people/sessions/{found[0]['id']}", headers=mine).status_code == 204
    assert client.get("/v1/people/sessions", headers=mine).status_code == 401


def test_the_last_use_is_kept_to_a_minute(house: House, client: httpx.Client) -> None:
    bearer = sign_in(house, client, "bea")
    session = UUID(listed(client, bearer)[0]["id"])
    used = "SELECT used_at FROM sessions WHERE id = %s"
    first = house.one(used, session)
    assert first is not None
    house.done("UPDATE sessions SET used_at = used_at - interval '2 minutes' WHERE id = %s", session)
    # Another token of the same process is remembered for seconds: whoever asks after them is looked up again.
    with httpx.Client(base_url=client.base_url) as another:
        deadline = house.parts.clock.monotonic() + 15
        while house.one(used, session) < first and house.parts.clock.monotonic() < deadline:
            assert opens(another, bearer)
    assert first <= house.one(used, session) < first + timedelta(minutes=1)


def test_the_operator_lists_and_ends_sessions(house: House, client: httpx.Client) -> None:
    station = enrolled(house, client)
    first, second = sign_in(house, client, "ann"), sign_in(house, client, "ann")
    others = sign_in(house, client, "bea")
    shown = run(house, "people", "sessions", "ANN@testville.example")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("the person") == 2
    assert f"({station.device})" in shown.stdout
    one, _, stations = listed(client, first)
    assert one["present"]
    before = ended(house)
    for wrong in (stations["id"], str(uuid4())):
        refused = run(house, "people", "end-sessions", "ann@testville.example", "--session", wrong)
        assert refused.returncode == 1
        assert "device lost" in refused.stderr
    stranger = run(house, "people", "end-sessions", "bea@testville.example", "--session", one["id"])
    assert stranger.returncode == 1
    assert ended(house) == before
    done = run(house, "people", "end-sessions", "ann@testville.example", "--session", one["id"])
    assert (done.returncode, done.stdout.strip()) == (0, "1 sessions have ended.")
    gone = house.one("SELECT ended_reason FROM sessions WHERE id = %s", UUID(one["id"]))
    assert gone == "ended_by_operator"
    assert opens(client, second)
    done = run(house, "people", "end-sessions", "ann@testville.example")
    assert done.stdout.strip() == "1 sessions have ended."
    assert ended(house) == before + 2
    left = run(house, "people", "sessions", "ann@testville.example").stdout
    assert "the person" not in left
    assert f"({station.device})" in left
    assert opens(client, others)
    assert station.hello()["directive"] == "ok"


def test_who_was_disabled_comes_back_and_old_sessions_do_not(house: House, client: httpx.Client) -> None:
    before = sign_in(house, client, "bea")
    bea = house.nurses["bea"]
    generation = "SELECT generation FROM users WHERE id = %s"
    was = house.one(generation, bea.id)
    assert "is not disabled" in run(house, "people", "enable", bea.email).stderr
    assert run(house, "people", "disable", bea.email).returncode == 0
    house.forget_codes(bea)
    typed = {"email": bea.email, "password": PASSWORD, "totp": bea.code(house.parts.clock.now())}
    shut = client.post("/v1/people/token", json={"district": "testville", **typed})
    assert shut.json()["code"] == "sign_in_failed"
    back = run(house, "people", "enable", "BEA@testville.example")
    assert back.returncode == 0, back.stderr
    assert "a colleague adds them again" in back.stdout
    assert opens(client, sign_in(house, client, "bea"))
    assert not opens(client, before)
    assert house.one(generation, bea.id) == was + 1, "slots of before stay closed"
    done = house.asked("SELECT action FROM audit_logs WHERE entity_id = %s", str(bea.id))
    assert [row[0] for row in done].count("USER_ENABLED") == 1
    assert run(house, "people", "enable", "no@body.example").returncode == 1
