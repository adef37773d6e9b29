"""Many schedules: played in several processes, counted, and reported."""

import logging
import multiprocessing
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace

import structlog
from tests.simulation.schedule import Schedule, schedule_of
from tests.simulation.shrinking import Shrinking
from tests.simulation.world import Outcome, play

_AT_A_TIME = 5


@dataclass(slots=True)
class Tally:
    """What a campaign came to. survived are the faults of schedules that broke no law."""

    schedules: int = 0
    entries: int = 0
    machines: int = 0
    injected: Counter[str] = field(default_factory=Counter)
    survived: Counter[str] = field(default_factory=Counter)
    failed: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        self.schedules += 1
        self.entries += outcome.entries
        self.machines += outcome.schedule.devices
        self.injected.update(outcome.injected)
        if outcome.broken:
            self.failed.append(outcome)
        else:
            self.survived.update(outcome.injected)

    def lines(self) -> Iterator[str]:
        """Yield the table."""
        yield _line("schedules", self.schedules)
        yield _line("workstations", self.machines)
        yield _line("entries authored", self.entries)
        yield ""
        yield _line("faults", "injected", "survived")
        for name, count in sorted(self.injected.items()):
            yield _line(f"  {name}", count, self.survived[name])
        yield _line("  all of them", self.injected.total(), self.survived.total())
        yield ""
        yield _line("schedules that broke a law", len(self.failed))
        yield _line("seconds", f"{self.seconds:.1f}")
        yield _line("schedules a minute", f"{self.schedules / max(self.seconds, 0.001) * 60:.0f}")


def _line(name: str, *values: object) -> str:
    return f"{name:<50}" + "".join(f"{value:>10}" for value in values)


def quiet() -> None:
    """Keep what the server logs of forks out of the table: the laws ask for each of them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def replay_command(schedule: Schedule) -> str:
    """Return the command that plays a schedule again."""
    full = schedule_of(schedule.seed)
    words = ["python", "-m", "tests.simulation", "--seed", str(schedule.seed)]
    if schedule.devices != full.devices:
        words += ["--devices", str(schedule.devices)]
    if schedule.weather != full.weather:
        words += ["--calm"]
    if schedule.acts != full.acts:
        words += ["--keep", ",".join(str(act.number) for act in schedule.acts)]
    return shlex.join(words)


def chosen(seed: int, *, devices: int | None, keep: Iterable[int] | None, calm: bool) -> Schedule:
    """Return what replay_command names."""
    schedule = schedule_of(seed)
    if devices is not None:
        schedule = replace(schedule, devices=devices)
    if keep is not None:
        schedule = schedule.keeping(frozenset(keep))
    return schedule.calm() if calm else schedule


def play_seeds(seeds: list[int]) -> list[Outcome]:
    """Play some seeds one after another."""
    quiet()
    return [play(schedule_of(seed)) for seed in seeds]


def campaign(seeds: range, jobs: int, progress: Callable[[Tally], None], *, stop_at_first: bool = False) -> Tally:
    """Play every seed; progress hears of each handful."""
    tally, start = Tally(), time.monotonic()
    size = 1 if stop_at_first else _AT_A_TIME
    handfuls = [list(seeds[at : at + size]) for at in range(0, len(seeds), size)]
    for outcomes in _played(handfuls, jobs):
        for outcome in outcomes:
            tally.add(outcome)
        tally.seconds = time.monotonic() - start
        progress(tally)
        if tally.failed and stop_at_first:
            break
    tally.failed.sort(key=_seed)
    return tally


def _played(handfuls: list[list[int]], jobs: int) -> Iterator[list[Outcome]]:
    if jobs <= 1:
        yield from map(play_seeds, handfuls)
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(play_seeds, handful) for handful in handfuls]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _seed(outcome: Outcome) -> int:
    return outcome.schedule.seed


def shrunk(schedule: Schedule, seconds: float) -> Outcome:
    """Return the outcome of the smallest schedule found that still fails."""
    smallest = Shrinking(_breaks, seconds).shrink(schedule)
    return play(smallest)


def _breaks(schedule: Schedule) -> bool:
    return bool(play(schedule).broken)
