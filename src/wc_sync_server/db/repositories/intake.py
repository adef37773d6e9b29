"""Taking batches in, on PostgreSQL (reconcile.ports.Intake)."""

import base64
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import structlog
from psycopg import Cursor
from psycopg.rows import TupleRow

from wc_contract.model.ids import Chance, DeviceId, DistrictId, EntryId, SchoolId, StudentId, UserId, new_uuid
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.kinds import BY_NAME, DOSE, KINDS
from wc_contract.wire.codes import Directive, Outcome, ProblemCode
from wc_contract.wire.messages import Receipt
from wc_sync_server.db.context import DEVICE, SYSTEM, Context
from wc_sync_server.db.errors import RowsNotWritten, RowsRejected, StatementFailed
from wc_sync_server.db.operations import PUSH
from wc_sync_server.db.repositories import intake_sql
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.repositories.epochs import Epoch, Epochs
from wc_sync_server.db.repositories.intake_touched import load_touched, where_now
from wc_sync_server.db.repositories.known_orders import (
    KnownOrders,
    OrderBooks,
    allergies_of,
    as_students,
    orders_of,
    versions_of,
)
from wc_sync_server.db.repositories.merged_charts import Standing, standing_of, with_charts
from wc_sync_server.db.repositories.reference import References
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.domain.acceptance import AuthorFacts
from wc_sync_server.domain.access import Assignment, Principal
from wc_sync_server.domain.messages import Channel
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.metrics import counts
from wc_sync_server.reconcile.facts import BatchFacts, DeviceFacts, Held, Wanted
from wc_sync_server.reconcile.links import CHAIN_BROKEN
from wc_sync_server.reconcile.plan import Answered, Kept, Plan
from wc_sync_server.reconcile.ports import SetRejected
from wc_sync_server.reconcile.touched import Named

T = TypeVar("T")

_log = structlog.get_logger(__name__)

_QUOTE = '"'
_ORDER = {kind.name: at for at, kind in enumerate(KINDS)}


class PostgresIntake:
    """Opens transactions for a device's entries, in the context of its school."""

    def __init__(
        self,
        cells: Cells,
        epochs: Epochs,
        chance: Chance,
        channels: Callable[[DistrictId], Collection[Channel]],
        references: References,
    ) -> None:
        self._cells = cells
        self._epochs = epochs
        self._chance = chance
        self._channels = channels
        self._references = references
        self._books = OrderBooks()

    @contextmanager
    def open(self, principal: Principal, elsewhere: Sequence[SchoolId]) -> Iterator["PostgresIntakeTransaction"]:
        schools = (principal.school, *(school for school in elsewhere if school != principal.school))
        context = Context(
            district=principal.district, role=DEVICE, schools=schools, user=principal.user, device=principal.device
        )
        epoch = self._epochs.in_force(principal.district)
        channels = self._channels(principal.district)
        pool = self._cells.pool_for(principal.district)
        try:
            with scoped(pool, context, operation=PUSH, chance=self._chance, channels=channels) as uow:
                yield PostgresIntakeTransaction(uow, epoch, self._books, self._chance, self._references)
        except (RowsRejected, RowsNotWritten, StatementFailed) as error:
            raise SetRejected(str(error)) from error

    def schools_of(
        self, principal: Principal, students: Sequence[StudentId], records: Sequence[Named]
    ) -> tuple[SchoolId, ...]:
        pool = self._cells.pool_for(principal.district)
        parameters = {"district": principal.district, "students": list(students)}
        with scoped(pool, Context(district=principal.district, role=SYSTEM), read_only=True) as uow:
            everywhere = tuple(SchoolId(row[0]) for row in uow.connection.execute(intake_sql.SCHOOLS, parameters))
        context = Context(district=principal.district, role=SYSTEM, schools=everywhere)
        with scoped(pool, context, read_only=True) as uow:
            found = {SchoolId(row[0]) for row in uow.connection.execute(intake_sql.WHERE_NOW, parameters)}
            for statement, ids in where_now(records):
                asked = {"district": principal.district, "ids": ids}
                found |= {SchoolId(row[0]) for row in uow.connection.execute(statement.encode(), asked)}
        return tuple(sorted(found))

    def retrying(self, work: Callable[[], T]) -> T:
        return run_retrying(work)


