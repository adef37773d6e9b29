"""`doctor` on a deployment that is well, then really broken in one way after the other: named, with what to do."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from tests import factories as make
from tests.central_database import PASSWORDS
from tests.certificates import Authority
from tests.sync_server.cli.commanded import run
from tests.sync_server.cli.examined import Examined, examined
from tests.sync_server.house import House, furnished
from tests.sync_server.in_house import office_of

from wc_contract.model.ids import new_uuid
from wc_sync_server.cli.doctor.rounds import CHECKS
from wc_sync_server.cli.doctor.stores import room
from wc_sync_server.cli.records import system
from wc_sync_server.db import migrate
from wc_sync_server.db.audit_sealer import AuditSealer
from wc_sync_server.db.doctor.verdicts import State
from wc_sync_server.db.provision import provision
from wc_sync_server.domain.messages import Channel, Message, MessageKind
from wc_sync_server.embedded import EmbeddedPostgres

pytestmark = pytest.mark.postgres

GIB = 1 << 30


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a district on a server that keeps what it is given: the one that other tests share does not."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("durable"))
    server.start()
    try:
        with psycopg.connect(server.superuser_dsn("postgres").conninfo(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET archive_mode = 'on'")
            connection.execute("ALTER SYSTEM SET archive_command = 'true'")
        server.stop()
        server.start()
        superuser = server.create_database("district")
        dsns = provision(superuser.conninfo(), superuser.database, PASSWORDS)
        migrate.upgrade(dsns.migrate)
        with furnished(dsns, superuser, tmp_path_factory.mktemp("keys")) as made:
            yield made
    finally:
        server.erase()


@pytest.fixture(scope="module")
def deployment(house: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give what a server is told where all is well: sealed, anchored, a backup on record."""
    place = tmp_path_factory.mktemp("kept")
    told = {
        **house.environment(8440),
        "WC_AUDIT_ANCHOR": str(place / "anchor.jsonl"),
        "WC_BACKUP_RECORD": str(place / "backup-done"),
    }
    (place / "backup-done").touch()
    office = office_of(house)
    ned = house.pupils["ned"]
    office.push(office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AuditSealer.__init__, "__kwdefaults__", {"margin": timedelta(0), "most": 10_000})
        assert run(house, "audit", "seal").returncode == 0
    assert run(house, "audit", "anchor", told["WC_AUDIT_ANCHOR"]).returncode == 0
    return told


@contextmanager
def aside(file: Path) -> Iterator[None]:
    """Take a file away, and put it back as it was."""
    kept = file.with_suffix(".kept")
    shutil.copy2(file, kept)
    file.unlink()
    try:
        yield
    finally:
        kept.replace(file)


@contextmanager
def by_hand(house: House, statement: str, back: str, *values: object) -> Iterator[None]:
    house.done(statement, *values)
    try:
        yield
    finally:
        house.done(back, *values)


def test_all_is_well_is_said_by_every_check(deployment: dict[str, str]) -> None:
    seen = examined(deployment)
    assert seen.states("do", "unseen") == []
    assert seen.code == 0
    assert {name for name, _ in seen.states("well")} == set(CHECKS)


def test_a_person_reads_what_must_be_done_first_and_a_mistyped_check_is_told(
    house: House, deployment: dict[str, str]
) -> None:
    shown = run(house, "doctor", "backups", "tls", **{**deployment, "WC_BACKUP_RECORD": ""})
    assert shown.returncode == 1
    assert shown.stdout.index("no backup is known") < shown.stdout.index("for this machine alone")
    assert "2 checks: 1 things to do, 0 not seen" in shown.stdout
    helped = run(house, "doctor", "--help")
    assert all(name in helped.stdout for name in ("anchor", "Exit 0", "--quick"))
    wrong = run(house, "doctor", "grant")
    assert (wrong.returncode, "no check 'grant'" in wrong.stderr) == (1, True)
    quick = {name for name, _, _, _ in examined(deployment, "--quick", "streams", "tls").said}
    assert quick == {"tls"}


