"""Octets as the wire writes them: base64, either alphabet, padding optional."""

import base64


def octets_of(text: str) -> bytes:
    """Read base64 in either alphabet. Raises ValueError."""
    plain = text.replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def text_of(octets: bytes) -> str:
    """Write base64."""
    return base64.b64encode(octets).decode()
