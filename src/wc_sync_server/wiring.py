"""The one place where the server is put together."""

import gc
import hmac
import random
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version

import psycopg
from fastapi import FastAPI

from wc_contract.model.ids import DistrictId, SchoolId, new_uuid
from wc_sync_server.api.app import build_app
from wc_sync_server.api.doors import Admission, Room
from wc_sync_server.api.ports import Limits
from wc_sync_server.api.services import RecordsServices, Services
from wc_sync_server.api.turns import Turns
from wc_sync_server.api.watch import StreamWatch
from wc_sync_server.auth.audit_key import AuditKey
from wc_sync_server.auth.column_cipher import ColumnCipher
from wc_sync_server.auth.contact import Contacts
from wc_sync_server.auth.context_key import ContextKeyFile
from wc_sync_server.auth.cursors import SealedCursors
from wc_sync_server.auth.enrolment import Enrolment
from wc_sync_server.auth.gate import Gate
from wc_sync_server.auth.key_ring import KeyRing
from wc_sync_server.auth.keys import KeyFolder, ServerKeys
from wc_sync_server.auth.leases import Leases
from wc_sync_server.auth.nonces import Nonces
from wc_sync_server.auth.passwords import Cost, Passwords
from wc_sync_server.auth.people import People
from wc_sync_server.auth.people_tokens import PeopleTokens
from wc_sync_server.auth.piece_cipher import AesPieces
from wc_sync_server.auth.sessions import Sessions
from wc_sync_server.auth.sign_in import LockOut, SignIn
from wc_sync_server.auth.sign_on import SignOn
from wc_sync_server.auth.sign_on_file import read_providers
from wc_sync_server.auth.signatures import BatchSignatures
from wc_sync_server.auth.tokens import AccessTokens, RefreshTokens
from wc_sync_server.auth.wipes import Wipes
from wc_sync_server.db.audit_keeper import AuditKeeper
from wc_sync_server.db.cache import Cache
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import FILLED, connect_pool
from wc_sync_server.db.errors import ContextNotBelieved
from wc_sync_server.db.repositories.access import PostgresAccess
from wc_sync_server.db.repositories.blobs import PostgresBlobs
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.db.repositories.epochs import Epochs, ensure_epoch
from wc_sync_server.db.repositories.feed import PostgresFeeds
from wc_sync_server.db.repositories.hints import PostgresHints
from wc_sync_server.db.repositories.intake import PostgresIntake
from wc_sync_server.db.repositories.outbox import PostgresOutbox
from wc_sync_server.db.repositories.people_access import PostgresPeople
from wc_sync_server.db.repositories.readiness import PostgresReadiness
from wc_sync_server.db.repositories.records.acknowledgments import PostgresAcknowledgments
from wc_sync_server.db.repositories.records.appointments import PostgresAppointments
from wc_sync_server.db.repositories.records.contacts import PostgresContacts
from wc_sync_server.db.repositories.records.desk import Desk
from wc_sync_server.db.repositories.records.documents import PostgresDocuments
from wc_sync_server.db.repositories.records.doses import PostgresDoses
from wc_sync_server.db.repositories.records.follow_ups import PostgresFollowUps
from wc_sync_server.db.repositories.records.health_records import PostgresHealthRecords
from wc_sync_server.db.repositories.records.incidents import PostgresIncidents
from wc_sync_server.db.repositories.records.inventory import PostgresInventory
from wc_sync_server.db.repositories.records.money import PostgresBudget
from wc_sync_server.db.repositories.records.orders import PostgresOrders
from wc_sync_server.db.repositories.records.people import PostgresDirectory
from wc_sync_server.db.repositories.records.policies import PostgresPolicies
from wc_sync_server.db.repositories.records.purchases import PostgresPurchases
from wc_sync_server.db.repositories.records.reminders import PostgresReminders
from wc_sync_server.db.repositories.records.schedule import PostgresSchedule
from wc_sync_server.db.repositories.records.search import PostgresSearch
from wc_sync_server.db.repositories.records.students import PostgresStudents
from wc_sync_server.db.repositories.records.suppliers import PostgresSuppliers
from wc_sync_server.db.repositories.records.vaccinations import PostgresVaccinations
from wc_sync_server.db.repositories.records.waitlist import PostgresWaitlist
from wc_sync_server.db.repositories.records.works import PersonWorks
from wc_sync_server.db.repositories.reference import References
from wc_sync_server.db.watched import log_slower_than
from wc_sync_server.delivery.addresses import carriers_of, read_addresses
from wc_sync_server.delivery.worker import Courier
from wc_sync_server.domain.checkpoints import Checkpoints
from wc_sync_server.domain.messages import Channel
from wc_sync_server.domain.records.person import Person
from wc_sync_server.importing.journals.taking import Intake
from wc_sync_server.importing.students.office import OfficeCharts, judge_orders_again
from wc_sync_server.logs import configure_logs
from wc_sync_server.machine import SystemChance, SystemClock
from wc_sync_server.reconcile.batch import Reconciler
from wc_sync_server.settings import Settings, from_environment

