"""Records that a workstation's own database would not have: operators see how many, and what to do."""

import pytest
from tests.sync_server.cli.commanded import run, wide_and_forgetful
from tests.sync_server.house import House
from tests.sync_server.in_house import office_of

__all__ = ["wide_and_forgetful"]
pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("command", [("device", "list"), ("status",)], ids=["list", "status"])
def test_they_are_counted_and_explained_where_there_are_any(house: House, command: tuple[str, ...]) -> None:
    device = office_of(house).device
    house.done("UPDATE devices SET unstored = 0")
    assert "would not have" not in run(house, *command).stdout
    house.done("UPDATE devices SET unstored = 317 WHERE id = %s", device)
    said = " ".join(run(house, *command).stdout.split())
    assert "317" in said
    assert "not taken: records of the district that this workstation's own database would not have" in said
    assert "`wc-desktop report`" in said
