"""Signatures of a batch, checked in another thread: the checking is outside Python's lock, so it costs no time."""

import base64
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey


class BatchSignatures:
    """Checks entries' signatures beside what else is done for their batch."""

    def __init__(self, workers: ThreadPoolExecutor) -> None:
        self._workers = workers

    def begin(self, sign_key: bytes, signed: Sequence[tuple[bytes, str]]) -> Callable[[], frozenset[str]]:
        """Begin to check (digest, signature in base64) pairs; calling the answer waits for the bad ones' digests."""
        return self._workers.submit(_bad, VerifyKey(sign_key), signed).result


def _bad(key: VerifyKey, signed: Sequence[tuple[bytes, str]]) -> frozenset[str]:
    return frozenset(digest.hex() for digest, signature in signed if not _good(key, digest, signature))


def _good(key: VerifyKey, digest: bytes, signature: str) -> bool:
    try:
        key.verify(digest, base64.b64decode(signature, validate=True))
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True
