"""Looking into an archive: its files against the manifest, its lines against their seals, both against the database."""

from dataclasses import dataclass, field
from pathlib import Path

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import instant_to_text
from wc_sync_server.audit.archives import MANIFEST, ArchiveUnreadable, DistrictPart, manifest_hash, read_manifest
from wc_sync_server.audit.findings import Finding, Tamper
from wc_sync_server.auth.audit_key import AuditVerifier
from wc_sync_server.db.audit_files import look_into, months_in, seals_in
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
    """Look into every month of an archive. Raises ArchiveUnreadable."""
    looks = ArchiveLooks()
    codes = {district.id: district.code for district in parts.cells.all()}
    for folder in months_in(archive):
        look = look_into(folder, verifier)
        found = list(look.findings)
        text = (folder / MANIFEST).read_text("utf-8")
        manifest, _ = read_manifest(text, verifier)
        for part in manifest.parts:
            code = codes.get(part.district, str(part.district))
            if part.district in codes:
                found += _against_database(parts, reader, folder, part, manifest_hash(text))
            end = f"{manifest.month:%Y-%m}, kept until {part.keep_until}"
            seals = part.last_seal - part.first_seal + 1
            looks.parts.append((code, seals, part.lines, part.lines, end, 0, _verdict(found)))
        looks.findings += found
        made = {"month": look.month, "lines": look.lines, "made_at": instant_to_text(manifest.made_at)}
        looks.months.append({**made, "findings": len(found)})
    return looks


def _against_database(
    parts: Workshop, reader: Pool, folder: Path, part: DistrictPart, manifest: bytes
) -> list[Finding]:
    with whole_record(parts.cells.pool_for(part.district), reader, part.district) as record:
        known = archives_of(record.connection, part.district)
        on_record = next((one for one in known.values() if one.first_seal == part.first_seal), None)
        hashes = dict(record.hashes(part.first_seal - 1))
    if on_record is None:
        return [Finding(what=Tamper.ARCHIVE_INCOMPLETE, where=f"{folder.name}: no record in the database tells of it")]
    if on_record.manifest_hash != manifest:
        return [Finding(what=Tamper.ARCHIVE_DAMAGED, where=f"{folder.name}/{MANIFEST} is not the one on record")]
    try:
        for seal in seals_in(folder, part):
            if hashes.get(seal.number) != seal.hash:
                return [Finding(what=Tamper.REWRITTEN, seal=seal.number, where=_whose(folder, part.district))]
    except (OSError, EOFError, ArchiveUnreadable):
        return []  # looking into the folder has found that it does not read
    return []


def _whose(folder: Path, district: DistrictId) -> str:
    return f"{folder.name}: the archive's seal and the database's of district {district} differ"


def _verdict(found: list[Finding]) -> str:
    return f"{len(found)} findings" if found else "as sealed"
