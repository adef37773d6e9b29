"""Passwords that another program hashed by bcrypt: checked as they are until their first right sign-in."""

import re

import bcrypt

from wc_contract.model.errors import Refused

# One try at 14 takes a second of a core; of those that are seen, 10 and 12 are the usual ones.
_HASH = re.compile(r"\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
# What bcrypt reads of a password. Programs that hash by it leave the rest away without a word.
_READ_OCTETS = 72


class HashNotReadable(Refused):
    """What was given is no hash of bcrypt that could ever be checked here."""

    code = "hash_not_readable"


def require_bcrypt(text: str) -> None:
    """Raise HashNotReadable unless text is a hash of bcrypt that can be checked here."""
    if _HASH.fullmatch(text) is None:
        raise HashNotReadable(
            "This is no hash of bcrypt: 60 characters that begin with $2a$, $2b$ or $2y$ and a cost from 04 to 14."
        )


def is_bcrypt(stored: str) -> bool:
    """Return whether stored is a hash of bcrypt, and none of our own."""
    return stored.startswith("$2")


def bcrypt_matches(stored: str | None, password: str, *, highest: int) -> bool:
    """Return whether password is the one of stored, after the rounds of one check at the cost highest.

    None takes as many. A password's octets after the 72nd do not count: they never did where it was hashed.
    """
    read = password.encode()[:_READ_OCTETS]
    found = None if stored is None else _HASH.fullmatch(stored)
    if stored is None or found is None:
        bcrypt.checkpw(read, _dummy(highest))
        return False
    right = bcrypt.checkpw(read, stored.encode())
    # 2^c + 2^c + 2^(c+1) + … + 2^(h-1) = 2^h: who has a cheaper hash than others is not told by the time.
    for cost in range(int(found[1]), highest):
        bcrypt.checkpw(read, _dummy(cost))
    return right


def _dummy(cost: int) -> bytes:
    return f"$2b${cost:02d}$".encode() + b"." * 53
