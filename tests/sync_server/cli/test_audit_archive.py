"""Months leave the database and are all there in the archive; nothing leaves that a rule or a hold keeps."""

import gc
import gzip
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from tests import factories as make
from tests.sync_server.cli.audited import no_margin, said, write_at
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import House

from wc_sync_server.audit.retention import months_later
from wc_sync_server.audit.seals import Seal
from wc_sync_server.cli import archiving
from wc_sync_server.db.audit_months import drop_month
from wc_sync_server.db.months import Month
from wc_sync_server.db.partitions import ensure_partitions

__all__ = ["no_margin"]

pytestmark = pytest.mark.postgres

TODAY = datetime.now(UTC).date()
OLD, OLDER = months_later(TODAY, -20), months_later(TODAY, -21)
BOTH = [f"{OLDER:%Y-%m}", f"{OLD:%Y-%m}"]
LINES = 42


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def command(folder: Path) -> tuple[str, ...]:
    return ("audit", "archive", "--before", f"{months_later(OLD, 1):%Y-%m}", "--to", str(folder))


def test_from_a_hold_to_the_archive_and_back(
    house: House, folder: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One story, because each step needs the one before."""
    ensure_partitions(house.dsns.migrate, since=OLDER)
    for month, lines in ((OLDER, 30), (OLD, 12)):
        write_at(house, datetime(month.year, month.month, 15, 12, tzinfo=UTC), lines)

    early = run(house, *command, "--dry-run")
    assert (early.returncode, "not sealed to its end" in said(early)) == (1, True)
    assert run(house, "audit", "seal").returncode == 0
    listed = run(house, *command, "--dry-run")
    assert (listed.returncode, all(month in listed.stdout for month in BOTH)) == (0, True), said(listed)

    refuses_under_a_hold(house, command)
    refuses_what_is_hot(house, folder)
    assert list(folder.iterdir()) == []
    refuses_what_is_not_as_sealed(house, command, folder)
    goes_on_after_a_crash(house, command, folder, monkeypatch)

    assert house.one("SELECT to_regclass(%s) IS NULL", f"audit_logs_{OLD:%Y_%m}") is True
    assert house.one("SELECT count(*) FROM audit_logs WHERE action = 'AUDIT_ARCHIVED'") == 2
    verified = json.loads(run(house, "audit", "verify", "--json").stdout)
    assert (verified["ok"], verified["districts"][0]["archived"]) == (True, LINES)
    found = run(house, "audit", "verify", "--archive", str(folder))
    assert found.returncode == 0, said(found)
    assert run(house, *command).returncode == 0, "nothing is left to do"
    cannot_be_exported_as_if_it_were_whole(house, folder)
    holds_every_line(folder)
    a_spoiled_archive_is_found(house, folder)


def refuses_under_a_hold(house: House, command: tuple[str, ...]) -> None:
    held = run(house, "audit", "hold", "add", "Roe v. District", "--first", f"{OLDER}", "--last", f"{OLD}")
    assert held.returncode == 0, said(held)
    ended = run(house, *command)
    assert (ended.returncode, "legal hold" in said(ended)) == (1, True)
    hold = str(house.one("SELECT id FROM legal_holds"))
    assert hold in run(house, "audit", "hold", "list").stdout
    assert run(house, "audit", "hold", "release", hold).returncode == 0
    assert run(house, "audit", "hold", "release", hold).returncode == 1


def refuses_what_is_hot(house: House, folder: Path) -> None:
    hot = run(house, "audit", "archive", "--before", f"{TODAY:%Y-%m}", "--to", str(folder))
    assert (hot.returncode, "keeps 18 months there" in said(hot)) == (1, True)
    assert run(house, "audit", "archive", "--before", "soon", "--to", str(folder)).returncode == 1


def refuses_what_is_not_as_sealed(house: House, command: tuple[str, ...], folder: Path) -> None:
    line = house.one("SELECT id FROM audit_logs WHERE received_at < %s ORDER BY received_at LIMIT 1", OLD)
    house.done("UPDATE audit_logs SET role = 'NURSE' WHERE id = %s", line)
    ended = run(house, *command)
    assert (ended.returncode, str(line) in said(ended)) == (1, True)
    house.done("UPDATE audit_logs SET role = NULL WHERE id = %s", line)
    assert [found for found in folder.iterdir() if not found.name.startswith(".")] == []


def seals_in_memory() -> list[Seal]:
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, Seal)]


def goes_on_after_a_crash(
    house: House, command: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = set()
    of_others = seals_in_memory()  # that earlier tests left; held on to, so that none of ours gets the same id

    def killed(*_: object) -> int:
        known = {id(one) for one in of_others}
        held.update(f"{one.starts_at:%Y-%m}" for one in seals_in_memory() if id(one) not in known)
        raise SystemExit(137)

    # Written, then on record, then told of: each run is killed before one step more than the one before.
    for place, step in (
        (archiving.Archiving, "_put_on_record"),
        (archiving.Archiving, "_tell"),
        (archiving, "drop_month"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(place, step, killed)
            ended = run(house, *command)
            assert ended.returncode == 137, (step, said(ended))
        assert run(house, "audit", "verify").returncode == 0, step
    # A server of another test may be sealing the present month meanwhile.
    assert held & {*BOTH} == {BOTH[0]}, "the seals of one month at a time: a year of a large district is gigabytes"
    needs_the_folder_that_is_on_record(house, command, folder)
    drops_no_line_that_is_not_archived(house, command)
    sees_a_hold_that_comes_while_months_go(house, command, monkeypatch)
    ended = run(house, *command)
    assert ended.returncode == 0, said(ended)


def needs_the_folder_that_is_on_record(house: House, command: tuple[str, ...], folder: Path) -> None:
    (folder / BOTH[0]).rename(folder / "elsewhere")
    ended = run(house, *command)
    assert (ended.returncode, "its folder is not there" in said(ended)) == (1, True)
    assert [found.name for found in folder.iterdir()] == ["elsewhere"]
    (folder / "elsewhere").rename(folder / BOTH[0])


def sees_a_hold_that_comes_while_months_go(
    house: House, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dropped_and_held(url: str, month: Month, counts: dict[UUID, int]) -> int:
        gone = drop_month(url, month, counts)
        assert run(house, "audit", "hold", "add", "Doe", "--first", f"{OLD}", "--last", f"{OLD}").returncode == 0
        return gone

    with monkeypatch.context() as patch:
        patch.setattr(archiving, "drop_month", dropped_and_held)
        ended = run(house, *command)
    assert (ended.returncode, f"{BOTH[1]} is under a legal hold" in said(ended)) == (1, True)
    hold = str(house.one("SELECT id FROM legal_holds WHERE released_at IS NULL"))
    assert run(house, "audit", "hold", "release", hold).returncode == 0


def drops_no_line_that_is_not_archived(house: House, command: tuple[str, ...]) -> None:
    stray = make.named("a district that nobody knows")
    house.done(
        "INSERT INTO audit_logs (district_id, id, action, entity_type, entity_id, fields, at, received_at)"
        " VALUES (%s, %s, 'VIEW', 'student', 'x', '[]', %s, %s)",
        stray,
        stray,
        OLDER,
        OLDER,
    )
    ended = run(house, *command)
    assert (ended.returncode, "holds other lines than its archive" in said(ended)) == (1, True)
    back = "SELECT relispartition AND relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = %s"
    assert house.one(back, f"audit_logs_{OLDER:%Y_%m}") is True
    assert run(house, "audit", "verify").returncode == 0
    house.done("DELETE FROM audit_logs WHERE district_id = %s", stray)


def cannot_be_exported_as_if_it_were_whole(house: House, folder: Path) -> None:
    to = folder.with_name("export")
    ended = run(house, "audit", "export", str(to), "--from", f"{OLDER}", "--to", f"{TODAY:%Y-%m-%d}")
    assert (ended.returncode, all(month in said(ended) for month in BOTH)) == (1, True), said(ended)
    assert not to.exists()
    after = f"{months_later(OLD, 1)}"
    assert run(house, "audit", "export", str(to), "--from", after, "--to", f"{TODAY:%Y-%m-%d}").returncode == 0
    key = house.parts.audit_key.public.hex()
    ended = run(house, "audit", "check-export", str(to), "--key", key)
    assert ended.returncode == 0, said(ended)


def holds_every_line(folder: Path) -> None:
    lines = [
        json.loads(line)
        for file in folder.glob("*/*.lines.jsonl.gz")
        for line in gzip.decompress(file.read_bytes()).splitlines()
    ]
    assert len(lines) == LINES
    manifest = json.loads((folder / BOTH[1] / "manifest.json").read_text())
    assert {line[manifest["columns"].index("action")] for line in lines} == {"VIEW"}
    assert date.fromisoformat(manifest["districts"][0]["keep_until"]) == months_later(OLD, 1 + 6 * 12)
    assert sorted(found.name for found in folder.iterdir()) == BOTH


def a_spoiled_archive_is_found(house: House, folder: Path) -> None:
    for spoil, words in SPOILT.items():
        copy = folder.with_name(f"spoiled-{spoil.__name__}")
        shutil.copytree(folder, copy)
        named = spoil(copy / BOTH[0])
        ended = run(house, "audit", "verify", "--archive", str(copy))
        assert ended.returncode == 5, spoil.__name__
        assert words in said(ended), spoil.__name__
        assert named in said(ended), spoil.__name__
    (folder.with_name("empty")).mkdir()
    assert run(house, "audit", "verify", "--archive", str(folder.with_name("empty"))).returncode == 1


def _lines(month: Path) -> tuple[Path, list[str]]:
    (file,) = month.glob("*.lines.jsonl.gz")
    return file, gzip.decompress(file.read_bytes()).decode().splitlines(keepends=True)


def _write(file: Path, lines: list[str]) -> None:
    file.write_bytes(gzip.compress("".join(lines).encode()))


def one_line_changed(month: Path) -> str:
    file, lines = _lines(month)
    changed = lines[7]
    lines[7] = changed.replace("VIEW", "PRINT")
    _write(file, lines)
    return str(json.loads(changed)[2])


def one_line_gone(month: Path) -> str:
    file, lines = _lines(month)
    gone = lines.pop(7)
    _write(file, lines)
    return str(json.loads(gone)[2])


def one_line_twice(month: Path) -> str:
    file, lines = _lines(month)
    _write(file, [*lines[:7], lines[7], *lines[7:]])
    return str(json.loads(lines[7])[2])


def file_gone(month: Path) -> str:
    file, _ = _lines(month)
    file.unlink()
    return file.name


def file_cut(month: Path) -> str:
    file, _ = _lines(month)
    file.write_bytes(file.read_bytes()[:-20])
    return file.name


def manifest_changed(month: Path) -> str:
    file = month / "manifest.json"
    file.write_text(file.read_text().replace('"lines": 30', '"lines": 29'))
    return "manifest.json"


def seals_of_another_month(month: Path) -> str:
    (mine,) = month.glob("*.seals.jsonl.gz")
    (other,) = (month.parent / BOTH[1]).glob("*.seals.jsonl.gz")
    shutil.copy(other, mine)
    return mine.name


def stream_flipped(month: Path) -> str:
    (file,) = month.glob("*.seals.jsonl.gz")
    packed = bytearray(file.read_bytes())
    packed[10] = 0xFF  # the head of the first block: of no kind that there is
    file.write_bytes(packed)
    return file.name


def line_of_another_form(month: Path) -> str:
    file, lines = _lines(month)
    values = json.loads(lines[7])
    values[2] = 5
    _write(file, [*lines[:7], json.dumps(values) + "\n", *lines[8:]])
    return file.name


def seal_of_another_form(month: Path) -> str:
    (file,) = month.glob("*.seals.jsonl.gz")
    seals = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    _write(file, [json.dumps(seal | {"district": 5}) + "\n" for seal in seals])
    return file.name


def manifest_no_text(month: Path) -> str:
    (month / "manifest.json").write_bytes(b"\xff\xfe{}")
    return f"{BOTH[0]}/manifest.json"


def month_gone(month: Path) -> str:
    shutil.rmtree(month)
    return BOTH[0]


def month_under_anothers_name(month: Path) -> str:
    shutil.rmtree(month)
    shutil.copytree(month.parent / BOTH[1], month)
    return BOTH[0]


SPOILT = {
    one_line_changed: "says something else than when it was sealed",
    one_line_gone: "a line that was sealed is gone",
    one_line_twice: "a line stands where it was not",
    file_gone: "is missing",
    file_cut: "has another SHA-256",
    manifest_changed: "was not signed by this server",
    seals_of_another_month: "a seal is missing",
    stream_flipped: "has another SHA-256",
    line_of_another_form: "has another SHA-256",
    seal_of_another_form: "has another SHA-256",
    manifest_no_text: "is no manifest that reads",
    month_gone: "is on record and has no folder here",
    month_under_anothers_name: "is on record and has no folder here",
}
