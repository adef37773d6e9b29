"""The key folder: every secret of the server, outside the database, readable by its account only."""

from dataclasses import dataclass, field
from pathlib import Path

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from wc_contract.model.ids import Chance, DistrictId
from wc_contract.model.instants import Clock
from wc_sync_server.auth.context_key import ContextKeyFile
from wc_sync_server.auth.key_files import KeysUnusable, create, prepare
from wc_sync_server.auth.key_ring import KEY_ID_BYTES, FirstKey, KeyRing, Wrappers
from wc_sync_server.auth.key_store import KeyStore
from wc_sync_server.auth.key_wrapping import Absent, CommandWrapper, FileWrapper, KeyWrapper

_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerKeys:
    """Secrets that every process of the server shares."""

    access: bytes = field(repr=False)
    refresh: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    checkpoint: bytes = field(repr=False)
    audit: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictKeys:
    """A district's own pairs: leases are signed with one, journal copies sealed to the other."""

    sign: SigningKey = field(repr=False)
    seal: PrivateKey = field(repr=False)

    @property
    def verify_key(self) -> bytes:
        """The public half of sign."""
        return bytes(self.sign.verify_key)

    @property
    def seal_key(self) -> bytes:
        """The public half of seal."""
        return bytes(self.seal.public_key)


class KeyFolder:
    """Keys as files of hex digits in a folder of mode 0700. Made once, never overwritten."""

    def __init__(self, folder: Path, chance: Chance) -> None:
        self._folder = folder
        self._chance = chance

    def server_keys(self) -> ServerKeys:
        """Return the server's keys, made at the first call of all. Raises KeysUnusable.

        Without the key that seals the audit, everything sealed so far would pass for forged: it is made first, and
        never again in a folder that was in use. Another of the others costs people a new sign-in, or a longer pull.
        """
        prepare(self._folder)
        if self._was_in_use() and not (self._folder / "audit.key").exists():
            raise KeysUnusable(
                "audit.key is not in the key folder: restore it from the backup. Only where there is none, write 64 "
                "random hexadecimal digits into it: what was sealed before is then checked with "
                "`audit verify --trust` and the public key of before."
            )
        return ServerKeys(
            audit=self._key(self._folder / "audit.key"),
            access=self._key(self._folder / "access.key"),
            refresh=self._key(self._folder / "refresh.key"),
            nonce=self._key(self._folder / "nonce.key"),
            checkpoint=self._key(self._folder / "checkpoint.key"),
        )

    def ring(self, clock: Clock, kms_command: tuple[str, ...] = ()) -> KeyRing:
        """Return the key ring of the server's cells. New keys are wrapped by the command, if there is one.

        Raises KeysUnusable.
        """
        prepare(self._folder)
        store = KeyStore(self._folder / "cells", self._chance)
        local, kms = self._local_wrapper(needed=not kms_command), _kms_wrapper(kms_command)
        return KeyRing(
            store,
            Wrappers(
                known={wrapper.name: wrapper for wrapper in (local, kms)},
                for_new=kms.name if kms_command else local.name,
            ),
            clock=clock,
            chance=self._chance,
            first=self._first_key(store),
        )

    def contexts(self, clock: Clock) -> ContextKeyFile:
        """Return the key that contexts are signed with. The database has it too, and gives it to who may read it."""
        return ContextKeyFile(self._folder, clock, self._chance)

    def create_district(self, district: DistrictId) -> DistrictKeys:
        """Return the district's keys, made at the first call. Raises KeysUnusable."""
        prepare(self._folder)
        folder = self._folder / str(district)
        prepare(folder)
        return DistrictKeys(
            sign=SigningKey(self._key(folder / "lease.key")), seal=PrivateKey(self._key(folder / "seal.key"))
        )

    def district(self, district: DistrictId) -> DistrictKeys:
        """Return the district's keys; never makes new ones, since old leases and sealed copies need the old.

        Raises KeysUnusable.
        """
        if not (self._folder / str(district) / "lease.key").exists():
            raise KeysUnusable(
                f"The keys of district {district} are not in the key folder: restore the folder from its backup, "
                "or point WC_KEYS to where it is."
            )
        return self.create_district(district)

    def _local_wrapper(self, *, needed: bool) -> KeyWrapper:
        # In this order: a process that starts beside this one makes the wrapping key before the first of the ring.
        in_use = any((self._folder / "cells").glob("*.key"))
        file = self._folder / "wrapping.key"
        if file.exists() or (needed and not in_use):
            return FileWrapper(self._key(file), self._chance)
        return Absent(FileWrapper.name, "restore wrapping.key from the backup of the key folder.")

    def _was_in_use(self) -> bool:
        return any((self._folder / name).exists() for name in ("access.key", "cells"))

    def _first_key(self, store: KeyStore) -> FirstKey | None:
        files = (self._folder / "column.key", self._folder / "column.id")
        if not any(file.exists() for file in files):
            return None
        id_ = _read(files[1], KEY_ID_BYTES).hex()
        # It was put aside, and that was cut off between the two files: it is gone, as it was meant to be.
        if store.knows(id_) and not files[0].exists():
            return None
        return FirstKey(id=id_, key=_read(files[0], _LENGTH), files=files)

    def _key(self, file: Path) -> bytes:
        try:
            if not file.exists():
                create(file, self._chance.octets(_LENGTH).hex() + "\n", self._chance)
        except OSError as error:
            raise _unreadable(file) from error
        return _read(file, _LENGTH)


def _kms_wrapper(command: tuple[str, ...]) -> KeyWrapper:
    if command:
        return CommandWrapper(command)
    return Absent(CommandWrapper.name, "a KMS wrapped it, so set WC_KMS_COMMAND to the command that opens it.")


def _read(file: Path, length: int) -> bytes:
    try:
        key = bytes.fromhex(file.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise _unreadable(file) from error
    if len(key) != length:
        raise KeysUnusable(f"The key file {file.name} is damaged: restore it from the backup.")
    return key


def _unreadable(file: Path) -> KeysUnusable:
    return KeysUnusable(f"The key file {file.name} cannot be read: restore it from the backup.")
