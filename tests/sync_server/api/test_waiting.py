"""A device that waits is woken when its streams move, and otherwise answered in time."""

import threading
import time

import httpx
import pytest
from tests import factories as make
from tests.sync_server.direct import dose_in
from tests.sync_server.house import House
from tests.sync_server.serving import Served
from tests.sync_server.workstation import Workstation, code_of, enrol

pytestmark = pytest.mark.postgres


def waited(station: Workstation, checkpoint: str | None, seconds: int = 20) -> httpx.Response:
    message = {"protocol": 1, "epoch": station.epoch, "checkpoint": checkpoint, "seconds": seconds}
    return station.request("/v1/wait", message)


def woken(station: Workstation, checkpoint: str, cause: object) -> float:
    """Return how long after cause the station was told, in seconds."""
    told: list[float] = []

    def wait() -> None:
        assert waited(station, checkpoint).json()["moved"] is True
        told.append(time.perf_counter())

    thread = threading.Thread(target=wait)
    thread.start()
    threading.Event().wait(0.5)
    began = time.perf_counter()
    cause()  # type: ignore[operator]
    thread.join(20)
    return told[0] - began


def test_a_push_wakes_the_other_device_at_once(house: House, served: Served, client: httpx.Client) -> None:
    with httpx.Client(base_url=served.url, timeout=40) as other:
        sender, waiter = enrol(house, client), enrol(house, other, "bea")
        checkpoint = waiter.pull()[-1]["checkpoint"]
        ned = house.pupils["ned"]
        entry = sender.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None))
        # A hint came: without one, a look a second would make this a matter of luck three times in a row.
        assert woken(waiter, checkpoint, lambda: sender.push(entry)) < 0.9


def test_what_the_system_writes_is_seen_within_two_seconds(house: House, served: Served) -> None:
    with httpx.Client(base_url=served.url, timeout=40) as other:
        waiter = enrol(house, other)
        checkpoint = waiter.pull()[-1]["checkpoint"]
        ned = house.pupils["ned"]
        assert woken(waiter, checkpoint, lambda: dose_in(house, house.north, ned, house.nurses["ann"].id)) < 3


def test_another_schools_news_wake_nobody(house: House, client: httpx.Client) -> None:
    waiter = enrol(house, client)
    checkpoint = waiter.pull()[-1]["checkpoint"]
    dose_in(house, house.south, house.pupils["sam"], house.nurses["cleo"].id)
    began = time.perf_counter()
    assert waited(waiter, checkpoint, seconds=2).json()["moved"] is False
    assert 1.5 < time.perf_counter() - began < 10


def test_an_old_checkpoint_and_none_are_answered_at_once(house: House, client: httpx.Client) -> None:
    waiter = enrol(house, client)
    checkpoint = waiter.pull()[-1]["checkpoint"]
    dose_in(house, house.north, house.pupils["ned"], house.nurses["ann"].id)
    for given in (checkpoint, None, "no checkpoint of ours"):
        began = time.perf_counter()
        assert waited(waiter, given).json()["moved"] is True
        assert time.perf_counter() - began < 5
    waiter.epoch = "another"
    assert code_of(waited(waiter, checkpoint)) == "epoch_changed"


def test_a_checkpoint_that_is_ahead_or_not_ours_is_to_be_reconciled(house: House, client: httpx.Client) -> None:
    station = enrol(house, client)
    good = station.pull()[-1]["checkpoint"]
    assert station.hello(checkpoint=good)["directive"] == "ok"
    assert station.hello(checkpoint="nonsense")["directive"] == "reconcile"
    assert station.hello(checkpoint=good[:-2] + "AA")["directive"] == "reconcile"
    assert station.hello(app_version="0.0.9")["directive"] == "drain_only"
    station.push(station.entry(make.access_recorded()))
    assert station.hello(last_number=0)["directive"] == "reconcile"


def test_what_a_device_says_of_itself_is_kept(house: House, client: httpx.Client) -> None:
    station = enrol(house, client)
    station.hello(
        waiting=7, unstored=3, device_time="2020-01-01T00:00:00+00:00", oldest_waiting="2026-01-01T00:00:00+00:00"
    )
    said = "SELECT waiting, clock_offset_ms, app_version, unstored FROM devices WHERE id = %s"
    (row,) = house.asked(said, station.device)
    assert row[0] == 7
    assert row[1] < -100_000_000_000
    assert row[2] == "0.1.0"
    assert row[3] == 3
    station.hello()  # of a program that cannot tell, or that took them meanwhile
    assert house.asked(said, station.device)[0][3] == 0
