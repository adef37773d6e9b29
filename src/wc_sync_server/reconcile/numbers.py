"""Order: entries of a device follow each other without a gap, and one number means one text for ever."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from wc_contract.wire.codes import Outcome, Refusal
from wc_contract.wire.messages import Receipt
from wc_sync_server.reconcile.arrivals import Arrival, Flaw, is_later, number_beside
from wc_sync_server.reconcile.facts import BatchFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """An entry to be decided about, under the number it takes. again: it waited, and has that number already."""

    arrival: Arrival
    number: int
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InOrder:
    """A batch whose entries can be taken.

    known are stored answers by hash. fresh are in the order in which they were sent, what waited among them. strays
    are texts under numbers long taken, unreadable or unsigned ones, or any that were carried here: kept and refused,
    but no part of the sequence. next_number is the first number not held.
    """

    known: dict[str, Receipt]
    fresh: list[Numbered]
    strays: list[Numbered]
    next_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An entry is missing; expected is its number."""

    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """One number, or one id, stands for two texts: the device's files were copied or put back. unknown: not held."""

    unknown: list[Arrival] = field(repr=False)


def in_order(
    arrivals: Sequence[Arrival], facts: BatchFacts, *, carried: bool = False, settled: int = 0
) -> InOrder | Gap | Fork:
    """Return how a batch continues what is held of its device.

    carried: the entries came in a file and not from the device, and their signatures are good. What is missing before
    one of them does not hold it up, and is no fork when it comes later; a second text under a number that is taken is
    a stray (docs/adr/0028). Up to settled, a person has decided that two texts under one number are two entries: the
    second is taken beside the sequence.
    """
    known = {receipt.hash for receipt in facts.receipts}
    unknown = [arrival for arrival in arrivals if arrival.hash not in known]
    if facts.device.forked and unknown:
        return Fork(unknown=unknown)
    return _Sequence(facts, carried=carried, settled=settled).follow(arrivals, unknown)


class _Sequence:
    """Walks a batch once, in order."""

    def __init__(self, facts: BatchFacts, *, carried: bool, settled: int) -> None:
        self._carried = carried
        self._settled = settled
        self._by_hash = {receipt.hash: receipt for receipt in facts.receipts}
        self._numbers = {receipt.number for receipt in facts.receipts}
        self._ids = {receipt.entry_id for receipt in facts.receipts}
        self._expected = facts.device.last_number + 1
        self._pass_over_held()
        self._forked = facts.device.forked
        self._seen: set[str] = set()
        self._result = InOrder(known={}, fresh=[], strays=[], next_number=self._expected)

    def follow(self, arrivals: Sequence[Arrival], unknown: list[Arrival]) -> InOrder | Gap | Fork:
        for arrival in arrivals:
            known = self._by_hash.get(arrival.hash)
            if known is not None:
                self._answered(arrival, known)
            elif arrival.hash not in self._seen:
                self._seen.add(arrival.hash)
                if not _speaks_for_device(arrival):
                    self._untrusted(arrival)
                elif (stop := self._trusted(arrival, unknown)) is not None:
                    return stop
        return InOrder(
            known=self._result.known,
            fresh=self._result.fresh,
            strays=self._result.strays,
            next_number=self._expected,
        )

    def _answered(self, arrival: Arrival, known: Receipt) -> None:
        """Answer as before; what waits is judged again each time it is sent. A forked device changes nothing."""
        self._result.known[arrival.hash] = known
        if known.outcome is Outcome.WAITING and not self._forked and arrival.hash not in self._seen:
            self._seen.add(arrival.hash)
            if _speaks_for_device(arrival):
                self._result.fresh.append(Numbered(arrival=arrival, number=known.number, again=True))

    def _trusted(self, arrival: Arrival, unknown: list[Arrival]) -> Gap | Fork | None:
        number = arrival.number or self._expected
        if arrival.id in self._ids or (number in self._numbers and (self._carried or number > self._settled)):
            if not self._carried:
                return Fork(unknown=unknown)
            second = replace(arrival, flaw=Flaw(refusal=Refusal.MALFORMED, fields=("number",)))
            self._result.strays.append(Numbered(arrival=second, number=number))
            return None
        if number in self._numbers:
            self._beside(arrival)
            return None
        if number > self._expected and not self._carried:
            return Gap(expected=self._expected)
        self._take(arrival, number)
        return None

    def _untrusted(self, arrival: Arrival) -> None:
        # Its number may be damaged like the rest of it; its place in the batch is not.
        if arrival.number is not None and (arrival.number < self._expected or arrival.number in self._numbers):
            self._result.strays.append(Numbered(arrival=arrival, number=arrival.number))
        elif self._carried and arrival.number is not None:
            self._take(arrival, arrival.number)
        else:
            self._take(arrival, self._expected)

    def _beside(self, arrival: Arrival) -> None:
        self._result.fresh.append(Numbered(arrival=arrival, number=number_beside(arrival.hash)))
        self._ids.add(arrival.id)

    def _take(self, arrival: Arrival, number: int) -> None:
        self._result.fresh.append(Numbered(arrival=arrival, number=number))
        self._numbers.add(number)
        self._ids.add(arrival.id)
        self._pass_over_held()

    def _pass_over_held(self) -> None:
        # Entries that were carried here are held above a gap; once it is closed, they count.
        while self._expected in self._numbers:
            self._expected += 1


def _speaks_for_device(arrival: Arrival) -> bool:
    signed = arrival.flaw is None or arrival.flaw.refusal is not Refusal.BAD_SIGNATURE
    return (arrival.entry is not None or is_later(arrival)) and signed
