"""Admission: so many requests at once, a few more that wait their turn, and an answer at once for all others.

After an outage every workstation of a district comes back in the same minute. A queue without an end would hold
their bodies in memory and answer them after they gave up; whoever is told when to come again, each another time,
is served as soon and costs nothing meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPMethod

import anyio
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wc_contract.model.ids import SchoolId
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.api.bodies import read_bounded
from wc_sync_server.api.ports import Limits
from wc_sync_server.api.problems import problem_response
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.metrics import counts

PLACE = "wc.place"  # where a request's scope has its place
_WINDOW = 5.0  # seconds over which is looked how many were served and how many turned away
_LONGEST = 30.0  # nobody is sent away for longer than about that
_BODY_SECONDS = 60.0
_FIRST_GUESS = 0.15  # seconds that the work on one takes, until that was seen
_WEIGHT = 0.1  # of the newest in what is expected of the next
_BEARER = "bearer "
_CALLS = ("/v1/hello", "/v1/token", "/v1/wait", "/v1/enrol", "/v1/users", "/v1/wipe/order", "/v1/wipe/receipt")
_SIGN_ON = ("/v1/sign-on/begin", "/v1/sign-on/finish")
_BLOBS = "/v1/blob/"
_SHORT = 256 * 1024  # no call is longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many requests of a sort are worked on at once in this process, and how many may wait for that.

    waiting also counts those whose answer is on its way over a slow line: it bounds what is in memory. a_school bounds
    how many of one school are worked on at once: they would only wait for its stream's lock, each with a thread and a
    connection in hand. patience is how many seconds one may have to wait, as it looks: where a request takes longer,
    fewer wait, and always as many as are worked on.
    """

    at_once: int
    waiting: int
    a_school: int | None = None
    patience: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """How many of each sort come in, and what it takes to decide.

    school_of reads the school from an access token, or raises ProblemRaised(TOKEN_EXPIRED). jitter is chance in [0, 1).
    """

    pushes: Room
    pulls: Room
    calls: Room
    blobs: Room
    school_of: Callable[[str], SchoolId] = field(repr=False)
    jitter: Callable[[], float] = field(repr=False)


@dataclass(eq=False, slots=True)
class _Turn:
    school: Hashable
    came: anyio.Event = field(default_factory=anyio.Event)
    taken: bool = False


class Door:
    """Lets requests of one sort in. Used by one event loop only."""

    def __init__(self, name: str, room: Room, jitter: Callable[[], float]) -> None:
        self._room = room
        self._jitter = jitter
        self._working = 0
        self._inside = 0
        self._to_serve = 0
        self._by_school: dict[Hashable, int] = {}
        self._queue: deque[_Turn] = deque()
        self._takes = _FIRST_GUESS
        self._served = self._turned = self._at = 0.0
        self._admitted_count = counts.ADMITTED.labels(name)
        self._turned_count = counts.TURNED_AWAY.labels(name)
        self._inside_gauge = counts.INSIDE.labels(name)
        self._waiting_gauge = counts.WAITING.labels(name)

    def enter(self, school: Hashable) -> "Place":
        """Return a place, taken until it is left. Raises ProblemRaised(BUSY) when there is none."""
        self._age()
        if self._full():
            self._turned += 1
            self._turned_count.inc()
            raise ProblemRaised(ProblemCode.BUSY, retry_after=self._come_again())
        self._inside += 1
        self._to_serve += 1
        self._inside_gauge.inc()
        self._admitted_count.inc()
        return Place(self, school)

    def rest(self) -> None:
        """Say that nothing more is to be done for one: it holds up nobody who waits."""
        self._to_serve -= 1

    def leave(self) -> None:
        """Give a place back."""
        self._inside -= 1
        self._inside_gauge.dec()
        self._age()
        self._served += 1

    async def begin(self, school: Hashable) -> None:
        """Wait until one more may be worked on: in the order of coming, but none behind a school that has enough."""
        if not self._queue and self._fits(school):
            self._take(school)
            return
        turn = _Turn(school)
        self._queue.append(turn)
        self._waiting_gauge.inc()
        try:
            self._hand_out()
            await turn.came.wait()
        except BaseException:
            if turn.taken:  # it was this one's turn just as it was called off
                self.end(school)
            else:
                self._queue.remove(turn)
            raise
        finally:
            self._waiting_gauge.dec()

    def end(self, school: Hashable, seconds: float | None = None) -> None:
        """Say that the work on one is done, and how long it took."""
        if seconds is not None:
            self._takes += _WEIGHT * (seconds - self._takes)
        self._working -= 1
        left = self._by_school[school] - 1
        if left:
            self._by_school[school] = left
        else:
            del self._by_school[school]
        self._hand_out()

    def _full(self) -> bool:
        if self._inside >= self._room.at_once + self._room.waiting:
            return True
        ahead = self._to_serve - self._room.at_once
        return ahead >= self._room.at_once and ahead * self._takes / self._room.at_once > self._room.patience

    def _hand_out(self) -> None:
        for turn in [turn for turn in self._queue if self._working < self._room.at_once]:
            if self._fits(turn.school):
                self._queue.remove(turn)
                self._take(turn.school)
                turn.taken = True
                turn.came.set()

    def _fits(self, school: Hashable) -> bool:
        mine = self._by_school.get(school, 0)
        return self._working < self._room.at_once and (self._room.a_school is None or mine < self._room.a_school)

    def _take(self, school: Hashable) -> None:
        self._working += 1
        self._by_school[school] = self._by_school.get(school, 0) + 1

    def _age(self) -> None:
        """Let what was counted fade: of two numbers only their proportion is wanted, and of late only."""
        now = anyio.current_time()
        share = max(0.0, 1.0 - (now - self._at) / _WINDOW)
        self._served, self._turned, self._at = self._served * share, self._turned * share, now

    def _come_again(self) -> int:
        """Return in how many seconds: somewhere within the time it will take to serve all who were turned away."""
        needed = _WINDOW * self._turned / max(self._served, 1.0)
        return 1 + int(self._jitter() * min(max(needed, 1.0), _LONGEST))


