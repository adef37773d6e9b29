"""Where the keys of the ring are kept: a file a key, written once, and one that says which key is written with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from wc_contract.model.ids import Chance
from wc_sync_server.auth.key_files import KeysUnusable, create, exclusive, move, prepare, replace
from wc_sync_server.auth.key_texts import (
    ActiveKey,
    StoredKey,
    active_from_text,
    active_to_text,
    key_from_text,
    key_to_text,
)
from wc_sync_server.domain.sealing import KeyUnavailable

_ACTIVE: Final = "active"
_RETIRED: Final = "retired"


class KeyStore:
    """The folder of a ring's keys. Who changes what is in it holds `changing`."""

    def __init__(self, folder: Path, chance: Chance) -> None:
        self._folder = folder
        self._chance = chance

    def prepare(self) -> None:
        """Make the folder, unless it is there. Raises KeysUnusable."""
        prepare(self._folder)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Let no other process change the folder meanwhile."""
        with exclusive(self._folder):
            yield

    def active(self) -> ActiveKey | None:
        """Return which key is written with; None where nobody said so yet. Raises KeysUnusable."""
        try:
            return active_from_text((self._folder / _ACTIVE).read_text("ascii"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise KeysUnusable("The key file cells/active cannot be read: restore it from the backup.") from error

    def put_active(self, active: ActiveKey) -> None:
        """Say which key is written with from now on."""
        replace(self._folder / _ACTIVE, active_to_text(active), self._chance)

    def keys(self) -> list[StoredKey]:
        """Return every key that is not retired. Raises KeysUnusable."""
        return [self._read(file) for file in self._folder.glob("*.key")]

    def holds(self, key_id: str) -> bool:
        """Whether there is a key of that id, which is not retired."""
        return self._file(key_id).exists()

    def knows(self, key_id: str) -> bool:
        """Whether there is or was a key of that id."""
        return self.holds(key_id) or self._retired(key_id).exists()

    def read(self, key_id: str) -> StoredKey:
        """Return a key. Raises KeyUnavailable where it is missing, KeysUnusable where its file is damaged."""
        if not self.holds(key_id):
            raise self.missing(key_id)
        return self._read(self._file(key_id))

    def add(self, key: StoredKey) -> None:
        """Write a new key. Raises KeysUnusable when there is one of that id: no key is ever overwritten."""
        if not create(self._file(key.id), key_to_text(key), self._chance):
            raise KeysUnusable(f"There is a key {key.id} already: make another.")

    def retire(self, key_id: str) -> None:
        """Put a key aside."""
        prepare(self._folder / _RETIRED)
        move(self._file(key_id), self._retired(key_id))

    def add_retired(self, key: StoredKey) -> None:
        """Write a key that was never here, to be kept aside."""
        prepare(self._folder / _RETIRED)
        replace(self._retired(key.id), key_to_text(key), self._chance)

    def missing(self, key_id: str) -> KeyUnavailable:
        """Return what to say of a key that is not here."""
        if self._retired(key_id).exists():
            return KeyUnavailable(
                key_id, f"Key {key_id} was retired: move cells/retired/{key_id}.key back into cells, then try again."
            )
        return KeyUnavailable(
            key_id,
            f"Key {key_id} is not in the key ring: restore cells/{key_id}.key from the backup of the key folder.",
        )

    def _read(self, file: Path) -> StoredKey:
        try:
            stored = key_from_text(file.read_text("ascii"))
        except (OSError, ValueError) as error:
            raise KeysUnusable(f"The key file {file.name} cannot be read: restore it from the backup.") from error
        if stored.id != file.stem:
            raise KeysUnusable(f"The key file {file.name} holds another key: restore it from the backup.")
        return stored

    def _file(self, key_id: str) -> Path:
        return self._folder / f"{key_id}.key"

    def _retired(self, key_id: str) -> Path:
        return self._folder / _RETIRED / f"{key_id}.key"
