"""The literal by which SQLCipher takes a raw key, made without leaving copies behind."""

KEY_BYTES = 32
_NIBBLES = b"0123456789abcdef"


def raw_key(key: bytearray) -> bytearray:
    """Return x'<64 hex>' for a 32-byte key. Wipe it after use.

    Raises ValueError for another length: SQLCipher would silently take it for a passphrase.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("a raw key has 32 bytes")
    literal = bytearray(2 * KEY_BYTES + 3)
    literal[0:2] = b"x'"
    literal[-1] = ord("'")
    for place, octet in enumerate(key):
        literal[2 + 2 * place] = _NIBBLES[octet >> 4]
        literal[3 + 2 * place] = _NIBBLES[octet & 15]
    return literal


def wipe(secret: bytearray) -> None:
    """Overwrite secret in place."""
    for place in range(len(secret)):
        secret[place] = 0
