"""Folding a batch into the records that are held: each record once, each conflict with both sides. Pure."""

import random
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from tests import factories as make

from wc_contract.model.changes import CaseAnswered, Change, RecordAdded, RecordChanged
from wc_contract.model.ids import CaseId, SchoolId, record_case_id
from wc_contract.model.values import CaseResolution
from wc_sync_server.reconcile.arrivals import Arrival
from wc_sync_server.reconcile.batch import _pieces
from wc_sync_server.reconcile.folding import balance, fold
from wc_sync_server.reconcile.judge import Taken
from wc_sync_server.reconcile.touched import Held, Movement, TouchedFacts, carries_a_fact, is_plain, touched_by

SCHOOL = SchoolId(make.named("a school"))


def arrival_of(*changes: Change) -> Arrival:
    entry = make.entry_of(*changes)
    return Arrival(body="", signature="", hash=f"{entry.id.int:064x}", id=entry.id, number=entry.number, entry=entry)


def taken(*changes: Change) -> Taken:
    arrival = arrival_of(*changes)
    assert arrival.entry is not None
    places = {getattr(change, "id", None) or getattr(change, "case_id", None): SCHOOL for change in changes}
    return Taken(
        arrival=arrival,
        number=1,
        entry=arrival.entry,
        role="NURSE",
        doubts=(),
        places=places,  # type: ignore[arg-type]
    )


def held(*rows: tuple[str, dict[str, Any]]) -> TouchedFacts:
    return TouchedFacts(records={(kind, row["id"]): Held(school=SCHOOL, row=row) for kind, row in rows})


def contact(**values: Any) -> dict[str, Any]:
    fields = {"name": "A Parent", "relationship": "mother", "phone": "555-0100", "priority": 1, "is_primary": True}
    return make.row("emergency_contact", student_id=str(make.STUDENT), **(fields | values))


def changed(row: dict[str, Any], **values: Any) -> RecordChanged:
    base = {name: row[name] for name in values}
    return RecordChanged(
        kind="emergency_contact", id=UUID(row["id"]), base_version=row["row_version"], base=base, values=values
    )


def test_a_record_changed_twice_in_a_batch_is_written_once_as_the_last_leaves_it() -> None:
    row = contact()
    first, second = changed(row, phone="555-0101"), changed(row | {"phone": "555-0101"}, phone="555-0102")
    folded = fold([taken(first), taken(second)], held(("emergency_contact", row)))
    assert [values["phone"] for _, values in folded.rows.values()] == ["555-0102"]
    assert folded.cases == []
    assert folded.combined == set(), "nobody else wrote meanwhile"
    assert len(folded.effects) == 2


def test_conflicts_of_two_entries_over_one_record_are_one_case_about_both() -> None:
    row = contact(phone="555-0199")
    seen = row | {"phone": "555-0100"}
    entries = [taken(changed(seen, phone=f"555-010{last}")) for last in (1, 2)]
    folded = fold(entries, held(("emergency_contact", row)))
    case = record_case_id("field_conflict", "emergency_contact", UUID(row["id"]))
    assert {wanted.id for wanted in folded.cases} == {case}
    assert len({side["id"] for _, side in folded.sides}) == 4
    about = {subject for wanted in folded.cases for subject in wanted.subjects}
    assert about == {UUID(row["id"]), *(one.entry.id for one in entries)}


def test_both_sides_say_which_of_them_stands() -> None:
    allergy = make.allergy_row(criticality="high")
    change = RecordChanged(
        kind="allergy",
        id=UUID(allergy["id"]),
        base_version=1,
        base={"criticality": "unable-to-assess"},
        values={"criticality": "low"},
    )
    folded = fold([taken(change)], held(("allergy", allergy)))
    assert [(side["stands"], side["values"]) for _, side in folded.sides] == [
        (True, '{"criticality":"high"}'),
        (False, '{"criticality":"low"}'),
    ]
    assert [side["entry_id"] is None for _, side in folded.sides] == [True, False]


@st.composite
def ledgers(draw: st.DrawFn) -> list[Movement]:
    events = st.sampled_from(["RECEIVED", "GIVEN", "WASTED", "COUNTED", "ADJUSTED"])
    lines = draw(st.lists(st.tuples(events, st.integers(-9, 9), st.integers(0, 5)), max_size=8))
    return [
        Movement(
            id=make.named(f"line {at}"),
            container=make.named("container"),
            event=event,
            quantity=str(abs(amount) if event == "COUNTED" else amount),
            occurred_at=f"2026-11-23T0{hour}:00:00+00:00",
        )
        for at, (event, amount, hour) in enumerate(lines)
    ]


@given(ledgers(), st.randoms(use_true_random=False))
def test_a_balance_does_not_depend_on_the_order_of_arrival(lines: list[Movement], chance: random.Random) -> None:
    other = list(lines)
    chance.shuffle(other)
    assert balance(lines) == balance(other)


def test_a_balance_begins_with_the_last_count() -> None:
    def line(event: str, quantity: str, hour: int) -> Movement:
        occurred = f"2026-11-23T{hour:02}:00:00+00:00"
        id_ = make.named(f"{event} {hour}")
        return Movement(id=id_, container=id_, event=event, quantity=quantity, occurred_at=occurred)

    assert balance([line("RECEIVED", "30", 8), line("GIVEN", "-1", 12), line("COUNTED", "27", 13)]) == 27
    assert balance([line("GIVEN", "-1", 14), line("COUNTED", "27", 13), line("COUNTED", "20", 9)]) == 26


def test_a_batch_is_cut_before_each_answer_and_nowhere_else() -> None:
    case = CaseId(make.named("case"))
    answer = CaseAnswered(case_id=case, resolution=CaseResolution.REVIEWED, subject_ids=())
    dose, said = arrival_of(make.dose_logged()), arrival_of(answer)
    torn = Arrival(body="", signature="", hash="0" * 64, id=dose.id, number=None, entry=None, flaw=None)

    def cut(*arrivals: Arrival) -> list[int]:
        return [len(piece) for piece in _pieces(arrivals)]

    assert cut(dose, dose, torn) == [3]
    assert cut(said, dose) == [2]
    assert cut(dose, dose, said, dose, said) == [2, 2, 1]


def test_batches_of_doses_reports_and_looks_touch_nothing_more() -> None:
    entries = [make.entry_of(make.dose_logged(), make.incident_signed(), make.access_recorded())]
    assert not touched_by(entries)
    assert is_plain(entries[0])
    assert carries_a_fact(entries[0])
    added = RecordAdded(kind="allergy", id=make.named("allergy"), values={"student_id": str(make.STUDENT)})
    assert touched_by([make.entry_of(added)])
    assert not carries_a_fact(make.entry_of(added))
