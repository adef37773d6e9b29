"""From a one-time code to records on the screen, over real HTTP and real PostgreSQL."""

import httpx
import pytest
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.workstation import enrol

from wc_contract.model.kinds import BY_NAME
from wc_contract.wire.digests import digest_rows

pytestmark = pytest.mark.postgres


def test_a_workstation_enrols_greets_sends_and_fetches(house: House, client: httpx.Client) -> None:
    office = enrol(house, client)
    assert office.hello()["directive"] == "ok"
    ned = house.pupils["ned"]
    dose = make.dose_logged(student_id=ned.id, order_id=ned.order)

    (receipt,) = office.push(office.entry(dose))
    frames = office.pull()

    assert receipt["outcome"] == "applied", receipt
    assert frames[0]["frame"] == "header"
    assert frames[-1]["frame"] == "end"
    rows = {row[0]: row for frame in frames if frame["frame"] == "rows" for row in frame["rows"]}
    assert str(dose.id) in rows
    assert str(house.pupils["sam"].id) not in rows
    for frame in frames[1:-1]:
        assert all(len(row) == len(BY_NAME[frame["kind"]].columns) for row in frame["rows"])
    for kind, (count, total) in frames[-1]["digest"].items():
        held = [row for frame in frames[1:-1] if frame["kind"] == kind for row in frame["rows"]]
        counted = digest_rows((row[0], row[-1]) for row in held)
        assert (count, total) == (counted.count, counted.sum), kind