class PostgresIntakeTransaction:
    """One transaction of an intake."""

    def __init__(
        self,
        uow: UnitOfWork,
        epoch: Epoch,
        books: OrderBooks,
        chance: Chance,
        references: References,
    ) -> None:
        self._uow = uow
        self._epoch = epoch
        self._books = books
        self._known = KnownOrders(epoch="", heads=())
        self._chance = chance
        self._references = references

    @property
    def at(self) -> Instant:
        return self._uow.at

    def lock(self) -> None:
        here, *elsewhere = self._uow.context.schools
        heads = self._uow.lock_streams(here, *elsewhere)[here].heads
        # A batch that reaches into another school is rare, and remembers nothing.
        if not elsewhere:
            self._known = self._books.open(here, self._epoch.id, heads)

    def load(self, wanted: Wanted) -> BatchFacts:
        context = self._uow.context
        new_students = self._known.missing_students(wanted.students)
        new_orders = self._known.missing_orders(wanted.orders)
        statement = intake_sql.load(
            students=bool(wanted.students),
            unknown=bool(new_students or new_orders),
            doses=bool(wanted.doses),
            amended=bool(wanted.amended),
            limits=bool(new_orders) or self._known.any_limited(wanted.orders),
            incidents=bool(wanted.incidents),
        )
        row = self._uow.connection.execute(
            statement.encode(),
            {
                "district": context.district,
                "school": context.schools[0],
                "device": wanted.device,
                "entries": _ids(wanted.entries),
                "numbers": f"{{{','.join(map(str, wanted.numbers))}}}",
                "hashes": f"{{{','.join(wanted.hashes)}}}",
                "authors": _ids(wanted.authors),
                "students": _ids(wanted.students),
                "new_students": _ids(new_students),
                "orders": _ids(wanted.orders),
                "new_orders": _ids(new_orders),
                "slots": _ids(wanted.slots),
                "doses": _ids(wanted.doses),
                "amended": _ids(wanted.amended),
                "incidents": _ids(wanted.incidents),
                "earliest": wanted.earliest,
                "latest": wanted.latest,
            },
        ).fetchone()
        if row is None:
            raise StatementFailed(None)
        read = orjson.loads(row[0])
        standing = standing_of(read.get("standing"))
        return with_charts(self._uow, self._facts(read, wanted, standing), wanted, standing)

    def _facts(self, read: dict[str, Any], wanted: Wanted, standing: Standing) -> BatchFacts:
        schools, known = self._uow.context.schools, self._known
        here, reference = schools[0], self._references.of(self._uow, read["reference"])
        students = as_students(read.get("students"))
        known.learn(read, students, here)
        return BatchFacts(
            epoch=self._epoch.id,
            since=self._epoch.since,
            device=_device(read["device"], wanted.device),
            policy=reference.policy,
            zones={school: ZoneInfo(reference.zones[school]) for school in schools if school in reference.zones},
            receipts=self._answers(_receipts(read["receipts"] or ())),
            kept=frozenset(read["kept"] or ()),
            authors={UserId(UUID(one["id"])): _author(one) for one in read["authors"] or ()},
            students=students | dict.fromkeys(known.students.intersection(wanted.students), here),
            left=frozenset(StudentId(UUID(student)) for student in read.get("left") or ()),
            orders=orders_of(known, wanted.orders),
            versions=versions_of(known, wanted.orders),
            medications=tuple(reference.medications[m] for m in wanted.medications if m in reference.medications),
            allergies=allergies_of(known, wanted.students),
            doses=_doses(read),
            incidents={UUID(i): EntryId(UUID(entry)) for i, entry in (read.get("incidents") or {}).items()},
            cases=_held(read.get("cases")),
            withdrawn=standing.withdrawn,
            touched=load_touched(self._uow, wanted.touched),
        )

    def _answers(self, receipts: tuple[Receipt, ...]) -> tuple[Receipt, ...]:
        """Return receipts, with the later answer in the place of one that says that its entry waits."""
        waiting = [receipt.entry_id for receipt in receipts if receipt.outcome is Outcome.WAITING]
        if not waiting:
            return receipts
        parameters = {"district": self._uow.context.district, "entries": waiting}
        row = self._uow.connection.execute(intake_sql.LATER_ANSWERS, parameters).fetchone()
        later = {UUID(one["entry_id"]): one for one in (row and row[0]) or ()}
        return tuple(
            _receipt({"number": one.number, "hash": one.hash, **later[one.entry_id]}) if one.entry_id in later else one
            for one in receipts
        )

    def write(self, plan: Plan) -> None:
        _tell_of_breaks(plan)
        with self._uow.together():
            for school, kind in sorted(plan.rows, key=_parents_first):
                self._uow.write_rows(BY_NAME[kind], school, plan.rows[school, kind])
            for school, flags in plan.flags.items():
                self._uow.write_flags(DOSE, school, flags)
            self._uow.audit(plan.audit)
            self._uow.post(plan.messages)
            self._answer_anew(plan)
            # Late, because it is long: sending it waits until PostgreSQL has taken what came before.
            self._store(plan)
            # What is kept and answered within one batch is there by now.
            self._settle(plan)
            self._uow.advance_streams()

    def commit(self) -> None:
        self._uow.commit()

    def _place(self) -> dict[str, object]:
        context = self._uow.context
        return {
            "district": context.district,
            "school": context.schools[0],
            "device": context.device,
            "at": self._uow.at,
        }

    def _answer_anew(self, plan: Plan) -> None:
        """Answer what waited. Most batches have none of it."""
        if plan.again:
            given = [_answer_row(receipt) for receipt in plan.again]
            cursor = self._uow.connection.execute(intake_sql.ANSWER_LATER, self._place() | {"receipts": _text(given)})
            self._uow.afterwards(partial(_check_count, cursor, len(given)))
        if plan.kept_again:
            kept = [{"hash": k.arrival.hash, "code": k.code, "fields": _json(k.fields)} for k in plan.kept_again]
            self._uow.connection.execute(intake_sql.KEEP_AGAIN, self._place() | {"kept": _text(kept)})

    def _settle(self, plan: Plan) -> None:
        """Mark what is kept no longer."""
        if plan.settled:
            settled = [{"hash": s.hash, "entry": s.entry, "author": s.author, "by": s.by} for s in plan.settled]
            self._uow.connection.execute(intake_sql.SETTLE, self._place() | {"settled": _text(settled)})

    def _store(self, plan: Plan) -> None:
        parameters = self._place() | {
            "receipts": orjson.dumps([_receipt_row(answered) for answered in plan.receipts]).decode(),
            "kept": orjson.dumps([self._kept_row(kept) for kept in plan.kept]).decode(),
            "last_number": plan.last_number,
            "forked": plan.forked,
        }
        cursor = self._uow.connection.execute(intake_sql.STORE, parameters)
        self._uow.afterwards(partial(_check_stored, cursor, (len(plan.receipts), len(plan.kept))))

    def _kept_row(self, kept: Kept) -> dict[str, object]:
        arrival = kept.arrival
        return {
            "id": new_uuid(self._uow.at, self._chance),
            "entry_id": arrival.id,
            "number": kept.number,
            "hash": arrival.hash,
            "code": kept.code,
            "fields": _json(kept.fields),
            "body": storable(arrival.body),
            "signature": arrival.signature,
        }


