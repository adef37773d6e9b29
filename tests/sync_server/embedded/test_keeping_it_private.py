"""The embedded server lets nobody in without the password and keeps values out of its log."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from wc_sync_server.embedded import EmbeddedPostgres, EmbeddedPostgresUnavailable, Status, binaries, place
from wc_sync_server.embedded.account import Account, choose_account
from wc_sync_server.embedded.processes import postmaster_pid

pytestmark = pytest.mark.postgres

STARTER = Path(__file__).with_name("starter.py")
MARKER = "Zephyrine-Quillfeather"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to drop it")


def test_a_wrong_password_is_refused_on_the_socket_too(postgres_server: EmbeddedPostgres) -> None:
    wrong = replace(postgres_server.superuser_dsn("postgres"), password="guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong.conninfo())


def test_the_way_in_never_shows_its_password(postgres_server: EmbeddedPostgres) -> None:
    dsn = postgres_server.superuser_dsn("postgres")
    assert len(dsn.password) >= 32
    assert dsn.password not in repr(dsn)


def test_values_never_reach_the_log(postgres_server: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres_server.superuser_dsn("postgres").conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE marked (name text PRIMARY KEY)")
        connection.execute("INSERT INTO marked VALUES (%s)", [MARKER])
        for failing in ("INSERT INTO marked VALUES (%s)", "SELECT %s::uuid", "SELECT %s::int FROM nowhere"):
            with pytest.raises(psycopg.Error):
                connection.execute(failing, [MARKER])
        with pytest.raises(psycopg.errors.RaiseException, match=MARKER):
            connection.execute(f"DO $$ BEGIN RAISE '{MARKER}'; END $$")
        connection.execute("DROP TABLE marked")
    log = postgres_server.log.read_text()
    assert "ready to accept connections" in log
    assert MARKER not in log


def test_its_folders_are_closed_to_others(postgres_server: EmbeddedPostgres) -> None:
    for folder in (postgres_server.log.with_name("data"), postgres_server.socket_dir):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres_server.log.stat().st_mode) == 0o600


@as_root
def test_as_root_it_runs_unprivileged_and_opens_nobodys_home(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    before = [(path, path.stat().st_mode) for path in (private, *private.parents)]
    server = EmbeddedPostgres(private / "home", durable=False)
    with server:
        data = server.log.with_name("data")
        pid = postmaster_pid(data)
        uids = Path(f"/proc/{pid}/status").read_text().split("Uid:")[1].splitlines()[0].split()
        assert "0" not in uids
        assert {data.stat().st_uid, server.socket_dir.stat().st_uid} == {int(uids[0])}
        assert not data.is_relative_to(private)
    server.erase()
    assert [(path, path.stat().st_mode) for path, _ in before] == before
    assert not data.parent.exists()


@as_root
@pytest.mark.parametrize("how", ["durable=False", "durable=False, in_memory=True", "durable=True"])
def test_what_a_killed_test_run_left_is_swept_and_nothing_durable_ever(tmp_path: Path, how: str) -> None:
    program = "import os, sys; from pathlib import Path; from wc_sync_server.embedded import EmbeddedPostgres; "
    program += f"EmbeddedPostgres(Path(sys.argv[1]), {how}).start(); os.kill(os.getpid(), 9)"
    durable = how == "durable=True"
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "left")], check=False)
    left = EmbeddedPostgres(tmp_path / "left")
    folder, pid = left.log.parent, postmaster_pid(left.log.with_name("data"))
    assert pid is not None
    with EmbeddedPostgres(tmp_path / "next", durable=False) as following:
        assert (folder / "data").exists() is durable
        assert postmaster_pid(folder / "data") == (pid if durable else None)
    following.erase()
    with left:
        assert left.status() is Status.RUNNING
    left.erase()


@pytest.mark.parametrize(("room", "kept_in_memory"), [(0, True), (2**60, False)])
def test_what_is_disposable_is_kept_in_memory_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, *, kept_in_memory: bool
) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(place, "_MEMORY", memory)
    monkeypatch.setattr(place, "_ROOM_IN_MEMORY", room)
    home = tmp_path / "home"
    home.mkdir()
    made = place.make_place(home, choose_account(), durable=False, in_memory=True)
    assert made.root.is_relative_to(memory) is kept_in_memory
    assert place.known_place(home) == made
    place.forget_place(home, made)
    assert not made.socket_dir.exists()
    assert list(memory.rglob("*.log")) == []


@as_root
def test_an_account_that_is_not_there_is_not_created() -> None:
    with pytest.raises(EmbeddedPostgresUnavailable, match=r"no account no-such-account.*DATABASE_URL"):
        choose_account("no-such-account")


@as_root
def test_programs_under_a_private_home_are_copied_to_where_the_account_reaches_them(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = choose_account()
    package = binaries.installed_package()
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for name in (binaries.PACKAGE, binaries.LIBRARIES):
        (private / name).symlink_to(package.with_name(name))
    monkeypatch.setattr(binaries, "installed_package", lambda: private / binaries.PACKAGE)
    found = binaries.reachable_binaries(account, lambda: open_folder)
    assert found.bin_dir.is_relative_to(open_folder)
    for name in ("postgres", "initdb", "pg_dump", "psql"):
        assert account.run([found.program(name), "--version"]).returncode == 0
    assert {path.stat().st_uid for path in open_folder.rglob("*")} == {0}
    again = binaries.reachable_binaries(account, lambda: open_folder)
    assert again == found
    assert len(list(open_folder.iterdir())) == 1


@as_root
def test_an_ordinary_user_needs_nothing_but_a_home(open_folder: Path) -> None:
    account = choose_account("nobody")
    interpreter = _interpreter_for(account)
    mine = open_folder / "mine"
    mine.mkdir(mode=0o700)
    account.owns(mine)
    done = subprocess.run(
        [interpreter, str(STARTER), str(mine / "home")],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        input="",
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().isdigit()
    assert {path.stat().st_uid for path in mine.rglob("*")} == {account.uid}
    assert "shut down" in (mine / "home" / "postgres.log").read_text()


@as_root
def test_the_home_of_another_account_is_named(open_folder: Path) -> None:
    account = choose_account("nobody")
    server = EmbeddedPostgres(open_folder / "home", durable=False)
    server.start()
    server.stop()
    done = subprocess.run(
        [_interpreter_for(account), str(STARTER), str(open_folder / "home")],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        input="",
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    server.erase()
    assert done.returncode != 0
    assert "belongs to another account" in done.stderr


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that every account can pass through, which pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp(prefix="wc-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _interpreter_for(found: Account) -> str:
    if not found.can_enter(STARTER.parent):
        pytest.skip(f"this tree lies in a private folder, where the account {found.name} cannot read it")
    for candidate in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        try:
            if found.run([candidate, "-c", "pass"]).returncode == 0:
                return candidate
        except OSError:
            continue
    pytest.skip(f"no interpreter of this version that the account {found.name} reaches")
