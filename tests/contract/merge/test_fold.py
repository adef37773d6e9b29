"""Folding an entry into what is held: changes upon changes, answers to cases, and records that are not there."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import given
from tests.contract.merge.test_policies import CONTACT, change
from tests.factories import NOON, NURSE, dose_logged, entry_of, named
from tests.strategies import entries

from wc_contract.merge.answers import answer_case
from wc_contract.merge.fold import fold_entry, records_needed
from wc_contract.merge.sides import Result
from wc_contract.model.apply import apply_entry
from wc_contract.model.changes import CaseAnswered, Entry, RecordChanged
from wc_contract.model.ids import CaseId
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import REVIEW_CASE, WireValue
from wc_contract.model.values import CaseResolution

ONE, OTHER = named("one dose"), named("other dose")
CASE: dict[str, WireValue] = {
    "id": str(named("case")),
    "kind": "possible_double_dose",
    "student_id": str(named("student")),
    "slot_id": str(named("slot")),
    "medication_id": str(named("medication")),
    "subject_ids": f'["{ONE}","{OTHER}"]',
    "opened_at": "2026-11-23T18:05:00+00:00",
    "status": "OPEN",
    "resolution": None,
    "resolved_by": None,
    "resolved_at": None,
    "note": None,
    "row_version": 90,
}


def answer(resolution: CaseResolution, *subjects: UUID, note: str = "") -> CaseAnswered:
    return CaseAnswered(
        case_id=CaseId(named("case")), resolution=resolution, subject_ids=subjects or (ONE, OTHER), note=note
    )


def test_an_answer_closes_the_case_in_its_author_s_name() -> None:
    entry = entry_of(answer(CaseResolution.BOTH_GIVEN, note="Seen by both."))
    (effect,) = fold_entry(entry, {(REVIEW_CASE.name, str(named("case"))): CASE})
    assert effect.write is not None
    said = {name: effect.write.values[name] for name in ("status", "resolution", "resolved_by", "resolved_at", "note")}
    assert said == {
        "status": "RESOLVED",
        "resolution": "BOTH_GIVEN",
        "resolved_by": str(NURSE),
        "resolved_at": instant_to_text(entry.authored_at),
        "note": "Seen by both.",
    }
    assert set(effect.write.values) == set(REVIEW_CASE.columns) - {"row_version"}


def test_an_answer_to_fewer_records_than_the_case_is_about_leaves_it_open() -> None:
    merged = answer_case(CASE, answer(CaseResolution.BOTH_GIVEN, ONE), entry_of(dose_logged()))
    assert (merged.result, merged.values["status"], merged.code) == (Result.NOTHING, "OPEN", "case_grew")


def test_two_answers_that_differ_open_the_case_again_whichever_came_first() -> None:
    both, twice = (
        entry_of(answer(one, note=one.value), authored_at=NOON)
        for one in (CaseResolution.BOTH_GIVEN, CaseResolution.DUPLICATE_RECORD)
    )
    ends = []
    for first, second in ((both, twice), (twice, both)):
        held: Any = CASE
        for entry in (first, second):
            (change_,) = entry.changes
            assert isinstance(change_, CaseAnswered)
            merged = answer_case(held, change_, entry)
            held = {**merged.values, "row_version": 91}
        assert (merged.result, merged.code) == (Result.CONFLICT, "answers_differ")
        notes = {merged.sides[0].held["note"], merged.sides[0].sent["note"]}
        assert notes == {"BOTH_GIVEN", "DUPLICATE_RECORD"}
        ends.append(held)
    assert ends[0] == ends[1]
    assert ends[0]["status"] == "OPEN"


def test_two_answers_that_agree_are_one() -> None:
    entry = entry_of(answer(CaseResolution.BOTH_GIVEN))
    held = {**answer_case(CASE, answer(CaseResolution.BOTH_GIVEN), entry).values, "row_version": 91}
    again = answer_case(held, answer(CaseResolution.BOTH_GIVEN), entry)
    assert (again.result, again.values["status"]) == (Result.NOTHING, "RESOLVED")


def test_what_is_not_there_is_not_made_by_changing_it() -> None:
    entry = entry_of(change("emergency_contact", CONTACT, phone="+1 555 0199"), answer(CaseResolution.REVIEWED))
    assert list(fold_entry(entry, {})) == []


def test_a_second_change_of_one_entry_is_made_to_what_the_first_left() -> None:
    first = change("emergency_contact", CONTACT, phone="+1 555 0199")
    second = replace(first, base={"phone": "+1 555 0199"}, values={"phone": "+1 555 0123"})
    key = "emergency_contact", str(CONTACT["id"])
    *_, effect = fold_entry(entry_of(first, second), {key: CONTACT})
    assert effect.write is not None
    assert effect.merged is not None
    assert (effect.merged.sides, effect.write.values["phone"]) == ((), "+1 555 0123")


@given(entries)
def test_without_anything_held_the_fold_is_what_the_entry_says_by_itself(entry: Entry) -> None:
    added = {(write.kind.name, write.id) for write in apply_entry(entry)}
    needed = set(records_needed(entry)) - added
    folded = [effect.write for effect in fold_entry(entry, {}) if effect.merged is None]
    assert folded == list(apply_entry(entry))
    assert needed == {
        (c.kind, str(c.id)) if isinstance(c, RecordChanged) else (REVIEW_CASE.name, str(c.case_id))
        for c in entry.changes
        if isinstance(c, RecordChanged | CaseAnswered)
    }