_COLLECTING = (20_000, 20, 20)
_VERIFIERS = 2
_PUSHES_A_SCHOOL = 2  # one has the lock of the school's stream, another is read meanwhile
_CALLS_A_PLACE = 2
_BLOBS_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What commands and the server share: the database, the keys, a clock and chance."""

    settings: Settings
    cells: Cells
    keys: KeyFolder
    server_keys: ServerKeys = field(repr=False)
    ring: KeyRing = field(repr=False)
    cipher: ColumnCipher = field(repr=False)
    contexts: ContextKeyFile = field(repr=False)
    clock: SystemClock
    chance: SystemChance

    def passwords(self) -> Passwords:
        """Return what hashes passwords at the cost that is set."""
        return Passwords(Cost(memory_kib=self.settings.argon2_kib, passes=self.settings.argon2_passes))

    @property
    def audit_key(self) -> AuditKey:
        """What seals the audit."""
        return AuditKey(self.server_keys.audit)

    def close(self) -> None:
        """Let go of the database."""
        self.cells.close()


def open_workshop(settings: Settings) -> Workshop:
    """Return the parts. Raises DatabaseUnavailable, KeysUnusable."""
    chance, clock = SystemChance(), SystemClock(settings.demo_clock_offset)
    keys = KeyFolder(settings.keys, chance)
    server_keys = keys.server_keys()
    ring = keys.ring(clock, settings.kms_command)
    cipher = ColumnCipher(ring, chance)
    plans_from = FILLED if settings.keep_plans else None
    contexts = keys.contexts(clock)
    if settings.migrate_url is not None and not contexts.is_there:
        _fetch(contexts, settings.migrate_url)
    home = connect_pool(
        settings.database_url, size=settings.pool_size, sealer=cipher, signer=contexts, plans_from=plans_from
    )
    return Workshop(
        settings=settings,
        cells=Cells(
            home,
            {HOME: settings.database_url},
            size=settings.pool_size,
            reports=None if settings.reports_url is None else {HOME: settings.reports_url},
        ),
        keys=keys,
        server_keys=server_keys,
        ring=ring,
        cipher=cipher,
        contexts=contexts,
        clock=clock,
        chance=chance,
    )


def context_signer(settings: Settings) -> ContextKeyFile:
    """Return what signs contexts with the key of the key folder."""
    return KeyFolder(settings.keys, SystemChance()).contexts(SystemClock(settings.demo_clock_offset))


def _fetch(contexts: ContextKeyFile, migrate_url: str) -> None:
    # A database before its revision has none to give; whoever opens a context then says what to do.
    with suppress(psycopg.Error, ContextNotBelieved):
        contexts.put(signer_of(migrate_url).key())


def build_server(settings: Settings) -> FastAPI:
    """Return the server's application. Raises DatabaseUnavailable, KeysUnusable."""
    workshop = open_workshop(settings)
    ensure_epoch(workshop.cells.home, workshop.clock.now(), workshop.chance)
    services = _services(workshop)
    return build_app(
        services,
        threads=settings.threads,
        fresh_id=_ids(workshop),
        on_stop=workshop.close,
        background=(_audit_keeper(workshop),),
        admission=_admission(settings, services.gate.school_of),
    )


def app_from_environment() -> FastAPI:
    """Return the application as the environment sets it: what a worker process of the server calls."""
    settings = from_environment()
    configure_logs(settings.log_level)
    log_slower_than(settings.slow_ms)
    app = build_server(settings)
    # What was loaded by now stays; a batch makes thousands of short-lived objects, which are no cycles.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTING)
    return app


