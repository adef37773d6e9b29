"""Passwords: Argon2id, the same time for accounts that exist and accounts that do not, length and a block-list."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from wc_contract.model.errors import Refused
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.auth.bcrypt_hashes import bcrypt_matches, is_bcrypt
from wc_sync_server.domain.problems import ProblemRaised

MIN_LENGTH = 10
MAX_LENGTH = 1024
_FEWEST_LETTERS = 4  # of different ones
_BLOCKED = frozenset(
    {
        "password", "passwort", "1234567890", "qwertyuiop", "letmein", "welcome", "changeme", "administrator",
        "schoolnurse", "nurse", "iloveyou", "sunshine", "football", "baseball", "whitecross", "11111111", "abcdefghij",
    }
)  # fmt: skip


class PasswordTooWeak(Refused):
    """The password is too short or among the first that anybody tries. Carries which."""

    code = "password_too_weak"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one guess costs: KiB of memory and passes."""

    memory_kib: int = 65_536
    passes: int = 3


class Passwords:
    """Hashes and checks passwords; at most a few at once, since each takes the memory of its cost."""

    def __init__(self, cost: Cost, *, at_once: int = 2, patience: float = 20.0) -> None:
        self._hasher = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=1)
        self._dummy = self._hasher.hash("an account that does not exist")
        self._turns = threading.BoundedSemaphore(at_once)
        self._patience = patience

    def hash(self, password: str) -> str:
        """Return the hash to store. Raises PasswordTooWeak."""
        require_strength(password)
        return self._hasher.hash(password)

    def matches(self, stored: str | None, password: str, *, imported: int = 0) -> bool:
        """Return whether password is the one that was stored; after as much work for None as for any other.

        imported is the highest cost among the hashes of bcrypt that the district still has, 0 when it has none: while
        there are any, each try does the work of both, whoever's it is.
        """
        by_bcrypt = stored is not None and is_bcrypt(stored)
        bcrypt_right = imported > 0 and bcrypt_matches(stored if by_bcrypt else None, password, highest=imported)
        try:
            self._hasher.verify(self._dummy if stored is None or by_bcrypt else stored, password)
            argon2_right = stored is not None
        except (VerificationError, InvalidHashError):
            argon2_right = False
        return bcrypt_right if by_bcrypt else argon2_right

    def outdated(self, stored: str) -> bool:
        """Return whether stored was made at a lower cost than is asked for today, or by another function."""
        if is_bcrypt(stored):
            return True
        made = extract_parameters(stored)
        cheaper = made.memory_cost < self._hasher.memory_cost or made.time_cost < self._hasher.time_cost
        return cheaper or made.type is not self._hasher.type

    def hash_again(self, password: str) -> str:
        """Return the hash, at the present cost, of a password that is in use: what is asked of new ones is not."""
        return self._hasher.hash(password)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn to guess. Raises ProblemRaised(BUSY)."""
        if not self._turns.acquire(timeout=self._patience):
            raise ProblemRaised(ProblemCode.BUSY, retry_after=5)
        try:
            yield
        finally:
            self._turns.release()


def require_strength(password: str) -> None:
    """Raise PasswordTooWeak unless password is long enough and no favourite of guessers."""
    if len(password) < MIN_LENGTH:
        raise PasswordTooWeak(f"a password needs at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        raise PasswordTooWeak(f"a password may have at most {MAX_LENGTH} characters")
    folded = password.casefold()
    guessed = {folded, folded.strip("0123456789!.?-_ ")} & _BLOCKED
    if guessed or len(set(folded)) < _FEWEST_LETTERS:
        raise PasswordTooWeak("this password is among the first that anybody tries")
