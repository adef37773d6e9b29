"""The whole FHIR import, as the command runs it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId, StudentId, UserId
from wc_contract.model.kinds import SCHOOL, STUDENT, USER
from wc_contract.model.values import Role
from wc_sync_server.importing.catalogue import Catalogue
from wc_sync_server.importing.fhir.apply import apply_charts
from wc_sync_server.importing.fhir.apply_catalogue import apply_catalogue
from wc_sync_server.importing.fhir.findings import Weight
from wc_sync_server.importing.fhir.patients import KnownPatient
from wc_sync_server.importing.fhir.reader import ChartReading, read_charts
from wc_sync_server.importing.fhir.report import ChartReport
from wc_sync_server.importing.fhir.subject import District
from wc_sync_server.importing.oneroster.present import merged_into
from wc_sync_server.importing.outcomes import Outcome
from wc_sync_server.importing.ports import ImportWork, Works
from wc_sync_server.importing.present_rows import read_all
from wc_sync_server.importing.progress import Progress, silent

_VERIFIERS = {Role.NURSE.value, Role.SUBSTITUTE.value, Role.SUPERVISOR.value}


def import_fhir(
    folder: Path,
    works: Works,
    district: DistrictId,
    catalogue: Catalogue,
    *,
    today: date,
    dry_run: bool = False,
    progress: Progress = silent,
) -> ChartReport:
    """Import a folder of FHIR R4 bundles, or say what would be done. The roster comes first.

    Raises SourceRefused when the folder holds nothing to read; everything else is in the report.
    """
    students, verifiers = _known(works, district)
    known = District(id=district, catalogue=catalogue, verifiers=verifiers, today=today)
    reading = read_charts(folder, students, known, progress)
    if not dry_run:
        apply_catalogue(works, district, catalogue)
    writes = apply_charts(reading.records, works, district, dry_run=dry_run, progress=progress)
    return ChartReport(source=folder.name, outcome=_outcome(reading, dry_run=dry_run), reading=reading, writes=writes)


def _outcome(reading: ChartReading, *, dry_run: bool) -> Outcome:
    if not reading.records and reading.findings:
        return Outcome.UNUSABLE
    if dry_run:
        return Outcome.WOULD_DO
    left_out = any(finding.weight is not Weight.NOTE for finding in reading.findings)
    return Outcome.DONE_IN_PART if left_out else Outcome.DONE


def _known(works: Works, district: DistrictId) -> tuple[list[KnownPatient], frozenset[UserId]]:
    with works.begin((), read_only=True) as work:
        zones = {SchoolId(id_): str(row["timezone"]) for id_, row in read_all(work, SCHOOL, district).items()}
        verifiers = frozenset(
            UserId(id_)
            for id_, row in read_all(work, USER, district).items()
            if row["role"] in _VERIFIERS and row["is_active"] is True
        )
    with works.begin(tuple(zones), read_only=True) as work:
        return list(_patients(work, district, zones)), verifiers


def _patients(work: ImportWork, district: DistrictId, zones: dict[SchoolId, str]) -> Iterator[KnownPatient]:
    into = merged_into(work, district)
    for id_, row in read_all(work, STUDENT, district).items():
        school = SchoolId(UUID(str(row["school_id"])))
        yield KnownPatient(
            id=into.get(StudentId(id_), StudentId(id_)),
            chart=StudentId(id_),
            school_id=school,
            zone=zones[school],
            sourced_id=None if row["sourced_id"] is None else str(row["sourced_id"]),
            student_number=str(row["student_number"]),
            first_name=str(row["first_name"]),
            last_name=str(row["last_name"]),
            date_of_birth=date.fromisoformat(str(row["date_of_birth"])),
        )
