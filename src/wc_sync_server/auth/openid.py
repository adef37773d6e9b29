"""What a provider of OpenID Connect is asked, and what of its word is believed: signature, audience, nonce, age.

Whatever does not fit is refused with one answer; which check it was stands in the log.
"""

import hmac
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, NoReturn, Self
from urllib.parse import quote, urlencode

import httpx
import jwt
import orjson
import structlog

from wc_contract.model.instants import Clock
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.auth.sign_on_file import Provider, may_lead_to
from wc_sync_server.domain.problems import ProblemRaised

# Signatures by a key that only the provider has: neither none nor a secret that both sides share.
ALGORITHMS: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})
SKEW_SECONDS: Final = 60
_OLDEST_SECONDS: Final = 600  # of a token that was just fetched
_REMEMBERED_SECONDS: Final = 600.0
_LARGEST: Final = 256 * 1024
_TIMEOUT: Final = httpx.Timeout(8.0, connect=4.0)
_PATIENCE_SECONDS: Final = 10.0  # for one whole answer, however small the pieces it comes in
_REQUIRED: Final = ("iss", "sub", "aud", "exp", "iat", "nonce")
_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_log = structlog.get_logger(__name__)


class OpenIdProvider:
    """One provider. What it publishes is remembered for ten minutes, and asked for anew when a key is not known.

    patience: in seconds, for one whole answer.
    """

    def __init__(self, provider: Provider, clock: Clock, *, patience: float = _PATIENCE_SECONDS) -> None:
        self.provider = provider
        self._clock = clock
        self._patience = patience
        # A connection for each request: the end of its time ends its connection, and nobody else's.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False, limits=limits)
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def page(self, *, redirect: str, state: str, nonce: str, challenge: str) -> str:
        """Return the address of the page on which somebody signs in. Raises ProblemRaised(BUSY)."""
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": redirect,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            # The workstation is shared: whoever the browser still knows need not be who sits there.
            "prompt": "login",
        }
        page = self._address("authorization_endpoint")
        return f"{page}{'&' if '?' in page else '?'}{urlencode(asked)}"

    def redeem(self, *, code: str, redirect: str, verifier: str, nonce: str, began: int) -> Mapping[str, Any]:
        """Return what the provider says of whoever signed in. Raises ProblemRaised: BUSY, SIGN_ON_REFUSED.

        began is when the sign-in was asked for, in seconds: whoever signed in before that is not meant.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
            "client_id": self.provider.client_id,
        }
        answer = self._asked("POST", self._address("token_endpoint"), form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            refuse("no_token")
        claims = self._believed(token)
        if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            refuse("nonce")
        signed_in = claims.get("auth_time")
        if signed_in is not None and _seconds(signed_in) < began - SKEW_SECONDS:
            refuse("signed_in_before")
        return claims

    def _believed(self, token: str) -> Mapping[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            if algorithm not in ALGORITHMS:
                refuse("algorithm")
            key = self._key(header.get("kid"), algorithm)
            # Ages are compared with our own clock, below: the library reads the machine's.
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[algorithm],
                audience=self.provider.client_id,
                issuer=self.provider.issuer,
                options={"require": [*_REQUIRED], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            refuse(type(error).__name__)
        now = int(self._clock.now().timestamp())
        issued = _seconds(claims["iat"])
        if _seconds(claims["exp"]) <= now - SKEW_SECONDS or issued < now - _OLDEST_SECONDS:
            refuse("expired")
        if max(issued, _seconds(claims.get("nbf", 0))) > now + SKEW_SECONDS:
            refuse("not_yet")
        others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if others else self.provider.client_id) != self.provider.client_id:
            refuse("authorized_party")
        return claims

    def _key(self, kid: object, algorithm: str) -> jwt.PyJWK:
        found = self._found(kid, algorithm, fresh=False) or self._found(kid, algorithm, fresh=True)
        if found is None:
            refuse("unknown_key")
        return jwt.PyJWK(found, algorithm)

    def _found(self, kid: object, algorithm: str, *, fresh: bool) -> dict[str, Any] | None:
        keys = self._published("jwks", self._address("jwks_uri"), fresh=fresh).get("keys")
        listed = keys if isinstance(keys, list) else []
        fitting = [key for key in listed if _fits(key, algorithm)]
        named = [key for key in fitting if key.get("kid") == kid]
        # A provider with one key need not say which it is.
        return fitting[0] if kid is None and len(fitting) == 1 else next(iter(named), None)

    def _address(self, name: str) -> str:
        known = self._published("metadata", self.provider.issuer.rstrip("/") + _WELL_KNOWN)
        if known.get("issuer") != self.provider.issuer:
            refuse("issuer_of_metadata")
        address = known.get(name)
        if not isinstance(address, str) or not may_lead_to(self.provider.issuer, address):
            refuse(name)
        return address

    def _published(self, what: str, address: str, *, fresh: bool = False) -> Mapping[str, Any]:
        now = self._clock.monotonic()
        with self._lock:
            known = self._known.get(what)
        if known is not None and not fresh and now - known[0] < _REMEMBERED_SECONDS:
            return known[1]
        found = self._asked("GET", address)
        with self._lock:
            self._known[what] = (now, found)
        return found

    def _asked(self, method: str, address: str, form: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        secret = self.provider.secret if form is not None else None
        auth = None if secret is None else (quote(self.provider.client_id, safe=""), quote(secret, safe=""))
        try:
            with (
                _Deadline(self._patience) as deadline,
                self._client.stream(
                    method, address, data=form, auth=auth, extensions={"trace": deadline.watch}
                ) as response,
            ):
                content = bytearray()
                for piece in response.iter_bytes():
                    content += piece
                    if len(content) > _LARGEST:
                        raise unavailable("too_large")
            if form is not None and response.is_client_error:
                refuse("code")
            if not response.is_success:
                raise unavailable(f"status_{response.status_code}")
            read = orjson.loads(bytes(content))
        except httpx.HTTPError as error:
            raise unavailable(type(error).__name__) from None
        except orjson.JSONDecodeError:
            raise unavailable("no_json") from None
        if not isinstance(read, dict):
            raise unavailable("no_object")
        return read


class _Deadline:
    """Ends the connection it watches when its time is over: a timeout of httpx bounds each read, never their sum."""

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._over = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Take the connection when it is made, and again when it is encrypted (httpcore's trace)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._watched = info["return_value"].get_extra_info("socket")
                self._shut_if_over()

    def _end(self) -> None:
        with self._lock:
            self._over = True
            self._shut_if_over()

    def _shut_if_over(self) -> None:
        if self._over and self._watched is not None:
            # It may be closed already.
            with suppress(OSError):
                self._watched.shutdown(socket.SHUT_RDWR)


def refuse(why: str) -> NoReturn:
    """Raise ProblemRaised(SIGN_ON_REFUSED); why is for the log."""
    _log.warning("sign_on.refused", why=why)
    raise ProblemRaised(ProblemCode.SIGN_ON_REFUSED)


def unavailable(why: str) -> ProblemRaised:
    """Return what to raise when the provider does not answer as one."""
    _log.warning("sign_on.provider_unavailable", why=why)
    return ProblemRaised(ProblemCode.BUSY, retry_after=10)


def _fits(key: object, algorithm: str) -> bool:
    if not isinstance(key, dict) or key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        return False
    kinds = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
    return bool(key.get("kty") == kinds[algorithm[:2]])


def _seconds(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1 << 40:
        refuse("time")
    return int(value)
