"""What arrives for a child of two charts: doses are looked at beside those of both, state goes on in one (S4)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import SchoolId
from wc_contract.model.kinds import BY_NAME
from wc_contract.rules.charts import Charts, cases_across, goes_on_in
from wc_contract.rules.facts import DoseFacts
from wc_sync_server.reconcile.arrivals import doses_of
from wc_sync_server.reconcile.cases import CaseWanted, from_draft
from wc_sync_server.reconcile.facts import BatchFacts
from wc_sync_server.reconcile.judge import Taken

Rows: TypeAlias = Mapping[tuple[str, str], tuple[SchoolId, Mapping[str, WireValue]]]


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


def in_kept_charts(rows: Rows, charts: Charts) -> Rows:
    """Return, of the records about to be written, those that go on in another chart than the one that they name."""
    if not charts.kept:
        return {}
    written = {key: (school, goes_on_in(BY_NAME[key[0]], row, charts)) for key, (school, row) in rows.items()}
    return {key: placed for key, placed in written.items() if placed[1] is not rows[key][1]}
