"""What is handed out and what is denied is on record, by whom, where and when."""

import httpx
import pytest
from tests.sync_server.house import House, as_uuid
from tests.sync_server.workstation import Workstation, code_of, enrol

from wc_contract.model.ids import DeviceId
from wc_sync_server.cli.revoking import revoke_device

pytestmark = pytest.mark.postgres


def told(house: House, office: Workstation, action: str) -> list[tuple[object, ...]]:
    return house.asked(
        "SELECT entity_type, school_id, user_id, detail FROM audit_logs WHERE device_id = %s AND action = %s"
        " ORDER BY received_at, id",
        office.device,
        action,
    )


def test_handing_out_a_whole_school_is_an_export(house: House, client: httpx.Client) -> None:
    office = enrol(house, client)
    frames = office.pull()
    heads = {frame["kind"]: frame["upto"] for frame in frames if frame["frame"] == "rows"}
    office.pull(heads)
    exported = told(house, office, "EXPORT")
    assert exported == [("school", house.north, house.nurses["ann"].id, {"via": "first_sync"})]


@pytest.mark.parametrize("since", [{"student": 0}, {"no_such_kind": 1}, {"student": 10**9}])
def test_no_way_of_asking_hands_out_a_school_unrecorded(
    house: House, client: httpx.Client, since: dict[str, int]
) -> None:
    office = enrol(house, client)
    assert "rows" in {frame["frame"] for frame in office.pull(since)}
    assert [line[0] for line in told(house, office, "EXPORT")] == ["school"]


def test_each_denial_is_on_record(house: House, client: httpx.Client) -> None:
    office = enrol(house, client)
    revoke_device(house.parts, house.district, DeviceId(as_uuid(office.device)))
    office.hello()
    for _ in range(2):
        refused = office.request("/v1/pull", {"protocol": 1, "epoch": office.epoch, "since": {}})
        assert code_of(refused) == "device_revoked"
    denied = ("device", house.north, house.nurses["ann"].id, {"code": "device_revoked"})
    assert told(house, office, "DENIED") == [denied, denied]
    assert told(house, office, "EXPORT") == []
