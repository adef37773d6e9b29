"""What cannot be asked now is asked again later, not at once: neither the disk nor the screen is worn out by it."""

import threading
from collections.abc import Iterator
from functools import partial
from typing import NoReturn

import pytest
from tests.desktop.clinic import EPOCH, Clinic

from wc_contract.wire.codes import Directive
from wc_desktop.actions.unlock import lock
from wc_desktop.background.blob_thread import BlobThread
from wc_desktop.background.runner import Runner
from wc_desktop.background.sync_thread import SyncThread
from wc_desktop.domain.failures import DiskFailed
from wc_desktop.domain.sync_plan import Standing

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]
_LEAST = 0.5


class Waits(threading.Event):
    """An event for which nobody really waits: it notes for how long somebody would have."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout)
        return True


class FailingDisk:
    """Files that no step can read, and the link to them."""

    @property
    def files(self) -> "FailingDisk":
        return self

    def connect(self) -> NoReturn:
        raise AssertionError

    connect_blobs = connect

    @property
    def blobs(self) -> NoReturn:
        raise DiskFailed("the disk refused")

    def mend_blobs(self) -> NoReturn:
        raise DiskFailed("the disk refused")

    def view(self) -> NoReturn:
        raise DiskFailed("the disk refused")

    def has_unsent(self, _epoch: str) -> NoReturn:
        raise DiskFailed("the disk refused")


@pytest.fixture
def runner() -> Iterator[Runner]:
    made = Runner()
    yield made
    made.stop()


@pytest.mark.parametrize("which", ["push", "pull"])
def test_a_loop_rests_after_each_failure_to_read_its_files(clinic: Clinic, runner: Runner, which: str) -> None:
    desk = runner.call(clinic.opened)
    sync = SyncThread(runner, desk, FailingDisk())  # type: ignore[arg-type]
    sync._standing = Standing(epoch=EPOCH, directive=Directive.OK, said_at=clinic.clock.monotonic())
    loop, once = (sync._push_loop, sync._push_once) if which == "push" else (sync._pull_loop, sync._pull_once)
    loop.wake = waits = Waits()
    for turn in range(1, 4):
        sync._keep_once(loop, once)
        assert loop.failures == turn
    assert len(waits.asked) == 3
    assert all(asked is not None and asked >= _LEAST for asked in waits.asked)
    runner.call(partial(lock, desk))


def test_photos_rest_after_each_failure_to_read_their_file(clinic: Clinic, runner: Runner) -> None:
    desk = runner.call(clinic.opened)
    blobs = BlobThread(runner, desk, FailingDisk())  # type: ignore[arg-type]
    blobs._patience.wake = waits = Waits()
    for _ in range(3):
        blobs._keep_once()
    assert len(waits.asked) == 3
    assert all(asked is not None and asked >= _LEAST for asked in waits.asked)
    runner.call(partial(lock, desk))
