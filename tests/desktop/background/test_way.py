"""The way to the server is ended by who locks the desk, and nobody at the desk waits for it to be made."""

import threading

import pytest

from wc_desktop.background.runner import RunnerStopped
from wc_desktop.background.way import Way
from wc_desktop.domain.failures import ServerUnreachable


class Gateway:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class SlowMaking:
    """As a keystore that asks somebody first."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.gateway = Gateway()

    def __call__(self) -> Gateway:
        self.begun.set()
        assert self.go_on.wait(10)
        return self.gateway


def test_ending_does_not_wait_until_the_way_is_made_and_ends_it_all_the_same() -> None:
    over, making, ended = threading.Event(), SlowMaking(), []
    way = Way(making, over.is_set)

    def take() -> None:
        with pytest.raises(RunnerStopped):
            way.take()
        ended.append(making.gateway.closed)

    taking = threading.Thread(target=take)
    taking.start()
    assert making.begun.wait(10)
    over.set()
    way.close()
    assert way.made is None
    making.go_on.set()
    taking.join()
    assert ended == [1]


def test_one_way_is_made_and_what_went_wrong_making_it_is_tried_again() -> None:
    made: list[Gateway] = []

    def make() -> Gateway:
        made.append(Gateway())
        if len(made) == 1:
            raise ServerUnreachable("not yet")
        return made[-1]

    way = Way(make, lambda: False)
    with pytest.raises(ServerUnreachable):
        way.take()
    assert way.take() is way.take() is made[1]
    way.close()
    assert made[1].closed == 1
