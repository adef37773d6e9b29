"""Recovery codes: what stands in for a lost authenticator. Each counts once; only hashes are stored."""

import base64
from hashlib import sha256
from typing import Final

from wc_contract.model.ids import Chance, UserId

HOW_MANY: Final = 10
_BYTES: Final = 10  # 80 bits: no hash of one is ever guessed
_LETTERS: Final = 16
_GROUP: Final = 4
_MISREAD = str.maketrans("018", "OIB")  # digits that the alphabet has not, as people read them


def new_recovery_codes(chance: Chance) -> tuple[str, ...]:
    """Return new codes, in groups of four letters."""
    return tuple(_grouped(base64.b32encode(chance.octets(_BYTES)).decode("ascii")) for _ in range(HOW_MANY))


def recovery_hash(user: UserId, code: str) -> bytes | None:
    """Return what is stored of somebody's code, however it was typed; None for what is no such code."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum()).translate(_MISREAD)
    if len(letters) != _LETTERS or not letters.isascii():
        return None
    return sha256(b"wc-recovery-code-1" + user.bytes + letters.encode()).digest()


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
