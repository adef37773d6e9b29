"""The key ring: one key that cells are sealed with, and all that older cells still need.

A running server looks every few seconds which key is written with, so a new one needs no restart.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wc_contract.model.ids import Chance
from wc_contract.model.instants import Clock, Instant
from wc_sync_server.auth.key_files import KeysUnusable
from wc_sync_server.auth.key_store import KeyStore
from wc_sync_server.auth.key_texts import UNWRAPPED, ActiveKey, StoredKey
from wc_sync_server.auth.key_wrapping import KeyWrapper
from wc_sync_server.domain.sealing import KeyUnavailable

KEY_ID_BYTES: Final = 4
_KEY_BYTES: Final = 32
_LOOK_SECONDS: Final = 2.0
_log = structlog.get_logger(__name__)
_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """A key ready for use."""

    id: bytes
    aead: AESGCM = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstKey:
    """The one key of a server from before the ring: it goes on opening what it sealed."""

    id: str
    key: bytes = field(repr=False)
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrappers:
    """What wraps and unwraps keys, by name, and which of them wraps new ones."""

    known: Mapping[str, KeyWrapper]
    for_new: str

    def wrap(self, key_id: str, key: bytes, at: Instant) -> StoredKey:
        """Return a key as it may be stored. Raises KeyUnavailable."""
        wrapper = self.known[self.for_new]
        wrapped = wrapper.wrap(key_id, key)
        # A key that does not come back must never seal anything.
        if wrapper.unwrap(key_id, wrapped) != key:
            raise KeyUnavailable(key_id, f"The new key {key_id} did not come back as it was wrapped: it is not used.")
        return StoredKey(id=key_id, made_at=at, wrapped_by=wrapper.name, wrapped=wrapped)

    def unwrap(self, stored: StoredKey) -> bytes:
        """Return the key that was stored. Raises KeyUnavailable, KeysUnusable."""
        wrapper = self.known.get(stored.wrapped_by)
        if wrapper is None:
            raise KeysUnusable(f"The key file {stored.id}.key is of a later version: update the server.")
        key = wrapper.unwrap(stored.id, stored.wrapped)
        if len(key) != _KEY_BYTES:
            raise KeyUnavailable(stored.id, f"Key {stored.id} came back damaged: restore the key folder's backup.")
        return key


class KeyRing:
    """The keys of a server's cells. Threads may share one."""

    def __init__(
        self, store: KeyStore, wrappers: Wrappers, *, clock: Clock, chance: Chance, first: FirstKey | None = None
    ) -> None:
        self._store = store
        self._wrappers = wrappers
        self._clock = clock
        self._chance = chance
        self._first = first
        self._lock = threading.Lock()
        self._opened: dict[bytes, DataKey] = {}
        self._active: ActiveKey | None = None
        self._looked = 0.0
        self._complained: tuple[str | None, str] | None = None

    def active(self) -> DataKey:
        """Return the key to seal with, made at the first call of all. Raises KeysUnusable, KeyUnavailable."""
        return self.key(bytes.fromhex(self.active_key().id))

    def active_key(self) -> ActiveKey:
        """Return which key is sealed with, and since when. Raises KeysUnusable, KeyUnavailable."""
        now, known = self._clock.monotonic(), self._active
        if known is None:
            known = self._active = self._store.active() or self._begin()
            self._looked = now
        elif now - self._looked >= _LOOK_SECONDS:
            self._looked = now  # before looking: whoever asks meanwhile goes on with the key that is known
            known = self._active = self._look_again(known)
        return known

    def key(self, key_id: bytes) -> DataKey:
        """Return the key with that id. Raises KeyUnavailable, with a sentence that names it."""
        known = self._opened.get(key_id)
        if known is None:
            with self._lock:
                known = self._opened.get(key_id) or self._open(key_id.hex())
                self._opened[key_id] = known
        return known

    def stored(self) -> tuple[StoredKey, ...]:
        """Return every key of the ring, retired ones left out, the oldest first. Raises KeysUnusable."""
        self.active_key()
        keys = self._store.keys()
        if self._first is not None:
            keys.append(StoredKey(id=self._first.id, made_at=None, wrapped_by=UNWRAPPED, wrapped=b""))
        return tuple(sorted(keys, key=_by_age))

    def add(self, *, use: bool) -> StoredKey:
        """Make a key, and seal with it from now on if use. Raises KeysUnusable, KeyUnavailable."""
        self.active_key()
        with self._store.changing():
            made = self._make()
            if use:
                self._put(made.id)
        return made

    def use(self, key_id: str) -> None:
        """Seal with a key of the ring from now on. Raises KeyUnavailable, KeysUnusable."""
        self.key(_octets(key_id))
        self._store.prepare()
        with self._store.changing():
            self._put(key_id)

    def retire(self, key_id: str) -> None:
        """Take a key out of the ring. It is kept aside, for as long as a backup needs it.

        Raises KeyUnavailable, KeysUnusable for the one that is sealed with.
        """
        self.active_key()
        octets = _octets(key_id)
        with self._store.changing():
            active = self._store.active()
            if active is None or active.id == key_id:
                raise KeysUnusable(f"Key {key_id} is the one that is written with: make another with `keys new` first.")
            self._take_out(key_id)
        with self._lock:
            self._opened.pop(octets, None)

    def _look_again(self, known: ActiveKey) -> ActiveKey:
        # A folder that went away while the server runs must neither stop it nor be taken for an empty one; nor must a
        # new key that cannot be opened here keep what the old one could seal.
        wanted: str | None = None
        try:
            found = self._store.active() or known
            wanted = found.id
            self.key(bytes.fromhex(found.id))
        except (KeysUnusable, KeyUnavailable) as error:
            self._complain(wanted, known.id, error.code)
            return known
        self._complained = None
        return found

    def _complain(self, wanted: str | None, kept: str, code: str) -> None:
        """Say once that this server goes on with the old key: `keys retire` elsewhere does not know of it."""
        if self._complained != (wanted, code):
            self._complained = (wanted, code)
            _log.error("keys.not_changed", wanted=wanted, kept=kept, code=code)

    def _begin(self) -> ActiveKey:
        self._store.prepare()
        with self._store.changing():
            there = self._store.active()
            if there is not None:
                return there
            if self._store.keys():
                raise KeysUnusable(
                    "The key ring does not say which key is written with: restore cells/active from the backup of the "
                    "key folder, or name one with `wc-sync-server keys use ID`."
                )
            return self._put(self._make().id if self._first is None else self._first.id)

    def _make(self) -> StoredKey:
        made = self._wrappers.wrap(self._fresh_id(), self._chance.octets(_KEY_BYTES), self._clock.now())
        self._store.add(made)
        return made

    def _fresh_id(self) -> str:
        while True:
            id_ = self._chance.octets(KEY_ID_BYTES).hex()
            if not self._store.knows(id_) and not self._is_first(id_):
                return id_

    def _put(self, key_id: str) -> ActiveKey:
        active = ActiveKey(id=key_id, since=self._clock.now())
        self._store.put_active(active)
        self._active = active
        return active

    def _open(self, key_id: str) -> DataKey:
        first = self._first
        own = first.key if first is not None and first.id == key_id else self._wrappers.unwrap(self._store.read(key_id))
        return DataKey(id=bytes.fromhex(key_id), aead=AESGCM(own))

    def _take_out(self, key_id: str) -> None:
        first = self._first
        if first is not None and first.id == key_id:
            # What lay open until now is kept wrapped, as the others are.
            self._store.add_retired(self._wrappers.wrap(key_id, first.key, self._clock.now()))
            for file in first.files:
                file.unlink()
            self._first = None
        elif self._store.holds(key_id):
            self._store.retire(key_id)
        else:
            raise self._store.missing(key_id)

    def _is_first(self, key_id: str) -> bool:
        return self._first is not None and self._first.id == key_id


def _by_age(key: StoredKey) -> tuple[Instant, str]:
    return key.made_at or _BEFORE, key.id


def _octets(key_id: str) -> bytes:
    try:
        octets = bytes.fromhex(key_id)
    except ValueError:
        octets = b""
    if len(octets) != KEY_ID_BYTES or octets.hex() != key_id:
        raise KeysUnusable(f"{key_id!r} is no key's id: it has eight hex digits. See `wc-sync-server keys list`.")
    return octets
