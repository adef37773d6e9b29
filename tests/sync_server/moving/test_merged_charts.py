"""Two charts of one child made one, with entries for both before, during and after (rules.md S4)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from tests import factories as make
from tests.sync_server.direct import move_pupil
from tests.sync_server.house import House, Pupil
from tests.sync_server.moving.moving_world import enrolled, station

from wc_contract.model.apply import WireValue
from wc_contract.model.authoring import authored_fields
from wc_contract.model.changes import RecordAdded
from wc_contract.model.ids import SchoolId, child_case_id, new_uuid
from wc_contract.model.kinds import ALLERGY, EMERGENCY_CONTACT, KINDS, STUDENT_ALIAS, Scope
from wc_contract.model.values import Role
from wc_contract.rules.charts import GOES_ON
from wc_sync_server.cli.importing import SystemWorks
from wc_sync_server.cli.records import system
from wc_sync_server.db.repositories.records.works import PersonWorks
from wc_sync_server.db.tables import written_once
from wc_sync_server.domain.messages import Channel
from wc_sync_server.domain.records.person import Person
from wc_sync_server.importing.students.acting import Actor, StudentRefused
from wc_sync_server.importing.students.charts import Clash
from wc_sync_server.importing.students.merge_report import Merged, Parted
from wc_sync_server.importing.students.merging import Wish, merge_students
from wc_sync_server.importing.students.parting import unmerge_student

pytestmark = pytest.mark.postgres
_numbers = count(900)
_CONTACT: dict[str, WireValue] = {
    "name": "Invented", "relationship": "aunt", "phone": "1", "priority": 1, "is_primary": True, "may_pick_up": True,
    "is_active": True,
}  # fmt: skip
_ACTOR = Actor(role="SYSTEM", via="test")


def merge(house: House, kept: Pupil, gone: Pupil, **options: Any) -> Merged:
    wish = Wish(
        id=new_uuid(house.parts.clock.now(), house.parts.chance),
        kept=kept.id,
        gone=gone.id,
        reason="Invented twice.",
        birth_dates_differ=options.pop("birth_dates_differ", False),
    )
    works = SystemWorks(parts=house.parts, district=house.district)
    return merge_students(works, house.district, wish, _ACTOR, **options)


def part(house: House, gone: Pupil, **options: Any) -> Parted:
    works = SystemWorks(parts=house.parts, district=house.district)
    return unmerge_student(works, house.district, gone.id, "They were two.", _ACTOR, **options)


def twins(house: House, school: SchoolId | None = None) -> tuple[Pupil, Pupil]:
    """Return two charts of one child, with an order of one drug at noon, an allergy and a primary contact each."""
    number = next(_numbers)
    made = (
        enrolled(house, f"kept {number}", number, house.north),
        enrolled(house, f"gone {number}", next(_numbers), school or house.north),
    )
    for pupil, place in zip(made, (house.north, school or house.north), strict=True):
        with system(house.parts, house.district, (place,)) as uow:
            uow.lock_streams(place)
            own = {"student_id": str(pupil.id)}
            allergy = make.allergy_row(id=str(make.named(f"allergy {pupil.id}")), **own)
            contact = make.row("emergency_contact", id=str(make.named(f"contact {pupil.id}")), **own, **_CONTACT)
            uow.write_rows(ALLERGY, place, [allergy])
            uow.write_rows(EMERGENCY_CONTACT, place, [contact])
            uow.commit()
    return made


def rows(house: House, table: str, columns: str, *ids: object, by: str = "student_id") -> list[tuple[Any, ...]]:
    return house.asked(f"SELECT {columns} FROM {table} WHERE {by} = ANY(%s) ORDER BY {columns}", list(ids))


def test_state_goes_on_in_the_kept_chart_and_no_log_is_rewritten(house: House) -> None:
    kept, gone = twins(house)
    north = station(house, house.north, "ann")
    for child in (kept, gone):
        north.push(north.entry(north.dose(child)))
    merged = merge(house, kept, gone)
    assert {clash.code for clash in merged.clashes} == {
        Clash.NAMES_DIFFER, Clash.SAME_ALLERGEN, Clash.SAME_MEDICINE_HELD, Clash.SECOND_PRIMARY_CONTACT,
    }  # fmt: skip
    assert rows(house, "allergies", "student_id, is_active", kept.id, gone.id) == [(kept.id, True)] * 2
    assert rows(house, "emergency_contacts", "student_id, is_primary", kept.id, gone.id) == [
        (kept.id, False), (kept.id, True),
    ]  # fmt: skip
    orders = dict(rows(house, "student_medications", "id, status", kept.order, gone.order, by="id"))
    assert orders == {kept.order: "ACTIVE", gone.order: "HELD"}
    assert {row[0] for row in rows(house, "medication_logs", "student_id", kept.id, gone.id)} == {kept.id, gone.id}
    assert rows(house, "students", "is_active, merged_into_id", gone.id, by="id") == [(False, kept.id)]
    aliases = rows(house, "student_aliases", "id, kind", kept.id)
    assert (gone.id, "MERGED_NUMBER") in aliases
    assert merged.read_through == {"order_version": 1, "dose": 1}
    north.pull()
    assert north.held["student_alias"][str(gone.id)]["student_id"] == str(kept.id)
    told = "SELECT action, entity_type FROM audit_logs WHERE entity_id = ANY(%s)"
    lines = house.asked(told, [str(kept.id), str(gone.id)])
    assert lines.count(("MERGE", "student")) == 2


def test_noon_doses_of_both_charts_are_a_possible_double_dose_whenever_they_arrive(house: House) -> None:
    def before(pushing: Callable[[], None], merging: Callable[[], None]) -> None:
        pushing()
        merging()

    def after(pushing: Callable[[], None], merging: Callable[[], None]) -> None:
        merging()
        pushing()

    found: list[tuple[Any, ...]] = []
    for arrive in (before, after):
        kept, gone = twins(house)
        north = station(house, house.north, "ann")
        entries = [north.entry(north.dose(child)) for child in (kept, gone)]
        arrive(lambda: north.push(*entries) and None, lambda: merge(house, kept, gone) and None)  # noqa: B023
        case = child_case_id(kept.id, make.MEDICATION, "possible_double_dose")
        told = rows(house, "review_cases", "kind, status, student_id, jsonb_array_length(subject_ids)", case, by="id")
        found += [(kind, status, student == kept.id, subjects) for kind, status, student, subjects in told]
        flags = dict(rows(house, "medication_logs", "student_id, flags", kept.id, gone.id))
        assert "wrong_student" not in flags[gone.id]
    assert found == [("possible_double_dose", "OPEN", True, 2)] * 2


def test_an_entry_for_the_chart_that_went_is_taken_as_it_stands_and_told(house: House) -> None:
    kept, gone = twins(house)
    merge(house, kept, gone)
    north = station(house, house.north, "ann")
    # Its order ended with the chart.
    dose = north.dose(gone, slot=None, administered_at=house.parts.clock.now())
    (receipt,) = north.push(north.entry(dose))
    assert receipt.outcome.value == "case_opened"
    assert "chart_merged" in receipt.findings
    assert "wrong_student" not in receipt.findings
    assert "after_withdrawal" not in receipt.findings
    assert rows(house, "medication_logs", "student_id", dose.id, by="id") == [(gone.id,)]


def test_an_allergy_for_the_chart_that_went_is_seen_in_the_one_that_goes_on(house: House) -> None:
    kept, gone = twins(house)
    merge(house, kept, gone)
    north = station(house, house.north, "ann")
    said = {**make.allergy_row(student_id=str(gone.id), allergen="Invented dye"), "row_version": None}
    values = {name: value for name, value in said.items() if name in authored_fields("allergy") and value is not None}
    change = RecordAdded(kind="allergy", id=make.named(f"late allergy {gone.id}"), values=values)
    (receipt,) = north.push(north.entry(change))
    assert receipt.outcome.value in {"applied", "case_opened"}, receipt.code
    assert "chart_merged" in receipt.findings
    assert rows(house, "allergies", "student_id", change.id, by="id") == [(kept.id,)]


def test_two_schools_one_child(house: House) -> None:
    kept, gone = twins(house, house.south)
    north, south = station(house, house.north, "ann"), station(house, house.south, "cleo")
    there = south.dose(gone)
    late = south.dose(gone, slot=None, administered_at=make.NOON - timedelta(hours=3))
    south.push(south.entry(there, author_id=house.nurses["cleo"].id))
    north.push(north.entry(north.dose(kept)))
    merge(house, kept, gone)
    south.pull()
    north.pull()
    assert not {str(gone.id), str(there.id)} & (south.ids("student") | south.ids("dose"))
    assert str(child_case_id(kept.id, make.MEDICATION, "possible_double_dose")) in north.ids("review_case")
    (receipt,) = south.push(south.entry(late))
    assert {"chart_merged", "late_from_previous_school"} <= set(receipt.findings)
    north.pull()
    assert str(late.id) in north.ids("dose")


def test_a_merge_among_entries_for_both_loses_none_and_finds_every_pair(house: House) -> None:
    kept, gone = twins(house)
    stations = [station(house, house.north, nurse) for nurse in ("ann", "bea")]
    days = [timedelta(days=day) for day in range(6)]
    entries = [
        [one.entry(one.dose(child, slot=None, administered_at=make.NOON - day)) for day in days]
        for one, child in zip(stations, (kept, gone), strict=True)
    ]
    with ThreadPoolExecutor(3) as threads:
        pushes = [
            threads.submit(lambda one=one, mine=mine: [one.push(entry) for entry in mine])
            for one, mine in zip(stations, entries, strict=True)
        ]
        merging = threads.submit(merge, house, kept, gone)
        for work in (*pushes, merging):
            work.result(60)
    assert len(rows(house, "medication_logs", "id", kept.id, gone.id)) == 12
    case = child_case_id(kept.id, make.MEDICATION, "possible_double_dose")
    assert rows(house, "review_cases", "jsonb_array_length(subject_ids)", case, by="id") == [(12,)]


def works_of_a_supervisor(house: House, *schools: SchoolId) -> PersonWorks:
    person = Person(
        district=house.district,
        user=house.nurses["ann"].id,
        session=make.named("session"),
        role=Role.SUPERVISOR.value,
        schools=schools,
        everywhere=(house.north, house.south),
    )
    channels = (Channel.WEBHOOK,)
    return PersonWorks(cells=house.parts.cells, chance=house.parts.chance, person=person, channels=channels)


def test_doses_at_a_school_out_of_sight_are_looked_at_all_the_same(house: House) -> None:
    kept, gone = twins(house, house.south)
    north, south = station(house, house.north, "ann"), station(house, house.south, "cleo")
    there, here = south.dose(gone), north.dose(kept)
    south.push(south.entry(there, author_id=house.nurses["cleo"].id))
    north.push(north.entry(here))
    # Both charts are at the supervisor's school by now; what was given before stays where it was.
    move_pupil(house, gone, house.south, house.north)
    wish = Wish(id=make.named(f"merge {kept.id}"), kept=kept.id, gone=gone.id, reason="Invented twice.")
    merged = merge_students(works_of_a_supervisor(house, house.north), house.district, wish, _ACTOR)
    case = child_case_id(kept.id, make.MEDICATION, "possible_double_dose")
    assert ("possible_double_dose", case) in merged.cases
    ((school, subjects),) = rows(house, "review_cases", "school_id, subject_ids", case, by="id")
    assert (school, set(subjects)) == (house.north, {str(there.id), str(here.id)})
    assert merged.read_through.get("dose") is None, "nothing that is out of sight is counted for the supervisor"


def test_a_dose_after_the_merge_is_looked_at_beside_those_at_a_third_school(house: House) -> None:
    kept, gone = twins(house, house.south)
    north, south = station(house, house.north, "ann"), station(house, house.south, "cleo")
    there, here = south.dose(gone), north.dose(kept)
    south.push(south.entry(there, author_id=house.nurses["cleo"].id))
    move_pupil(house, gone, house.south, house.north)
    merge(house, kept, gone)
    (receipt,) = north.push(north.entry(here))
    case = child_case_id(kept.id, make.MEDICATION, "possible_double_dose")
    assert case in receipt.cases
    ((school, subjects),) = rows(house, "review_cases", "school_id, subject_ids", case, by="id")
    assert (school, set(subjects)) == (house.north, {str(there.id), str(here.id)})


def test_what_a_person_has_to_look_at_is_told_to_the_district(house: House) -> None:
    kept, gone = twins(house)
    north = station(house, house.north, "ann")
    north.push(*(north.entry(north.dose(child)) for child in (kept, gone)))
    works = works_of_a_supervisor(house, house.north, house.south)
    wish = Wish(id=make.named(f"merge {kept.id}"), kept=kept.id, gone=gone.id, reason="Invented twice.")
    asked = "SELECT payload ->> 'case', payload ->> 'subject_id' FROM outbox_messages WHERE school_id = %s"
    before = house.asked(asked, house.north)
    merge_students(works, house.district, wish, _ACTOR, dry_run=True)
    assert house.asked(asked, house.north) == before
    merged = merge_students(works, house.district, wish, _ACTOR)
    told = {(kind, UUID(subject)) for kind, subject in set(house.asked(asked, house.north)) - set(before)}
    assert told == set(merged.cases)
    assert {kind for kind, _ in told} == {"merged_charts", "possible_double_dose"}


def test_a_dry_run_tells_the_same_and_changes_nothing(house: House) -> None:
    kept, gone = twins(house)
    before = house.asked("SELECT id, head FROM streams ORDER BY id")
    told = merge(house, kept, gone, dry_run=True)
    assert house.asked("SELECT id, head FROM streams ORDER BY id") == before
    assert house.asked("SELECT 1 FROM student_merges WHERE merged_id = %s", gone.id) == []
    done = merge(house, kept, gone)
    assert (told.goes_on, told.read_through, told.clashes) == (done.goes_on, done.read_through, done.clashes)
    assert merge(house, kept, gone).already


def test_undone_everything_is_as_it_was(house: House) -> None:
    kept, gone = twins(house)

    def state() -> list[Any]:
        return [
            rows(house, "allergies", "id, student_id, is_active", kept.id, gone.id),
            rows(house, "emergency_contacts", "id, student_id, is_primary", kept.id, gone.id),
            rows(house, "student_medications", "id, student_id, status, stop_effective_at", kept.id, gone.id),
            rows(house, "students", "id, is_active, withdrawn_on, merged_into_id", kept.id, gone.id, by="id"),
        ]

    before = state()
    merge(house, kept, gone)
    assert state() != before
    parted = part(house, gone)
    assert state() == before
    assert (parted.changed, parted.stays, parted.case) == ((), (), None)
    north = station(house, house.north, "ann")
    north.pull()
    assert str(gone.id) not in north.ids("student_alias")
    with pytest.raises(StudentRefused) as refused:
        part(house, gone)
    assert refused.value.code == "not_merged"
    merge(house, kept, gone)
    assert state() != before, "and merged again"


def test_what_happened_since_the_merge_is_told_and_stays(house: House) -> None:
    kept, gone = twins(house)
    merge(house, kept, gone)
    north = station(house, house.north, "ann")
    dose = make.dose_logged(student_id=kept.id, order_id=gone.order)
    north.push(north.entry(dose))
    with system(house.parts, house.district, (house.north,)) as uow:
        uow.lock_streams(house.north)
        new = make.allergy_row(id=str(make.named(f"since {kept.id}")), student_id=str(kept.id), allergen="Invented nut")
        order = make.order_row(id=str(gone.order), student_id=str(kept.id), verified_by=str(house.nurses["ann"].id))
        uow.write_rows(ALLERGY, house.north, [new])
        uow.write_rows(make.BY_NAME["order"], house.north, [order])
        uow.commit()
    parted = part(house, gone)
    assert set(parted.stays) == {("dose", dose.id), ("allergy", make.named(f"since {kept.id}"))}
    assert parted.changed == (("order", gone.order),)
    assert rows(house, "student_medications", "student_id, status", gone.order, by="id") == [(gone.id, "ACTIVE")]
    assert rows(house, "review_cases", "kind, student_id", parted.case, by="id") == [("charts_parted", kept.id)]


def test_the_kept_chart_takes_the_other_along_to_another_school(house: House) -> None:
    kept, gone = twins(house)
    north = station(house, house.north, "ann")
    merge(house, kept, gone)
    move_pupil(house, kept, house.north, house.south)
    assert {row[0] for row in rows(house, "students", "school_id", kept.id, gone.id, by="id")} == {house.south}
    (receipt,) = north.push(north.entry(north.dose(gone)))
    assert {"chart_merged", "late_from_previous_school"} <= set(receipt.findings)


def test_what_cannot_be_merged_is_refused_with_what_to_do(house: House) -> None:
    kept, gone = twins(house)
    third, _ = twins(house)
    house.done("UPDATE students SET date_of_birth = date_of_birth + 1 WHERE id = %s", gone.id)

    def refusal(a: Pupil, b: Pupil) -> str:
        with pytest.raises(StudentRefused) as refused:
            merge(house, a, b)
        return refused.value.code

    assert refusal(kept, gone) == "birth_dates_differ"
    assert refusal(kept, kept) == "same_student"
    merge(house, kept, gone, birth_dates_differ=True)
    assert refusal(third, kept) == "others_merged_into"
    assert refusal(gone, third) == "merged_away"
    assert refusal(third, gone) == "merged_elsewhere"
    house.done("UPDATE students SET is_active = false WHERE id = %s", kept.id)
    assert refusal(kept, third) == "kept_has_left"


def test_every_kind_that_names_a_child_is_state_that_goes_on_or_read_through() -> None:
    named = {
        kind
        for kind in KINDS
        if kind.scope is Scope.SCHOOL and any(field.name == "student_id" for field in kind.fields)
    }
    logs = {kind.name for kind in named if written_once(kind)} | {"incident"}
    assert {kind.name for kind in GOES_ON} == {kind.name for kind in named} - logs
    assert GOES_ON[0] is STUDENT_ALIAS
