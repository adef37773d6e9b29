"""Tokens of people without a workstation. They carry ids only, and open nothing that a device's token opens."""

from datetime import timedelta
from uuid import UUID

from wc_contract.model.ids import Chance, DistrictId, UserId
from wc_contract.model.instants import Clock
from wc_sync_server.auth.claims import SignedClaims
from wc_sync_server.domain.records.person import PersonSession
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_ISSUER = "wc-sync-server/people"
_CLAIMS = ("sub", "dis", "sid")


class PeopleTokens:
    """Issues and reads them."""

    def __init__(self, key: bytes, clock: Clock, chance: Chance) -> None:
        self._claims = SignedClaims(key, clock, chance, issuer=_ISSUER, required=_CLAIMS)

    def issue(self, session: PersonSession, lifetime: timedelta) -> str:
        """Return a token for session."""
        claims = {"sub": str(session.user), "dis": str(session.district), "sid": str(session.session)}
        return self._claims.issue(claims, lifetime)

    def read(self, token: str) -> PersonSession:
        """Return what token names. Raises RecordRefused(NOT_SIGNED_IN) for one that is old or not ours."""
        claims = self._claims.read(token)
        if claims is None:
            raise RecordRefused(RecordsProblem.NOT_SIGNED_IN)
        try:
            return PersonSession(
                district=DistrictId(UUID(claims["dis"])), user=UserId(UUID(claims["sub"])), session=UUID(claims["sid"])
            )
        except (ValueError, TypeError, AttributeError):
            raise RecordRefused(RecordsProblem.NOT_SIGNED_IN) from None
