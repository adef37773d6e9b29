"""What the commands of the audit share: the reader's way in, and a look through every district asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import instant_to_text
from wc_sync_server.audit.anchors import Anchored
from wc_sync_server.audit.archives import ArchiveRecord
from wc_sync_server.audit.findings import Finding, Tamper
from wc_sync_server.audit.looking import Look, look_through
from wc_sync_server.auth.audit_key import AuditVerifier
from wc_sync_server.cli.console import CommandRefused, reached_by
from wc_sync_server.db.audit_anchor_file import AnchorFile
from wc_sync_server.db.audit_lines import AuditRecord
from wc_sync_server.db.audit_months import archives_of
from wc_sync_server.db.audit_sealer import AuditSealer, whole_record
from wc_sync_server.db.directory import District
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.importing.progress import Progress
from wc_sync_server.wiring import Workshop

TAMPERED = 5  # the exit code that says: the audit is not what was sealed
_BEHIND = timedelta(hours=2)
_PUBLIC = 32


@contextmanager
def reader_of(parts: Workshop) -> Iterator[Pool]:
    """Give the way in of the audit's reader. Raises CommandRefused without its address, AddressUnusable."""
    if parts.settings.audit_url is None:
        raise CommandRefused("Say where the audit's reader signs in: set WC_AUDIT_URL to its address.")
    with reached_by("WC_AUDIT_URL"):
        pool = connect_pool(
            parts.settings.audit_url, size=1, application_name="wc-audit-reader", signer=parts.cells.home.signer
        )
    try:
        yield pool
    finally:
        pool.close()


def migrate_url_of(parts: Workshop) -> str:
    """Return how the migrating role signs in. Raises CommandRefused."""
    if parts.settings.migrate_url is None:
        raise CommandRefused("Say how the migrating role signs in: set WC_MIGRATE_URL.")
    return parts.settings.migrate_url


def verifier_of(parts: Workshop, trusted: list[str]) -> AuditVerifier:
    """Return what knows this server's signatures, and those of earlier public keys. Raises CommandRefused."""
    try:
        earlier = [bytes.fromhex(text) for text in trusted]
    except ValueError:
        earlier = [b""]
    if any(len(key) != _PUBLIC for key in earlier):
        raise CommandRefused("A public key is 64 hexadecimal digits: `wc-sync-server audit key` shows this server's.")
    return parts.audit_key.verifier(*earlier)


def anchored_in(file: Path | None, verifier: AuditVerifier) -> Anchored:
    """Return what an anchor file holds; nothing, when none was given."""
    return Anchored() if file is None else AnchorFile(file, verifier).read()


def seal_now(parts: Workshop, reader: Pool, district: DistrictId) -> tuple[int, int]:
    """Seal what is complete; return how many seals that were, and how many lines."""
    made = AuditSealer(parts.cells.pool_for(district), reader, parts.audit_key).seal(district)
    return len(made), sum(seal.lines for seal in made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A district, and what a look through its audit found."""

    district: District
    look: Look
    archives: dict[date, ArchiveRecord]
    behind: bool

    def row(self) -> tuple[object, ...]:
        """Return what a table shows of it."""
        look = self.look
        until = None if look.sealed_until is None else instant_to_text(look.sealed_until)
        verdict = "as sealed" if look.first is None else f"{len(look.findings)} findings"
        return self.district.code, look.seals, look.lines, look.archived, until, look.unsealed, verdict

    def as_json(self) -> dict[str, object]:
        """Return it for a script."""
        look = self.look
        return {
            "district": self.district.code,
            "seals": look.seals,
            "lines": look.lines,
            "archived": look.archived,
            "sealed_until": None if look.sealed_until is None else instant_to_text(look.sealed_until),
            "unsealed": look.unsealed,
            "sealer_behind": self.behind,
            "findings": [finding.as_json() for finding in look.findings],
        }


def look_at(
    parts: Workshop,
    reader: Pool,
    district: District,
    *,
    verifier: AuditVerifier,
    anchored: Anchored,
    progress: Progress,
) -> Looked:
    """Look through the audit of a district, as it is at one instant."""
    with whole_record(parts.cells.pool_for(district.id), reader, district.id) as record:
        return _looked(parts, record, district, verifier, anchored, progress)


def _looked(
    parts: Workshop,
    record: AuditRecord,
    district: District,
    verifier: AuditVerifier,
    anchored: Anchored,
    progress: Progress,
) -> Looked:
    total = max(1, record.sealed_lines())
    step = f"lines of {district.code}"

    def tell(lines: int) -> None:
        progress(step, lines, total)

    archives = archives_of(record.connection, district.id)
    unsigned = [one for one in archives.values() if not one.signed_by(verifier)]
    look = look_through(
        record,
        district.id,
        verifier,
        anchored=anchored.of(district.id),
        archived={month: one.lines for month, one in archives.items() if one not in unsigned},
        progress=tell,
    )
    look.findings[:0] = [Finding(what=Tamper.ARCHIVE_UNSIGNED, where=f"month {one.month:%Y-%m}") for one in unsigned]
    since = look.unsealed_since
    behind = since is not None and parts.clock.now() - since > _BEHIND
    return Looked(district=district, look=look, archives=archives, behind=behind)
