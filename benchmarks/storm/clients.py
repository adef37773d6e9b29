"""What a workstation does when its server is back: new token, greeting, everything that waits, what changed, listen.

It waits as the product does: the same rule for trying again, the same respect for Retry-After.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson
import zstandard

from benchmarks.storm.line import Answer, Line
from benchmarks.storm.town import Workstation, hello_of
from wc_contract.wire.versions import PROTOCOL
from wc_desktop.domain.sync_plan import LISTEN_SECONDS, retry_after, spread_of
from wc_desktop.security.clock import SystemChance

_CHANCE = SystemChance()
_ROWS = re.compile(rb'^\{"frame":"rows","kind":"(\w+)","upto":(\d+),', re.MULTILINE)
_REFUSED = frozenset({429, 503})
_UNAUTHORIZED = 401


class Broken(Exception):
    """A workstation met what none should meet; its words say what."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of everything. Times are in seconds."""

    pushes: list[float] = field(default_factory=list, repr=False)  # of an answered push, its own request alone
    answered_after: list[float] = field(default_factory=list, repr=False)  # since the device first wanted to send it
    come_again: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    rows_pulled: int = 0
    requests: int = 0
    sent_all: int = 0
    last_answer: float = 0.0
    complete: asyncio.Event = field(default_factory=asyncio.Event, repr=False)


class Client:
    """One workstation."""

    def __init__(
        self, url: str, workstation: Workstation, epoch: str, since: Mapping[str, int], now: str, tally: Tally
    ) -> None:
        parts = urlsplit(url)
        self._me = workstation
        self._line = Line(
            host=str(parts.hostname), port=int(parts.port or 80), device=str(workstation.id), signer=workstation.signer
        )
        self._epoch = epoch
        self._since = dict(since)
        self._now = now
        self._tally = tally
        self._token = ""
        self._failures = 0
        self._listen = round(LISTEN_SECONDS * (1 - 0.4 * spread_of(_CHANCE)))

    async def live(self, begins_after: float, devices: int) -> None:
        """Come back, send everything, take what changed, and listen until everybody is done."""
        await asyncio.sleep(begins_after)
        try:
            await self.greet()
            await self.send()
            checkpoint = await self._pull()
            self._tally.sent_all += 1
            if self._tally.sent_all == devices:
                self._tally.complete.set()
            while not self._tally.complete.is_set():
                if await self._moved(checkpoint):
                    checkpoint = await self._pull()
        except Broken as broken:
            self._tally.errors[str(broken)] += 1
            self._tally.complete.set()
        finally:
            self._line.hang_up()

    def hang_up(self) -> None:
        """End the connection."""
        self._line.hang_up()

    async def send(self) -> None:
        """Send everything that waits, in order."""
        for batch in self._me.batches:
            await self._push(batch)

    async def greet(self) -> None:
        """Take a new token and say hello."""
        refresh = orjson.dumps({"protocol": PROTOCOL, "refresh_token": self._me.refresh})
        tokens = orjson.loads((await self._ask("/v1/token", refresh, token=self._me.refresh)).body)
        self._token = tokens["access_token"]
        greeting = orjson.loads((await self._ask("/v1/hello", hello_of(0, 1, self._now))).body)
        if (greeting["directive"], greeting["epoch"]) != ("ok", self._epoch):
            raise Broken(f"greeted with {greeting['directive']}")

    async def _push(self, batch: bytes) -> None:
        wanted = time.perf_counter()
        answer, took = await self._timed("/v1/push", batch, packed=True)
        self._tally.pushes.append(took)
        self._tally.last_answer = time.perf_counter()
        self._tally.answered_after.append(self._tally.last_answer - wanted)
        self._tally.outcomes.update(receipt["outcome"] for receipt in orjson.loads(answer.body)["receipts"])

    async def _pull(self) -> str:
        message = {"protocol": PROTOCOL, "epoch": self._epoch, "since": self._since, "digest": False}
        answer = await self._ask("/v1/pull", orjson.dumps(message))
        lines = answer.body
        if answer.headers.get("content-encoding") == "zstd":
            lines = zstandard.ZstdDecompressor().decompressobj().decompress(lines)
        for kind, upto in _ROWS.findall(lines):
            self._since[kind.decode()] = int(upto)
        first, end = orjson.loads(lines[: lines.index(b"\n")]), orjson.loads(lines[lines.rindex(b"\n", 0, -1) + 1 :])
        self._tally.rows_pulled += first["estimate"]
        return str(end["checkpoint"])

    async def _moved(self, checkpoint: str) -> bool:
        message = {"protocol": PROTOCOL, "epoch": self._epoch, "checkpoint": checkpoint, "seconds": self._listen}
        return bool(orjson.loads((await self._ask("/v1/wait", orjson.dumps(message))).body)["moved"])

    async def _ask(self, path: str, body: bytes, *, token: str | None = None) -> Answer:
        return (await self._timed(path, body, token=token))[0]

    async def _timed(
        self, path: str, body: bytes, *, token: str | None = None, packed: bool = False
    ) -> tuple[Answer, float]:
        """Ask until there is an answer; return it, and how long its own request took."""
        while True:
            began, said = time.perf_counter(), None
            self._tally.requests += 1
            try:
                answer = await self._line.ask(path, body, token=self._token if token is None else token, packed=packed)
            except (OSError, asyncio.IncompleteReadError) as error:
                # The product would come again; here a connection that does not hold is a finding.
                self._tally.errors[f"{path}: {type(error).__name__}"] += 1
            else:
                if answer.status == 200:
                    self._failures = 0
                    return answer, time.perf_counter() - began
                code = orjson.loads(answer.body)["code"] if answer.body else ""
                if answer.status == _UNAUTHORIZED and code == "use_nonce":
                    continue
                if answer.status not in _REFUSED:
                    raise Broken(f"{path}: {answer.status} {code}")
                self._tally.come_again[path] += 1
                said = int(answer.headers.get("retry-after", "0"))
            self._failures += 1
            await asyncio.sleep(retry_after(self._failures if said is None else 1, _CHANCE, said))


async def storm(
    url: str,
    workstations: Sequence[Workstation],
    epoch: str,
    since: Mapping[str, Mapping[str, int]],
    now: str,
    begins: Sequence[float],
    patience: float,
) -> Tally:
    """Let all workstations come back; since gives by school what they have already. patience ends it."""
    tally = Tally()
    clients = [Client(url, each, epoch, since[str(each.school)], now, tally) for each in workstations]
    lives = [
        asyncio.create_task(client.live(begin, len(clients))) for client, begin in zip(clients, begins, strict=True)
    ]
    try:
        await asyncio.wait_for(tally.complete.wait(), patience)
    except TimeoutError:
        tally.errors["not all were done in time"] += 1
    for life in lives:
        life.cancel()
    for ended in await asyncio.gather(*lives, return_exceptions=True):
        if isinstance(ended, Exception):
            tally.errors[type(ended).__name__] += 1
    return tally
