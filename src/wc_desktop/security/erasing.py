"""Erasing a workstation: keys first, then files, then its word that it did, each step safe to be stopped in.

The hand that signs the receipt is carried into the keystore under a name of its own before the device secret goes:
it opens nothing, and goes itself once the receipt is written.
"""

import base64
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from nacl.signing import SigningKey

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import Chance, DeviceId
from wc_contract.model.instants import Clock, instant_from_text, instant_to_text
from wc_contract.wire.wipe import WipeDone, signed_receipt
from wc_desktop.cipher.whole_file import disk_refusals, sync_folder
from wc_desktop.domain.failures import KeystoreRefused
from wc_desktop.ports import Keystore
from wc_desktop.security.device_keys import SealedFolder, read_keys
from wc_desktop.security.emergency_file import HOLDER, looks_name
from wc_desktop.security.guessing import tries_name
from wc_desktop.security.passport import STATION_FILE, read_passport
from wc_desktop.security.station import SLOTS_FILE, device_secret_name, seen_name
from wc_desktop.security.wipe_mark import WIPE_FILE, WipeMark, WipeStage, write_mark

# Carried here from an earlier enrolment of this folder: the district alone can read them, and may not have them.
BEFORE = "journal.before-*"
_KEYS = (SLOTS_FILE, "device.sealed", "token.sealed", "failed.sealed", "contact.word", "journal.number")
# Whatever the program calls its files of records: journals, copies of them, replicas, photos, and parts being written.
_RECORDS = (
    "replica.*",
    "blobs.*",
    "journal.*",
    "emergency*",
    "*.sealed",
    "*.new",
    "settings.json",
    "ballast",
)

# What the receipt says of secrets, once the keystore does not know them any more.
KEYS = ("device secret", "time last seen", "tries")
_MOST_NAMES = 200

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """Erases one folder. told hears the name of each thing before it goes."""

    folder: Path
    keystore: Keystore
    clock: Clock
    chance: Chance
    app_version: str
    told: Told

    def erase(self, mark: WipeMark) -> WipeMark:
        """Go on from where it stopped, and return the mark with the receipt.

        Raises KeystoreRefused, DiskFull, DiskFailed: doing it again goes on.
        """
        if mark.stage is WipeStage.BEGUN:
            device = DeviceId(UUID(mark.device))
            self._carry_hand(device)
            self._forget_secrets(device)
            for patterns in (_KEYS, _RECORDS, (STATION_FILE,)):
                self._erase(patterns)
            mark = self._receipt(mark)
            self.told(WIPE_FILE)
            write_mark(self.folder, mark)
        if mark.stage is WipeStage.ERASED:
            self._forget(hand_name(DeviceId(UUID(mark.device))))
        return mark

    def _carry_hand(self, device: DeviceId) -> None:
        secret = self.keystore.get(device_secret_name(device))
        if secret is not None and self.keystore.get(hand_name(device)) is None:
            seed = read_keys(SealedFolder(self.folder, str(device), secret, self.chance)).sign_seed
            self.told(hand_name(device))
            self.keystore.put(hand_name(device), seed)

    def _forget_secrets(self, device: DeviceId) -> None:
        self._forget(device_secret_name(device))
        self._forget(seen_name(device))
        self._forget(looks_name(device))
        self._forget(tries_name(device, HOLDER))
        passport = None
        with suppress(WhiteCrossError):
            passport = read_passport(self.folder)
        for person in () if passport is None else passport.people:
            self._forget(tries_name(device, person.id))

    def _forget(self, name: str) -> None:
        self.told(name)
        self.keystore.remove(name)
        if self.keystore.get(name) is not None:
            raise KeystoreRefused("the keystore did not forget")

    def _erase(self, patterns: Iterable[str]) -> None:
        with disk_refusals():
            for path in _found(self.folder, patterns):
                self.told(path.name)
                path.unlink(missing_ok=True)
            sync_folder(self.folder)

    def _receipt(self, mark: WipeMark) -> WipeMark:
        seed = self.keystore.get(hand_name(DeviceId(UUID(mark.device))))
        if seed is None:
            raise KeystoreRefused("the hand that signs is gone")
        now = self.clock.now()
        body = WipeDone(
            district_id=UUID(mark.district),
            device_id=UUID(mark.device),
            revoked_at=instant_from_text(mark.revoked_at),
            begun_at=instant_from_text(mark.begun_at),
            erased_at=now,
            sent=mark.sent,
            last_number=mark.last_number,
            photos=mark.photos,
            keys=KEYS,
            files=tuple(name for name in mark.files if not (self.folder / name).exists())[:_MOST_NAMES],
            left=tuple(sorted(path.name for path in self.folder.glob(BEFORE)))[:_MOST_NAMES],
            app_version=self.app_version,
        ).model_dump_json()
        signature = base64.b64encode(SigningKey(seed).sign(signed_receipt(body)).signature).decode("ascii")
        return replace(mark, stage=WipeStage.ERASED, erased_at=instant_to_text(now), body=body, signature=signature)


def to_erase(folder: Path) -> tuple[str, ...]:
    """Return the names of what will be erased."""
    return tuple(path.name for path in _found(folder, (*_KEYS, *_RECORDS, STATION_FILE)))


def _found(folder: Path, patterns: Iterable[str]) -> list[Path]:
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not path.match(BEFORE) and not path.name.startswith(WIPE_FILE))


def hand_name(device: DeviceId) -> str:
    """Return the name in the keystore of what signs a receipt, between the device secret's end and its own."""
    return f"{device}/wipe"
