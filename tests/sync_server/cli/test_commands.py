"""Every command helps, answers with a sentence and exits so that a script can tell."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from tests.central_database import PASSWORDS
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import House, Nurse
from tests.sync_server.workstation import Workstation, enrol
from typer.main import get_command

from wc_sync_server.cli.app import app
from wc_sync_server.db.provision import provision
from wc_sync_server.embedded import EmbeddedPostgres

pytestmark = pytest.mark.postgres


def test_the_program_is_what_the_package_installs(house: House) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "wc_sync_server", "--version"], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", ended.stdout)
    missing = subprocess.run(
        [sys.executable, "-m", "wc_sync_server", "status", "-d", "atlantis"],
        env={**os.environ, **house.environment(1)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "There is no district 'atlantis'" in missing.stderr


def commands(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    children = getattr(command, "commands", {})
    return [path, *(deeper for name, child in children.items() for deeper in commands(child, (*path, name)))]


def test_every_command_and_option_explains_itself() -> None:
    found = commands(get_command(app))
    assert len(found) > 25
    for path in found:
        command: Any = get_command(app)
        for name in path:
            command = command.commands[name]
        assert command.help, path
        for parameter in command.params:
            assert parameter.name == "help" or getattr(parameter, "help", None), (path, parameter.name)


def test_a_district_is_set_up_by_commands_alone(house: House, client: httpx.Client) -> None:
    assert run(house, "district", "create", "lakeside", "Lakeside", "--state", "wi").returncode == 0
    here = ("--district", "lakeside")
    assert run(house, "school", "add", "Lake School", "--timezone", "America/Chicago", *here).returncode == 0
    made = run(
        house,
        *("people", "add", "Flo@lakeside.example", "--first-name", "Flo", "--last-name", "Invented"),
        *("--licence", "RN", "--password-stdin", *here),
        typed="a long pass phrase of a nurse\n",
    )
    assert made.returncode == 0, made.stderr
    assert "otpauth://totp/" in made.stdout
    secret = re.search(r"type the secret: ([A-Z2-7]{32})", made.stdout)
    assert secret is not None
    assert run(house, "people", "assign", "flo@lakeside.example", "lake school", *here).returncode == 0
    shown = run(house, "device", "code", "Lake School", *here)
    code = re.search(r"[A-Z2-7]{5}(-[A-Z2-7]{1,5}){5}", shown.stdout)
    assert code is not None, shown.stdout

    flo = Nurse(house.nurses["ann"].id, "flo@lakeside.example", secret[1])
    office = Workstation(client=client)
    answer = office.enrol_request(house, flo, code[0], district="Lakeside")
    assert answer.status_code == 200, answer.text
    assert answer.json()["school"]["name"] == "Lake School"

    listed = run(house, "people", "list", *here).stdout
    assert "Invented, Flo" in listed
    assert "Lake School" in listed
    assert "Lake School" in run(house, "device", "list", *here).stdout
    assert run(house, "people", "disable", "flo@lakeside.example", *here).returncode == 0
    assert "Lake School" in run(house, "status", *here).stdout
    assert run(house, "audit", "count", *here).returncode == 0


def test_a_revoked_workstation_is_shown_as_such(house: House, client: httpx.Client) -> None:
    office = enrol(house, client)
    assert run(house, "device", "lost", "--yes", office.device, "-d", "testville").returncode == 0
    again = run(house, "device", "lost", "--yes", office.device, "-d", "testville")
    assert again.returncode == 1
    assert "revoked already" in again.stderr
    listed = run(house, "device", "list", "-d", "testville").stdout
    assert "lost" in listed
    assert "wipe asked" in listed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("school", "add", "X", "--timezone", "Mars/Olympus", "-d", "testville"), "is no time zone"),
        (("device", "code", "Nowhere", "-d", "testville"), "is not one school"),
        (("people", "assign", "no@body.example", "North School", "-d", "testville"), "nobody with that"),
        (("people", "disable", "no@body.example", "-d", "testville"), "nobody with that"),
        (("status", "-d", "atlantis"), "There is no district 'atlantis'"),
        (("device", "lost", "x", "-d", "testville"), "no id of a workstation"),
        (("district", "create", "testville", "Again", "--state", "MN"), "is a district 'testville' already"),
        (("import", "oneroster", "no-such-folder", "-d", "testville"), ""),
        (("import", "fhir", "no-such-folder", "-d", "testville"), ""),
    ],
)
def test_a_mistake_gets_a_sentence_and_an_exit_code(house: House, arguments: tuple[str, ...], said: str) -> None:
    ended = run(house, *arguments)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert said in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


def test_a_weak_password_and_a_taken_address_are_refused(house: House) -> None:
    add = ("people", "add", "ann@testville.example", "--first-name", "A", "--last-name", "B", "-d", "testville")
    weak = run(house, *add, "--password-stdin", typed="short\n")
    assert (weak.returncode, "at least 10" in weak.stderr) == (1, True)
    taken = run(house, *add, WC_PASSWORD="long enough to be taken")
    assert (taken.returncode, "already" in taken.stderr) == (1, True)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("WC_DATABASE_URL", "", "DATABASE_URL"),
        ("WC_BIND", "nonsense", "HOST:PORT"),
        ("WC_WORKERS", "many", "whole number"),
        ("WC_BIND", "0.0.0.0:8440", "without TLS"),
        ("WC_TLS_CERT", "missing.pem", "both a certificate and its key"),
    ],
)
def test_a_wrong_setting_is_named(house: House, setting: str, value: str, said: str) -> None:
    ended = run(house, "serve", **{setting: value})
    assert ended.returncode == 1
    assert said in " ".join(ended.stderr.split())


@pytest.mark.logs_warnings
def test_a_database_that_does_not_answer_is_told_apart(house: House) -> None:
    ended = run(house, "status", WC_DATABASE_URL="host=127.0.0.1 port=1 user=x dbname=x connect_timeout=1")
    assert ended.returncode == 4
    assert "database cannot be used" in ended.stderr


def test_an_open_key_folder_is_refused(house: House, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    ended = run(house, "status", WC_KEYS=str(tmp_path))
    assert (ended.returncode, "0700" in ended.stderr) == (1, True)


def test_a_new_database_is_provisioned_and_upgraded(
    house: House, postgres_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    made = run(house, "db", "provision", "--name", "by_command", WC_SUPERUSER_URL=house.superuser.conninfo())
    try:
        assert made.returncode == 0, made.stderr
        told = dict(re.findall(r'(WC_\w+)="([^"]+)"', made.stdout))
        for _ in range(2):
            upgraded = run(house, "db", "upgrade", **told)
            assert upgraded.returncode == 0, upgraded.stderr
        assert run(house, "db", "check", **told, WC_KEYS=str(tmp_path / "keys")).returncode == 0
    finally:
        postgres_server.drop_database("by_command")
        restore_passwords(house)


def restore_passwords(house: House) -> None:
    provision(house.superuser.conninfo(), house.superuser.database, PASSWORDS)


def test_rows_written_past_the_server_are_found(house: House) -> None:
    assert run(house, "db", "check").returncode == 0
    house.done("UPDATE students SET row_version = 100000 WHERE id = %s", house.pupils["ned"].id)
    try:
        ended = run(house, "db", "check")
        assert ended.returncode == 1
        assert "student" in ended.stdout
    finally:
        house.done("UPDATE students SET row_version = 1 WHERE id = %s", house.pupils["ned"].id)


def test_no_secret_is_kept_in_the_clear(house: House) -> None:
    with psycopg.connect(house.superuser.conninfo()) as connection:
        for nurse in house.nurses.values():
            row = connection.execute(
                "SELECT password_hash, totp_secret FROM user_credentials WHERE id = %s", (nurse.id,)
            ).fetchone()
            assert row is not None
            assert row[0].startswith("$argon2id$")
            assert nurse.secret.encode() not in bytes(row[1])
