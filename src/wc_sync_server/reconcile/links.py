"""The chain of a device: each of its texts names the hash of the one before it, under its signature.

A text that names another one than the district holds under that number tells that something came between: a number
that was lost, a damaged text, somebody with the device's key. What happened stands all the same (law 1); the audit
says where the chain is broken, and `wc-sync-server audit devices` reads all of it.
"""

from collections.abc import Iterator

from wc_contract.model.instants import Instant
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.reconcile.arrivals import number_beside
from wc_sync_server.reconcile.facts import BatchFacts
from wc_sync_server.reconcile.numbers import InOrder

CHAIN_BROKEN = "CHAIN_BROKEN"


def broken_links(batch: InOrder, facts: BatchFacts, at: Instant) -> Iterator[AuditEvent]:
    """Yield a line for each new entry of a batch that names another text before it than the district holds."""
    held = {receipt.number: receipt.hash for receipt in facts.receipts}
    held |= {numbered.number: numbered.arrival.hash for numbered in batch.fresh}
    for numbered in batch.fresh:
        entry = numbered.arrival.entry
        if numbered.again or entry is None or entry.previous is None:
            continue
        # Of two copies that a person settled, the one that goes on names its own text, which stands beside.
        beside = held.get(number_beside(entry.previous))
        if entry.previous not in {held.get(numbered.number - 1, entry.previous), beside}:
            yield AuditEvent(
                action=CHAIN_BROKEN,
                entity_type="device",
                entity_id=str(facts.device.id),
                at=at,
                device_id=facts.device.id,
                school_id=facts.device.school,
                detail={"number": numbered.number},
            )
