"""What an intake reads beside, when entries are about a child whose charts were made one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from wc_contract.model.ids import SchoolId, StudentId
from wc_contract.rules.charts import LONGEST_REACH
from wc_contract.rules.facts import AllergyFacts
from wc_sync_server.db.errors import StatementFailed
from wc_sync_server.db.repositories import intake_sql
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.reconcile.charts_read import charts_of
from wc_sync_server.reconcile.facts import BatchFacts, Held, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Of a batch's students: the last day of those who have left, and which chart goes on in which."""

    withdrawn: Mapping[StudentId, date] = field(default_factory=dict)
    kept: Mapping[StudentId, StudentId] = field(default_factory=dict)


def standing_of(read: Sequence[tuple[str, str | None, str | None]] | None) -> Standing:
    """Return what a batch's first look says of its students."""
    rows = read or ()
    kept = {StudentId(UUID(s)): StudentId(UUID(into)) for s, _, into in rows if into is not None}
    # A chart that was merged away is closed, but its child has not left.
    withdrawn = {StudentId(UUID(s)): date.fromisoformat(day) for s, day, into in rows if day and into is None}
    return Standing(withdrawn=withdrawn, kept=kept)


def with_charts(uow: UnitOfWork, facts: BatchFacts, wanted: Wanted, standing: Standing) -> BatchFacts:
    """Return facts with what stands in all charts of the children concerned; as they are when there is none."""
    if not standing.kept:
        return facts
    charts = sorted({*standing.kept, *standing.kept.values()})
    parameters = {
        "district": uow.context.district,
        "charts": charts,
        "earliest": wanted.earliest or uow.at,
        "latest": wanted.latest or uow.at,
        "reach": LONGEST_REACH,
    }
    row = uow.connection.execute(intake_sql.beside().encode(), parameters).fetchone()
    if row is None:
        raise StatementFailed(None)
    read = orjson.loads(row[0])
    return replace(
        facts,
        charts=charts_of(standing.kept, read["versions"] or ()),
        beside=_held(read["doses"]),
        cases=tuple({held.row["id"]: held for held in (*facts.cases, *_held(read["cases"]))}.values()),
        # Those of every chart count for the child, whichever chart an entry names.
        allergies=(
            *(one for one in facts.allergies if one.student_id not in charts),
            *(_of_child(one, standing.kept) for one in map(AllergyFacts.from_row, read["allergies"] or ())),
        ),
    )


def _of_child(allergy: AllergyFacts, kept: Mapping[StudentId, StudentId]) -> AllergyFacts:
    return replace(allergy, student_id=kept.get(allergy.student_id, allergy.student_id))


def _held(read: Sequence[Mapping[str, Any]] | None) -> tuple[Held, ...]:
    return tuple(Held(school=SchoolId(UUID(one["school"])), row=one["row"]) for one in read or ())
