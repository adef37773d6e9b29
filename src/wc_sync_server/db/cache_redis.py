"""Redis as the cache that processes share. It is never believed without proof, and never waited for."""

import hmac
import threading
import time
from hashlib import sha256

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from wc_contract.model.errors import Refused

_PATIENCE_SECONDS = 0.2
_LEFT_ALONE_SECONDS = 5.0
_PREFIX = "wc1:"
_MAC = sha256().digest_size
_log = structlog.get_logger(__name__)


class RedisAddressWrong(Refused):
    """WC_REDIS_URL is no address of a Redis."""

    code = "redis_address_wrong"


class RedisCache:
    """Keeps values with a code made by the server's key: whoever else can write there cannot put a policy in.

    A Redis that fails is left alone for some seconds; meanwhile the database answers.
    """

    def __init__(self, url: str, key: bytes) -> None:
        self._key = key
        self._lock = threading.Lock()
        self._left_alone_until = 0.0
        try:
            self._redis = redis.Redis.from_url(
                url,
                socket_timeout=_PATIENCE_SECONDS,
                socket_connect_timeout=_PATIENCE_SECONDS,
                retry=Retry(NoBackoff(), 0),
                client_name="wc-sync-server",
            )
            # A name that can be none (an empty label, one that is too long) would be found at the first look only.
            str(self._redis.connection_pool.connection_kwargs.get("host", "")).encode("idna")
        except ValueError:
            raise RedisAddressWrong("WC_REDIS_URL must be redis://HOST:PORT/NUMBER or rediss://…") from None

    def get(self, key: str) -> bytes | None:
        """Return what was kept, None when there is nothing, nothing to be believed, or no answer."""
        if self._is_left_alone():
            return None
        try:
            kept = self._redis.get(_PREFIX + key)
        except redis.RedisError as error:
            self._leave_alone(error)
            return None
        if not isinstance(kept, bytes):
            return None
        mac, value = kept[:_MAC], kept[_MAC:]
        if not hmac.compare_digest(mac, self._code(key, value)):
            _log.error("cache.forged")
            return None
        return value

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep a value for so many seconds."""
        if self._is_left_alone():
            return
        try:
            self._redis.set(_PREFIX + key, self._code(key, value) + value, ex=seconds)
        except redis.RedisError as error:
            self._leave_alone(error)

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()

    def _code(self, key: str, value: bytes) -> bytes:
        # The key goes in too: a true value must not be believed in another's place.
        return hmac.digest(self._key, key.encode() + b"\x00" + value, "sha256")

    def _is_left_alone(self) -> bool:
        with self._lock:
            return time.monotonic() < self._left_alone_until

    def _leave_alone(self, error: redis.RedisError) -> None:
        with self._lock:
            self._left_alone_until = time.monotonic() + _LEFT_ALONE_SECONDS
        _log.warning("cache.unavailable", kind=type(error).__name__)
