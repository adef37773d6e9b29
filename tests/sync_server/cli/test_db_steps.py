"""The operator's commands for a change in steps, and for a look at the database's health."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import House

from wc_sync_server.db import migrate, partitions, revisions

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).resolve().parents[3]
BACKFILL = "language-of-students"


@pytest.fixture
def next_version(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Let the program be one whose next version demands a column (tests/migrations/example), and take it back."""
    place = tmp_path / "central"
    shutil.copytree(ROOT / "migrations" / "central", place, ignore=shutil.ignore_patterns("__pycache__"))
    head = migrate.head() or ""
    for file in (ROOT / "tests" / "migrations" / "example").glob("*.py"):
        text = file.read_text(encoding="utf-8").replace("down_revision = head()", f'down_revision = "{head}"')
        (place / "versions" / file.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(revisions, "_PLACES", (place,))
    yield
    migrate.downgrade(house.dsns.migrate, head)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.usefixtures("next_version")
def test_an_operator_goes_step_by_step(house: House) -> None:
    expanded = run(house, "db", "upgrade", "--to", "expand")
    assert expanded.returncode == 0, expanded.stderr
    assert "to 20261201_020000" in expanded.stdout
    assert "Still to be done" in expanded.stdout
    assert BACKFILL in expanded.stdout

    early = run(house, "db", "upgrade", "--to", "contract")
    assert early.returncode == 1
    assert f"Run `wc-sync-server db backfill {BACKFILL}` first." in words(early.stderr)

    filled = run(house, "db", "backfill", BACKFILL, "--batch", "1", "--pause", "0")
    assert filled.returncode == 0, filled.stderr
    assert "testville" in filled.stdout
    assert house.one("SELECT count(*) FROM students WHERE home_language IS NULL") == 0
    assert run(house, "db", "backfill", BACKFILL).returncode == 0

    contracted = run(house, "db", "upgrade", "--to", "contract")
    assert contracted.returncode == 0, contracted.stderr
    assert "from 20261201_020000 to 20261201_060000" in words(contracted.stdout)
    assert "Still to be done" not in contracted.stdout
    assert "is done" in run(house, "db", "backfill", BACKFILL).stdout
    assert "is at 20261201_060000" in run(house, "db", "upgrade").stdout


@pytest.mark.usefixtures("next_version")
def test_without_steps_everything_is_done_at_once(house: House) -> None:
    done = run(house, "db", "upgrade")
    assert done.returncode == 0, done.stderr
    assert "to 20261201_060000" in done.stdout


@pytest.mark.usefixtures("next_version")
def test_rows_that_nobody_saw_stop_it_with_a_sentence(house: House) -> None:
    assert run(house, "db", "upgrade", "--to", "expand").returncode == 0
    house.done("UPDATE students SET home_language = NULL")
    district = house.one("SELECT district_id FROM district_directory")
    house.done("UPDATE district_directory SET district_id = '00000000-0000-0000-0000-000000000007'")
    stopped = run(house, "db", "upgrade")
    house.done("UPDATE district_directory SET district_id = %s", district)
    assert stopped.returncode == 1
    assert "Rows are there that the revision at hand does not allow (23514)" in words(stopped.stderr)


@pytest.mark.usefixtures("next_version")
def test_a_table_that_stays_locked_stops_it_with_a_sentence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "_TRIES", 1)
    with psycopg.connect(house.superuser.conninfo()) as reader:
        reader.execute("SELECT count(*) FROM students")
        stopped = run(house, "db", "upgrade")
    assert stopped.returncode == 1
    assert "db health" in words(stopped.stderr)
    assert house.asked("SELECT 1 FROM pg_attribute WHERE attname = 'home_language' AND NOT attisdropped") == []


def test_an_audit_that_stays_locked_keeps_its_months_from_being_made(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_LOCK_TIMEOUT", "50ms")
    months = "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass"
    newest = house.one(months)
    house.done(f"DROP TABLE {newest}")
    with psycopg.connect(house.superuser.conninfo()) as holder:
        holder.execute("LOCK TABLE audit_logs IN SHARE UPDATE EXCLUSIVE MODE")
        stopped = run(house, "db", "upgrade")
    assert stopped.returncode == 1
    assert "The revisions are done" in words(stopped.stderr)
    assert run(house, "db", "upgrade").returncode == 0
    assert house.one(months) == newest


def test_a_backfill_that_is_none_is_refused(house: House) -> None:
    ended = run(house, "db", "backfill", "nonsense")
    assert ended.returncode == 1
    assert "There is no backfill 'nonsense'" in words(ended.stderr)


def test_a_database_that_is_well_says_so(house: House) -> None:
    ended = run(house, "db", "health")
    assert ended.returncode == 0, ended.stdout
    assert "none is bad" in ended.stdout
    told = run(house, "db", "health", "--json")
    document = json.loads(told.stdout)
    assert told.returncode == 0
    assert document["well"] is True
    assert "partitions" in document["looked_at"]


def test_what_is_bad_is_told_with_what_to_do_and_an_exit_code(house: House) -> None:
    house.done("ALTER TABLE allergies NO FORCE ROW LEVEL SECURITY")
    try:
        shown, told = run(house, "db", "health"), run(house, "db", "health", "--json")
    finally:
        house.done("ALTER TABLE allergies FORCE ROW LEVEL SECURITY")
    assert (shown.returncode, told.returncode) == (1, 1)
    assert "some are bad" in shown.stdout
    first = json.loads(told.stdout)["findings"][0]
    assert (first["severity"], first["check"], first["subject"]) == ("bad", "row-level security", "allergies")
    assert "FORCE ROW LEVEL SECURITY" in first["to_do"]


def test_health_needs_its_own_address(house: House) -> None:
    ended = run(house, "db", "health", WC_MIGRATE_URL="")
    assert ended.returncode == 1
    assert "WC_MIGRATE_URL" in ended.stderr
