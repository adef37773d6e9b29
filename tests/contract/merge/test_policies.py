"""Two hands on one record: by the policy of its kind, nothing of either is lost (sync.md, 'Conflicts')."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import named
from tests.strategies import changes_of, records

from wc_contract.merge.policies import merge_change
from wc_contract.merge.sections import BETWEEN, join_sections
from wc_contract.merge.sides import Merged, Result, same
from wc_contract.model.authoring import CHANGEABLE
from wc_contract.model.changes import RecordChanged
from wc_contract.model.kinds import BY_NAME, INCIDENT, MergePolicy, WireValue
from wc_contract.model.values import OrderStatus

CONTACT: dict[str, WireValue] = {
    "id": str(named("contact")),
    "student_id": str(named("student")),
    "name": "Invented Parent",
    "relationship": "mother",
    "phone": "+1 555 0100",
    "priority": 1,
    "is_primary": True,
    "may_pick_up": True,
    "custody_note": None,
    "is_active": True,
    "row_version": 40,
}
ALLERGY: dict[str, WireValue] = {
    "id": str(named("allergy")),
    "student_id": str(named("student")),
    "allergen": "Invented nut",
    "code": None,
    "code_system": None,
    "ingredient_codes": '["nut"]',
    "reaction": "hives",
    "criticality": "unable-to-assess",
    "verified_on": None,
    "is_active": True,
    "row_version": 7,
}
ORDER: dict[str, WireValue] = {
    "id": str(named("order")),
    "student_id": str(named("student")),
    "medication_id": str(named("medication")),
    "version": 1,
    "kind": "SCHEDULED",
    "status": "ACTIVE",
    "indication": None,
    "prescriber_name": "Dr. Invented",
    "order_signed_on": "2026-08-01",
    "verbal_until": None,
    "parent_auth_from": "2026-08-01",
    "parent_auth_to": None,
    "self_carry": False,
    "start_date": "2026-08-15",
    "end_date": None,
    "stop_effective_at": None,
    "verified_by": str(named("nurse")),
    "row_version": 12,
}
STOPPED = {"status": OrderStatus.DISCONTINUED.value, "stop_effective_at": "2026-11-23T16:00:00+00:00"}


def change(kind: str, seen: Mapping[str, WireValue], **values: WireValue) -> RecordChanged:
    """Return a change by somebody who saw a record so."""
    whole = BY_NAME[kind].merge is MergePolicy.BASE_MUST_MATCH
    together = [group for value in values for group in BY_NAME[kind].group_of(value)]
    names = [one.name for one in BY_NAME[kind].fields] if whole else together
    return RecordChanged(
        kind=kind,
        id=UUID(str(seen["id"])),
        base_version=int(seen["row_version"] or 0),
        base={name: seen[name] for name in names},
        values=values,
    )


def then(held: Mapping[str, WireValue], merged: Merged) -> dict[str, WireValue]:
    """Return a record after a merge, as the next reader finds it."""
    return {**merged.values, "row_version": int(held["row_version"] or 0) + 1}


def test_alone_a_change_is_what_the_record_says() -> None:
    merged = merge_change(CONTACT, change("emergency_contact", CONTACT, phone="+1 555 0199"))
    assert (merged.result, merged.values["phone"], merged.sides) == (Result.CLEAN, "+1 555 0199", ())
    assert set(merged.values) == set(BY_NAME["emergency_contact"].columns) - {"row_version"}


def test_two_hands_in_two_groups_are_combined() -> None:
    first = merge_change(CONTACT, change("emergency_contact", CONTACT, phone="+1 555 0199"))
    second = merge_change(then(CONTACT, first), change("emergency_contact", CONTACT, priority=2, is_primary=False))
    assert second.result is Result.COMBINED
    assert (second.values["phone"], second.values["priority"]) == ("+1 555 0199", 2)


def test_of_two_hands_in_one_group_the_later_receipt_stands_and_the_other_side_is_kept() -> None:
    first = merge_change(CONTACT, change("emergency_contact", CONTACT, name="Invented Aunt"))
    second = merge_change(then(CONTACT, first), change("emergency_contact", CONTACT, relationship="father"))
    assert (second.result, second.code) == (Result.CONFLICT, "field_conflict")
    # Who they are belongs together: an aunt who is the father is what nobody wrote.
    (sides,) = second.sides
    assert sides.held == {"name": "Invented Aunt", "relationship": "mother"}
    assert sides.sent == {"name": "Invented Parent", "relationship": "father"}
    assert (second.values["name"], second.values["relationship"]) == ("Invented Parent", "father")


def test_the_same_said_twice_is_said_once() -> None:
    first = merge_change(CONTACT, change("emergency_contact", CONTACT, phone="+1 555 0199"))
    second = merge_change(then(CONTACT, first), change("emergency_contact", CONTACT, phone="+1 555 0199"))
    assert (second.result, second.sides) == (Result.NOTHING, ())


@pytest.mark.parametrize("order", [("high", "low"), ("low", "high")])
def test_of_two_judgements_of_an_allergy_the_more_cautious_stands_whichever_came_first(order: tuple[str, str]) -> None:
    held: dict[str, WireValue] = ALLERGY
    for judgement in order:
        merged = merge_change(held, change("allergy", ALLERGY, criticality=judgement))
        held = then(held, merged)
    assert merged.result is Result.CONFLICT
    assert held["criticality"] == "high"
    (sides,) = merged.sides
    assert sides.sent_stands is (order[1] == "high")
    assert {sides.held["criticality"], sides.sent["criticality"]} == {"high", "low"}


def test_an_allergy_that_one_says_is_over_and_another_says_is_not_stays() -> None:
    over = merge_change({**ALLERGY, "is_active": False}, change("allergy", {**ALLERGY}, is_active=True))
    assert over.values["is_active"] is True


def test_an_order_changed_in_ignorance_of_another_change_stays_as_it_is() -> None:
    first = merge_change(ORDER, change("order", ORDER, prescriber_name="Dr. Other"))
    second = merge_change(then(ORDER, first), change("order", ORDER, parent_auth_to="2027-06-01"))
    assert (second.result, second.code) == (Result.CONFLICT, "base_changed")
    assert second.values["parent_auth_to"] is None
    (sides,) = second.sides
    assert (sides.sent, sides.sent_stands) == ({"parent_auth_to": "2027-06-01"}, False)


def test_own_earlier_change_is_no_stranger() -> None:
    first = merge_change(ORDER, change("order", ORDER, prescriber_name="Dr. Other"))
    seen = {**then(ORDER, first), "row_version": 12}  # no replica had it yet
    second = merge_change(then(ORDER, first), change("order", seen, parent_auth_to="2027-06-01"))
    assert second.result is Result.CLEAN
    assert (second.values["prescriber_name"], second.values["parent_auth_to"]) == ("Dr. Other", "2027-06-01")


def test_stopping_an_order_beats_editing_it_in_either_order() -> None:
    stop, edit = change("order", ORDER, **STOPPED), change("order", ORDER, prescriber_name="Dr. Other")
    edited_first = merge_change(then(ORDER, merge_change(ORDER, edit)), stop)
    stopped_first = merge_change(then(ORDER, merge_change(ORDER, stop)), edit)
    assert edited_first.values["status"] == stopped_first.values["status"] == "DISCONTINUED"
    assert edited_first.values["stop_effective_at"] == STOPPED["stop_effective_at"]
    assert edited_first.result is Result.COMBINED
    # The edit is kept for a person: nobody changes a stopped order unseen.
    assert stopped_first.result is Result.CONFLICT
    assert stopped_first.sides[0].sent == {"prescriber_name": "Dr. Other"}


def test_what_came_with_a_stop_and_does_not_stand_is_kept() -> None:
    edited = then(ORDER, merge_change(ORDER, change("order", ORDER, prescriber_name="Dr. Other")))
    merged = merge_change(edited, change("order", ORDER, **STOPPED, indication="Invented reason"))
    assert merged.values["status"] == "DISCONTINUED"
    assert (merged.result, merged.sides[0].sent) == (Result.CONFLICT, {"indication": "Invented reason"})


SEEN: dict[str, WireValue] = {"narrative": "Fell.", "witnesses": '[{"name":"A"}]'}


def test_a_draft_that_two_wrote_on_says_both() -> None:
    held = {"narrative": "Fell off the slide.", "witnesses": '[{"name":"A"},{"name":"B"}]'}
    sent: dict[str, WireValue] = {"narrative": "Fell; knee.", "witnesses": '[{"name":"A"},{"name":"C"}]'}
    joined = join_sections(INCIDENT, SEEN, held, sent)
    assert joined is not None
    assert set(str(joined["narrative"]).split(BETWEEN)) == {"Fell off the slide.", "Fell; knee."}
    assert joined["witnesses"] == '[{"name":"A"},{"name":"B"},{"name":"C"}]'


def test_who_went_on_writing_has_the_other_s_text_in_front() -> None:
    held, sent = {"narrative": "Fell. Cried."}, {"narrative": "Fell. Cried. Went home."}
    assert join_sections(INCIDENT, SEEN, held, sent) == {"narrative": "Fell. Cried. Went home."}
    assert join_sections(INCIDENT, SEEN, sent, held) == {"narrative": "Fell. Cried. Went home."}


def test_what_one_took_off_a_list_does_not_come_back() -> None:
    held, sent = {"witnesses": "[]"}, {"witnesses": '[{"name":"A"},{"name":"C"}]'}
    assert join_sections(INCIDENT, SEEN, held, sent) == {"witnesses": '[{"name":"C"}]'}


def test_a_choice_cannot_be_both() -> None:
    assert join_sections(INCIDENT, {"severity": "LOW"}, {"severity": "HIGH"}, {"severity": "MEDIUM"}) is None


@given(texts=st.tuples(*[st.sampled_from(["", "Fell.", "Fell. Cried.", "Knee."])] * 2))
def test_which_text_came_first_changes_nothing(texts: tuple[str, str]) -> None:
    one, other = ({"narrative": text} for text in texts)
    assert join_sections(INCIDENT, SEEN, one, other) == join_sections(INCIDENT, SEEN, other, one)


@st.composite
def held_and_two_changes(draw: st.DrawFn) -> tuple[dict[str, WireValue], RecordChanged, RecordChanged]:
    """Return a record and two changes of it by people who both saw it so."""
    name = draw(st.sampled_from(sorted(CHANGEABLE)))
    held = draw(records(BY_NAME[name]))
    first, second = (_on(held, draw(changes_of(name))) for _ in range(2))
    return held, first, second


def _on(held: Mapping[str, WireValue], drawn: RecordChanged) -> RecordChanged:
    return RecordChanged(
        kind=drawn.kind,
        id=UUID(str(held["id"])),
        base_version=int(held["row_version"] or 0),
        base={name: held[name] for name in drawn.base},
        values=drawn.values,
    )


@given(held_and_two_changes())
def test_of_two_changes_each_value_stands_or_is_kept(drawn: Any) -> None:
    held, first, second = drawn
    kind = BY_NAME[first.kind]
    middle = merge_change(held, first)
    end = merge_change(then(held, middle), second)
    for sent, merges in ((first, (middle, end)), (second, (end,))):
        # What its author left as it was is no change.
        changed = {name: value for name, value in sent.values.items() if value != sent.base[name]}
        for name, value in changed.items():
            stands = same(kind.field(name), end.values[name], value)
            kept = any(
                name in part and part[name] == value for m in merges for s in m.sides for part in (s.held, s.sent)
            )
            stopped = kind.name == "order" and end.values["status"] == "DISCONTINUED"
            assert stands or kept or stopped, name
    assert set(end.values) == set(kind.columns) - {"row_version"}


@given(held_and_two_changes())
def test_a_change_that_arrives_twice_changes_nothing_the_second_time(drawn: Any) -> None:
    held, first, _ = drawn
    once = merge_change(held, first)
    again = merge_change(then(held, once), first)
    if once.result in {Result.CLEAN, Result.NOTHING}:
        assert (again.result, dict(again.values)) == (Result.NOTHING, dict(once.values))


@given(held_and_two_changes())
def test_in_different_groups_the_order_of_arrival_changes_nothing(drawn: Any) -> None:
    held, first, second = drawn
    kind = BY_NAME[first.kind]
    groups = {kind.group_of(name) for name in first.values} & {kind.group_of(name) for name in second.values}
    if groups or kind.merge is MergePolicy.BASE_MUST_MATCH:
        return
    one_way = merge_change(then(held, merge_change(held, first)), second)
    other_way = merge_change(then(held, merge_change(held, second)), first)
    assert dict(one_way.values) == dict(other_way.values)
    assert one_way.sides == other_way.sides == ()
