"""The one place where the server is put together."""

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version

from fastapi import FastAPI

from wc_contract.model.ids import new_uuid
from wc_sync_server.api.app import build_app
from wc_sync_server.api.ports import Limits
from wc_sync_server.api.services import Services
from wc_sync_server.api.watch import StreamWatch
from wc_sync_server.auth.column_cipher import ColumnCipher
from wc_sync_server.auth.contact import Contacts
from wc_sync_server.auth.enrolment import Enrolment
from wc_sync_server.auth.gate import Gate
from wc_sync_server.auth.keys import KeyFolder, ServerKeys
from wc_sync_server.auth.leases import Leases
from wc_sync_server.auth.nonces import Nonces
from wc_sync_server.auth.passwords import Cost, Passwords
from wc_sync_server.auth.sessions import Sessions
from wc_sync_server.auth.sign_in import LockOut, SignIn
from wc_sync_server.auth.signatures import BatchSignatures
from wc_sync_server.auth.tokens import AccessTokens, RefreshTokens
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.repositories.access import PostgresAccess
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.db.repositories.epochs import Epochs, ensure_epoch
from wc_sync_server.db.repositories.feed import PostgresFeeds
from wc_sync_server.db.repositories.hints import PostgresHints
from wc_sync_server.db.repositories.intake import PostgresIntake
from wc_sync_server.db.repositories.readiness import PostgresReadiness
from wc_sync_server.domain.checkpoints import Checkpoints
from wc_sync_server.logs import configure_logs
from wc_sync_server.machine import SystemChance, SystemClock
from wc_sync_server.reconcile.batch import Reconciler
from wc_sync_server.settings import Settings, from_environment

_COLLECTING = (20_000, 20, 20)
_VERIFIERS = 2
_READERS = 4  # snapshots read at once; more only wait for the processor


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What commands and the server share: the database, the keys, a clock and chance."""

    settings: Settings
    cells: Cells
    keys: KeyFolder
    server_keys: ServerKeys = field(repr=False)
    clock: SystemClock
    chance: SystemChance

    def passwords(self) -> Passwords:
        """Return what hashes passwords at the cost that is set."""
        return Passwords(Cost(memory_kib=self.settings.argon2_kib, passes=self.settings.argon2_passes))

    def cipher(self) -> ColumnCipher:
        """Return what encrypts secrets in columns."""
        return ColumnCipher(self.server_keys.column_id, self.server_keys.column, self.chance)

    def close(self) -> None:
        """Let go of the database."""
        self.cells.close()


def open_workshop(settings: Settings) -> Workshop:
    """Return the parts. Raises DatabaseUnavailable, KeysUnusable."""
    chance = SystemChance()
    keys = KeyFolder(settings.keys, chance)
    server_keys = keys.server_keys()
    home = connect_pool(settings.database_url, size=settings.pool_size)
    return Workshop(
        settings=settings,
        cells=Cells(home, {HOME: settings.database_url}, size=settings.pool_size),
        keys=keys,
        server_keys=server_keys,
        clock=SystemClock(settings.demo_clock_offset),
        chance=chance,
    )


def build_server(settings: Settings) -> FastAPI:
    """Return the server's application. Raises DatabaseUnavailable, KeysUnusable."""
    workshop = open_workshop(settings)
    ensure_epoch(workshop.cells.home, workshop.clock.now(), workshop.chance)
    return build_app(
        _services(workshop),
        threads=settings.threads,
        fresh_id=_ids(workshop),
        on_stop=workshop.close,
    )


def app_from_environment() -> FastAPI:
    """Return the application as the environment sets it: what a worker process of the server calls."""
    settings = from_environment()
    configure_logs(settings.log_level)
    app = build_server(settings)
    # What was loaded by now stays; a batch makes thousands of short-lived objects, which are no cycles.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTING)
    return app


def _services(workshop: Workshop) -> Services:
    settings, keys, clock, chance = workshop.settings, workshop.server_keys, workshop.clock, workshop.chance
    epochs = Epochs(workshop.cells, clock)
    stores = PostgresAccess(workshop.cells, epochs, chance)
    nonces = Nonces(keys.nonce, clock, chance)
    access = AccessTokens(keys.access, clock, chance, settings.access)
    leases = Leases(
        keys=workshop.keys.district, epoch=epochs.current, clock=clock, chance=chance, lifetime=settings.lease
    )
    sessions = Sessions(
        stores=stores,
        access=access,
        refresh=RefreshTokens(key=keys.refresh),
        nonces=nonces,
        clock=clock,
        chance=chance,
        lifetime=settings.session,
    )
    sign_in = SignIn(
        stores=stores,
        passwords=workshop.passwords(),
        cipher=workshop.cipher(),
        lock_out=LockOut(),
        clock=clock,
        chance=chance,
    )
    checkpoints = Checkpoints(keys.checkpoint)
    feeds = PostgresFeeds(workshop.cells, epochs)
    hints = PostgresHints(workshop.cells, settings.listen_url or settings.database_url)
    return Services(
        gate=Gate(stores=stores, tokens=access, nonces=nonces, clock=clock),
        enrolment=Enrolment(
            stores=stores,
            sign_in=sign_in,
            sessions=sessions,
            leases=leases,
            nonces=nonces,
            clock=clock,
            chance=chance,
        ),
        sessions=sessions,
        contacts=Contacts(
            stores=stores,
            leases=leases,
            checkpoints=checkpoints,
            clock=clock,
            min_app_version=settings.min_app_version,
        ),
        reconciler=Reconciler(PostgresIntake(workshop.cells, epochs, chance)),
        signatures=BatchSignatures(ThreadPoolExecutor(_VERIFIERS, thread_name_prefix="wc-verify")),
        feeds=feeds,
        hints=hints,
        watch=StreamWatch(feeds, hints),
        readiness=PostgresReadiness(workshop.cells),
        nonces=nonces,
        checkpoints=checkpoints,
        readers=ThreadPoolExecutor(_READERS, thread_name_prefix="wc-pull"),
        limits=Limits(),
        version=version("white-cross"),
    )


def _ids(workshop: Workshop) -> Callable[[], str]:
    def fresh_id() -> str:
        return str(new_uuid(workshop.clock.now(), workshop.chance))

    return fresh_id
