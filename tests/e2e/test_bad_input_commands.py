"""Bad input to real commands: each gets a sentence that says what to do and an exit code, and nothing is lost."""

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from tests.certificates import Authority
from tests.e2e.district import District

from wc_contract.model.ids import SchoolId
from wc_contract.model.values import Role
from wc_sync_server.cli.district import NewDistrict, add_school, create_district
from wc_sync_server.cli.people import NewPerson, add_person, assign_person
from wc_sync_server.db import migrate
from wc_sync_server.db.provision import Passwords, provision
from wc_sync_server.demo.district.staff import Person
from wc_sync_server.demo.processes import ServerProcess, end_group, free_port
from wc_sync_server.demo.settings import DISTRICT_CODE
from wc_sync_server.demo.stage import PASSWORD as DEMO_PASSWORD
from wc_sync_server.demo.workstations import Workstation
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.settings import from_environment
from wc_sync_server.wiring import open_workshop

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]

_ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def refused(self, words: str, code: int = 1) -> None:
        """It ended with code and a sentence that holds words, without a traceback."""
        said = " ".join(self.err.split())
        assert self.code == code, f"{self.code}: {self.out}{self.err}"
        assert words in said, said
        assert said.endswith("."), said
        assert "Traceback" not in self.out + self.err


def ran(module: str, *words: str, environment: Mapping[str, str], typed: str = "") -> Ended:
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        env={**os.environ, **environment},
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)


def operate(district: District, *words: str, **changed: str) -> Ended:
    """Run a command of the server as its operator."""
    return ran("wc_sync_server", *words, environment={**district.server._env, **changed})


def enrol(district: District, station: Workstation, /, **changed: str) -> Ended:
    """Enrol a workstation, with something typed wrong."""
    typed = {
        "server": district.server.url,
        "district": DISTRICT_CODE,
        "email": station.person.email,
        "name": station.name,
        "password": station.password,
        **changed,
    }
    typed.setdefault("code", district.code())
    typed.setdefault("totp", district.totp(station.person))
    password = typed.pop("password")
    words = [word for name, value in typed.items() for word in (f"--{name}", value)]
    environment = station.environment()
    return ran(
        "wc_desktop", "enrol", *words, "--data", str(station.data), environment=environment, typed=f"{password}\n"
    )


def report(station: Workstation, *words: str, password: str | None = None, **environment: str) -> Ended:
    """Ask a workstation what it holds."""
    return ran(
        "wc_desktop",
        *("report", "--user", station.who, "--data", str(station.data), *words),
        environment={**station.environment(), **environment},
        typed=f"{password or station.password}\n",
    )


def newcomer(district: District) -> Person:
    """Employ a nurse whose authenticator has shown no code yet: each code counts once, and a new one may take 30 s."""
    number = len(district.rows("SELECT 1 FROM user_credentials"))
    found = district.parts.cells.find(DISTRICT_CODE)
    assert found is not None
    person = replace(
        district.nurses[0], first_name="Nell", last_name=f"Newcomer {number}", email=f"nell{number}@prairie.example"
    )
    new = NewPerson(
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        role=Role.NURSE,
        password=DEMO_PASSWORD,
    )
    district.stage.authenticators.secrets[person.email] = add_person(district.parts, found, new).totp_secret
    yesterday = (district.parts.clock.now() - timedelta(days=1)).date()
    assign_person(district.parts, found.id, person.email, SchoolId(district.school_id), yesterday, None)
    return person


def enrolled(district: District, name: str) -> Workstation:
    """Return a workstation that is enrolled and filled."""
    station = district.workstation(name, newcomer(district))
    ended = enrol(district, station)
    assert ended.code == 0, ended.err
    return station


@pytest.fixture(scope="module")
def station(district: District) -> Workstation:
    """Give an enrolled workstation."""
    return enrolled(district, "Clock")


def point(station: Workstation, url: str) -> None:
    """Let an enrolled workstation look for its server elsewhere."""
    passport = station.data / "station.json"
    passport.write_text(json.dumps({**json.loads(passport.read_text()), "server_url": url}))


def entries(station: Workstation) -> list[str]:
    found = report(station)
    assert found.code == 0, found.err
    return [entry["id"] for entry in json.loads(found.out)["entries"]]


def devices(district: District) -> int:
    [(count,)] = district.rows("SELECT count(*) FROM devices")
    return int(count)


