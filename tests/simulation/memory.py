"""A district's database in memory: what PostgreSQL does for the reconciler and the feed, with the same refusals.

A transaction works on what it loaded and stages one plan; its commit checks what the tables would check, then changes
everything at once. Two transactions are in flight at a time unless one locks what the other waits for. It knows kinds
of record only by their declaration: a further kind needs nothing here.
"""

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, TypeAlias, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from wc_contract.model.ids import DeviceId, DistrictId, EntryId, SchoolId, StudentId, UserId
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.kinds import (
    ALLERGY,
    BY_NAME,
    DISTRICT,
    DOSE,
    INCIDENT,
    KINDS,
    LEDGER_ENTRY,
    MEDICATION,
    ORDER,
    ORDER_VERSION,
    REVIEW_CASE,
    STUDENT,
    RecordKind,
    Scope,
)
from wc_contract.model.values import Role
from wc_contract.rules.facts import AllergyFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.prn import limited, reach
from wc_contract.wire.codes import Outcome
from wc_contract.wire.digests import digest_rows, slice_of
from wc_contract.wire.messages import Receipt
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.domain.acceptance import AuthorFacts
from wc_sync_server.domain.access import Assignment, Principal
from wc_sync_server.domain.contact_nonce import NonceState
from wc_sync_server.domain.feed import FeedHead, Page
from wc_sync_server.reconcile.facts import BatchFacts, DeviceFacts, Held, Wanted
from wc_sync_server.reconcile.plan import Kept, Plan, Settled
from wc_sync_server.reconcile.ports import SetRejected
from wc_sync_server.reconcile.touched import Answerable, Movement, Named, TouchedFacts

T = TypeVar("T")
REMOVAL = "removal"
EFFECT = frozenset({Outcome.APPLIED, Outcome.MERGED, Outcome.CASE_OPENED})
_SETTLED = EFFECT | {Outcome.DUPLICATE}
_WRITTEN = {kind.name: frozenset(kind.columns) - {"row_version"} for kind in KINDS}
_A_MOMENT = 0.02  # after which whoever waits for a lock looks again
# Small, so that a pull has several lines between which things happen.
_PAGE_ROWS = 7


