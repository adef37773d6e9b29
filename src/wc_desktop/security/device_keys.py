"""The device's own keys and tokens, encrypted under the device secret."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from wc_contract.model.ids import Chance
from wc_desktop.cipher.whole_file import write_whole
from wc_desktop.domain.failures import FilesUnreadable, SlotDamaged
from wc_desktop.security.base64_text import octets_of, text_of
from wc_desktop.security.envelope import NotOpened, close_envelope, open_envelope

KEYS_FILE = "device.sealed"
TOKEN_FILE = "token.sealed"  # noqa: S105  # a file's name
_KEY = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeys:
    """What proves this device and opens its sealed copies.

    district_seal: the district's key for sealed copies as it was told at enrolment; None on a workstation enrolled
    before it was kept here. station.json names it too, but nothing vouches for that file.
    """

    sign_seed: bytes = field(repr=False)
    seal_private: bytes = field(repr=False)
    district_seal: bytes | None = None

    @property
    def sign_public(self) -> bytes:
        """The key by which others check our signatures."""
        return bytes(SigningKey(self.sign_seed).verify_key)

    @property
    def seal_public(self) -> bytes:
        """The key to which others seal for us."""
        return bytes(PrivateKey(self.seal_private).public_key)

    def signer(self) -> SigningKey:
        """Return the signing key."""
        return SigningKey(self.sign_seed)


def new_device_keys(chance: Chance) -> DeviceKeys:
    """Return keys for a new device."""
    return DeviceKeys(sign_seed=chance.octets(_KEY), seal_private=chance.octets(_KEY))


class SealedFolder:
    """Small files of the data folder, encrypted under the device secret and bound to device and name."""

    def __init__(self, folder: Path, device: str, device_secret: bytes, chance: Chance) -> None:
        self._folder = folder
        self._device = device
        self._secret = device_secret
        self._chance = chance

    def write(self, name: str, content: bytes) -> None:
        """Replace a file, durably."""
        sealed = close_envelope(content, self._secret, f"{name}|{self._device}", self._chance)
        write_whole(self._folder / name, sealed)

    def read(self, name: str) -> bytes | None:
        """Return a file's content, None when there is none. Raises SlotDamaged, FilesUnreadable."""
        path = self._folder / name
        if not path.exists():
            return None
        try:
            return open_envelope(path.read_bytes(), self._secret, f"{name}|{self._device}")
        except OSError:
            raise FilesUnreadable(name) from None
        except NotOpened:
            raise SlotDamaged(name) from None

    def remove(self, name: str) -> None:
        """Erase a file."""
        (self._folder / name).unlink(missing_ok=True)


def write_keys(folder: SealedFolder, keys: DeviceKeys) -> None:
    """Keep the device's keys."""
    content = {"sign": text_of(keys.sign_seed), "seal": text_of(keys.seal_private)}
    if keys.district_seal is not None:
        content["district"] = text_of(keys.district_seal)
    folder.write(KEYS_FILE, json.dumps(content).encode())


def read_keys(folder: SealedFolder) -> DeviceKeys:
    """Return the device's keys. Raises SlotDamaged."""
    content = folder.read(KEYS_FILE)
    if content is None:
        raise SlotDamaged(KEYS_FILE)
    raw = json.loads(content)
    district = raw.get("district")
    return DeviceKeys(
        sign_seed=octets_of(raw["sign"]),
        seal_private=octets_of(raw["seal"]),
        district_seal=None if district is None else octets_of(district),
    )


class TokenDrawer:
    """Where the refresh token is kept between runs."""

    def __init__(self, folder: SealedFolder) -> None:
        self._folder = folder

    def read(self) -> str | None:
        """Return the newest refresh token, None when there is none."""
        content = self._folder.read(TOKEN_FILE)
        return None if content is None else content.decode()

    def write(self, token: str) -> None:
        """Keep the newest refresh token, durably, before it is used."""
        self._folder.write(TOKEN_FILE, token.encode())