def test_settings_that_cannot_be_used_or_are_not_for_children_are_named(deployment: dict[str, str]) -> None:
    assert examined({**deployment, "WC_WORKERS": "many"}).named("environment", "WC_WORKERS must be")
    assert examined({}).named("environment", "DATABASE_URL")
    for changed, words in (
        ({"WC_TLS_CERTT": "x.pem"}, "WC_TLS_CERTT is read by nobody"),
        ({"WC_SUPERUSER_URL": "postgresql://root:hidden-word@db"}, "WC_SUPERUSER_URL stands in"),
        ({"WC_REDIS_URL": "redis://cache.example/0"}, "WC_REDIS_URL leaves this machine"),
        ({"WC_DEMO_CLOCK_OFFSET": "60"}, "WC_DEMO_CLOCK_OFFSET"),
    ):
        seen = examined({**deployment, **changed}, "environment")
        assert seen.named("environment", words), seen.said
        assert not any("hidden-word" in text for line in seen.said for text in line)


@pytest.mark.parametrize("name", ["audit.key", "wrapping.key", "cells/active", "{district}/lease.key"])
def test_secrets_that_others_can_read_or_that_are_gone_are_named(
    house: House, deployment: dict[str, str], name: str
) -> None:
    file = house.keys / name.format(district=house.district)
    file.chmod(0o640)
    assert examined(deployment, "secrets").named("secrets", file.name, "chmod")
    file.chmod(0o600)
    with aside(file):
        kept_beside = file.with_suffix(".kept")
        seen = examined(deployment, "secrets", "keys")
        assert seen.named("secrets" if "lease" not in name else "keys", file.name, "Restore"), seen.said
        assert not file.exists(), "nothing is made by a look"
        assert kept_beside.exists()
    assert examined(deployment, "secrets", "keys").code == 0


def test_a_key_folder_that_others_can_enter_is_named_and_what_needs_it_not_seen(
    house: House, deployment: dict[str, str]
) -> None:
    house.keys.chmod(0o755)
    try:
        seen = examined(deployment, "secrets", "seals")
    finally:
        house.keys.chmod(0o700)
    assert seen.named("secrets", "chmod")
    assert [name for name, _ in seen.states("unseen")] == ["seals"]
    nowhere = examined({**deployment, "WC_KEYS": str(house.keys / "gone")}, "secrets")
    assert nowhere.named("secrets", "WC_KEYS leads to no folder")
    assert not (house.keys / "gone").exists()


def test_a_key_that_sealed_cells_is_missed(house: House, deployment: dict[str, str]) -> None:
    old = house.parts.ring.active_key().id
    house.parts.ring.add(use=True)
    with aside(house.keys / "cells" / f"{old}.key"):
        seen = examined(deployment, "cells", "keys")
    assert seen.named("cells", old, "Restore")
    assert ("keys", "the keys of every district are there and open") in seen.states("well")


def test_a_ring_that_is_gone_is_missed_and_not_made_anew(
    house: House, deployment: dict[str, str], tmp_path: Path
) -> None:
    cells = house.keys / "cells"
    shutil.move(cells, tmp_path / "cells")
    try:
        seen = examined(deployment, "secrets", "keys", "cells")
        made = list(cells.glob("*")) if cells.exists() else []
    finally:
        shutil.rmtree(cells, ignore_errors=True)
        shutil.move(tmp_path / "cells", cells)
    assert made == []
    assert seen.named("cells", "keys that are not in the ring", "Restore"), seen.said
    assert ("keys", "there is no key of sealed cells; the first is made with the first person") in seen.states("note")


def test_an_audit_that_is_not_sealed_or_was_changed_is_named(house: House, deployment: dict[str, str]) -> None:
    later = {**deployment, "WC_DEMO_CLOCK_OFFSET": str(3 * 3_600)}
    assert examined(later, "seals").named("seals", "nothing was sealed for 3 h")
    change = "UPDATE audit_seals SET line_count = line_count {} 1 WHERE number = (SELECT max(number) FROM audit_seals)"
    with by_hand(house, change.format("+"), change.format("-")):
        assert examined(deployment, "seals").named("seals", "was changed", "audit verify")


