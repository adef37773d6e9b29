"""Doses that arrive for a child of two charts, looked at beside those of both (rules.md S4)."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from wc_contract.rules.charts import cases_across
from wc_contract.rules.facts import DoseFacts
from wc_sync_server.reconcile.arrivals import doses_of
from wc_sync_server.reconcile.cases import CaseWanted, from_draft
from wc_sync_server.reconcile.facts import BatchFacts
from wc_sync_server.reconcile.judge import Taken


def across_charts(taken: Iterable[Taken], facts: BatchFacts) -> Iterator[CaseWanted]:
    """Yield the cases of doses that two charts of one child hold together; none where no chart was merged."""
    charts = facts.charts
    if not charts.kept:
        return
    known = {UUID(held.row["id"]): DoseFacts.from_row(held.row) for held in facts.beside}
    fresh = [DoseFacts.from_change(one.entry, dose) for one in taken for dose in doses_of(one.entry)]
    touched = {charts.child(dose.student_id) for dose in fresh}
    merged = set(charts.kept.values()) & touched
    doses = [dose for dose in (*known.values(), *fresh) if charts.child(dose.student_id) in merged]
    # A chart that was merged away stays beside the one that goes on.
    places = {charts.child(student): school for student, school in facts.students.items()}
    for draft in cases_across(doses, charts):
        yield from_draft(draft, places.get(draft.student_id, facts.device.school))
