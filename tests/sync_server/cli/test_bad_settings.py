"""Settings and addresses that cannot be used: each command says which variable and what to do, without a traceback."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.central_database import PASSWORDS
from tests.certificates import Authority
from tests.sync_server.cli.commanded import Ended, run
from tests.sync_server.house import House
from tests.sync_server.serving import free_port

from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.provision import provision
from wc_sync_server.embedded import Dsn
from wc_sync_server.settings import SettingsWrong, from_environment

pytestmark = [pytest.mark.postgres, pytest.mark.logs_warnings]

NOWHERE = "postgresql://nobody:secret-word@127.0.0.1:1/nowhere?connect_timeout=1"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connect_pool.__kwdefaults__, "patience", 1.0)


def refused(ended: Ended, said: str, code: int = 1) -> None:
    words = " ".join(ended.stderr.split())
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert said in words, words
    assert words.endswith("."), words
    assert "Traceback" not in words
    assert "secret-word" not in ended.stdout + ended.stderr, "a password is shown"


@pytest.mark.parametrize("address", [NOWHERE, "nonsense", "host=127.0.0.1 port=1"])
@pytest.mark.parametrize(
    ("words", "variable"),
    [
        (("db", "upgrade"), "WC_MIGRATE_URL"),
        (("db", "provision"), "WC_SUPERUSER_URL"),
        (("audit", "count", "-d", "testville"), "WC_AUDIT_URL"),
        (("status",), "WC_DATABASE_URL"),
        (("serve",), "WC_DATABASE_URL"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_by_its_variable(
    house: House, words: tuple[str, ...], variable: str, address: str
) -> None:
    ended = run(house, *words, **{variable: address, "WC_BIND": f"127.0.0.1:{free_port()}"})
    refused(ended, variable.removeprefix("WC_") if variable == "WC_DATABASE_URL" else variable, 4)


def test_an_import_is_done_although_the_statistics_cannot_be_refreshed(house: House, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    ended = run(house, "import", "fhir", str(tmp_path), "-d", "testville", WC_MIGRATE_URL=NOWHERE)
    assert ended.returncode == 1
    assert "check WC_MIGRATE_URL" in " ".join(ended.stderr.split())
    assert "a.json not_json" in ended.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("district", "list"),
        ("district", "create", "new", "New", "--state", "MN"),
        ("school", "list"),
        ("people", "list"),
        ("device", "code", "Somewhere"),
        ("import", "oneroster", "nowhere.zip"),
        ("audit", "count"),
        ("db", "check"),
        ("serve",),
    ],
)
def test_a_database_without_tables_says_what_to_run(
    house: House, module_database: Callable[..., Dsn], words: tuple[str, ...], tmp_path: Path
) -> None:
    empty = module_database()
    ways = provision(empty.conninfo(), empty.database, PASSWORDS)
    told = {"WC_DATABASE_URL": ways.app, "WC_AUDIT_URL": ways.audit_reader, "WC_BIND": f"127.0.0.1:{free_port()}"}
    refused(run(house, *words, **told, WC_KEYS=str(tmp_path / "keys")), "wc-sync-server db upgrade")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"WC_BIND": "127.0.0.1:99999"}, "HOST:PORT"),
        ({"WC_BEHIND_PROXY": "maybe"}, "must be 1 or 0"),
        ({"WC_LOG_LEVEL": "loud"}, "must be one of"),
        ({"WC_LEASE_HOURS": "0"}, "from 1 to 744"),
        ({"WC_DEMO_CLOCK_OFFSET": "soon"}, "whole number of seconds"),
        ({"WC_KEYS": "/dev/null/keys"}, "Set WC_KEYS"),
        ({"WC_TLS_CERT": "gone.pem", "WC_TLS_KEY": "gone.key"}, "gone.pem cannot be read"),
    ],
)
def test_serving_refuses_each_wrong_setting_by_name(house: House, changed: dict[str, str], said: str) -> None:
    refused(run(house, "serve", **{"WC_BIND": f"127.0.0.1:{free_port()}", **changed}), said)


def test_a_key_of_another_certificate_is_refused_before_serving(house: House, tmp_path: Path) -> None:
    certificate, _ = Authority("One", tmp_path / "one").issue("127.0.0.1")
    _, key = Authority("Two", tmp_path / "two").issue("127.0.0.1")
    told = {"WC_TLS_CERT": str(certificate), "WC_TLS_KEY": str(key), "WC_BIND": f"127.0.0.1:{free_port()}"}
    refused(run(house, "serve", **told), "do not belong together")


def test_a_key_folder_without_the_districts_keys_is_refused_before_serving(house: House, tmp_path: Path) -> None:
    told = {"WC_KEYS": str(tmp_path / "keys"), "WC_BIND": f"127.0.0.1:{free_port()}"}
    refused(run(house, "serve", **told), "are not in the key folder")


def test_a_port_in_use_is_refused_instead_of_being_shared(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run(house, "serve", WC_BIND=f"127.0.0.1:{taken.getsockname()[1]}")
    refused(ended, "Address already in use")


def test_a_time_zone_and_a_file_that_are_not_there(house: House, tmp_path: Path) -> None:
    here = ("-d", "testville")
    refused(run(house, "import", "oneroster", str(tmp_path), "--timezone", "Mars/Base", *here), "is no time zone")
    refused(
        run(house, "import", "fhir", str(tmp_path), "--catalogue", str(tmp_path / "no.json"), *here), "check the path"
    )
    refused(run(house, "import", "fhir", str(tmp_path / "gone"), *here), "give the folder")
    (tmp_path / "folder.zip").mkdir()
    refused(run(house, "import", "oneroster", str(tmp_path / "folder.zip"), *here), "holds no CSV files")


def test_a_day_takes_at_least_one_document_of_the_largest_size() -> None:
    said = {"WC_DATABASE_URL": NOWHERE, "WC_BLOB_MAX_MIB": "600"}
    assert from_environment(said).blob_daily_mib == 600
    with pytest.raises(SettingsWrong, match="WC_BLOB_DAILY_MIB must be a whole number from 600 to"):
        from_environment(said | {"WC_BLOB_DAILY_MIB": "500"})
