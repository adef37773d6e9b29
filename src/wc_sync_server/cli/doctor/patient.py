"""What is examined: the settings, and the ways in, opened when first asked for. Nothing of it is changed."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from wc_sync_server.cli.auditing import reader_of
from wc_sync_server.cli.doctor.files import missing_keys
from wc_sync_server.db import migrate
from wc_sync_server.db.directory import District
from wc_sync_server.db.doctor.declared import Compared, compare
from wc_sync_server.db.doctor.verdicts import NotSeen
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.health.examine import looking
from wc_sync_server.machine import SystemClock
from wc_sync_server.settings import Settings
from wc_sync_server.wiring import Workshop, open_workshop

DATABASE, MIGRATE = "WC_DATABASE_URL", "WC_MIGRATE_URL"
_PATIENCE_SECONDS = 5

_WHO = """
SELECT current_user::text, r.rolsuper, current_setting('server_version_num')::int, pg_is_in_recovery()
FROM pg_roles r WHERE r.rolname = current_user
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who an address signs in as, and where that leads."""

    role: str
    superuser: bool
    version: int
    standby: bool
    encrypted: bool
    on_this_machine: bool
    checks_who_answers: bool


class Patient:
    """A deployment. Asking for a part that cannot be had raises NotSeen, or what its own maker raises."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock(settings.demo_clock_offset)
        self._open = ExitStack()

    @cached_property
    def addresses(self) -> dict[str, str]:
        """The addresses that are set, by the variable that gives them."""
        settings = self.settings
        given = {
            DATABASE: settings.database_url,
            MIGRATE: settings.migrate_url,
            "WC_AUDIT_URL": settings.audit_url,
            "WC_REPORTS_URL": settings.reports_url,
            "WC_LISTEN_URL": settings.listen_url,
        }
        return {variable: url for variable, url in given.items() if url is not None}

    @cached_property
    def signed(self) -> dict[str, Signed | str]:
        """Who each address signs in as, or the code of why it does not."""
        return {variable: _sign_in(url) for variable, url in self.addresses.items()}

    @cached_property
    def application(self) -> Connection[TupleRow]:
        """A connection as those who serve have it. Nothing is set on it: a pooler would hand that on."""
        self.require(DATABASE)
        connection = psycopg.connect(
            self.addresses[DATABASE], autocommit=True, prepare_threshold=None, application_name="wc-doctor"
        )
        return self._open.enter_context(connection)

    @cached_property
    def catalogue(self) -> Connection[TupleRow]:
        """A connection that sees as much of the cluster as any address here allows."""
        if not isinstance(self.signed.get(MIGRATE), Signed):
            return self.application
        return self._open.enter_context(looking(self.addresses[MIGRATE]))

    @cached_property
    def compared(self) -> Compared:
        """The schema beside its declaration."""
        self.require(MIGRATE)
        dsn = self.addresses[MIGRATE]
        if migrate.current(dsn) != migrate.head():
            raise NotSeen("the database is not at this version's revision, so it is not compared")
        return compare(dsn)

    @cached_property
    def parts(self) -> Workshop:
        """What the server works with. It makes keys that are not there, so they must be."""
        self.require(DATABASE)
        if missing_keys(self.settings):
            raise NotSeen("the key folder has to be put right first")
        made = open_workshop(self.settings)
        self._open.callback(made.close)
        return made

    @cached_property
    def districts(self) -> tuple[District, ...]:
        """Every district."""
        return self.parts.cells.all()

    @cached_property
    def reader(self) -> Pool:
        """The way in of the audit's reader."""
        self.require("WC_AUDIT_URL")
        return self._open.enter_context(reader_of(self.parts))

    def require(self, variable: str) -> None:
        """Raise NotSeen unless the address of variable signs in."""
        found = self.signed.get(variable)
        if found is None:
            raise NotSeen(f"{variable} is not set")
        if isinstance(found, str):
            raise NotSeen(f"the database cannot be reached with {variable}")

    def close(self) -> None:
        """Let go of everything that was opened."""
        self._open.close()


def _sign_in(url: str) -> Signed | str:
    try:
        said = conninfo_to_dict(url)
        patience = said.get("connect_timeout", _PATIENCE_SECONDS)
        with psycopg.connect(make_conninfo(url, connect_timeout=patience), application_name="wc-doctor") as connection:
            role, superuser, version, standby = connection.execute(_WHO).fetchall()[0]
            # As seen from here: behind a pooler the server would tell of the pooler's own connection.
            host, encrypted = connection.info.host, connection.pgconn.ssl_in_use
    except psycopg.Error as error:
        # Its own words may quote the address, password and all.
        return error.sqlstate or "no answer"
    return Signed(
        role=role,
        superuser=superuser,
        version=version,
        standby=standby,
        encrypted=encrypted,
        on_this_machine=host.startswith("/") or host in {"", "localhost", "127.0.0.1", "::1"},
        checks_who_answers=str(said.get("sslmode", "")) in {"verify-ca", "verify-full"},
    )
