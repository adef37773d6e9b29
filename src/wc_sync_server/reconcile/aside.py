"""Setting one entry aside: kept whole and answered, because nothing else could be done with it."""

from wc_contract.model.instants import Instant
from wc_contract.wire.codes import Outcome, Refusal
from wc_contract.wire.messages import Receipt
from wc_sync_server.reconcile import on_record
from wc_sync_server.reconcile.arrivals import Flaw, id_from_hash
from wc_sync_server.reconcile.facts import BatchFacts
from wc_sync_server.reconcile.judge import Declined
from wc_sync_server.reconcile.numbers import InOrder
from wc_sync_server.reconcile.plan import Answered, Kept, Plan

DEFECT = "defect"


def plan_aside(order: InOrder, facts: BatchFacts, at: Instant, *, outcome: Outcome, own_id: bool) -> Plan:
    """Return how to keep the entries of a batch without effect.

    outcome is REFUSED when the database cannot hold what they say, WAITING when a mistake of ours stands in the
    way and the entry has its effect once that is mended. own_id False answers under an id made from the text.
    """
    plan = Plan(last_number=order.next_number - 1, answers=dict(order.known))
    code = DEFECT if outcome is Outcome.WAITING else Refusal.MALFORMED.value
    for numbered in order.fresh:
        arrival, number = numbered.arrival, numbered.number
        receipt = Receipt(
            entry_id=arrival.id if own_id else id_from_hash(arrival.hash),
            number=number,
            hash=arrival.hash,
            outcome=outcome,
            code=code,
            received_at=at,
        )
        plan.answers[arrival.hash] = receipt
        plan.receipts.append(Answered(receipt=receipt, arrival=arrival))
        plan.kept.append(Kept(arrival=arrival, number=number, code=code))
        declined = Declined(arrival=arrival, number=number, flaw=Flaw(refusal=Refusal.MALFORMED))
        plan.audit += on_record.of_outcome(declined, facts.device, at)
    return plan
