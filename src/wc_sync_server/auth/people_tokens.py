"""Tokens of people without a workstation. They carry ids only, and open nothing that a device's token opens."""

from datetime import timedelta
from uuid import UUID

import jwt

from wc_contract.model.ids import Chance, DistrictId, UserId, new_uuid
from wc_contract.model.instants import Clock
from wc_sync_server.domain.records.person import PersonSession
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_ALGORITHM = "HS256"
_ISSUER = "wc-sync-server/people"
_CLAIMS = ["exp", "iat", "jti", "sub", "dis", "sid"]
_LONGEST = 4096


class PeopleTokens:
    """Issues and reads them."""

    def __init__(self, key: bytes, clock: Clock, chance: Chance) -> None:
        self._key = key
        self._clock = clock
        self._chance = chance

    def issue(self, session: PersonSession, lifetime: timedelta) -> str:
        """Return a token for session."""
        now = self._clock.now()
        claims = {
            "iss": _ISSUER,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "jti": str(new_uuid(now, self._chance)),
            "sub": str(session.user),
            "dis": str(session.district),
            "sid": str(session.session),
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def read(self, token: str) -> PersonSession:
        """Return what token names. Raises RecordRefused(NOT_SIGNED_IN) for one that is old or not ours."""
        try:
            if len(token) > _LONGEST:
                raise RecordRefused(RecordsProblem.NOT_SIGNED_IN)
            # Whether it is old is asked of our own clock: the library reads the machine's.
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                issuer=_ISSUER,
                options={"require": _CLAIMS, "verify_exp": False, "verify_iat": False},
            )
            if int(claims["exp"]) <= int(self._clock.now().timestamp()):
                raise RecordRefused(RecordsProblem.NOT_SIGNED_IN)
            return PersonSession(
                district=DistrictId(UUID(claims["dis"])), user=UserId(UUID(claims["sub"])), session=UUID(claims["sid"])
            )
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            raise RecordRefused(RecordsProblem.NOT_SIGNED_IN) from None
