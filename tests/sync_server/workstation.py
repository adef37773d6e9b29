"""A workstation as the server sees one: keys, proofs, entries in order, over real HTTP."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import zstandard
from nacl.public import PrivateKey
from nacl.signing import SigningKey
from tests import factories as make
from tests.sync_server.house import PASSWORD, House, Nurse

from wc_contract.model.changes import Change, Entry
from wc_contract.model.ids import DeviceId, SchoolId
from wc_contract.model.instants import instant_to_text
from wc_contract.wire.entries import entry_to_body
from wc_contract.wire.proof import DEVICE_HEADER, NEXT_NONCE_HEADER, NONCE_HEADER, PROOF_HEADER, proof_text


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


@dataclass(slots=True, kw_only=True)
class Workstation:
    """One enrolled device."""

    client: httpx.Client
    sign: SigningKey = field(default_factory=SigningKey.generate)
    seal: PrivateKey = field(default_factory=PrivateKey.generate)
    nonce: str = ""
    device: str = ""
    school: str = ""
    user: Nurse | None = None
    access: str = ""
    refresh: str = ""
    epoch: str = ""
    number: int = 0
    enrolled: dict[str, Any] = field(default_factory=dict)

    def request(
        self,
        path: str,
        message: Any,
        *,
        token: str | None = None,
        compress: bool = False,
        headers: dict[str, str] | None = None,
        sign: SigningKey | None = None,
        nonce: str | None = None,
        method: str = "POST",
    ) -> httpx.Response:
        """Send a signed request; fetch a nonce first when there is none."""
        if not self.nonce:
            self.nonce = self.client.post("/v1/nonce").headers[NEXT_NONCE_HEADER]
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        sent = {"content-type": "application/json"}
        if compress:
            body, sent["content-encoding"] = zstandard.ZstdCompressor().compress(body), "zstd"
        used, key = self.nonce if nonce is None else nonce, sign or self.sign
        bearer = self.access if token is None else token
        text = proof_text(method=method, path=path, body=body, nonce=used, token=bearer)
        sent |= {NONCE_HEADER: used, PROOF_HEADER: b64(key.sign(text).signature)}
        if bearer:
            sent["authorization"] = f"Bearer {bearer}"
        if self.device:
            sent[DEVICE_HEADER] = self.device
        response = self.client.request(method, path, content=body, headers=sent | (headers or {}))
        self.nonce = response.headers.get(NEXT_NONCE_HEADER, "")
        return response

    def ask(self, path: str, message: Any, **more: Any) -> Any:
        """Send, and return the answer, which must be a success."""
        response = self.request(path, message, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def enrol_request(self, house: House, nurse: Nurse, code: str, **changed: Any) -> httpx.Response:
        message = {
            "protocol": 1,
            "district": "testville",
            "code": code,
            "email": nurse.email,
            "password": PASSWORD,
            "totp": changed.pop("totp", None) or nurse.code(house.parts.clock.now()),
            "device_name": "Office",
            "sign_key": b64(bytes(self.sign.verify_key)),
            "seal_key": b64(bytes(self.seal.public_key)),
            "app_version": "0.1.0",
        }
        return self.request("/v1/enrol", message | changed, token="")

    def take(self, nurse: Nurse, enrolled: dict[str, Any]) -> None:
        self.enrolled = enrolled
        self.device, self.school, self.user = enrolled["device_id"], enrolled["school"]["id"], nurse
        self.access, self.refresh = enrolled["tokens"]["access_token"], enrolled["tokens"]["refresh_token"]
        self.epoch = json.loads(enrolled["lease"]["body"])["epoch"]

    def hello(self, **changed: Any) -> Any:
        message = {
            "protocol": 1,
            "app_version": "0.1.0",
            "checkpoint": None,
            "last_number": self.number,
            "waiting": 0,
            "oldest_waiting": None,
            "device_time": instant_to_text(datetime.now(UTC)),
        }
        answer = self.ask("/v1/hello", message | changed)
        self.epoch = answer["epoch"]
        return answer

    def entry(self, *changes: Change, **values: Any) -> Entry:
        """Return the next entry of this device."""
        assert self.user is not None
        if "number" not in values:
            self.number += 1
        given: dict[str, Any] = {
            "number": self.number,
            "device_id": DeviceId(UUID(self.device)),
            "author_id": self.user.id,
        }
        return make.entry_of(*changes, **(given | values))

    def sealed(self, body: Entry | str) -> dict[str, str]:
        """Return an entry's text and this device's signature over it."""
        text = entry_to_body(body) if isinstance(body, Entry) else body
        return {"body": text, "signature": b64(self.sign.sign(sha256(text.encode()).digest()).signature)}

    def push_request(self, entries: Iterable[Entry | str | dict[str, str]], **more: Any) -> httpx.Response:
        sealed = [one if isinstance(one, dict) else self.sealed(one) for one in entries]
        return self.request("/v1/push", {"protocol": 1, "epoch": self.epoch, "entries": sealed}, **more)

    def push(self, *entries: Entry | str | dict[str, str], **more: Any) -> list[dict[str, Any]]:
        """Send entries and return their receipts."""
        response = self.push_request(entries, **more)
        assert response.status_code == 200, response.text
        receipts: list[dict[str, Any]] = response.json()["receipts"]
        return receipts

    def pull(self, since: dict[str, int] | None = None, *, digest: bool = True, **more: Any) -> list[dict[str, Any]]:
        """Fetch what changed, as frames."""
        message = {"protocol": 1, "epoch": self.epoch, "since": since or {}, "digest": digest}
        response = self.request("/v1/pull", message, **more)
        assert response.status_code == 200, response.text
        return [json.loads(line) for line in response.text.splitlines()]


def code_of(response: httpx.Response) -> str:
    """Return the problem's code, having looked that it is one."""
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:whitecross:problem:{problem['code']}"
    return str(problem["code"])


def enrol(house: House, client: httpx.Client, nurse: str = "ann", school: SchoolId | None = None) -> Workstation:
    """Return a workstation, enrolled by a nurse."""
    made = Workstation(client=client)
    # As if half a minute had passed since this nurse's last sign-in.
    house.forget_codes(house.nurses[nurse])
    response = made.enrol_request(house, house.nurses[nurse], house.one_time_code(school))
    assert response.status_code == 200, response.text
    made.take(house.nurses[nurse], response.json())
    return made