def records(district: District) -> list[tuple[object, ...]]:
    """Count what an import could change."""
    tables = ("students", "users", "schools", "allergies", "student_medications", "receipts")
    return [district.rows(f"SELECT '{table}', count(*), max(xmin::text::bigint) FROM {table}")[0] for table in tables]


# Enrolling and signing in.


def test_no_mistake_at_enrolment_uses_up_the_code_or_leaves_a_workstation(district: District) -> None:
    person = newcomer(district)
    station = district.workstation("Mistakes", person)
    good, before = district.code(), devices(district)
    for changed, words in (
        ({"password": "not the password"}, "E-mail and password do not match"),
        ({"totp": "000000"}, "six-digit code is wrong"),
        ({"district": "nowhere"}, "another district"),
        ({"server": "http://sync.prairie.example"}, "must begin with https://"),
        ({"server": "https://no-such-host.invalid", "code": "X"}, "does not answer"),
    ):
        away = "server" in changed and changed["server"].startswith("https")
        enrol(district, station, **{"code": good, **changed}).refused(words, 4 if away else 1)
    enrol(district, station, code="WRONG-WRONG-WRONG").refused("code is not known or was used")
    enrol(district, station, code=good, server=f"http://127.0.0.1:{free_port()}").refused("does not answer", 4)
    assert not (station.data / "station.json").exists()
    assert devices(district) == before
    assert enrol(district, station, code=good).code == 0, "the code was used up by a mistake"
    other = district.workstation("Late", person)
    enrol(district, other, code=good).refused("code is not known or was used")
    assert not (other.data / "station.json").exists()


def test_a_code_older_than_a_quarter_of_an_hour_is_refused_and_a_new_one_enrols(district: District) -> None:
    station = district.workstation("Slow", newcomer(district))
    code = district.code()
    with psycopg.connect(district.superuser) as connection:
        connection.execute(
            "UPDATE enrolment_codes SET issued_at = issued_at - interval '16 minutes',"
            " expires_at = expires_at - interval '16 minutes' WHERE used_at IS NULL"
        )
    enrol(district, station, code=code).refused("older than fifteen minutes. Ask your administrator for a new one")
    assert enrol(district, station).code == 0


def test_a_folder_that_cannot_be_written_costs_no_code(district: District, tmp_path: Path) -> None:
    person = district.nurses[0]
    (tmp_path / "a file").write_text("no folder")
    station = replace(district.workstation("Nowhere", person), data=tmp_path / "a file" / "station")
    before = district.rows("SELECT count(*) FROM enrolment_codes WHERE used_at IS NOT NULL")
    keystore = f"insecure:{tmp_path / 'keystore.json'}"
    words = ("--server", district.server.url, "--district", DISTRICT_CODE, "--code", district.code())
    sign_in = ("--email", person.email, "--totp", "000000", "--data", str(station.data))
    environment = {**station.environment(), "WC_KEYSTORE": keystore}
    ended = ran("wc_desktop", "enrol", *words, *sign_in, environment=environment, typed=f"{station.password}\n")
    ended.refused("files of this workstation cannot be used")
    assert district.rows("SELECT count(*) FROM enrolment_codes WHERE used_at IS NOT NULL") == before


# Imports.


