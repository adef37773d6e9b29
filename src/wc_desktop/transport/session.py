"""The device's session: an access token of minutes, and the refresh token that follows the one used."""

import threading
from typing import Protocol

from wc_contract.model.instants import Clock
from wc_contract.wire.messages import Refresh, Tokens
from wc_contract.wire.versions import PROTOCOL
from wc_desktop.domain.failures import SessionOver, SignInFailed
from wc_desktop.transport.addresses import REFRESH
from wc_desktop.transport.channel import Channel

# Renewed this early, so that no request is sent with a token that expires on the way.
_EARLY_SECONDS = 20.0


class Drawer(Protocol):
    """Where the refresh token outlives the program."""

    def read(self) -> str | None:
        """Return the newest token."""
        ...

    def write(self, token: str) -> None:
        """Keep the newest token, durably."""
        ...


class Session:
    """Hands out a good access token. Threads may ask at once: one of them refreshes, the others wait for it."""

    def __init__(self, channel: Channel, drawer: Drawer, clock: Clock) -> None:
        self._channel = channel
        self._drawer = drawer
        self._clock = clock
        self._lock = threading.Lock()
        self._access = ""
        self._good_until = 0.0

    def begin(self, tokens: Tokens) -> None:
        """Take the first tokens, from enrolment."""
        with self._lock:
            self._take(tokens)

    def token(self) -> str:
        """Return an access token. Raises SessionOver when the server knows none of it, ServerUnreachable and kin."""
        with self._lock:
            if self._clock.monotonic() >= self._good_until:
                self._refresh()
            return self._access

    def expired(self, token: str) -> None:
        """Forget a token that the server did not take: the next one asked for is new."""
        with self._lock:
            if token == self._access:
                self._good_until = 0.0

    def _refresh(self) -> None:
        refresh = self._drawer.read()
        if refresh is None:
            raise SessionOver("no session on this workstation")
        # A lost answer costs nothing: the same token with our proof gets the same successor again.
        message = Refresh(protocol=PROTOCOL, refresh_token=refresh)
        try:
            tokens = self._channel.ask(REFRESH, message, Tokens, token=refresh)
        except SignInFailed:
            # Nobody typed a password: the session was ended, or this is the server of another district.
            raise SessionOver("the server does not know the session") from None
        self._take(tokens)

    def _take(self, tokens: Tokens) -> None:
        self._drawer.write(tokens.refresh_token)
        self._access = tokens.access_token
        self._good_until = self._clock.monotonic() + max(tokens.expires_in - _EARLY_SECONDS, 1.0)
