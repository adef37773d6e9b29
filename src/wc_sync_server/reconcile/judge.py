"""Each entry by itself: refused and why, a duplicate, or taken and into which school."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from wc_contract.model.changes import AccessRecorded, DoseLogged, Entry, IncidentSigned
from wc_contract.model.ids import EntryId, SchoolId, StudentId
from wc_contract.wire.codes import Refusal
from wc_sync_server.domain.acceptance import Doubt, Verdict, judge_author, judge_student
from wc_sync_server.reconcile.arrivals import Arrival, Flaw
from wc_sync_server.reconcile.facts import BatchFacts
from wc_sync_server.reconcile.numbers import Numbered


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An entry that has its effect. places gives the school of each record it writes."""

    arrival: Arrival
    number: int
    entry: Entry = field(repr=False)
    role: str
    doubts: tuple[Doubt, ...]
    places: Mapping[UUID, SchoolId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """An entry whose records another entry wrote already (rules.md X1)."""

    arrival: Arrival
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """An entry without effect, kept whole."""

    arrival: Arrival
    number: int
    flaw: Flaw


Judged = Taken | Repeated | Declined


class Judge:
    """Judges a batch's entries in order; what an earlier one writes counts for a later one."""

    def __init__(self, facts: BatchFacts) -> None:
        self._facts = facts
        self._zone = facts.zones[facts.device.school]
        self._orders = {order.id for order in facts.orders}
        self._versions = {(version.id, version.order_id) for version in facts.versions}
        self._medications = {medication.id for medication in facts.medications}
        self._doses: dict[UUID, EntryId] = {
            UUID(held.row["id"]): EntryId(UUID(held.row["entry_id"])) for held in facts.doses
        }
        self._incidents: dict[UUID, EntryId] = dict(facts.incidents)

    def judge(self, numbered: Numbered) -> Judged:
        """Return what becomes of one entry."""
        arrival, number = numbered.arrival, numbered.number
        entry = arrival.entry
        if arrival.flaw is not None or entry is None:
            flaw = arrival.flaw or Flaw(refusal=Refusal.MALFORMED)
            return Declined(arrival=arrival, number=number, flaw=flaw)
        author = self._facts.authors.get(entry.author_id)
        verdict = judge_author(
            author,
            authored_at=entry.authored_at,
            school_day=entry.authored_at.astimezone(self._zone).date(),
            device_revoked_at=self._facts.device.revoked_at,
        )
        if verdict.refusal is not None or author is None:
            refusal = verdict.refusal or Refusal.UNKNOWN_AUTHOR
            return Declined(arrival=arrival, number=number, flaw=Flaw(refusal=refusal, fields=("author_id",)))
        if self._repeats(entry):
            return Repeated(arrival=arrival, number=number)
        return self._place(arrival, number, entry, author.role, list(verdict.doubts))

    def _repeats(self, entry: Entry) -> bool:
        doses = [change.id for change in entry.changes if isinstance(change, DoseLogged)]
        others = any(isinstance(change, IncidentSigned) for change in entry.changes)
        return bool(doses) and not others and all(dose in self._doses for dose in doses)

    def _place(self, arrival: Arrival, number: int, entry: Entry, role: str, doubts: list[Doubt]) -> Taken | Declined:
        places: dict[UUID, SchoolId] = {}
        for at, change in enumerate(entry.changes):
            if isinstance(change, AccessRecorded):
                continue
            flaw = self._flaw(change, places)
            verdict = self._student(change.student_id)
            if flaw is None and verdict.refusal is not None:
                flaw = Flaw(refusal=verdict.refusal, fields=("student_id",))
            if flaw is not None:
                fields = tuple(f"changes.{at}.{name}" for name in flaw.fields)
                return Declined(arrival=arrival, number=number, flaw=Flaw(refusal=flaw.refusal, fields=fields))
            doubts += [doubt for doubt in verdict.doubts if doubt not in doubts]
            places[change.id] = self._school(change.student_id)
        self._remember(entry, places)
        return Taken(arrival=arrival, number=number, entry=entry, role=role, doubts=tuple(doubts), places=places)

    def _flaw(self, change: DoseLogged | IncidentSigned, places: Mapping[UUID, SchoolId]) -> Flaw | None:
        if isinstance(change, IncidentSigned):
            taken = change.id in self._incidents or change.id in places
            return Flaw(refusal=Refusal.ALREADY_SIGNED, fields=("id",)) if taken else None
        if change.id in self._doses or change.id in places:
            return Flaw(refusal=Refusal.MALFORMED, fields=("id",))
        # A wrong child or drug is a finding, not a refusal: it happened (rules.md, O5). But a row must point somewhere.
        if change.order_id not in self._orders:
            return Flaw(refusal=Refusal.UNKNOWN_ORDER, fields=("order_id",))
        if (change.order_version_id, change.order_id) not in self._versions:
            return Flaw(refusal=Refusal.UNKNOWN_ORDER, fields=("order_version_id",))
        if change.medication_id not in self._medications:
            return Flaw(refusal=Refusal.UNKNOWN_ORDER, fields=("medication_id",))
        return None

    def _student(self, student: StudentId | None) -> Verdict:
        if student is None:
            return Verdict()
        return judge_student(
            self._facts.students.get(student),
            device_school=self._facts.device.school,
            was_here=student in self._facts.left,
            merged=student in self._facts.charts.kept,
        )

    def _school(self, student: StudentId | None) -> SchoolId:
        here = self._facts.device.school
        return here if student is None else self._facts.students.get(student, here)

    def _remember(self, entry: Entry, places: Mapping[UUID, SchoolId]) -> None:
        for change in entry.changes:
            if isinstance(change, DoseLogged) and change.id in places:
                self._doses[change.id] = entry.id
            elif isinstance(change, IncidentSigned):
                self._incidents[change.id] = entry.id
