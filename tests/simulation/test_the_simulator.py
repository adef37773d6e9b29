"""The simulator itself: it repeats, it injects what it says, it shrinks, and it finds a bug when there is one."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from tests.simulation import planted
from tests.simulation.budget import CI_SEEDS
from tests.simulation.campaign import chosen, replay_command
from tests.simulation.schedule import NURSE_DOES, Act, Schedule, schedule_of
from tests.simulation.scheduler import Fiber, Killed, NeverQuiet, Scheduler, Wake
from tests.simulation.shrinking import Shrinking
from tests.simulation.world import VERBS, play, world_of

from wc_contract.model.kinds import STUDENT


def test_a_seed_is_played_alike_each_time() -> None:
    first, second = play(schedule_of(4)), play(schedule_of(4))
    assert (first.entries, first.events, first.injected) == (second.entries, second.events, second.injected)
    assert first.entries > 10


def test_what_is_left_of_a_schedule_does_what_it_did_in_the_whole() -> None:
    whole = schedule_of(9)
    some = frozenset(act.number for act in whole.acts if act.what in NURSE_DOES)
    left = whole.keeping(some)
    assert set(left.acts) < set(whole.acts)
    assert play(left.calm()).broken == ()


def test_every_act_of_every_schedule_is_one_that_the_world_can_do() -> None:
    done = {act.what for seed in range(1, CI_SEEDS + 1) for act in schedule_of(seed).acts}
    assert done == VERBS.keys()


def test_the_suite_injects_every_kind_of_fault() -> None:
    injected: Counter[str] = Counter()
    for seed in (20, 21, 26):
        injected.update(play(schedule_of(seed)).injected)
    for kind in ("network: lost", "network: cut", "network: slow", "delivered late again", "clock: jump"):
        assert injected[kind], kind
    assert any(name.startswith("disk ") for name in injected)
    assert any("crash" in name or "power cut" in name for name in injected)


def test_a_replay_command_names_exactly_what_was_played() -> None:
    whole = schedule_of(3)
    small = replace(whole, devices=1, acts=whole.acts[1:3]).calm()
    numbers = ",".join(str(act.number) for act in small.acts)
    assert replay_command(small) == f"python -m tests.simulation --seed 3 --devices 1 --calm --keep {numbers}"
    assert chosen(3, devices=1, keep=[act.number for act in small.acts], calm=True) == small
    assert replay_command(whole) == "python -m tests.simulation --seed 3"


def test_shrinking_keeps_only_what_the_failure_needs() -> None:
    whole = schedule_of(8)
    needed = {whole.acts[3].number, whole.acts[-2].number}

    def fails(schedule: Schedule) -> bool:
        return needed <= {act.number for act in schedule.acts}

    shrinking = Shrinking(fails)
    small = shrinking.shrink(whole)
    assert {act.number for act in small.acts} == needed
    assert small.weather == small.calm().weather
    assert small.devices == 1
    assert shrinking.tried > 0


@pytest.mark.parametrize("patch", planted.patches(), ids=lambda patch: patch.stem)
def test_a_planted_bug_still_fits_the_sources(patch: Path) -> None:
    with planted.planted(patch) as sources:
        assert (sources / "wc_contract").is_dir()


def test_there_are_at_least_ten_planted_bugs() -> None:
    assert len(planted.patches()) >= 10


def test_a_planted_bug_is_found() -> None:
    found = planted.hunt(planted.PATCHES / "forget_receipts.patch", 10)
    assert found.seed is not None
    assert found.said


def test_fibers_wait_in_virtual_time_and_in_order() -> None:
    scheduler, said = Scheduler(), []

    def body(name: str, pause: float) -> None:
        for _ in range(2):
            scheduler.sleep(pause)
            said.append((name, scheduler.now))

    scheduler.fiber(lambda: body("slow", 3.0))
    scheduler.fiber(lambda: body("fast", 2.0))
    scheduler.run(10.0)
    assert said == [("fast", 2.0), ("slow", 3.0), ("fast", 4.0), ("slow", 6.0)]


def test_a_roused_fiber_does_not_sleep_on_and_its_old_alarm_ends_no_later_sleep() -> None:
    scheduler, said = Scheduler(), []
    wake = Wake(scheduler)

    def body() -> None:
        wake.wait(50.0)
        said.append(scheduler.now)
        scheduler.sleep(100.0)
        said.append(scheduler.now)

    scheduler.fiber(body)
    scheduler.after(10.0, wake.set)
    scheduler.run(500.0)
    assert said == [10.0, 110.0]


def test_a_killed_fiber_runs_no_further_and_nothing_of_the_product_can_catch_that() -> None:
    scheduler, said = Scheduler(), []

    def body() -> None:
        try:
            scheduler.sleep(10.0)
        except Exception:  # noqa: BLE001  # as the product's last resort does
            said.append("caught")
        said.append("went on")

    fiber = scheduler.fiber(body)
    scheduler.after(1.0, fiber.kill)
    scheduler.run(20.0)
    assert fiber.ended
    assert said == []
    assert not issubclass(Killed, Exception)


def test_what_spins_is_told() -> None:
    scheduler = Scheduler(most_events=100)

    def again() -> None:
        scheduler.after(0.0, again)

    scheduler.after(0.0, again)
    with pytest.raises(NeverQuiet):
        scheduler.run(1.0)


def test_an_error_in_a_fiber_is_raised_where_the_schedule_is_run() -> None:
    scheduler = Scheduler()

    def body() -> None:
        raise LookupError("in a fiber")

    made = scheduler.fiber(body)
    with pytest.raises(LookupError):
        scheduler.run(1.0)
    assert isinstance(made, Fiber)


def test_nothing_authored_in_fair_weather_opens_a_case_or_is_lost() -> None:
    acts = tuple(
        Act(number=at, at=30.0 + at, what="dose", machine=at % 2, values=(at, 1, "ADMINISTERED")) for at in range(8)
    )
    outcome = play(replace(schedule_of(1), devices=2, acts=acts).calm())
    assert outcome.broken == ()
    assert outcome.entries == len(acts)
    assert not outcome.injected


def test_a_replica_that_quietly_lost_a_record_is_mended_and_told_of() -> None:
    with world_of(replace(schedule_of(1), devices=1, acts=()).calm()) as world:
        world.begin()
        assert world.live(60.0) == []
        desk = world.machines[0].desk
        assert desk is not None
        desk.records._connection.execute(f"DELETE FROM main.{STUDENT.table} WHERE rowid = 1")  # type: ignore[attr-defined]
        assert world.settle() == ["a replica differs in student, and is mended"]
        assert world.counts["replica compared by slices"] == 1
