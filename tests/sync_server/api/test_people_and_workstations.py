"""Somebody at the office changes a record over real HTTP; the workstation of the school gets it with its next pull."""

import httpx
import pytest
from tests.sync_server.house import PASSWORD, House
from tests.sync_server.serving import Served
from tests.sync_server.workstation import enrol

pytestmark = pytest.mark.postgres


def test_a_change_made_at_the_office_reaches_the_workstation(
    house: House, served: Served, client: httpx.Client
) -> None:
    station, bea = enrol(house, client), house.nurses["bea"]
    end = station.pull()[-1]
    since = {kind: 10_000 if kind != "student" else 0 for kind in end["digest"]}
    typed = {
        "district": "testville",
        "email": bea.email,
        "password": PASSWORD,
        "totp": bea.code(house.parts.clock.now()),
    }
    signed_in = client.post("/v1/people/token", json=typed)
    assert signed_in.status_code == 200, signed_in.text
    bearer = {"authorization": f"Bearer {signed_in.json()['access_token']}"}
    path = f"/v1/records/students/{house.pupils['ned'].id}"
    read = client.get(path, headers=bearer)
    changed = client.patch(path, headers=bearer | {"if-match": read.headers["etag"]}, json={"homeroom": "Room 9"})
    assert changed.status_code == 200, changed.text
    rows = [row for frame in station.pull(since) if frame.get("kind") == "student" for row in frame["rows"]]
    assert any("Room 9" in row and changed.json()["row_version"] in row for row in rows)
    assert client.post("/v1/people/sign-out", headers=bearer).status_code == 204
    assert client.get(path, headers=bearer).status_code == 401
    assert "Room 9" not in served.log.read_text()
