"""The key of contexts in the key folder: read anew when another was written, so that nobody has to start again."""

import threading
from pathlib import Path
from typing import Final

from wc_contract.model.ids import Chance
from wc_contract.model.instants import Clock
from wc_sync_server.auth.key_files import KeysUnusable, prepare, replace
from wc_sync_server.domain.context_keys import KEY_BYTES, ContextKey

# How long a server may sign with the key of before.
LOOK_SECONDS: Final = 2.0


class ContextKeyFile:
    """context.key of the key folder (domain.context_keys.ContextSigner). Threads may share one."""

    def __init__(self, folder: Path, clock: Clock, chance: Chance) -> None:
        self._file = folder / "context.key"
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._known: ContextKey | None = None
        self._looked = 0.0

    @property
    def is_there(self) -> bool:
        """Whether the folder has a key of contexts."""
        return self._file.exists()

    def key(self) -> ContextKey:
        """Return the key. A file written anew counts within seconds. Raises KeysUnusable."""
        now, known = self._clock.monotonic(), self._known
        if known is not None and now - self._looked < LOOK_SECONDS:
            return known
        with self._lock:
            self._known, self._looked = self._read(), now
            return self._known

    def put(self, key: ContextKey) -> None:
        """Write the key; whoever reads the file meanwhile finds the one of before. Raises KeysUnusable."""
        prepare(self._file.parent)
        replace(self._file, key.secret.hex() + "\n", self._chance)
        with self._lock:
            self._known = None

    def fresh(self) -> ContextKey:
        """Return a key that nobody has yet."""
        return ContextKey(self._chance.octets(KEY_BYTES))

    def _read(self) -> ContextKey:
        try:
            return ContextKey(bytes.fromhex(self._file.read_text("ascii").strip()))
        except FileNotFoundError:
            raise KeysUnusable(
                "context.key is not in the key folder: say `wc-sync-server keys fetch-context` with WC_MIGRATE_URL "
                "set, or copy it from another server."
            ) from None
        except (OSError, ValueError) as error:
            raise KeysUnusable(
                "The key file context.key cannot be read: say `wc-sync-server keys fetch-context` with WC_MIGRATE_URL "
                "set, or copy it from another server."
            ) from error
