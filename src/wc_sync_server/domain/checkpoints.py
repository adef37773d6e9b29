"""Checkpoints: a position in the streams of a school and its district, opaque to the device and signed by us."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from hashlib import sha256

import orjson

_TAG = 16
_SCOPE = 1  # grows when what a device may see changes in kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Everything up to these heads, in this epoch."""

    epoch: str
    district_head: int
    school_head: int


class Checkpoints:
    """Writes checkpoints and reads its own again."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, checkpoint: Checkpoint) -> str:
        """Return checkpoint as a device keeps it."""
        body = orjson.dumps([_SCOPE, checkpoint.epoch, checkpoint.district_head, checkpoint.school_head])
        return base64.urlsafe_b64encode(self._tag(body) + body).decode("ascii").rstrip("=")

    def read(self, text: str) -> Checkpoint | None:
        """Return what text stands for; None for what is not ours or of another scope."""
        try:
            raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (ValueError, binascii.Error, UnicodeEncodeError):
            return None
        tag, body = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(body)):
            return None
        scope, epoch, district, school = orjson.loads(body)
        return Checkpoint(epoch=epoch, district_head=district, school_head=school) if scope == _SCOPE else None

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, b"wc-checkpoint-1" + body, sha256)[:_TAG]
