"""Changes of declared records, each by itself: what stands against it, and into which school it goes."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from wc_contract.merge.fold import RecordKey
from wc_contract.merge.sides import same
from wc_contract.model.apply import apply_entry
from wc_contract.model.authoring import authored_fields
from wc_contract.model.changes import CaseAnswered, Entry, RecordAdded, RecordChanged
from wc_contract.model.ids import SchoolId, StudentId
from wc_contract.model.kinds import BY_NAME, REVIEW_CASE, RecordKind, WireValue
from wc_contract.model.values import CaseResolution
from wc_contract.rules.answering import check_answer, is_carried_out
from wc_contract.rules.findings import Code
from wc_contract.wire.codes import Refusal
from wc_sync_server.domain.acceptance import Verdict, judge_student
from wc_sync_server.domain.writers import CONFIDENTIAL_READERS, writers_of
from wc_sync_server.reconcile.arrivals import Flaw
from wc_sync_server.reconcile.facts import BatchFacts
from wc_sync_server.reconcile.touched import Named, references

RecordChange = RecordAdded | RecordChanged | CaseAnswered
_CONFIDENTIAL = "is_confidential"
_STUDENT = "student_id"
_TABLES = {kind.name: kind.table for kind in BY_NAME.values()}


class RecordJudge:
    """Judges changes of declared records; what an earlier one writes counts for a later one."""

    def __init__(self, facts: BatchFacts) -> None:
        self._facts = facts
        self._here = facts.device.school
        self._named: dict[Named, SchoolId | None] = dict(facts.touched.named)
        self._there: dict[RecordKey, SchoolId] = {key: held.school for key, held in facts.touched.records.items()}
        self._named |= {(_TABLES[kind], UUID(id_)): school for (kind, id_), school in self._there.items()}

    def place(self, change: RecordChange, own: Mapping[Named, SchoolId]) -> SchoolId:
        """Return the school whose records a change is one of."""
        if not isinstance(change, RecordAdded):
            return self._there.get(key_of(change), self._here)
        student = change.values.get(_STUDENT)
        if isinstance(student, str):
            return self._facts.students.get(StudentId(UUID(student)), self._here)
        for _, table, id_ in references(BY_NAME[change.kind], change.values):
            school = own.get((table, id_)) or self._named.get((table, id_))
            if school is not None:
                return school
        return self._here

    def remember(self, change: RecordChange, place: SchoolId) -> None:
        """Let a change count for those after it."""
        kind, id_ = key_of(change)
        self._there[kind, id_] = place
        self._named[_TABLES[kind], UUID(id_)] = place

    def remember_fact(self, table: str, record: UUID, place: SchoolId) -> None:
        """Let a dose or a report count for what names it."""
        self._named[table, record] = place

    def student(self, change: RecordChange) -> Verdict:
        """Return what to make of a change by the student that it names, or that its record is of."""
        if isinstance(change, RecordAdded):
            student = change.values.get(_STUDENT)
            return Verdict() if not isinstance(student, str) else self._student(StudentId(UUID(student)))
        there = self._there.get(key_of(change))
        return Verdict() if there is None else judge_student(there, device_school=self._here, was_here=True)

    def is_gone(self, change: object) -> bool:
        """Whether a change is of a record that was deleted."""
        return isinstance(change, RecordChanged) and key_of(change) in self._facts.touched.gone

    def repeats(self, change: RecordAdded, entry: Entry) -> bool:
        """Whether a record is there already and says the same: the entry that added it is sent again."""
        held = self._facts.touched.records.get((change.kind, str(change.id)))
        if held is None:
            return False
        kind = BY_NAME[change.kind]
        (write,) = apply_entry(replace(entry, changes=(change,)))
        if any(one.name == "entry_id" for one in kind.fields):
            return bool(held.row["entry_id"] == write.values["entry_id"])
        return all(same(kind.field(name), held.row[name], write.values[name]) for name in authored_fields(kind.name))

    def flaw(self, change: RecordChange, entry: Entry, role: str, own: Mapping[Named, SchoolId]) -> Flaw | None:
        """Return what stands against a change; own are the records that its entry adds."""
        match change:
            case RecordAdded():
                return self._of_addition(change, role, own)
            case RecordChanged():
                return self._of_change(change, role, own)
            case CaseAnswered():
                return self._of_answer(change, entry, role)

    def _of_addition(self, added: RecordAdded, role: str, own: Mapping[Named, SchoolId]) -> Flaw | None:
        kind = BY_NAME[added.kind]
        if not _may_write(kind, role, added.values):
            return Flaw(refusal=Refusal.NOT_ENTITLED, fields=("kind",))
        key = key_of(added)
        if key in self._there or key in self._facts.touched.gone:
            return Flaw(refusal=Refusal.ALREADY_THERE, fields=("id",))
        return self._of_references(kind, added.values, own)

    def _of_change(self, changed: RecordChanged, role: str, own: Mapping[Named, SchoolId]) -> Flaw | None:
        kind = BY_NAME[changed.kind]
        if not _may_write(kind, role, changed.values):
            return Flaw(refusal=Refusal.NOT_ENTITLED, fields=("kind",))
        table = kind.table, changed.id
        place = self._there.get(key_of(changed)) or own.get(table)
        if place is None:
            return Flaw(refusal=Refusal.UNKNOWN_RECORD, fields=("id",))
        student = changed.values.get(_STUDENT)
        if isinstance(student, str) and self._facts.students.get(StudentId(UUID(student))) != place:
            return Flaw(refusal=Refusal.UNKNOWN_STUDENT, fields=(f"values.{_STUDENT}",))
        return self._of_references(kind, changed.values, own)

    def _of_answer(self, answer: CaseAnswered, entry: Entry, role: str) -> Flaw | None:
        held = self._facts.touched.records.get((REVIEW_CASE.name, str(answer.case_id)))
        if held is None:
            return Flaw(refusal=Refusal.UNKNOWN_RECORD, fields=("case_id",))
        subjects = self._facts.touched.subjects
        noticed = {
            one.code
            for one in check_answer(
                held.row["kind"],
                answer.resolution,
                role=role,
                person=entry.author_id,
                authors={subject.author for subject in subjects.values()},
            )
        }
        if Code.ANSWER_DOES_NOT_FIT in noticed or not self._is_carried_out(answer, entry):
            return Flaw(refusal=Refusal.ANSWER_DOES_NOT_FIT, fields=("resolution",))
        return Flaw(refusal=Refusal.NOT_ENTITLED, fields=("resolution",)) if noticed else None

    def _is_carried_out(self, answer: CaseAnswered, entry: Entry) -> bool:
        """Whether what an answer says was done is done by its entry; one of two doses may be void already (X3)."""
        twice = answer.resolution is CaseResolution.DUPLICATE_RECORD
        void = twice and any(subject.amended for subject in self._facts.touched.subjects.values())
        return void or is_carried_out(answer, entry.changes)

    def _of_references(
        self, kind: RecordKind, values: Mapping[str, WireValue], own: Mapping[Named, SchoolId]
    ) -> Flaw | None:
        for name, table, id_ in references(kind, values):
            if name != _STUDENT and (table, id_) not in self._named and (table, id_) not in own:
                return Flaw(refusal=Refusal.UNKNOWN_RECORD, fields=(f"values.{name}",))
        return None

    def _student(self, student: StudentId) -> Verdict:
        return judge_student(
            self._facts.students.get(student),
            device_school=self._here,
            was_here=student in self._facts.left,
            merged=student in self._facts.charts.kept,
        )


def key_of(change: RecordChange) -> RecordKey:
    """Return the record that a change is about."""
    if isinstance(change, CaseAnswered):
        return REVIEW_CASE.name, str(change.case_id)
    return change.kind, str(change.id)


def _may_write(kind: RecordKind, role: str, values: Mapping[str, WireValue]) -> bool:
    hidden = values.get(_CONFIDENTIAL) is True and role not in CONFIDENTIAL_READERS
    return role in writers_of(kind) and not hidden
