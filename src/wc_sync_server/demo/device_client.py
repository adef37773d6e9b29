"""A workstation without a window: the demonstration's past is sent through the same door as the present."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import TypeVar

import zstandard
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from wc_contract.model.changes import Entry
from wc_contract.model.ids import DeviceId
from wc_contract.wire.base import WireModel
from wc_contract.wire.codes import Outcome
from wc_contract.wire.entries import body_hash, entry_to_body
from wc_contract.wire.messages import Enrol, Enrolled, Push, PushAnswer, SealedEntry
from wc_contract.wire.proof import DEVICE_HEADER, NEXT_NONCE_HEADER, NONCE_HEADER, PROOF_HEADER, proof_text
from wc_contract.wire.versions import MAX_PUSH_ENTRIES, PROTOCOL
from wc_sync_server.demo.processes import ProgramFailed

_Answer = TypeVar("_Answer", bound=WireModel)


class DeviceClient:
    """Enrols with keys of its own and pushes entries."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sign_key = SigningKey.generate()
        self._seal_key = PrivateKey.generate()
        self._nonce = ""
        self._token = ""
        self._device: DeviceId | None = None

    @property
    def device(self) -> DeviceId:
        """Who the server says we are. Raises ProgramFailed before enrolment."""
        if self._device is None:
            raise ProgramFailed("not enrolled")
        return self._device

    def enrol(self, *, district: str, code: str, email: str, password: str, totp: str, name: str) -> Enrolled:
        """Become known to the server. Raises ProgramFailed."""
        message = Enrol(
            protocol=PROTOCOL,
            district=district,
            code=code,
            email=email,
            password=password,
            totp=totp,
            device_name=name,
            sign_key=base64.b64encode(bytes(self._sign_key.verify_key)).decode(),
            seal_key=base64.b64encode(bytes(self._seal_key.public_key)).decode(),
            app_version="0.1.0",
        )
        enrolled = self._ask("/v1/enrol", message, Enrolled)
        self._device = DeviceId(enrolled.device_id)
        self._token = enrolled.tokens.access_token
        return enrolled

    def push(self, epoch: str, entries: Sequence[Entry]) -> int:
        """Send entries in order; return how many the server applied. Raises ProgramFailed."""
        applied = 0
        for start in range(0, len(entries), MAX_PUSH_ENTRIES):
            sealed = tuple(self._sealed(entry) for entry in entries[start : start + MAX_PUSH_ENTRIES])
            answer = self._ask("/v1/push", Push(protocol=PROTOCOL, epoch=epoch, entries=sealed), PushAnswer)
            applied += sum(1 for receipt in answer.receipts if receipt.outcome is not Outcome.REFUSED)
        return applied

    def _sealed(self, entry: Entry) -> SealedEntry:
        body = entry_to_body(entry)
        signature = self._sign_key.sign(bytes.fromhex(body_hash(body))).signature
        return SealedEntry(body=body, signature=base64.b64encode(signature).decode())

    def _ask(self, path: str, message: WireModel, kind: type[_Answer]) -> _Answer:
        body = zstandard.ZstdCompressor(level=3).compress(message.model_dump_json().encode())
        for _ in range(2):
            try:
                with urllib.request.urlopen(self._request(path, body), timeout=60) as answer:  # noqa: S310  # loopback
                    self._nonce = answer.headers.get(NEXT_NONCE_HEADER, "")
                    return kind.model_validate_json(answer.read())
            except urllib.error.HTTPError as error:
                self._nonce = error.headers.get(NEXT_NONCE_HEADER, "")
                problem = json.loads(error.read() or b"{}")
                if problem.get("code") != "use_nonce":
                    raise ProgramFailed(f"{path}: {problem.get('code')}: {problem.get('detail')}") from None
        raise ProgramFailed(f"{path}: the server takes none of its own nonces")

    def _request(self, path: str, body: bytes) -> urllib.request.Request:
        text = proof_text(method="POST", path=path, body=body, nonce=self._nonce, token=self._token)
        headers = {
            "Content-Type": "application/json",
            "Content-Encoding": "zstd",
            NONCE_HEADER: self._nonce,
            PROOF_HEADER: base64.b64encode(self._sign_key.sign(text).signature).decode(),
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._device is not None:
            headers[DEVICE_HEADER] = str(self._device)
        return urllib.request.Request(self._url + path, data=body, headers=headers, method="POST")  # noqa: S310
