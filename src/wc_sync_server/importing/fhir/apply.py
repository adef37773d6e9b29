"""Writing charts: school by school, each record laid over what is there; what a nurse decided stays decided."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId
from wc_contract.model.kinds import (
    ALLERGY,
    CHRONIC_CONDITION,
    EMERGENCY_CONTACT,
    STUDENT,
    VACCINATION,
    RecordKind,
)
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.importing.fhir.apply_orders import write_orders
from wc_sync_server.importing.fhir.records import (
    ChartAllergy,
    ChartCondition,
    ChartContact,
    ChartOrder,
    ChartRecord,
    ChartVaccination,
)
from wc_sync_server.importing.fhir.report import WriteCounts
from wc_sync_server.importing.fhir.tally import Tally
from wc_sync_server.importing.ports import ImportWork, Works
from wc_sync_server.importing.present_rows import WireRow, read_by_id, read_of_students, whole, wire_row
from wc_sync_server.importing.progress import Progress
from wc_sync_server.importing.recording import CREATE, UPDATE, recorded

_SOURCE = "fhir"
_BATCH = 1_000
_KINDS: tuple[tuple[type[ChartRecord], RecordKind], ...] = (
    (ChartAllergy, ALLERGY),
    (ChartCondition, CHRONIC_CONDITION),
    (ChartVaccination, VACCINATION),
)


def apply_charts(
    records: Sequence[ChartRecord], works: Works, district: DistrictId, *, dry_run: bool, progress: Progress
) -> WriteCounts:
    """Write records, or only count what would be written."""
    by_school: defaultdict[SchoolId, list[ChartRecord]] = defaultdict(list)
    for record in records:
        by_school[record.school_id].append(record)
    tally = Tally()
    done = 0
    for school in sorted(by_school):
        mine = by_school[school]
        for start in range(0, len(mine), _BATCH):
            batch = mine[start : start + _BATCH]
            tally.add(works.retrying(partial(_write_batch, works, district, school, batch, dry_run=dry_run)))
            done += len(batch)
            progress("writing charts", done, len(records))
    return tally.counts()


def _write_batch(
    works: Works, district: DistrictId, school: SchoolId, records: Sequence[ChartRecord], *, dry_run: bool
) -> Tally:
    tally = Tally()
    with works.begin((school,), read_only=dry_run) as work:
        if not dry_run:
            work.lock_streams(school)
        contacts = [record for record in records if isinstance(record, ChartContact)]
        tally.add(_add_contacts(work, district, school, contacts, dry_run=dry_run))
        for record_type, kind in _KINDS:
            told = [wire_row(record, kind) for record in records if isinstance(record, record_type)]
            tally.add(_write_kind(work, district, school, kind, told, dry_run=dry_run))
        orders = [record for record in records if isinstance(record, ChartOrder)]
        tally.add(write_orders(work, district, school, orders, dry_run=dry_run))
        if not dry_run:
            work.commit()
    return tally


def _add_contacts(
    work: ImportWork, district: DistrictId, school: SchoolId, contacts: Sequence[ChartContact], *, dry_run: bool
) -> Tally:
    """Add contacts that are new. Those that are there are the nurse's: a corrected number is not undone."""
    students = list({contact.student_id for contact in contacts})
    if not dry_run:
        # One primary contact a student: whoever chooses it holds the student.
        work.lock_rows(STUDENT.table, students)
    present = read_of_students(work, EMERGENCY_CONTACT, district, students)
    led = {row["student_id"] for row in present.values() if row["is_primary"] is True and row["is_active"] is True}
    new = [contact for contact in contacts if contact.id not in present]
    rows = [whole(wire_row(contact, EMERGENCY_CONTACT), EMERGENCY_CONTACT) for contact in new]
    for row in rows:
        row["is_primary"] = row["is_primary"] is True and row["student_id"] not in led
    if rows and not dry_run:
        work.write_rows(EMERGENCY_CONTACT, school, rows)
        told = partial(recorded, CREATE, EMERGENCY_CONTACT, at=work.at, source=_SOURCE, school=school)
        work.audit([told(contact.id) for contact in new])
    return Tally(created=len(new), unchanged=len(contacts) - len(new))


def _write_kind(
    work: ImportWork,
    district: DistrictId,
    school: SchoolId,
    kind: RecordKind,
    told: Sequence[WireRow],
    *,
    dry_run: bool,
) -> Tally:
    present = read_by_id(work, kind, district, [UUID(str(row["id"])) for row in told])
    tally = Tally()
    rows: list[WireRow] = []
    events: list[AuditEvent] = []
    for new in told:
        id_ = UUID(str(new["id"]))
        there = present.get(id_)
        row = whole({**(there or {}), **new}, kind)
        if there is not None and kind is ALLERGY and there["is_active"] is False:
            row["is_active"] = False  # somebody here found that it is none; the sender does not know
        changed = row.keys() if there is None else {name for name in row if row[name] != there[name]}
        if not changed:
            tally.unchanged += 1
            continue
        tally.created += there is None
        tally.updated += there is not None
        rows.append(row)
        action = CREATE if there is None else UPDATE
        events.append(recorded(action, kind, id_, work.at, source=_SOURCE, touched=changed, school=school))
    if rows and not dry_run:
        work.write_rows(kind, school, rows)
        work.audit(events)
    return tally
