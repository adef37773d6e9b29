"""A folder of bundles to chart records. Two passes: who the patients are, then what is said of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from wc_contract.model.values import OrderStatus
from wc_sync_server.importing.fhir.bundles import Bundle, BundleEntry, bundle_files, read_bundle
from wc_sync_server.importing.fhir.clinical import map_allergy, map_condition, map_immunization
from wc_sync_server.importing.fhir.contacts import read_contacts
from wc_sync_server.importing.fhir.findings import Finding, LeftOut, Reason, Weight
from wc_sync_server.importing.fhir.orders import MappedOrder, map_order
from wc_sync_server.importing.fhir.patients import KnownPatient, Match, Recogniser
from wc_sync_server.importing.fhir.records import ChartRecord
from wc_sync_server.importing.fhir.subject import District, Subject
from wc_sync_server.importing.fhir.values import text, thing, things
from wc_sync_server.importing.progress import Progress, silent

_SUBJECT_FIELD = {
    "AllergyIntolerance": "patient",
    "Condition": "subject",
    "Immunization": "patient",
    "MedicationRequest": "subject",
}
_PATIENT = "Patient"
_MEDICATION = "Medication"
_UNSETTLED = (OrderStatus.PENDING_VERIFICATION, OrderStatus.HELD, OrderStatus.DRAFT)

_Answer = ChartRecord | MappedOrder | LeftOut
_MAPPERS: Mapping[str, Callable[[BundleEntry, Subject], _Answer]] = {
    "AllergyIntolerance": map_allergy,
    "Condition": map_condition,
    "Immunization": map_immunization,
    "MedicationRequest": map_order,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartReading:
    """What a folder held. seen and taken count entries by type; every entry not taken has a finding."""

    records: tuple[ChartRecord, ...] = field(repr=False)
    findings: tuple[Finding, ...]
    files: int
    seen: Mapping[str, int]
    taken: Mapping[str, int]
    students: int


def read_charts(
    folder: Path, students: Iterable[KnownPatient], district: District, progress: Progress = silent
) -> ChartReading:
    """Read every bundle of a folder. Raises SourceRefused when there is nothing to read."""
    return _Reading(folder, Recogniser(students), district).read(progress)


class _Reading:
    def __init__(self, folder: Path, recogniser: Recogniser, district: District) -> None:
        self._files = bundle_files(folder)
        self._recogniser = recogniser
        self._district = district
        self._patients: dict[str, Match | LeftOut] = {}
        self._records: dict[UUID, ChartRecord] = {}
        self._findings: list[Finding] = []
        self._seen: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()

    def read(self, progress: Progress) -> ChartReading:
        count = len(self._files)
        for done, file in enumerate(self._files, start=1):
            self._meet_patients(read_bundle(file))
            progress("recognising patients", done, count)
        for done, file in enumerate(self._files, start=1):
            self._take_bundle(read_bundle(file))
            progress("reading charts", done, count)
        return ChartReading(
            records=tuple(self._records.values()),
            findings=tuple(self._findings),
            files=count,
            seen=dict(sorted(self._seen.items())),
            taken=dict(sorted(self._taken.items())),
            students=len({record.student_id for record in self._records.values()}),
        )

    def _meet_patients(self, bundle: Bundle) -> None:
        for entry in bundle.entries:
            if entry.resource_type != _PATIENT:
                continue
            answer = self._recogniser.recognise(entry.resource)
            for name in _names(entry):
                # Ids are unique in a server, not between files: the same short id in two files says nothing.
                self._patients[f"{bundle.file}\n{name}"] = answer
                self._patients.setdefault(name, answer)

    def _take_bundle(self, bundle: Bundle) -> None:
        self._findings.extend(bundle.findings)
        medications = _medications(bundle)
        self._seen.update(entry.resource_type for entry in bundle.entries)
        self._seen["(no resource)"] += sum(finding.weight is Weight.LEFT_OUT for finding in bundle.findings)
        for entry in bundle.entries:
            if entry.resource_type == _PATIENT:
                self._told_patient(entry)
            elif entry.resource_type in _MAPPERS:
                self._take(entry, medications)
            elif entry.resource_type == _MEDICATION:
                self._taken[_MEDICATION] += 1  # read where an order points to it
            else:
                self._leave(
                    entry,
                    LeftOut(
                        reason=Reason.RESOURCE_TYPE_NOT_IMPORTED,
                        detail="this import does not take resources of this type",
                    ),
                )

    def _told_patient(self, entry: BundleEntry) -> None:
        match self._recogniser.recognise(entry.resource):
            case LeftOut() as why:
                self._leave(entry, why)
            case Match(student=student, by_name=by_name):
                self._taken[_PATIENT] += 1
                if by_name:
                    detail = "recognised by name and birth date only; check the chart"
                    self._note(entry, Reason.MATCHED_BY_NAME, detail)
                self._take_contacts(entry, student)

    def _take_contacts(self, entry: BundleEntry, student: KnownPatient) -> None:
        contacts = read_contacts(entry.resource, student)
        for record in contacts.records:
            self._records.setdefault(record.id, record)
        if contacts.incomplete:
            detail = f"{contacts.incomplete} contacts without a name or a telephone number, or named twice, not taken"
            self._note(entry, Reason.CONTACT_INCOMPLETE, detail)

    def _take(self, entry: BundleEntry, medications: Mapping[str, Mapping[str, Any]]) -> None:
        student = self._student(entry)
        if isinstance(student, LeftOut):
            self._leave(entry, student)
            return
        contained = {f"#{text(item, 'id')}": item for item in things(entry.resource, "contained")}
        known = {**medications, **contained}
        subject = Subject(student=student, district=self._district, resolve=_resolver(known))
        match _MAPPERS[entry.resource_type](entry, subject):
            case LeftOut() as why:
                self._leave(entry, why)
            case MappedOrder(order=order, lacking=lacking):
                if self._keep(entry, order) and lacking and order.status in _UNSETTLED:
                    detail = f"taken, but not as active; lacking: {'; '.join(lacking)}"
                    self._note(entry, Reason.NEEDS_VERIFICATION, detail)
            case record:
                self._keep(entry, record)

    def _student(self, entry: BundleEntry) -> KnownPatient | LeftOut:
        reference = thing(entry.resource, _SUBJECT_FIELD[entry.resource_type])
        if not reference:
            return LeftOut(reason=Reason.SUBJECT_MISSING, detail="it does not say whose it is")
        name = text(reference, "reference")
        met = self._patients.get(f"{entry.file}\n{name}", self._patients.get(name))
        match met:
            case Match(student=student):
                return student
            case LeftOut():
                return LeftOut(reason=Reason.SUBJECT_UNKNOWN, detail="its patient was not recognised")
            case None:
                return self._by_identifier(reference)

    def _by_identifier(self, reference: Mapping[str, Any]) -> KnownPatient | LeftOut:
        student = self._recogniser.by_identifier(thing(reference, "identifier"))
        if student is not None:
            return student
        return LeftOut(reason=Reason.SUBJECT_UNKNOWN, detail="its patient is in none of the bundles")

    def _keep(self, entry: BundleEntry, record: ChartRecord) -> bool:
        there = self._records.get(record.id)
        if there is None:
            self._records[record.id] = record
            self._taken[entry.resource_type] += 1
            return True
        if there == record:
            self._leave(entry, LeftOut(reason=Reason.DUPLICATE, detail="the same resource was read before"))
        else:
            detail = "another resource with this id was read before and counts; give each its own id"
            self._leave(entry, LeftOut(reason=Reason.DUPLICATE_DIFFERS, detail=detail))
        return False

    def _leave(self, entry: BundleEntry, why: LeftOut) -> None:
        self._find(entry, why.reason, Weight.LEFT_OUT, why.detail)

    def _note(self, entry: BundleEntry, reason: Reason, detail: str) -> None:
        self._find(entry, reason, Weight.NOTE, detail)

    def _find(self, entry: BundleEntry, reason: Reason, weight: Weight, detail: str) -> None:
        self._findings.append(
            Finding(
                reason=reason,
                weight=weight,
                file=entry.file,
                index=entry.index,
                resource_type=entry.resource_type,
                detail=detail,
            )
        )


def _names(entry: BundleEntry) -> list[str]:
    own = text(entry.resource, "id")
    names = [entry.full_url] if entry.full_url else []
    return [*names, f"{entry.resource_type}/{own}", f"urn:uuid:{own}"] if own else names


def _medications(bundle: Bundle) -> Mapping[str, Mapping[str, Any]]:
    return {
        name: entry.resource for entry in bundle.entries if entry.resource_type == _MEDICATION for name in _names(entry)
    }


def _resolver(known: Mapping[str, Mapping[str, Any]]) -> Callable[[str], Mapping[str, Any]]:
    def resolve(reference: str) -> Mapping[str, Any]:
        return known.get(reference, {})

    return resolve
