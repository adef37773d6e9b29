"""The audit: sealed up to now, its seals those that were written down outside, each workstation's chain whole."""

from datetime import timedelta

from wc_sync_server.audit.anchors import Anchored
from wc_sync_server.audit.findings import Finding
from wc_sync_server.cli.audit_chains import DeviceChain, chains_of
from wc_sync_server.cli.auditing import anchored_in
from wc_sync_server.cli.doctor.files import since
from wc_sync_server.cli.doctor.patient import Patient
from wc_sync_server.db.audit_lines import AuditRecord
from wc_sync_server.db.audit_sealer import whole_record
from wc_sync_server.db.directory import District
from wc_sync_server.db.doctor.verdicts import Verdict, Verdicts, do, note, or_well, well
from wc_sync_server.db.health.findings import span

_LATE = timedelta(hours=2)  # a quiet hour is sealed when it is over
_VERIFY = "`wc-sync-server audit verify`; keep the database as it is until it is known why (docs/audit.md)."


def seals(patient: Patient) -> Verdicts:
    """Look at the newest seal of each district."""
    for district in patient.districts:
        with whole_record(patient.parts.cells.pool_for(district.id), patient.reader, district.id) as record:
            yield _sealed(patient, record, district)


def _sealed(patient: Patient, record: AuditRecord, district: District) -> Verdict:
    last, now = record.last_seal(), patient.clock.now()
    since = record.oldest() if last is None else last.ends_at
    if since is None:
        return well(f"{district.code}: nothing to seal yet")
    if last is not None and not (last.whole and last.signed_by(patient.parts.audit_key.verifier())):
        return do(f"{district.code}: seal {last.number} is not this server's, or was changed", _VERIFY)
    age = span((now - since).total_seconds())
    if now - since > _LATE:
        return do(
            f"{district.code}: nothing was sealed for {age}",
            "See that a server runs with WC_AUDIT_URL and WC_AUDIT_SEAL_SECONDS above 0; `wc-sync-server audit seal`.",
        )
    begun = "nothing sealed yet, its first line is of" if last is None else "sealed up to"
    return well(f"{district.code}: {begun} {age} ago")


def anchor(patient: Patient) -> Verdicts:
    """Compare the anchor file with the seals in the database."""
    file = patient.settings.audit_anchor
    if file is None:
        yield do(
            "no anchor file: whoever rules the database could write the audit anew, and nobody would see it",
            "Set WC_AUDIT_ANCHOR to a file where no administrator of the database can change it (docs/audit.md).",
        )
        return
    try:
        anchored, written = anchored_in(file, patient.parts.audit_key.verifier()), since(file, patient.clock)
    except OSError as error:
        yield do(f"the anchor file cannot be read: {error.strerror}", "Restore it; without one, `audit anchor FILE`.")
        return
    yield from or_well(_anchored(patient, anchored, written), "every seal is as it was anchored")


def _anchored(patient: Patient, anchored: Anchored, written: timedelta) -> Verdicts:
    lost = sorted(anchored.hashes.keys() - {district.id for district in patient.districts})
    for finding in (*anchored.findings, *(Finding.of_lost_district(district) for district in lost)):
        yield do(finding.sentence(), f"Keep the file as evidence. {_VERIFY}")
    for district in patient.districts:
        with whole_record(patient.parts.cells.pool_for(district.id), patient.reader, district.id) as record:
            there = dict(record.hashes(0))
        changed = [number for number, made in anchored.of(district.id).items() if there.get(number) != made]
        if changed:
            yield do(f"{district.code}: seal {min(changed)} is not the one that was anchored", _VERIFY)
        elif max(there, default=0) > anchored.newest(district.id) and written > _LATE:
            yield do(
                f"{district.code}: seals after number {anchored.newest(district.id)} are not in the anchor file",
                "See in the server's log why it does not write WC_AUDIT_ANCHOR; `wc-sync-server audit anchor FILE`.",
            )


def chains(patient: Patient) -> Verdicts:
    """Read the chain of each workstation, whole. One that is out of service is told of, and nothing is to be done."""
    found = (
        _broken(district, chain)
        for district in patient.districts
        for chain in chains_of(patient.parts, patient.reader, district.id)
        if chain.look.found
    )
    yield from or_well(found, "the chain of every workstation in service is whole")


def _broken(district: District, chain: DeviceChain) -> Verdict:
    since = "" if chain.since is None else f" since {chain.since:%Y-%m-%d %H:%M} UTC"
    said = f"{district.code}: the chain of {chain.name} ({chain.id}) is broken{since}: {chain.look.found[0].sentence()}"
    if chain.revoked or chain.wiped:
        return note(said, "Nothing: it is out of service.")
    return do(
        said,
        "Keep the database as it is; compare with the workstation's own journal (`wc-desktop export-journal --all`) "
        f"and with the anchor. Once it is known why: `device retire {chain.id}`, and enrol it anew.",
    )
