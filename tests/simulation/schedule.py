"""What happens in a run, as data made from a seed: who does what when, and what goes wrong.

Each act carries its number in the full schedule, and takes its chances from seed and number alone, so that a schedule
from which acts were dropped still does the rest as it did.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from tests.simulation import district
from tests.simulation.network import Weather

SPAN = 1_000.0  # seconds of the noon that is played


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that is done, to one machine or to the server. what names it; see world.VERBS."""

    number: int
    at: float
    what: str
    machine: int = 0
    values: tuple[float | str, ...] = ()

    @property
    def is_fault(self) -> bool:
        return self.what not in NURSE_DOES and self.what not in OFFICE_DOES


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A whole run."""

    seed: int
    devices: int
    weather: Weather
    acts: tuple[Act, ...]

    def keeping(self, numbers: frozenset[int]) -> "Schedule":
        """Return the schedule with these acts only."""
        return replace(self, acts=tuple(act for act in self.acts if act.number in numbers))

    def calm(self) -> "Schedule":
        """Return the schedule in good weather."""
        return replace(self, weather=Weather())


NURSE_DOES = (
    "dose",
    "as needed",
    "incident",
    "dose and incident",
    "look",
    "visit",
    "new contact",
    "addendum",
    "take from shelf",
    "change contact",
    "change allergy",
    "change order",
    "stop order",
    "correct",
    "answer",
    "say again",
)
_HOW_OFTEN = (8, 4, 3, 1, 3, 2, 1, 1, 2, 3, 2, 1, 1, 2, 2, 1)
OFFICE_DOES = ("rename", "ring a family", "add contact", "remove contact", "bring contact back", "close a day")
MACHINE_SUFFERS = ("crash", "disk", "killed", "power", "lost tail", "unplugged", "jump", "drift", "lock")
COPIED = ("image", "restore image", "clone")
SERVER_SUFFERS = ("server stops", "server trap", "backup", "restore backup", "failover")
_STATES = ("ADMINISTERED",) * 7 + ("PARTIAL", "REFUSED", "ABSENT", "SELF_ADMINISTERED")
_TRAPS = ("crash before commit", "crash after commit", "unknown before commit", "unknown after commit")


def schedule_of(seed: int) -> Schedule:
    """Return the schedule that a seed stands for."""
    return _Writing(seed).written()


class _Writing:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = Random(f"schedule {seed}")
        self._acts: list[Act] = []
        self._devices = self._random.choice((2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 8))
        slots = [(order, at) for order in range(len(district.SCHEDULED)) for at in range(len(district.TIMES))]
        self._random.shuffle(slots)
        self._slots = slots
        self._unstopped = self._random.sample(range(len(district.SCHEDULED)), 3)

    def written(self) -> Schedule:
        for _ in range(self._random.randint(10, 18) * min(self._devices, 4) * 2 // 3):
            self._nurse()
        for _ in range(self._random.choice((0, 1, 1, 2))):
            self._same_slot_twice()
        for _ in range(self._random.choice((0, 1, 1, 2))):
            self._same_record_twice()
        if self._random.random() < 0.15:
            self._refused_and_said_again()
        for _ in range(self._random.randint(0, 8)):
            self._add(self._random.choice(OFFICE_DOES))
        for _ in range(self._random.randint(3, 12)):
            self._suffer(self._random.choice(MACHINE_SUFFERS))
        for _ in range(self._random.choice((0, 0, 1, 2))):
            self._server()
        if self._random.random() < 0.3:
            self._restore()
        if self._random.random() < 0.25:
            self._copy()
        acts = sorted(self._acts, key=_time)
        return Schedule(
            seed=self._seed,
            devices=self._devices,
            weather=self._weather(),
            acts=tuple(replace(act, number=number) for number, act in enumerate(acts)),
        )

    def _weather(self) -> Weather:
        bad: Callable[[float], float] = lambda most: self._random.choice((0.0, most / 3, most))  # noqa: E731
        return Weather(
            lost=bad(0.1),
            cut=bad(0.15),
            doubled=bad(0.15),
            busy=bad(0.05),
            slow=bad(0.1),
            batch=self._random.choice((200, 200, 7, 1)),
        )

    def _nurse(self) -> None:
        what = self._random.choices(NURSE_DOES, weights=_HOW_OFTEN)[0]
        match what:
            case "dose" | "dose and incident":
                if self._slots:
                    order, at = self._slots.pop()
                    self._add(what, order, at, self._random.choice(_STATES))
            case "as needed":
                self._add(what, self._random.randrange(len(district.AS_NEEDED)))
            case "incident" | "visit":
                self._add(what, "poison" if self._random.random() < 0.05 else "")
            case "change contact":
                self._add(what, self._random.randrange(len(district.CONTACTS)))
            case "change allergy":
                self._add(what, self._random.randrange(len(district.ALLERGIES)))
            case "change order":
                self._add(what, self._random.randrange(len(district.SCHEDULED)))
            case "stop order":
                # Of two stops the later one would say when the order ended; no order has two here.
                if self._unstopped:
                    self._add(what, self._unstopped.pop())
            case _:
                self._add(what)

    def _same_slot_twice(self) -> None:
        """Plant two answers to one slot: on two machines, or the second by who wrote the first."""
        if not self._slots:
            return
        order, at = self._slots.pop()
        first, second = self._random.sample(range(self._devices), 2)
        states = self._random.choice(
            (("ADMINISTERED", "ADMINISTERED"), ("REFUSED", "ADMINISTERED"), ("REFUSED", "ABSENT"))
        )
        if self._random.random() < 0.2:
            second = first
        when = self._random.uniform(0.0, SPAN * 0.8)
        later = when + self._random.choice((0.0, self._random.uniform(0.0, SPAN * 0.2)))
        self._add("dose", order, at, states[0], at=when, machine=first)
        self._add("dose", order, at, states[1], at=later, machine=second)
        if self._random.random() < 0.4:
            self._both("correct", later + self._random.uniform(5.0, 100.0), order, at)
        if self._random.random() < 0.6:
            answered = later + self._random.uniform(5.0, 100.0)
            self._both("answer", answered, order, at)
            if self._random.random() < 0.4:
                # The case grows while it is being answered.
                self._add("dose", order, at, "ADMINISTERED", at=answered - self._random.choice((0.0, 0.3)))

    def _same_record_twice(self) -> None:
        """Plant two changes of one record, each written in ignorance of the other."""
        random = self._random
        what = random.choice(("change contact", "change contact", "change allergy", "change order", "stop order"))
        when = random.uniform(0.0, SPAN * 0.9)
        match what:
            case "change contact":
                self._both(what, when, random.randrange(len(district.CONTACTS)), random.randrange(3))
            case "change allergy":
                self._both(what, when, random.randrange(len(district.ALLERGIES)))
            case _:
                stops = what == "stop order" and bool(self._unstopped)
                order = self._unstopped.pop() if stops else random.randrange(len(district.SCHEDULED))
                first, second = random.sample(range(self._devices), 2)
                self._add("change order", order, at=when, machine=first)
                self._add("stop order" if stops else "change order", order, at=when + 1.0, machine=second)

    def _both(self, what: str, when: float, *values: float | str) -> None:
        """Let two machines do the same, at nearly the same time."""
        first, second = self._random.sample(range(self._devices), 2)
        self._add(what, *values, at=when, machine=first)
        self._add(what, *values, at=when + self._random.choice((0.0, 0.5, 3.0, 60.0)), machine=second)

    def _refused_and_said_again(self) -> None:
        """Plant an addition that the database will not take, a change that waits for it; some say it again."""
        when, machine = self._random.uniform(0.0, SPAN * 0.6), self._random.randrange(self._devices)
        self._add("new contact", "poison", "planted", at=when, machine=machine)
        self._add("change contact", "planted", at=when + self._random.uniform(0.0, 2.0), machine=machine)
        if self._random.random() < 0.5:
            self._add("say again", at=when + self._random.uniform(60.0, SPAN * 0.4), machine=machine)

    def _suffer(self, what: str) -> None:
        random = self._random
        match what:
            case "crash":
                self._add(what, random.randint(1, 25), random.choice(("kill", "power")))
            case "disk":
                self._add(what, random.randint(1, 20), random.choice(("enospc", "eio", "short")))
            case "unplugged" | "lock":
                self._add(what, random.uniform(5.0, 400.0))
            case "jump":
                self._add(what, random.choice((-3_600.0, 3 * 86_400.0, -90.0, 700.0)))
            case "drift":
                self._add(what, random.uniform(-0.05, 0.05))
            case _:
                self._add(what)

    def _server(self) -> None:
        if self._random.random() < 0.5:
            self._add("server stops", self._random.uniform(1.0, 200.0))
        else:
            self._add("server trap", self._random.choice(_TRAPS))

    def _restore(self) -> None:
        if self._random.random() < 0.4:
            self._add("failover", self._random.randint(1, 4))
            return
        taken = self._random.uniform(0.0, SPAN * 0.6)
        self._add("backup", at=taken)
        self._add("restore backup", at=taken + self._random.uniform(60.0, SPAN * 0.5))

    def _copy(self) -> None:
        machine, taken = self._random.randrange(self._devices), self._random.uniform(60.0, SPAN * 0.6)
        if self._random.random() < 0.5:
            self._add("clone", at=taken, machine=machine)
            for _ in range(3):
                self._add("incident", "", at=self._random.uniform(taken, SPAN), machine=-1)
            return
        self._add("image", at=taken, machine=machine)
        self._add("restore image", at=taken + self._random.uniform(60.0, SPAN * 0.4), machine=machine)

    def _add(self, what: str, *values: float | str, at: float | None = None, machine: int | None = None) -> None:
        when = self._random.uniform(0.0, SPAN) if at is None else at
        which = self._random.randrange(self._devices) if machine is None else machine
        self._acts.append(Act(number=0, at=when, what=what, machine=which, values=values))


def _time(act: Act) -> float:
    return act.at
