"""The key folder: every secret of the server, outside the database, readable by its account only."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from wc_contract.model.errors import Refused
from wc_contract.model.ids import Chance, DistrictId

_LENGTH = 32
_KEY_ID_LENGTH = 4


class KeysUnusable(Refused):
    """The key folder cannot be used as it is. The sentence says what to do."""

    code = "keys_unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerKeys:
    """Secrets that every process of the server shares."""

    access: bytes = field(repr=False)
    refresh: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    checkpoint: bytes = field(repr=False)
    column: bytes = field(repr=False)
    column_id: bytes = field(repr=False)


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
        """Return the server's keys, made at the first call of all. Raises KeysUnusable."""
        self._prepare(self._folder)
        return ServerKeys(
            access=self._key(self._folder / "access.key"),
            refresh=self._key(self._folder / "refresh.key"),
            nonce=self._key(self._folder / "nonce.key"),
            checkpoint=self._key(self._folder / "checkpoint.key"),
            column=self._key(self._folder / "column.key"),
            column_id=self._key(self._folder / "column.id", _KEY_ID_LENGTH),
        )

    def create_district(self, district: DistrictId) -> DistrictKeys:
        """Return the district's keys, made at the first call. Raises KeysUnusable."""
        self._prepare(self._folder)
        folder = self._folder / str(district)
        self._prepare(folder)
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

    def _prepare(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = folder.stat().st_mode
        except OSError as error:
            raise KeysUnusable(
                f"The key folder cannot be used: {error.strerror}. Set WC_KEYS to a folder of the server's account."
            ) from error
        if stat.S_IMODE(mode) & 0o077:
            raise KeysUnusable("The key folder can be read by others: set its mode to 0700 and start again.")

    def _key(self, file: Path, length: int = _LENGTH) -> bytes:
        try:
            if not file.exists():
                self._make(file, length)
            key = bytes.fromhex(file.read_text("ascii").strip())
        except (OSError, ValueError) as error:
            raise KeysUnusable(f"The key file {file.name} cannot be read: restore it from the backup.") from error
        if len(key) != length:
            raise KeysUnusable(f"The key file {file.name} is damaged: restore it from the backup.")
        return key

    def _make(self, file: Path, length: int) -> None:
        # Written beside, then linked: of two processes that start at once, one key wins and both read it.
        draft = file.with_name(f".{file.name}.{self._chance.octets(6).hex()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(self._chance.octets(length).hex() + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            try:
                os.link(draft, file)
            except FileExistsError:
                return
        finally:
            draft.unlink()
