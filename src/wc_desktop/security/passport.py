"""station.json: who this workstation is. Holds names of staff and keys that are public; nothing about children."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.values import Role
from wc_desktop.cipher.whole_file import write_whole
from wc_desktop.domain.failures import FilesUnreadable, SlotDamaged
from wc_desktop.domain.screens import PersonRow
from wc_desktop.security.base64_text import octets_of

STATION_FILE = "station.json"
_FORMAT = 1
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """What station.json says. Keys are base64 of 32 octets; lease is the signed text."""

    device: DeviceId
    device_name: str
    server_url: str
    ca_file: str | None
    district: DistrictId
    district_code: str
    district_name: str
    seal_key: str
    verify_key: str
    school: SchoolId
    school_name: str
    zone: str
    keystore: str
    lease_body: str
    lease_signature: str
    people: tuple[PersonRow, ...]


def read_passport(folder: Path) -> Passport | None:
    """Return who the workstation in folder is, None when it is not enrolled. Raises SlotDamaged, FilesUnreadable."""
    path = folder / STATION_FILE
    if not path.exists():
        return None
    try:
        return _from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        raise FilesUnreadable(STATION_FILE) from None
    except (ValueError, KeyError, TypeError):
        raise SlotDamaged(STATION_FILE) from None


def write_passport(folder: Path, passport: Passport) -> None:
    """Replace station.json, durably."""
    write_whole(folder / STATION_FILE, json.dumps(_to_json(passport), indent=1, ensure_ascii=False).encode())


def _to_json(p: Passport) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "device": str(p.device),
        "device_name": p.device_name,
        "server_url": p.server_url,
        "ca_file": p.ca_file,
        "district": str(p.district),
        "district_code": p.district_code,
        "district_name": p.district_name,
        "seal_key": p.seal_key,
        "verify_key": p.verify_key,
        "school": str(p.school),
        "school_name": p.school_name,
        "zone": p.zone,
        "keystore": p.keystore,
        "lease_body": p.lease_body,
        "lease_signature": p.lease_signature,
        "people": [
            {
                "id": str(person.id),
                "first_name": person.first_name,
                "last_name": person.last_name,
                "role": person.role.value,
                "licence_type": person.licence_type,
            }
            for person in p.people
        ],
    }


def _from_json(raw: dict[str, Any]) -> Passport:
    if raw["format"] != _FORMAT:
        raise ValueError("another format")
    if any(len(octets_of(raw[key])) != _KEY_BYTES for key in ("seal_key", "verify_key")):
        raise ValueError("no key")
    # Read for its mistakes: a flipped bit in it must not come out at the due list.
    ZoneInfo(raw["zone"])
    return Passport(
        device=DeviceId(UUID(raw["device"])),
        device_name=raw["device_name"],
        server_url=raw["server_url"],
        ca_file=raw["ca_file"],
        district=DistrictId(UUID(raw["district"])),
        district_code=raw["district_code"],
        district_name=raw["district_name"],
        seal_key=raw["seal_key"],
        verify_key=raw["verify_key"],
        school=SchoolId(UUID(raw["school"])),
        school_name=raw["school_name"],
        zone=raw["zone"],
        keystore=raw["keystore"],
        lease_body=raw["lease_body"],
        lease_signature=raw["lease_signature"],
        people=tuple(
            PersonRow(
                id=UserId(UUID(person["id"])),
                first_name=person["first_name"],
                last_name=person["last_name"],
                role=Role(person["role"]),
                licence_type=person["licence_type"],
            )
            for person in raw["people"]
        ),
    )
