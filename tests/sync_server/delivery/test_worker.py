"""The worker carries what is due, waits longer after each failure, gives up at last, and holds up no one."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.factories import named

from wc_contract.model.ids import DistrictId
from wc_sync_server.db.errors import DatabaseUnavailable
from wc_sync_server.delivery.worker import Courier, Tally
from wc_sync_server.domain.messages import (
    TRIES,
    Channel,
    Delivered,
    Failed,
    Letter,
    Outcome,
    pause_after,
)

NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
ELM, OAK = DistrictId(named("elm")), DistrictId(named("oak"))


def letter(name: str, *, channel: Channel = Channel.WEBHOOK, attempt: int = 1) -> Letter:
    return Letter(id=named(name), kind="case_opened", channel=channel, payload={}, attempt=attempt, written_at=NOON)


@dataclass
class ShelfOutbox:
    """An outbox in memory; what PostgreSQL's does is proved in tests/sync_server/db/test_outbox.py."""

    waiting: dict[DistrictId, list[Letter]]
    settled: list[tuple[UUID, Outcome, timedelta | None]] = field(default_factory=list)
    broken: int = 0
    looks: list[DistrictId] = field(default_factory=list)

    def districts(self) -> tuple[tuple[DistrictId, str], ...]:
        if self.broken:
            self.broken -= 1
            raise DatabaseUnavailable("gone")
        return ((ELM, "elm"), (OAK, "oak"))

    def take(self, district: DistrictId, most: int) -> tuple[Letter, ...]:
        self.looks.append(district)
        letters = self.waiting.get(district, [])
        taken, self.waiting[district] = letters[:most], letters[most:]
        return tuple(taken)

    def settle(self, _district: DistrictId, letter: Letter, outcome: Outcome, pause: timedelta | None) -> None:
        self.settled.append((letter.id, outcome, pause))


@dataclass
class Porter:
    """Carries letters with a given outcome, and keeps them."""

    outcome: Outcome
    carried: list[Letter] = field(default_factory=list)

    def carry(self, letter: Letter) -> Outcome:
        self.carried.append(letter)
        return self.outcome


def courier(outbox: ShelfOutbox, carriers: Mapping[str, Mapping[Channel, Porter]]) -> Courier:
    return Courier(outbox=outbox, carriers=carriers, jitter=lambda: 1.0)


def test_a_letter_goes_to_its_own_district_by_its_own_channel() -> None:
    porters = {(code, channel): Porter(Delivered()) for code in ("elm", "oak") for channel in Channel}
    carriers = {code: {c: porters[code, c] for c in Channel} for code in ("elm", "oak")}
    mine, theirs = letter("one", channel=Channel.EMAIL), letter("two")
    outbox = ShelfOutbox({ELM: [mine], OAK: [theirs]})
    assert courier(outbox, carriers).round() == Tally(delivered=2)
    assert porters["elm", Channel.EMAIL].carried == [mine]
    assert porters["oak", Channel.WEBHOOK].carried == [theirs]
    assert [id_ for id_, outcome, _ in outbox.settled if outcome == Delivered()] == [mine.id, theirs.id]


def test_a_channel_that_is_no_longer_set_fails_with_that_code() -> None:
    outbox = ShelfOutbox({ELM: [letter("one")]})
    assert courier(outbox, {}).round() == Tally(failed=1)
    ((_, outcome, pause),) = outbox.settled
    assert outcome == Failed(code="not_configured")
    assert pause == timedelta(seconds=30)


@pytest.mark.logs_warnings
def test_the_last_try_leaves_a_dead_letter() -> None:
    outbox = ShelfOutbox({ELM: [letter("one", attempt=TRIES)]})
    assert courier(outbox, {}).round() == Tally(failed=1, dead=1)
    assert outbox.settled[0][2] is None


def test_districts_take_turns() -> None:
    outbox = ShelfOutbox({ELM: [letter(f"elm {n}") for n in range(9)], OAK: [letter("oak")]})
    porter = Porter(Failed(code="timeout"))
    courier(outbox, {code: {Channel.WEBHOOK: porter} for code in ("elm", "oak")}).round()
    places = [one.id for one in porter.carried]
    assert len(places) == 10
    assert places.index(named("oak")) < places.index(named("elm 8"))


def test_who_is_told_to_stop_takes_no_further_letters() -> None:
    stop = threading.Event()

    @dataclass
    class LastPorter(Porter):
        def carry(self, letter: Letter) -> Outcome:
            stop.set()
            return super().carry(letter)

    outbox = ShelfOutbox({ELM: [letter(f"elm {n}") for n in range(9)], OAK: [letter("oak")]})
    porter = LastPorter(Delivered())
    courier(outbox, {code: {Channel.WEBHOOK: porter} for code in ("elm", "oak")}).round(stop)
    assert outbox.looks == [ELM]
    assert len(outbox.settled) == len(porter.carried) < 9, "what was taken is carried"


@pytest.mark.logs_warnings
def test_a_database_that_is_away_is_waited_for() -> None:
    stop, porter = threading.Event(), Porter(Delivered())
    outbox = ShelfOutbox({ELM: [letter("one")]}, broken=2)
    working = courier(outbox, {"elm": {Channel.WEBHOOK: porter}})
    thread = threading.Thread(target=working.run, args=(stop, 0.01))
    thread.start()
    try:
        while not outbox.settled:
            stop.wait(0.01)
    finally:
        stop.set()
        thread.join()
    assert porter.carried == [letter("one")]


def test_pauses_double_up_to_six_hours_and_outlast_a_weekend() -> None:
    pauses = [pause_after(attempt, lambda: 1.0) for attempt in range(1, TRIES + 1)]
    assert pauses[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert pauses[-1] is None
    known: Iterable[timedelta] = [pause for pause in pauses if pause is not None]
    assert max(known) == timedelta(hours=6)
    assert sum(known, timedelta()) > timedelta(hours=60)
    assert pause_after(4, lambda: 0.0) == timedelta(minutes=2)
    assert replace(letter("one"), attempt=2).id == letter("one").id
