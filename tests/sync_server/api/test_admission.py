"""So many at once, a few who wait their turn, and an answer at once for everybody else: nobody queues without end."""

import json
import random
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID, uuid4

import anyio
import anyio.lowlevel
import pytest
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.api.doors import Admission, Door, Doors, Place, Room
from wc_sync_server.api.middleware import Around
from wc_sync_server.api.ports import Feeds, Hints, Limits
from wc_sync_server.api.watch import StreamWatch
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.checkpoints import Checkpoint
from wc_sync_server.domain.problems import ProblemRaised

NORTH, SOUTH, EAST = (SchoolId(uuid4()) for _ in range(3))


def door(*, at_once: int = 2, waiting: int = 1, a_school: int | None = None, jitter: float = 0.0) -> Door:
    return Door("push", Room(at_once=at_once, waiting=waiting, a_school=a_school), lambda: jitter)


def turned_away(by: Door) -> int:
    with pytest.raises(ProblemRaised) as said:
        by.enter(NORTH)
    assert said.value.problem is ProblemCode.BUSY
    assert said.value.retry_after is not None
    return said.value.retry_after


def test_who_finds_no_place_is_told_at_once_when_to_come_again() -> None:
    async def story() -> None:
        full = door()
        places = [full.enter(NORTH) for _ in range(3)]
        assert turned_away(full) >= 1
        places[0].leave()
        places[0].leave()
        again = full.enter(NORTH)
        assert turned_away(full) >= 1
        for place in (*places, again):
            place.leave()

    anyio.run(story)


def test_the_more_are_turned_away_the_wider_they_are_spread() -> None:
    async def story() -> None:
        full = door(at_once=1, waiting=0, jitter=0.999)
        full.enter(NORTH)
        told = [turned_away(full) for _ in range(300)]
        assert told[0] <= 5
        assert told[-1] > 4 * told[0]
        assert max(told) <= 31

    anyio.run(story)


def test_where_a_request_takes_long_fewer_wait() -> None:
    async def story() -> None:
        shared = door(at_once=1, waiting=50)
        quick = [shared.enter(NORTH) for _ in range(6)]
        for place in quick:
            place.leave()
        await shared.begin(NORTH)
        for _ in range(40):
            shared.end(NORTH, 0.9)
            await shared.begin(NORTH)
        slow = [shared.enter(NORTH), shared.enter(NORTH)]
        slow.append(shared.enter(NORTH))
        assert turned_away(shared) >= 1
        for _ in range(60):
            shared.end(NORTH, 0.01)
            await shared.begin(NORTH)
        assert len([shared.enter(NORTH) for _ in range(40)]) == 40

    anyio.run(story)


def test_answers_on_their_way_over_slow_lines_turn_nobody_away_but_are_bounded() -> None:
    async def story() -> None:
        shared = door(at_once=1, waiting=6)
        await shared.begin(NORTH)
        for _ in range(60):
            shared.end(NORTH, 2.0)
            await shared.begin(NORTH)
        shared.end(NORTH)
        # By now it looks as if each took two seconds: more than one may not wait.
        slow = []
        for _ in range(6):
            slow.append(shared.enter(NORTH))
            await slow[-1].begin()
            slow[-1].rest()
        place = shared.enter(SOUTH)
        with anyio.fail_after(1):
            await place.begin()
        assert turned_away(shared) >= 1
        slow[0].leave()
        shared.enter(SOUTH).leave()

    anyio.run(story)


def test_a_school_that_has_enough_does_not_hold_up_the_others() -> None:
    async def story() -> None:
        shared, began = door(at_once=3, waiting=9, a_school=1), []

        async def come(name: str, place: Place) -> None:
            await place.begin()
            began.append(name)

        places = [shared.enter(school) for school in (NORTH, NORTH, NORTH, SOUTH, EAST)]
        async with anyio.create_task_group() as group:
            for name, place in zip("abcde", places, strict=True):
                group.start_soon(come, name, place)
            await anyio.wait_all_tasks_blocked()
            assert sorted(began) == ["a", "d", "e"]
            places[0].leave()
            await anyio.wait_all_tasks_blocked()
            assert began[-1] == "b"
            places[1].rest()
        assert began[-1] == "c"

    anyio.run(story)


