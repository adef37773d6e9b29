"""What an auditor is given of the audit: lines, the seals that name them, a signed manifest; proved without a database.

Every line stands as the canonical text that was hashed when it was sealed. The seals around them hold digests of other
lines too, and nothing else of them. A whole span proves that nothing is missing in it; a choice of school, child or
person proves each line, and that it is complete rests on the signature of the manifest.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from wc_contract.model.errors import Refused
from wc_contract.wire.entries import body_hash
from wc_contract.wire.versions import MAX_NUMBER
from wc_sync_server.audit.archives import ArchiveUnreadable, seal_from_json
from wc_sync_server.audit.chains import Signed
from wc_sync_server.audit.seals import NOTHING_BEFORE, Seal, Signer, Verifier, digest_of
from wc_sync_server.audit.signed_json import read_signed, signed

MANIFEST = "manifest.json"
LINES, TABLE, SEALS, CHAINS, DISCLOSURES = (
    "lines.jsonl",
    "lines.csv",
    "seals.jsonl",
    "workstations.jsonl",
    "disclosures.jsonl",
)
_FORMAT = 1
_TIMES = frozenset({"at", "received_at"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PURPOSE = b"white-cross audit export\n"
HOW_TO_VERIFY = (
    "Ask the district for its public key by another way than this folder came (`wc-sync-server audit key`).",
    "Run `wc-sync-server audit check-export FOLDER --key HEX`; no database and no server is needed for it.",
    "With the district's anchor file, add --anchor FILE: it shows that the seals are those written down at the time.",
    "lines.jsonl: one JSON array a line, in the order of `columns`; the SHA-256 of that text is what its seal names.",
    "lines.csv says the same for a spreadsheet, with times in words; in the other they are microseconds since 1970.",
)


class ExportUnreadable(Refused):
    """A folder holds no export of the audit that reads."""

    code = "export_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCheck:
    """What checking an export came to: what was counted, and each thing that is not as it was given out."""

    lines: int
    seals: int
    entries: int
    whole_span: bool
    findings: list[str] = field(default_factory=list)


def table_text(columns: Sequence[str], texts: Iterable[str]) -> str:
    """Return lines as a table for a spreadsheet. What begins like a formula is set off by an apostrophe."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(columns)
    for text in texts:
        values = zip(columns, json.loads(text), strict=True)
        rows.writerow(["" if value is None else _cell(name, str(value)) for name, value in values])
    return written.getvalue()


def manifest_text(body: Mapping[str, object], files: Mapping[str, str], signer: Signer) -> str:
    """Return the manifest of an export, signed; files are the texts written beside it."""
    whole = {
        **body,
        "format": _FORMAT,
        "files": {name: sha256(text.encode()).hexdigest() for name, text in files.items()},
        "how_to_verify": list(HOW_TO_VERIFY),
    }
    return json.dumps(signed(whole, _PURPOSE, signer), indent=2, sort_keys=True) + "\n"


def check_export(
    folder: Path,
    verifier: Verifier,
    verifying: Mapping[str, Signed] | None = None,
    anchored: Mapping[int, bytes] | None = None,
) -> ExportCheck:
    """Look whether an export is what the server gave out. Raises ExportUnreadable when it does not read at all.

    verifying: what knows each workstation's signatures, by its key in hex; asked of the caller, who has the cipher.
    """
    try:
        body, ours = read_signed((folder / MANIFEST).read_text("utf-8"), _PURPOSE, verifier)
        files = {name: (folder / name).read_text("utf-8") for name in body["files"]}
        lines = _read(files[LINES])
        seals = [seal_from_json(text) for text in _read(files[SEALS])]
        columns, counts, whole = body["columns"], body["counts"], bool(body["whole_span"])
        links = [json.loads(text) for text in _read(files[CHAINS])]
    except (OSError, ValueError, KeyError, TypeError, ArchiveUnreadable):
        raise ExportUnreadable("That folder holds no export of the audit that reads: files are missing.") from None
    check = ExportCheck(lines=len(lines), seals=len(seals), entries=len(links), whole_span=whole)
    found = check.findings
    if not ours:
        found.append("the manifest is not signed by this key: the export is another's, or was changed")
    changed = (name for name, text in files.items() if sha256(text.encode()).hexdigest() != body["files"][name])
    found += [f"{name} is not the file that was given out" for name in changed]
    if counts["lines"] != len(lines):
        found.append(f"{counts['lines']} lines were given out, {len(lines)} are here")
    found += _seals(seals, body, verifier, anchored or {})
    found += _lines(lines, seals, columns, whole=whole)
    if TABLE in files and not any(LINES in one for one in found) and table_text(columns, lines) != files[TABLE]:
        found.append(f"{TABLE} does not say what {LINES} says")
    try:
        found += _links(links, verifying or {})
    except (KeyError, TypeError, ValueError):
        found.append(f"{CHAINS} does not read")
    return check


