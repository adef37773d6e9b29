"""What the command prints."""

import argparse
import sys
import time
from collections.abc import Callable

from tests.simulation.campaign import Tally, campaign, chosen, quiet, replay_command, shrunk
from tests.simulation.schedule import Act
from tests.simulation.world import Outcome, play

_SHOWN = 12


def many(options: argparse.Namespace) -> int:
    """Play many seeds; shrink the first that fails."""
    seeds = range(options.first, options.first + options.seeds)
    tally = campaign(seeds, options.jobs, _progress(len(seeds)), stop_at_first=options.stop_at_first)
    print(file=sys.stderr)
    print("\n".join(tally.lines()))
    for outcome in tally.failed[:5]:
        _tell(outcome)
    if tally.failed and options.shrink:
        print(f"\nshrinking seed {tally.failed[0].schedule.seed} …", flush=True)
        _tell(shrunk(tally.failed[0].schedule, options.shrink))
    return 1 if tally.failed else 0


def one(options: argparse.Namespace) -> int:
    """Play one schedule and tell its acts."""
    quiet()
    keep = None if options.keep is None else [int(number) for number in options.keep.split(",") if number]
    schedule = chosen(options.seed, devices=options.devices, keep=keep, calm=options.calm)
    print(f"seed {schedule.seed}: {schedule.devices} workstations, {schedule.weather}")
    for act in schedule.acts:
        print(_line(act))
    outcome = play(schedule)
    print("\n".join(f"  {name:<50}{count:>8}" for name, count in sorted(outcome.injected.items())))
    _tell(outcome)
    return 1 if outcome.broken else 0


def real(options: argparse.Namespace) -> int:
    """Play seeds over a real PostgreSQL."""
    from tests.simulation.postgres import playing_on_postgres

    quiet()
    tally, start = Tally(), time.monotonic()
    many_seeds = range(options.first, options.first + options.seeds)
    with playing_on_postgres() as play_real:
        for seed in many_seeds if options.seed is None else (options.seed,):
            outcome = play_real(seed)
            tally.add(outcome)
            tally.seconds = time.monotonic() - start
            _tell(outcome)
    print("\n".join(tally.lines()))
    return 1 if tally.failed else 0


def _tell(outcome: Outcome) -> None:
    if not outcome.broken:
        print(f"seed {outcome.schedule.seed}: every law holds; {outcome.entries} entries")
        return
    print(f"\nseed {outcome.schedule.seed} breaks {len(outcome.broken)}:")
    for said in outcome.broken[:_SHOWN]:
        print(f"  {said}")
    print(f"  again: {replay_command(outcome.schedule)}")


def _line(act: Act) -> str:
    return f"  {act.number:>3}  {act.at:8.1f} s  machine {act.machine}  {act.what} {' '.join(map(str, act.values))}"


def _progress(whole: int) -> Callable[[Tally], None]:
    def said(tally: Tally) -> None:
        rate = tally.schedules / max(tally.seconds, 0.001) * 60
        done = f"{tally.schedules}/{whole} schedules, {tally.entries} entries, {len(tally.failed)} failed"
        text = f"\r{done}, {rate:.0f}/min"
        print(text, end="", file=sys.stderr, flush=True)

    return said