def test_an_anchor_that_is_missing_changed_or_of_other_seals_is_named(
    house: House, deployment: dict[str, str], tmp_path: Path
) -> None:
    assert examined({**deployment, "WC_AUDIT_ANCHOR": ""}, "anchor").named("anchor", "no anchor file")
    gone = {**deployment, "WC_AUDIT_ANCHOR": str(tmp_path / "gone")}
    assert examined(gone, "anchor").named("anchor", "cannot be read")
    changed = tmp_path / "changed"
    changed.write_text(Path(deployment["WC_AUDIT_ANCHOR"]).read_text().replace('"first":1', '"first":2'))
    told = {**deployment, "WC_AUDIT_ANCHOR": str(changed)}
    assert examined(told, "anchor").named("anchor", "line 1 of the anchor file", "evidence")
    flip = "UPDATE audit_seals SET hash = set_byte(hash, 0, get_byte(hash, 0) # 255) WHERE number = 1"
    with by_hand(house, flip, flip):
        assert examined(deployment, "anchor").named("anchor", "seal 1 is not the one that was anchored")
    assert examined(deployment, "anchor").code == 0


def test_seals_that_were_never_anchored_are_named_after_two_hours(deployment: dict[str, str], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    told = {**deployment, "WC_AUDIT_ANCHOR": str(empty)}
    assert examined(told, "anchor").code == 0
    long_ago = (datetime.now(UTC) - timedelta(hours=3)).timestamp()
    os.utime(empty, (long_ago, long_ago))
    assert examined(told, "anchor").named("anchor", "seals after number 0 are not in the anchor file")


def test_a_backup_that_is_old_missing_or_unknown_is_named(deployment: dict[str, str], tmp_path: Path) -> None:
    assert examined({**deployment, "WC_BACKUP_RECORD": ""}, "backups").named("backups", "no backup is known")
    old = tmp_path / "done"
    assert examined({**deployment, "WC_BACKUP_RECORD": str(old)}, "backups").named("backups", "cannot be read")
    old.touch()
    yesterday = (datetime.now(UTC) - timedelta(hours=30)).timestamp()
    os.utime(old, (yesterday, yesterday))
    assert examined({**deployment, "WC_BACKUP_RECORD": str(old)}, "backups").named("backups", "30 h 0 min old")


def test_rows_that_were_written_past_the_server_are_named(house: House, deployment: dict[str, str]) -> None:
    change = "UPDATE students SET row_version = row_version {} 100000 WHERE id = %s"
    with by_hand(house, change.format("+"), change.format("-"), house.pupils["ned"].id):
        assert examined(deployment, "streams").named("streams", "testville", "db check")


def test_a_time_zone_that_is_not_known_is_named(house: House, deployment: dict[str, str]) -> None:
    change = "UPDATE schools SET timezone = '{}' WHERE id = %s"
    with by_hand(house, change.format("Mars/Base"), change.format("America/Chicago"), house.south):
        assert examined(deployment, "zones").named("zones", "Mars/Base", "tzdata")


def served_by(deployment: dict[str, str], certificate: Path, key: Path) -> Examined:
    told = {"WC_BIND": "0.0.0.0:8440", "WC_TLS_CERT": str(certificate), "WC_TLS_KEY": str(key)}
    return examined({**deployment, **told}, "tls")


def test_what_is_wrong_with_tls_is_named(deployment: dict[str, str], tmp_path: Path) -> None:
    pairs = {
        days: Authority(f"of {days} days", tmp_path / str(days), timedelta(days=days, minutes=5)).issue("127.0.0.1")
        for days in (-1, 10, 20, 90)
    }
    for _, key in pairs.values():
        key.chmod(0o600)
    outside = {**deployment, "WC_BIND": "0.0.0.0:8440"}
    assert examined(outside, "tls").named("tls", "Serving without TLS is for this machine only")
    assert examined({**outside, "WC_BEHIND_PROXY": "1"}, "tls").states("note", "do")[0][1].startswith("WC_BEHIND_PROXY")
    assert served_by(deployment, *pairs[90]).states("well", "do") == [
        ("tls", "the certificate is valid for 90 days more")
    ]
    assert served_by(deployment, *pairs[20]).states("note", "do") == [
        ("tls", "the certificate is valid for 20 days more")
    ]
    assert served_by(deployment, *pairs[10]).named("tls", "runs out in 10 days", "Renew")
    assert served_by(deployment, *pairs[-1]).named("tls", "ran out", "Renew")
    assert served_by(deployment, pairs[90][0], pairs[20][1]).named("tls", "do not belong together")
    assert served_by(deployment, tmp_path / "gone.pem", pairs[90][1]).named("tls", "gone.pem cannot be read")
    pairs[90][1].chmod(0o644)
    assert served_by(deployment, *pairs[90]).named("tls", "server.key", "chmod")


def test_letters_that_are_stuck_are_named(house: House, deployment: dict[str, str], tmp_path: Path) -> None:
    subject = new_uuid(house.parts.clock.now(), house.parts.chance)
    message = Message(kind=MessageKind.CASE_OPENED, subject=subject, school=house.north, key=f"case/{subject}/2")
    with system(house.parts, house.district, (house.north,), channels=(Channel.WEBHOOK,)) as uow:
        uow.post([message])
        uow.commit()
    try:
        assert examined(deployment, "outbox").code == 0
        house.done("UPDATE outbox_messages SET created_at = created_at - interval '2 hours'")
        assert examined(deployment, "outbox").named("outbox", "1 letters", "2 h", "outbox run")
        house.done("UPDATE outbox_messages SET status = 'DEAD', last_error = 'http_503'")
        assert examined(deployment, "outbox").named("outbox", "dead", "http_503", "outbox retry")
    finally:
        house.done("DELETE FROM outbox_messages")
    wrong = tmp_path / "messages.toml"
    wrong.write_text("[testville.webhook]\nurl = 3\n")
    assert examined({**deployment, "WC_MESSAGES": str(wrong)}, "secrets").named("secrets", "[testville.webhook]")


def test_versions_that_do_not_fit_are_named(house: House, deployment: dict[str, str]) -> None:
    assert examined({**deployment, "WC_MIN_APP_VERSION": "99.0"}, "versions").named("versions", "99.0", "Update")
    with by_hand(house, "UPDATE devices SET app_version = '98.0.0'", "UPDATE devices SET app_version = NULL"):
        assert examined(deployment, "versions").named("versions", "1 workstations are newer")


def test_a_disk_that_is_nearly_full_is_named() -> None:
    assert room("the database", GIB // 2, 10 * GIB).state is State.DO
    assert room("the database", 20 * GIB, 400 * GIB).state is State.DO
    assert room("the database", 60 * GIB, 4_000 * GIB).state is State.WELL
    assert room("the database", 5 * GIB, 10 * GIB).state is State.WELL


def test_an_archive_that_fails_is_named(house: House, deployment: dict[str, str]) -> None:
    def archived_by(command: str) -> None:
        with psycopg.connect(house.superuser.conninfo(), autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET archive_command = '{command}'".encode())
            connection.execute("SELECT pg_reload_conf()")
            # Something has to stand in the log, or there is no segment to end.
            connection.execute("SELECT pg_create_restore_point('doctor'), pg_switch_wal()")

    pause = threading.Event()
    try:
        archived_by("false")
        for _ in range(100):
            seen = examined(deployment, "backups")
            if seen.named("backups", "archiving the write-ahead log fails", "archive_command"):
                break
            pause.wait(0.1)
        assert seen.code == 1
    finally:
        archived_by("true")
    for _ in range(100):
        seen = examined(deployment, "backups")
        if any("was archived" in found for _, found in seen.states("note")):
            break
        pause.wait(0.1)
    assert seen.code == 0


def test_a_key_of_more_than_a_year_is_told(deployment: dict[str, str]) -> None:
    seen = examined({**deployment, "WC_DEMO_CLOCK_OFFSET": str(400 * 86_400)}, "keys")
    assert seen.code == 0
    assert [found for name, found in seen.states("note")] == ["the newest key of sealed cells is 400 days old"]
