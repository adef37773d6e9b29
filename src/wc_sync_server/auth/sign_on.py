"""District single sign-on (OpenID Connect): the page to open, what comes back, and a ticket that stands for it.

The workstation opens the system's browser and listens on loopback (RFC 8252); code, verifier and token are the server's
alone. Nothing is kept between the steps: what a step needs to know it finds in the token that the one before signed.
"""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from wc_contract.model.ids import Chance, DistrictId, new_uuid
from wc_contract.model.instants import Clock
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import BeginSignOn, FinishSignOn, SignOnBegun, SignOnFinished
from wc_sync_server.auth.claims import SignedClaims
from wc_sync_server.auth.device_proof import decode_key, require_proof
from wc_sync_server.auth.nonces import Nonces
from wc_sync_server.auth.openid import OpenIdProvider, refuse
from wc_sync_server.auth.ports import AccessStores
from wc_sync_server.auth.sign_on_file import Provider
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.requests import SignedRequest

_TO_SIGN_IN: Final = timedelta(minutes=10)
_TO_USE_IT: Final = timedelta(minutes=5)
_MOST_OF_A_NAME: Final = 255
# Only a program on the person's own machine is sent the code.
_REDIRECT: Final = re.compile(r"http://(127\.0\.0\.1|\[::1\]):[1-9][0-9]{0,4}/white-cross")
_BEGUN: Final = ("dis", "key", "uri", "beg")
_VOUCHED: Final = ("dis", "key", "prv", "who", "beg", "mfa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Whom a provider vouches for, by its own name for them; begun, in microseconds, tells one sign-in from the next.

    strong: it asked for a second factor itself.
    """

    issuer: str
    name: str = field(repr=False)
    begun: int
    strong: bool


class SignOn:
    """Sends people to their district's provider, and believes what it says of them."""

    def __init__(
        self,
        *,
        stores: AccessStores,
        providers: Mapping[str, Provider],
        key: bytes,
        nonces: Nonces,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._stores = stores
        self._providers = {code: OpenIdProvider(provider, clock) for code, provider in providers.items()}
        self._key = key
        self._nonces = nonces
        self._clock = clock
        self._chance = chance
        self._begun = SignedClaims(key, clock, chance, issuer="wc-sync-server/sign-on", required=_BEGUN)
        self._vouched = SignedClaims(key, clock, chance, issuer="wc-sync-server/vouched", required=_VOUCHED)

    def begin(self, request: SignedRequest, message: BeginSignOn) -> SignOnBegun:
        """Return the page on which somebody signs in, and what proves later that it was asked for.

        Raises ProblemRaised: USE_NONCE, BAD_PROOF, BAD_REQUEST, WRONG_DISTRICT, NO_SIGN_ON, BUSY.
        """
        key = decode_key(message.sign_key)
        require_proof(replace(request, token=""), key, self._nonces)
        if _REDIRECT.fullmatch(message.redirect) is None:
            raise ProblemRaised(ProblemCode.BAD_REQUEST)
        district = self._stores.find_district(message.district.strip().lower())
        if district is None:
            raise ProblemRaised(ProblemCode.WRONG_DISTRICT)
        now = self._clock.now()
        flow = str(new_uuid(now, self._chance))
        said = {
            "jti": flow,
            "dis": str(district),
            "key": _print_of(key),
            "uri": message.redirect,
            "beg": str(int(now.timestamp() * 1_000_000)),
        }
        challenge = _text(sha256(self._secret("verifier", flow).encode()).digest())
        state = self._secret("state", flow)
        page = self._provider(district).page(
            redirect=message.redirect, state=state, nonce=self._secret("nonce", flow), challenge=challenge
        )
        return SignOnBegun(page=page, state=state, flow=self._begun.issue(said, _TO_SIGN_IN))

    def finish(self, request: SignedRequest, message: FinishSignOn) -> SignOnFinished:
        """Return a ticket for whoever signed in, for the very workstation that asked.

        Raises ProblemRaised: USE_NONCE, BAD_PROOF, NO_SIGN_ON, SIGN_ON_REFUSED, BUSY.
        """
        key = decode_key(message.sign_key)
        require_proof(replace(request, token=""), key, self._nonces)
        flow = self._begun.read(message.flow)
        if flow is None or flow["key"] != _print_of(key):
            refuse("flow")
        if not hmac.compare_digest(self._secret("state", flow["jti"]).encode(), message.state.encode()):
            refuse("state")
        district = DistrictId(UUID(flow["dis"]))
        openid = self._provider(district)
        if message.issuer is not None and message.issuer != openid.provider.issuer:
            refuse("issuer_of_answer")
        claims = openid.redeem(
            code=message.code,
            redirect=flow["uri"],
            verifier=self._secret("verifier", flow["jti"]),
            nonce=self._secret("nonce", flow["jti"]),
            began=int(flow["beg"]) // 1_000_000,
        )
        strong = _strong(openid.provider, claims)
        said = {
            "dis": flow["dis"],
            "key": flow["key"],
            "prv": openid.provider.issuer,
            "who": _name(openid.provider, claims),
            "beg": flow["beg"],
            "mfa": "1" if strong else "0",
        }
        return SignOnFinished(ticket=self._vouched.issue(said, _TO_USE_IT), second_factor=not strong)

    def vouched(self, district: DistrictId, ticket: str, key: bytes) -> Vouched:
        """Return whom a ticket stands for, in the hands of the workstation it was given to.

        Raises ProblemRaised(SIGN_ON_REFUSED).
        """
        said = self._vouched.read(ticket)
        if said is None or said["dis"] != str(district) or said["key"] != _print_of(key):
            refuse("ticket")
        if said["prv"] != self._provider(district).provider.issuer:
            refuse("another_provider")
        return Vouched(issuer=said["prv"], name=said["who"], begun=int(said["beg"]), strong=said["mfa"] == "1")

    def _provider(self, district: DistrictId) -> OpenIdProvider:
        found = self._providers.get(self._stores.code(district))
        if found is None:
            raise ProblemRaised(ProblemCode.NO_SIGN_ON)
        return found

    def _secret(self, what: str, flow: str) -> str:
        return _text(hmac.digest(self._key, f"{what}.{flow}".encode(), sha256))


def _name(provider: Provider, claims: Mapping[str, Any]) -> str:
    name = claims.get(provider.claim)
    if not isinstance(name, str) or not 0 < len(name) <= _MOST_OF_A_NAME or "\x00" in name:
        refuse("claim")
    # An address that somebody typed about themselves names nobody.
    if provider.claim == "email" and claims.get("email_verified") is not True:
        refuse("email_not_verified")
    return name


def _strong(provider: Provider, claims: Mapping[str, Any]) -> bool:
    methods = claims.get("amr")
    said = {each for each in methods if isinstance(each, str)} if isinstance(methods, list) else set()
    context = claims.get("acr")
    return bool(said & provider.amr) or (isinstance(context, str) and context in provider.acr)


def _print_of(key: bytes) -> str:
    return _text(sha256(key).digest())


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode("ascii").rstrip("=")
