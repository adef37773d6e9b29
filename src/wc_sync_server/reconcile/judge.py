"""Each entry by itself: refused and why, waiting, a duplicate, or taken and into which school."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from wc_contract.merge.sides import same
from wc_contract.model.apply import apply_entry
from wc_contract.model.authoring import authored_fields
from wc_contract.model.changes import (
    AccessRecorded,
    CaseAnswered,
    Change,
    DoseLogged,
    Entry,
    IncidentSigned,
    RecordAdded,
    RecordChanged,
    is_fact,
)
from wc_contract.model.ids import EntryId, OrderId, OrderVersionId, SchoolId, StudentId, id_text
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import BY_NAME, CAPTURE, DOSE, INCIDENT, ORDER, ORDER_VERSION
from wc_contract.wire.codes import Refusal, Waits
from wc_contract.wire.versions import KEPT
from wc_sync_server.domain.acceptance import Doubt, Verdict, judge_author, judge_student
from wc_sync_server.reconcile.arrivals import Arrival, Flaw
from wc_sync_server.reconcile.facts import BatchFacts
from wc_sync_server.reconcile.judge_records import RecordJudge
from wc_sync_server.reconcile.numbers import Numbered
from wc_sync_server.reconcile.touched import Named, WireRow, carries_a_fact, is_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A change that an entry was taken without, because the fact in the entry stands whatever else it says (law 1)."""

    change: Change = field(repr=False)
    flaw: Flaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An entry that has its effect: entry holds the changes that are taken. places gives the school of each record."""

    arrival: Arrival
    number: int
    entry: Entry = field(repr=False)
    role: str
    doubts: tuple[Doubt, ...]
    places: Mapping[UUID, SchoolId]
    left_out: tuple[LeftOut, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """An entry whose records another entry wrote already (rules.md X1)."""

    arrival: Arrival
    number: int
    entry: Entry = field(repr=False)
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """An entry without effect, kept whole."""

    arrival: Arrival
    number: int
    flaw: Flaw
    again: bool = False


Judged = Taken | Repeated | Declined


class Judge:
    """Judges a batch's entries in order; what an earlier one writes counts for a later one.

    facts_only: of an entry that carries a fact nothing else is taken; the database would not have it.
    """

    def __init__(self, facts: BatchFacts, at: Instant, *, facts_only: bool = False) -> None:
        self._facts = facts
        # For as long as workstations keep what the database may have lost.
        self._lost_before = facts.since if facts.since is not None and at < facts.since + KEPT else None
        self._facts_only = facts_only
        self._zone = facts.zones[facts.device.school]
        self._orders = {order.id for order in facts.orders}
        self._versions = {(version.id, version.order_id) for version in facts.versions}
        self._medications = {medication.id for medication in facts.medications}
        self._dosed: dict[UUID, str] = {UUID(held.row["id"]): held.row["student_id"] for held in facts.doses}
        self._held: dict[UUID, WireRow] = {UUID(held.row["id"]): held.row for held in facts.doses}
        self._logged: dict[UUID, DoseLogged] = {}
        self._incidents: dict[UUID, EntryId] = dict(facts.incidents)
        self._verdicts: dict[StudentId, Verdict] = {}
        self._records = RecordJudge(facts)
        self._settled: set[EntryId] = set(facts.touched.settled)

    def judge(self, numbered: Numbered) -> Judged:
        """Return what becomes of one entry."""
        arrival = numbered.arrival
        entry = arrival.entry
        if arrival.flaw is not None or entry is None:
            return _declined(numbered, arrival.flaw or Flaw(refusal=Refusal.MALFORMED))
        author = self._facts.authors.get(entry.author_id)
        verdict = judge_author(
            author,
            authored_at=entry.authored_at,
            school_day=entry.authored_at.astimezone(self._zone).date(),
            device_revoked_at=self._facts.device.revoked_at,
            after_lease=any(map(_is_after_lease, entry.changes)),
        )
        if verdict.refusal is not None or author is None:
            refusal = verdict.refusal or Refusal.UNKNOWN_AUTHOR
            return _declined(numbered, Flaw(refusal=refusal, fields=("author_id",)))
        if self._repeats(entry):
            self._settle(entry)
            return Repeated(arrival=arrival, number=numbered.number, entry=entry, again=numbered.again)
        waits = not self._settled.issuperset(entry.depends_on)
        if waits and not carries_a_fact(entry):
            return _declined(numbered, _DEPENDS)
        return self._place(numbered, entry, author.role, list(verdict.doubts), waits=waits)

    def _repeats(self, entry: Entry) -> bool:
        added = [change for change in entry.changes if isinstance(change, DoseLogged | RecordAdded)]
        others = any(isinstance(change, IncidentSigned) for change in entry.changes)
        return bool(added) and not others and all(self._is_there(change, entry) for change in added)

    def _is_there(self, change: DoseLogged | RecordAdded, entry: Entry) -> bool:
        if isinstance(change, DoseLogged):
            held, logged = self._held.get(change.id), self._logged.get(change.id)
            return (held is not None and _is_as_held(change, entry, held)) or logged == change
        return self._records.repeats(change, entry)

    def _place(
        self, numbered: Numbered, entry: Entry, role: str, doubts: list[Doubt], *, waits: bool
    ) -> Taken | Declined:
        places, flaws = self._sift(entry, role)
        if flaws and not self._stands_without(entry, flaws):
            return _declined(numbered, self._reason(entry, flaws, waits=waits))
        left_out = tuple(LeftOut(change=entry.changes[at], flaw=flaw) for at, flaw in sorted(flaws.items()))
        if flaws:
            entry = replace(entry, changes=tuple(_without(entry, flaws)))
        for change in entry.changes:
            doubts += [doubt for doubt in self._verdict(change).doubts if doubt not in doubts]
        self._remember(entry, places)
        return Taken(
            arrival=numbered.arrival,
            number=numbered.number,
            entry=entry,
            role=role,
            doubts=tuple(doubts),
            places=places,
            left_out=left_out,
            again=numbered.again,
        )

    def _reason(self, entry: Entry, flaws: Mapping[int, Flaw], *, waits: bool) -> Flaw:
        """Return why an entry has no effect. It waits where what it cannot stand without may still come."""
        if waits and any(flaw.refusal in _MAY_COME for flaw in flaws.values()):
            return _DEPENDS
        lost = [at for at, flaw in sorted(flaws.items()) if self._may_be_lost(entry, entry.changes[at], flaw)]
        at = lost[0] if lost else min(flaws)
        fields = tuple(f"changes.{at}.{name}" for name in flaws[at].fields)
        return Flaw(refusal=Waits.DEPENDS if lost else flaws[at].refusal, fields=fields)

    def _may_be_lost(self, entry: Entry, change: Change, flaw: Flaw) -> bool:
        """Whether its author saw what this lacks, at a server that was put back since: who wrote it sends it again."""
        before, seen = self._lost_before, entry.replica_as_of
        if before is None or seen is None or seen >= before or self._records.is_gone(change):
            return False
        # An answer may rest on a void that is not here again.
        return flaw.refusal in _MAY_COME or flaw.refusal is Refusal.ANSWER_DOES_NOT_FIT

    @staticmethod
    def _stands_without(entry: Entry, flaws: Mapping[int, Flaw]) -> bool:
        """Whether the facts of an entry are in order; of a fact only what it amends may be at fault."""
        facts = (at for at, change in enumerate(entry.changes) if is_fact(change))
        return carries_a_fact(entry) and not any(_is_out(entry.changes[at], flaws.get(at)) for at in facts)

    def _sift(self, entry: Entry, role: str) -> tuple[dict[UUID, SchoolId], dict[int, Flaw]]:
        """Return the school of each record that an entry writes, and what stands against which of its changes."""
        flaws: dict[int, Flaw] = {}
        while True:
            places: dict[UUID, SchoolId] = {}
            own = {} if is_plain(entry) else dict(self._own(entry, flaws))
            found = len(flaws)
            # What an answer says was done may be what is left out: then the answer is as well.
            standing = replace(entry, changes=tuple(_without(entry, flaws))) if flaws else entry
            for at, change in enumerate(entry.changes):
                if isinstance(change, AccessRecorded) or _is_out(change, flaws.get(at)):
                    continue
                flaw = self._flaw(change, standing, role, places, own)
                if flaw is not None:
                    flaws[at] = flaw
                if not _is_out(change, flaw):
                    places[_record_of(change)] = self._school(change, own)
            # What names a record that is left out is left out as well.
            if not own or len(flaws) == found:
                return places, flaws

    def _own(self, entry: Entry, flaws: Mapping[int, Flaw]) -> Iterator[tuple[Named, SchoolId]]:
        own: dict[Named, SchoolId] = {}
        for at, change in enumerate(entry.changes):
            if isinstance(change, DoseLogged | IncidentSigned | RecordAdded) and not _is_out(change, flaws.get(at)):
                name = _table_of(change), UUID(str(change.id))
                own[name] = self._school(change, own)
                yield name, own[name]

    def _flaw(
        self, change: Change, entry: Entry, role: str, places: Mapping[UUID, SchoolId], own: Mapping[Named, SchoolId]
    ) -> Flaw | None:
        flaw: Flaw | None = None
        match change:
            case IncidentSigned():
                taken = change.id in self._incidents or change.id in places
                flaw = Flaw(refusal=Refusal.ALREADY_SIGNED, fields=("id",)) if taken else None
            case DoseLogged():
                flaw = self._flaw_of_dose(change, places, own)
            case RecordAdded() | RecordChanged() | CaseAnswered():
                if self._facts_only:
                    return Flaw(refusal=Refusal.MALFORMED)
                flaw = self._records.flaw(change, entry, role, own)
                if flaw is None and isinstance(change, RecordAdded) and change.id in places:
                    flaw = Flaw(refusal=Refusal.ALREADY_THERE, fields=("id",))
            case AccessRecorded():
                return None
        refusal = self._verdict(change).refusal
        if refusal is not None and (flaw is None or flaw.fields == _AMENDS):
            return Flaw(refusal=refusal, fields=("student_id",))
        return flaw

    def _flaw_of_dose(
        self, dose: DoseLogged, places: Mapping[UUID, SchoolId], own: Mapping[Named, SchoolId]
    ) -> Flaw | None:
        logged = dose.id in self._held or dose.id in self._logged
        if logged or dose.id in places:
            # By another entry that says something else: one of the two would vanish in the other.
            return Flaw(refusal=Refusal.ALREADY_THERE if logged else Refusal.MALFORMED, fields=("id",))
        # A wrong child or drug is a finding, not a refusal: it happened (rules.md, O5). But a row must point somewhere.
        if dose.order_id not in self._orders and (ORDER.table, dose.order_id) not in own:
            return Flaw(refusal=Refusal.UNKNOWN_ORDER, fields=("order_id",))
        version = dose.order_version_id
        if (version, dose.order_id) not in self._versions and (ORDER_VERSION.table, version) not in own:
            return Flaw(refusal=Refusal.UNKNOWN_ORDER, fields=("order_version_id",))
        if dose.medication_id not in self._medications:
            return Flaw(refusal=Refusal.UNKNOWN_ORDER, fields=("medication_id",))
        if dose.amends_id is not None and self._dosed.get(dose.amends_id) != id_text(dose.student_id):
            return Flaw(refusal=Refusal.UNKNOWN_RECORD, fields=_AMENDS)
        return None

    def _verdict(self, change: Change) -> Verdict:
        match change:
            case DoseLogged() | IncidentSigned():
                return self._student(change.student_id)
            case RecordAdded() | RecordChanged() | CaseAnswered():
                return self._records.student(change)
            case AccessRecorded():
                return Verdict()

    def _student(self, student: StudentId | None) -> Verdict:
        if student is None:
            return Verdict()
        known = self._verdicts.get(student)
        if known is None:
            known = self._verdicts[student] = judge_student(
                self._facts.students.get(student),
                device_school=self._facts.device.school,
                was_here=student in self._facts.left,
                merged=student in self._facts.charts.kept,
            )
        return known

    def _school(self, change: Change, own: Mapping[Named, SchoolId]) -> SchoolId:
        here = self._facts.device.school
        match change:
            case DoseLogged() | IncidentSigned():
                return here if change.student_id is None else self._facts.students.get(change.student_id, here)
            case RecordAdded() | RecordChanged() | CaseAnswered():
                return self._records.place(change, own)
            case AccessRecorded():
                return here

    def _remember(self, entry: Entry, places: Mapping[UUID, SchoolId]) -> None:
        self._settle(entry)
        for change in entry.changes:
            match change:
                case DoseLogged():
                    self._logged[change.id] = change
                    self._dosed[change.id] = id_text(change.student_id)
                    self._records.remember_fact(DOSE.table, change.id, places[change.id])
                case IncidentSigned():
                    self._incidents[change.id] = entry.id
                    self._records.remember_fact(INCIDENT.table, change.id, places[change.id])
                case RecordAdded():
                    self._records.remember(change, places[change.id])
                    self._remember_order(change)
                case RecordChanged() | CaseAnswered() | AccessRecorded():
                    continue

    def _settle(self, entry: Entry) -> None:
        self._settled.add(entry.id)
        if entry.replaces is not None:
            self._settled.add(entry.replaces)

    def _remember_order(self, added: RecordAdded) -> None:
        """Let doses be logged under an order, or a version of one, that an earlier change wrote."""
        if added.kind == ORDER.name:
            self._orders.add(OrderId(added.id))
        elif added.kind == ORDER_VERSION.name:
            self._versions.add((OrderVersionId(added.id), OrderId(UUID(str(added.values["order_id"])))))


_AMENDS = ("amends_id",)
# Of a dose that is said twice: whose chart it stands in may have changed, and by what it was confirmed says nothing.
_SAID = tuple(name for name in authored_fields(DOSE.name) if name not in {"student_id", "overrides"})
_DEPENDS = Flaw(refusal=Waits.DEPENDS, fields=("depends_on",))
# Another entry may bring what is not there yet.
_MAY_COME = frozenset({Refusal.UNKNOWN_ORDER, Refusal.UNKNOWN_RECORD})


def _is_as_held(dose: DoseLogged, entry: Entry, held: WireRow) -> bool:
    (write,) = apply_entry(replace(entry, changes=(dose,)))
    return all(same(DOSE.field(name), held[name], write.values[name]) for name in _SAID)


def _is_after_lease(change: Change) -> bool:
    """Whether a change was captured where the lease had ended; who names the child later had one."""
    return isinstance(change, RecordAdded) and change.kind == CAPTURE.name and change.values.get("amends_id") is None


def _declined(numbered: Numbered, flaw: Flaw) -> Declined:
    return Declined(arrival=numbered.arrival, number=numbered.number, flaw=flaw, again=numbered.again)


def _without(entry: Entry, flaws: Mapping[int, Flaw]) -> Iterator[Change]:
    for at, change in enumerate(entry.changes):
        if at not in flaws:
            yield change
        elif isinstance(change, DoseLogged) and not _is_out(change, flaws[at]):
            # What it says it amends is no dose of this child's: the dose itself stands by itself.
            yield replace(change, amends_id=None, amend_reason=None)


def _is_out(change: Change, flaw: Flaw | None) -> bool:
    """Whether a flaw keeps a change out; a dose that happened stays, without what it says it amends."""
    return flaw is not None and not (flaw.fields == _AMENDS and is_fact(change))


def _record_of(change: Change) -> UUID:
    match change:
        case CaseAnswered():
            return change.case_id
        case AccessRecorded():
            raise TypeError("a look is no record")
        case _:
            return change.id


def _table_of(change: DoseLogged | IncidentSigned | RecordAdded) -> str:
    match change:
        case DoseLogged():
            return DOSE.table
        case IncidentSigned():
            return INCIDENT.table
        case RecordAdded():
            return BY_NAME[change.kind].table
