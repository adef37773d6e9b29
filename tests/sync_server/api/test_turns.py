"""Two batches of one workstation at once: the second is judged after the first, in whatever order they come."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import cast
from uuid import uuid4

import httpx
import pytest
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.workstation import enrol

from wc_contract.model.ids import DeviceId, DistrictId, EntryId, SchoolId, UserId
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import PushAnswer
from wc_sync_server.api.turns import Turns
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.reconcile.arrivals import Arrival
from wc_sync_server.reconcile.batch import Batch, Pushed

_SOON = 20.0
_MINE, _THEIRS = DeviceId(uuid4()), DeviceId(uuid4())


def batch(*numbers: int, device: DeviceId = _MINE) -> Batch:
    principal = Principal(
        district=DistrictId(uuid4()), school=SchoolId(uuid4()), device=device, user=UserId(uuid4()), session=uuid4()
    )
    arrivals = [
        Arrival(body="", signature="", hash=str(number), id=EntryId(uuid4()), number=number, entry=None)
        for number in numbers
    ]
    return Batch(principal=principal, epoch="e", arrivals=arrivals, unsigned=frozenset)


@dataclass
class Office:
    """Takes the next number and no other; may be held up."""

    last: int = 0
    begun: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    taken: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def slow(self, pushed: Batch) -> Pushed:
        self.begun.set()
        assert self.go_on.wait(_SOON)
        return self.push(pushed)

    def push(self, pushed: Batch) -> Pushed:
        first, last = cast("int", pushed.arrivals[0].number), cast("int", pushed.arrivals[-1].number)
        if first != self.last + 1:
            self.refused.append(first)
            raise ProblemRaised(ProblemCode.GAP, expected=self.last + 1)
        self.taken.append(first)
        self.last = last
        return Pushed(answer=PushAnswer(protocol=1, receipts=(), acknowledged=last), moved=frozenset())


def both(first: Callable[[], Pushed], office: Office, second: Callable[[], Pushed]) -> list[Pushed]:
    """Begin the first, and the second once the first is under way."""
    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(first)
        assert office.begun.wait(_SOON)
        two = threads.submit(second)
        # Nothing tells that the second waits; a moment in which it might wrongly go on.
        threading.Event().wait(0.05)
        office.go_on.set()
        return [one.result(_SOON), two.result(_SOON)]


def test_the_second_batch_waits_for_the_first() -> None:
    turns, office = Turns(), Office()
    both(lambda: turns.push(batch(1, 2), office.slow), office, lambda: turns.push(batch(3), office.push))
    assert (office.taken, office.refused) == ([1, 3], [])


def test_one_that_overtook_is_pushed_again_when_what_was_missing_has_come() -> None:
    turns, office = Turns(), Office()
    met: list[int] = []

    def overtaking(pushed: Batch) -> Pushed:
        if not met:
            met.append(3)
            first.start()
            assert office.begun.wait(_SOON)
            office.go_on.set()
            raise ProblemRaised(ProblemCode.GAP, expected=1)
        return office.push(pushed)

    first = threading.Thread(target=turns.push, args=(batch(1, 2), office.slow))
    turns.push(batch(3), overtaking)
    first.join(_SOON)
    assert (office.taken, office.refused) == ([1, 3], [])


def test_a_gap_that_nobody_here_fills_is_told_at_once() -> None:
    with pytest.raises(ProblemRaised) as said:
        Turns().push(batch(3), Office().push)
    assert said.value.expected == 1


def test_workstations_do_not_wait_for_each_other() -> None:
    turns, mine, theirs = Turns(), Office(), Office(last=2)
    with ThreadPoolExecutor(2) as threads:
        held = threads.submit(turns.push, batch(1), mine.slow)
        assert mine.begun.wait(_SOON)
        threads.submit(turns.push, batch(3, device=_THEIRS), theirs.push).result(_SOON)
        mine.go_on.set()
        held.result(_SOON)


def test_nobody_waits_for_ever_for_one_that_does_not_end() -> None:
    turns, office = Turns(patience=0.01), Office()
    with ThreadPoolExecutor(2) as threads:
        held = threads.submit(turns.push, batch(1, 2), office.slow)
        assert office.begun.wait(_SOON)
        with pytest.raises(ProblemRaised):
            turns.push(batch(3), office.push)
        office.go_on.set()
        held.result(_SOON)
    turns.push(batch(3), office.push)
    assert (office.taken, office.refused) == ([1, 3], [3, 3])


@pytest.mark.postgres
def test_two_batches_at_once_over_http_are_both_taken_in_order(house: House, client: httpx.Client) -> None:
    office, pupil = enrol(house, client), house.pupils["ned"]
    doses = [make.dose_logged(student_id=pupil.id, order_id=pupil.order, slot=None) for _ in range(60)]
    entries = [office.entry(dose) for dose in doses]
    with ThreadPoolExecutor(2) as threads:
        sent = [threads.submit(office.push, *part) for part in (entries[:30], entries[30:])]
        answers = [one.result(_SOON) for one in sent]
    assert [receipt["number"] for answer in answers for receipt in answer] == list(range(1, 61))
