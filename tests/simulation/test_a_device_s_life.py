"""A device's life in any order: it writes, syncs, falls, is put back, its clock jumps; the laws hold after each step.

Hypothesis chooses and shrinks what a schedule's seed otherwise would.
"""

import itertools
from contextlib import ExitStack

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.simulation import district, laws
from tests.simulation.network import Weather
from tests.simulation.schedule import Act, Schedule
from tests.simulation.world import World, world_of

_SLOTS = tuple(itertools.product(range(len(district.SCHEDULED)), range(len(district.TIMES))))
machines = st.integers(0, 1)
states = st.sampled_from(["ADMINISTERED", "PARTIAL", "REFUSED", "ABSENT"])


class DeviceLife(RuleBasedStateMachine):
    """Two workstations and their server."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._numbers = itertools.count(1)
        self._copied = False
        self.world: World

    @initialize(seed=st.integers(0, 1_000), lost=st.sampled_from([0.0, 0.1]), cut=st.sampled_from([0.0, 0.2]))
    def enrol(self, seed: int, lost: float, cut: float) -> None:
        weather = Weather(lost=lost, cut=cut, doubled=0.1, batch=3)
        schedule = Schedule(seed=seed, devices=2, weather=weather, acts=())
        self.world = self._stack.enter_context(world_of(schedule))
        self.world.begin()
        assert self.world.live(60.0) == []

    @rule(machine=machines, slot=st.sampled_from(_SLOTS), state=states)
    def give(self, machine: int, slot: tuple[int, int], state: str) -> None:
        self._do("dose", machine, *slot, state)

    @rule(machine=machines, order=st.integers(0, len(district.AS_NEEDED) - 1))
    def give_as_needed(self, machine: int, order: int) -> None:
        self._do("as needed", machine, order)

    @rule(machine=machines, poison=st.sampled_from(["", "", "", "poison"]))
    def sign_an_incident(self, machine: int, poison: str) -> None:
        self._do("incident", machine, poison)

    @rule(machine=machines)
    def look(self, machine: int) -> None:
        self._do("look", machine)

    @rule(seconds=st.sampled_from([0.05, 1.0, 30.0, 300.0]))
    def time_passes(self, seconds: float) -> None:
        assert self.world.live(seconds) == []

    @rule(machine=machines, steps=st.integers(1, 12), how=st.sampled_from(["kill", "power"]))
    def fall_at_a_step(self, machine: int, steps: int, how: str) -> None:
        self._do("crash", machine, steps, how)

    @rule(machine=machines, steps=st.integers(1, 6), how=st.sampled_from(["enospc", "eio", "short"]))
    def let_the_disk_refuse(self, machine: int, steps: int, how: str) -> None:
        self._do("disk", machine, steps, how)

    @rule(machine=machines, how=st.sampled_from(["killed", "power", "lost tail"]))
    def fall(self, machine: int, how: str) -> None:
        self._do(how, machine)

    @rule(machine=machines, seconds=st.sampled_from([-3_600.0, 3 * 86_400.0, 700.0]))
    def jump(self, machine: int, seconds: float) -> None:
        self._do("jump", machine, seconds)

    @rule(machine=machines, seconds=st.sampled_from([5.0, 200.0]))
    def unplug(self, machine: int, seconds: float) -> None:
        self._do("unplugged", machine, seconds)

    @rule(trap=st.sampled_from(["crash before commit", "crash after commit", "unknown after commit"]))
    def let_the_server_fall(self, trap: str) -> None:
        self._do("server trap", 0, trap)

    @rule()
    def back_up_the_server(self) -> None:
        self._do("backup", 0)

    @rule()
    def put_the_server_back(self) -> None:
        self._do("restore backup", 0)

    @rule(machine=machines)
    def take_an_image(self, machine: int) -> None:
        self._do("image", machine)

    @precondition(lambda self: not self._copied)
    @rule(machine=machines)
    def put_the_image_back(self, machine: int) -> None:
        self._copied = bool(self.world.images)
        self._do("restore image", machine)

    @invariant()
    def everything_written_is_to_be_seen(self) -> None:
        if hasattr(self, "world"):
            assert self.world.told() == []
            assert [said for machine in self.world.machines for said in laws.unseen(self.world, machine)] == []

    def teardown(self) -> None:
        with self._stack:
            if hasattr(self, "world"):
                assert self.world.settle() == []

    def _do(self, what: str, machine: int, *values: float | str) -> None:
        self.world.do(Act(number=next(self._numbers), at=0.0, what=what, machine=machine, values=values))


TestDeviceLife = DeviceLife.TestCase
TestDeviceLife.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