class TryAgain(Exception):
    """The transaction is to be done again, as after a lost connection: nobody knows whether it was committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A record as it stands: whose stream it is in, and its values with row_version. deleted rows leave the feed."""

    stream: UUID
    values: Mapping[str, Any] = field(repr=False)
    deleted: bool = False

    @property
    def version(self) -> int:
        return int(self.values["row_version"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A receipt with the entry it answers."""

    receipt: Receipt
    device: DeviceId
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEntry:
    """An entry in quarantine; answered once it had its effect after all, or was said again."""

    device: DeviceId
    entry: UUID
    hash: str
    number: int | None
    code: str
    body: str = field(repr=False)
    answered: bool = False


@dataclass(slots=True, kw_only=True)
class Registered:
    """A device, as the server knows it. nonces: the words by which its next greeting is known."""

    school: SchoolId
    sign_key: bytes
    last_number: int = 0
    forked: bool = False
    nonces: NonceState = field(default_factory=NonceState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The office wrote a record, or took it away (values None)."""

    kind: str
    id: str
    values: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """Entries had their effect, in one transaction and in this order; grown are cases that got subjects by it: all."""

    entries: tuple[UUID, ...]
    grown: Mapping[str, frozenset[str]] = field(default_factory=dict)


Step: TypeAlias = Written | TakenIn


@dataclass(slots=True, kw_only=True)
class Store:
    """Everything that is durable. copy gives what a backup holds.

    since is when the epoch took the place of another. receipts are as they were first given; later has the final
    answers to entries that waited. history is in what order everything was taken: no table has it, the laws ask for it.
    """

    district: DistrictId
    zones: dict[SchoolId, ZoneInfo]
    epoch: str
    since: Instant | None = None
    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: {kind.name: {} for kind in KINDS})
    removals: dict[UUID, list[tuple[str, str, str, int]]] = field(default_factory=dict)
    heads: dict[UUID, dict[str, int]] = field(default_factory=dict)
    receipts: dict[UUID, Stored] = field(default_factory=dict)
    later: dict[UUID, Receipt] = field(default_factory=dict)
    numbers: dict[tuple[DeviceId, int], UUID] = field(default_factory=dict)
    kept: dict[tuple[DeviceId, str], KeptEntry] = field(default_factory=dict)
    devices: dict[DeviceId, Registered] = field(default_factory=dict)
    authors: dict[UserId, AuthorFacts] = field(default_factory=dict)
    audit: list[AuditEvent] = field(default_factory=list)
    letters: set[str] = field(default_factory=set)
    history: list[Step] = field(default_factory=list)

    def copy(self) -> "Store":
        """Return what a backup taken now would hold."""
        made = copy.copy(self)
        made.rows = {name: dict(rows) for name, rows in self.rows.items()}
        made.removals = {stream: list(gone) for stream, gone in self.removals.items()}
        made.heads = {stream: dict(heads) for stream, heads in self.heads.items()}
        made.receipts, made.later = dict(self.receipts), dict(self.later)
        made.numbers, made.kept = dict(self.numbers), dict(self.kept)
        made.devices = {device: copy.copy(known) for device, known in self.devices.items()}
        made.audit, made.letters = list(self.audit), set(self.letters)
        made.history = list(self.history)
        return made

    def answers(self) -> Iterator[Stored]:
        """Yield every entry that was answered, with the answer that counts by now."""
        for entry, stored in self.receipts.items():
            yield replace(stored, receipt=self.answer_to(entry))

    def answer_to(self, entry: UUID) -> Receipt:
        """Return what an answered entry is told when it comes again."""
        first, later = self.receipts[entry].receipt, self.later.get(entry)
        return first if later is None else later

    def head(self, stream: UUID) -> int:
        return max(self.heads.get(stream, {}).values(), default=0)

    def stream_of(self, kind: RecordKind, school: UUID) -> UUID:
        return self.district if kind.scope is Scope.DISTRICT else school

    def living(self, kind: RecordKind, school: UUID) -> Iterator[Row]:
        """Yield the records of a kind that a workstation of a school is shown."""
        stream = self.stream_of(kind, school)
        return (row for row in self.rows[kind.name].values() if row.stream == stream and not row.deleted)

    def write(self, kind: RecordKind, stream: UUID, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add or replace records, as the office does. Raises as put does."""
        rows = list(rows)
        self.put(kind, stream, rows)
        self.history += [Written(kind=kind.name, id=str(values["id"]), values=values) for values in rows]

    def put(self, kind: RecordKind, stream: UUID, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add or replace records. Raises SetRejected for a second record where there is only ever one."""
        table, heads = self.rows[kind.name], self.heads.setdefault(stream, {})
        version = self.head(stream)
        for values in rows:
            if kind.append_only and values["id"] in table:
                raise SetRejected(f"{kind.table}: an id is taken")
            if values.keys() - {"row_version"} != _WRITTEN[kind.name]:
                raise SetRejected(f"{kind.table}: other columns")
            version += 1
            table[str(values["id"])] = Row(stream=stream, values={**values, "row_version": version})
            heads[kind.name] = version

    def flag(self, kind: RecordKind, stream: UUID, flags: Iterable[tuple[UUID, str]]) -> None:
        """Give known facts other flags."""
        table, heads = self.rows[kind.name], self.heads.setdefault(stream, {})
        version = self.head(stream)
        for record, text in flags:
            row = table.get(str(record))
            if row is None or row.stream != stream:
                raise SetRejected(f"{kind.table}: nothing to flag")
            version += 1
            table[str(record)] = Row(stream=stream, values={**row.values, "flags": text, "row_version": version})
            heads[kind.name] = version

    def remove(self, kind: RecordKind, stream: UUID, ids: Iterable[str]) -> None:
        """Delete records, and say so to the stream's readers."""
        table, heads = self.rows[kind.name], self.heads.setdefault(stream, {})
        version = self.head(stream)
        for record in ids:
            version += 1
            table[record] = Row(stream=stream, values=table[record].values, deleted=True)
            self.removals.setdefault(stream, []).append((kind.name, record, "deleted", version))
            heads[REMOVAL] = version
            self.history.append(Written(kind=kind.name, id=record, values=None))

    def take(self, plan: Plan, principal: Principal) -> None:
        """Write what a plan says. Raises SetRejected; then nothing of it may be kept."""
        grown = dict(self._grown(plan))
        for school, name in sorted(plan.rows, key=_parents_first):
            self.put(BY_NAME[name], school, plan.rows[school, name])
        for school, flags in plan.flags.items():
            self.flag(DOSE, school, flags)
        for answered in plan.receipts:
            receipt = answered.receipt
            place = (principal.device, receipt.number)
            if receipt.entry_id in self.receipts or place in self.numbers:
                raise SetRejected("receipts: an entry is answered once")
            stored = Stored(receipt=receipt, device=principal.device, body=answered.arrival.body)
            self.receipts[receipt.entry_id] = stored
            self.numbers[place] = receipt.entry_id
        for receipt in plan.again:
            self._answer_later(receipt)
        for kept in plan.kept:
            self._keep(kept, principal.device)
        for kept in plan.kept_again:
            self._keep_again(kept, principal.device)
        for settled in plan.settled:
            self._settle(settled, principal.device)
        self.audit += plan.audit
        self.letters |= {message.key for message in plan.messages}
        given = [*(answered.receipt for answered in plan.receipts), *plan.again]
        taken = sorted((one for one in given if one.outcome in EFFECT), key=_number)
        self.history.append(TakenIn(entries=tuple(one.entry_id for one in taken), grown=grown))
        device = self.devices[principal.device]
        device.last_number = plan.last_number
        device.forked = device.forked or plan.forked

    def _grown(self, plan: Plan) -> Iterator[tuple[str, frozenset[str]]]:
        cases = self.rows[REVIEW_CASE.name]
        for (_, name), rows in plan.rows.items():
            for row in rows if name == REVIEW_CASE.name else ():
                known = cases.get(str(row["id"]))
                if known is None or known.values["subject_ids"] != row["subject_ids"]:
                    yield str(row["id"]), frozenset(json.loads(str(row["subject_ids"])))

    def _keep(self, kept: Kept, device: DeviceId) -> None:
        arrival = kept.arrival
        place = (device, arrival.hash)
        if place in self.kept:
            raise SetRejected("refused_entries: a text is kept once")
        self.kept[place] = KeptEntry(
            device=device,
            entry=arrival.id,
            hash=arrival.hash,
            number=kept.number,
            code=kept.code,
            body=arrival.body,
        )

    def _answer_later(self, receipt: Receipt) -> None:
        first = self.receipts.get(receipt.entry_id)
        if first is None or receipt.entry_id in self.later:
            raise SetRejected("later_answers: what waited is answered once")
        known = first.receipt
        if (known.outcome, known.hash, known.number) != (Outcome.WAITING, receipt.hash, receipt.number):
            raise SetRejected("later_answers: only what waited is answered later")
        self.later[receipt.entry_id] = receipt

    def _keep_again(self, kept: Kept, device: DeviceId) -> None:
        place = (device, kept.arrival.hash)
        known = self.kept.get(place)
        if known is not None and not known.answered:
            self.kept[place] = replace(known, code=kept.code)

    def _settle(self, settled: Settled, device: DeviceId) -> None:
        for place, known in self.kept.items():
            named = known.hash == settled.hash or (settled.entry is not None and known.entry == settled.entry)
            if known.device == device and named:
                self.kept[place] = replace(known, answered=True)


def _number(receipt: Receipt) -> int:
    return receipt.number


def _parents_first(key: tuple[SchoolId, str]) -> tuple[int, str]:
    return [kind.name for kind in KINDS].index(key[1]), str(key[0])


@dataclass(slots=True)
class Database:
    """The store in force; a restore puts another in its place, and so does every commit. locked are its streams."""

    store: Store
    locked: set[SchoolId] = field(default_factory=set)


@dataclass(slots=True)
class Accidents:
    """What happens to the next commits. around is called before and after each; pass_time lets others go on."""

    pass_time: Callable[[float], None] = field(default=lambda _seconds: None)
    takes: Callable[[], float] = field(default=lambda: 0.0)
    around: Callable[[str], None] = field(default=lambda _when: None)
    poisoned: Callable[[Plan], bool] = field(default=lambda _plan: False)


class MemoryIntake:
    """reconcile.ports.Intake over a store."""

    def __init__(self, database: Database, now: Callable[[], Instant], accidents: Accidents) -> None:
        self._database = database
        self._now = now
        self._accidents = accidents

    @contextmanager
    def open(self, principal: Principal, elsewhere: Sequence[SchoolId]) -> Iterator["MemoryTransaction"]:
        transaction = MemoryTransaction(self._database, principal, elsewhere, self._now(), self._accidents)
        try:
            yield transaction
        finally:
            transaction.unlock()

    def schools_of(
        self, _principal: Principal, students: Sequence[StudentId], records: Sequence[Named]
    ) -> tuple[SchoolId, ...]:
        if records:
            raise AssertionError("no record of the simulated school leaves it")
        rows = self._database.store.rows[STUDENT.name]
        here = {SchoolId(rows[str(student)].stream) for student in students if str(student) in rows}
        return tuple(sorted(here))

    def retrying(self, work: Callable[[], T]) -> T:
        while True:
            try:
                return work()
            except TryAgain:
                continue


class MemoryTransaction:
    """One transaction. Others are in theirs meanwhile, up to the lock on a stream."""

    def __init__(
        self,
        database: Database,
        principal: Principal,
        elsewhere: Sequence[SchoolId],
        at: Instant,
        accidents: Accidents,
    ) -> None:
        self._database = database
        self._principal = principal
        self._schools = frozenset({principal.school, *elsewhere})
        self._accidents = accidents
        self._plan: Plan | None = None
        self._locked = False
        self.at = at

    def lock(self) -> None:
        while not self._database.locked.isdisjoint(self._schools):
            self._accidents.pass_time(_A_MOMENT)
        self._database.locked |= self._schools
        self._locked = True

    def unlock(self) -> None:
        """Let go of the streams, committed or not."""
        if self._locked:
            self._database.locked -= self._schools
            self._locked = False

    def load(self, wanted: Wanted) -> BatchFacts:
        facts = _Loading(self._database.store, self._schools, wanted).facts()
        self._accidents.pass_time(self._accidents.takes())
        return facts

    def write(self, plan: Plan) -> None:
        if self._accidents.poisoned(plan):
            raise SetRejected("by schedule")
        self._plan = plan

    def commit(self) -> None:
        if self._plan is None:
            raise AssertionError("a plan is written before the commit")
        self._accidents.around("before commit")
        # What is refused halfway is refused whole: the copy is thrown away.
        after = self._database.store.copy()
        after.take(self._plan, self._principal)
        self._database.store = after
        self._accidents.around("after commit")


class _Loading:
    """The look-ups of db.repositories.intake_sql, over a store."""

    def __init__(self, store: Store, schools: frozenset[SchoolId], wanted: Wanted) -> None:
        self._store = store
        self._schools = schools
        self._wanted = wanted

    def facts(self) -> BatchFacts:
        store, wanted = self._store, self._wanted
        device = store.devices[wanted.device]
        versions = [OrderVersionFacts.from_row(row) for row in self._of_orders(ORDER_VERSION, "order_id")]
        (district,) = store.rows[DISTRICT.name].values()
        return BatchFacts(
            epoch=store.epoch,
            since=store.since,
            device=DeviceFacts(
                id=wanted.device,
                school=device.school,
                last_number=device.last_number,
                forked=device.forked,
                revoked_at=None,
            ),
            policy=district.values["policy"],
            zones=store.zones,
            receipts=tuple(self._receipts()),
            kept=frozenset(text for text in wanted.hashes if (wanted.device, text) in store.kept),
            authors={author: store.authors[author] for author in wanted.authors if author in store.authors},
            students=dict(self._students()),
            left=frozenset(self._left(device.school)),
            orders=tuple(OrderFacts.from_row(row) for row in self._of_orders(ORDER, "id")),
            versions=tuple(versions),
            medications=tuple(self._medications()),
            allergies=tuple(self._allergies()),
            doses=tuple(self._doses(versions)),
            incidents={
                UUID(row.values["id"]): EntryId(UUID(row.values["entry_id"]))
                for row in self._named(INCIDENT, wanted.incidents)
            },
            cases=tuple(
                _held(row)
                for row in self._visible(REVIEW_CASE)
                if row.values["student_id"] in {str(student) for student in wanted.students}
            ),
            withdrawn=dict(self._withdrawn()),
            touched=self._touched() if wanted.touched else TouchedFacts(),
        )

    def _touched(self) -> TouchedFacts:
        """Return what intake_touched reads."""
        touched, rows = self._wanted.touched, self._store.rows
        there = {key: rows[key[0]][key[1]] for key in touched.records if key[1] in rows[key[0]]}
        return TouchedFacts(
            records={key: _held(row) for key, row in there.items() if not row.deleted and self._sees(row)},
            gone=frozenset(key for key, row in there.items() if row.deleted and self._sees(row)),
            named={name: school for name in touched.named for school in self._place_of(name)},
            cases={UUID(row.values["id"]): _held(row) for row in self._named(REVIEW_CASE, touched.cases)},
            subjects=dict(self._subjects()),
            ledger=tuple(self._ledger()),
            settled=frozenset(entry for entry in touched.depends if self._is_settled(entry)),
            given=tuple(_held(row) for row in self._visible(DOSE) if UUID(row.values["order_id"]) in touched.orders),
        )

    def _sees(self, row: Row) -> bool:
        return row.stream in self._schools or row.stream == self._store.district

    def _place_of(self, name: Named) -> Iterator[SchoolId | None]:
        kind = next(kind for kind in KINDS if kind.table == name[0])
        for row in self._named(kind, [name[1]]):
            if self._sees(row):
                yield None if kind.scope is Scope.DISTRICT else SchoolId(row.stream)

    def _subjects(self) -> Iterator[tuple[UUID, Answerable]]:
        doses = self._store.rows[DOSE.name]
        amended = {row.values["amends_id"] for row in doses.values()}
        for case in self._named(REVIEW_CASE, self._wanted.touched.answered):
            for subject in json.loads(case.values["subject_ids"]):
                if subject in doses:
                    author = UserId(UUID(doses[subject].values["author_user_id"]))
                    yield UUID(subject), Answerable(author=author, amended=subject in amended)

    def _ledger(self) -> Iterator[Movement]:
        for row in self._visible(LEDGER_ENTRY):
            values = row.values
            if UUID(values["container_id"]) in self._wanted.touched.containers:
                yield Movement(
                    id=UUID(values["id"]),
                    container=UUID(values["container_id"]),
                    event=values["event"],
                    quantity=values["quantity"],
                    occurred_at=values["occurred_at"],
                    log=values["log_id"],
                )

    def _is_settled(self, entry: UUID) -> bool:
        said_again = any(kept.entry == entry and kept.answered for kept in self._store.kept.values())
        return said_again or (entry in self._store.receipts and self._store.answer_to(entry).outcome in _SETTLED)

    def _visible(self, kind: RecordKind) -> Iterator[Row]:
        streams = {self._store.stream_of(kind, school) for school in self._schools}
        return (row for row in self._store.rows[kind.name].values() if row.stream in streams and not row.deleted)

    def _named(self, kind: RecordKind, ids: Iterable[UUID]) -> Iterator[Row]:
        table = self._store.rows[kind.name]
        return (table[str(record)] for record in ids if str(record) in table)

    def _receipts(self) -> Iterator[Receipt]:
        by_number = (self._store.numbers.get((self._wanted.device, number)) for number in self._wanted.numbers)
        for entry in dict.fromkeys((*self._wanted.entries, *by_number)):
            if entry in self._store.receipts:
                yield self._store.answer_to(entry)

    def _students(self) -> Iterator[tuple[StudentId, SchoolId]]:
        for row in self._named(STUDENT, self._wanted.students):
            if row.stream in self._schools:
                yield StudentId(UUID(row.values["id"])), SchoolId(row.stream)

    def _left(self, school: SchoolId) -> Iterator[StudentId]:
        gone = {record for kind, record, _, _ in self._store.removals.get(school, ()) if kind == STUDENT.name}
        return (student for student in self._wanted.students if str(student) in gone)

    def _withdrawn(self) -> Iterator[tuple[StudentId, date]]:
        for row in self._named(STUDENT, self._wanted.students):
            if not row.values["is_active"] and row.values["withdrawn_on"] is not None:
                yield StudentId(UUID(row.values["id"])), date.fromisoformat(row.values["withdrawn_on"])

    def _of_orders(self, kind: RecordKind, column: str) -> Iterator[Mapping[str, Any]]:
        orders = {str(order) for order in self._wanted.orders}
        return (row.values for row in self._visible(kind) if row.values[column] in orders)

    def _medications(self) -> Iterator[MedicationFacts]:
        return (MedicationFacts.from_row(row.values) for row in self._named(MEDICATION, self._wanted.medications))

    def _allergies(self) -> Iterator[AllergyFacts]:
        students = {str(student) for student in self._wanted.students}
        return (
            AllergyFacts.from_row(row.values) for row in self._visible(ALLERGY) if row.values["student_id"] in students
        )

    def _doses(self, versions: Sequence[OrderVersionFacts]) -> Iterator[Held]:
        wanted = self._wanted
        ids, slots = {str(dose) for dose in wanted.doses}, {str(slot) for slot in wanted.slots}
        far: dict[str, timedelta] = {}
        for version in versions:
            if limited(version):
                order = str(version.order_id)
                far[order] = max(far.get(order, timedelta()), reach(version))
        orders, amended = {str(order) for order in wanted.orders}, self._amended()
        for row in self._visible(DOSE):
            values = row.values
            ours = values["order_id"] in orders and (values["slot_id"] in slots or values["amends_id"] is not None)
            if values["id"] in ids or ours or values["id"] in amended or self._near(values, far):
                yield _held(row)

    def _amended(self) -> set[str]:
        """Return the doses of which amendments speak, those in their slots, and what amends their orders' doses."""
        named = [row.values for row in self._named(DOSE, self._wanted.amended)]
        slots = {(dose["order_id"], dose["slot_id"]) for dose in named if dose["slot_id"] is not None}
        orders = {dose["order_id"] for dose in named}
        beside = (
            values["id"]
            for values in (row.values for row in self._visible(DOSE))
            if (values["order_id"], values["slot_id"]) in slots
            or (values["order_id"] in orders and values["amends_id"] is not None)
        )
        return {dose["id"] for dose in named} | set(beside) if named else set()

    def _near(self, values: Mapping[str, Any], far: Mapping[str, timedelta]) -> bool:
        away = far.get(values["order_id"])
        earliest, latest = self._wanted.earliest, self._wanted.latest
        if away is None or earliest is None or latest is None:
            return False
        return earliest - away <= instant_from_text(values["administered_at"]) <= latest + away


def _held(row: Row) -> Held:
    return Held(school=SchoolId(row.stream), row=row.values)


class MemorySnapshot:
    """api.ports.Snapshot: a school's records at one instant."""

    def __init__(self, store: Store, principal: Principal, at: Instant) -> None:
        self._store = store
        self._principal = principal
        self._at = at

    def head(self) -> FeedHead:
        store, school = self._store, self._principal.school
        return FeedHead(
            epoch=store.epoch,
            district=store.district,
            school=school,
            district_head=store.head(store.district),
            school_head=store.head(school),
            district_heads=store.heads.get(store.district, {}),
            school_heads=store.heads.get(school, {}),
            at=self._at,
            acknowledged=store.devices[self._principal.device].last_number,
            scope=self._principal.scope,
        )

    def any(self, kind: RecordKind) -> bool:
        return bool(self._after(kind, 0))

    def about(self, after: Mapping[str, int]) -> int:
        return sum(len(self._after(BY_NAME[name], version)) for name, version in after.items())

    def pages(self, kind: RecordKind, after: int, *, digest: bool, added: bool) -> Iterator[Page]:
        for page, part in _paged(kind, self._after(kind, after), added=added):
            total = digest_rows((row.values["id"], row.version) for row in part).sum if digest else 0
            yield replace(page, sum=total)

    def removals(self, stream: UUID, after: int) -> Iterator[Page]:
        gone = [list(one) for one in self._store.removals.get(stream, ()) if one[3] > after]
        if gone:
            yield Page(rows=orjson.dumps(gone), count=len(gone), upto=int(str(gone[-1][3])), sum=0)

    def digest(self, kind: RecordKind) -> tuple[int, int]:
        rows = self._store.living(kind, self._principal.school)
        found = digest_rows((row.values["id"], row.version) for row in rows)
        return found.count, found.sum

    def slices(self, kind: RecordKind) -> Mapping[int, tuple[int, int]]:
        held: dict[int, list[tuple[str, int]]] = {}
        for row in self._store.living(kind, self._principal.school):
            held.setdefault(slice_of(row.values["id"]), []).append((row.values["id"], row.version))
        summed = {at: digest_rows(rows) for at, rows in held.items()}
        return {at: (found.count, found.sum) for at, found in summed.items()}

    def versions(self, kind: RecordKind, slices: Sequence[int]) -> Mapping[UUID, int]:
        rows = self._store.living(kind, self._principal.school)
        return {UUID(row.values["id"]): row.version for row in rows if slice_of(row.values["id"]) in slices}

    def named(self, kind: RecordKind, ids: Sequence[UUID], *, added: bool) -> Iterator[Page]:
        wanted = {str(record) for record in ids}
        rows = [row for row in self._after(kind, 0) if row.values["id"] in wanted]
        for page, _ in _paged(kind, rows, added=added):
            yield replace(page, upto=0)

    def _after(self, kind: RecordKind, version: int) -> list[Row]:
        rows = (row for row in self._store.living(kind, self._principal.school) if row.version > version)
        return sorted(rows, key=_version)


def _version(row: Row) -> int:
    return row.version


def _paged(kind: RecordKind, rows: Sequence[Row], *, added: bool) -> Iterator[tuple[Page, Sequence[Row]]]:
    columns = kind.columns if added else kind.first_columns
    for start in range(0, len(rows), _PAGE_ROWS):
        part = rows[start : start + _PAGE_ROWS]
        made = [[row.values[name] for name in columns] for row in part]
        yield Page(rows=orjson.dumps(made), count=len(part), upto=part[-1].version, sum=0), part


def author(user: UserId, role: Role, schools: Iterable[SchoolId], first: date) -> AuthorFacts:
    """Return somebody who has worked at schools since a day."""
    return AuthorFacts(
        id=user,
        role=role.value,
        is_active=True,
        revoked_at=None,
        assignments=tuple(Assignment(user=user, school=school, first=first, last=None) for school in schools),
    )


def counted(events: Iterable[AuditEvent]) -> Counter[tuple[str, str, str]]:
    """Return how often the audit says what of which record, by which entry."""
    return Counter((event.action, event.entity_id, str(event.entry_id)) for event in events)
