"""Wrong passwords: counted in the keystore (a file could be put back), and remembered until they are on record."""

import json
from collections.abc import Sequence
from uuid import UUID

from wc_contract.model.ids import DeviceId, UserId
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text
from wc_desktop.domain.failures import TooManyTries
from wc_desktop.domain.lock_policy import MAX_TRIES
from wc_desktop.ports import Keystore
from wc_desktop.security.device_keys import SealedFolder

FAILED_FILE = "failed.sealed"


class Tries:
    """One person's tries on one device."""

    def __init__(self, keystore: Keystore, device: DeviceId, user: UserId) -> None:
        self._keystore = keystore
        self._name = tries_name(device, user)

    def take(self) -> int:
        """Count one try before it is made, so that stopping the program gives none back; return how many are left.

        Raises TooManyTries when there was none left.
        """
        used = int(self._keystore.get(self._name) or b"0")
        if used >= MAX_TRIES:
            raise TooManyTries("ten wrong passwords")
        self._keystore.put(self._name, str(used + 1).encode())
        return MAX_TRIES - used - 1

    def forgive(self) -> None:
        """Give all tries back: the right password was given, or the person signed in online."""
        self._keystore.remove(self._name)


def tries_name(device: DeviceId, user: UserId) -> str:
    """Return the name in the keystore of a person's tries."""
    return f"{device}/tries/{user}"


def note_failure(folder: SealedFolder, user: UserId, at: Instant) -> None:
    """Remember a wrong password until the journal can be written."""
    noted = [*_read(folder), [str(user), instant_to_text(at)]]
    folder.write(FAILED_FILE, json.dumps(noted).encode())


def failures(folder: SealedFolder) -> Sequence[tuple[UserId, Instant]]:
    """Return the wrong passwords that are not on record yet, oldest first."""
    return [(UserId(UUID(user)), instant_from_text(at)) for user, at in _read(folder)]


def forget_failures(folder: SealedFolder) -> None:
    """They are on record now."""
    folder.remove(FAILED_FILE)


def _read(folder: SealedFolder) -> list[list[str]]:
    content = folder.read(FAILED_FILE)
    return [] if content is None else json.loads(content)
