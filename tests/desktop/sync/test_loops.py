"""Push, pull and first sync against scripted answers: what is kept, halved, passed over."""

# ruff: noqa: ARG002  # what a test puts in a port's place keeps its names

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid5

import pytest
from tests.desktop.clinic import NOON, SPACE, end_of, header_at

from wc_contract.model.errors import WhiteCrossError
from wc_contract.wire.codes import Outcome
from wc_contract.wire.messages import (
    Hello,
    HelloAnswer,
    PullEnd,
    PullHeader,
    PushAnswer,
    Receipt,
    SealedEntry,
)
from wc_desktop.domain.failures import (
    BatchTooLarge,
    NumberGap,
    PullBroken,
    RequestRefused,
    ServerSlow,
    ServerUnreachable,
)
from wc_desktop.sync.files import ReplicaView
from wc_desktop.sync.gateway import Frame, RemovedFrame, RowsFrame
from wc_desktop.sync.pull_loop import pull_round
from wc_desktop.sync.push_loop import Send, push_round


@dataclass
class Entry:
    number: int
    sealed: SealedEntry


@dataclass
class Queue:
    """Entries that wait, as the journal hands them out."""

    waiting: list[int]
    answered: dict[int, Outcome] = field(default_factory=dict)

    def unsent(self, *, after: int, epoch: str, limit: int, max_bytes: int) -> Sequence[Entry]:
        left = [n for n in self.waiting if n > after and self.answered.get(n, Outcome.WAITING) is Outcome.WAITING]
        return [Entry(n, SealedEntry(body=str(n), signature="")) for n in left[:limit]]

    def take_receipts(self, answer: PushAnswer, epoch: str) -> None:
        self.answered |= {receipt.number: receipt.outcome for receipt in answer.receipts}


def receipt(number: int, outcome: Outcome = Outcome.APPLIED) -> Receipt:
    return Receipt(entry_id=uuid5(SPACE, str(number)), number=number, hash="0" * 64, outcome=outcome, received_at=NOON)


@dataclass
class Server:
    """A gateway that decides by numbers."""

    decide: Callable[[list[int]], PushAnswer | WhiteCrossError]
    batches: list[list[int]] = field(default_factory=list)
    frames: Sequence[Frame | WhiteCrossError] = ()
    asked: list[Mapping[str, int]] = field(default_factory=list)

    def hello(self, message: Hello) -> HelloAnswer:
        raise AssertionError

    def push(self, epoch: str, entries: Sequence[SealedEntry]) -> PushAnswer:
        numbers = [int(entry.body) for entry in entries]
        self.batches.append(numbers)
        decided = self.decide(numbers)
        if isinstance(decided, WhiteCrossError):
            raise decided
        return decided

    @contextmanager
    def pull(self, epoch: str, since: Mapping[str, int], *, digest: bool) -> Iterator[Iterator[Frame]]:
        self.asked.append(since)
        yield self._told()

    def _told(self) -> Iterator[Frame]:
        for frame in self.frames:
            if isinstance(frame, WhiteCrossError):
                raise frame
            yield frame

    def wait(
        self, epoch: str, checkpoint: str | None, seconds: int, *, unwanted: Callable[[], bool] | None = None
    ) -> bool:
        raise AssertionError

    def stop_listening(self) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


def all_applied(numbers: list[int]) -> PushAnswer:
    return PushAnswer(protocol=1, receipts=tuple(receipt(n) for n in numbers), acknowledged=max(numbers))


def go_on() -> bool:
    return False


def test_everything_is_sent_in_order_and_in_batches() -> None:
    queue, server = Queue(list(range(1, 1_051))), Server(all_applied)
    pushed = push_round(server, queue, "e", stopping=go_on)
    assert [len(batch) for batch in server.batches] == [500, 500, 50]
    assert (pushed.answered, pushed.settled, pushed.too_large) == (1_050, 1_050, ())


def test_a_server_that_came_before_larger_batches_gets_smaller_ones() -> None:
    server = Server(lambda numbers: RequestRefused("bad_request") if len(numbers) > 200 else all_applied(numbers))
    pushed = push_round(server, Queue(list(range(1, 601))), "e", stopping=go_on)
    assert [len(batch) for batch in server.batches] == [500, 200, 200, 200]
    assert pushed.settled == 600


