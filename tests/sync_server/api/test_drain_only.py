"""A workstation that is too old to fetch still gets rid of what it holds."""

import httpx
import pytest
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.serving import Served
from tests.sync_server.workstation import code_of, enrol

pytestmark = pytest.mark.postgres


def test_an_old_program_may_send_and_is_told_not_to_fetch(house: House, served: Served, client: httpx.Client) -> None:
    office = enrol(house, client)
    assert office.hello(app_version="0.1.0")["directive"] == "ok"
    served.stop()
    served.start(WC_MIN_APP_VERSION="0.3.0")
    answer = office.hello(app_version="0.2.9")
    assert (answer["directive"], answer["min_app_version"]) == ("drain_only", "0.3.0")
    # It knows of no field that came later, and reads the answer as strictly as ever.
    assert set(answer) == {
        "protocol", "supported", "server_time", "epoch", "last_number", "directive", "lease", "min_app_version",
    }  # fmt: skip
    ned = house.pupils["ned"]
    (receipt,) = office.push(office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)))
    assert receipt["outcome"] == "applied"
    # A program that fetches nevertheless, or has not greeted since the server changed its mind, gets no record.
    wanted = {"protocol": 1, "epoch": office.epoch}
    for path, more in (
        ("/v1/pull", {"since": {}, "digest": False}),
        ("/v1/wait", {"checkpoint": None, "seconds": 1}),
        ("/v1/manifest", {"slices": {}}),
        ("/v1/manifest/rows", {"held": []}),
    ):
        assert code_of(office.request(path, wanted | more)) == "unsupported_protocol", path
    photo = f"/v1/blob/{'0' * 64}?offset=0&length=9"
    assert code_of(office.request(photo, b"", method="GET")) == "unsupported_protocol"
    denied = "SELECT count(*) FROM audit_logs WHERE device_id = %s AND detail ->> 'code' = 'unsupported_protocol'"
    assert house.one(denied, office.device) == 5
    assert office.hello(app_version="0.10.0", nonce="")["directive"] != "drain_only"
    assert office.pull()[-1]["frame"] == "end"
