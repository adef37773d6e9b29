"""A roster's files out of a folder or zip: bounded, and refused with a sentence that says what to do."""

import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sync_server.importing.import_world import pupil, roster, write_folder, write_zip

from wc_sync_server.importing.oneroster.manifest import Mode, Version, read_manifest
from wc_sync_server.importing.oneroster.problems import Code
from wc_sync_server.importing.oneroster.source import Bounds, SourceFiles, open_source
from wc_sync_server.importing.refusals import SourceRefused

FILES = roster([pupil(1)])


def test_a_zip_and_a_folder_give_the_same_files(tmp_path: Path) -> None:
    zipped = open_source(write_zip(tmp_path / "r.zip", FILES))
    folder = open_source(write_folder(tmp_path / "r", FILES))
    assert zipped.contents == folder.contents
    assert set(zipped.contents) == {"manifest.csv", "orgs.csv", "users.csv", "demographics.csv"}


def test_a_zip_of_one_folder_is_read_and_what_a_mac_adds_is_not(tmp_path: Path) -> None:
    path = tmp_path / "r.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export/manifest.csv", "propertyName,value\n")
        archive.writestr("export/orgs.csv", "sourcedId\n")
        archive.writestr("__MACOSX/export/manifest.csv", b"\x00\x05")
    assert set(open_source(path).contents) == {"manifest.csv", "orgs.csv"}


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.7, 0.98])
def test_a_truncated_zip_is_refused(tmp_path: Path, kept: float) -> None:
    whole = write_zip(tmp_path / "r.zip", FILES).read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(SourceRefused, match=r"not a whole zip file .* copy it again"):
        open_source(cut)


def test_a_zip_with_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "r.zip", roster([pupil(n) for n in range(200)]))
    octets = bytearray(path.read_bytes())
    for place in range(900, 940):
        octets[place] ^= 0xFF
    path.write_bytes(bytes(octets))
    with pytest.raises(SourceRefused, match="not a whole zip file"):
        open_source(path)


@pytest.mark.parametrize(
    "name", ["../users.csv", "/etc/users.csv", "a/../../users.csv", "..\\users.csv", "C:users.csv"]
)
def test_a_name_that_leads_out_of_the_zip_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / "in" / "r.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.csv", "propertyName,value\n")
        archive.writestr(name, "sourcedId\n")
    with pytest.raises(SourceRefused, match="leads out of the zip"):
        open_source(path)
    assert [each.name for each in tmp_path.rglob("*")] == ["in", "r.zip"]


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    path = tmp_path / "r.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.csv", b"0" * 20_000_000)
    with pytest.raises(SourceRefused, match="far more than it holds"):
        open_source(path)


def test_a_member_larger_than_it_says_is_stopped_at_the_bound(tmp_path: Path) -> None:
    path = tmp_path / "r.zip"
    noise = random.Random(7).randbytes(5_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.csv", noise)
    with pytest.raises(SourceRefused, match="larger than an import may be"):
        open_source(path, Bounds(file_octets=4_999))
    assert open_source(path, Bounds(file_octets=5_000)).contents["manifest.csv"] == noise


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(30):
            archive.writestr(f"{number}.csv", "")
    with pytest.raises(SourceRefused, match="holds 30 files"):
        open_source(path, Bounds(members=29))


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("nothing", "There is no"),
        ("an empty folder", "holds no CSV files"),
        ("one table", "not a whole zip file"),
    ],
)
def test_what_is_no_roster_is_refused(tmp_path: Path, what: str, sentence: str) -> None:
    if what == "an empty folder":
        (tmp_path / "r").mkdir()
    if what == "one table":
        (tmp_path / "r").write_text("sourcedId,name\n")
    with pytest.raises(SourceRefused, match=sentence):
        open_source(tmp_path / "r")


@given(st.binary(max_size=400))
def test_any_octets_as_a_zip_are_refused_or_read(tmp_path_factory: pytest.TempPathFactory, octets: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "r.zip"
    path.write_bytes(octets)
    with pytest.raises(SourceRefused):
        open_source(path)


def manifest(*lines: str) -> SourceFiles:
    text = "\n".join(["propertyName,value", *lines])
    return SourceFiles(name="r", contents={"manifest.csv": text.encode("utf-8-sig")})


def test_a_manifest_says_version_and_modes() -> None:
    read = read_manifest(manifest("oneroster.version,1.2", "file.users,bulk", "file.roles,Delta", "file.orgs,absent"))
    assert read.version is Version.V1_2
    assert [read.mode(f"{name}.csv") for name in ("users", "roles", "orgs", "classes")] == [
        Mode.BULK,
        Mode.DELTA,
        Mode.ABSENT,
        Mode.ABSENT,
    ]


@pytest.mark.parametrize("said", ["1.0", "2.0", "", "one point one"])
def test_another_version_is_refused_with_what_to_do(said: str) -> None:
    with pytest.raises(SourceRefused, match=r"export the roster as OneRoster 1\.1 or 1\.2"):
        read_manifest(manifest(f"oneroster.version,{said}"))


def test_a_source_without_manifest_is_refused() -> None:
    with pytest.raises(SourceRefused, match=r"has no manifest\.csv"):
        read_manifest(SourceFiles(name="r", contents={"users.csv": b""}))


def test_a_manifest_in_another_encoding_is_refused() -> None:
    octets = "propertyName,value\n".encode("utf-16")
    with pytest.raises(SourceRefused, match="save the CSV files as UTF-8"):
        read_manifest(SourceFiles(name="r", contents={"manifest.csv": octets}))


def test_an_unknown_mode_and_a_repeated_property_are_told_by_line() -> None:
    read = read_manifest(
        manifest("oneroster.version,1.1", "file.users,sometimes", "source.systemName,A", "source.systemName,B")
    )
    assert [(problem.code, problem.line) for problem in read.problems] == [
        (Code.MANIFEST_PROPERTY_TWICE, 5),
        (Code.FILE_MODE_UNKNOWN, 3),
    ]