def test_rosters_and_charts_that_cannot_be_read_change_nothing(district: District, tmp_path: Path) -> None:
    before = records(district)
    roster = district.stage.files.oneroster
    cut = tmp_path / "cut.zip"
    cut.write_bytes(roster.read_bytes()[: roster.stat().st_size * 2 // 3])
    operate(district, "import", "oneroster", str(cut)).refused("not a whole zip file")

    other = tmp_path / "other.zip"
    rewrite(roster, other, "users.csv", with_columns_of_1_2)
    ended = operate(district, "import", "oneroster", str(other))
    assert ended.code == 1
    assert "export all files in one version" in ended.out

    newer = tmp_path / "newer.zip"
    rewrite(roster, newer, "manifest.csv", lambda text: text.replace("1.1", "2.7"))
    operate(district, "import", "oneroster", str(newer)).refused("1.1 or 1.2")

    nonsense = tmp_path / "nonsense"
    nonsense.mkdir()
    (nonsense / "a.json").write_text("{ this is no JSON")
    resources = [{"resource": {"resourceType": "Patient", "birthDate": "yesterday"}}, 7, {"resource": []}]
    (nonsense / "b.json").write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": resources}))
    ended = operate(district, "import", "fhir", str(nonsense))
    assert ended.code == 1
    assert "nothing was imported" in ended.out
    assert "a.json not_json" in ended.out
    assert ended.out.count("b.json#") == 3, "an entry was dropped silently"

    operate(district, "import", "fhir", str(tmp_path / "gone")).refused("give the folder that holds the FHIR bundles")
    operate(district, "import", "oneroster", str(roster), "--timezone", "Mars/Base").refused("is no time zone")
    assert records(district) == before


def with_columns_of_1_2(text: str) -> str:
    header, rows = text.split("\n", 1)
    return header.replace("orgSourcedIds", "primaryOrgSourcedId").replace("role", "pronouns") + "\n" + rows


def rewrite(source: Path, target: Path, name: str, change: Callable[[str], str]) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            text = old.read(info).decode()
            changed = change(text) if info.filename.endswith(name) else text
            assert not info.filename.endswith(name) or changed != text
            new.writestr(info, changed)


# TLS, and servers that are not ours.


@contextmanager
def tls_server(district: District, certificate: Path, key: Path, ca: Path) -> Iterator[str]:
    """Serve the district a second time, as an operator does for a real network."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "wc_sync_server", "serve", "--bind", f"127.0.0.1:{port}"),
            *("--tls-cert", str(certificate), "--tls-key", str(key)),
        ],
        env={**district.server._env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url, pause = f"https://127.0.0.1:{port}", threading.Event()
    trust = ssl.create_default_context(cafile=str(ca))
    try:
        for _ in range(400):
            assert process.poll() is None
            try:
                with urllib.request.urlopen(f"{url}/v1/ready", timeout=1, context=trust):  # noqa: S310  # loopback
                    break
            except (urllib.error.URLError, OSError):
                pause.wait(0.05)
        else:
            raise AssertionError("the server does not answer over TLS")
        yield url
    finally:
        end_group(process)


def test_only_the_districts_certificate_is_talked_to_and_then_everything_works(
    district: District, tmp_path: Path
) -> None:
    ours, others = Authority("Prairie Ridge CA", tmp_path / "ours"), Authority("Other CA", tmp_path / "others")
    certificate, key = ours.issue("127.0.0.1")
    station = district.workstation("Secure", newcomer(district))
    with tls_server(district, certificate, key, ours.file) as url:
        code, before = district.code(), devices(district)
        enrol(district, station, server=url, code=code).refused("certificate is not trusted")
        enrol(district, station, server=url, code=code, ca=str(others.file)).refused("certificate is not trusted")
        enrol(district, station, server=url, code=code, ca=str(tmp_path / "gone")).refused("Choose the district's CA")
        assert devices(district) == before
        assert enrol(district, station, server=url, code=code, ca=str(ours.file)).code == 0
        # The workstation keeps the authority: the file it was given may go.
        ours.file.rename(tmp_path / "put away.pem")
        found = report(station, "--sync")
        assert found.code == 0, found.err
        said = json.loads(found.out)
        assert (said["digests_agree"], said["waiting"]) == (True, 0)
        assert {entry["outcome"] for entry in said["entries"]} == {"applied"}, "nothing was pushed"
        assert said["replica"]["student"] > 0, "nothing was pulled"
        kept = entries(station)
        # The same address with a certificate of another authority: a server in between.
        (station.data / "district-ca.pem").write_bytes(others.file.read_bytes())
        report(station, "--sync").refused("certificate is not trusted")
        assert set(kept) <= set(entries(station))


@contextmanager
def other_district(district: District, postgres: EmbeddedPostgres, keys: Path, log: Path) -> Iterator[None]:
    """Put the server of another district where ours was: the same address, another database, other keys."""
    passwords = Passwords(**{r: district.folder.secret(r) for r in ("migrate", "app", "audit_reader", "backup")})
    ways = provision(postgres.superuser_dsn("postgres").conninfo(), _ELSEWHERE, passwords)
    environment = {**district.server._env, "WC_DATABASE_URL": ways.app, "WC_MIGRATE_URL": ways.migrate}
    environment |= {"WC_KEYS": str(keys)}
    try:
        unmigrated(environment)
        migrate.upgrade(ways.migrate)
        parts = open_workshop(from_environment(environment))
        try:
            made = create_district(parts, NewDistrict(code=_ELSEWHERE, name="Elsewhere", state="MN"))
            add_school(parts, made, "Other School", "America/Chicago", None)
        finally:
            parts.close()
        theirs = ServerProcess(environment, district.parts.settings.port, log)
        district.server.stop()
        theirs.start()
        try:
            yield
        finally:
            theirs.stop()
            district.server.start()
    finally:
        postgres.drop_database(_ELSEWHERE)


def unmigrated(environment: Mapping[str, str]) -> None:
    """An empty database: every command says what to run."""
    for words in (("status",), ("serve", "--bind", f"127.0.0.1:{free_port()}")):
        ran("wc_sync_server", *words, environment=environment).refused("wc-sync-server db upgrade")


def test_the_server_of_another_district_gets_nothing_and_ours_gets_everything_later(
    district: District, postgres_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    station = enrolled(district, "Moved")
    kept = entries(station)
    with other_district(district, postgres_server, tmp_path / "keys", tmp_path / "elsewhere.log"):
        ended = report(station, "--sync")
        ended.refused("does not know this workstation")
        enrol(district, district.workstation("Lost", station.person)).refused("another district")
        kept = entries(station)
    found = report(station, "--sync")
    assert found.code == 0, found.err
    said = json.loads(found.out)
    assert set(kept) <= {entry["id"] for entry in said["entries"] if entry["outcome"] == "applied"}
    assert said["digests_agree"] is True


# Clocks.


def test_a_wrong_clock_is_put_right_by_the_server_and_never_costs_an_entry(
    station: Workstation, district: District
) -> None:
    for seconds in (-3_600, 300, -3 * 86_400, 3 * 86_400, 0):
        wrong = replace(station, offset_seconds=district.offset_seconds + seconds)
        found = report(wrong, "--sync")
        assert found.code == 0, (seconds, found.err)
        said = json.loads(found.out)
        assert (said["waiting"], said["digests_agree"]) == (0, True)
        assert {entry["outcome"] for entry in said["entries"]} == {"applied"}


def test_without_the_server_a_clock_far_off_is_refused_with_what_to_do(
    station: Workstation, district: District
) -> None:
    before = entries(station)
    point(station, f"http://127.0.0.1:{free_port()}")
    try:
        for seconds, words in ((-3 * 86_400, "Set the right date and time"), (3 * 86_400 + 60, "to the network")):
            wrong = replace(station, offset_seconds=district.offset_seconds + seconds)
            report(wrong).refused(words)
        assert report(replace(station, offset_seconds=district.offset_seconds - 240)).code == 0
    finally:
        point(station, district.server.url)
    assert set(before) <= set(entries(station))


# The operator's own mistakes.


def test_a_server_that_cannot_serve_says_why_instead_of_beginning(district: District, tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    port = f"127.0.0.1:{free_port()}"
    for words, changed, said in (
        ((port,), {"WC_KEYS": str(junk)}, "Set WC_KEYS"),
        ((district.server.url[7:],), {}, "Address already in use"),
        ((f"{'a' * 70}.example:8440", "--behind-proxy"), {}, "no address of this machine"),
        ((port, "--tls-cert", str(junk), "--tls-key", str(junk)), {}, "do not read or do not belong together"),
    ):
        operate(district, "serve", "--bind", *words, **changed).refused(said)


# The window.


def test_the_window_refuses_what_it_cannot_open(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    screenless = {"QT_QPA_PLATFORM": "offscreen"}
    ran("wc_desktop", "--data", str(tmp_path / "file" / "x"), environment=screenless).refused("cannot be used")
    for words, said in ((("--theme", "purple"), "invalid choice"), (("--text-size", "9"), "lies between")):
        ended = ran("wc_desktop", *words, environment=screenless)
        assert (ended.code, said in ended.err, "Traceback" in ended.err) == (2, True, False)


def test_a_second_window_on_one_folder_is_sent_to_the_first(tmp_path: Path) -> None:
    folder = tmp_path / "station"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "WC_KEYSTORE": f"insecure:{tmp_path / 'k.json'}"}
    first = subprocess.Popen(
        [sys.executable, "-m", "wc_desktop", "--data", str(folder)],
        env=environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        pause = threading.Event()
        for _ in range(300):
            if (folder / "crashes" / "running.txt").exists():
                break
            pause.wait(0.05)
        ran("wc_desktop", "--data", str(folder), environment=environment).refused("Use the window that is open")
        assert first.poll() is None
        first.send_signal(signal.SIGTERM)
        assert first.wait(15) == 0
    finally:
        end_group(first)
