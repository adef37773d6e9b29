"""The environment that the demonstration gives its server and commands."""

import os
from collections.abc import Mapping

import psycopg
from psycopg import sql

from wc_sync_server.db.grants import APP, AUDIT_READER
from wc_sync_server.db.provision import Dsns
from wc_sync_server.demo.folder import DemoFolder
from wc_sync_server.machine import DEMO_CLOCK_VARIABLE

DATABASE = "prairie_ridge"
DISTRICT_CODE = "prairie"
CLOCK_SETTING = "wc.demo_clock_offset"


def server_environment(folder: DemoFolder, ways: Dsns, *, port: int, offset_seconds: int) -> Mapping[str, str]:
    """Return the environment of the server and of operator commands."""
    return {
        **os.environ,
        "WC_DATABASE_URL": ways.app,
        "WC_MIGRATE_URL": ways.migrate,
        "WC_AUDIT_URL": ways.audit_reader,
        "WC_KEYS": str(folder.keys),
        "WC_BIND": f"127.0.0.1:{port}",
        "WC_LOG_LEVEL": "warning",
        DEMO_CLOCK_VARIABLE: str(offset_seconds),
    }


def set_database_clock(superuser_dsn: str, offset_seconds: int) -> None:
    """Move the time that the server's transactions take from the database that the address names, and from no other."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        for role in (APP, AUDIT_READER):
            connection.execute(
                sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                    sql.Identifier(role),
                    sql.Identifier(connection.info.dbname),
                    sql.Identifier(*CLOCK_SETTING.split(".")),
                    sql.Literal(f"{offset_seconds} seconds"),
                )
            )