def test_a_batch_that_every_server_takes_and_that_is_refused_is_an_error() -> None:
    server = Server(lambda _numbers: RequestRefused("bad_request"))
    with pytest.raises(RequestRefused):
        push_round(server, Queue(list(range(1, 201))), "e", stopping=go_on)
    assert len(server.batches) == 1


@dataclass
class Beside:
    """Sends what it is given to begin when its answer is wanted at last: the newest first, as a network may."""

    waiting: list[Send] = field(default_factory=list)
    answers: dict[Send, PushAnswer | WhiteCrossError] = field(default_factory=dict)

    def begin(self, send: Send) -> Send:
        self.waiting.append(send)
        return lambda: self._answer(send)

    def _answer(self, send: Send) -> PushAnswer:
        while self.waiting:
            newest = self.waiting.pop()
            try:
                self.answers[newest] = newest()
            except WhiteCrossError as error:
                self.answers[newest] = error
        answer = self.answers[send]
        if isinstance(answer, WhiteCrossError):
            raise answer
        return answer


@dataclass
class Gapless:
    """A server that takes the next number and no other."""

    last: int = 0

    def decide(self, numbers: list[int]) -> PushAnswer | WhiteCrossError:
        if numbers[0] > self.last + 1:
            return NumberGap("no")
        self.last = max(self.last, numbers[-1])
        return all_applied(numbers)


def test_once_one_was_answered_two_batches_are_under_way_and_their_receipts_are_kept_in_order() -> None:
    sent: list[list[int]] = []
    kept: list[int] = []
    under_way: list[int] = []

    class InOrder(Queue):
        def take_receipts(self, answer: PushAnswer, epoch: str) -> None:
            kept.extend(receipt.number for receipt in answer.receipts)
            super().take_receipts(answer, epoch)

    def begin(send: Send) -> Send:
        answer = send()
        under_way.append(len(server.batches) * 2 - len(kept))
        return lambda: answer

    server = Server(all_applied, sent)
    pushed = push_round(server, InOrder(list(range(1, 10))), "e", stopping=go_on, limit=2, begin=begin)
    assert sent == [[1, 2], [3, 4], [5, 6], [7, 8], [9]]
    assert kept == list(range(1, 10))
    assert max(under_way) == 4
    assert pushed.settled == 9


def test_a_batch_that_overtakes_the_one_before_it_is_sent_again_and_is_no_error() -> None:
    server, queue = Server(Gapless().decide), Queue(list(range(1, 11)))
    pushed = push_round(server, queue, "e", stopping=go_on, limit=2, begin=Beside().begin)
    assert server.batches == [[1, 2], [5, 6], [3, 4], [7, 8], [5, 6], [7, 8], [9, 10]]
    assert (pushed.settled, sorted(queue.answered)) == (10, list(range(1, 11)))


def test_a_gap_before_a_batch_that_is_alone_is_told() -> None:
    server, queue = Server(Gapless().decide), Queue([1, 2, 5, 6, 7, 8])
    with pytest.raises(NumberGap):
        push_round(server, queue, "e", stopping=go_on, limit=2, begin=Beside().begin)
    assert sorted(queue.answered) == [1, 2]


@pytest.mark.parametrize("failure", [BatchTooLarge("no"), ServerSlow("no")])
def test_a_batch_that_is_halved_is_sent_before_what_was_under_way_beside_it(failure: WhiteCrossError) -> None:
    gapless = Gapless()
    server = Server(lambda numbers: failure if len(numbers) > 1 and 3 in numbers else gapless.decide(numbers))
    queue = Queue(list(range(1, 9)))
    pushed = push_round(server, queue, "e", stopping=go_on, limit=2, begin=Beside().begin)
    assert (pushed.settled, gapless.last) == (8, 8)


def test_when_the_first_of_two_is_not_answered_the_second_is_waited_for_and_sent_again_later() -> None:
    server = Server(lambda numbers: ServerUnreachable("no") if 3 in numbers else all_applied(numbers))
    queue, beside = Queue(list(range(1, 7))), Beside()
    with pytest.raises(ServerUnreachable):
        push_round(server, queue, "e", stopping=go_on, limit=2, begin=beside.begin)
    assert (sorted(queue.answered), beside.waiting, len(beside.answers)) == ([1, 2], [], 2)


