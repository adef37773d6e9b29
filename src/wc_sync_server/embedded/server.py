"""One embedded PostgreSQL: the whole life of it, from nothing to erased."""

import atexit
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from wc_sync_server.embedded import postmaster
from wc_sync_server.embedded.abandoned import sweep_abandoned
from wc_sync_server.embedded.account import Account, choose_account
from wc_sync_server.embedded.binaries import Binaries, reachable_binaries
from wc_sync_server.embedded.dsn import Dsn
from wc_sync_server.embedded.errors import EmbeddedPostgresUnavailable
from wc_sync_server.embedded.locks import Ownership, exclusive
from wc_sync_server.embedded.place import (
    PORT,
    Place,
    forget_place,
    known_place,
    make_home,
    make_place,
    make_socket_dir,
    shared_root,
)
from wc_sync_server.embedded.postmaster import Report
from wc_sync_server.embedded.processes import Status, server_status


def _say_nothing(_line: str) -> None:
    """Take a progress line nobody asked for."""


class EmbeddedPostgres:
    """A PostgreSQL of our own, remembered in `home`.

    `start` makes, starts or reattaches, whatever is found there. Who started it, or found it without a living
    owner, is its owner and stops it on leaving; others may attach and leave as they like. As root the server
    runs under an unprivileged account and, where that one cannot enter `home`, keeps its data in a folder of
    ours that it can reach. It listens on a private unix socket only.

    One that is not durable is for tests: its owner erases it, and a power cut may cost it. in_memory keeps its files
    in memory as well, where the machine has some gigabytes of it free.
    """

    def __init__(
        self,
        home: Path,
        *,
        durable: bool = True,
        in_memory: bool = False,
        account: str | None = None,
        report: Report = _say_nothing,
    ) -> None:
        self._home = home.absolute()
        self._durable = durable
        self._in_memory = in_memory and not durable
        self._account_name = account
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None
        self._ownership = Ownership(self._home / "owner.lock")

    @property
    def socket_dir(self) -> Path:
        return self._place().socket_dir

    @property
    def port(self) -> int:
        return PORT

    @property
    def password(self) -> str:
        return self._place().password

    @property
    def log(self) -> Path:
        return self._place().log

    @property
    def bin_dir(self) -> Path:
        """Where pg_dump, psql and the other programs are, as the server's account reaches them."""
        return self._binaries(choose_account(self._account_name)).bin_dir

    def status(self) -> Status:
        """Return how far the server is; never starts or changes anything."""
        place = known_place(self._home)
        return Status.ABSENT if place is None else server_status(place.data)

    def start(self) -> Dsn:
        """Make the cluster if there is none, start it or attach to it; return the superuser's way in."""
        account = choose_account(self._account_name)
        make_home(self._home, account)
        if not self._durable:
            sweep_abandoned()
        with exclusive(self._lock_file()):
            # First of all: a cluster without a living owner counts as abandoned.
            if self._ownership.claim():
                atexit.register(self._stop_if_owner)
            place = known_place(self._home) or make_place(
                self._home, account, durable=self._durable, in_memory=self._in_memory
            )
            self._bring_up(place, account)
            while not postmaster.answers(self.superuser_dsn("postgres"), place):
                # It was dying as we attached to it.
                self._bring_up(place, account)
        return self.superuser_dsn("postgres")

    def stop(self) -> None:
        """Stop the server, whoever started it; stopping a stopped one is fine."""
        atexit.unregister(self._stop_if_owner)
        place = known_place(self._home)
        if place is not None:
            with exclusive(self._lock_file()):
                postmaster.stop(place, self._process)
                self._process = None
        self._ownership.release()

    def erase(self) -> None:
        """Stop the server and delete the cluster for good."""
        self.stop()
        place = known_place(self._home)
        if place is not None:
            with exclusive(self._lock_file()):
                forget_place(self._home, place)

    def superuser_dsn(self, database: str) -> Dsn:
        """Return the superuser's way into database. For making roles and databases, not for the product."""
        place = self._place()
        return Dsn(
            socket_dir=place.socket_dir,
            port=PORT,
            user=postmaster.SUPERUSER,
            password=place.password,
            database=database,
        )

    def create_database(self, name: str, template: str | None = None) -> Dsn:
        """Create database name, as a copy of template if one is named; nobody may be connected to that."""
        statement = sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(
            name=sql.Identifier(name), template=sql.Identifier(template or "template0")
        )
        self._administer(statement)
        return self.superuser_dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop database name with whoever is connected to it; one that is not there is fine."""
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop_if_owner()

    def _stop_if_owner(self) -> None:
        if self._ownership.held:
            self.stop()

    def _bring_up(self, place: Place, account: Account) -> None:
        status = server_status(place.data)
        if status in {Status.ABSENT, Status.STOPPED, Status.STOPPING}:
            self._launch(place, account, status)
        postmaster.wait_ready(place, self._process, self._report)

    def _launch(self, place: Place, account: Account, status: Status) -> None:
        binaries = self._binaries(account)
        if status is Status.STOPPING:
            postmaster.stop(place, self._process)
        if status is Status.ABSENT:
            self._report("making the database cluster")
            postmaster.init_cluster(place, account, binaries, durable=self._durable)
        postmaster.check_version(place, binaries)
        postmaster.clear_dead_server(place)
        make_socket_dir(place, account)
        if self._process is not None:
            self._process.poll()  # a killed one is a zombie until asked
        self._report("starting PostgreSQL")
        self._process = postmaster.launch(place, account, binaries, durable=self._durable)

    def _binaries(self, account: Account) -> Binaries:
        return reachable_binaries(account, shared_root)

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.superuser_dsn("postgres").conninfo(), autocommit=True) as connection:
            connection.execute(statement)

    def _lock_file(self) -> Path:
        return self._home / "lock"

    def _place(self) -> Place:
        place = known_place(self._home)
        if place is None:
            raise EmbeddedPostgresUnavailable(f"There is no database in {self._home} yet: start it first.")
        return place
