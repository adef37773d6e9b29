"""The server takes a code once: the demonstration's people show one that it will take."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from wc_sync_server.auth.totp import accepted_step, new_secret
from wc_sync_server.demo.authenticators import Authenticators
from wc_sync_server.machine import SystemChance


@dataclass
class Waiting:
    """A clock that goes on only while somebody waits, and a server that remembers what it took."""

    at: datetime = datetime(2026, 9, 1, 16, 0, 29, tzinfo=UTC)
    waited: float = 0.0
    took: dict[str, int] = field(default_factory=dict)

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.waited += seconds
        self.at += timedelta(seconds=seconds)

    def taken(self, email: str) -> int:
        return self.took.get(email, 0)


def test_every_code_is_one_that_the_server_takes() -> None:
    world, secret = Waiting(), new_secret(SystemChance())
    people = Authenticators(secrets={"ann": secret}, clock=world, taken=world.taken, wait=world.wait)
    for number in range(4):
        step = accepted_step(secret, people.code("ann"), world.at, world.taken("ann"))
        assert step is not None, number
        world.took["ann"] = step
    assert 30 < world.waited <= 60


def test_a_code_that_was_refused_for_another_reason_is_shown_again() -> None:
    world, secret = Waiting(), new_secret(SystemChance())
    people = Authenticators(secrets={"ann": secret}, clock=world, taken=world.taken, wait=world.wait)
    assert people.code("ann") == people.code("ann")
    assert world.waited == 0