@pytest.mark.parametrize("failure", [BatchTooLarge("no"), ServerSlow("no")])
def test_a_batch_that_does_not_pass_is_halved_until_it_does(failure: WhiteCrossError) -> None:
    server = Server(lambda numbers: failure if len(numbers) > 30 else all_applied(numbers))
    queue = Queue(list(range(1, 101)))
    assert push_round(server, queue, "e", stopping=go_on).settled == 100
    assert [len(batch) for batch in server.batches] == [100, 50, 25, 25, 25, 25]


def test_one_entry_too_large_holds_nobody_up() -> None:
    server = Server(lambda numbers: BatchTooLarge("no") if 3 in numbers else all_applied(numbers))
    queue = Queue([1, 2, 3, 4, 5])
    pushed = push_round(server, queue, "e", stopping=go_on)
    assert pushed.too_large == (3,)
    assert sorted(queue.answered) == [1, 2, 4, 5]


def test_one_refused_entry_stops_nothing() -> None:
    def decide(numbers: list[int]) -> PushAnswer:
        receipts = tuple(receipt(n, Outcome.REFUSED if n == 2 else Outcome.APPLIED) for n in numbers)
        return PushAnswer(protocol=1, receipts=receipts, acknowledged=max(numbers))

    queue = Queue([1, 2, 3])
    push_round(Server(decide), queue, "e", stopping=go_on, limit=1)
    assert queue.answered == {1: Outcome.APPLIED, 2: Outcome.REFUSED, 3: Outcome.APPLIED}


def test_a_waiting_answer_ends_the_round_instead_of_spinning() -> None:
    def decide(numbers: list[int]) -> PushAnswer:
        return PushAnswer(protocol=1, receipts=tuple(receipt(n, Outcome.WAITING) for n in numbers), acknowledged=0)

    server = Server(decide)
    pushed = push_round(server, Queue([1, 2]), "e", stopping=go_on)
    assert (pushed.answered, pushed.settled, len(server.batches)) == (2, 0, 1)


def test_what_was_answered_before_the_line_broke_is_kept() -> None:
    server = Server(lambda numbers: ServerUnreachable("no") if 201 in numbers else all_applied(numbers))
    queue = Queue(list(range(1, 301)))
    with pytest.raises(ServerUnreachable):
        push_round(server, queue, "e", stopping=go_on, limit=200)
    assert sorted(queue.answered) == list(range(1, 201))


def test_a_stopping_program_sends_no_further_batch() -> None:
    server = Server(all_applied)
    push_round(server, Queue([1]), "e", stopping=lambda: True)
    assert server.batches == []


@dataclass
class Taken:
    """A replica that remembers what it was given."""

    log: list[str] = field(default_factory=list)

    def view(self) -> ReplicaView:
        return ReplicaView(epoch="e", checkpoint=None, positions={"student": 5})

    def take_rows(self, frame: RowsFrame) -> int:
        self.log.append(f"rows {frame.kind} {frame.upto}")
        return len(frame.rows)

    def take_removals(self, frame: RemovedFrame) -> frozenset[str]:
        self.log.append(f"removed {frame.upto}")
        return frozenset({"order"})

    def take_end(self, end: PullEnd, header: PullHeader) -> tuple[str, ...]:
        self.log.append(f"end {header.epoch} {end.checkpoint}")
        return ("student",)


def test_a_pull_asks_from_its_positions_and_ends_with_the_checkpoint() -> None:
    server = Server(
        all_applied,
        frames=(
            header_at(NOON, estimate=3),
            RowsFrame(kind="student", upto=7, rows=[["a"], ["b"]]),
            RemovedFrame(upto=8, rows=[["order", "x", "moved", 8]]),
            end_of({}),
        ),
    )
    taken, said = Taken(), []
    pulled = pull_round(server, taken, "e", digest=True, progress=lambda done, about: said.append((done, about)))
    assert server.asked == [{"student": 5}]
    assert taken.log == ["rows student 7", "removed 8", "end epoch-1 c1"]
    assert (pulled.records, pulled.kinds, pulled.different) == (3, frozenset({"student", "order"}), ("student",))
    assert said[-1] == (3, 3)


def test_a_broken_pull_keeps_its_lines_and_has_no_end() -> None:
    server = Server(
        all_applied, frames=(header_at(NOON), RowsFrame(kind="student", upto=7, rows=[["a"]]), PullBroken("cut"))
    )
    taken = Taken()
    with pytest.raises(PullBroken):
        pull_round(server, taken, "e", digest=False, progress=lambda _done, _about: None)
    assert taken.log == ["rows student 7"]
