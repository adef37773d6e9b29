"""What is remembered is what the database would answer: never another version's, never a stranger's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import redis
import structlog
from structlog.testing import capture_logs
from tests.redis_server import RedisServer, redis_server

from wc_sync_server.db.cache import STALE_BY_HAND, Cache, Read
from wc_sync_server.db.cache_redis import RedisAddressWrong, RedisCache

__all__ = ["redis_server"]

KEY = b"k" * 32


@dataclass(slots=True)
class Table:
    """A thing that is read, and how often it was."""

    version: str | None = "1"
    value: bytes = b"first"
    reads: int = 0

    def load(self) -> Read:
        self.reads += 1
        return Read(version=self.version, value=self.value)


@dataclass(slots=True)
class Timer:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass(slots=True)
class Asking:
    """Somebody who asks for the thing under the version they saw."""

    cache: Cache
    table: Table = field(default_factory=Table)

    def ask(self, version: str | None) -> str:
        return self.cache.through("thing", version, self.table.load, bytes.decode)


def test_it_is_read_once_as_long_as_the_version_stays() -> None:
    asking = Asking(Cache())
    assert [asking.ask("1") for _ in range(3)] == ["first"] * 3
    assert asking.table.reads == 1


def test_another_version_is_read_anew() -> None:
    asking = Asking(Cache())
    asking.ask("1")
    asking.table.version, asking.table.value = "2", b"second"
    assert asking.ask("2") == "second"


def test_what_moved_while_it_was_read_is_remembered_under_its_own_version() -> None:
    asking = Asking(Cache(), Table(version="2", value=b"second"))
    assert asking.ask("1") == "second"
    assert asking.ask("2") == "second"
    assert asking.table.reads == 1
    # A transaction that still saw the first version is not given what is remembered for the second.
    asking.table.version, asking.table.value = "1", b"first"
    assert asking.ask("1") == "first"


def test_without_a_version_nothing_is_remembered() -> None:
    asking = Asking(Cache(), Table(version=None))
    asking.ask(None)
    asking.ask(None)
    assert asking.table.reads == 2


def test_what_was_changed_by_hand_is_seen_within_the_bound() -> None:
    timer = Timer()
    asking = Asking(Cache(timer=timer))
    asking.ask("1")
    asking.table.value = b"by hand"
    timer.seconds = STALE_BY_HAND
    assert asking.ask("1") == "by hand"


@pytest.fixture
def shared(redis_server: RedisServer) -> Iterator[Callable[..., RedisCache]]:
    made: list[RedisCache] = []
    with redis_server.client() as client:
        client.flushall()

    def make(key: bytes = KEY) -> RedisCache:
        made.append(RedisCache(redis_server.url, key))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_second_process_takes_it_from_redis(shared: Callable[..., RedisCache]) -> None:
    first, second = Asking(Cache(shared())), Asking(Cache(shared()))
    assert (first.ask("1"), second.ask("1")) == ("first", "first")
    assert (first.table.reads, second.table.reads) == (1, 0)


def test_what_somebody_else_put_into_redis_is_not_believed(
    redis_server: RedisServer, shared: Callable[..., RedisCache]
) -> None:
    Asking(Cache(shared(b"another key" * 3))).ask("1")
    asking = Asking(Cache(shared()), Table(value=b"true"))
    with capture_logs() as logs:
        assert asking.ask("1") == "true"
    assert [line["event"] for line in logs] == ["cache.forged"]
    # A true value in another's place is a forgery as well.
    with redis_server.client() as client:
        kept = client.get("wc1:thing@1")
        assert isinstance(kept, bytes)
        client.set("wc1:thing@2", kept)
    asking.table.version, asking.table.value = "2", b"second"
    assert asking.ask("2") == "second"


def test_a_redis_that_is_gone_costs_one_try_and_the_database_answers(
    redis_server: RedisServer, shared: Callable[..., RedisCache]
) -> None:
    cache = shared()
    redis_server.kill()
    try:
        with capture_logs() as logs:
            for number in range(20):
                asking = Asking(Cache(cache), Table(version=str(number)))
                assert asking.ask(str(number)) == "first"
        assert [line["event"] for line in logs] == ["cache.unavailable"]
    finally:
        redis_server.start()
        structlog.reset_defaults()


def test_values_leave_redis_by_themselves(redis_server: RedisServer, shared: Callable[..., RedisCache]) -> None:
    Asking(Cache(shared())).ask("1")
    with redis_server.client() as client:
        left = client.ttl("wc1:thing@1")
    assert isinstance(left, int)
    assert 0 < left <= STALE_BY_HAND / 2


def test_an_address_that_is_none_is_refused_with_its_variable() -> None:
    for url in ("nonsense", "redis://a..b.example:6379/0"):
        with pytest.raises(RedisAddressWrong, match="WC_REDIS_URL"):
            RedisCache(url, KEY)


def test_no_password_of_redis_is_shown() -> None:
    cache = RedisCache("redis://:secret-word@127.0.0.1:1/0", KEY)
    with capture_logs() as logs:
        assert cache.get("thing") is None
    assert "secret-word" not in repr(logs) + repr(cache)
    assert issubclass(redis.ConnectionError, redis.RedisError)
