"""What a device signs to prove its key with each request (security.md; the pattern of RFC 9449)."""

import hashlib

DEVICE_HEADER = "WC-Device"
NONCE_HEADER = "WC-Nonce"
PROOF_HEADER = "WC-Proof"
NEXT_NONCE_HEADER = "WC-Next-Nonce"


def proof_text(*, method: str, path: str, body: bytes, nonce: str, token: str) -> bytes:
    """Return the bytes that the device's Ed25519 key signs for one request.

    path includes the query; body is what goes over the wire, after compression; token is the access or refresh
    token presented, or ''.
    """
    parts = (
        "wc-proof-1",
        method.upper(),
        path,
        hashlib.sha256(body).hexdigest(),
        nonce,
        hashlib.sha256(token.encode()).hexdigest(),
    )
    return "\n".join(parts).encode()
