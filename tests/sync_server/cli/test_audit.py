"""The audit by command: sealed, anchored, verified; disclosures and rules on record."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from tests.sync_server.cli.audited import no_margin, said, write_at
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import House

from wc_sync_server.audit.retention import months_later
from wc_sync_server.cli.audit import count_audit
from wc_sync_server.cli.before_serving import make_months
from wc_sync_server.db.months import month_of

__all__ = ["no_margin"]

pytestmark = pytest.mark.postgres


def sealed(house: House) -> None:
    assert run(house, "audit", "seal").returncode == 0


@pytest.fixture
def spoiled(house: House) -> Iterator[UUID]:
    """Change one sealed line, and put it back."""
    write_at(house, datetime.now(UTC) - timedelta(milliseconds=50), 3)
    sealed(house)
    line = UUID(str(house.one("SELECT id FROM audit_logs WHERE entity_id = 'x' ORDER BY received_at DESC LIMIT 1")))
    house.done("UPDATE audit_logs SET action = 'PRINT' WHERE id = %s", line)
    yield line
    house.done("UPDATE audit_logs SET action = 'VIEW' WHERE id = %s", line)


def test_what_is_sealed_is_verified(house: House) -> None:
    write_at(house, datetime.now(UTC) - timedelta(milliseconds=50), 3)
    sealed(house)
    ended = run(house, "audit", "verify")
    assert (ended.returncode, "as sealed" in ended.stdout) == (0, True), said(ended)
    body = json.loads(run(house, "audit", "verify", "--json").stdout)
    assert body["ok"] is True
    assert body["districts"][0]["lines"] >= 10
    assert body["districts"][0]["unsealed"] == 0


def test_the_first_bad_line_is_named_and_the_exit_code_tells(house: House, spoiled: UUID) -> None:
    ended = run(house, "audit", "verify", "--district", "testville")
    assert ended.returncode == 5
    assert str(spoiled) in said(ended)
    assert "says something else than when it was sealed" in said(ended)
    ended = run(house, "audit", "verify", "--json")
    assert ended.returncode == 5
    assert json.loads(ended.stdout)["districts"][0]["findings"][0]["line"] == str(spoiled)


def test_the_anchor_grows_and_finds_what_the_seals_cannot(house: House, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.jsonl"
    sealed(house)
    assert run(house, "audit", "anchor", str(anchor)).returncode == 0
    write_at(house, datetime.now(UTC) - timedelta(milliseconds=50), 2)
    sealed(house)
    assert run(house, "audit", "anchor", str(anchor)).returncode == 0
    assert len(anchor.read_text().splitlines()) == 2
    assert run(house, "audit", "anchor", str(anchor)).returncode == 0
    assert len(anchor.read_text().splitlines()) == 2, "nothing new, nothing written"
    assert run(house, "audit", "verify", "--anchor", str(anchor)).returncode == 0
    house.done("CREATE TABLE kept AS SELECT * FROM audit_seals WHERE number = (SELECT max(number) FROM audit_seals)")
    house.done("DELETE FROM audit_seals WHERE number = (SELECT number FROM kept)")
    try:
        assert run(house, "audit", "verify").returncode == 0
        ended = run(house, "audit", "verify", "--anchor", str(anchor))
        assert (ended.returncode, "the end was cut off" in said(ended)) == (5, True)
        refused = run(house, "audit", "anchor", str(anchor))
        assert (refused.returncode, "run `audit verify`" in said(refused)) == (1, True)
    finally:
        house.done("INSERT INTO audit_seals SELECT * FROM kept")
        house.done("DROP TABLE kept")


@pytest.mark.parametrize("spoil", ["change", "remove", "add", "swap", "cut", "tear"])
def test_a_changed_anchor_file_is_found(house: House, tmp_path: Path, spoil: str) -> None:
    anchor = tmp_path / "anchor.jsonl"
    for _ in range(3):
        write_at(house, datetime.now(UTC) - timedelta(milliseconds=50), 1)
        sealed(house)
        run(house, "audit", "anchor", str(anchor))
    first, second, third = anchor.read_text().splitlines()
    spoiled = {
        "change": [first, second.replace('"first":', '"first": '), third],
        "remove": [first, third],
        "add": [first, first, second, third],
        "swap": [first, third, second],
        "cut": [second, third],
        "tear": [first, second, third[:-9]],
    }[spoil]
    if spoil == "change":
        body = json.loads(second)
        body["districts"][0]["hashes"][0] = "0" * 64
        spoiled[1] = json.dumps(body, sort_keys=True, separators=(",", ":"))
    anchor.write_text("\n".join(spoiled) + "\n")
    ended = run(house, "audit", "verify", "--anchor", str(anchor))
    assert (ended.returncode, "line of the anchor file" in said(ended)) == (5, True), said(ended)


def test_the_key_is_shown_and_another_servers_signatures_are_not_taken(house: House, tmp_path: Path) -> None:
    sealed(house)
    shown = run(house, "audit", "key").stdout.strip()
    assert re.fullmatch("[0-9a-f]{64}", shown)
    other = tmp_path / "keys"
    shutil.copytree(house.keys, other)
    (other / "audit.key").write_text("11" * 32 + "\n")
    ended = run(house, "audit", "verify", WC_KEYS=str(other))
    assert (ended.returncode, "not signed by this server" in said(ended)) == (5, True)
    assert run(house, "audit", "verify", "--trust", shown, WC_KEYS=str(other)).returncode == 0
    assert run(house, "audit", "verify", "--trust", "zz").returncode == 1


def test_a_forged_record_of_an_archive_is_found(house: House) -> None:
    sealed(house)
    house.done(
        "INSERT INTO audit_archives (district_id, id, month, line_count, first_seal, last_seal, manifest_hash,"
        " keep_until, key_id, signature, archived_at) SELECT district_id, district_id, '2020-01-01', 1, 1, 1, hash,"
        " '2099-01-01', key_id, signature, sealed_at FROM audit_seals WHERE number = 1"
    )
    try:
        ended = run(house, "audit", "verify")
        assert (ended.returncode, "archived month was not signed by this server" in said(ended)) == (5, True)
    finally:
        house.done("DELETE FROM audit_archives")


def test_without_the_readers_address_it_says_which_to_set(house: House) -> None:
    ended = run(house, "audit", "seal", WC_AUDIT_URL="")
    assert (ended.returncode, "WC_AUDIT_URL" in ended.stderr) == (1, True)


def test_months_are_listed_and_made(house: House) -> None:
    ended = run(house, "audit", "partitions", "--ahead", "5")
    assert ended.returncode == 0
    assert months_later(datetime.now(UTC).date(), 5).strftime("%Y-%m") in ended.stdout
    assert "made now" in ended.stdout


def test_months_that_somebody_holds_just_now_are_not_told_as_a_wrong_address(house: House) -> None:
    with psycopg.connect(house.superuser.conninfo()) as other:
        other.execute("LOCK TABLE audit_logs IN SHARE UPDATE EXCLUSIVE MODE")
        ended = run(house, "audit", "partitions", "--ahead", "60")
    assert (ended.returncode, "Run it again" in ended.stderr, "WC_MIGRATE_URL" in ended.stderr) == (1, True, False)


def test_a_server_makes_its_months_before_it_serves_and_serves_without(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    coming = month_of(datetime.now(UTC)).after(2)
    house.done(f"DROP TABLE IF EXISTS {coming.table}")
    make_months(house.parts.settings)
    assert house.one("SELECT to_regclass(%s) IS NOT NULL", coming.table) is True
    unreachable = replace(house.parts.settings, migrate_url="host=127.0.0.1 port=1 user=x dbname=x connect_timeout=1")
    make_months(unreachable)
    assert "check WC_MIGRATE_URL" in capsys.readouterr().err
    make_months(replace(house.parts.settings, migrate_url=None))
    assert capsys.readouterr().err == ""


def test_a_disclosure_is_on_record_and_shown_and_the_audit_names_fields_only(house: House) -> None:
    told = ("audit", "disclose", "1", "--to", "Dr. Quist of County Health", "--purpose", "measles near the school")
    made = run(house, *told, "--record", "vaccination", "--kind", "HEALTH_AUTHORITY", "--basis", "PUBLIC_HEALTH")
    assert made.returncode == 0, said(made)
    shown = run(house, "audit", "disclosures", "1")
    assert "Dr. Quist of County Health" in said(shown)
    row = house.asked("SELECT fields, detail FROM audit_logs WHERE action = 'DISCLOSED'")[0]
    assert "disclosed_to" in row[0]
    assert "Quist" not in json.dumps(house.asked("SELECT * FROM audit_logs"), default=str)
    assert run(house, *told, "--record", "diary").returncode == 1
    assert run(house, "audit", "disclosures", "no such pupil").returncode == 1


def test_what_a_closed_school_has_on_record_is_counted_and_told_of(house: House) -> None:
    write_at(house, datetime.now(UTC) - timedelta(milliseconds=50), 3)
    before = count_audit(house.parts, house.district).by_action["VIEW"]
    house.done("UPDATE schools SET deleted_at = now() WHERE id = %s", house.north)
    try:
        assert count_audit(house.parts, house.district).by_action["VIEW"] == before
        assert run(house, "audit", "disclosures", "0").returncode == 0, "ned's school is the one that was closed"
    finally:
        house.done("UPDATE schools SET deleted_at = NULL WHERE id = %s", house.north)


def test_the_longest_rule_holds(house: House) -> None:
    sixes = said(run(house, "audit", "retention", "list"))
    assert "18 months in the database and its archive 6 years" in sixes
    rule = ("audit", "retention", "set", "EDUCATION_RECORD", "--years", "7", "--citation", "8 NYCRR 185")
    assert run(house, *rule, "--until-age", "27").returncode == 0
    assert "its archive 24 years" in said(run(house, "audit", "retention", "list"))
    assert run(house, *rule).returncode == 0
    assert "its archive 7 years" in said(run(house, "audit", "retention", "list"))
    house.done("DELETE FROM retention_policies")