def _admission(settings: Settings, school_of: Callable[[str], SchoolId]) -> Admission:
    waiting = settings.queue
    return Admission(
        pushes=Room(at_once=settings.pushes_at_once, waiting=waiting, a_school=_PUSHES_A_SCHOOL),
        pulls=Room(at_once=settings.pulls_at_once, waiting=waiting),
        # Greetings and new tokens are short: what waits for one waits some milliseconds.
        calls=Room(at_once=settings.calls_at_once, waiting=waiting * _CALLS_A_PLACE),
        blobs=Room(at_once=_BLOBS_AT_ONCE, waiting=waiting),
        school_of=school_of,
        jitter=random.random,
    )


def _audit_keeper(workshop: Workshop) -> AuditKeeper:
    settings, key = workshop.settings, workshop.audit_key
    return AuditKeeper(
        workshop.cells,
        workshop.clock,
        audit_url=settings.audit_url,
        migrate_url=settings.migrate_url,
        anchor=settings.audit_anchor,
        signer=key,
        verifier=key.verifier(),
        seconds=settings.audit_seal_seconds,
    )


def _services(workshop: Workshop) -> Services:
    settings, keys, clock, chance = workshop.settings, workshop.server_keys, workshop.clock, workshop.chance
    epochs = Epochs(workshop.cells, clock)
    stores = PostgresAccess(workshop.cells, epochs, chance)
    nonces = Nonces(keys.nonce, clock, chance)
    access = AccessTokens(keys.access, clock, chance, settings.access)
    leases = Leases(keys=workshop.keys.district, clock=clock, chance=chance, lifetime=settings.lease)
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
        cipher=workshop.cipher,
        lock_out=LockOut(),
        clock=clock,
        chance=chance,
    )
    sign_on = SignOn(
        stores=stores,
        providers=read_providers(settings.sign_on),
        key=hmac.digest(keys.access, b"wc-sign-on-1", "sha256"),
        nonces=nonces,
        clock=clock,
        chance=chance,
    )
    checkpoints = Checkpoints(keys.checkpoint)
    cache = _cache(workshop)
    feeds = PostgresFeeds(workshop.cells, epochs)
    hints = PostgresHints(workshop.cells, settings.listen_url or settings.database_url)
    return Services(
        records=_records(workshop, sign_in, hints),
        gate=Gate(stores=stores, tokens=access, nonces=nonces, clock=clock, min_app_version=settings.min_app_version),
        enrolment=Enrolment(
            stores=stores,
            sign_in=sign_in,
            sign_on=sign_on,
            sessions=sessions,
            leases=leases,
            nonces=nonces,
            clock=clock,
            chance=chance,
        ),
        sign_on=sign_on,
        sessions=sessions,
        contacts=Contacts(
            stores=stores,
            leases=leases,
            checkpoints=checkpoints,
            clock=clock,
            chance=chance,
            min_app_version=settings.min_app_version,
        ),
        wipes=Wipes(stores=stores, keys=workshop.keys.district, clock=clock),
        reconciler=_reconciler(workshop, epochs, cache),
        signatures=BatchSignatures(ThreadPoolExecutor(_VERIFIERS, thread_name_prefix="wc-verify")),
        turns=Turns(),
        feeds=feeds,
        blobs=PostgresBlobs(
            workshop.cells,
            epochs,
            chance,
            AesPieces(chance),
            most=settings.blob_max_mib * 1_048_576,
            daily=settings.blob_daily_mib * 1_048_576,
        ),
        hints=hints,
        watch=StreamWatch(feeds, hints, jitter=random.random),
        readiness=PostgresReadiness(workshop.cells),
        nonces=nonces,
        checkpoints=checkpoints,
        readers=ThreadPoolExecutor(settings.pulls_at_once, thread_name_prefix="wc-pull"),
        limits=Limits(),
        version=version("white-cross"),
    )