def test_one_who_goes_away_while_waiting_takes_no_turn_from_the_next() -> None:
    async def story() -> None:
        narrow = door(at_once=1, waiting=5)
        first, second, third = (narrow.enter(NORTH) for _ in range(3))
        await first.begin()
        with anyio.move_on_after(0.01):
            await second.begin()
        second.leave()
        with anyio.CancelScope() as called_off:
            async with anyio.create_task_group() as group:
                group.start_soon(third.begin)
                await anyio.wait_all_tasks_blocked()
                # Given its turn and called off in one breath: the turn goes back.
                first.leave()
                called_off.cancel()
        third.leave()
        with anyio.fail_after(1):
            await narrow.enter(SOUTH).begin()

    anyio.run(story)


class House:
    """An application behind doors that answers when it is told to."""

    def __init__(self, *, body: int = 100) -> None:
        self.go = anyio.Event()
        self.seen: list[bytes] = []
        self.doors = Doors(
            self._answer,
            admission=Admission(
                pushes=Room(at_once=1, waiting=1),
                pulls=Room(at_once=1, waiting=0),
                calls=Room(at_once=1, waiting=0),
                blobs=Room(at_once=1, waiting=0),
                school_of=self._school_of,
                jitter=random.random,
            ),
            limits=Limits(body=body),
        )

    @staticmethod
    def _school_of(token: str) -> SchoolId:
        if token != "good":
            raise ProblemRaised(ProblemCode.TOKEN_EXPIRED)
        return NORTH

    async def _answer(self, _scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        self.seen.append(message["body"])
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask(self, path: str, body: bytes, bearer: str = "good", method: str = "POST") -> tuple[int, Any]:
        """Return the status and the problem, if it is one."""
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"authorization", f"Bearer {bearer}".encode())]
        scope = {"type": "http", "method": method, "path": path, "headers": headers}
        await self.doors(scope, receive, send)
        content = json.loads(sent[1]["body"]) if sent[1]["body"] else None
        return sent[0]["status"], content


def test_what_is_turned_away_reaches_no_handler_and_what_is_let_in_arrives_whole() -> None:
    async def story() -> None:
        house, answers = House(), []

        async def push(number: int) -> None:
            answers.append(await house.ask("/v1/push", b"%d" % number))

        async with anyio.create_task_group() as group:
            for number in range(2):
                group.start_soon(push, number)
            await anyio.wait_all_tasks_blocked()
            status, problem = await house.ask("/v1/push", b"3")
            assert (status, problem["code"]) == (503, "busy")
            assert problem["retry_after"] >= 1
            # The doors are separate: a full one for pushes keeps nobody from asking whether there is a server.
            group.start_soon(house.ask, "/v1/hello", b"h")
            await anyio.wait_all_tasks_blocked()
            assert (await house.ask("/v1/hello", b"h"))[0] == 503
            assert house.seen == [b"0", b"h"]
            house.go.set()
        assert answers == [(200, None), (200, None)]
        assert house.seen == [b"0", b"h", b"1"]
        assert (await house.ask("/v1/push", b"4"))[0] == 200

    anyio.run(story)


def test_no_place_is_taken_without_a_token_of_ours_nor_kept_for_a_body_that_is_too_large() -> None:
    async def story() -> None:
        house = House()
        house.go.set()
        for _ in range(5):
            assert (await house.ask("/v1/push", b"", bearer="made up"))[0] == 401
            assert (await house.ask("/v1/push", b"x" * 101))[0] == 413
        assert (await house.ask("/v1/push", b"x"))[0] == 200
        assert house.seen == [b"x"]

    anyio.run(story)