class Place:
    """One request's place behind a door."""

    def __init__(self, door: Door, school: Hashable) -> None:
        self._door = door
        self._school = school
        self._began: float | None = None
        self._rests = False
        self._left = False
        self._loop = asyncio.get_running_loop()

    async def begin(self) -> None:
        """Wait for one's turn."""
        await self._door.begin(self._school)
        self._began = anyio.current_time()

    def rest(self) -> None:
        """Say that the work is done, though the answer is still on its way."""
        if self._began is not None:
            took, self._began = anyio.current_time() - self._began, None
            self._door.end(self._school, took)
        if not self._rests:
            self._rests = True
            self._door.rest()

    def rest_from_thread(self) -> None:
        """As rest, for another thread."""
        with suppress(RuntimeError):  # the loop has ended, and with it the door
            self._loop.call_soon_threadsafe(self.rest)

    def leave(self) -> None:
        """Give the place back. Once is enough."""
        self.rest()
        if not self._left:
            self._left = True
            self._door.leave()


class Doors:
    """ASGI middleware: who may come in is decided before a body is read or a thread taken.

    Whoever brings no token of ours gets no place among those who push, pull, and send or fetch photos.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        admission: Admission,
        limits: Limits,
    ) -> None:
        self._app = app
        pulls = Door("pull", admission.pulls, admission.jitter)
        self._calls = Door("call", admission.calls, admission.jitter)
        # They wait for somebody else's server: a slow one takes no place of a greeting.
        sign_on = Door("sign_on", Room(at_once=2, waiting=16, patience=8.0), admission.jitter)
        self._of_strangers = {self._calls, sign_on}
        self._by_path = {
            "/v1/push": Door("push", admission.pushes, admission.jitter),
            "/v1/pull": pulls,
            # Whoever compares reads as much as who pulls.
            "/v1/manifest": pulls,
            "/v1/manifest/rows": pulls,
            **dict.fromkeys(_CALLS, self._calls),
            **dict.fromkeys(_SIGN_ON, sign_on),
        }
        # Few: photos and documents never take the threads and connections that entries need.
        self._blobs = Door("blob", admission.blobs, admission.jitter)
        self._school_of = admission.school_of
        self._limits = limits
        self._short = replace(limits, body=min(limits.body, _SHORT))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or send it away."""
        door = self._door_of(scope)
        if door is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        place: Place | None = None
        try:
            try:
                if door in self._of_strangers:
                    # A greeting is small, and who sends it is not known yet: a slow one keeps no place from others.
                    body = await _read(request, self._short)
                    place = door.enter(None)
                else:
                    # A batch is large: of who is sent away nothing is kept.
                    place = await self._entered(door, request)
                    body = await _read(request, self._limits)
            except ProblemRaised as problem:
                await problem_response(problem)(scope, receive, send)
                return
            await place.begin()
            scope[PLACE] = place
            await self._app(scope, _replayed(body, receive), send)
        finally:
            if place is not None:
                place.leave()

    def _door_of(self, scope: Scope) -> Door | None:
        if scope["type"] != "http":
            return None
        if scope["path"].startswith(_BLOBS):
            return self._blobs
        return self._by_path.get(scope["path"]) if scope["method"] == HTTPMethod.POST else None

    async def _entered(self, door: Door, request: Request) -> Place:
        school = self._school_of(_token(request))
        try:
            return door.enter(school)
        except ProblemRaised:
            # An answer in the middle of what is still being sent would end the connection, and might not be read.
            await self._let_pass(request)
            raise

    async def _let_pass(self, request: Request) -> None:
        left = self._limits.body
        with anyio.move_on_after(_BODY_SECONDS):
            async for piece in request.stream():
                left -= len(piece)
                if left < 0:
                    return


async def _read(request: Request, limits: Limits) -> bytes:
    try:
        with anyio.fail_after(_BODY_SECONDS):
            return await read_bounded(request, limits)
    except TimeoutError:
        raise ProblemRaised(ProblemCode.BUSY, retry_after=1) from None


def place_of(request: Request) -> Place | None:
    """Return the place of a request, None when it came through no door."""
    place = request.scope.get(PLACE)
    return place if isinstance(place, Place) else None


def _token(request: Request) -> str:
    given = request.headers.get("authorization", "")
    return given[len(_BEARER) :].strip() if given[: len(_BEARER)].lower() == _BEARER else ""


def _replayed(body: bytes, receive: Receive) -> Receive:
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
