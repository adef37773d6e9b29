"""A real PgBouncer between a test and its database, where one is installed."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from wc_sync_server.db.provision import Dsns
from wc_sync_server.embedded.account import choose_account

PGBOUNCER = os.environ.get("WC_TEST_PGBOUNCER") or shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")

_SETTINGS = """
[databases]
{database} = host={socket} port={port} dbname={database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = {mode}
default_pool_size = {connections}
max_client_conn = 50
logfile = {folder}/log
"""


@contextmanager
def pooled(dsns: Dsns, *, mode: str, connections: int) -> Iterator[str]:
    """Give the application's way through a pooler in session or in transaction mode, with so many connections."""
    parts = conninfo_to_dict(dsns.app)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        listen = probe.getsockname()[1]
    account = choose_account()
    # Not in pytest's own folder: the pooler's account cannot enter that one.
    with tempfile.TemporaryDirectory(prefix="wc-pgbouncer-") as made:
        folder = Path(made)
        (folder / "users").write_text(f'"{parts["user"]}" "{parts["password"]}"\n', encoding="utf-8")
        settings = _SETTINGS.format(
            database=parts["dbname"],
            socket=parts["host"],
            port=parts.get("port", 5432),
            listen=listen,
            folder=folder,
            connections=connections,
            mode=mode,
        )
        (folder / "settings").write_text(settings, encoding="utf-8")
        for path in (folder, *folder.iterdir()):
            account.owns(path)
        process = subprocess.Popen(
            [str(PGBOUNCER), str(folder / "settings")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **account.identity(),
        )
        try:
            dsn = make_conninfo(dsns.app, host="127.0.0.1", port=listen, sslmode="disable", gssencmode="disable")
            _await(dsn)
            yield dsn
        finally:
            process.kill()
            process.wait()


def _await(dsn: str) -> None:
    pause = threading.Event()
    for _ in range(200):
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError:
            pause.wait(0.05)
        else:
            return
    raise AssertionError("pgbouncer never answered")
