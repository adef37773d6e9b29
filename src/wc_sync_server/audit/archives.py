"""Months that were taken out of the database: what their archive holds, and the signed record that stays behind."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from wc_contract.model.errors import Refused
from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text
from wc_sync_server.audit.seals import Seal, Signer, Verifier, micros
from wc_sync_server.audit.signed_json import canonical, read_signed, signed

MANIFEST = "manifest.json"
_FORMAT = 1
_PURPOSE = b"white-cross audit archive\n"
_OF_RECORD = b"white-cross audit archive record\n"


class ArchiveUnreadable(Refused):
    """A folder does not hold an archive that this program wrote."""

    code = "archive_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A file of an archive: its name, how long it is and the SHA-256 of its bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictPart:
    """A district's part of an archived month."""

    district: DistrictId
    lines: int
    first_seal: int
    last_seal: int
    keep_until: date
    lines_file: FileFacts
    seals_file: FileFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the archive of one month holds."""

    month: date
    made_at: Instant
    columns: tuple[str, ...]
    parts: tuple[DistrictPart, ...]

    def text(self, signer: Signer) -> str:
        """Return the manifest as it is written, signed."""
        body = {
            "format": _FORMAT,
            "month": self.month.isoformat(),
            "made_at": instant_to_text(self.made_at),
            "columns": list(self.columns),
            "districts": [_part_json(part) for part in self.parts],
        }
        return json.dumps(signed(body, _PURPOSE, signer), indent=2, sort_keys=True) + "\n"


def read_manifest(text: str, verifier: Verifier) -> tuple[Manifest, bool]:
    """Return a manifest and whether this server signed it. Raises ArchiveUnreadable."""
    try:
        body, ours = read_signed(text, _PURPOSE, verifier)
        manifest = Manifest(
            month=date.fromisoformat(body["month"]),
            made_at=instant_from_text(body["made_at"]),
            columns=tuple(body["columns"]),
            parts=tuple(map(_part_from, body["districts"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ArchiveUnreadable(f"{MANIFEST} is no manifest of an audit's archive.") from None
    return manifest, ours


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRecord:
    """What the database keeps of a district's archived month: how much, which seals, and the manifest's hash."""

    id: UUID
    district: DistrictId
    month: date
    lines: int
    first_seal: int
    last_seal: int
    manifest_hash: bytes = field(repr=False)
    keep_until: date
    archived_at: Instant
    key_id: str = ""
    signature: bytes = field(default=b"", repr=False)

    def signed_by(self, verifier: Verifier) -> bool:
        """Whether this server signed it."""
        return verifier.signed(self.key_id, self.to_sign(), self.signature)

    def to_sign(self) -> bytes:
        """Return what its signature is taken of."""
        parts = (
            self.district,
            self.month.isoformat(),
            self.lines,
            self.first_seal,
            self.last_seal,
            self.manifest_hash.hex(),
            self.keep_until.isoformat(),
            micros(self.archived_at),
        )
        return _OF_RECORD + "\n".join(map(str, parts)).encode()


def seal_to_json(seal: Seal) -> str:
    """Return a seal as a line of an archive's seals file."""
    return canonical(
        {
            "district": str(seal.district),
            "number": seal.number,
            "from": instant_to_micro_text(seal.starts_at),
            "to": instant_to_micro_text(seal.ends_at),
            "lines": seal.lines,
            "contents": seal.contents.hex(),
            "previous": seal.previous.hex(),
            "sealed_at": instant_to_micro_text(seal.sealed_at),
            "key": seal.key_id,
            "hash": seal.hash.hex(),
            "signature": seal.signature.hex(),
        }
    )


def seal_from_json(text: str) -> Seal:
    """Return a seal of an archive's seals file. Raises ArchiveUnreadable."""
    try:
        body = json.loads(text)
        return Seal(
            district=DistrictId(UUID(body["district"])),
            number=body["number"],
            starts_at=instant_from_text(body["from"]),
            ends_at=instant_from_text(body["to"]),
            lines=body["lines"],
            contents=bytes.fromhex(body["contents"]),
            previous=bytes.fromhex(body["previous"]),
            sealed_at=instant_from_text(body["sealed_at"]),
            key_id=body["key"],
            hash=bytes.fromhex(body["hash"]),
            signature=bytes.fromhex(body["signature"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ArchiveUnreadable("A line of a seals file does not read.") from None


def instant_to_micro_text(at: Instant) -> str:
    """Return an instant to the microsecond: a line's time may have been changed by less than a millisecond."""
    return at.isoformat()


def manifest_hash(text: str) -> bytes:
    """Return by what the database remembers a manifest."""
    return sha256(text.encode()).digest()


def _part_json(part: DistrictPart) -> dict[str, object]:
    return {
        "id": str(part.district),
        "lines": part.lines,
        "first_seal": part.first_seal,
        "last_seal": part.last_seal,
        "keep_until": part.keep_until.isoformat(),
        "lines_file": _file_json(part.lines_file),
        "seals_file": _file_json(part.seals_file),
    }


def _part_from(body: Mapping[str, Any]) -> DistrictPart:
    return DistrictPart(
        district=DistrictId(UUID(body["id"])),
        lines=int(body["lines"]),
        first_seal=int(body["first_seal"]),
        last_seal=int(body["last_seal"]),
        keep_until=date.fromisoformat(body["keep_until"]),
        lines_file=_file_from(body["lines_file"]),
        seals_file=_file_from(body["seals_file"]),
    )


def _file_from(body: Mapping[str, Any]) -> FileFacts:
    facts = FileFacts(name=str(body["name"]), size=int(body["size"]), sha256=str(body["sha256"]))
    if "/" in facts.name or "\\" in facts.name:
        raise ValueError("a file of an archive stands in its folder")
    return facts


def _file_json(facts: FileFacts) -> dict[str, object]:
    return {"name": facts.name, "size": facts.size, "sha256": facts.sha256}
