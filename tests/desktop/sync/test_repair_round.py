"""One repair against a scripted server: what is asked, in how many requests, and when it is not worth it."""

# ruff: noqa: ARG002  # what a test puts in a port's place keeps its names

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from tests.desktop.clinic import NOON, header_at, uid

from wc_contract.wire.digests import slice_of
from wc_contract.wire.messages import (
    Hello,
    HelloAnswer,
    Manifest,
    ManifestAnswer,
    PushAnswer,
    Repair,
    RepairEnd,
    SealedEntry,
)
from wc_contract.wire.versions import MAX_COMPARED
from wc_desktop.domain.failures import ServerFailed
from wc_desktop.sync.gateway import Frame, GoneFrame, RepairFrame, RowsFrame
from wc_desktop.sync.repair import Repaired, repair_round


@dataclass
class Held:
    """A replica of one kind."""

    records: dict[str, int]
    log: list[str] = field(default_factory=list)

    def count(self) -> int:
        return len(self.records)

    def some(self, kind: str, after: int) -> Sequence[tuple[str, int, int]]:
        rows = [(record, version, at) for at, (record, version) in enumerate(self.records.items(), 1)]
        return rows[after : after + 1000]

    def replace(self, kind: str, rows: Sequence[Sequence[object]]) -> int:
        self.records |= {str(row[0]): int(str(row[-1])) for row in rows}
        return len(rows)

    def keep_unknown(self, kind: str, unknown: Mapping[str, Mapping[str, object]]) -> None:
        self.log.append(f"unknown {len(unknown)}")

    def remove(self, kind: str, ids: Sequence[str]) -> int:
        return sum(self.records.pop(each, None) is not None for each in ids)


@dataclass
class Server:
    """Finds every slice that it is told of different, and answers each request with the same frames."""

    records: int
    frames: Sequence[RepairFrame]
    asked: list[int] = field(default_factory=list)

    def manifest(self, message: Manifest) -> ManifestAnswer:
        slices = {kind: tuple(one.slice for one in told) for kind, told in message.slices.items()}
        return ManifestAnswer(protocol=1, differing=slices, records=self.records)

    @contextmanager
    def repair(self, message: Repair) -> Iterator[Iterator[RepairFrame]]:
        self.asked.append(sum(len(one.records) for one in message.held))
        yield iter(self.frames)

    def hello(self, message: Hello) -> HelloAnswer:
        raise AssertionError

    def push(self, epoch: str, entries: Sequence[SealedEntry]) -> PushAnswer:
        raise AssertionError

    @contextmanager
    def pull(self, epoch: str, since: Mapping[str, int], *, digest: bool) -> Iterator[Iterator[Frame]]:
        raise AssertionError
        yield

    def wait(self, epoch: str, checkpoint: str | None, seconds: int) -> bool:
        raise AssertionError

    def stop_listening(self) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


def many(count: int) -> dict[str, int]:
    return {str(uid(f"dose {number}")): number for number in range(count)}


def mended(server: Server, held: Held) -> Repaired:
    return repair_round(server, held, "e", ["dose"], progress=lambda _done, _about: None)


def test_no_request_names_more_records_than_may_be_named() -> None:
    held = Held(many(25_000))
    server = Server(records=9_000, frames=(header_at(NOON), RepairEnd(frame="end", sent=0, gone=0)))
    assert mended(server, held) == Repaired()
    assert sum(server.asked) == 25_000
    assert max(server.asked) <= MAX_COMPARED // 2
    assert len(server.asked) == 3


def test_where_most_would_have_to_be_looked_through_nothing_is_asked_for() -> None:
    server = Server(records=6_000, frames=())
    assert mended(server, Held(many(8_000))).too_much is True
    assert server.asked == []


def test_an_id_that_no_record_can_have_goes_at_once_and_the_rest_is_compared() -> None:
    good = str(uid("dose"))
    held = Held({good: 1, good.upper(): 1, "no id at all": 1})
    fresh = str(uid("another"))
    frames = (
        header_at(NOON, estimate=1),
        RowsFrame(kind="dose", upto=0, rows=[[fresh, 7]], unknown={fresh: {"later": 1}}),
        GoneFrame(kind="dose", ids=[good]),
        RepairEnd(frame="end", sent=1, gone=1),
    )
    assert mended(Server(records=1, frames=frames), held) == Repaired(fetched=1, removed=3, kinds=frozenset({"dose"}))
    assert (held.records, held.log) == ({fresh: 7}, ["unknown 1"])
    assert 0 <= slice_of(fresh) < 256


def test_a_repair_of_another_length_than_it_says_is_no_repair() -> None:
    server = Server(records=1, frames=(header_at(NOON), RepairEnd(frame="end", sent=2, gone=0)))
    with pytest.raises(ServerFailed):
        mended(server, Held(many(3)))
