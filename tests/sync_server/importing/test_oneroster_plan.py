"""What an import would do, decided without a database."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sync_server.importing.import_world import (
    DEMOGRAPHICS,
    DISTRICT_ID,
    ORGS,
    TODAY,
    USERS_1,
    born,
    nurse,
    org,
    pupil,
    roster,
    rows,
    write_folder,
)

from wc_contract.model.ids import StudentId
from wc_contract.model.values import Role
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.oneroster.grades import CODES, grade_code, highest_grade
from wc_sync_server.importing.oneroster.plan import (
    CreateSchool,
    CreateStudent,
    CreateUser,
    DeactivateStudent,
    DeactivateUser,
    MoveStudent,
    Plan,
    Step,
    UpdateSchool,
    UpdateStudent,
    UpdateUser,
    Why,
)
from wc_sync_server.importing.oneroster.planner import make_plan
from wc_sync_server.importing.oneroster.problems import Code, Weight
from wc_sync_server.importing.oneroster.reader import read_roster
from wc_sync_server.importing.oneroster.records import Roster
from wc_sync_server.importing.oneroster.report import RosterReport
from wc_sync_server.importing.oneroster.state import DistrictState, KnownSchool, KnownStudent, KnownUser
from wc_sync_server.importing.outcomes import Outcome

CHICAGO = "America/Chicago"
NORTH = stable_ids.school_id(DISTRICT_ID, "north")
SOUTH = stable_ids.school_id(DISTRICT_ID, "south")
EMPTY = DistrictState(district=DISTRICT_ID, timezone=CHICAGO)


def known(number: int, **changes: object) -> KnownStudent:
    student = KnownStudent(
        id=stable_ids.student_id(DISTRICT_ID, f"p{number}"),
        sourced_id=f"p{number}",
        school_id=NORTH,
        student_number=f"{number:05}",
        first_name=f"Given{number}",
        last_name="Example",
        date_of_birth=date(2017, 5, 4),
        grade="03",
        gender="female",
    )
    return replace(student, **changes)  # type: ignore[arg-type]


def district(*students: KnownStudent, users: tuple[KnownUser, ...] = ()) -> DistrictState:
    schools = (
        KnownSchool(id=NORTH, sourced_id="north", name="School north", timezone=CHICAGO),
        KnownSchool(id=SOUTH, sourced_id="south", name="School south", timezone=CHICAGO),
    )
    return DistrictState(district=DISTRICT_ID, timezone=CHICAGO, schools=schools, students=students, users=users)


def plan(folder: Path, state: DistrictState, **options: int) -> Plan:
    return make_plan(read_roster(folder, state, today=TODAY), state, today=TODAY, **options)


def steps(made: Plan, *kinds: type[Step]) -> list[Step]:
    return [step for step in made.steps if isinstance(step, kinds)]


def test_an_empty_district_gets_everyone_with_ids_that_never_change(tmp_path: Path) -> None:
    made = plan(write_folder(tmp_path, roster([pupil(1), pupil(2, "south")], nurse("n1"))), EMPTY)
    assert [step.id for step in steps(made, CreateSchool)] == [NORTH, SOUTH]
    assert [(step.id, step.school_id) for step in steps(made, CreateStudent)] == [  # type: ignore[union-attr]
        (stable_ids.student_id(DISTRICT_ID, "p1"), NORTH),
        (stable_ids.student_id(DISTRICT_ID, "p2"), SOUTH),
    ]
    (user,) = steps(made, CreateUser)
    assert isinstance(user, CreateUser)
    assert user.schools == (NORTH,)


def test_what_is_the_same_stays_unchanged(tmp_path: Path) -> None:
    made = plan(write_folder(tmp_path, roster([pupil(1), pupil(2)])), district(known(1), known(2)))
    assert (made.steps, made.unchanged) == ((), 4)


def test_changed_fields_are_named(tmp_path: Path) -> None:
    made = plan(write_folder(tmp_path, roster([pupil(1, grades="4", familyName="Other")])), district(known(1)))
    (step,) = made.steps
    assert isinstance(step, UpdateStudent)
    assert set(step.changed) == {"grade", "last_name"}


def test_another_school_is_a_move(tmp_path: Path) -> None:
    made = plan(write_folder(tmp_path, roster([pupil(1, "south")])), district(known(1)))
    (step,) = made.steps
    assert isinstance(step, MoveStudent)
    assert (step.from_school, step.school_id) == (NORTH, SOUTH)


def test_one_who_had_left_comes_back(tmp_path: Path) -> None:
    made = plan(write_folder(tmp_path, roster([pupil(1)])), district(known(1, is_active=False)))
    (step,) = made.steps
    assert isinstance(step, UpdateStudent)
    assert step.returns


def test_a_student_entered_by_hand_is_adopted_when_number_and_birth_date_agree(tmp_path: Path) -> None:
    by_hand = known(1, id=StudentId(DISTRICT_ID), sourced_id=None)
    made = plan(write_folder(tmp_path, roster([pupil(1)])), district(by_hand))
    (step,) = made.steps
    assert isinstance(step, UpdateStudent)
    assert (step.id, step.changed) == (by_hand.id, ("sourced_id",))


def test_a_number_of_somebody_else_is_told_and_nobody_is_overwritten(tmp_path: Path) -> None:
    other = known(7, student_number="00001", sourced_id=None, date_of_birth=date(2015, 1, 1))
    made = plan(write_folder(tmp_path, roster([pupil(1)])), district(other))
    assert made.steps == ()
    assert [(p.code, p.line) for p in made.problems] == [(Code.NUMBER_TAKEN, 2)]


def test_two_who_swap_numbers_are_told_and_neither_is_lost(tmp_path: Path) -> None:
    swapped = [pupil(1, identifier="00002"), pupil(2, identifier="00001")]
    made = plan(write_folder(tmp_path, roster(swapped)), district(known(1), known(2)))
    assert made.steps == ()
    assert [(p.code, p.line) for p in made.problems] == [(Code.NUMBER_TAKEN, 2), (Code.NUMBER_TAKEN, 3)]


def test_a_school_entered_by_hand_is_adopted_by_its_name(tmp_path: Path) -> None:
    by_hand = KnownSchool(id=SOUTH, sourced_id=None, name="school NORTH", timezone=CHICAGO)
    state = DistrictState(district=DISTRICT_ID, timezone=CHICAGO, schools=(by_hand,))
    made = plan(write_folder(tmp_path, roster([pupil(1)])), state)
    (school,) = steps(made, UpdateSchool)
    assert isinstance(school, UpdateSchool)
    assert (school.id, set(school.changed)) == (SOUTH, {"name", "sourced_id"})
    assert [step.school_id for step in steps(made, CreateStudent)] == [SOUTH]  # type: ignore[union-attr]


def test_an_address_of_another_user_is_told_and_nobody_is_overwritten(tmp_path: Path) -> None:
    taken = nurse("n1", email="n2@district.example")
    state = district(known(1), users=(user("n1"), user("n2")))
    made = plan(write_folder(tmp_path, roster([pupil(1)], taken)), state)
    assert made.steps == ()
    assert [(p.code, p.line) for p in made.problems] == [(Code.DUPLICATE_EMAIL, 3)]


def test_one_entered_by_hand_does_not_disappear_with_a_bulk(tmp_path: Path) -> None:
    made = plan(write_folder(tmp_path, roster([pupil(1)])), district(known(1), known(2, sourced_id=None)))
    assert made.steps == ()


def test_a_row_that_was_left_out_is_not_a_child_who_left(tmp_path: Path) -> None:
    files = roster([pupil(1), pupil(2, familyName="")])
    made = plan(write_folder(tmp_path, files), district(known(1), known(2)))
    assert made.disappearing == 0


@pytest.mark.parametrize(("leaving", "halts"), [(2, False), (3, True)])
def test_over_two_per_cent_disappearing_halts(tmp_path: Path, leaving: int, halts: bool) -> None:
    staying = [pupil(n) for n in range(1, 101 - leaving)]
    state = district(*(known(n) for n in range(1, 101)))
    made = plan(write_folder(tmp_path, roster(staying)), state)
    assert made.disappearing == leaving
    assert (made.halt is not None) is halts
    assert {step.why for step in steps(made, DeactivateStudent)} == {Why.ABSENT_FROM_BULK}  # type: ignore[union-attr]


@pytest.mark.parametrize(("allowed", "halts"), [(2, True), (3, False)])
def test_the_operator_allows_a_number_and_no_more(tmp_path: Path, allowed: int, halts: bool) -> None:
    state = district(*(known(n) for n in range(1, 21)))
    folder = write_folder(tmp_path, roster([pupil(n) for n in range(1, 18)]))
    assert (plan(folder, state, allow_disappearing=allowed).halt is not None) is halts


def test_those_who_are_inactive_already_do_not_count(tmp_path: Path) -> None:
    gone = [known(n, is_active=False) for n in range(100, 200)]
    made = plan(write_folder(tmp_path, roster([pupil(1)])), district(known(1), *gone))
    assert (made.disappearing, made.halt) == (0, None)


def test_an_unusable_roster_plans_nothing(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, roster([]))
    (folder / "users.csv").write_text("")
    made = plan(folder, district(known(1)))
    assert (made.steps, made.disappearing) == ((), 0)
    assert [problem.code for problem in made.problems] == [Code.FILE_EMPTY]


def delta(tmp_path: Path, *users: dict[str, str], births: tuple[dict[str, str], ...] = ()) -> Path:
    files = {
        "orgs.csv": rows(ORGS, *([org("west", status="active")] if not users else [])),
        "users.csv": rows(USERS_1, *users),
        "demographics.csv": rows(DEMOGRAPHICS, *births),
    }
    return write_folder(tmp_path, files, mode="delta")


def test_a_delta_deletes_only_whom_it_names(tmp_path: Path) -> None:
    state = district(*(known(n) for n in range(1, 101)))
    made = plan(delta(tmp_path, {"sourcedId": "p2", "status": "tobedeleted"}), state)
    (step,) = made.steps
    assert isinstance(step, DeactivateStudent)
    assert (step.id, step.why) == (known(2).id, Why.TO_BE_DELETED)


def test_a_delta_that_deletes_too_many_halts_as_well(tmp_path: Path) -> None:
    state = district(*(known(n) for n in range(1, 11)))
    assert plan(delta(tmp_path, {"sourcedId": "p2", "status": "tobedeleted"}), state).halt is not None


def test_a_delta_leaves_unsaid_what_is_known(tmp_path: Path) -> None:
    changed = pupil(1, grades="", status="active", givenName="Renamed")
    (step,) = plan(delta(tmp_path, changed), district(known(1))).steps
    assert isinstance(step, UpdateStudent)
    assert step.changed == ("first_name",)


def test_a_delta_of_demographics_only_changes_the_student(tmp_path: Path) -> None:
    made = plan(delta(tmp_path, births=(born(1, "2017-05-05", status="active"),)), district(known(1)))
    assert [step.changed for step in steps(made, UpdateStudent)] == [("date_of_birth",)]  # type: ignore[union-attr]


def test_a_delta_adds_a_school(tmp_path: Path) -> None:
    made = plan(delta(tmp_path), district())
    assert [step.sourced_id for step in steps(made, CreateSchool)] == ["west"]  # type: ignore[union-attr]


def user(sourced_id: str, **changes: object) -> KnownUser:
    there = KnownUser(
        id=stable_ids.user_id(DISTRICT_ID, sourced_id),
        email=f"{sourced_id}@district.example",
        first_name="Nora",
        last_name="Nightwatch",
        role=Role.NURSE,
        is_active=True,
        schools=frozenset({NORTH}),
        by_roster=frozenset({NORTH}),
    )
    return replace(there, **changes)  # type: ignore[arg-type]


def test_a_nurse_who_changes_school_joins_one_and_leaves_the_other(tmp_path: Path) -> None:
    made = plan(
        write_folder(tmp_path, roster([pupil(1)], nurse("n1", "south"))), district(known(1), users=(user("n1"),))
    )
    (step,) = made.steps
    assert isinstance(step, UpdateUser)
    assert (step.joins, step.leaves) == ((SOUTH,), (NORTH,))


def test_an_assignment_made_by_hand_is_not_taken_away(tmp_path: Path) -> None:
    covering = user("n1", schools=frozenset({NORTH, SOUTH}))
    made = plan(write_folder(tmp_path, roster([pupil(1)], nurse("n1"))), district(known(1), users=(covering,)))
    assert made.steps == ()


def test_absence_locks_no_nurse_out_but_is_counted(tmp_path: Path) -> None:
    made = plan(write_folder(tmp_path, roster([pupil(1)])), district(known(1), users=(user("n1"),)))
    assert (made.steps, made.users_absent) == ((), 1)


def test_a_user_to_be_deleted_is_closed(tmp_path: Path) -> None:
    made = plan(delta(tmp_path, {"sourcedId": "n1", "status": "tobedeleted"}), district(users=(user("n1"),)))
    assert [type(step) for step in made.steps] == [DeactivateUser]


def test_the_report_reads_as_text_and_as_json(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, roster([pupil(1), pupil(2, role="wizard")], nurse("n1")))
    found: Roster = read_roster(folder, EMPTY, today=TODAY)
    made = make_plan(found, EMPTY, today=TODAY)
    report = RosterReport(source="r", outcome=Outcome.DONE_IN_PART, roster=found, plan=made)
    assert report.exit_code == 3
    assert "users.csv:3 [role] value_unknown" in report.as_text()
    document = json.loads(report.as_json())
    assert document["counts"] == {"schools": {"create": 2}, "students": {"create": 1}, "users": {"create": 1}}
    assert document["problems"][0] | {"detail": ""} == {
        "code": "value_unknown",
        "weight": "row_left_out",
        "file": "users.csv",
        "line": 3,
        "column": "role",
        "detail": "",
    }


@given(st.sets(st.integers(1, 60), max_size=60), st.sets(st.integers(1, 60), min_size=1, max_size=60))
def test_nobody_leaves_unseen_whatever_the_roster(
    tmp_path_factory: pytest.TempPathFactory, told: set[int], there: set[int]
) -> None:
    state = district(*(known(n) for n in sorted(there)))
    folder = write_folder(tmp_path_factory.mktemp("r"), roster([pupil(n) for n in sorted(told)]))
    made = plan(folder, state)
    leaving = {step.id for step in steps(made, DeactivateStudent)}
    assert leaving == {known(n).id for n in there - told}
    assert (made.halt is None) is (len(leaving) * 50 <= len(there))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("KG", "KG"),
        ("kindergarten", "KG"),
        ("K", "KG"),
        ("1", "01"),
        ("01", "01"),
        ("3rd", "03"),
        ("Grade 11", "11"),
        ("9th grade", "09"),
        ("PK", "PK"),
        ("14", None),
        ("", None),
        ("²", None),
    ],
)
def test_grades_are_read_as_schools_write_them(written: str, code: str | None) -> None:
    assert grade_code(written) == code


def test_of_several_grades_the_highest_counts() -> None:
    assert highest_grade(["02", "KG", "zzz"]) == "02"
    assert highest_grade([]) is None


@given(st.sampled_from(CODES))
def test_a_code_is_its_own_code(code: str) -> None:
    assert grade_code(code) == code


def test_a_chart_that_was_merged_gets_nothing_and_nobody_disappears_for_it(tmp_path: Path) -> None:
    state = district(known(1), known(2, is_active=False, merged_into=known(1).id))
    both = plan(write_folder(tmp_path / "both", roster([pupil(1), pupil(2)])), state)
    assert steps(both, UpdateStudent, DeactivateStudent, CreateStudent, MoveStudent) == []
    assert [(each.code, each.weight) for each in both.problems] == [(Code.CHART_MERGED, Weight.NOTE)]
    only = plan(write_folder(tmp_path / "only", roster([pupil(2, "south")])), state)
    assert steps(only, UpdateStudent, DeactivateStudent, CreateStudent, MoveStudent) == []
    assert [(each.code, each.weight) for each in only.problems] == [(Code.CHART_MERGED, Weight.ROW_LEFT_OUT)]
    assert only.disappearing == 0
