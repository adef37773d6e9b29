"""The decision about a batch: what to write and what to answer. No clock, no database."""

from collections.abc import Iterator, Sequence

from wc_contract.model.changes import Entry
from wc_contract.model.instants import Instant
from wc_contract.rules.findings import Code
from wc_contract.wire.codes import Outcome, Waits
from wc_contract.wire.messages import Receipt
from wc_sync_server.reconcile import on_record
from wc_sync_server.reconcile.arrivals import Arrival
from wc_sync_server.reconcile.effects import Effects
from wc_sync_server.reconcile.facts import BatchFacts
from wc_sync_server.reconcile.judge import Declined, Judge, Judged, Repeated, Taken
from wc_sync_server.reconcile.links import broken_links
from wc_sync_server.reconcile.numbers import InOrder
from wc_sync_server.reconcile.plan import Kept, Plan, Settled


def plan_batch(batch: InOrder, facts: BatchFacts, at: Instant, *, facts_only: bool = False) -> Plan:
    """Return what to write for a batch and what to answer. The order of two batches does not change the records.

    facts_only as for Judge.
    """
    plan = Plan(last_number=batch.next_number - 1, answers=dict(batch.known))
    judge = Judge(facts, at, facts_only=facts_only)
    judged = [judge.judge(numbered) for numbered in batch.fresh]
    taken = [one for one in judged if isinstance(one, Taken)]
    effects = Effects(facts, at)
    effects.work_out(taken, plan)
    for one in judged:
        _answer(one, effects, facts, at, plan)
    plan.audit += broken_links(batch, facts, at)
    for stray in batch.strays:
        _turn_away(judge.judge(stray), facts, at, plan)
    return plan


def plan_fork(unknown: Sequence[Arrival], facts: BatchFacts, at: Instant) -> Plan:
    """Return how to keep what a forked device sent: whole, without effect, each text once."""
    fresh = {arrival.hash: arrival for arrival in unknown if arrival.hash not in facts.kept}
    plan = Plan(last_number=facts.device.last_number, forked=True)
    plan.kept += [Kept(arrival=arrival, number=arrival.number, code="forked") for arrival in fresh.values()]
    if fresh or not facts.device.forked:
        plan.audit.append(on_record.of_fork(facts.device, at, len(fresh)))
    return plan


def _answer(judged: Judged, effects: Effects, facts: BatchFacts, at: Instant, plan: Plan) -> None:
    arrival, receipt = judged.arrival, _receipt(judged, effects, at)
    if not plan.take_answer(receipt, arrival, again=judged.again):
        return
    plan.audit += on_record.of_outcome(judged, facts.device, at)
    match judged:
        case Declined():
            plan.keep(_kept(judged), again=arrival.hash in facts.kept)
        case Taken(left_out=(_, *_)):
            plan.keep(_set_aside(judged), again=arrival.hash in facts.kept)
            plan.settled += _said_again(judged.entry)
        case Taken() | Repeated():
            if arrival.hash in facts.kept:
                plan.settled.append(Settled(author=judged.entry.author_id, by=judged.entry.id, hash=arrival.hash))
            plan.settled += _said_again(judged.entry)


def _said_again(entry: Entry) -> Iterator[Settled]:
    """Yield the entry that this one says again, mended."""
    if entry.replaces is not None:
        yield Settled(author=entry.author_id, by=entry.id, entry=entry.replaces)


def _turn_away(judged: Judged, facts: BatchFacts, at: Instant, plan: Plan) -> None:
    """Answer a stray: it has no place in the sequence, so its answer is made anew each time it is sent."""
    if not isinstance(judged, Declined):
        return
    plan.answers[judged.arrival.hash] = _refused(judged, at)
    if judged.arrival.hash not in facts.kept:
        plan.kept.append(_kept(judged))
        plan.audit += on_record.of_outcome(judged, facts.device, at)


def _receipt(judged: Judged, effects: Effects, at: Instant) -> Receipt:
    match judged:
        case Declined():
            return _refused(judged, at)
        case Repeated():
            return Receipt(
                entry_id=judged.arrival.id,
                number=judged.number,
                hash=judged.arrival.hash,
                outcome=Outcome.DUPLICATE,
                received_at=at,
            )
        case Taken():
            cases = effects.cases[judged.entry.id]
            return Receipt(
                entry_id=judged.arrival.id,
                number=judged.number,
                hash=judged.arrival.hash,
                outcome=effects.outcome(judged.entry.id),
                findings=tuple(sorted(effects.findings[judged.entry.id] | {d.value for d in judged.doubts})),
                cases=tuple(cases),
                received_at=at,
            )


def _refused(judged: Declined, at: Instant) -> Receipt:
    waits = isinstance(judged.flaw.refusal, Waits)
    return Receipt(
        entry_id=judged.arrival.id,
        number=judged.number,
        hash=judged.arrival.hash,
        outcome=Outcome.WAITING if waits else Outcome.REFUSED,
        code=judged.flaw.refusal.value,
        fields=tuple(name[:200] for name in judged.flaw.fields),
        received_at=at,
    )


def _kept(judged: Declined) -> Kept:
    return Kept(
        arrival=judged.arrival,
        number=judged.number,
        code=judged.flaw.refusal.value,
        fields=tuple(name[:200] for name in judged.flaw.fields),
    )


def _set_aside(taken: Taken) -> Kept:
    fields = (
        f"{left.flaw.refusal.value}:{name}"[:200] for left in taken.left_out for name in left.flaw.fields or ("",)
    )
    return Kept(arrival=taken.arrival, number=taken.number, code=Code.LEFT_OUT.value, fields=tuple(fields))
