"""A program of its own that starts an embedded server and waits: the tests kill and interrupt it.

Usage: starter.py HOME [leave]. Prints the server's pid, then waits for its standard input to end.
"""

import sys
from pathlib import Path

import psycopg

from wc_sync_server.embedded import EmbeddedPostgres


def main() -> None:
    with EmbeddedPostgres(Path(sys.argv[1])) as server:
        with psycopg.connect(server.superuser_dsn("postgres").conninfo()) as connection:
            row = connection.execute("SELECT count(*) FROM pg_stat_activity").fetchone()
        assert row is not None
        pid = (server.socket_dir / ".s.PGSQL.5432.lock").read_text().splitlines()[0]
        print(pid, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
