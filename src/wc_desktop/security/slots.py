"""Several nurses, one workstation: each has a slot that opens the same data keys with their own password.

A slot is a key pair (X25519). Its private half is wrapped by Argon2id of the password, and that once more by the
device secret; every data key is sealed to its public half. So keys are added, taken away and changed without
anybody else's password, and neither the file nor the keystore alone is worth anything.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.pwhash import argon2id

from wc_contract.model.ids import Chance, DeviceId, SchoolId, UserId
from wc_desktop.domain.failures import SlotDamaged
from wc_desktop.security.envelope import NotOpened, close_envelope, open_envelope

FORMAT = 1
DATA_FILES = ("journal", "replica")
# Keys that the files are being given: sealed beside the present ones before a file has any of them.
COMING = ".next"
_KEY = 32


class PasswordDoesNotOpen(Exception):  # reads as a sentence
    """The inner wrapping did not open: the password is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a guess costs. Kept in the slot; a slot with less is raised at its next opening."""

    memory: int
    passes: int


STANDARD_COST = Cost(memory=64 * 1024 * 1024, passes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotPlace:
    """What a slot is bound to; a slot put anywhere else does not open."""

    device: DeviceId
    school: SchoolId
    user: UserId
    generation: int

    def binding(self, what: str) -> str:
        """Return the text that encryption is bound to."""
        return f"{what}|{self.device}|{self.school}|{self.user}|{self.generation}|{FORMAT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One person's slot as it stands in the file."""

    place: SlotPlace
    cost: Cost
    salt: bytes
    public: bytes
    wrapped: bytes = field(repr=False)
    data_keys: Mapping[str, bytes] = field(repr=False)


def new_slot(
    place: SlotPlace, password: str, device_secret: bytes, data_keys: Mapping[str, bytearray], chance: Chance
) -> Slot:
    """Return a slot that opens data_keys with password."""
    private = PrivateKey(chance.octets(_KEY))
    public = bytes(private.public_key)
    salt, wrapped = _wrap(bytes(private), place, STANDARD_COST, password, device_secret, chance)
    sealed = {
        name: close_envelope(
            SealedBox(private.public_key).encrypt(bytes(key)), device_secret, place.binding(name), chance
        )
        for name, key in data_keys.items()
    }
    return Slot(place=place, cost=STANDARD_COST, salt=salt, public=public, wrapped=wrapped, data_keys=sealed)


def open_slot(slot: Slot, password: str, device_secret: bytes) -> dict[str, bytearray]:
    """Return the data keys. The caller wipes them.

    Raises SlotDamaged when the device secret does not open it (changed, renamed, another workstation's),
    PasswordDoesNotOpen when the password does not.
    """
    private = PrivateKey(_unwrap(slot, password, device_secret))
    if bytes(private.public_key) != slot.public:
        raise SlotDamaged("key pair")
    keys: dict[str, bytearray] = {}
    for name, sealed in slot.data_keys.items():
        try:
            inner = open_envelope(sealed, device_secret, slot.place.binding(name))
            keys[name] = bytearray(SealedBox(private).decrypt(inner))
        except (NotOpened, CryptoError):
            raise SlotDamaged("data key") from None
    return keys


def raised(slot: Slot, password: str, device_secret: bytes, chance: Chance) -> Slot:
    """Return the slot with at least the standard cost; the same slot when it has it already."""
    if slot.cost.memory >= STANDARD_COST.memory and slot.cost.passes >= STANDARD_COST.passes:
        return slot
    private = _unwrap(slot, password, device_secret)
    salt, wrapped = _wrap(private, slot.place, STANDARD_COST, password, device_secret, chance)
    return replace(slot, cost=STANDARD_COST, salt=salt, wrapped=wrapped)


def with_data_key(slot: Slot, name: str, key: bytearray, device_secret: bytes, chance: Chance) -> Slot:
    """Return the slot with one data key replaced; no password is needed."""
    sealed = close_envelope(
        SealedBox(PublicKey(slot.public)).encrypt(bytes(key)), device_secret, slot.place.binding(name), chance
    )
    return replace(slot, data_keys={**slot.data_keys, name: sealed})


