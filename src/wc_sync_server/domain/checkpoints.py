"""Checkpoints: a position in the streams of a school and its district, opaque to the device and signed by us."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import orjson

_TAG = 16
_RULES = 2  # grows when a version of this program shows devices more or less of what they held already


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Everything up to these heads, in this epoch, of what scope shows (scope_of)."""

    epoch: str
    district_head: int
    school_head: int
    scope: str = ""


def scope_of(school: UUID, *, confidential: bool) -> str:
    """Return a fingerprint of what decides which records a device may see: another one means other records."""
    return sha256(f"{_RULES}:{school}:{confidential}".encode()).hexdigest()[:16]


class Checkpoints:
    """Writes checkpoints and reads its own again."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, checkpoint: Checkpoint) -> str:
        """Return checkpoint as a device keeps it."""
        body = orjson.dumps([checkpoint.scope, checkpoint.epoch, checkpoint.district_head, checkpoint.school_head])
        return base64.urlsafe_b64encode(self._tag(body) + body).decode("ascii").rstrip("=")

    def read(self, text: str) -> Checkpoint | None:
        """Return what text stands for; None for what is not ours."""
        try:
            raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (ValueError, binascii.Error, UnicodeEncodeError):
            return None
        tag, body = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(body)):
            return None
        scope, epoch, district, school = orjson.loads(body)
        if not isinstance(scope, str):
            # Of a version that knew one scope only: the device is to compare.
            return None
        return Checkpoint(epoch=epoch, district_head=district, school_head=school, scope=scope)

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, b"wc-checkpoint-1" + body, sha256)[:_TAG]
