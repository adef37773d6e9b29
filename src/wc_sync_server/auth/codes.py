"""One-time enrolment codes: 128 bits, written so that a person can type them, stored as a hash only."""

import base64
from datetime import timedelta
from hashlib import sha256

from wc_contract.model.ids import Chance

LIFETIME = timedelta(minutes=15)
_BYTES = 16
_GROUP = 5
_MISREAD = str.maketrans("018", "OIB")  # digits that the alphabet has not, as people read them


def new_code(chance: Chance) -> str:
    """Return a new code, in groups of five."""
    text = base64.b32encode(chance.octets(_BYTES)).decode("ascii").rstrip("=")
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def code_hash(code: str) -> bytes:
    """Return what is stored of a code, however it was typed."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum()).translate(_MISREAD)
    return sha256(b"wc-enrolment-code-1" + letters.encode()).digest()
