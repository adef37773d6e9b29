"""A request counts only with a signature of the device's key over exactly this request."""

import base64
import binascii

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.proof import proof_text
from wc_sync_server.auth.nonces import Nonces
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.requests import SignedRequest

KEY_BYTES = 32
SIGNATURE_BYTES = 64


def decode_key(text: str) -> bytes:
    """Return the 32 bytes of a public key in base64. Raises ProblemRaised(BAD_REQUEST)."""
    raw = _decode(text)
    if raw is None or len(raw) != KEY_BYTES:
        raise ProblemRaised(ProblemCode.BAD_REQUEST)
    return raw


def require_proof(request: SignedRequest, sign_key: bytes, nonces: Nonces) -> None:
    """Raise ProblemRaised unless request carries a good nonce (USE_NONCE) and is signed (BAD_PROOF)."""
    if not nonces.good(request.nonce):
        raise ProblemRaised(ProblemCode.USE_NONCE)
    signature = _decode(request.proof)
    if signature is None or len(signature) != SIGNATURE_BYTES:
        raise ProblemRaised(ProblemCode.BAD_PROOF)
    text = proof_text(
        method=request.method, path=request.path, body=request.body, nonce=request.nonce, token=request.token
    )
    if not verifies(sign_key, text, signature):
        raise ProblemRaised(ProblemCode.BAD_PROOF)


def verifies(sign_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether signature is sign_key's over message."""
    try:
        VerifyKey(sign_key).verify(message, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True


def _decode(text: str) -> bytes | None:
    """Read base64, of either alphabet, with or without padding."""
    try:
        plain = text.translate(_URL_TO_STANDARD).rstrip("=")
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None


_URL_TO_STANDARD = str.maketrans("-_", "+/")
