"""The server takes a code once: the demonstration's people never show the same one twice."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wc_sync_server.auth.totp import accepted_step, matching_step, new_secret
from wc_sync_server.demo.authenticators import Authenticators
from wc_sync_server.demo.folder import DemoFolder
from wc_sync_server.machine import SystemChance


@dataclass
class Waiting:
    """A clock that goes on only while somebody waits."""

    at: datetime = datetime(2026, 9, 1, 16, 0, 29, tzinfo=UTC)
    waited: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.at += timedelta(seconds=seconds)


def test_every_code_is_taken_once_and_one_after_the_other(tmp_path: Path) -> None:
    clock = Waiting()
    secret = new_secret(SystemChance())
    last = 0
    for number in range(4):
        # A new demonstration each time: what was shown is known across them.
        people = Authenticators(folder=DemoFolder(tmp_path), secrets={"ann": secret}, clock=clock, wait=clock.wait)
        step = accepted_step(secret, people.code("ann"), clock.at, last)
        assert step is not None, number
        last = step
    assert 30 < sum(clock.waited) <= 60


def test_another_person_waits_for_nobody(tmp_path: Path) -> None:
    clock = Waiting()
    secrets = {name: new_secret(SystemChance()) for name in ("ann", "bea")}
    people = Authenticators(folder=DemoFolder(tmp_path), secrets=secrets, clock=clock, wait=clock.wait)
    for name, secret in secrets.items():
        assert matching_step(secret, people.code(name), clock.at) is not None
    assert clock.waited == []
