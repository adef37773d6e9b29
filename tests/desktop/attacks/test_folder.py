"""A workstation's folder on a network share or in a synchronised one: refused before anything is written or used up."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from tests.desktop.clinic import NURSE, PASSWORD, Clinic, small_school
from tests.desktop.transport.test_failures import request

from wc_contract.model.ids import UserId
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.desktop import Desktop, MainWindow
from wc_desktop.app.export import ExportPlan, export_journal
from wc_desktop.app.opened import own_keys_of
from wc_desktop.app.settings import Settings
from wc_desktop.app.startup_trace import StartupTrace
from wc_desktop.background.runner import Runner
from wc_desktop.domain.failures import FolderOnNetwork, FolderSynced
from wc_desktop.security import place
from wc_desktop.security.clock import SystemClock
from wc_desktop.security.place import file_system, is_network, must_be_own_disk
from wc_desktop.ui.messages.failures import FAILURES
from wc_desktop.ui.views.unlock import UnlockPage

ANA = UserId(NURSE)
_LINE = "{number} 1 0:{number} / {point} rw,relatime shared:{number} - {kind} {source} rw\n"


def mounts(*mounted: tuple[str, str]) -> str:
    """The text of mountinfo with these points and kinds."""
    return "".join(
        _LINE.format(number=20 + number, point=point.replace(" ", "\\040"), kind=kind, source="somewhere")
        for number, (point, kind) in enumerate(mounted)
    )


def on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    """Let the system say that what lies under tmp_path is a file system of this kind."""
    told = tmp_path / "mountinfo"
    told.write_text(mounts(("/", "ext4"), (str(tmp_path.resolve()), kind)))
    monkeypatch.setattr(place, "_MOUNTS", told)


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "vboxsf", "fuse.sshfs", "fuse.rclone", "davfs"])
def test_a_workstation_on_a_share_is_neither_enrolled_nor_opened(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    station = clinic.enrol()
    clinic.fill(station, small_school())
    lock(unlock(station, ANA, PASSWORD))
    before = {path.name: path.read_bytes() for path in clinic.folder.iterdir()}
    on(monkeypatch, tmp_path, kind)
    with pytest.raises(FolderOnNetwork):
        unlock(station, ANA, PASSWORD)
    with pytest.raises(FolderOnNetwork):
        clinic.parts.enrol_device(request("http://127.0.0.1:1"), tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert {path.name: path.read_bytes() for path in clinic.folder.iterdir()} == before
    # What waits can be carried to the district from there.
    plan = ExportPlan(folder=clinic.folder, target=tmp_path / "out.wcjournal", only=None, force=False)
    assert export_journal(plan, station.passport, own_keys_of(station), clinic.clock.now()).entries == 2


@pytest.mark.parametrize(
    "kind", ["ext4", "btrfs", "xfs", "zfs", "apfs", "overlay", "tmpfs", "fuseblk", "fuse.ntfs-3g", "fuse.cryfs"]
)
def test_a_disk_of_its_own_is_none(kind: str) -> None:
    assert not is_network(kind)


def test_the_innermost_mount_counts_and_of_two_the_later_one() -> None:
    told = mounts(("/", "ext4"), ("/net", "nfs4"), ("/net/ana/local disk", "xfs"), ("/srv", "cifs"), ("/srv", "ext4"))
    assert file_system(Path("/net/ana/x"), told) == "nfs4"
    assert file_system(Path("/net/ana/local disk/x"), told) == "xfs"
    assert file_system(Path("/net/ana/local disks"), told) == "nfs4"
    assert file_system(Path("/srv/x"), told) == "ext4"
    assert file_system(Path("/nets"), told) == "ext4"
    assert file_system(Path("/x"), "not a line\n") == ""


@pytest.mark.parametrize(
    "where",
    [
        "OneDrive/White Cross",
        "OneDrive - Prairie District/White Cross",
        "Dropbox/clinic",
        "Dropbox (Lincoln)/clinic",
        "Google Drive/clinic",
        "Library/CloudStorage/GoogleDrive-ana@example.invalid/clinic",
        "Library/Mobile Documents/com~apple~CloudDocs/clinic",
        "iCloudDrive/clinic",
        "Nextcloud/clinic",
    ],
)
def test_a_folder_of_a_cloud_is_refused(tmp_path: Path, where: str) -> None:
    clinic = Clinic(tmp_path / where)
    with pytest.raises(FolderSynced):
        must_be_own_disk(clinic.folder)
    with pytest.raises(FolderSynced):
        clinic.parts.enrol_device(request("http://127.0.0.1:1"), clinic.folder)
    assert not clinic.folder.exists()
    station = clinic.enrol()
    with pytest.raises(FolderSynced):
        unlock(station, ANA, PASSWORD)


def test_a_cloud_is_known_by_what_it_leaves_and_by_what_the_system_says(tmp_path: Path) -> None:
    (tmp_path / "shared" / "deep").mkdir(parents=True)
    (tmp_path / "shared" / ".stfolder").mkdir()
    with pytest.raises(FolderSynced):
        must_be_own_disk(tmp_path / "shared" / "deep")
    with pytest.raises(FolderSynced):
        must_be_own_disk(tmp_path / "Documents" / "x", {"OneDriveCommercial": str(tmp_path / "Documents")})
    (tmp_path / "link").symlink_to(tmp_path / "shared")
    with pytest.raises(FolderSynced):
        must_be_own_disk(tmp_path / "link" / "deep")
    (tmp_path / ".dropbox").write_text("of the folder that is copied")
    with pytest.raises(FolderSynced):
        must_be_own_disk(tmp_path / "x")
    (tmp_path / ".dropbox").unlink()
    # The program's own settings lie in the home of whoever uses it, and say nothing of what else is there.
    (tmp_path / ".dropbox").mkdir()
    for name in ("Onedriver", "dropboxes", "Mega Elementary", "google drives"):
        must_be_own_disk(tmp_path / name)


@pytest.mark.gui
@pytest.mark.usefixtures("qtbot")
def test_the_window_says_so_at_its_start_and_offers_no_enrolment(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "OneDrive" / "White Cross", keystore_file=tmp_path / "keys.json")
    window, runner = MainWindow(), Runner()
    desktop = Desktop(settings, window, runner, SystemClock(), StartupTrace(settings))
    desktop.start()
    try:
        page = window._stack.currentWidget()
        assert isinstance(page, UnlockPage)
        assert page.fault.text == FAILURES["folder_synced"]
        assert page.model.fault == page.fault.text
    finally:
        window.close()
        desktop.join()
        runner.stop()
        window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
