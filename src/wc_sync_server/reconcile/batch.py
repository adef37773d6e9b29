"""One push: the batch in one transaction; when the database rejects it, its halves, and at last the entry alone."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from wc_contract.model.changes import CaseAnswered, DoseLogged
from wc_contract.model.ids import SchoolId, StudentId
from wc_contract.model.kinds import BY_NAME, ORDER
from wc_contract.wire.codes import Outcome, ProblemCode
from wc_contract.wire.messages import PushAnswer, Receipt
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.reconcile.arrivals import Arrival, doses_of, unsigned, without_said_again
from wc_sync_server.reconcile.aside import plan_aside
from wc_sync_server.reconcile.facts import BatchFacts, wanted
from wc_sync_server.reconcile.numbers import Fork, Gap, InOrder, in_order
from wc_sync_server.reconcile.plan import Plan
from wc_sync_server.reconcile.planning import plan_batch, plan_fork
from wc_sync_server.reconcile.ports import Intake, IntakeTransaction, SetRejected
from wc_sync_server.reconcile.touched import Named, carries_a_fact, is_plain

Planner = Callable[[InOrder, BatchFacts, IntakeTransaction], Plan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A push, read. epoch is the server's as the device knows it.

    unsigned is asked late, once what the batch touches is loaded: meanwhile another thread checks signatures.
    It returns the hashes of the entries whose signature is not the device's. carried, settled: see numbers.in_order.
    """

    principal: Principal
    epoch: str
    arrivals: Sequence[Arrival] = field(repr=False)
    unsigned: Callable[[], frozenset[str]] = field(repr=False)
    carried: bool = False
    settled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push came to. moved are the schools whose streams have something new."""

    answer: PushAnswer
    moved: frozenset[SchoolId]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Elsewhere:
    """Students and records (by their table) that left the device's school, be it for a while, or never came along.

    Where they are is needed in the context.
    """

    students: tuple[StudentId, ...]
    records: tuple[Named, ...]


class Reconciler:
    """Takes batches in: every entry once, all of an entry or none of it, a receipt for each."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def push(self, batch: Batch) -> Pushed:
        """Return a receipt for each entry of batch; when it returns, they are durable.

        Raises ProblemRaised: EPOCH_CHANGED, GAP (with the number expected), FORKED (what was sent is kept).
        """
        plans = [plan for piece in _pieces(batch.arrivals) for plan in self._take(batch, piece)]
        if any(plan.forked for plan in plans):
            # Told only now: every piece of what was sent is kept.
            raise ProblemRaised(ProblemCode.FORKED)
        answers: dict[str, Receipt] = {}
        for plan in plans:
            answers |= plan.answers
        receipts = tuple(answers[arrival.hash] for arrival in batch.arrivals)
        acknowledged = max((plan.last_number for plan in plans), default=0)
        moved = frozenset(school for plan in plans for school in plan.schools())
        return Pushed(answer=PushAnswer(protocol=1, receipts=receipts, acknowledged=acknowledged), moved=moved)

    def _take(self, batch: Batch, arrivals: Sequence[Arrival]) -> list[Plan]:
        try:
            return [self._transact(batch, arrivals, _plan)]
        except SetRejected as error:
            if len(arrivals) > 1:
                half = len(arrivals) // 2
                # The first half is committed before the second is looked at: the order of numbers holds.
                return [*self._take(batch, arrivals[:half]), *self._take(batch, arrivals[half:])]
            return [self._set_aside(batch, arrivals, error)]

    def _set_aside(self, batch: Batch, arrivals: Sequence[Arrival], error: SetRejected) -> Plan:
        """Keep one entry whole that nothing could be done with, and let those behind it pass."""
        outcome = Outcome.WAITING if error.code == "defect" else Outcome.REFUSED
        entry = arrivals[0].entry
        if entry is not None and carries_a_fact(entry) and not is_plain(entry):
            # What happened stands, whatever else the entry says (law 1).
            with suppress(SetRejected):
                return self._transact(batch, arrivals, partial(_plan, facts_only=True))
        try:
            return self._transact(batch, arrivals, partial(_plan_aside, outcome=outcome, own_id=True))
        except SetRejected:
            # Its id is somebody else's: then it is answered under one made from its text.
            return self._transact(batch, arrivals, partial(_plan_aside, outcome=outcome, own_id=False))

    def _transact(self, batch: Batch, arrivals: Sequence[Arrival], planner: Planner) -> Plan:
        result = self._intake.retrying(partial(self._attempt, batch, arrivals, planner, ()))
        if isinstance(result, _Elsewhere):
            found = self._intake.schools_of(batch.principal, result.students, result.records)
            # What is nowhere any more is judged without it.
            elsewhere = found or (batch.principal.school,)
            result = self._intake.retrying(partial(self._attempt, batch, arrivals, planner, elsewhere))
        match result:
            case Plan():
                return result
            case Gap():
                raise ProblemRaised(ProblemCode.GAP, expected=result.expected)
            case _:
                # They moved between the two looks; the device sends again, and it will be settled.
                raise ProblemRaised(ProblemCode.BUSY, retry_after=1)

    def _attempt(
        self, batch: Batch, arrivals: Sequence[Arrival], planner: Planner, elsewhere: Sequence[SchoolId]
    ) -> Plan | Gap | _Elsewhere:
        with self._intake.open(batch.principal, elsewhere) as transaction:
            # Lock first, look for receipts second: two deliveries of one batch then see each other.
            transaction.lock()
            facts = transaction.load(wanted(arrivals, batch.principal.device))
            if facts.epoch != batch.epoch:
                raise ProblemRaised(ProblemCode.EPOCH_CHANGED)
            bad = batch.unsigned()
            replacing = (one for one in batch.arrivals if one.hash not in bad)
            read = without_said_again([unsigned(one) if one.hash in bad else one for one in arrivals], replacing)
            order = in_order(read, facts, carried=batch.carried, settled=batch.settled)
            if isinstance(order, Gap):
                return order
            absent = _absent(order, facts) if isinstance(order, InOrder) and not elsewhere else None
            if absent is not None:
                return absent
            plan = _fork(order, facts, transaction) if isinstance(order, Fork) else planner(order, facts, transaction)
            transaction.write(plan)
            transaction.commit()
        return plan


