"""Each district's rows in order, its letters on their way, its workstations of a version that is served."""

from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version

from wc_contract.wire.versions import version_key
from wc_sync_server.cli.checking import flaws_in
from wc_sync_server.cli.doctor.patient import Patient
from wc_sync_server.cli.records import every_school, system
from wc_sync_server.db.directory import District
from wc_sync_server.db.doctor.verdicts import Verdicts, do, note, or_well
from wc_sync_server.db.health.findings import span
from wc_sync_server.db.repositories.outbox import PostgresOutbox
from wc_sync_server.domain.messages import LetterCount, LetterStatus

_STUCK = timedelta(hours=1)
_VERSIONS = """
SELECT app_version FROM devices
WHERE district_id = %(district)s AND revoked_at IS NULL AND wiped_at IS NULL AND app_version IS NOT NULL
"""


def streams(patient: Patient) -> Verdicts:
    """Look whether every row was written through the server, and is on record. Reads every table of records."""
    reader = patient.reader if patient.settings.audit_url is not None else None
    found = (
        do(
            f"{district.code}: {sum(flaw.rows for flaw in flaws)} rows are not in order",
            "See `wc-sync-server db check`.",
        )
        for district in patient.districts
        if (flaws := flaws_in(patient.parts, district.id, reader))
    )
    if reader is None:
        yield note("rows were not compared with the audit: WC_AUDIT_URL is not set", "Set it.")
    yield from or_well(found, "every row stands in its stream" + ("" if reader is None else " and is on record"))


def outbox(patient: Patient) -> Verdicts:
    """Look whether messages to districts are delivered."""
    letters = PostgresOutbox(patient.parts.cells)
    found = (
        verdict for district in patient.districts for verdict in _stuck(patient, district, letters.counts(district.id))
    )
    yield from or_well(found, "no letter is stuck")


def _stuck(patient: Patient, district: District, counts: tuple[LetterCount, ...]) -> Verdicts:
    for count in counts:
        where = f"{district.code}: {count.letters} letters ({count.kind}, {count.channel})"
        age = patient.clock.now() - count.oldest
        if count.status is LetterStatus.DEAD:
            yield do(
                f"{where} are dead, last error {count.last_error}",
                "Put that right, then `wc-sync-server outbox retry`.",
            )
        elif count.status is LetterStatus.WAITING and age > _STUCK:
            yield do(
                f"{where} wait for up to {span(age.total_seconds())}, last error {count.last_error or 'none'}",
                "See that `wc-sync-server outbox run` runs and the other side answers: `outbox status`.",
            )


def versions(patient: Patient) -> Verdicts:
    """Compare this program's version with the least that is served, and with those of the workstations."""
    yield from or_well(_versions(patient), f"this is version {version('white-cross')}")


def _versions(patient: Patient) -> Verdicts:
    own, least = version("white-cross"), patient.settings.min_app_version
    if version_key(least) > version_key(own):
        yield do(
            f"WC_MIN_APP_VERSION is {least}, newer than this server ({own}): no workstation that fits it is served",
            "Update the server first, or lower WC_MIN_APP_VERSION.",
        )
    used = [one for district in patient.districts for one in _used(patient, district)]
    newer = sum(version_key(one) > version_key(own) for one in used)
    older = sum(version_key(one) < version_key(least) for one in used)
    if newer:
        yield do(f"{newer} workstations are newer than this server", "Update the server: they work as in an outage.")
    if older:
        yield note(f"{older} workstations are older than {least} and get no records", "Update them: `device list`.")


def _used(patient: Patient, district: District) -> Iterator[str]:
    schools = every_school(patient.parts, district.id)
    with system(patient.parts, district.id, schools, read_only=True) as uow:
        rows = uow.connection.execute(_VERSIONS, {"district": district.id}).fetchall()
    return (row[0] for row in rows)
