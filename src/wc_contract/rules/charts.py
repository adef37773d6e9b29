"""Two charts of one child, made one (S4): what they say together about doses. No log is rewritten for it.

Each chart was kept without the other, so the same drug may stand in both, under two orders, and nobody saw both lists
at once. Looked at are the doses of one drug under orders of different charts: two that went in close together may be
one dose given twice, and together they may break an interval or a maximum that each chart alone kept.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.changes import DoseLogged
from wc_contract.model.ids import DoseId, MedicationId, OrderId, StudentId, child_case_id
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import (
    ALLERGY,
    APPOINTMENT,
    APPOINTMENT_WAITLIST,
    CARE_PLAN,
    CHRONIC_CONDITION,
    CONSENT_SIGNATURE,
    DELEGATION,
    EMERGENCY_CONTACT,
    MEDICATION_CONTAINER,
    ORDER,
    REVIEW_CASE,
    STUDENT_ALIAS,
    TRIP_CUSTODY,
    VACCINATION,
    VACCINATION_EXEMPTION,
    RecordKind,
)
from wc_contract.model.values import DoseState
from wc_contract.rules.arrival import CaseDraft
from wc_contract.rules.dosing import version_in_force
from wc_contract.rules.facts import DoseFacts, OrderVersionFacts
from wc_contract.rules.findings import Code, Noticed
from wc_contract.rules.prn import limits_broken
from wc_contract.rules.slots import live

# State, which goes on in the chart that is kept: parents before children, as they are written. Every other record that
# names a child says what happened, and keeps the child that it names.
GOES_ON: tuple[RecordKind, ...] = (
    STUDENT_ALIAS,
    EMERGENCY_CONTACT,
    ALLERGY,
    CHRONIC_CONDITION,
    CARE_PLAN,
    VACCINATION,
    VACCINATION_EXEMPTION,
    ORDER,
    CONSENT_SIGNATURE,
    DELEGATION,
    MEDICATION_CONTAINER,
    TRIP_CUSTODY,
    APPOINTMENT,
    APPOINTMENT_WAITLIST,
    REVIEW_CASE,
)

# The widest window that a district may set (W1): within it two doses of one drug may be the same noon.
TOGETHER = timedelta(minutes=60)
# No interval or maximum of an order looks further.
LONGEST_REACH = timedelta(days=32)

AnyDose = TypeVar("AnyDose", DoseLogged, DoseFacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """Charts that were made one.

    kept: the chart that each chart merged away goes on in. origin: whose chart each order was written in. versions:
    of those orders.
    """

    kept: Mapping[StudentId, StudentId] = field(default_factory=dict)
    origin: Mapping[OrderId, StudentId] = field(default_factory=dict)
    versions: Mapping[OrderId, tuple[OrderVersionFacts, ...]] = field(default_factory=dict, repr=False)

    def child(self, student: StudentId) -> StudentId:
        """Return the chart that a student's goes on in: mostly its own."""
        return self.kept.get(student, student)

    def as_kept(self, dose: AnyDose) -> AnyDose:
        """Return what is judged: the dose as one of the chart that goes on. What the entry says stays as it is."""
        child = self.child(dose.student_id)
        return dose if child == dose.student_id else replace(dose, student_id=child)


def goes_on_in(kind: RecordKind, values: Mapping[str, WireValue], charts: Charts) -> Mapping[str, WireValue]:
    """Return what is stored of a record that an entry writes for a chart which was merged away.

    State goes on in the chart that is kept, so that an allergy is seen where the child is looked after; a log stays as
    it was said. The entry itself is kept as it was signed.
    """
    student = values.get("student_id")
    if kind not in GOES_ON or not isinstance(student, str):
        return values
    kept = charts.kept.get(StudentId(UUID(student)))
    return values if kept is None else {**values, "student_id": str(kept)}


def cases_across(doses: Iterable[DoseFacts], charts: Charts) -> Iterator[CaseDraft]:
    """Yield what doses under orders of different charts of one child may be together: one case a drug and rule.

    Depends on the set of doses alone. Subjects are the doses given and, with them, those that they are too close to.
    """
    by_drug: dict[tuple[StudentId, MedicationId], list[DoseFacts]] = {}
    for dose in live(doses):
        if dose.order_id in charts.origin:
            by_drug.setdefault((charts.child(dose.student_id), dose.medication_id), []).append(dose)
    for (child, medication), same in sorted(by_drug.items()):
        if len({charts.origin[dose.order_id] for dose in same}) > 1:
            yield from _of_drug(child, medication, same, charts)


def _of_drug(
    child: StudentId, medication: MedicationId, doses: Sequence[DoseFacts], charts: Charts
) -> Iterator[CaseDraft]:
    subjects: dict[Code, set[DoseId]] = {Code.POSSIBLE_DOUBLE_DOSE: set(_close(doses, charts))}
    versions = {dose.id: version for dose in doses if (version := _version(dose, charts)) is not None}
    judged = [dose for dose in doses if dose.id in versions]
    by_id = {dose.id: dose for dose in doses}
    for dose, noticed in limits_broken(judged, versions).items():
        for notice in noticed:
            if not _of_one_chart(dose, notice, charts, by_id):
                subjects.setdefault(notice.code, set()).add(dose)
    for code, ids in sorted(subjects.items()):
        if ids:
            yield CaseDraft(
                id=child_case_id(child, medication, code.value),
                kind=code.value,
                student_id=child,
                medication_id=medication,
                slot_id=None,
                subject_ids=tuple(sorted(ids)),
            )


def _close(doses: Sequence[DoseFacts], charts: Charts) -> Iterator[DoseId]:
    """Yield the doses that went in within an hour of one that went in under another chart's order."""
    given = sorted((d for d in doses if d.status.given and d.status is not DoseState.VOMITED), key=_when)
    for at, dose in enumerate(given):
        for other in given[at + 1 :]:
            if other.administered_at - dose.administered_at > TOGETHER:
                break
            if charts.origin[other.order_id] != charts.origin[dose.order_id]:
                yield dose.id
                yield other.id


def _of_one_chart(dose: DoseId, notice: Noticed, charts: Charts, by_id: Mapping[DoseId, DoseFacts]) -> bool:
    """Whether the interval was kept too short within one chart: that was seen when the dose arrived."""
    last = notice.detail.get("last_dose")
    if last is None:
        return False
    return charts.origin[by_id[DoseId(UUID(last))].order_id] == charts.origin[by_id[dose].order_id]


def _version(dose: DoseFacts, charts: Charts) -> OrderVersionFacts | None:
    return version_in_force(charts.versions.get(dose.order_id, ()), dose.administered_at)


def _when(dose: DoseFacts) -> tuple[Instant, DoseId]:
    return dose.administered_at, dose.id
