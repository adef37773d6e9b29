"""Anchors: hashes of seals written down outside the database, one signed line of JSON a time.

Whoever can write the database and has the server's key can seal a false history anew. Not the one that was anchored
somewhere else. Each line holds every seal since the line before, and the hash of that line: none can be taken out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from wc_contract.model.errors import Refused
from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant, instant_to_text
from wc_sync_server.audit.findings import Finding, Tamper
from wc_sync_server.audit.seals import Signer, Verifier
from wc_sync_server.audit.signed_json import canonical, read_signed, signed

_FORMAT = 1
_FIRST = sha256(b"").hexdigest()
_PURPOSE = b"white-cross audit anchor\n"


class AnchorDamaged(Refused):
    """An anchor file is not what this program wrote."""

    code = "anchor_damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeals:
    """The seals of a district that an anchor writes down: their hashes, from number first on."""

    district: DistrictId
    first: int
    hashes: tuple[bytes, ...] = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Anchored:
    """What an anchor file holds: hashes by district and number, and what is wrong with the file."""

    lines: int = 0
    last: str = _FIRST
    hashes: dict[DistrictId, dict[int, bytes]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def of(self, district: DistrictId) -> Mapping[int, bytes]:
        """Return the hashes of a district's seals, by number."""
        return self.hashes.get(district, {})

    def newest(self, district: DistrictId) -> int:
        """Return the number of the newest seal of a district that was anchored."""
        return max(self.of(district), default=0)


def anchor_line(seals: Sequence[NewSeals], before: Anchored, at: Instant, signer: Signer) -> str:
    """Return the next line of an anchor file, without its end."""
    body: dict[str, object] = {
        "format": _FORMAT,
        "at": instant_to_text(at),
        "previous": before.last,
        "districts": [
            {"id": str(one.district), "first": one.first, "hashes": [made.hex() for made in one.hashes]}
            for one in seals
        ],
    }
    return canonical(signed(body, _PURPOSE, signer))


def read_anchors(lines: Iterable[str], verifier: Verifier, found: Anchored | None = None) -> Anchored:
    """Return what a file's lines hold, and which of them are not as they were written.

    found is what the lines before them held.
    """
    found = Anchored() if found is None else found
    for text in lines:
        found.lines += 1
        try:
            body = _checked(text, found.last, verifier)
        except AnchorDamaged as error:
            where = f"line {found.lines} of the anchor file: {error}"
            found.findings.append(Finding(what=Tamper.ANCHOR_DAMAGED, where=where))
        else:
            _take(found, body)
        found.last = sha256(text.encode()).hexdigest()
    return found


def _checked(text: str, previous: str, verifier: Verifier) -> dict[str, Any]:
    try:
        body, ours = read_signed(text, _PURPOSE, verifier)
        follows, form = body["previous"], body["format"]
    except (ValueError, KeyError):
        raise AnchorDamaged("it does not read") from None
    if form != _FORMAT:
        raise AnchorDamaged("it is of no format known here")
    if not ours:
        raise AnchorDamaged("its signature is not this server's")
    if follows != previous:
        raise AnchorDamaged("it does not follow the line before")
    return body  # signed by us, so it is of the form that we write


def _take(found: Anchored, body: Mapping[str, Any]) -> None:
    districts: list[dict[str, Any]] = body["districts"]
    for one in districts:
        known = found.hashes.setdefault(DistrictId(UUID(one["id"])), {})
        known.update(enumerate((bytes.fromhex(made) for made in one["hashes"]), start=one["first"]))
