"""Access tokens that live for minutes, and refresh tokens that the server can write again from their row's id."""

import base64
import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from wc_contract.model.ids import Chance, DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Clock
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.auth.claims import SignedClaims
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.problems import ProblemRaised

_ISSUER = "wc-sync-server"
_CLAIMS = ("sub", "dev", "dis", "sch", "sid")


class AccessTokens:
    """Issues and reads access tokens. They carry ids only."""

    def __init__(self, key: bytes, clock: Clock, chance: Chance, lifetime: timedelta) -> None:
        self._claims = SignedClaims(key, clock, chance, issuer=_ISSUER, required=_CLAIMS)
        self.lifetime = lifetime

    def issue(self, principal: Principal) -> str:
        """Return a token for principal."""
        claims = {
            "sub": str(principal.user),
            "dev": str(principal.device),
            "dis": str(principal.district),
            "sch": str(principal.school),
            "sid": str(principal.session),
        }
        return self._claims.issue(claims, self.lifetime)

    def read(self, token: str) -> Principal:
        """Return whom token names. Raises ProblemRaised(TOKEN_EXPIRED) for one that is old or not ours."""
        claims = self._claims.read(token)
        if claims is None:
            raise ProblemRaised(ProblemCode.TOKEN_EXPIRED)
        try:
            return Principal(
                district=DistrictId(UUID(claims["dis"])),
                school=SchoolId(UUID(claims["sch"])),
                device=DeviceId(UUID(claims["dev"])),
                user=UserId(UUID(claims["sub"])),
                session=UUID(claims["sid"]),
            )
        except (ValueError, TypeError, AttributeError):
            raise ProblemRaised(ProblemCode.TOKEN_EXPIRED) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokens:
    """Refresh tokens are MACs over their district and row: nothing that opens a session is stored.

    That is what lets the server answer a lost answer's retry with the very same successor.
    """

    key: bytes

    def write(self, district: DistrictId, row: UUID) -> str:
        """Return the token of a session row."""
        text = f"wcr1.{district.hex}.{row.hex}"
        tag = hmac.digest(self.key, text.encode(), sha256)
        return f"{text}.{base64.urlsafe_b64encode(tag).decode('ascii').rstrip('=')}"

    def read(self, token: str) -> tuple[DistrictId, UUID] | None:
        """Return which row token belongs to; None for what we never wrote."""
        parts = token.split(".")
        if len(parts) != 4:  # noqa: PLR2004
            return None
        try:
            district, row = DistrictId(UUID(hex=parts[1])), UUID(hex=parts[2])
        except ValueError:
            return None
        written = self.write(district, row)
        return (district, row) if hmac.compare_digest(written.encode(), token.encode()) else None


def token_hash(token: str) -> bytes:
    """Return what a row keeps of its token."""
    return sha256(token.encode()).digest()
