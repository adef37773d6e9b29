"""A provider of OpenID Connect in a process of its own: Authlib's server, with PKCE, over HTTP; it can be told to lie.

python -m tests.openid_provider PORT
"""

import base64
import hmac
import json
import sys
import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET, OTHER = "white-cross", "a-secret-of-the-district-and-its-server", "payroll"


@dataclass(frozen=True)
class Client(ClientMixin):
    id: str
    secret: str

    def get_client_id(self) -> str:
        return self.id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        # Any port of loopback, as RFC 8252 says.
        return redirect_uri.startswith("http://127.0.0.1:") and redirect_uri.endswith("/white-cross")

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(self.secret, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic" and endpoint == "token"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    login: str
    code_challenge: str
    code_challenge_method: str
    auth_time: int

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> str | None:
        acr: str | None = KEPT.people.get(self.login, {}).get("acr")
        return acr

    def get_amr(self) -> list[str] | None:
        amr: list[str] | None = KEPT.people.get(self.login, {}).get("amr")
        return amr

    def is_expired(self) -> bool:
        return self.auth_time + 300 < time.time()


@dataclass
class Kept:
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    codes: dict[str, Code] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)


KEPT = Kept()
CLIENTS = {CLIENT: Client(CLIENT, SECRET), OTHER: Client(OTHER, "another secret altogether")}
app = Flask(__name__)


class CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked = request.payload.data
        KEPT.codes[code] = Code(
            code=code,
            client_id=request.client.id,
            redirect_uri=asked["redirect_uri"],
            scope=asked["scope"],
            nonce=asked["nonce"],
            login=request.user,
            code_challenge=asked["code_challenge"],
            code_challenge_method=asked["code_challenge_method"],
            auth_time=int(time.time()),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found = KEPT.codes.get(code)
        return found if found is not None and found.client_id == client.id else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        KEPT.codes.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.login


class Connect(OpenIDCode):
    def exists_nonce(self, nonce: str, _request: Any) -> bool:
        return any(code.nonce == nonce for code in KEPT.codes.values())

    def get_jwt_config(self, *_grant_and_client: Any) -> dict[str, Any]:
        return {"key": KEPT.key.as_dict(private=True), "alg": "RS256", "iss": issuer(), "exp": 300, "kid": KEPT.key.kid}

    def generate_user_info(self, user: str, _scope: str) -> UserInfo:
        return UserInfo(**{"sub": f"id of {user}", **KEPT.people.get(user, {})})


server = AuthorizationServer(app, query_client=CLIENTS.get, save_token=lambda _token, _request: None)
server.register_grant(CodeGrant, [CodeChallenge(required=True), Connect(require_nonce=True)])


def issuer() -> str:
    return request.host_url.rstrip("/")


@app.get("/.well-known/openid-configuration")
def metadata() -> Response:
    said = {
        "issuer": issuer(),
        "authorization_endpoint": f"{issuer()}/authorize",
        "token_endpoint": f"{issuer()}/token",
        "jwks_uri": f"{issuer()}/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    }
    return jsonify(said | KEPT.lies.get("metadata", {}))


@app.get("/jwks")
def jwks() -> Response:
    return jsonify({"keys": [KEPT.key.as_dict(private=False) | {"use": "sig"}]})


@app.get("/authorize")
def form() -> str:
    server.get_consent_grant(end_user=None)
    return "<form method=post><label>Name <input name=login></label><button>Sign in</button></form>"


@app.post("/authorize")
def signed_in() -> Any:
    grant = server.get_consent_grant(end_user=request.form["login"])
    return server.create_authorization_response(grant_user=request.form["login"], grant=grant)


@app.post("/token")
def token() -> Any:
    answer = server.create_token_response()
    if KEPT.lies.keys() & {"claims", "without", "alg", "kid"} and answer.status_code == 200:
        told = answer.get_json()
        answer.set_data(json.dumps(told | {"id_token": lie(told["id_token"])}))
    return answer


@app.put("/test/people/<login>")
def person(login: str) -> Response:
    KEPT.people[login] = request.get_json()
    return Response(status=204)


@app.put("/test/lies")
def lies() -> Response:
    KEPT.lies = request.get_json()
    return Response(status=204)


@app.post("/test/rotate")
def rotate() -> Response:
    KEPT.key = RSAKey.generate_key(2048, auto_kid=True)
    return Response(status=204)


def lie(honest: str) -> str:
    claims = json.loads(unpacked(honest.split(".")[1])) | KEPT.lies.get("claims", {})
    claims = {name: value for name, value in claims.items() if name not in KEPT.lies.get("without", ())}
    algorithm = KEPT.lies.get("alg", "RS256")
    header = {"alg": algorithm} if KEPT.lies.get("kid") == "" else {"alg": algorithm, "kid": KEPT.key.kid}
    if algorithm == "stranger":
        stranger = RSAKey.generate_key(2048)
        return jwt.encode(header | {"alg": "RS256"}, claims, stranger)
    if algorithm == "RS256":
        return jwt.encode(header, claims, KEPT.key)
    said = f"{packed(json.dumps(header).encode())}.{packed(json.dumps(claims).encode())}"
    if algorithm == "none":
        return f"{said}."
    return f"{said}.{packed(hmac.digest(KEPT.key.as_pem(private=False), said.encode(), sha256))}"


def packed(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


if __name__ == "__main__":
    import os

    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback
    app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