def settled(slot: Slot, device_secret: bytes, keys: Mapping[str, bytearray], chance: Chance) -> Slot:
    """Return the slot with these data keys and no others."""
    bare = replace(slot, data_keys={})
    for name, key in keys.items():
        bare = with_data_key(bare, name, key, device_secret, chance)
    return bare


def _wrap(
    private: bytes, place: SlotPlace, cost: Cost, password: str, device_secret: bytes, chance: Chance
) -> tuple[bytes, bytes]:
    salt = chance.octets(argon2id.SALTBYTES)
    inner = close_envelope(private, _derived(password, salt, cost), place.binding("inner"), chance)
    return salt, close_envelope(inner, device_secret, place.binding(f"outer|{cost.memory}|{cost.passes}"), chance)


def _unwrap(slot: Slot, password: str, device_secret: bytes) -> bytes:
    cost = slot.cost
    try:
        inner = open_envelope(slot.wrapped, device_secret, slot.place.binding(f"outer|{cost.memory}|{cost.passes}"))
    except NotOpened:
        raise SlotDamaged("outer wrapping") from None
    try:
        return open_envelope(inner, _derived(password, slot.salt, cost), slot.place.binding("inner"))
    except NotOpened:
        raise PasswordDoesNotOpen from None


def _derived(password: str, salt: bytes, cost: Cost) -> bytes:
    return bytes(argon2id.kdf(_KEY, password.encode(), salt, opslimit=cost.passes, memlimit=cost.memory))


def slot_to_json(slot: Slot) -> dict[str, Any]:
    """Return a slot as it stands in the slots file."""
    return {
        "format": FORMAT,
        "user": str(slot.place.user),
        "generation": slot.place.generation,
        "memory": slot.cost.memory,
        "passes": slot.cost.passes,
        "salt": _text(slot.salt),
        "public": _text(slot.public),
        "wrapped": _text(slot.wrapped),
        "data_keys": {name: _text(sealed) for name, sealed in slot.data_keys.items()},
    }


def slot_from_json(raw: Mapping[str, Any], *, device: DeviceId, school: SchoolId) -> Slot:
    """Read a slot of this device and school. Raises SlotDamaged for anything that does not read."""
    try:
        if raw["format"] != FORMAT:
            raise SlotDamaged("format")
        place = SlotPlace(
            device=device, school=school, user=UserId(UUID(raw["user"])), generation=int(raw["generation"])
        )
        return Slot(
            place=place,
            cost=_cost(int(raw["memory"]), int(raw["passes"])),
            salt=base64.b64decode(raw["salt"]),
            public=base64.b64decode(raw["public"]),
            wrapped=base64.b64decode(raw["wrapped"]),
            data_keys={name: base64.b64decode(sealed) for name, sealed in raw["data_keys"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SlotDamaged("does not read") from None


def slots_from_text(text: str, *, device: DeviceId, school: SchoolId) -> dict[UserId, Slot]:
    """Read the slots file. Raises SlotDamaged."""
    try:
        raw = json.loads(text)["slots"]
    except (ValueError, KeyError, TypeError):
        raise SlotDamaged("does not read") from None
    if not isinstance(raw, list):
        raise SlotDamaged("does not read")
    slots = [slot_from_json(item, device=device, school=school) for item in raw]
    return {slot.place.user: slot for slot in slots}


def slots_to_text(slots: Mapping[UserId, Slot]) -> str:
    """Return the slots file."""
    return json.dumps({"slots": [slot_to_json(slot) for slot in slots.values()]}, indent=1)


_MOST_MEMORY = 1 << 31
_MOST_PASSES = 100


def _cost(memory: int, passes: int) -> Cost:
    # A file that asks for a terabyte is a file that somebody changed.
    if not (argon2id.MEMLIMIT_MIN <= memory <= _MOST_MEMORY and 1 <= passes <= _MOST_PASSES):
        raise SlotDamaged("cost")
    return Cost(memory=memory, passes=passes)


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
