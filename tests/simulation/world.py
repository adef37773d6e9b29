"""A run: machines, server, network and what a schedule does to them, until everything is quiet again."""

import gc
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from tests import factories as make
from tests.simulation import at_the_desk, district, laws
from tests.simulation.disk import Disk, Edges, Trap, exchanged
from tests.simulation.ledger import Ledger
from tests.simulation.machine import Image, Machine
from tests.simulation.memory import Store
from tests.simulation.network import CALM, Line
from tests.simulation.office import WORK, office
from tests.simulation.schedule import NURSE_DOES, OFFICE_DOES, SPAN, Act, Schedule
from tests.simulation.scheduler import START, DeviceClock, NeverQuiet, Scheduler
from tests.simulation.server import Backend, MemoryBackend, Server

from wc_contract.model.changes import Change, SlotRef
from wc_contract.model.ids import DoseId, IncidentId, order_version_id, slot_id
from wc_contract.model.instants import Instant, whole_millis
from wc_contract.model.values import DoseState
from wc_contract.wire.codes import Directive
from wc_desktop.actions.desk import Desk

_ROUNDS = 20
_ROUND = 90.0
_BACKUPS_KEPT = 8
BackendMaker = Callable[[Store, Callable[[], Instant]], Backend]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to. broken says which laws do not hold; injected counts the faults by kind."""

    schedule: Schedule
    broken: tuple[str, ...]
    entries: int
    injected: Mapping[str, int] = field(repr=False)
    events: int


def play(schedule: Schedule, *, backend: BackendMaker = MemoryBackend) -> Outcome:
    """Play a schedule to its quiet end and check the laws."""
    with world_of(schedule, backend=backend) as world:
        broken = world.run()
    return Outcome(
        schedule=schedule,
        broken=tuple(broken),
        entries=len(world.ledger.authored),
        injected=dict(world.counts),
        events=world.scheduler.events,
    )


@contextmanager
def world_of(schedule: Schedule, *, backend: BackendMaker = MemoryBackend) -> Iterator["World"]:
    """Give a world in which nothing has happened yet; its files go with it."""
    thresholds, edges = gc.get_threshold(), Edges()
    with tempfile.TemporaryDirectory(prefix="wc-sim-", dir=_fast_folder()) as folder, exchanged(edges):
        world = World(schedule, Path(folder), edges, backend)
        try:
            yield world
        finally:
            world.close()
            # Pulls that overlapped have each set back what the other had set.
            gc.set_threshold(*thresholds)


def _fast_folder() -> str | None:
    """Return where files are in memory, None where the system has no such place."""
    memory = Path("/dev") / "shm"
    return str(memory) if memory.is_dir() else None


class World:
    """Everything of one run."""

    def __init__(self, schedule: Schedule, folder: Path, edges: Edges, backend: BackendMaker) -> None:
        self.schedule = schedule
        self.folder = folder
        self.edges = edges
        self.scheduler = Scheduler()
        self.counts: Counter[str] = Counter()
        self.ledger = Ledger()
        self.backend = backend(district.opening_store(schedule.devices), self._server_now)
        self.server = Server(
            self.backend,
            district.DISTRICT,
            self._server_now,
            self.counts,
            scheduler=self.scheduler,
            random=Random(f"{schedule.seed} server"),
        )
        self.machines: list[Machine] = []
        self.backups: list[object] = []
        self.taken: object | None = None
        self.images: dict[int, tuple[Image, set[str]]] = {}
        self._folders = 0

    def _server_now(self) -> Instant:
        return whole_millis(START + timedelta(seconds=self.scheduler.now))

    # The run.

    def begin(self) -> None:
        """Start the server, and enrol the workstations."""
        self.server.start()
        for number in range(self.schedule.devices):
            self._add_machine(number)

    def run(self) -> list[str]:
        """Play the schedule; return every breach of a law."""
        self.begin()
        for act in self.schedule.acts:
            self.scheduler.after(act.at, self._doing(act))
        if any(act.what == "failover" for act in self.schedule.acts):
            for number in range(1, int(SPAN // 100)):
                self.scheduler.after(number * 100.0, self._back_up)
        return self.live(SPAN) or self.settle()

    def live(self, seconds: float) -> list[str]:
        """Let time pass; return what spun."""
        try:
            self.scheduler.run(self.scheduler.now + seconds)
        except NeverQuiet as error:
            return [f"never quiet: {error}", *self.told()]
        return []

    def settle(self) -> list[str]:
        """Let everything come to rest; return every breach of a law."""
        try:
            quiet = self._calm_down()
        except NeverQuiet as error:
            return [f"never quiet: {error}", *self.told()]
        return [*self.told(), *quiet, *laws.broken(self)]

    def do(self, act: Act) -> None:
        """Do one act now."""
        self._doing(act)()

    def close(self) -> None:
        self.scheduler.close()
        for machine in self.machines:
            machine.shut_down()

    def told(self) -> list[str]:
        """Return what was noticed on the way."""
        return [said for machine in self.machines for said in machine.broken] + self.server.broken

    def _add_machine(self, number: int, *, copy_of: Machine | None = None) -> Machine:
        name = f"machine {len(self.machines)}"
        random = Random(f"{self.schedule.seed} {name}")
        line = Line(self.scheduler, self.server, random, self.counts, self.schedule.weather)
        folder = self.new_folder()
        machine = Machine(
            name=name,
            identity=district.identity_of(number) if copy_of is None else copy_of.identity,
            scheduler=self.scheduler,
            server=self.server,
            edges=self.edges,
            random=random,
            line=line,
            counts=self.counts,
            ledger=self.ledger,
            user=district.user_of(number),
            clock=DeviceClock(self.scheduler),
            disk=Disk(folder, random, self.counts),
            chance=make.SeededChance(self.schedule.seed * 1_000 + len(self.machines)),
        )
        self.machines.append(machine)
        self.ledger.held.setdefault(name, set())
        if copy_of is None:
            machine.enrol()
            self.scheduler.after(random.uniform(0.0, 20.0), machine.start)
        return machine

    def new_folder(self) -> Path:
        self._folders += 1
        return self.folder / f"{self._folders}"

    def _doing(self, act: Act) -> Callable[[], None]:
        def do() -> None:
            VERBS[act.what](self, act, Random(f"{self.schedule.seed} act {act.number}"))

        return do

    def _back_up(self) -> None:
        if self.server.up:
            self.backups = [*self.backups[-_BACKUPS_KEPT:], self.backend.back_up()]

    # The end.

    def _calm_down(self) -> list[str]:
        """End every fault, and let everything come to rest."""
        self.server.trap = None
        for machine in self.machines:
            machine.line.weather = CALM
            machine.line.plugged = True
            machine.disk.trap = None
        if not self.server.up:
            self.server.start()
        for _ in range(_ROUNDS):
            for machine in self.machines:
                machine.disk.trap = None
                machine.start()
                if machine.loops is not None:
                    machine.loops.wake()
            self.scheduler.run(self.scheduler.now + _ROUND)
            if all(self.at_rest(machine) for machine in self.machines):
                break
        else:
            return [f"{machine.name} never came to rest: {self._state(machine)}" for machine in self._restless()]
        self._compare()
        return []

    def _compare(self) -> None:
        for machine in self.machines:
            if machine.desk is not None and machine.loops is not None:
                machine.desk.wants_digest = True
                machine.loops.wake()
        self.scheduler.run(self.scheduler.now + _ROUND)

    def at_rest(self, machine: Machine) -> bool:
        """Whether a machine has nothing left to do; one that the district has stopped has nothing to do."""
        if machine.desk is None or machine.loops is None:
            return False
        if self.is_forked(machine):
            return machine.loops.directive == Directive.FORKED.value
        records = machine.desk.records
        epoch = self.backend.epoch
        if records.epoch != epoch or any(row[4] != epoch for row in machine.journal_rows()):  # type: ignore[attr-defined]
            return False
        return not self.server.has_moved(machine.identity.device, epoch, records.checkpoint)  # type: ignore[attr-defined]

    def is_forked(self, machine: Machine) -> bool:
        return self.backend.device(machine.identity.device).status.value == "FORKED"

    def _restless(self) -> list[Machine]:
        return [machine for machine in self.machines if not self.at_rest(machine)]

    def _state(self, machine: Machine) -> str:
        loops = machine.loops
        said = "off" if loops is None else f"directive {loops.directive}"
        return f"{said}, problems {dict(machine.problems)}"

    # What a nurse writes.

    def nurse(self, machine: Machine, work: Callable[[Desk], object]) -> None:
        """Let somebody at a machine do something; when the disk refuses, they try once more."""
        if machine.does(work):
            machine.does(work)

    def author(self, machine: Machine, changes: Sequence[Change]) -> None:
        """Let the nurse at a machine write an entry."""
        self.nurse(machine, lambda desk: desk.author(changes, machine.clock.now()))

    def poison(self, record: object) -> None:
        """The database will not take a record."""
        self.counts["entries the database will not take"] += 1
        self.server.poison |= {str(record)}

    def machine_of(self, act: Act) -> Machine:
        """Return the machine that an act happens at."""
        return self.machines[act.machine % len(self.machines) if act.machine >= 0 else -1]

    def on_server(self) -> set[str]:
        """Return the hashes of all texts that the server has."""
        store = self.backend.store()
        return {stored.receipt.hash for stored in store.receipts.values()} | {text for _, text in store.kept}


# What acts do. A further kind of change, fault or work of the office is one function here and its name in a schedule.


def _at(machine: Machine) -> Instant:
    return machine.clock.now()


def _dose_change(world: World, act: Act, random: Random) -> Change:
    machine = world.machine_of(act)
    order, slot_at, state = int(act.values[0]), int(act.values[1]), DoseState(str(act.values[2]))
    order_id, nominal = district.SCHEDULED[order], district.TIMES[slot_at]
    return make.dose_logged(
        id=DoseId(make.named(f"{world.schedule.seed} dose {act.number} {random.random()}")),
        student_id=district.STUDENTS[order],
        order_id=order_id,
        order_version_id=order_version_id(order_id, 1),
        medication_id=district.MEDICATION,
        slot=SlotRef(id=slot_id(order_id, make.SCHOOL_DAY, nominal), date=make.SCHOOL_DAY, time=nominal),
        status=state,
        administered_at=_at(machine),
        reason="said so" if state.needs_reason else None,
        dose_given=Decimal(5) if state.given else None,
        unit="mg" if state.given else None,
    )


def _dose(world: World, act: Act, random: Random) -> None:
    world.author(world.machine_of(act), [_dose_change(world, act, random)])


def _as_needed(world: World, act: Act, random: Random) -> None:
    machine, number = world.machine_of(act), int(act.values[0])
    order = district.AS_NEEDED[number]
    dose = make.dose_logged(
        id=DoseId(make.named(f"{world.schedule.seed} as needed {act.number} {random.random()}")),
        student_id=district.STUDENTS[number],
        order_id=order,
        order_version_id=order_version_id(order, 1),
        medication_id=district.RELIEVER,
        slot=None,
        administered_at=_at(machine) - timedelta(seconds=random.randint(0, 600)),
        reason="wheezing",
    )
    world.author(machine, [dose])


def _incident_change(world: World, act: Act, random: Random) -> Any:
    at = _at(world.machine_of(act))
    return make.incident_signed(
        id=IncidentId(make.named(f"{world.schedule.seed} incident {act.number} {random.random()}")),
        student_id=random.choice(district.STUDENTS),
        occurred_at=at - timedelta(minutes=5),
        notifications=(),
        signed_at=at,
    )


def _incident(world: World, act: Act, random: Random) -> None:
    report = _incident_change(world, act, random)
    if act.values and act.values[0] == "poison":
        world.poison(report.id)
    world.author(world.machine_of(act), [report])


def _dose_and_incident(world: World, act: Act, random: Random) -> None:
    world.author(world.machine_of(act), [_dose_change(world, act, random), _incident_change(world, act, random)])


def _look(world: World, act: Act, random: Random) -> None:
    machine = world.machine_of(act)
    look = make.access_recorded(entity_id=str(random.choice(district.STUDENTS)), at=_at(machine))
    world.author(machine, [look])
    if machine.desk is not None:
        machine.broken += laws.unseen(world, machine)


def _crash(world: World, act: Act, _random: Random) -> None:
    world.machine_of(act).disk.trap = Trap(steps=int(act.values[0]), how=str(act.values[1]))


def _plug(world: World, act: Act, _random: Random) -> None:
    world.machine_of(act).pull_plug(power=act.what == "power")


def _lost_tail(world: World, act: Act, _random: Random) -> None:
    machine = world.machine_of(act)
    if machine.desk is not None:
        journal = machine.disk
        machine.pull_plug(power=True)
        journal.lose_tail()


def _unplugged(world: World, act: Act, _random: Random) -> None:
    line = world.machine_of(act).line
    line.plugged = False
    world.counts["network: unplugged"] += 1

    def plug() -> None:
        line.plugged = True

    world.scheduler.after(float(act.values[0]), plug)


def _jump(world: World, act: Act, _random: Random) -> None:
    world.counts["clock: jump"] += 1
    world.machine_of(act).jump(timedelta(seconds=float(act.values[0])))


def _drift(world: World, act: Act, _random: Random) -> None:
    world.counts["clock: drift"] += 1
    world.machine_of(act).clock.drift = float(act.values[0])


def _lock(world: World, act: Act, _random: Random) -> None:
    machine = world.machine_of(act)
    if machine.desk is not None:
        world.counts["locked and unlocked"] += 1
        machine.shut_down()
        world.scheduler.after(float(act.values[0]), machine.start)


def _image(world: World, act: Act, _random: Random) -> None:
    machine = world.machine_of(act)
    if machine.desk is not None:
        held = set(world.ledger.held[machine.name])
        world.images[act.machine] = machine.image(world.new_folder()), held


def _restore_image(world: World, act: Act, _random: Random) -> None:
    machine = world.machine_of(act)
    if act.machine not in world.images:
        return
    image, held = world.images[act.machine]
    world.counts["files put back from an image"] += 1
    machine.off()
    machine.take_image(image, world.new_folder())
    before = world.ledger.held[machine.name]
    world.ledger.held[machine.name] = set(held)
    world.ledger.lost(before, world.on_server())
    machine.wanted_on = True
    world.scheduler.after(5.0, machine.start)


def _clone(world: World, act: Act, _random: Random) -> None:
    machine = world.machine_of(act)
    if machine.desk is None:
        return
    world.counts["files copied to a second machine"] += 1
    twin = world._add_machine(act.machine, copy_of=machine)
    twin.disk.folder = machine.image(world.new_folder())
    world.ledger.held[twin.name] = set(world.ledger.held[machine.name])
    twin.start()


def _server_stops(world: World, act: Act, _random: Random) -> None:
    if world.server.up:
        world.counts["server: stopped"] += 1
        world.server.stop()
        world.server.tell()
        world.scheduler.after(float(act.values[0]), world.server.start)


def _server_trap(world: World, act: Act, _random: Random) -> None:
    world.server.trap = str(act.values[0])

    def back_up() -> None:
        if not world.server.up:
            world.server.start()

    for seconds in (20.0, 60.0, 200.0, 900.0):
        world.scheduler.after(seconds, back_up)


def _take_backup(world: World, _act: Act, _random: Random) -> None:
    world.taken = world.backend.back_up()


def _restore_backup(world: World, _act: Act, _random: Random) -> None:
    if world.taken is not None:
        world.counts["server: restored to an older state"] += 1
        _go_back_to(world, world.taken)


def _failover(world: World, act: Act, _random: Random) -> None:
    if world.backups:
        world.counts["server: failed over"] += 1
        _go_back_to(world, world.backups[-min(int(act.values[0]), len(world.backups))])


def _go_back_to(world: World, backup: object) -> None:
    before = world.on_server()
    world.server.stop()
    world.backend.restore(backup)
    world.backups.clear()
    world.ledger.lost(before, world.on_server())
    world.server.start()
    world.server.tell()


VERBS: dict[str, Callable[[World, Act, Random], None]] = {
    "dose": _dose,
    "as needed": _as_needed,
    "incident": _incident,
    "dose and incident": _dose_and_incident,
    "look": _look,
    "visit": at_the_desk.visit,
    "new contact": at_the_desk.new_contact,
    "addendum": at_the_desk.addendum,
    "take from shelf": at_the_desk.take_from_shelf,
    "change contact": at_the_desk.change_contact,
    "change allergy": at_the_desk.change_allergy,
    "change order": at_the_desk.change_order,
    "stop order": at_the_desk.stop_order,
    "correct": at_the_desk.correct,
    "answer": at_the_desk.answer,
    "say again": at_the_desk.say_again,
    **dict.fromkeys(WORK, office),
    "crash": _crash,
    "disk": _crash,
    "killed": _plug,
    "power": _plug,
    "lost tail": _lost_tail,
    "unplugged": _unplugged,
    "jump": _jump,
    "drift": _drift,
    "lock": _lock,
    "image": _image,
    "restore image": _restore_image,
    "clone": _clone,
    "server stops": _server_stops,
    "server trap": _server_trap,
    "backup": _take_backup,
    "restore backup": _restore_backup,
    "failover": _failover,
}
assert {*NURSE_DOES, *OFFICE_DOES} <= VERBS.keys()
