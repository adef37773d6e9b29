"""A rebuilt replica takes the old one's place while the desk is open, also when the disk refuses for a moment."""

from pathlib import Path

import pytest
from tests.desktop.clinic import EPOCH, Clinic, load, small_school

from wc_desktop.actions.unlock import lock
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.failures import DiskFull
from wc_desktop.replica.side_file import SideFile


def test_a_desk_has_its_records_again_after_the_disk_refused_a_swap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = Clinic(tmp_path / "data")
    desk = clinic.opened()
    opened = opened_of(desk)
    side = opened.begin_side(EPOCH)
    load(side, small_school(), at=clinic.clock.at)

    def refused(_side: SideFile) -> None:
        raise DiskFull("no room")

    with monkeypatch.context() as patched:
        patched.setattr(SideFile, "put_in_place", refused)
        with pytest.raises(DiskFull):
            opened.swap_in()
    files = clinic.parts.link_of(desk).files
    assert files.view().epoch == EPOCH
    assert desk.records.counts()["student"] == len(small_school()["student"])
    lock(desk)