def test_who_goes_away_in_the_middle_leaves_its_place_and_is_no_defect() -> None:
    async def story() -> None:
        house = House()
        house.go.set()
        around = Around(house.doors, fresh_nonce=str, fresh_id=str)
        coming: list[Message] = [
            {"type": "http.request", "body": b"{", "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> Message:
            return coming.pop(0)

        async def send(_message: Message) -> None:
            await anyio.lowlevel.checkpoint()

        headers = [(b"authorization", b"Bearer good")]
        with capture_logs() as said:
            await around({"type": "http", "method": "POST", "path": "/v1/pull", "headers": headers}, receive, send)
        assert [line["event"] for line in said] == ["request"]
        assert house.seen == []
        assert (await house.ask("/v1/pull", b""))[0] == 200, "its place, the only one, is free"

    anyio.run(story)


def test_photos_have_a_door_of_their_own() -> None:
    async def story() -> None:
        house = House()
        async with anyio.create_task_group() as group:
            group.start_soon(house.ask, "/v1/blob/00", b"a piece", "good", "PUT")
            await anyio.wait_all_tasks_blocked()
            for method, path in (("PUT", "/v1/blob/01"), ("GET", "/v1/blob/01"), ("POST", "/v1/blob/ask")):
                assert (await house.ask(path, b"", "good", method))[0] == 503
            assert (await house.ask("/v1/blob/01", b"", "made up", "GET"))[0] == 401
            group.start_soon(house.ask, "/v1/push", b"an entry")
            await anyio.wait_all_tasks_blocked()
            assert house.seen == [b"a piece", b"an entry"]
            house.go.set()

    anyio.run(story)


def test_who_is_not_known_yet_may_not_send_as_much_as_a_batch() -> None:
    async def story() -> None:
        house = House(body=2_000_000)
        house.go.set()
        long = b"x" * 1_000_000
        assert (await house.ask("/v1/hello", long, bearer=""))[0] == 413
        assert (await house.ask("/v1/push", long))[0] == 200

    anyio.run(story)


class Heads:
    """Feeds of which only the heads are asked; how often, and how many at once."""

    def __init__(self, head: int) -> None:
        self.head = head
        self.asked: list[int] = []
        self.at_once = self.most_at_once = 0

    def heads(self, district: DistrictId, schools: tuple[SchoolId, ...]) -> Mapping[UUID, int]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.append(len(schools))
        self.at_once -= 1
        return {district: 0} | dict.fromkeys(schools, self.head)


def test_five_hundred_who_begin_to_wait_at_once_cost_a_few_looks() -> None:
    district = DistrictId(uuid4())
    behind = Checkpoint(epoch="e", district_head=0, school_head=0)
    level = Checkpoint(epoch="e", district_head=0, school_head=7)

    async def story() -> None:
        feeds = Heads(head=7)
        asked, silent = cast("Feeds", feeds), cast("Hints", None)
        watch = StreamWatch(asked, silent, jitter=random.random, listeners=500)
        answers: list[bool] = []
        half = anyio.Event()

        async def wait(number: int) -> None:
            principal = Principal(
                district=district,
                school=SchoolId(UUID(int=number % 40)),
                device=DeviceId(uuid4()),
                user=UserId(uuid4()),
                session=uuid4(),
            )
            answers.append(await watch.wait(principal, behind if number % 2 else level, 60))
            if len(answers) == 250:
                half.set()

        with anyio.fail_after(50):
            async with anyio.create_task_group() as group:
                for number in range(500):
                    group.start_soon(wait, number)
                await half.wait()
                for number in range(250):
                    group.start_soon(wait, 2 * number)
                await anyio.lowlevel.checkpoint()
                with pytest.raises(ProblemRaised) as said:
                    await wait(0)
                assert said.value.problem is ProblemCode.BUSY
                # Those who are level with the stream wait on.
                group.cancel_scope.cancel()
        assert answers == [True] * 250
        assert len(feeds.asked) < 10
        assert max(feeds.asked) == 40
        assert feeds.most_at_once == 1

    anyio.run(story)
