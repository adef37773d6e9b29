"""The decision about a batch, as data: what to write and what to answer. No clock, no database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from wc_contract.model.apply import WireValue, apply_entry, compact
from wc_contract.model.ids import DoseId, EntryId, SchoolId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import DOSE, REVIEW_CASE, RecordKind
from wc_contract.rules.arrival import Evaluation, evaluate
from wc_contract.rules.book import FactBook, fact_book
from wc_contract.rules.facts import DoseFacts
from wc_contract.rules.findings import Severity, codes_to_store
from wc_contract.rules.incident import check_incident_on_arrival
from wc_contract.rules.policy import Policy
from wc_contract.wire.codes import Outcome
from wc_contract.wire.messages import Receipt
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.domain.messages import Message
from wc_sync_server.reconcile import on_record, telling
from wc_sync_server.reconcile.across import across_charts
from wc_sync_server.reconcile.arrivals import Arrival, doses_of, incidents_of
from wc_sync_server.reconcile.cases import CaseWanted, from_draft, of_doubts, of_incident, rows_for
from wc_sync_server.reconcile.facts import BatchFacts
from wc_sync_server.reconcile.judge import Declined, Judge, Judged, Repeated, Taken
from wc_sync_server.reconcile.numbers import InOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An entry to be kept whole until a person answers it."""

    arrival: Arrival = field(repr=False)
    number: int | None
    code: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A receipt to be stored, with the entry it answers."""

    receipt: Receipt
    arrival: Arrival = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Plan:
    """What one transaction writes. answers gives the receipt of each entry by its hash."""

    rows: dict[tuple[SchoolId, str], list[Mapping[str, WireValue]]] = field(default_factory=dict, repr=False)
    flags: dict[SchoolId, list[tuple[UUID, str]]] = field(default_factory=dict)
    receipts: list[Answered] = field(default_factory=list, repr=False)
    kept: list[Kept] = field(default_factory=list, repr=False)
    audit: list[AuditEvent] = field(default_factory=list, repr=False)
    messages: list[Message] = field(default_factory=list)
    answers: dict[str, Receipt] = field(default_factory=dict)
    last_number: int
    forked: bool = False

    def schools(self) -> frozenset[SchoolId]:
        """Return the schools whose streams the plan writes into."""
        return frozenset({school for school, _ in self.rows} | set(self.flags))

    def add_row(self, school: SchoolId, kind: RecordKind, row: Mapping[str, WireValue]) -> None:
        self.rows.setdefault((school, kind.name), []).append(row)


def plan_batch(batch: InOrder, facts: BatchFacts, at: Instant) -> Plan:
    """Return what to write for a batch and what to answer. The order of two batches does not change the records."""
    plan = Plan(last_number=batch.next_number - 1, answers=dict(batch.known))
    judge = Judge(facts)
    judged = [judge.judge(numbered) for numbered in batch.fresh]
    taken = [one for one in judged if isinstance(one, Taken)]
    effects = _Effects(facts, at)
    effects.work_out(taken, plan)
    for one in judged:
        _answer(one, effects, facts, at, plan)
    for stray in batch.strays:
        _turn_away(judge.judge(stray), facts, at, plan)
    return plan


def plan_fork(unknown: Sequence[Arrival], facts: BatchFacts, at: Instant) -> Plan:
    """Return how to keep what a forked device sent: whole, without effect, each text once."""
    fresh = {arrival.hash: arrival for arrival in unknown if arrival.hash not in facts.kept}
    plan = Plan(last_number=facts.device.last_number, forked=True)
    plan.kept += [Kept(arrival=arrival, number=arrival.number, code="forked") for arrival in fresh.values()]
    if fresh or not facts.device.forked:
        plan.audit.append(on_record.of_fork(facts.device, at, len(fresh)))
    return plan


class _Effects:
    """Rows, flags and cases of the entries taken; the rules see all of them at once."""

    def __init__(self, facts: BatchFacts, at: Instant) -> None:
        self._facts = facts
        self._at = at
        self.findings: dict[EntryId, set[str]] = {}
        self.cases: dict[EntryId, list[UUID]] = {}

    def work_out(self, taken: Sequence[Taken], plan: Plan) -> None:
        flags: dict[UUID, set[str]] = {}
        cases: list[CaseWanted] = []
        for school in dict.fromkeys(place for one in taken for place in one.places.values()):
            evaluation = self._evaluate(taken, school)
            cases += [from_draft(draft, school) for draft in evaluation.cases]
            for dose, codes in evaluation.flags.items():
                flags.setdefault(dose, set()).update(codes)
        cases += across_charts(taken, self._facts)
        for one in taken:
            cases += self._of_incidents(one, flags)
            cases += of_doubts(one)
            for record in one.places:
                flags.setdefault(record, set()).update(doubt.value for doubt in one.doubts)
        self._write(taken, flags, plan)
        self._open(taken, cases, plan)

    def _evaluate(self, taken: Iterable[Taken], school: SchoolId) -> Evaluation:
        arrivals = [
            (one.entry, self._facts.charts.as_kept(dose))
            for one in taken
            for dose in doses_of(one.entry)
            if one.places.get(dose.id) == school
        ]
        # What was taken in for these children at another school conflicts as well: they went there, or came from there.
        charts, children = self._facts.charts, {dose.student_id for _, dose in arrivals}
        held = [(one.school, charts.as_kept(DoseFacts.from_row(one.row))) for one in self._facts.doses]
        known = [dose for place, dose in held if place == school or dose.student_id in children]
        return evaluate(arrivals, known, self._book(school))

    def _book(self, school: SchoolId) -> FactBook:
        facts = self._facts
        return fact_book(
            zone=facts.zones[school],
            policy=Policy.from_json(facts.policy),
            orders=facts.orders,
            versions=facts.versions,
            medications=facts.medications,
            allergies=facts.allergies,
            withdrawn=facts.withdrawn,
        )

    def _of_incidents(self, taken: Taken, flags: dict[UUID, set[str]]) -> Iterator[CaseWanted]:
        for report in incidents_of(taken.entry):
            found = check_incident_on_arrival(report, self._facts.zones[taken.places[report.id]])
            flags.setdefault(report.id, set()).update(codes_to_store(found))
            for finding in found:
                if finding.severity is Severity.REVIEW:
                    yield of_incident(taken, report, finding.code.value)

    def _write(self, taken: Sequence[Taken], flags: Mapping[UUID, set[str]], plan: Plan) -> None:
        device = self._facts.device
        for one in taken:
            own = {str(record): tuple(sorted(flags.get(record, ()))) for record in one.places}
            places = {str(record): school for record, school in one.places.items()}
            self.findings[one.entry.id] = {code for codes in own.values() for code in codes}
            for write in apply_entry(one.entry, own):
                plan.add_row(places[write.id], write.kind, write.values)
                plan.audit.append(on_record.of_write(one, write, device))
            plan.audit += on_record.of_looks(one, device)
            plan.messages += telling.of_incidents(one)
        for held in self._facts.doses:
            dose = DoseId(UUID(held.row["id"]))
            codes = flags.get(dose)
            if codes is not None:
                plan.flags.setdefault(held.school, []).append((dose, compact(sorted(codes))))
                plan.audit.append(
                    on_record.of_record("FLAGGED", DOSE, str(dose), device, self._at, ",".join(sorted(codes)))
                )

    def _open(self, taken: Sequence[Taken], cases: Sequence[CaseWanted], plan: Plan) -> None:
        known = {UUID(held.row["id"]): held for held in self._facts.cases}
        for school, row in rows_for(cases, known, self._at):
            plan.add_row(school, REVIEW_CASE, row)
            plan.messages.append(telling.of_case(school, row))
            plan.audit.append(
                on_record.of_record(
                    "CASE_OPENED", REVIEW_CASE, str(row["id"]), self._facts.device, self._at, str(row["kind"])
                )
            )
        about: dict[UUID, list[UUID]] = {}
        for case in cases:
            for subject in case.subjects:
                about.setdefault(subject, []).append(case.id)
        for one in taken:
            opened = dict.fromkeys(case for record in one.places for case in about.get(record, ()))
            self.cases[one.entry.id] = list(opened)


def _answer(judged: Judged, effects: _Effects, facts: BatchFacts, at: Instant, plan: Plan) -> None:
    receipt = _receipt(judged, effects, at)
    plan.receipts.append(Answered(receipt=receipt, arrival=judged.arrival))
    plan.answers[judged.arrival.hash] = receipt
    plan.audit += on_record.of_outcome(judged, facts.device, at)
    if isinstance(judged, Declined):
        plan.kept.append(_kept(judged))


def _turn_away(judged: Judged, facts: BatchFacts, at: Instant, plan: Plan) -> None:
    """Answer a stray: it has no place in the sequence, so its answer is made anew each time it is sent."""
    if not isinstance(judged, Declined):
        return
    plan.answers[judged.arrival.hash] = _refused(judged, at)
    if judged.arrival.hash not in facts.kept:
        plan.kept.append(_kept(judged))
        plan.audit += on_record.of_outcome(judged, facts.device, at)


def _receipt(judged: Judged, effects: _Effects, at: Instant) -> Receipt:
    match judged:
        case Declined():
            return _refused(judged, at)
        case Repeated():
            return Receipt(
                entry_id=judged.arrival.id,
                number=judged.number,
                hash=judged.arrival.hash,
                outcome=Outcome.DUPLICATE,
                received_at=at,
            )
        case Taken():
            cases = effects.cases[judged.entry.id]
            return Receipt(
                entry_id=judged.arrival.id,
                number=judged.number,
                hash=judged.arrival.hash,
                outcome=Outcome.CASE_OPENED if cases else Outcome.APPLIED,
                findings=tuple(sorted(effects.findings[judged.entry.id] | {d.value for d in judged.doubts})),
                cases=tuple(cases),
                received_at=at,
            )


def _refused(judged: Declined, at: Instant) -> Receipt:
    return Receipt(
        entry_id=judged.arrival.id,
        number=judged.number,
        hash=judged.arrival.hash,
        outcome=Outcome.REFUSED,
        code=judged.flaw.refusal.value,
        fields=tuple(name[:200] for name in judged.flaw.fields),
        received_at=at,
    )


def _kept(judged: Declined) -> Kept:
    return Kept(
        arrival=judged.arrival,
        number=judged.number,
        code=judged.flaw.refusal.value,
        fields=tuple(name[:200] for name in judged.flaw.fields),
    )
