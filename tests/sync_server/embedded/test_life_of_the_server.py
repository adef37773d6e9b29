"""The embedded server through its life: real clusters, real kills."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from wc_sync_server.embedded import EmbeddedPostgres, EmbeddedPostgresUnavailable, Status
from wc_sync_server.embedded.place import memory_root

pytestmark = pytest.mark.postgres

STARTER = Path(__file__).with_name("starter.py")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    # In memory where there is room: a cluster is a thousand files, made and deleted for each test.
    above = memory_root() or tmp_path
    where = above / f"a home with spaces {secrets.token_hex(4)}"
    yield where
    if where.exists():
        EmbeddedPostgres(where).erase()
        shutil.rmtree(where)


def ask(server: EmbeddedPostgres, statement: str) -> object:
    with psycopg.connect(server.superuser_dsn("postgres").conninfo(), autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def pid_of(server: EmbeddedPostgres) -> int:
    # The socket's lock file names the server, whichever folder the data are in.
    return int((server.socket_dir / ".s.PGSQL.5432.lock").read_text().splitlines()[0])


def data_of(server: EmbeddedPostgres) -> Path:
    return server.log.with_name("data")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> None:
    for _ in range(1000):
        if not alive(pid):
            return
        threading.Event().wait(0.02)
    raise AssertionError(f"process {pid} still runs")


def starter(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(STARTER), str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def told_pid(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def end(process: "subprocess.Popen[str]") -> None:
    process.communicate(timeout=60)


def test_it_is_made_started_stopped_started_again_and_erased(home: Path) -> None:
    server = EmbeddedPostgres(home)
    assert server.status() is Status.ABSENT
    server.start()
    assert server.status() is Status.RUNNING
    ask(server, "CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()
    assert server.status() is Status.STOPPED
    server.stop()
    server.start()
    assert ask(server, "SELECT n FROM kept") == 7
    folder = server.log.parent
    server.erase()
    assert server.status() is Status.ABSENT
    assert not (folder / "data").exists()
    assert not list(home.glob("*.json"))


def test_a_durable_server_keeps_every_safety_on(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        assert {
            name: ask(server, f"SHOW {name}")
            for name in (
                "fsync", "full_page_writes", "synchronous_commit", "data_checksums", "timezone",
                "log_error_verbosity", "log_min_error_statement", "password_encryption", "listen_addresses",
            )
        } == {
            "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on",
            "timezone": "UTC", "log_error_verbosity": "terse", "log_min_error_statement": "panic",
            "password_encryption": "scram-sha-256", "listen_addresses": "",
        }  # fmt: skip
        assert int(str(ask(server, "SHOW max_prepared_transactions"))) > 0
        assert ask(server, "SELECT datlocprovider::text || datlocale FROM pg_database LIMIT 1") == "bC.UTF-8"


def test_a_commit_survives_kill_minus_nine(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    ask(server, "CREATE TABLE kept AS SELECT 7 AS n")
    killed = pid_of(server)
    os.kill(killed, signal.SIGKILL)
    server.start()
    assert ask(server, "SELECT n FROM kept") == 7
    assert pid_of(server) != killed
    server.stop()


def test_a_pid_file_that_names_a_stranger_does_not_stop_a_start(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    pid_file = data_of(server) / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    os.kill(pid_of(server), signal.SIGKILL)
    # After a reboot the old number may be anybody's: here it is this very test's.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert server.status() is Status.STOPPED
    server.start()
    assert ask(server, "SELECT 1") == 1
    server.stop()


def test_an_interrupted_making_is_made_anew(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    # As a power cut leaves it: the folder of initdb half full, the final one not there.
    unfinished = data_of(server).with_name("data.new-00000000")
    data_of(server).rename(unfinished)
    (unfinished / "PG_VERSION").unlink()
    assert server.status() is Status.ABSENT
    with server:
        assert ask(server, "SELECT 1") == 1
    assert not unfinished.exists()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("phase", ["at once", "while initdb runs", "while the server starts"])
def test_a_start_broken_off_anywhere_can_be_done_again(home: Path, stop: signal.Signals, phase: str) -> None:
    broken = starter(home)
    while phase != "at once" and not list(Path("/").glob(_sign_of(phase, home))):
        threading.Event().wait(0.005)
    broken.send_signal(stop)
    end(broken)
    with EmbeddedPostgres(home) as server:
        assert ask(server, "SELECT 1") == 1
    assert EmbeddedPostgres(home).status() is Status.STOPPED


def _sign_of(phase: str, home: Path) -> str:
    """Return a pattern, from the root folder, for a file that is there when the phase has begun."""
    record = home / "embedded.json"
    root = json.loads(record.read_text())["root"] if record.exists() else str(home)
    return f"{root[1:]}/data.new-*/global" if phase == "while initdb runs" else f"{root[1:]}/data/postmaster.pid"


def test_a_second_one_attaches_and_leaves_it_running(home: Path) -> None:
    with EmbeddedPostgres(home) as first:
        visitor = starter(home)
        assert told_pid(visitor) == pid_of(first)
        end(visitor)
        assert visitor.returncode == 0
        assert ask(first, "SELECT 1") == 1


def test_two_starters_at_once_get_one_server(home: Path) -> None:
    starters = [starter(home) for _ in range(4)]
    assert len({told_pid(process) for process in starters}) == 1
    for process in starters:
        end(process)
    assert [process.returncode for process in starters] == [0, 0, 0, 0]
    assert EmbeddedPostgres(home).status() is Status.STOPPED


def test_it_outlives_a_killed_owner_and_the_next_one_takes_it_over(home: Path) -> None:
    owner = starter(home)
    pid = told_pid(owner)
    owner.kill()
    end(owner)
    assert alive(pid)
    with EmbeddedPostgres(home) as heir:
        assert pid_of(heir) == pid
    wait_until_gone(pid)


@pytest.mark.parametrize("whom", ["the program", "its whole terminal"])
def test_ctrl_c_stops_the_server_in_good_order(home: Path, whom: str) -> None:
    owner = starter(home)
    pid = told_pid(owner)
    if whom == "the program":
        owner.send_signal(signal.SIGINT)
    else:
        os.killpg(owner.pid, signal.SIGINT)
    end(owner)
    wait_until_gone(pid)
    server = EmbeddedPostgres(home)
    assert server.status() is Status.STOPPED
    assert "database system is shut down" in server.log.read_text()


def test_another_process_can_stop_it(home: Path) -> None:
    owner = starter(home)
    pid = told_pid(owner)
    EmbeddedPostgres(home).stop()
    wait_until_gone(pid)
    end(owner)
    assert owner.returncode == 0


def test_a_slow_recovery_is_waited_for(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    data = data_of(server)
    server.stop()
    # A restore that takes its time stands for a long replay; the server says "starting" all the while.
    (data / "recovery.signal").touch()
    with (data / "postgresql.auto.conf").open("a") as file:
        file.write("restore_command = 'sleep 1; false'\n")
    seen: list[Status] = []
    started = threading.Thread(target=server.start)
    started.start()
    while started.is_alive():
        seen.append(server.status())
        started.join(0.05)
    assert Status.STARTING in seen
    assert ask(server, "SELECT 1") == 1
    server.stop()


def test_a_server_that_cannot_start_says_why_at_once(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    data = data_of(server)
    server.stop()
    (data / "global" / "pg_control").write_bytes(b"\0" * 8192)
    with pytest.raises(EmbeddedPostgresUnavailable, match=r"did not start: .*postgres\.log"):
        server.start()
    assert server.status() is Status.STOPPED


def test_data_of_another_version_are_refused_untouched(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    version = data_of(server) / "PG_VERSION"
    server.stop()
    version.write_text("15\n")
    with pytest.raises(EmbeddedPostgresUnavailable, match="were made by PostgreSQL 15, installed is"):
        server.start()
    assert version.read_text() == "15\n"


def test_a_damaged_record_is_named(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    record = home / "embedded.json"
    whole = record.read_text()
    record.write_text(whole[:20])
    with pytest.raises(EmbeddedPostgresUnavailable, match=r"embedded\.json is damaged"):
        server.start()
    record.write_text(whole)


def test_asking_for_a_database_before_the_first_start_is_refused(home: Path) -> None:
    with pytest.raises(EmbeddedPostgresUnavailable, match="start it first"):
        EmbeddedPostgres(home).superuser_dsn("postgres")


def test_a_socket_path_too_long_for_the_kernel_gets_a_short_private_folder(tmp_path: Path) -> None:
    home = tmp_path / ("deep" * 30)
    server = EmbeddedPostgres(home, durable=False)
    with server:
        assert ask(server, "SELECT 1") == 1
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
        assert len(os.fsencode(server.socket_dir / ".s.PGSQL.5432")) <= 107
    folder = server.socket_dir
    server.erase()
    assert not folder.exists()


def test_databases_are_made_cloned_and_dropped(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False) as server:
        made = server.create_database('a "quoted" name')
        with psycopg.connect(made.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        clone = server.create_database("clone", template=made.database)
        with psycopg.connect(clone.url(), autocommit=True) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
            server.drop_database("clone")  # also with somebody in it
        server.drop_database("clone")
        assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'clone'") == 0
