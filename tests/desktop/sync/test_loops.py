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
from wc_desktop.domain.failures import BatchTooLarge, PullBroken, ServerSlow, ServerUnreachable
from wc_desktop.sync.files import ReplicaView
from wc_desktop.sync.gateway import Frame, RemovedFrame, RowsFrame
from wc_desktop.sync.pull_loop import pull_round
from wc_desktop.sync.push_loop import push_round


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
    queue, server = Queue(list(range(1, 451))), Server(all_applied)
    pushed = push_round(server, queue, "e", stopping=go_on)
    assert [len(batch) for batch in server.batches] == [200, 200, 50]
    assert (pushed.answered, pushed.settled, pushed.too_large) == (450, 450, ())


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
        push_round(server, queue, "e", stopping=go_on)
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