def _read(text: str) -> list[str]:
    """Return the lines of a file. A name may hold what str.splitlines takes for an end of line."""
    return text.removesuffix("\n").split("\n") if text else []


def _seals(
    seals: Sequence[Seal], body: Mapping[str, Any], verifier: Verifier, anchored: Mapping[int, bytes]
) -> Iterator[str]:
    before: Seal | None = None
    for seal in seals:
        if not seal.whole or str(seal.district) != body["district"]:
            yield f"seal {seal.number} does not have the hash of what it says"
        elif not seal.signed_by(verifier):
            yield f"seal {seal.number} is not signed by this key"
        if before is not None and (seal.number, seal.previous) != (before.number + 1, before.hash):
            yield f"seal {seal.number} does not follow the one before it"
        elif before is None and seal.number == 1 and seal.previous != NOTHING_BEFORE:
            yield "seal 1 follows another one"
        if anchored.get(seal.number, seal.hash) != seal.hash:
            yield f"seal {seal.number} is not the one that was anchored"
        before = seal
    told = body["seals"]
    if (
        [seals[0].number, seals[-1].number, seals[-1].hash.hex()] != [told["first"], told["last"], told["head"]]
        if seals
        else told["last"]
    ):
        yield "the seals are not those that the manifest names"


def _lines(lines: Sequence[str], seals: Sequence[Seal], columns: Sequence[str], *, whole: bool) -> Iterator[str]:
    named = {line.id: line.digest for seal in seals for line in seal.named()}
    seen: set[UUID] = set()
    at = list(columns).index("id")
    for number, text in enumerate(lines, start=1):
        try:
            id_ = UUID(json.loads(text)[at])
        except (ValueError, IndexError, TypeError, AttributeError):
            yield f"line {number} of {LINES} does not read"
            continue
        if id_ in seen:
            yield f"line {id_} stands twice"
        elif id_ not in named:
            yield f"line {id_} is named by no seal: it was put in"
        elif named[id_] != digest_of(text):
            yield f"line {id_} says something else than when it was sealed"
        seen.add(id_)
    if whole:
        yield from (f"line {gone} that was sealed is missing" for gone in named if gone not in seen)


def _links(links: Sequence[Mapping[str, Any]], verifying: Mapping[str, Signed]) -> Iterator[str]:
    """Yield where the entries of a workstation are not what it signed, one after the other."""
    before: dict[str, tuple[int, str]] = {}
    # Of two copies that a person settled, the one that goes on names its own text, which stands beside the sequence.
    beside = {str(link["hash"]) for link in links if int(link["number"]) > MAX_NUMBER}
    for link in links:
        device, number, made = str(link["device"]), int(link["number"]), str(link["hash"])
        where = f"entry {number} of workstation {device}"
        signed_by = verifying.get(str(link["key"]))
        if (
            link["signature"]
            and signed_by is not None
            and not signed_by(bytes.fromhex(made), bytes.fromhex(link["signature"]))
        ):
            yield f"{where} is not signed by it"
        text = link["text"]
        if text is not None and body_hash(text) != made:
            yield f"{where} does not have the hash of its text"
        known = before.get(device)
        if known is not None and number <= known[0]:
            yield f"{where} is out of order"
        if known is not None and known[0] == number - 1 and link["previous"] not in {None, known[1], *beside}:
            yield f"{where} names another one before it"
        before[device] = number, made


def _cell(name: str, text: str) -> str:
    if name in _TIMES:
        return (_EPOCH + timedelta(microseconds=int(text))).isoformat()
    return f"'{text}" if text[:1] in "=+-@" and not text.lstrip("-").isdigit() else text
