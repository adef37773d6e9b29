"""Wrapping: a data key is kept encrypted by another key, which is in a file here or in the district's KMS."""

import base64
import binascii
import subprocess
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wc_contract.model.ids import Chance
from wc_sync_server.domain.sealing import KeyUnavailable

_NONCE: Final = 12
_PATIENCE: Final = 30.0


class KeyWrapper(Protocol):
    """Wraps data keys and unwraps its own. name stands in the file of every key that it wrapped."""

    @property
    def name(self) -> str: ...

    def wrap(self, key_id: str, key: bytes) -> bytes:
        """Return key as it may be stored. Raises KeyUnavailable."""
        ...

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """Return what wrap was given. Raises KeyUnavailable."""
        ...


class FileWrapper:
    """Wraps with a key of 32 bytes from a file: AES-256-GCM, bound to the id of the key wrapped."""

    name = "file"

    def __init__(self, key: bytes, chance: Chance) -> None:
        self._aead = AESGCM(key)
        self._chance = chance

    def wrap(self, key_id: str, key: bytes) -> bytes:
        nonce = self._chance.octets(_NONCE)
        return nonce + self._aead.encrypt(nonce, key, _bound(key_id))

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        try:
            return self._aead.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _bound(key_id))
        except (InvalidTag, ValueError):
            raise KeyUnavailable(
                key_id, f"Key {key_id} does not open with wrapping.key: restore both from one backup of the key folder."
            ) from None


class CommandWrapper:
    """Wraps by a command of the district's KMS: `COMMAND wrap KEY_ID`, `COMMAND unwrap KEY_ID`.

    The key goes in on standard input and comes back on standard output, both as one line of base64. The command
    never sees a shell; its standard error is left alone, because it may hold what nobody should read.
    """

    name = "command"

    def __init__(self, command: tuple[str, ...], patience: float = _PATIENCE) -> None:
        self._command = command
        self._patience = patience

    def wrap(self, key_id: str, key: bytes) -> bytes:
        return self._run("wrap", key_id, key)

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        return self._run("unwrap", key_id, wrapped)

    def _run(self, verb: str, key_id: str, given: bytes) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603  # the operator's own command, from the server's settings
                [*self._command, verb, key_id],
                input=base64.b64encode(given) + b"\n",
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _failed(verb, key_id, f"did not answer in {self._patience:.0f} seconds") from None
        except (OSError, ValueError):
            raise _failed(verb, key_id, "cannot be run") from None
        if done.returncode != 0:
            raise _failed(verb, key_id, f"ended with {done.returncode}")
        try:
            answer = base64.b64decode(done.stdout.strip(), validate=True)
        except binascii.Error:
            raise _failed(verb, key_id, "answered something that is no base64") from None
        if not answer:
            raise _failed(verb, key_id, "answered nothing")
        return answer


class Absent:
    """Stands for a wrapper that this server has not: the keys of its name are known and stay shut."""

    def __init__(self, name: str, advice: str) -> None:
        self._name = name
        self._advice = advice

    @property
    def name(self) -> str:
        return self._name

    def wrap(self, key_id: str, key: bytes) -> bytes:  # noqa: ARG002  # the shape of every wrapper
        raise self._shut(key_id)

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:  # noqa: ARG002
        raise self._shut(key_id)

    def _shut(self, key_id: str) -> KeyUnavailable:
        return KeyUnavailable(key_id, f"Key {key_id} cannot be opened: {self._advice}")


def _bound(key_id: str) -> bytes:
    return f"wc-data-key|1|{key_id}".encode()


def _failed(verb: str, key_id: str, what: str) -> KeyUnavailable:
    return KeyUnavailable(
        key_id, f"The command in WC_KMS_COMMAND could not {verb} key {key_id}: it {what}. Try it by hand."
    )
