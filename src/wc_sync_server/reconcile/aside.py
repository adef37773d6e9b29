"""Setting one entry aside: kept whole and answered, because nothing else could be done with it."""

from wc_contract.model.instants import Instant
from wc_contract.wire.codes import Outcome, Refusal, Waits
from wc_contract.wire.messages import Receipt
from wc_sync_server.reconcile import on_record
from wc_sync_server.reconcile.arrivals import Flaw, id_from_hash
from wc_sync_server.reconcile.facts import BatchFacts
from wc_sync_server.reconcile.judge import Declined
from wc_sync_server.reconcile.numbers import InOrder
from wc_sync_server.reconcile.plan import Kept, Plan


def plan_aside(order: InOrder, facts: BatchFacts, at: Instant, *, outcome: Outcome, own_id: bool) -> Plan:
    """Return how to keep the entries of a batch without effect.

    outcome is REFUSED when the database cannot hold what they say, WAITING when a mistake of ours stands in the
    way and the entry has its effect once that is mended. own_id False answers under an id made from the text.
    """
    plan = Plan(last_number=order.next_number - 1, answers=dict(order.known))
    reason = Waits.DEFECT if outcome is Outcome.WAITING else Refusal.MALFORMED
    for numbered in order.fresh:
        arrival, number = numbered.arrival, numbered.number
        receipt = Receipt(
            entry_id=arrival.id if own_id else id_from_hash(arrival.hash),
            number=number,
            hash=arrival.hash,
            outcome=outcome,
            code=reason.value,
            received_at=at,
        )
        if not plan.take_answer(receipt, arrival, again=numbered.again):
            continue
        plan.keep(Kept(arrival=arrival, number=number, code=reason.value), again=arrival.hash in facts.kept)
        declined = Declined(
            arrival=arrival,
            number=number,
            flaw=Flaw(refusal=reason),
        )
        plan.audit += on_record.of_outcome(declined, facts.device, at)
    return plan
