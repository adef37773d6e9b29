"""What the loops do next. Pure: the same view gives the same step; the loops only carry it out."""

from dataclasses import dataclass
from typing import TypeAlias

from wc_contract.model.ids import Chance
from wc_contract.wire.codes import Directive

HELLO_EVERY_SECONDS = 900.0
LISTEN_SECONDS = 25
COMPARE_EVERY_SECONDS = 900.0
# By so much of it, at most, does a device come before its time: those that began together do not stay together.
_SPREAD_OF_LISTENING = 0.4
_SPREAD_OF_TURNS = 0.2
PUSH_FIRST_SECONDS = 30.0
_LOOK_AGAIN = 0.5
_FIRST_RETRY = 1.0
# A server that went away did so for everybody: who comes back first is spread over this.
_FIRST_CONTACT = 4.0
_SPREAD_OF_WHAT_WAS_SAID = 0.5
_LONGEST_RETRY = 300.0
_MOST_DOUBLINGS = 9
_NO_PUSH = frozenset({Directive.FORKED})
_NO_PULL = frozenset({Directive.FORKED, Directive.UPGRADE, Directive.DRAIN_ONLY, Directive.WIPE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How this device stands with the server since the last hello. said_at is monotonic.

    too_old: the server asks for a newer version of this program.
    """

    epoch: str
    directive: Directive
    said_at: float
    too_old: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SayHello:
    """Ask the server what it knows and wants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """Send what the epoch has not answered."""

    epoch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """Take what changed; digest asks for a comparison."""

    epoch: str
    digest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Some kinds differ: fetch what is missing in them and remove what is too much."""

    epoch: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild:
    """The replica belongs to another epoch, or cannot be repaired: fill a side file and swap it in."""

    epoch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Hold a request open until the streams move."""

    epoch: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Do nothing for so long, unless woken."""

    seconds: float


PushStep: TypeAlias = SayHello | Push | Rest
PullStep: TypeAlias = Pull | Repair | Rebuild | Listen | Rest


@dataclass(frozen=True, slots=True, kw_only=True)
class PushView:
    """What the push loop knows. now, not_before are monotonic; spread is this device's own, from 0 to 1."""

    now: float
    not_before: float
    standing: Standing | None
    unsent: bool
    spread: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PullView:
    """What the pull loop knows.

    beyond_repair: pages of the replica do not read, or it still differs after a repair. to_repair: kinds that differ.
    sending: entries that waited are just being sent.
    """

    now: float
    not_before: float
    standing: Standing | None
    replica_epoch: str
    beyond_repair: bool
    stale: bool
    compared_at: float | None
    wants_digest: bool
    spread: float = 0.0
    to_repair: frozenset[str] = frozenset()
    sending: bool = False


def next_push_step(view: PushView) -> PushStep:
    """Return what the push loop does now."""
    if view.now < view.not_before:
        return Rest(seconds=view.not_before - view.now)
    every = HELLO_EVERY_SECONDS * (1 - _SPREAD_OF_TURNS * view.spread)
    if view.standing is None or view.now - view.standing.said_at >= every:
        return SayHello()
    if view.unsent and view.standing.directive not in _NO_PUSH:
        return Push(epoch=view.standing.epoch)
    return Rest(seconds=view.standing.said_at + every - view.now)


def next_pull_step(view: PullView) -> PullStep:
    """Return what the pull loop does now."""
    if view.now < view.not_before:
        return Rest(seconds=view.not_before - view.now)
    if view.standing is None or view.standing.directive in _NO_PULL:
        return Rest(seconds=HELLO_EVERY_SECONDS)
    epoch = view.standing.epoch
    if view.replica_epoch != epoch or view.beyond_repair:
        return Rebuild(epoch=epoch)
    if view.to_repair:
        return _repair_step(view, view.standing)
    every = COMPARE_EVERY_SECONDS * (1 - _SPREAD_OF_TURNS * view.spread)
    compare = view.wants_digest or view.compared_at is None or view.now - view.compared_at >= every
    if view.stale or compare:
        return Pull(epoch=epoch, digest=compare)
    return Listen(epoch=epoch, seconds=round(LISTEN_SECONDS * (1 - _SPREAD_OF_LISTENING * view.spread)))


def spread_of(chance: Chance) -> float:
    """Return a share from 0 to 1: how much earlier than others a device comes whose turn it is every so often."""
    return int.from_bytes(chance.octets(2), "big") / 65_535


def _repair_step(view: PullView, standing: Standing) -> PullStep:
    # What a device comes back with goes first, for a while: then the comparison finds it in its place.
    if view.sending and view.now - standing.said_at < PUSH_FIRST_SECONDS:
        return Rest(seconds=_LOOK_AGAIN)
    return Repair(epoch=standing.epoch, kinds=view.to_repair)


def retry_after(failures: int, chance: Chance, said: int | None = None) -> float:
    """Return how long to wait after so many failures in a row: 1 s doubling to 5 min, with jitter.

    said is what the server asked for; it is never undercut, and overstepped by up to half: it may have told others
    the same.
    """
    longest = min(_LONGEST_RETRY, _FIRST_RETRY * 2.0 ** min(max(failures - 1, 0), _MOST_DOUBLINGS))
    share = spread_of(chance)
    # Between half and whole, so that five hundred workstations do not come back in one second.
    least = longest / 2
    most = max(longest, _FIRST_CONTACT) if failures <= 1 else longest
    asked = float(said or 0) * (1 + _SPREAD_OF_WHAT_WAS_SAID * share)
    return max(least + (most - least) * share, asked)