def _plan(order: InOrder, facts: BatchFacts, transaction: IntakeTransaction, *, facts_only: bool = False) -> Plan:
    try:
        return plan_batch(order, facts, transaction.at, facts_only=facts_only)
    except Exception as error:
        # A mistake of ours in judging one entry must not hold up all behind it: it is narrowed down and set aside.
        rejected = SetRejected("a rule failed")
        rejected.code = "defect"
        raise rejected from error


def _fork(order: Fork, facts: BatchFacts, transaction: IntakeTransaction) -> Plan:
    return plan_fork(order.unknown, facts, transaction.at)


def _plan_aside(
    order: InOrder, facts: BatchFacts, transaction: IntakeTransaction, *, outcome: Outcome, own_id: bool
) -> Plan:
    return plan_aside(order, facts, transaction.at, outcome=outcome, own_id=own_id)


def _absent(order: InOrder, facts: BatchFacts) -> _Elsewhere | None:
    """Return the students of fresh entries who left the device's school once, and the records that did or stayed away.

    Students who came back are among them: what was taken in for them elsewhere lies there, and two doses in one slot
    conflict wherever each of them lies. So are those whose charts were made one: the rules look at all doses of both.
    """
    orders, charts = tuple(_orders_left_behind(order, facts)), frozenset(_charts_given_to(order, facts))
    if not facts.left and not facts.touched.left and not orders and not charts:
        return None
    asked = wanted([numbered.arrival for numbered in order.fresh], facts.device.id)
    students = tuple({one for one in asked.students if one in facts.left} | charts)
    records = tuple(
        (BY_NAME[kind].table, UUID(id_))
        for kind, id_ in asked.touched.records
        if (kind, id_) not in facts.touched.records and UUID(id_) in facts.touched.left
    )
    named = tuple(
        (table, id_)
        for table, id_ in asked.touched.named
        if (table, id_) not in facts.touched.named and id_ in facts.touched.left
    )
    found = _Elsewhere(students=students, records=records + named + orders)
    return found if found.students or found.records else None


def _orders_left_behind(order: InOrder, facts: BatchFacts) -> Iterator[Named]:
    """Yield the orders of doses that came here late, which entries amend: they stayed at the school before."""
    amending = [dose for dose in _fresh_doses(order) if dose.amends_id is not None]
    if not amending:
        return
    here = {str(known.id) for known in facts.orders}
    amended = {held.row["id"]: held.row["order_id"] for held in facts.doses}
    for dose in amending:
        if amended.get(str(dose.amends_id)) == str(dose.order_id) and str(dose.order_id) not in here:
            yield ORDER.table, dose.order_id


def _charts_given_to(order: InOrder, facts: BatchFacts) -> Iterator[StudentId]:
    """Yield the charts of children who have two and are given doses: one may have been kept at another school."""
    charts = facts.charts
    if charts.kept:
        children = {charts.child(dose.student_id) for dose in _fresh_doses(order)}
        yield from (one for one in {*charts.kept, *charts.kept.values()} if charts.child(one) in children)


def _fresh_doses(order: InOrder) -> Iterator[DoseLogged]:
    for numbered in order.fresh:
        if numbered.arrival.entry is not None:
            yield from doses_of(numbered.arrival.entry)


def _pieces(arrivals: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
    """Yield a batch in pieces, each for a transaction: what answers a case finds it as the entries before left it."""
    begin = 0
    for at, arrival in enumerate(arrivals):
        entry = arrival.entry
        answers = entry is not None and any(isinstance(change, CaseAnswered) for change in entry.changes)
        if answers and at > begin:
            yield arrivals[begin:at]
            begin = at
    yield arrivals[begin:]
