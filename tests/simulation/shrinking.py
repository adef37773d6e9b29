"""Making a failing schedule small: fewer machines, better weather, fewer acts, as long as some law stays broken."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tests.simulation.schedule import Schedule

Fails = Callable[[Schedule], bool]


@dataclass(slots=True)
class Shrinking:
    """Tries smaller schedules until nothing can go, or patience ends. tried counts the runs."""

    fails: Fails
    seconds: float = 120.0
    monotonic: Callable[[], float] = field(default=time.monotonic)
    tried: int = 0

    def shrink(self, schedule: Schedule) -> Schedule:
        """Return the smallest schedule found that still fails."""
        end = self.monotonic() + self.seconds
        smallest, before = schedule, None
        while smallest is not before and self.monotonic() < end:
            before = smallest
            for smaller in _fewer_machines(smallest):
                if self._still(smaller, end):
                    smallest = smaller
                    break
            if smallest.weather != smallest.calm().weather and self._still(smallest.calm(), end):
                smallest = smallest.calm()
            smallest = self._fewer_acts(smallest, end)
        return smallest

    def _fewer_acts(self, schedule: Schedule, end: float) -> Schedule:
        """Drop acts in stretches, long ones first, then one by one."""
        length = max(len(schedule.acts) // 2, 1)
        while length:
            start = 0
            while start < len(schedule.acts):
                smaller = replace(schedule, acts=schedule.acts[:start] + schedule.acts[start + length :])
                if self._still(smaller, end):
                    schedule = smaller
                else:
                    start += length
            length //= 2
        return schedule

    def _still(self, schedule: Schedule, end: float) -> bool:
        if self.monotonic() >= end:
            return False
        self.tried += 1
        return self.fails(schedule)


def _fewer_machines(schedule: Schedule) -> Iterator[Schedule]:
    """Yield the schedule with the acts of the first machines only, and with the others' given to them."""
    for devices in range(1, schedule.devices):
        acts = tuple(act for act in schedule.acts if act.machine < devices)
        yield replace(schedule, devices=devices, acts=acts)
        yield replace(schedule, devices=devices)
