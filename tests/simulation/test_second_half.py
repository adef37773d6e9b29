"""Schedules of every run of the suite, the second half: two files, so that two workers share them."""

import pytest
from tests.simulation.budget import handfuls
from tests.simulation.campaign import replay_command
from tests.simulation.schedule import schedule_of
from tests.simulation.world import play


@pytest.mark.parametrize("seeds", handfuls(1), ids=str)
def test_every_law_holds_in_the_schedules_of(seeds: tuple[int, ...]) -> None:
    for seed in seeds:
        outcome = play(schedule_of(seed))
        assert not outcome.broken, f"{outcome.broken[:5]}\nagain: {replay_command(outcome.schedule)}"
