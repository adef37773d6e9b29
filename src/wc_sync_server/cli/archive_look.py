"""Looking into an archive: its files against the manifest, its lines against their seals, both against the database."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import instant_to_text
from wc_sync_server.audit.archives import (
    MANIFEST,
    ArchiveRecord,
    ArchiveUnreadable,
    DistrictPart,
    Manifest,
    manifest_hash,
    read_manifest,
)
from wc_sync_server.audit.findings import Finding, Tamper
from wc_sync_server.auth.audit_key import AuditVerifier
from wc_sync_server.db.audit_files import UNREADABLE, look_into, manifest_text, months_in, seals_in
from wc_sync_server.db.audit_months import archives_of
from wc_sync_server.db.audit_sealer import whole_record
from wc_sync_server.db.engine import Pool
from wc_sync_server.wiring import Workshop


@dataclass(slots=True, kw_only=True)
class ArchiveLooks:
    """What was found in a folder of archived months."""

    months: list[dict[str, object]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    parts: list[tuple[object, ...]] = field(default_factory=list)

    def rows(self) -> list[tuple[object, ...]]:
        """Return what a table shows."""
        return self.parts

    def as_json(self) -> dict[str, object]:
        """Return it for a script."""
        return {
            "ok": not self.findings,
            "months": self.months,
            "findings": [finding.as_json() for finding in self.findings],
        }


def look_into_archive(parts: Workshop, reader: Pool, archive: Path, verifier: AuditVerifier) -> ArchiveLooks:
    """Look into every month of an archive, and for those that should be in it. Raises ArchiveUnreadable."""
    looks = ArchiveLooks()
    folders = months_in(archive)
    there = set()
    for folder in folders:
        try:
            there.add(_look_into_month(parts, reader, folder, verifier, looks))
        except ArchiveUnreadable:
            looks.findings.append(
                Finding(what=Tamper.ARCHIVE_DAMAGED, where=f"{folder.name}/{MANIFEST} is no manifest that reads")
            )
            there.add(folder.name)
    if folders != [archive]:  # of a single month nobody expects the others
        looks.findings += _missing(parts, reader, there)
    return looks


def _look_into_month(parts: Workshop, reader: Pool, folder: Path, verifier: AuditVerifier, looks: ArchiveLooks) -> str:
    """Add what is found in a month's folder; return the month that its manifest names. Raises ArchiveUnreadable."""
    look = look_into(folder, verifier)
    text = manifest_text(folder)
    manifest, _ = read_manifest(text, verifier)
    codes = {district.id: district.code for district in parts.cells.all()}
    found = list(look.of_manifest)
    for part in manifest.parts:
        own = list(look.of_districts[part.district])
        if part.district in codes:
            own += _against_database(parts, reader, folder, manifest, part, manifest_hash(text), verifier)
        end = f"{manifest.month:%Y-%m}, kept until {part.keep_until}"
        seals = part.last_seal - part.first_seal + 1
        code = codes.get(part.district, str(part.district))
        looks.parts.append((code, seals, part.lines, part.lines, end, 0, _verdict(look.of_manifest + own)))
        found += own
    looks.findings += found
    made = {"month": look.month, "lines": look.lines, "made_at": instant_to_text(manifest.made_at)}
    looks.months.append({**made, "findings": len(found)})
    return f"{manifest.month:%Y-%m}"


def _against_database(
    parts: Workshop,
    reader: Pool,
    folder: Path,
    manifest: Manifest,
    part: DistrictPart,
    made: bytes,
    verifier: AuditVerifier,
) -> list[Finding]:
    known, hashes = _on_record(parts, reader, part.district, part.first_seal - 1)
    on_record = known.get(manifest.month)
    if on_record is None:
        return [Finding(what=Tamper.ARCHIVE_INCOMPLETE, where=f"{folder.name}: no record in the database tells of it")]
    if not on_record.signed_by(verifier):
        return [Finding(what=Tamper.ARCHIVE_UNSIGNED, where=f"month {manifest.month:%Y-%m}")]
    if on_record.manifest_hash != made:
        return [Finding(what=Tamper.ARCHIVE_DAMAGED, where=f"{folder.name}/{MANIFEST} is not the one on record")]
    try:
        for seal in seals_in(folder, part):
            if hashes.get(seal.number) != seal.hash:
                return [Finding(what=Tamper.REWRITTEN, seal=seal.number, where=_whose(folder, part.district))]
    except UNREADABLE:
        return []  # looking into the folder has found that it does not read
    return []


def _missing(parts: Workshop, reader: Pool, there: set[str]) -> list[Finding]:
    """Return the months that the database has on record, that must still be kept and that have no folder."""
    today = parts.clock.now().date()
    wanted = {
        f"{month:%Y-%m}"
        for district in parts.cells.all()
        for month, one in _on_record(parts, reader, district.id)[0].items()
        if one.keep_until >= today
    }
    return [
        Finding(what=Tamper.ARCHIVE_INCOMPLETE, where=f"{month} is on record and has no folder here")
        for month in sorted(wanted - there)
    ]


def _on_record(
    parts: Workshop, reader: Pool, district: DistrictId, after: int | None = None
) -> tuple[dict[date, ArchiveRecord], dict[int, bytes]]:
    """Return the archived months that the database has on record, and its seals' hashes after that number."""
    with whole_record(parts.cells.pool_for(district), reader, district) as record:
        return archives_of(record.connection, district), {} if after is None else dict(record.hashes(after))


def _whose(folder: Path, district: DistrictId) -> str:
    return f"{folder.name}: the archive's seal and the database's of district {district} differ"


def _verdict(found: list[Finding]) -> str:
    return f"{len(found)} findings" if found else "as sealed"