def _records(workshop: Workshop, sign_in: SignIn, hints: PostgresHints) -> RecordsServices:
    keys, clock, chance = workshop.server_keys, workshop.clock, workshop.chance
    channels = _channels(workshop)
    desk = Desk(workshop.cells, chance, hints.tell, channels)
    return RecordsServices(
        people=People(
            stores=PostgresPeople(workshop.cells, chance),
            sign_in=sign_in,
            tokens=PeopleTokens(keys.access, clock, chance),
            clock=clock,
            chance=chance,
            lifetime=workshop.settings.people,
        ),
        denials=desk,
        # A key of its own, from one that stands in the folder already.
        cursors=SealedCursors(hmac.digest(keys.checkpoint, b"wc-cursors-1", "sha256"), chance),
        students=PostgresStudents(desk),
        charts=OfficeCharts(partial(_works_of, workshop, channels), hints.tell),
        contacts=PostgresContacts(desk),
        orders=PostgresOrders(desk, judge_orders_again),
        documents=PostgresDocuments(desk, AesPieces(chance)),
        doses=PostgresDoses(desk),
        incidents=PostgresIncidents(desk),
        follow_ups=PostgresFollowUps(desk),
        appointments=PostgresAppointments(desk),
        reminders=PostgresReminders(desk),
        waitlist=PostgresWaitlist(desk),
        health_records=PostgresHealthRecords(desk),
        vaccinations=PostgresVaccinations(desk),
        inventory=PostgresInventory(desk),
        budget=PostgresBudget(desk),
        suppliers=PostgresSuppliers(desk),
        purchases=PostgresPurchases(desk, chance),
        policies=PostgresPolicies(desk),
        acknowledgments=PostgresAcknowledgments(desk),
        directory=PostgresDirectory(desk),
        schedule=PostgresSchedule(desk),
        search=PostgresSearch(desk),
    )


def _works_of(workshop: Workshop, channels: Callable[[DistrictId], Collection[Channel]], person: Person) -> PersonWorks:
    return PersonWorks(cells=workshop.cells, chance=workshop.chance, person=person, channels=channels(person.district))


def intake_of(workshop: Workshop) -> Intake:
    """Return the very path of a push, for a command. Raises AddressesWrong."""
    epochs = Epochs(workshop.cells, workshop.clock)
    settings = workshop.settings
    return Intake(
        reconciler=_reconciler(workshop, epochs, _cache(workshop)),
        epoch=epochs.current,
        moved=PostgresHints(workshop.cells, settings.listen_url or settings.database_url).tell,
        pause=threading.Event().wait,
    )


def _reconciler(workshop: Workshop, epochs: Epochs, cache: Cache) -> Reconciler:
    channels, references = _channels(workshop), References(cache)
    return Reconciler(PostgresIntake(workshop.cells, epochs, workshop.chance, channels, references))


def courier(workshop: Workshop, jitter: Callable[[], float]) -> Courier:
    """Return what delivers the outbox's letters to where WC_MESSAGES says. Raises AddressesWrong."""
    carriers = {
        code: carriers_of(addresses, workshop.clock.now)
        for code, addresses in read_addresses(workshop.settings.messages).items()
    }
    return Courier(outbox=PostgresOutbox(workshop.cells), carriers=carriers, jitter=jitter)


def told_on(workshop: Workshop, district: DistrictId) -> frozenset[Channel]:
    """Return the channels on which a district is told what happens. Raises AddressesWrong."""
    return _channels(workshop)(district)


def _channels(workshop: Workshop) -> Callable[[DistrictId], frozenset[Channel]]:
    addresses = read_addresses(workshop.settings.messages)
    known: dict[DistrictId, frozenset[Channel]] = {}

    def channels(district: DistrictId) -> frozenset[Channel]:
        if addresses and district not in known:
            told = addresses.get(workshop.cells.named(district).code)
            known[district] = frozenset() if told is None else told.channels
        return known.get(district, frozenset())

    return channels


def _cache(workshop: Workshop) -> Cache:
    url = workshop.settings.redis_url
    if url is None:
        return Cache()
    from wc_sync_server.db.cache_redis import RedisCache  # noqa: PLC0415  # a sixth of a second, for who has a Redis

    # Any secret that every process of the server shares will do, apart from its other use.
    return Cache(RedisCache(url, hmac.digest(workshop.server_keys.checkpoint, b"wc-cache", "sha256")))


def _ids(workshop: Workshop) -> Callable[[], str]:
    def fresh_id() -> str:
        return str(new_uuid(workshop.clock.now(), workshop.chance))

    return fresh_id
