"""The same runs over a real PostgreSQL: the real Intake, feeds, streams, policies and audit behind the ports.

Each run has a database of its own, copied from a migrated template; a backup is another copy.
"""

import itertools
import json
import tempfile
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from tests.central_database import PASSWORDS, TEMPLATE
from tests.simulation import district
from tests.simulation.memory import (
    EFFECT,
    Accidents,
    KeptEntry,
    Registered,
    Row,
    Step,
    Store,
    Stored,
    TakenIn,
    TryAgain,
    Written,
)
from tests.simulation.schedule import schedule_of
from tests.simulation.world import Outcome, play

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, StudentId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import BY_NAME, KINDS, REVIEW_CASE, RecordKind, Scope
from wc_contract.wire.codes import Outcome as Answer
from wc_contract.wire.messages import Receipt
from wc_sync_server.api.ports import Snapshot
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.ports import AccessStores
from wc_sync_server.cli.records import system
from wc_sync_server.db import migrate
from wc_sync_server.db.cache import Cache
from wc_sync_server.db.directory import District, add_district
from wc_sync_server.db.provision import provision
from wc_sync_server.db.repositories.access import PostgresAccess, PostgresAccessStore
from wc_sync_server.db.repositories.epochs import Epochs, ensure_epoch, mint_epoch
from wc_sync_server.db.repositories.feed import PostgresFeeds
from wc_sync_server.db.repositories.intake import PostgresIntake
from wc_sync_server.db.repositories.reference import References
from wc_sync_server.db.repositories.wire_sql import wire_object
from wc_sync_server.db.tables import server_fields
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.domain.access import Admission, Device, DeviceStatus, Principal
from wc_sync_server.domain.messages import Channel
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.reconcile.facts import BatchFacts, Wanted
from wc_sync_server.reconcile.plan import Plan
from wc_sync_server.reconcile.ports import Intake, IntakeTransaction, SetRejected
from wc_sync_server.reconcile.touched import Named
from wc_sync_server.settings import Settings
from wc_sync_server.wiring import Workshop, open_workshop

T = TypeVar("T")
_names = itertools.count(1)
_DEVICE = """
INSERT INTO devices (district_id, school_id, id, name, sign_key, seal_key, enrolled_at, created_at, updated_at)
VALUES (%s, %s, %s, 'Office', %s, %s, now(), now(), now())
"""


