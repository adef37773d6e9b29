"""Keys by command: a whole rotation while a workstation pulls, killed and gone on with, and what it refuses."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests import factories as make
from tests.sync_server.auth.rings import kms_command
from tests.sync_server.cli.commanded import run
from tests.sync_server.db.notes_of_tests import note_row
from tests.sync_server.house import House
from tests.sync_server.workstation import Workstation, code_of, enrol

from wc_contract.model.kinds import HEALTH_RECORD
from wc_sync_server.auth.column_cipher import key_of
from wc_sync_server.cli.records import system
from wc_sync_server.cli.rotating import transactions_older_than
from wc_sync_server.demo.processes import free_port

pytestmark = pytest.mark.postgres

NOTES = "SELECT notes FROM health_records WHERE notes IS NOT NULL"
MINUTE_AGO = re.compile(r'"since": "[^"]+"')


@pytest.fixture
def notes(house: House) -> Iterator[list[str]]:
    """Write forty notes; their records are gone afterwards."""
    ned = house.pupils["ned"]
    texts = [f"{make.MARKER} {number}" for number in range(40)]
    rows = [note_row({"student_id": None, "id": str(ned.id)}, house.nurses["ann"].id, text) for text in texts]
    with system(house.parts, house.district, (house.north,)) as uow:
        uow.lock_streams(house.north)
        uow.write_rows(HEALTH_RECORD, house.north, rows)
        uow.commit()
    yield texts
    house.done("DELETE FROM health_records")


def used(house: House) -> set[str]:
    """Return the keys that notes and authenticators name."""
    cells = house.asked(NOTES) + house.asked("SELECT totp_secret FROM user_credentials WHERE totp_secret IS NOT NULL")
    return {key_of(bytes(row[0])) for row in cells}


def new_key(house: House) -> str:
    made = run(house, "keys", "new")
    assert made.returncode == 0, made.stderr
    found = re.search(r"Key ([0-9a-f]{8}) is made", made.stdout)
    assert found is not None
    return found[1]


def let_a_minute_pass(house: House) -> None:
    """Let the key in use have been in use for long, and this process know it."""
    house.parts.ring._active = None
    file = house.keys / "cells" / "active"
    file.write_text(MINUTE_AGO.sub('"since": "2026-01-01T00:00:00+00:00"', file.read_text()))


def notes_of(frames: list[dict[str, object]]) -> list[str]:
    at = HEALTH_RECORD.columns.index("notes")
    rows = [row for frame in frames if frame.get("kind") == "health_record" for row in frame["rows"]]  # type: ignore[attr-defined]
    return [row[at] for row in rows]


def since(frames: list[dict[str, object]]) -> dict[str, int]:
    return {str(frame["kind"]): int(str(frame["upto"])) for frame in frames if frame["frame"] == "rows"}


def test_a_rotation_is_not_noticed_by_a_workstation_and_ends_the_old_key(
    house: House, client: httpx.Client, notes: list[str]
) -> None:
    office = enrol(house, client)
    office.hello()
    first = office.pull()
    assert sorted(notes_of(first)) == sorted(notes)
    assert run(house, "keys", "rotate").returncode == 0
    (old,) = used(house)
    key = new_key(house)
    assert used(house) == {old}, "a new key seals what is written from now on, and nothing else"

    looked = run(house, "keys", "rotate", "--dry-run")
    assert (looked.returncode, "Nothing was written: 43 cells" in looked.stdout) == (0, True), looked.stdout
    assert used(house) == {old}
    early = run(house, "keys", "retire", old)
    assert (early.returncode, "still needed" in early.stderr) == (1, True)

    rotated = run(house, "keys", "rotate", "--batch", "7")
    assert rotated.returncode == 0, rotated.stderr
    assert "health_records.notes" in rotated.stdout
    assert used(house) == {key}
    frames = office.pull(since(first))
    assert [frame["frame"] for frame in frames] == ["header", "end"], "nothing to download"
    assert frames[0]["estimate"] == 0
    assert (frames[0]["school_head"], frames[0]["district_head"]) == (
        first[0]["school_head"],
        first[0]["district_head"],
    )
    assert frames[-1]["digest"] == first[-1]["digest"]
    assert sorted(notes_of(office.pull())) == sorted(notes), "and whoever starts anew reads all of it"

    soon = run(house, "keys", "retire", old)
    assert (soon.returncode, "try again in" in soon.stderr) == (1, True)
    let_a_minute_pass(house)
    assert run(house, "keys", "retire", old).returncode == 0
    assert (house.keys / "cells" / "retired" / f"{old}.key").exists()
    listed = run(house, "keys", "list")
    assert (listed.returncode, old in listed.stdout, key in listed.stdout) == (0, False, True)
    assert make.MARKER not in listed.stdout + rotated.stdout
    again = Workstation(client=client)
    house.forget_codes(house.nurses["ann"])
    assert again.enrol_request(house, house.nurses["ann"], house.one_time_code()).status_code == 200
    actions = house.asked("SELECT action, entity_id FROM audit_logs WHERE entity_type = 'key'")
    assert {("KEY_MADE", key), ("KEYS_ROTATED", key), ("KEY_RETIRED", old)} <= set(actions)


def test_records_of_a_closed_school_and_confidential_ones_are_counted_and_sealed_anew(
    house: House, notes: list[str]
) -> None:
    assert notes
    house.done("UPDATE health_records SET is_confidential = true")
    house.done("UPDATE schools SET deleted_at = now() WHERE id = %s", house.north)
    try:
        (old,) = used_by_notes(house)
        key = new_key(house)
        let_a_minute_pass(house)
        kept = run(house, "keys", "retire", old)
        assert (kept.returncode, "40 in health_records.notes" in kept.stderr) == (1, True), kept.stderr
        assert run(house, "keys", "rotate").returncode == 0
        assert set(used_by_notes(house)) == {key}
    finally:
        house.done("UPDATE schools SET deleted_at = NULL WHERE id = %s", house.north)


def test_a_transaction_from_before_the_key_is_seen(house: House) -> None:
    with system(house.parts, house.district):
        threading.Event().wait(0.3)
        assert transactions_older_than(house.parts, timedelta(seconds=0.2)) == 1
        assert transactions_older_than(house.parts, timedelta(seconds=60)) == 0
    assert transactions_older_than(house.parts, timedelta(seconds=0.2)) == 0


def test_a_rotation_that_was_killed_is_gone_on_with(house: House, notes: list[str]) -> None:
    new_key(house)
    key = new_key(house)
    before = house.asked("SELECT id, row_version, updated_at FROM health_records ORDER BY id")
    process = subprocess.Popen(
        [sys.executable, "-m", "wc_sync_server", "keys", "rotate", "--batch", "3", "--pause", "200"],
        env={**os.environ, **house.environment(1)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    pause = threading.Event()
    while key not in used_by_notes(house):
        assert process.poll() is None
        pause.wait(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    counted = used_by_notes(house)
    assert 0 < counted[key] < len(notes), "killed in the middle"
    assert run(house, "keys", "rotate").returncode == 0
    assert used(house) == {key}
    assert house.asked("SELECT id, row_version, updated_at FROM health_records ORDER BY id") == before


def used_by_notes(house: House) -> dict[str, int]:
    found: dict[str, int] = {}
    for (cell,) in house.asked(NOTES):
        found[key_of(bytes(cell))] = found.get(key_of(bytes(cell)), 0) + 1
    return found


def test_a_missing_key_is_named_by_commands_and_keeps_no_one_waiting(
    house: House, client: httpx.Client, notes: list[str], tmp_path: Path
) -> None:
    office = enrol(house, client)
    office.hello()
    other = tmp_path / "keys"
    shutil.copytree(house.keys, other)
    told = {"WC_KEYS": str(other)}
    lost = run(house, "keys", "new", **told)
    key = re.findall(r"Key ([0-9a-f]{8})", lost.stdout)[0]
    assert run(house, "keys", "rotate", **told).returncode == 0
    # The server has the folder from before: it meets a key that it does not know.
    refused = office.request("/v1/pull", {"protocol": 1, "epoch": office.epoch, "since": {}, "digest": True})
    assert (refused.status_code, code_of(refused)) == (503, "busy")
    listed = run(house, "keys", "list")
    assert (listed.returncode, key in listed.stderr, "MISSING" in listed.stdout) == (1, True, True)
    rotated = run(house, "keys", "rotate")
    assert rotated.returncode == 1
    assert f"not in the ring: {key}" in " ".join(rotated.stderr.split())
    assert "Traceback" not in rotated.stderr + listed.stderr
    shutil.copy(other / "cells" / f"{key}.key", house.keys / "cells")
    assert sorted(notes_of(office.pull())) == sorted(notes)
    assert run(house, "keys", "rotate").returncode == 0


def test_a_damaged_cell_is_named_by_its_row_and_never_by_its_text(house: House, notes: list[str]) -> None:
    new_key(house)
    row = house.one(f"UPDATE health_records SET notes = notes || '\\x00' WHERE id = ({FIRST}) RETURNING id::text")
    for words in (("--dry-run",), ()):
        ended = run(house, "keys", "rotate", *words)
        assert ended.returncode == 1
        assert f"health_records.notes of row {row} in testville" in " ".join(ended.stdout.split())
        assert make.MARKER not in ended.stdout + ended.stderr
    assert used_by_notes(house) != {}
    assert len(notes) - 1 in used_by_notes(house).values(), "the others were sealed anew"


FIRST = "SELECT id FROM health_records ORDER BY id LIMIT 1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("use", "nonsense"), "eight hex digits"),
        (("use", "00000000"), "00000000 is not in the key ring"),
        (("retire", "nonsense"), "eight hex digits"),
        (("retire", "00000000"), "00000000 is not in the key ring"),
    ],
)
def test_a_key_that_is_not_there_gets_a_sentence(house: House, words: tuple[str, ...], said: str) -> None:
    let_a_minute_pass(house)
    ended = run(house, "keys", *words)
    assert ended.returncode in {1, 4}
    assert said in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


def test_the_key_in_use_is_not_retired_and_a_later_one_waits_for_its_turn(house: House) -> None:
    house.parts.ring._active = None
    active = house.parts.ring.active_key().id
    assert "written with" in run(house, "keys", "retire", active).stderr
    made = run(house, "keys", "new", "--later")
    key = re.findall(r"Key ([0-9a-f]{8})", made.stdout)[0]
    assert "keys use" in made.stdout
    assert key not in used(house)
    assert run(house, "keys", "use", key).returncode == 0
    assert key in run(house, "keys", "list").stdout


def test_a_ring_moves_to_a_kms_and_back(house: House, client: httpx.Client, notes: list[str], tmp_path: Path) -> None:
    office = enrol(house, client)
    office.hello()
    master = tmp_path / "master"
    master.write_text("5a" * 32)
    kms = {"WC_KMS_COMMAND": shlex.join(kms_command(master))}
    made = run(house, "keys", "new", **kms)
    key = re.findall(r"Key ([0-9a-f]{8})", made.stdout)[0]
    assert run(house, "keys", "rotate", **kms).returncode == 0
    assert set(used_by_notes(house)) == {key}
    assert "WC_KMS_COMMAND" in run(house, "keys", "list", **kms).stdout
    without = run(house, "keys", "rotate", "--dry-run")
    assert (without.returncode, "set WC_KMS_COMMAND" in " ".join(without.stderr.split())) == (4, True)
    message = {"protocol": 1, "epoch": office.epoch, "since": {}, "digest": True}
    assert code_of(office.request("/v1/pull", message)) == "busy", "the server was not told of the KMS"
    own = new_key(house)
    assert run(house, "keys", "rotate", **kms).returncode == 0
    assert used(house) == {own}
    assert sorted(notes_of(office.pull())) == sorted(notes)


def test_a_kms_that_cannot_be_asked_ends_serve_with_a_sentence(house: House, tmp_path: Path) -> None:
    other = tmp_path / "keys"
    told = {"WC_KEYS": str(other), "WC_KMS_COMMAND": "/bin/sh -c 'exit 9'"}
    bind = f"127.0.0.1:{free_port()}"
    ended = run(house, "serve", WC_BIND=bind, **told)
    assert (ended.returncode, "it ended with 9" in " ".join(ended.stderr.split())) == (4, True)
    wrong = run(house, "serve", WC_BIND=bind, WC_KMS_COMMAND="'open quote")
    assert (wrong.returncode, "WC_KMS_COMMAND" in wrong.stderr) == (1, True)
