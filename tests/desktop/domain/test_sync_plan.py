"""What the loops do next, decided without clock or network."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desktop.clinic import SeededChance, uid

from wc_contract.model.ids import DeviceId
from wc_contract.wire.codes import Directive
from wc_desktop.domain.hybrid_clock import next_tick
from wc_desktop.domain.names import NamedChild, alike_names, sound_of
from wc_desktop.domain.sync_plan import (
    Listen,
    Pull,
    PullView,
    Push,
    PushView,
    Rebuild,
    Repair,
    Rest,
    SayHello,
    Standing,
    next_pull_step,
    next_push_step,
    retry_after,
    spread_of,
)

OK = Standing(epoch="e1", directive=Directive.OK, said_at=100.0)
PUSH = PushView(now=110.0, not_before=0.0, standing=OK, unsent=True)
PULL = PullView(
    now=110.0,
    not_before=0.0,
    standing=OK,
    replica_epoch="e1",
    beyond_repair=False,
    stale=False,
    compared_at=105.0,
    wants_digest=False,
)


def test_a_contact_begins_with_hello_and_is_renewed() -> None:
    assert next_push_step(replace(PUSH, standing=None)) == SayHello()
    assert next_push_step(replace(PUSH, now=2000.0)) == SayHello()


def test_what_waits_is_pushed_and_otherwise_it_rests_until_the_next_hello() -> None:
    assert next_push_step(PUSH) == Push(epoch="e1")
    assert next_push_step(replace(PUSH, unsent=False)) == Rest(seconds=890.0)


def test_nothing_is_tried_before_its_time() -> None:
    assert next_push_step(replace(PUSH, standing=None, not_before=115.0)) == Rest(seconds=5.0)
    assert next_pull_step(replace(PULL, stale=True, not_before=112.0)) == Rest(seconds=2.0)


@pytest.mark.parametrize(
    ("directive", "pushes", "pulls"),
    [
        (Directive.OK, True, True),
        (Directive.RECONCILE, True, True),
        (Directive.DRAIN_ONLY, True, False),
        (Directive.WIPE, True, False),
        (Directive.FORKED, False, False),
        (Directive.UPGRADE, True, False),
    ],
)
def test_directives_are_honoured(directive: Directive, pushes: bool, pulls: bool) -> None:
    standing = replace(OK, directive=directive)
    assert isinstance(next_push_step(replace(PUSH, standing=standing)), Push) is pushes
    assert isinstance(next_pull_step(replace(PULL, standing=standing, stale=True)), Pull) is pulls


def test_another_epoch_or_a_difference_rebuilds() -> None:
    assert next_pull_step(replace(PULL, replica_epoch="e0")) == Rebuild(epoch="e1")
    assert next_pull_step(replace(PULL, beyond_repair=True)) == Rebuild(epoch="e1")


def test_what_differs_is_repaired_once_what_waits_is_on_its_way() -> None:
    kinds = frozenset({"dose"})
    differing = replace(PULL, to_repair=kinds)
    assert next_pull_step(differing) == Repair(epoch="e1", kinds=kinds)
    assert isinstance(next_pull_step(replace(differing, sending=True)), Rest)
    # A push that does not come through holds no repair up.
    assert next_pull_step(replace(differing, sending=True, now=140.0)) == Repair(epoch="e1", kinds=kinds)
    assert next_pull_step(replace(differing, beyond_repair=True)) == Rebuild(epoch="e1")


def test_a_quiet_replica_listens_and_compares_now_and_then() -> None:
    assert isinstance(next_pull_step(PULL), Listen)
    assert next_pull_step(replace(PULL, stale=True)) == Pull(epoch="e1", digest=False)
    assert next_pull_step(replace(PULL, wants_digest=True)) == Pull(epoch="e1", digest=True)
    assert next_pull_step(replace(PULL, compared_at=None)) == Pull(epoch="e1", digest=True)
    assert next_pull_step(replace(PULL, now=1006.0)) == Pull(epoch="e1", digest=True)


@given(st.integers(1, 10_000), st.integers(0, 2**32))
def test_patience_grows_to_five_minutes_and_never_beyond(failures: int, seed: int) -> None:
    pause = retry_after(failures, SeededChance(seed))
    assert 0.5 <= pause <= 300.0
    assert pause >= min(2.0 ** min(failures - 1, 9), 300.0) / 2


def test_what_the_server_asks_for_is_never_undercut() -> None:
    pauses = {retry_after(1, SeededChance(seed), said=120) for seed in range(200)}
    assert min(pauses) >= 120.0
    assert max(pauses) <= 180.0
    assert len({round(pause) for pause in pauses}) > 30


def test_the_first_try_after_the_server_went_away_is_spread_over_seconds() -> None:
    pauses = [retry_after(1, SeededChance(seed)) for seed in range(500)]
    assert max(pauses) <= 4.0
    for second in range(4):
        assert any(second <= pause < second + 1 for pause in pauses)


def test_devices_that_began_to_listen_together_do_not_stay_together() -> None:
    spreads = [spread_of(SeededChance(seed)) for seed in range(200)]
    lasting = {
        step.seconds for each in spreads if isinstance(step := next_pull_step(replace(PULL, spread=each)), Listen)
    }
    assert lasting <= set(range(15, 26))
    assert len(lasting) > 5


def test_devices_that_greeted_together_do_not_greet_again_together() -> None:
    at = 100.0 + 900.0 * 0.9
    steps = {type(next_push_step(replace(PUSH, now=at, unsent=False, spread=each))) for each in (0.1, 0.9)}
    assert steps == {Rest, SayHello}


def test_five_hundred_workstations_do_not_come_back_in_one_second() -> None:
    pauses = {round(retry_after(9, SeededChance(seed))) for seed in range(500)}
    assert len(pauses) > 50


@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=20))
def test_the_logical_clock_only_goes_forward(steps: list[int]) -> None:
    from datetime import timedelta

    from tests.desktop.clinic import NOON

    ticks: list[str] = []
    for step in steps:
        ticks.append(next_tick(ticks[-1] if ticks else None, NOON + timedelta(milliseconds=step), DeviceId(uid("d"))))
    assert ticks == sorted(ticks)
    assert len(set(ticks)) == len(ticks)


def child(name: str, first: str, last: str, born: str = "2016-01-01", *, takes: bool = False) -> NamedChild:
    return NamedChild(id=name, first=first, last=last, born=born, grade="3", homeroom="5", takes_medicine=takes)


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        (("Sofia", "Martínez"), ("Sonia", "Martinez"), True),
        (("Ann", "Lee"), ("Bob", "Lee"), True),  # one birth date: twins
        (("Jon", "Smith"), ("John", "Smyth"), True),
        (("Ann", "Smith"), ("Bob", "Jones"), False),
        (("Ann", "Smith"), ("Bob", "Smyth"), False),
    ],
)
def test_names_that_are_mixed_up(a: tuple[str, str], b: tuple[str, str], alike: bool) -> None:
    found = alike_names([child("a", *a), child("b", *b)])
    assert bool(found) is alike
    assert set(found) == ({"a", "b"} if alike else set())


def test_one_surname_is_enough_in_the_queue_for_medicine_only() -> None:
    pair = (("a", "Ann", "Lee", "2014-01-01"), ("b", "Bob", "Lee", "2016-01-01"))
    assert alike_names([child(*one) for one in pair]) == {}
    assert set(alike_names([child(*one, takes=True) for one in pair])) == {"a", "b"}


def test_twins_come_first_and_not_too_many_are_named() -> None:
    many = [child(f"x{n}", f"Sam{n}", "Lee", f"2010-01-{n + 10}") for n in range(9)]
    found = alike_names([child("a", "Sue", "Lee"), child("twin", "Tim", "Lee"), *many])
    assert found["a"][0].startswith("LEE, Tim")
    assert len(found["a"]) == 4


@given(st.text())
def test_any_name_has_a_key(name: str) -> None:
    assert isinstance(sound_of(name), str)
