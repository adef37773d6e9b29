"""A real server with a real database, at noon on a school day, and workstations that enrol at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from tests.central_database import central_template
from tests.sync_server.house import PASSWORD, House
from tests.sync_server.serving import Served, house

from wc_desktop.actions.enrol import enrol
from wc_desktop.actions.unlock import Desk, lock, unlock
from wc_desktop.app.parts import DeskLink, Parts
from wc_desktop.background.runner import Runner
from wc_desktop.background.sync_thread import SyncThread
from wc_desktop.domain.enrolment import EnrolRequest, FirstSync
from wc_desktop.security.clock import SystemChance, SystemClock
from wc_desktop.security.keystore import InsecureKeystore
from wc_desktop.security.station import Station

__all__ = ["central_template", "house"]
ZONE = ZoneInfo("America/Chicago")
T = TypeVar("T")


def seconds_until_a_noon() -> int:
    """How far the demonstration clock must be moved so that it is 11:58 on a Tuesday that is to come."""
    now = datetime.now(UTC)
    day = now.astimezone(ZONE).date()
    day += timedelta(days=(1 - day.weekday()) % 7)
    return int((datetime.combine(day, time(11, 58), ZONE) - now).total_seconds())


@dataclass
class District:
    """The served district, its clock moved to a noon."""

    served: Served
    house: House
    offset: int

    def start(self) -> None:
        self.served.start(WC_DEMO_CLOCK_OFFSET=str(self.offset))

    def clock(self) -> SystemClock:
        return SystemClock(self.offset)

    def request(self, nurse: str, name: str, *, school: str = "north", **changed: str) -> EnrolRequest:
        code = self.house.one_time_code(getattr(self.house, school))
        # The code was issued by the real clock; the server lives at noon.
        self.house.done(
            "UPDATE enrolment_codes SET expires_at = %s WHERE used_at IS NULL",
            self.clock().now() + timedelta(minutes=15),
        )
        person = self.house.nurses[nurse]
        self.house.forget_codes(person)
        told = {
            "server_url": self.served.url,
            "district": "testville",
            "code": code,
            "email": person.email,
            "password": PASSWORD,
            "totp": person.code(self.clock().now()),
            "device_name": name,
            **changed,
        }
        return EnrolRequest(**told)  # type: ignore[arg-type]


@dataclass
class Workstation:
    """One enrolled device, its folder, and what runs while it is unlocked."""

    folder: Path
    district: District
    nurse: str
    progress: list[FirstSync] = field(default_factory=list)
    desk: Desk | None = None
    runner: Runner | None = None
    sync: SyncThread | None = None

    def __post_init__(self) -> None:
        self.parts = Parts(
            clock=self.district.clock(),
            chance=SystemChance(),
            keystore=InsecureKeystore(self.folder.parent / f"{self.folder.name}.keystore"),
        )

    def enrol(self) -> None:
        request = self.district.request(self.nurse, self.folder.name)
        enrol(request, self.folder, self.parts, self.progress.append)

    @property
    def station(self) -> Station:
        station = Station.load(self.folder, self.parts)
        assert station is not None
        return station

    def unlock(self) -> Desk:
        self.runner = Runner()
        station = self.station
        user = station.people()[0].id
        self.desk = self.runner.call(lambda: unlock(station, user, PASSWORD))
        return self.desk

    def go_online(self) -> SyncThread:
        sync, _ = self.ready_to_go_online()
        sync.start()
        return sync

    def ready_to_go_online(self) -> tuple[SyncThread, DeskLink]:
        """Return a thread that is not started yet, and its link."""
        assert self.runner is not None
        assert self.desk is not None
        link = self.parts.link_of(self.desk)
        self.sync = SyncThread(self.runner, self.desk, link)
        return self.sync, link

    def go_offline(self) -> None:
        if self.sync is not None:
            self.sync.stop()
            self.sync = None

    def lock(self) -> None:
        self.go_offline()
        if self.desk is not None and self.runner is not None:
            desk = self.desk
            self.runner.call(lambda: lock(desk))
            self.desk = None
        if self.runner is not None:
            self.runner.stop()
            self.runner = None


@pytest.fixture(scope="module")
def district(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    served = Served(house, tmp_path_factory.mktemp("log") / "server.log")
    made = District(served, house, seconds_until_a_noon())
    made.start()
    yield made
    served.stop()


@pytest.fixture
def workstation(district: District, tmp_path: Path) -> Iterator[Callable[..., Workstation]]:
    """Give a maker of enrolled workstations; all are locked at the end."""
    made: list[Workstation] = []

    def make(nurse: str, name: str) -> Workstation:
        station = Workstation(tmp_path / name, district, nurse)
        made.append(station)
        station.enrol()
        return station

    yield make
    for station in made:
        station.lock()


def on(station: Workstation, job: Callable[[Desk], T]) -> T:
    """Return what job says of the desk of an unlocked workstation, asked on its replica thread."""
    assert station.runner is not None
    assert station.desk is not None
    return station.runner.call(partial(job, station.desk))
