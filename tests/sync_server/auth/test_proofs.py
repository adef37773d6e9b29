"""A request counts only with the device's signature over exactly this request."""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest
from nacl.public import PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey
from tests.sync_server.house import House
from tests.sync_server.workstation import Workstation, code_of, enrol

from wc_contract.wire.proof import DEVICE_HEADER, NEXT_NONCE_HEADER
from wc_sync_server.auth.nonces import LIFETIME_SECONDS, Nonces
from wc_sync_server.machine import SystemChance

pytestmark = pytest.mark.postgres


class LateClock:
    """A clock that is behind."""

    def __init__(self, house: House, seconds: int) -> None:
        self._house, self._seconds = house, seconds

    def now(self) -> datetime:
        return self._house.parts.clock.now() - timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def office(house: House, client: httpx.Client) -> Workstation:
    return enrol(house, client)


def greeting(office: Workstation) -> dict[str, object]:
    return {
        "protocol": 1,
        "app_version": "0.1.0",
        "checkpoint": None,
        "last_number": office.number,
        "waiting": 0,
        "oldest_waiting": None,
        "device_time": "2026-11-23T18:00:00+00:00",
    }


def test_another_key_is_no_proof(office: Workstation) -> None:
    assert code_of(office.request("/v1/hello", greeting(office), sign=SigningKey.generate())) == "bad_proof"


def test_every_answer_carries_a_nonce_and_a_request_needs_one(client: httpx.Client, office: Workstation) -> None:
    for response in (client.get("/v1/health"), client.get("/v1/nothing"), client.post("/v1/nonce")):
        assert response.headers[NEXT_NONCE_HEADER]
    for nonce in ("", "AAAA", "=", "A" * 43, "x" * 5000):
        response = office.request("/v1/hello", greeting(office), nonce=nonce)
        assert code_of(response) == "use_nonce"
        assert response.headers[NEXT_NONCE_HEADER]


def test_an_old_nonce_is_sent_back_for_a_new_one(house: House, office: Workstation) -> None:
    chance, key = SystemChance(), house.parts.server_keys.nonce
    old = Nonces(key, LateClock(house, LIFETIME_SECONDS + 2), chance).fresh()
    young = Nonces(key, LateClock(house, LIFETIME_SECONDS - 60), chance).fresh()
    assert code_of(office.request("/v1/hello", greeting(office), nonce=old)) == "use_nonce"
    assert office.request("/v1/hello", greeting(office), nonce=young).status_code == 200


def test_a_changed_body_path_or_device_breaks_the_proof(
    client: httpx.Client, house: House, office: Workstation
) -> None:
    other = enrol(house, client, "bea")
    sent: dict[str, httpx.Request] = {}
    client.event_hooks["request"] = [sent_to(sent)]
    assert office.request("/v1/hello", greeting(office)).status_code == 200
    client.event_hooks["request"] = []
    headers = dict(sent["last"].headers)
    headers.pop("content-length")
    body = json.dumps(greeting(office)).encode()
    assert client.post("/v1/hello", content=body, headers=headers).status_code == 200
    assert code_of(client.post("/v1/hello", content=body + b" ", headers=headers)) == "bad_proof"
    assert code_of(client.post("/v1/push", content=body, headers=headers)) == "bad_proof"
    assert code_of(client.post("/v1/hello?a=b", content=body, headers=headers)) == "bad_proof"
    stolen = headers | {"authorization": f"Bearer {other.access}"}
    assert code_of(client.post("/v1/hello", content=body, headers=stolen)) == "bad_proof"
    renamed = headers | {DEVICE_HEADER.lower(): other.device}
    assert code_of(client.post("/v1/hello", content=body, headers=renamed)) == "bad_proof"


def sent_to(sent: dict[str, httpx.Request]) -> Callable[[httpx.Request], None]:
    def keep(request: httpx.Request) -> None:
        sent["last"] = request

    return keep


def test_no_token_a_broken_one_and_anothers_signature_are_expired_tokens(office: Workstation) -> None:
    forged = office.access[:-4] + "AAAA"
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=") + "." + office.access.split(".")[1] + "."
    for token in ("", "nonsense", forged, none, "a.b.c"):
        assert code_of(office.request("/v1/hello", greeting(office), token=token)) == "token_expired"


def test_the_lease_is_signed_by_the_district(office: Workstation) -> None:
    verify = VerifyKey(base64.b64decode(office.enrolled["district"]["verify_key"]))
    lease = office.hello()["lease"]
    verify.verify(lease["body"].encode(), base64.b64decode(lease["signature"]))
    body = json.loads(lease["body"])
    assert body["device_id"] == office.device
    assert office.user is not None
    assert [user["id"] for user in body["users"]] == [str(office.user.id)]


def test_the_seal_key_opens_what_is_sealed_to_it(house: House, office: Workstation) -> None:
    sealed = SealedBox(PublicKey(base64.b64decode(office.enrolled["district"]["seal_key"]))).encrypt(b"an entry")
    assert SealedBox(house.parts.keys.district(house.district).seal).decrypt(sealed) == b"an entry"
