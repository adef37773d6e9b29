"""The server process: made, launched, awaited, stopped."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import monotonic
from typing import BinaryIO

import psycopg

from wc_sync_server.embedded.account import Account, bare_environment
from wc_sync_server.embedded.binaries import Binaries
from wc_sync_server.embedded.dsn import Dsn
from wc_sync_server.embedded.errors import EmbeddedPostgresUnavailable
from wc_sync_server.embedded.place import PORT, Place, make_data_dir
from wc_sync_server.embedded.processes import (
    Status,
    postmaster_pid,
    server_status,
    surviving_backends,
)

SUPERUSER = "postgres"
_POLL_SECONDS = 0.02
_REPORT_SECONDS = 5.0
_FAST_STOP_SECONDS = 60.0
_IMMEDIATE_STOP_SECONDS = 20.0
_ANSWER_SECONDS = 30
_DYING_SECONDS = 5.0

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_prepared_transactions": "64",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    # No health text in the log: values appear in the DETAIL, STATEMENT and even the text of errors.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}
# For tests only: a power cut may cost the whole cluster.
_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "256MB",  # it may stand in memory
}

Report = Callable[[str], None]


def init_cluster(place: Place, account: Account, binaries: Binaries, *, durable: bool) -> None:
    """Make the cluster, whole or not at all: initdb works beside the final folder."""
    fresh = make_data_dir(place, account)
    pwfile = place.root / "pwfile"
    pwfile.unlink(missing_ok=True)
    with os.fdopen(os.open(pwfile, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(place.password)
    account.owns(pwfile)
    try:
        done = account.run(
            [
                binaries.program("initdb"),
                f"--pgdata={fresh}",
                f"--username={SUPERUSER}",
                f"--pwfile={pwfile}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--data-checksums",
                "--no-instructions",
                *([] if durable else ["--no-sync"]),
            ]
        )
    finally:
        pwfile.unlink(missing_ok=True)
    if done.returncode != 0:
        raise EmbeddedPostgresUnavailable(f"The database could not be made: {_last_line(done.stderr)}")
    fresh.rename(place.data)


def check_version(place: Place, binaries: Binaries) -> None:
    """Refuse data of another major version before the server touches them."""
    made_by = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if made_by != binaries.major:
        raise EmbeddedPostgresUnavailable(
            f"The data in {place.data} were made by PostgreSQL {made_by}, installed is {binaries.major}: "
            "dump them with the old version and load the dump with the new one."
        )


def clear_dead_server(place: Place) -> None:
    """Make way after a kill -9 or a power cut: wait for orphaned backends, drop a pid file that lies."""
    while surviving_backends(place.cluster_name):
        Event().wait(_POLL_SECONDS)
    if postmaster_pid(place.data) is None:
        # PostgreSQL trusts any living pid in it, even that of a zombie or a stranger after a reboot.
        (place.data / "postmaster.pid").unlink(missing_ok=True)


def launch(place: Place, account: Account, binaries: Binaries, *, durable: bool) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that Ctrl+C in our terminal does not reach it."""
    settings = _SETTINGS | ({} if durable else _NOT_DURABLE)
    settings |= {
        "unix_socket_directories": _quoted(place.socket_dir),
        "cluster_name": place.cluster_name,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with _fresh_log(place.log) as log:
        return subprocess.Popen(  # noqa: S603  fixed command, our own paths
            [binaries.program("postgres"), "-D", str(place.data), *options],
            cwd="/",
            env=bare_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            umask=0o077,
            **account.identity(),
        )


def wait_ready(place: Place, process: "subprocess.Popen[bytes] | None", report: Report) -> None:
    """Return when the server takes connections.

    There is no time limit: replay after a crash takes what it takes, and giving up would kill it half-way.
    What ends the wait early is the server's own end.
    """
    began, told = monotonic(), 0.0
    while (status := server_status(place.data)) is not Status.RUNNING:
        gone = process.poll() is not None if process else status is Status.STOPPED
        if gone:
            raise EmbeddedPostgresUnavailable(
                f"The database did not start: {_last_line(_tail(place.log))} (more in {place.log})"
            )
        waited = monotonic() - began
        if waited - told >= _REPORT_SECONDS:
            told = waited
            report(f"waiting for the database to recover, {waited:.0f} s so far")
        Event().wait(_POLL_SECONDS)


def answers(dsn: Dsn, place: Place) -> bool:
    """Say whether the server takes a connection; False if it turns out to be dead or dying."""
    try:
        psycopg.connect(dsn.conninfo(), connect_timeout=_ANSWER_SECONDS).close()
    except psycopg.OperationalError as error:
        if _gone(place, _DYING_SECONDS):
            return False
        raise EmbeddedPostgresUnavailable(
            f"The database runs but does not let us in: {_last_line(str(error))} (more in {place.log})"
        ) from error
    return True


def stop(place: Place, process: "subprocess.Popen[bytes] | None") -> None:
    """Stop the server: sessions are ended, everything is written; pulled down hard only if that hangs."""
    for signal_number, seconds in (
        (signal.SIGINT, _FAST_STOP_SECONDS),
        (signal.SIGQUIT, _IMMEDIATE_STOP_SECONDS),
    ):
        pid = postmaster_pid(place.data)
        if pid is None:
            break
        os.kill(pid, signal_number)
        if _gone(place, seconds):
            break
    if postmaster_pid(place.data) is not None:
        raise EmbeddedPostgresUnavailable(f"The database did not stop (process {postmaster_pid(place.data)}).")
    if process is not None:
        process.wait()


def _gone(place: Place, seconds: float) -> bool:
    deadline = monotonic() + seconds
    while postmaster_pid(place.data) is not None:
        if monotonic() > deadline:
            return False
        Event().wait(_POLL_SECONDS)
    return True


def _fresh_log(path: Path) -> BinaryIO:
    """Open an empty log, keeping the one before: nothing else ever shortens it."""
    if path.exists():
        path.replace(path.with_name(f"{path.name}.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _quoted(path: Path) -> str:
    # The setting is a list, so a path with a comma or a blank needs quotes.
    return '"' + str(path).replace('"', '""') + '"'


def _tail(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")[-4000:]
    except OSError:
        return ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given"
