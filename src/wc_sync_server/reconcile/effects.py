"""What the entries of a batch that are taken come to: rows, flags, cases, lines of the audit."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from wc_contract.merge.fold import RecordKey
from wc_contract.model.apply import WireValue, apply_entry, compact
from wc_contract.model.changes import RecordAdded
from wc_contract.model.ids import DoseId, EntryId, OrderVersionId, SchoolId, id_text
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import (
    ALLERGY,
    BY_NAME,
    CASE_SIDE,
    DOSE,
    INCIDENT,
    MEDICATION_CONTAINER,
    ORDER,
    ORDER_VERSION,
    REVIEW_CASE,
    RecordKind,
)
from wc_contract.model.office_values import LedgerEvent
from wc_contract.rules.again import judged_again
from wc_contract.rules.arrival import Evaluation, evaluate
from wc_contract.rules.book import FactBook, fact_book
from wc_contract.rules.facts import AllergyFacts, DoseFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.findings import Severity, codes_to_store
from wc_contract.rules.incident import check_incident_on_arrival
from wc_contract.rules.policy import Policy
from wc_contract.rules.rows import json_of, texts
from wc_contract.rules.stock import ContainerFacts, check_lot
from wc_contract.wire.codes import Outcome
from wc_sync_server.reconcile import on_record, telling
from wc_sync_server.reconcile.across import across_charts, in_kept_charts
from wc_sync_server.reconcile.arrivals import doses_of, incidents_of
from wc_sync_server.reconcile.cases import (
    CaseWanted,
    from_draft,
    merged,
    of_doubts,
    of_emergencies,
    of_incident,
    of_lot,
    rows_for,
)
from wc_sync_server.reconcile.facts import BatchFacts, Held
from wc_sync_server.reconcile.folding import Folded, fold
from wc_sync_server.reconcile.judge import Taken
from wc_sync_server.reconcile.plan import Plan
from wc_sync_server.reconcile.touched import container_of, is_plain

_OF_ORDERS = frozenset({ORDER.name, ORDER_VERSION.name})

F = TypeVar("F", OrderFacts, OrderVersionFacts, AllergyFacts)


class Effects:
    """Rows, flags and cases of the entries taken; the rules see all of them at once."""

    def __init__(self, facts: BatchFacts, at: Instant) -> None:
        self._facts = facts
        self._at = at
        self._folded = Folded()
        self.findings: dict[EntryId, set[str]] = {}
        self.cases: dict[EntryId, list[UUID]] = {}

    def work_out(self, taken: Sequence[Taken], plan: Plan) -> None:
        flags: dict[UUID, set[str]] = {}
        cases: list[CaseWanted] = []
        self._fold(taken)
        for school in dict.fromkeys(place for one in taken for place in one.places.values()):
            evaluation = self._evaluate(taken, school)
            cases += [from_draft(draft, school) for draft in evaluation.cases]
            for dose, codes in evaluation.flags.items():
                flags.setdefault(dose, set()).update(codes)
        cases += across_charts(taken, self._facts)
        cases += self._again(flags)
        for one in taken:
            cases += self._of_incidents(one, flags)
            cases += of_doubts(one)
            cases += of_emergencies(one)
            cases += self._of_lots(one, flags)
            for record in one.places:
                flags.setdefault(record, set()).update(doubt.value for doubt in one.doubts)
        self._write(taken, flags, plan)
        self._open(taken, cases, plan)

    def _fold(self, taken: Sequence[Taken]) -> None:
        """Fold in what changes declared records: doses are then judged by the orders as they are with them."""
        several = [one for one in taken if one.left_out or not is_plain(one.entry)]
        if several:
            self._folded = fold(several, self._facts.touched)
            self._folded.rows.update(in_kept_charts(self._folded.rows, self._facts.charts))

    def _evaluate(self, taken: Iterable[Taken], school: SchoolId) -> Evaluation:
        arrivals = [
            (one.entry, self._facts.charts.as_kept(dose))
            for one in taken
            for dose in doses_of(one.entry)
            if one.places.get(dose.id) == school
        ]
        # What was taken in for these children at another school conflicts as well: they went there, or came from there.
        charts, children = self._facts.charts, {dose.student_id for _, dose in arrivals}
        near = (*self._facts.doses, *self._facts.touched.given)
        held = [(one.school, charts.as_kept(DoseFacts.from_row(one.row))) for one in near]
        known = [dose for place, dose in held if place == school or dose.student_id in children]
        return evaluate(arrivals, known, self._book(school))

    def _again(self, flags: dict[UUID, set[str]]) -> Iterator[CaseWanted]:
        """Judge doses again whose orders this batch changes: a stop that comes late counts as one that came first."""
        if not any(kind in _OF_ORDERS for kind, _ in self._folded.rows):
            return
        by_school: dict[SchoolId, list[tuple[Mapping[str, Any], tuple[str, ...]]]] = {}
        for held in self._facts.touched.given:
            now = tuple(flags.get(UUID(held.row["id"]), texts(json_of(held.row["flags"]))))
            by_school.setdefault(held.school, []).append((held.row, now))
        came = {OrderVersionId(UUID(id_)) for kind, id_ in self._folded.rows if kind == ORDER_VERSION.name}
        for school, doses in by_school.items():
            again = judged_again(doses, self._book(school), came)
            flags.update((dose, set(codes)) for dose, codes in again.flags.items())
            yield from (from_draft(draft, school) for draft in again.cases)

    def _book(self, school: SchoolId) -> FactBook:
        facts, rows = self._facts, self._folded.rows
        return fact_book(
            zone=facts.zones[school],
            policy=Policy.from_json(facts.policy),
            orders=_with(facts.orders, rows, ORDER, OrderFacts.from_row),
            versions=_with(facts.versions, rows, ORDER_VERSION, OrderVersionFacts.from_row),
            medications=facts.medications,
            allergies=_with(facts.allergies, rows, ALLERGY, AllergyFacts.from_row),
            withdrawn=facts.withdrawn,
        )

    def _of_incidents(self, taken: Taken, flags: dict[UUID, set[str]]) -> Iterator[CaseWanted]:
        for report in incidents_of(taken.entry):
            found = check_incident_on_arrival(report, self._facts.zones[taken.places[report.id]])
            flags.setdefault(report.id, set()).update(codes_to_store(found))
            for finding in found:
                if finding.severity is Severity.REVIEW:
                    yield of_incident(taken, report, finding.code.value)

    def _of_lots(self, taken: Taken, flags: dict[UUID, set[str]]) -> Iterator[CaseWanted]:
        """Flag doses that came from an expired or recalled lot, and open a case of each (C7)."""
        policy = Policy.from_json(self._facts.policy)
        for dose in doses_of(taken.entry):
            bottle = self._bottle_of(taken, dose.id)
            if bottle is not None:
                for code in (one.code.value for one in check_lot(bottle, dose.local_date, policy)):
                    flags.setdefault(dose.id, set()).add(code)
                    yield of_lot(taken, dose, code)

    def _bottle_of(self, taken: Taken, dose: DoseId) -> ContainerFacts | None:
        """Return the container that a dose was given from, by the movement beside it."""
        for change in taken.entry.changes:
            if isinstance(change, RecordAdded) and change.values.get("log_id") == str(dose):
                container = None if change.values.get("event") != LedgerEvent.GIVEN.value else container_of(change)
                key = MEDICATION_CONTAINER.name, str(container)
                held = self._facts.touched.records.get(key)
                row = self._folded.rows[key][1] if key in self._folded.rows else held and held.row
                if row:
                    return ContainerFacts.from_row(row)
        return None

    def _write(self, taken: Sequence[Taken], flags: Mapping[UUID, set[str]], plan: Plan) -> None:
        device = self._facts.device
        for one in taken:
            texts = {record: id_text(record) for record in one.places}
            own = {text: tuple(sorted(flags.get(record, ()))) for record, text in texts.items()}
            places = {texts[record]: school for record, school in one.places.items()}
            stand = {code for codes in own.values() for code in codes}
            self.findings[one.entry.id] = stand | self._folded.codes_of.get(one.entry.id, set())
            for write in apply_entry(one.entry, own):
                if write.kind is DOSE or write.kind is INCIDENT:
                    plan.add_row(places[write.id], write.kind, write.values)
                    plan.audit.append(on_record.of_write(one, write, device))
            plan.audit += on_record.of_looks(one, device)
            plan.messages += telling.of_incidents(one)
        self._write_folded(plan)
        known = {UUID(held.row["id"]): held for held in (*self._facts.touched.given, *self._facts.doses)}
        for dose, held in known.items():
            codes = flags.get(dose)
            if codes is not None:
                plan.flags.setdefault(held.school, []).append((dose, compact(sorted(codes))))
                plan.audit.append(
                    on_record.of_record("FLAGGED", DOSE, str(dose), device, self._at, ",".join(sorted(codes)))
                )

    def _write_folded(self, plan: Plan) -> None:
        device = self._facts.device
        for (kind, _), (school, row) in self._folded.rows.items():
            # A case that is answered may have to be opened again, and is written once (_open).
            if kind != REVIEW_CASE.name:
                plan.add_row(school, BY_NAME[kind], row)
        for school, row in self._folded.sides:
            plan.add_row(school, CASE_SIDE, row)
        plan.audit += [on_record.of_effect(one, effect, device) for one, effect in self._folded.effects]
        plan.audit += [
            on_record.of_record("STOCK_MOVED", BY_NAME[kind], record, device, self._at, "quantity")
            for kind, record in dict.fromkeys(self._folded.derived)
        ]

    def _open(self, taken: Sequence[Taken], cases: Sequence[CaseWanted], plan: Plan) -> None:
        known = {UUID(held.row["id"]): held for held in self._facts.cases}
        known |= self._facts.touched.cases
        answered = {
            UUID(record): Held(school=school, row=row)
            for (kind, record), (school, row) in self._folded.rows.items()
            if kind == REVIEW_CASE.name
        }
        opened: dict[UUID, tuple[SchoolId, Mapping[str, WireValue]]] = {
            UUID(str(row["id"])): (school, row)
            for school, row in rows_for(merged((*cases, *self._folded.cases)), known | answered, self._at)
        }
        reopened = self._folded.reopened
        for id_, held in answered.items():
            if id_ not in opened and id_ not in reopened:
                plan.add_row(held.school, REVIEW_CASE, held.row)
        opened |= {id_: (answered[id_].school, answered[id_].row) for id_ in reopened if id_ not in opened}
        for id_, (school, row) in opened.items():
            plan.add_row(school, REVIEW_CASE, row)
            plan.messages.append(telling.of_case(school, row, reopened.get(id_)))
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
            found = (case for record in one.places for case in about.get(record, ()))
            explicit = self._folded.cases_of.get(one.entry.id, ())
            self.cases[one.entry.id] = list(dict.fromkeys((*found, *explicit)))

    def outcome(self, entry: EntryId) -> Outcome:
        """Return what the receipt of an entry that was taken says."""
        if self.cases[entry]:
            return Outcome.CASE_OPENED
        return Outcome.MERGED if entry in self._folded.combined else Outcome.APPLIED


def _with(
    known: Sequence[F],
    rows: Mapping[RecordKey, tuple[SchoolId, Mapping[str, WireValue]]],
    kind: RecordKind,
    read: Callable[[Any], F],
) -> Sequence[F]:
    """Return facts, those that this batch writes in the place of what they were."""
    if not rows:
        return known
    written: list[F] = [read(row) for (name, _), (_, row) in rows.items() if name == kind.name]
    ids = {str(one.id) for one in written}
    kept: list[F] = [one for one in known if str(one.id) not in ids]
    return kept + written