class PostgresBackend:
    """server.Backend over a database of its own."""

    def __init__(self, server: EmbeddedPostgres, keys: Path, store: Store, _now: Callable[[], Instant]) -> None:
        self._server = server
        self._keys = keys / str(next(_names))
        self._zones = store.zones
        self._made: list[str] = []
        self._taking_in: Intake | None = None
        self._morning = list(store.history)
        self._office: list[tuple[Instant, Step]] = []
        self._name = self._copy_of(TEMPLATE)
        self._parts = self._open()
        self._furnish(store)

    # Where it stands.

    def _copy_of(self, template: str) -> str:
        name = f"simulated_{next(_names)}"
        self._server.create_database(name, template)
        self._made.append(name)
        return name

    def _open(self) -> Workshop:
        dsns = provision(self._server.superuser_dsn(self._name).conninfo(), self._name, PASSWORDS)
        settings = Settings(
            database_url=dsns.app,
            migrate_url=dsns.migrate,
            audit_url=dsns.audit_reader,
            keys=self._keys,
            pool_size=4,
        )
        parts = open_workshop(settings)
        self._superuser = psycopg.connect(self._server.superuser_dsn(self._name).conninfo(), autocommit=True)
        self._epochs = Epochs(parts.cells, parts.clock)
        self._feeds = PostgresFeeds(parts.cells, self._epochs)
        return parts

    def close(self) -> None:
        self._shut()
        for name in self._made:
            self._server.drop_database(name)

    def _shut(self) -> None:
        """Let go of the database: only one that nobody is in can be copied."""
        self._taking_in = None
        self._parts.close()
        self._superuser.close()

    def _asked(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._superuser.execute(statement.encode(), values).fetchall()

    # The district on the morning of the day.

    def _furnish(self, store: Store) -> None:
        parts, now = self._parts, self._parts.clock.now()
        ensure_epoch(parts.cells.home, now, parts.chance)
        parts.keys.create_district(district.DISTRICT)
        known = District(id=district.DISTRICT, code="simulated", name="Simulated")
        add_district(parts.cells.home, known, now)
        with system(parts, district.DISTRICT, (district.SCHOOL,)) as uow:
            uow.open_streams(district.DISTRICT)
            self._write(uow, store, {"district", "school"})
            uow.open_streams(district.SCHOOL)
            self._write(uow, store, set(BY_NAME) - {"district", "school"})
            uow.commit()
        for device, registered in store.devices.items():
            keys = registered.sign_key, b"k" * 32
            self._superuser.execute(_DEVICE, (district.DISTRICT, registered.school, device, *keys))

    def _write(self, uow: UnitOfWork, store: Store, names: Iterable[str]) -> None:
        for kind in KINDS:
            rows = sorted(store.rows[kind.name].values(), key=_version) if kind.name in names else []
            if rows:
                uow.write_rows(kind, rows[0].stream, [_centrally(kind, row.values) for row in rows])

    # server.Backend.

    @property
    def epoch(self) -> str:
        return self._epochs.current(district.DISTRICT)

    def intake(self, accidents: Accidents) -> Intake:
        return AccidentalIntake(self._present, accidents)

    def _present(self) -> Intake:
        """Return the real intake over the pool that is open: a backup closes it for a moment."""
        if self._taking_in is None:
            cells, chance = self._parts.cells, self._parts.chance
            self._taking_in = PostgresIntake(cells, self._epochs, chance, _channels, References(Cache()))
        return self._taking_in

    def access(self) -> AccessStores:
        return _Access(self._parts.cells, self._epochs, self._parts.chance)

    @contextmanager
    def snapshot(self, principal: Principal) -> Iterator[Snapshot]:
        with self._feeds.snapshot(principal) as snapshot:
            yield snapshot

    def hand_out(self, principal: Principal, via: str) -> None:
        self._feeds.hand_out(principal, via)

    def heads(self, school: SchoolId) -> tuple[int, int]:
        heads = self._feeds.heads(district.DISTRICT, (school,))
        return heads[district.DISTRICT], heads[school]

    def answered(self) -> Container[UUID]:
        return {entry for (entry,) in self._asked("SELECT entry_id FROM receipts")}

    @property
    def busy(self) -> bool:
        return False

    def device(self, device: DeviceId) -> Device:
        ((school, key, last, directive),) = self._asked(
            "SELECT school_id, sign_key, last_number, directive FROM devices WHERE id = %s", device
        )
        status = DeviceStatus.FORKED if directive == "forked" else DeviceStatus.ACTIVE
        return Device(id=device, school=SchoolId(school), sign_key=bytes(key), status=status, last_number=last)

    def back_up(self) -> object:
        self._shut()
        copy = self._copy_of(self._name)
        self._parts = self._open()
        return copy, list(self._office)

    def restore(self, backup: object) -> None:
        assert isinstance(backup, tuple)
        self._shut()
        copy, self._office = backup
        self._name = self._copy_of(copy)
        self._parts = self._open()
        parts = self._parts
        mint_epoch(parts.cells.home, parts.clock.now(), parts.chance, reason="restored in a simulation")
        self._epochs = Epochs(parts.cells, parts.clock)
        self._feeds = PostgresFeeds(parts.cells, self._epochs)

    def change(self, work: Callable[[Store], None]) -> None:
        with system(self._parts, district.DISTRICT, (district.SCHOOL,)) as uow:
            uow.lock_streams(district.DISTRICT, district.SCHOOL)
            office = _Office(self.store(), uow)
            work(office)  # type: ignore[arg-type]
            uow.commit()
        self._office += [(uow.at, step) for step in office.steps]

    def store(self) -> Store:
        epoch = self._epochs.in_force(district.DISTRICT)
        store = Store(district=district.DISTRICT, zones=self._zones, epoch=epoch.id, since=epoch.since)
        for kind in KINDS:
            store.rows[kind.name] = {row.values["id"]: row for row in self._rows(kind)}
        for entry, device, receipt, body in self._receipts():
            store.receipts[entry] = Stored(receipt=receipt, device=device, body=body)
            store.numbers[device, receipt.number] = entry
        for entry, receipt in self._later(store):
            store.later[entry] = receipt
        for device, entry, text, number, code, body, answered in self._asked(
            "SELECT device_id, entry_id, hash, number, code, body, answered_at IS NOT NULL FROM refused_entries"
        ):
            kept = KeptEntry(
                device=DeviceId(device),
                entry=entry,
                hash=text,
                number=number,
                code=code,
                body=body,
                answered=answered,
            )
            store.kept[DeviceId(device), text] = kept
        for device, school, key, last, directive in self._asked(
            "SELECT id, school_id, sign_key, last_number, directive FROM devices"
        ):
            store.devices[DeviceId(device)] = Registered(
                school=SchoolId(school), sign_key=bytes(key), last_number=last, forked=directive == "forked"
            )
        store.audit = list(self._audit())
        store.letters = {key for (key,) in self._asked("SELECT dedupe_key FROM outbox_messages")}
        store.history = [*self._morning, *self._history(store)]
        return store

    def _history(self, store: Store) -> Iterator[Step]:
        """Yield what was taken in which order: no table says it, but each transaction has its instant."""
        steps = list(self._office)
        cases = {case: row.values["subject_ids"] for case, row in store.rows[REVIEW_CASE.name].items()}
        opened = [(event.at, event.entity_id) for event in store.audit if event.action == "CASE_OPENED"]
        answers = [store.answer_to(entry) for entry in store.receipts]
        for at in {one.received_at for one in answers}:
            taken = sorted((one.number, one.entry_id) for one in answers if one.received_at == at)
            entries = (entry for _, entry in taken if store.answer_to(entry).outcome in EFFECT)
            # What a case was about then is forgotten; what it is about now decides which answer settles it.
            grown = {case: frozenset(json.loads(cases[case])) for when, case in opened if when == at}
            steps.append((at, TakenIn(entries=tuple(entries), grown=grown)))
        yield from (step for _, step in sorted(steps, key=_instant))

    def _rows(self, kind: RecordKind) -> Iterator[Row]:
        gone = "false" if kind.append_only else "t.deleted_at IS NOT NULL"
        stream = "t.district_id" if kind.scope is Scope.DISTRICT else "t.school_id"
        made = f"SELECT {wire_object(kind.name, 't')}::text, {stream}, {gone} FROM {kind.table} t"
        for text, of, deleted in self._asked(made):
            yield Row(stream=UUID(str(of)), values=json.loads(text), deleted=deleted)

    def _receipts(self) -> Iterator[tuple[UUID, DeviceId, Receipt, str]]:
        found = self._asked(
            "SELECT entry_id, device_id, number, hash, outcome, code, fields, findings, cases, received_at, body"
            " FROM receipts"
        )
        for entry, device, number, text, outcome, code, fields, findings, cases, at, body in found:
            receipt = Receipt(
                entry_id=entry,
                number=number,
                hash=text,
                outcome=Answer(outcome),
                code=code,
                fields=tuple(fields),
                findings=tuple(findings),
                cases=tuple(UUID(case) for case in cases),
                received_at=at,
            )
            yield entry, DeviceId(device), receipt, body

    def _later(self, store: Store) -> Iterator[tuple[UUID, Receipt]]:
        found = self._asked("SELECT entry_id, outcome, code, fields, findings, cases, received_at FROM later_answers")
        for entry, outcome, code, fields, findings, cases, at in found:
            first = store.receipts[entry].receipt
            yield (
                entry,
                Receipt(
                    entry_id=entry,
                    number=first.number,
                    hash=first.hash,
                    outcome=Answer(outcome),
                    code=code,
                    fields=tuple(fields),
                    findings=tuple(findings),
                    cases=tuple(UUID(case) for case in cases),
                    received_at=at,
                ),
            )

    def _audit(self) -> Iterator[AuditEvent]:
        columns = "action, entity_type, entity_id, at, entry_id"
        for table in ("audit_logs", "audit_overflow"):
            for action, entity, record, at, entry in self._asked(f"SELECT {columns} FROM {table}"):
                yield AuditEvent(action=action, entity_type=entity, entity_id=record, at=at, entry_id=entry)


class _Office:
    """What the office's work asks of a store, written through the unit of work."""

    def __init__(self, read: Store, uow: UnitOfWork) -> None:
        self._uow = uow
        self.rows = read.rows
        self.living = read.living
        self.steps: list[Step] = []

    def write(self, kind: RecordKind, stream: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
        self._uow.write_rows(kind, stream, rows)
        self.steps += [Written(kind=kind.name, id=str(values["id"]), values=values) for values in rows]

    def remove(self, kind: RecordKind, stream: UUID, ids: Sequence[str]) -> None:
        self._uow.remove_rows(kind, stream, [UUID(record) for record in ids], "deleted")
        self.steps += [Written(kind=kind.name, id=record, values=None) for record in ids]


class _Access(PostgresAccess):
    """Real transactions of greetings."""

    @contextmanager
    def open(self, district: DistrictId, school: SchoolId | None = None) -> Iterator[PostgresAccessStore]:
        with super().open(district, school) as store:
            yield _AccessStore(store._uow)


class _AccessStore(PostgresAccessStore):
    """A real transaction of a greeting. Nobody signs in here, so nobody has a session or a lease that ends."""

    def admission(self, device: DeviceId, session: UUID, at: Instant) -> Admission | None:
        found = super().admission(device, session, at)
        return None if found is None else replace(found, session_ended=False, anyone_valid=True, confidential=True)


class AccidentalIntake:
    """A real intake whose commits meet accidents."""

    def __init__(self, real: Callable[[], Intake], accidents: Accidents) -> None:
        self._real = real
        self._accidents = accidents

    @contextmanager
    def open(self, principal: Principal, elsewhere: Sequence[SchoolId]) -> Iterator["AccidentalTransaction"]:
        with self._real().open(principal, elsewhere) as transaction:
            yield AccidentalTransaction(transaction, self._accidents)

    def schools_of(
        self, principal: Principal, students: Sequence[StudentId], records: Sequence[Named]
    ) -> tuple[SchoolId, ...]:
        return self._real().schools_of(principal, students, records)

    def retrying(self, work: Callable[[], T]) -> T:
        while True:
            try:
                return self._real().retrying(work)
            except TryAgain:
                continue


class AccidentalTransaction:
    """A real transaction, with something happening around its commit."""

    def __init__(self, real: IntakeTransaction, accidents: Accidents) -> None:
        self._real = real
        self._accidents = accidents
        self.at = real.at

    def lock(self) -> None:
        self._real.lock()

    def load(self, wanted: Wanted) -> BatchFacts:
        return self._real.load(wanted)

    def write(self, plan: Plan) -> None:
        if self._accidents.poisoned(plan):
            raise SetRejected("by schedule")
        self._real.write(plan)

    def commit(self) -> None:
        self._accidents.around("before commit")
        self._real.commit()
        self._accidents.around("after commit")


def _channels(_district: object) -> tuple[Channel, ...]:
    return (Channel.WEBHOOK,)


def _instant(step: tuple[Instant, Step]) -> Instant:
    return step[0]


def _version(row: Row) -> int:
    return row.version


def _centrally(kind: RecordKind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as it is written: without its version, with what only the central database asks for."""
    only_here = {field.name: f"{values['id']}@example.invalid" for field in server_fields(kind) if field.required}
    return {name: value for name, value in values.items() if name != "row_version"} | only_here


def play_on(server: EmbeddedPostgres, keys: Path, seed: int) -> Outcome:
    """Play a seed on a server that has the migrated template."""
    made: list[PostgresBackend] = []

    def backend(store: Store, now: Callable[[], Instant]) -> PostgresBackend:
        made.append(PostgresBackend(server, keys, store, now))
        return made[-1]

    try:
        return play(schedule_of(seed), backend=backend)
    finally:
        for each in made:
            each.close()


@contextmanager
def playing_on_postgres() -> Iterator[Callable[[int], Outcome]]:
    """Give what plays a seed over a real PostgreSQL, started for it and erased afterwards."""
    with tempfile.TemporaryDirectory(prefix="wc-sim-pg-") as folder:
        server = EmbeddedPostgres(Path(folder) / "server", durable=False, in_memory=True)
        server.start()
        try:
            dsns = provision(server.superuser_dsn("postgres").conninfo(), TEMPLATE, PASSWORDS)
            migrate.upgrade(dsns.migrate)
            yield partial(play_on, server, Path(folder) / "keys")
        finally:
            server.erase()