def _tell_of_breaks(plan: Plan) -> None:
    for event in plan.audit:
        if event.action == CHAIN_BROKEN:
            _log.warning("device.chain_broken", device=event.entity_id)
            counts.CHAIN_BREAKS.inc()


def _check_stored(cursor: Cursor[TupleRow], given: tuple[int, int]) -> None:
    row = cursor.fetchone()
    if row is None or (row[0], row[1]) != given:
        raise RowsNotWritten(table="receipts", given=sum(given), written=0 if row is None else row[0] + row[1])


def _check_count(cursor: Cursor[TupleRow], given: int) -> None:
    if cursor.rowcount != given:
        raise RowsNotWritten(table="later_answers", given=given, written=cursor.rowcount)


def storable(body: str) -> str:
    """Return a text as PostgreSQL can keep it: one with a NUL goes in base64, marked."""
    if "\x00" not in body:
        return body
    return "base64:" + base64.b64encode(body.encode()).decode("ascii")


def _parents_first(key: tuple[SchoolId, str]) -> tuple[int, str]:
    return _ORDER[key[1]], str(key[0])


def _receipt_row(answered: Answered) -> dict[str, object]:
    arrival = answered.arrival
    return {**_answer_row(answered.receipt), "body": storable(arrival.body), "signature": arrival.signature}


