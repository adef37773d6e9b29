"""The page a monitoring system reads: one for all worker processes, served by the process that started them.

A worker writes what it counts into files of its own (prometheus_client's way for several processes). The page sums
them: counters of workers that ended stay in the sum, gauges of workers that ended are taken out of it.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

# Read by prometheus_client as it is imported: a worker must find it set before that.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class Workers(Collector):
    """What all workers counted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = MultiProcessCollector(None, path=str(folder))  # type: ignore[no-untyped-call]

    def collect(self) -> Iterator[Metric]:
        for pid in _pids(self._folder):
            if not _alive(pid):
                # Somebody else who reads the page may be faster.
                with suppress(FileNotFoundError):
                    mark_process_dead(pid, path=str(self._folder))  # type: ignore[no-untyped-call]
        yield from self._files.collect()  # type: ignore[no-untyped-call]


@contextmanager
def folder_of_counts() -> Iterator[Path]:
    """Give an empty folder that workers started within count into; it is deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="wc-metrics-"))
    before = os.environ.get(FOLDER_VARIABLE)
    os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        yield folder
    finally:
        os.environ.pop(FOLDER_VARIABLE, None)
        if before is not None:
            os.environ[FOLDER_VARIABLE] = before
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def exposed(host: str, port: int, folder: Path, more: Sequence[Collector] = ()) -> Iterator[None]:
    """Serve the page at host and port while the block runs. Raises OSError when the port cannot be had."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in (Workers(folder), *more):
        registry.register(collector)
    server, thread = start_http_server(port, addr=host, registry=registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _pids(folder: Path) -> frozenset[int]:
    """Return the processes that wrote into folder: gauge_livesum_1234.db."""
    found = (path.stem.rpartition("_")[2] for path in folder.glob("gauge_live*.db"))
    return frozenset(int(pid) for pid in found if pid.isdigit())


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
