"""Ids under our own signature, for some minutes: what every access token is."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import jwt

from wc_contract.model.ids import Chance, new_uuid
from wc_contract.model.instants import Clock

_ALGORITHM = "HS256"
_OF_ALL = ("exp", "iat", "jti")
_LONGEST = 4096


class SignedClaims:
    """Issues and reads tokens of one issuer; those of another issuer do not open it, whatever they say."""

    def __init__(self, key: bytes, clock: Clock, chance: Chance, *, issuer: str, required: Sequence[str]) -> None:
        self._key = key
        self._clock = clock
        self._chance = chance
        self._issuer = issuer
        self._required = [*_OF_ALL, *required]

    def issue(self, claims: Mapping[str, str], lifetime: timedelta) -> str:
        """Return a token that says these things for so long."""
        now = self._clock.now()
        whole = {
            "iss": self._issuer,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "jti": str(new_uuid(now, self._chance)),
            **claims,
        }
        return jwt.encode(whole, self._key, algorithm=_ALGORITHM)

    def read(self, token: str) -> Mapping[str, Any] | None:
        """Return what a token says; None for one that is old, or not ours."""
        if len(token) > _LONGEST:
            return None
        try:
            # Whether it is old is asked of our own clock: the library reads the machine's.
            claims: Mapping[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                issuer=self._issuer,
                options={"require": self._required, "verify_exp": False, "verify_iat": False},
            )
            return claims if int(claims["exp"]) > int(self._clock.now().timestamp()) else None
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