def _answer_row(receipt: Receipt) -> dict[str, object]:
    return {
        "entry_id": receipt.entry_id,
        "number": receipt.number,
        "hash": receipt.hash,
        "outcome": receipt.outcome.value,
        "code": receipt.code,
        "fields": _json(receipt.fields),
        "findings": _json(receipt.findings),
        "cases": _json(receipt.cases),
    }


def _text(rows: Sequence[Mapping[str, object]]) -> str:
    return orjson.dumps(rows).decode()


def _json(values: Sequence[object]) -> str:
    return orjson.dumps(values).decode() if values else "[]"


def _device(read: dict[str, Any] | None, device: DeviceId) -> DeviceFacts:
    if read is None:
        raise ProblemRaised(ProblemCode.DEVICE_REVOKED)
    return DeviceFacts(
        id=device,
        school=SchoolId(UUID(read["school"])),
        last_number=read["last_number"],
        forked=read["directive"] == Directive.FORKED.value,
        revoked_at=_instant(read["revoked_at"]),
    )


def _author(read: dict[str, Any]) -> AuthorFacts:
    user = UserId(UUID(read["id"]))
    return AuthorFacts(
        id=user,
        role=read["role"],
        is_active=read["is_active"],
        revoked_at=_instant(read["revoked_at"]),
        assignments=tuple(
            Assignment(
                user=user,
                school=SchoolId(UUID(school)),
                first=date.fromisoformat(first),
                last=None if last is None else date.fromisoformat(last),
            )
            for school, first, last in read["assignments"] or ()
        ),
    )


def _receipt(read: dict[str, Any]) -> Receipt:
    return Receipt(
        entry_id=UUID(read["entry_id"]),
        number=read["number"],
        hash=read["hash"],
        outcome=Outcome(read["outcome"]),
        code=read["code"],
        fields=tuple(read["fields"]),
        findings=tuple(read["findings"]),
        cases=tuple(UUID(case) for case in read["cases"]),
        received_at=instant_from_text(read["received_at"]),
    )


def _receipts(read: Sequence[dict[str, Any]]) -> tuple[Receipt, ...]:
    # One that is known both by its id and by its number comes twice.
    return tuple(_receipt(one) for one in {one["entry_id"]: one for one in read}.values())


def _ids(ids: Sequence[UUID]) -> str:
    """Return ids as PostgreSQL writes an array: a batch has thousands, and the driver looks at each for quotes."""
    # orjson writes an id eight times as fast as str does, and puts it between quotes that an array does without.
    return f"{{{orjson.dumps(ids).decode()[1:-1].replace(_QUOTE, '')}}}"


def _doses(read: dict[str, Any]) -> tuple[Held, ...]:
    found = (*(read.get("doses") or ()), *(read.get("amended") or ()), *(read.get("near") or ()))
    return _held(list({one["row"]["id"]: one for one in found}.values()))


def _held(read: list[dict[str, Any]] | None) -> tuple[Held, ...]:
    return tuple(Held(school=SchoolId(UUID(one["school"])), row=one["row"]) for one in read or ())


def _instant(text: str | None) -> Instant | None:
    return None if text is None else instant_from_text(text)
