"""Workstations of one school that send at once: how long until every one of them is answered."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from benchmarks.storm.clients import Client, Tally
from benchmarks.storm.town import Workstation


def crowd(
    url: str, workstations: Sequence[Workstation], epoch: str, now: str
) -> tuple[float, Mapping[str, int], Mapping[str, int]]:
    """Return the seconds from the word to the last answer, the outcomes, and what was told to come again."""
    return asyncio.run(_crowd(url, workstations, epoch, now))


async def _crowd(
    url: str, workstations: Sequence[Workstation], epoch: str, now: str
) -> tuple[float, Mapping[str, int], Counter[str]]:
    tally = Tally()
    clients = [Client(url, each, epoch, {}, now, tally) for each in workstations]
    for client in clients:
        await client.greet()
    began = time.perf_counter()
    await asyncio.gather(*(client.send() for client in clients))
    seconds = time.perf_counter() - began
    for client in clients:
        client.hang_up()
    return seconds, tally.outcomes, tally.come_again
