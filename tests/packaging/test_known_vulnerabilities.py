"""The check of dependencies, with a service of known vulnerabilities that runs here."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.architecture.tree import ROOT

FINDING = {
    "id": "GHSA-0000-0000-0000",
    "aliases": ["CVE-2099-1"],
    "summary": "invented",
    "affected": [
        {
            "package": {"name": "bcrypt", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.0.1"}]}],
        }
    ],
}
LOCK = """\
bcrypt==5.0.0 \\
    --hash=sha256:00
numpy==2.2.6 ; python_full_version < '3.12' \\
    --hash=sha256:00
numpy==2.4.0 ; python_full_version >= '3.12' \\
    --hash=sha256:00
pywin32-ctypes==0.2.3 ; sys_platform == 'win32' \\
    --hash=sha256:00
"""


class Service:
    """Answers as OSV does. status other than 200: it is out of order."""

    def __init__(self, known: dict[str, object], status: int) -> None:
        self.asked: list[tuple[str, str]] = []
        self.known = known
        self.status = status


@contextmanager
def serving(known: dict[str, object] | None = None, status: int = 200) -> Iterator[tuple[str, Service]]:
    service = Service(known or {}, status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["content-length"])))
            name = query["package"]["name"]
            service.asked.append((name, query["version"]))
            found = {"vulns": [service.known[name]]} if name in service.known else {}
            self.send_response(service.status)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query", service
        server.shutdown()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "all.txt"
    path.write_text(LOCK)
    return path


def checked(service: str, lock: Path, *more: str) -> subprocess.CompletedProcess[str]:
    script = ROOT / "packaging" / "check_dependencies.py"
    command = [sys.executable, str(script), "--service", service, "--lock", str(lock), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_nothing_known_is_said_with_how_many_were_looked_up(lock: Path) -> None:
    with serving() as (address, service):
        done = checked(address, lock)
    assert (done.returncode, done.stdout.strip()) == (0, "4 pinned releases looked up, 0 known vulnerabilities.")
    wanted = re.findall(r"^([a-z0-9-]+)==([0-9.]+)", LOCK, flags=re.MULTILINE)
    assert sorted(service.asked) == sorted(wanted), "those of other systems and interpreters too"


def test_a_known_vulnerability_fails_and_is_named(lock: Path) -> None:
    with serving({"bcrypt": FINDING}) as (address, _):
        done = checked(address, lock)
    assert done.returncode == 1
    said = done.stdout.splitlines()
    assert said[0].startswith("bcrypt 5.0.0: ")
    assert {"CVE-2099-1", "GHSA-0000-0000-0000"} <= set(re.findall(r"[A-Z]+-[0-9-]+", said[0]))
    assert said[0].endswith("mended in 5.0.1")
    assert said[1] == "4 pinned releases looked up, 1 known vulnerabilities."


@pytest.mark.parametrize(("until", "code"), [("2999-01-31", 0), ("2020-01-31", 1)], ids=["still", "no more"])
def test_what_is_accepted_until_a_day_stops_nothing_until_then(
    lock: Path, tmp_path: Path, until: str, code: int
) -> None:
    accepted = tmp_path / "accepted.toml"
    accepted.write_text(f'[[accepted]]\nid = "CVE-2099-1"\nuntil = {until}\nwhy = "it is never called"\n')
    with serving({"bcrypt": FINDING}) as (address, _):
        done = checked(address, lock, "--accepted", str(accepted))
    assert done.returncode == code
    assert ("and 1 accepted ones" in done.stdout) == (code == 0)


def test_nothing_is_accepted_without_a_reason(lock: Path, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.toml"
    accepted.write_text('[[accepted]]\nid = "CVE-2099-1"\nuntil = 2999-01-31\n')
    with serving({"bcrypt": FINDING}) as (address, _):
        assert checked(address, lock, "--accepted", str(accepted)).returncode != 0


def test_where_nobody_answers_that_is_said_and_nothing_else(lock: Path) -> None:
    with serving() as (closed, _):
        pass
    with serving(status=503) as (broken, _):
        answers = [checked(address, lock) for address in (closed, broken)]
    for done in answers:
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("NOT CHECKED: ")
        assert "looked up" not in done.stdout


def test_a_check_that_breaks_is_no_success(lock: Path) -> None:
    lock.write_text("bcrypt==not.a.version\n")
    with serving() as (address, service):
        done = checked(address, lock)
    assert done.returncode == 2
    assert "The check itself failed" in done.stderr
    assert not service.asked
