"""Everything wrong with a roster is told by file and line, and the rest of it is taken."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sync_server.importing.import_world import (
    DEMOGRAPHICS,
    DISTRICT_ID,
    ORGS,
    ROLES,
    TODAY,
    USERS_1,
    USERS_2,
    Table,
    born,
    nurse,
    org,
    pupil,
    roster,
    rows,
    text_of,
    write_folder,
    write_zip,
)

from wc_contract.model.values import Role
from wc_sync_server.importing.oneroster.columns import SHAPES
from wc_sync_server.importing.oneroster.manifest import Version
from wc_sync_server.importing.oneroster.problems import Code, Weight
from wc_sync_server.importing.oneroster.reader import read_roster
from wc_sync_server.importing.oneroster.records import Roster
from wc_sync_server.importing.oneroster.rows import read_file
from wc_sync_server.importing.oneroster.state import DistrictState
from wc_sync_server.importing.refusals import SourceRefused

NOBODY = DistrictState(district=DISTRICT_ID, timezone="America/Chicago")
USERS_SHAPE = SHAPES[Version.V1_1]["users.csv"]


def read(tmp_path: Path, files: Mapping[str, Table], version: str = "1.1", **options: Any) -> Roster:
    return read_roster(write_folder(tmp_path, files, version, **options), NOBODY, today=TODAY)


def told(found: Roster, weight: Weight | None = None) -> list[tuple[Code, str, int]]:
    return [(p.code, p.file, p.line) for p in found.problems if weight is None or p.weight is weight]


def with_table(files: dict[str, Table], name: str, table: Table) -> dict[str, Table]:
    return {**files, name: table}


def test_a_clean_roster_has_no_problems(tmp_path: Path) -> None:
    found = read(tmp_path, roster([pupil(1), pupil(2, "south", grades="KG")], nurse("n1")))
    assert told(found) == []
    first, second = found.students
    assert (first.student_number, first.school, first.grade, first.date_of_birth.isoformat()) == (
        *("00001", "north", "03"),
        "2017-05-04",
    )
    assert (second.school, second.grade) == ("south", "KG")
    assert [(user.email, user.role, user.schools) for user in found.users] == [
        ("n1@district.example", Role.NURSE, ("north",))
    ]


def test_a_byte_order_mark_is_not_part_of_the_first_column(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, roster([pupil(1)]))
    for file in folder.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert told(read_roster(folder, NOBODY, today=TODAY)) == []


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_stops_the_import_and_says_how_to_save(tmp_path: Path, encoding: str) -> None:
    files = roster([pupil(1), pupil(2, familyName="Núñez")])
    folder = write_folder(tmp_path, files)
    (folder / "users.csv").write_bytes(text_of(files["users.csv"]).encode(encoding))
    found = read_roster(folder, NOBODY, today=TODAY)
    (problem,) = [p for p in found.problems if p.code is Code.ENCODING]
    assert not found.usable
    assert "save it as 'CSV UTF-8'" in problem.detail
    assert problem.line == (3 if encoding == "latin-1" else 0)


def test_columns_of_another_version_stop_the_import_with_one_sentence(tmp_path: Path) -> None:
    files = with_table(roster([pupil(1)]), "users.csv", rows(USERS_2, pupil(1)))
    found = read(tmp_path, files)
    assert not found.usable
    (problem,) = [p for p in found.problems if p.weight is Weight.FILE_UNUSABLE]
    assert (problem.code, problem.file, problem.line) == (Code.COLUMNS_OF_ANOTHER_VERSION, "users.csv", 1)
    assert "export all files in one version" in problem.detail


def test_an_unreadable_file_is_the_only_thing_told(tmp_path: Path) -> None:
    files = roster([pupil(n) for n in range(1, 30)])
    found = read(tmp_path, with_table(files, "users.csv", (("sourcedId", "role"), [])))
    assert {problem.code for problem in found.problems} == {Code.COLUMN_MISSING}
    assert found.students == ()


def test_a_missing_column_stops_the_import_and_is_named(tmp_path: Path) -> None:
    header = tuple(name for name in USERS_1 if name != "familyName")
    found = read(tmp_path, with_table(roster([pupil(1)]), "users.csv", rows(header, pupil(1))))
    assert [(p.code, p.column) for p in found.problems if p.weight is Weight.FILE_UNUSABLE] == [
        (Code.COLUMN_MISSING, "familyName")
    ]


def test_a_file_that_the_manifest_names_but_is_not_there_stops_the_import(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, roster([pupil(1)]))
    (folder / "demographics.csv").unlink()
    found = read_roster(folder, NOBODY, today=TODAY)
    assert (Code.FILE_MISSING, "demographics.csv", 0) in told(found, Weight.FILE_UNUSABLE)


def test_a_file_that_the_manifest_calls_absent_is_told_and_not_read(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, roster([pupil(1)]))
    (folder / "classes.csv").write_text("nonsense")
    assert (Code.FILE_NOT_DECLARED, "classes.csv", 0) in told(read_roster(folder, NOBODY, today=TODAY))


def test_a_roster_without_people_and_schools_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match=r"orgs\.csv and users\.csv are absent"):
        read(tmp_path, {"demographics.csv": rows(DEMOGRAPHICS, born(1))})


@pytest.mark.parametrize(
    ("change", "code", "file", "weight"),
    [
        ({"role": "wizard"}, Code.VALUE_UNKNOWN, "users.csv", Weight.ROW_LEFT_OUT),
        ({"familyName": ""}, Code.VALUE_MISSING, "users.csv", Weight.ROW_LEFT_OUT),
        ({"givenName": "x" * 501}, Code.VALUE_TOO_LONG, "users.csv", Weight.ROW_LEFT_OUT),
        ({"givenName": "a\x00b"}, Code.CONTROL_CHARACTER, "users.csv", Weight.ROW_LEFT_OUT),
        ({"enabledUser": "maybe"}, Code.BOOLEAN_BAD, "users.csv", Weight.ROW_LEFT_OUT),
        ({"orgSourcedIds": "elsewhere"}, Code.ORPHAN, "users.csv", Weight.NOTE),
        ({"orgSourcedIds": "district"}, Code.NO_SCHOOL, "users.csv", Weight.ROW_LEFT_OUT),
        ({"orgSourcedIds": "north,south"}, Code.SEVERAL_SCHOOLS, "users.csv", Weight.NOTE),
        ({"grades": "wizardry"}, Code.GRADE_UNKNOWN, "users.csv", Weight.NOTE),
        ({"status": "perhaps"}, Code.VALUE_UNKNOWN, "users.csv", Weight.NOTE),
        ({"identifier": "00001"}, Code.DUPLICATE_NUMBER, "users.csv", Weight.ROW_LEFT_OUT),
        ({"sourcedId": "p1"}, Code.DUPLICATE_ID, "users.csv", Weight.ROW_LEFT_OUT),
    ],
)
def test_a_bad_row_is_told_by_line_and_the_others_are_taken(
    tmp_path: Path, change: dict[str, str], code: Code, file: str, weight: Weight
) -> None:
    bad = {**pupil(2), **change}
    found = read(tmp_path, roster([pupil(1), bad, pupil(3)], births=[born(1), born(2), born(3)]))
    assert found.usable
    assert (code, file, 3) in told(found, weight)
    left_out = weight is Weight.ROW_LEFT_OUT or code is Code.ORPHAN
    assert [s.sourced_id for s in found.students] == (["p1", "p3"] if left_out else ["p1", "p2", "p3"])


@pytest.mark.parametrize(
    ("birth", "code", "line"),
    [
        (born(2, "2017-02-30"), Code.DATE_BAD, 3),
        (born(2, "04/05/2017"), Code.DATE_BAD, 3),
        (born(2, "20170504"), Code.DATE_BAD, 3),
        (born(2, ""), Code.NO_BIRTH_DATE, 3),
        (born(2, "1990-01-01"), Code.AGE_OUT_OF_RANGE, 3),
        (born(2, "2025-01-01"), Code.AGE_OUT_OF_RANGE, 3),
        (born(9), Code.ORPHAN, 3),
    ],
)
def test_a_child_without_a_possible_birth_date_is_left_out(
    tmp_path: Path, birth: dict[str, str], code: Code, line: int
) -> None:
    found = read(tmp_path, roster([pupil(1), pupil(2)], births=[born(1), birth]))
    assert (code, line) in [(p.code, p.line) for p in found.problems]
    assert [student.sourced_id for student in found.students] == ["p1"]
    assert "p2" in found.present_users


@pytest.mark.parametrize(("day", "taken"), [("2023-11-23", True), ("2023-11-24", False), ("2003-11-24", True)])
def test_a_student_is_three_to_twenty_two_years_old(tmp_path: Path, day: str, taken: bool) -> None:
    found = read(tmp_path, roster([pupil(1)], births=[born(1, day)]))
    assert bool(found.students) is taken


def test_a_birth_date_never_stands_in_a_problem(tmp_path: Path) -> None:
    found = read(tmp_path, roster([pupil(1)], births=[born(1, "2017-02-30", sex="neither")]))
    assert len(found.problems) == 3
    assert not any(value in str(found.problems) for value in ("2017", "neither", "Given1", "Example"))


def test_a_broken_quotation_mark_costs_its_row_and_not_the_file(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, roster([pupil(1), pupil(2), pupil(3)]))
    lines = (folder / "users.csv").read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace("Given2", '"Gi"ven2')
    (folder / "users.csv").write_text("\n".join(lines), encoding="utf-8")
    found = read_roster(folder, NOBODY, today=TODAY)
    assert (Code.ROW_BROKEN, "users.csv", 3) in told(found)
    assert [student.sourced_id for student in found.students] == ["p1", "p3"]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    found = read(tmp_path, roster([pupil(1, middleName="two\nlines"), pupil(2, role="wizard")]))
    assert (Code.CONTROL_CHARACTER, "users.csv", 2) in told(found)
    assert (Code.VALUE_UNKNOWN, "users.csv", 4) in told(found)


@pytest.mark.parametrize(("cells", "code"), [(-1, Code.ROW_TOO_SHORT), (1, Code.ROW_TOO_LONG)])
def test_a_row_of_another_width_is_left_out(tmp_path: Path, cells: int, code: Code) -> None:
    files = roster([pupil(1), pupil(2)])
    header, table = files["users.csv"]
    wrong = [*table[1], "more"] if cells > 0 else table[1][:-1]
    found = read(tmp_path, with_table(files, "users.csv", (header, [table[0], wrong])))
    assert (code, "users.csv", 3) in told(found, Weight.ROW_LEFT_OUT)


def test_the_same_row_twice_is_only_noted(tmp_path: Path) -> None:
    found = read(tmp_path, roster([pupil(1), pupil(1)], births=[born(1)]))
    assert told(found) == [(Code.DUPLICATE_ROW, "users.csv", 3)]
    assert len(found.students) == 1


def test_an_enrolment_that_points_nowhere_is_told_and_homerooms_are_read(tmp_path: Path) -> None:
    classes = (
        *("sourcedId", "status", "dateLastModified", "title", "grades", "courseSourcedId", "classCode", "classType"),
        *("location", "schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods"),
    )
    enrolments = (
        *("sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
        *("primary", "beginDate", "endDate"),
    )
    room = {
        "sourcedId": "c1",
        "title": "3 Ostrander",
        "courseSourcedId": "k",
        "classType": "homeroom",
        "schoolSourcedId": "north",
        "termSourcedIds": "t",
    }
    seat = {"classSourcedId": "c1", "schoolSourcedId": "north", "userSourcedId": "p1", "role": "student"}
    files = {
        **roster([pupil(1), pupil(2)]),
        "classes.csv": rows(classes, room),
        "enrollments.csv": rows(
            enrolments,
            {"sourcedId": "e1", **seat},
            {"sourcedId": "e2", **seat, "userSourcedId": "ghost"},
            {"sourcedId": "e3", **seat, "userSourcedId": "p2", "classSourcedId": "ghost"},
            {"sourcedId": "e4", **seat, "userSourcedId": "p2", "beginDate": "2026-08-20", "endDate": "2026-08-01"},
        ),
    }
    found = read(tmp_path, files)
    assert told(found) == [
        (Code.ORPHAN, "enrollments.csv", 3),
        (Code.ORPHAN, "enrollments.csv", 4),
        (Code.DATES_REVERSED, "enrollments.csv", 5),
    ]
    assert [student.homeroom for student in found.students] == ["3 Ostrander", None]


def role(number: int, who: str, what: str = "student", at: str = "north", **more: str) -> dict[str, str]:
    return {
        "sourcedId": f"r{number}",
        "userSourcedId": who,
        "roleType": "primary",
        "role": what,
        "orgSourcedId": at,
        **more,
    }


def version_2(*roles: dict[str, str]) -> dict[str, Table]:
    people = [
        pupil(1, preferredGivenName="Gi"),
        pupil(2),
        {**nurse("n1"), "metadata.whiteCrossRole": ""},
        {**nurse("t1"), "email": ""},
    ]
    return {
        "orgs.csv": rows(ORGS, org("north"), org("south")),
        "users.csv": rows(USERS_2, *people),
        "roles.csv": rows(ROLES, *roles),
        "demographics.csv": rows(DEMOGRAPHICS, born(1, sex="unspecified"), born(2)),
    }


def test_version_1_2_takes_roles_from_their_own_file(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        version_2(
            role(1, "p1"),
            role(2, "p2", at="south", roleType="secondary", endDate="2026-06-01"),
            role(3, "p2", at="north"),
            role(4, "n1", "ext:whitecross:NURSE"),
            role(5, "t1", "teacher"),
        ),
        version="1.2",
    )
    assert told(found) == []
    assert [(s.sourced_id, s.school, s.preferred_name) for s in found.students] == [
        ("p1", "north", "Gi"),
        ("p2", "north", None),
    ]
    assert [(user.sourced_id, user.role) for user in found.users] == [("n1", Role.NURSE)]
    assert found.staff_without_account == 1


def test_version_1_2_tells_roles_that_point_nowhere(tmp_path: Path) -> None:
    found = read(tmp_path, version_2(role(1, "p1"), role(2, "ghost"), role(3, "p2", at="nowhere")), version="1.2")
    assert [(p.code, p.file, p.line) for p in found.problems if p.file == "roles.csv"] == [
        (Code.ORPHAN, "roles.csv", 3),
        (Code.ORPHAN, "roles.csv", 4),
    ]


def test_nobody_gets_an_account_because_of_a_job_title(tmp_path: Path) -> None:
    plain = nurse("a1", role="administrator", **{"metadata.whiteCrossRole": ""})
    bad = nurse("a2", **{"metadata.whiteCrossRole": "EMPEROR"})
    without = nurse("a3", email="")
    found = read(tmp_path, roster([pupil(1)], plain, bad, without))
    assert found.users == ()
    assert [(p.code, p.line) for p in found.problems] == [
        (Code.STAFF_ROLE_UNKNOWN, 4),
        (Code.STAFF_WITHOUT_EMAIL, 5),
    ]


def test_a_zip_of_another_version_than_it_says_gives_the_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match=r"version '3\.0'"):
        read_roster(write_zip(tmp_path / "r.zip", roster([pupil(1)]), version="3.0"), NOBODY, today=TODAY)


cells = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.lists(cells, min_size=len(USERS_1), max_size=len(USERS_1)), max_size=5))
def test_any_table_is_rows_or_problems_and_no_row_is_lost(records: list[list[str]]) -> None:
    found = read_file(USERS_SHAPE, text_of((USERS_1, records)).encode("utf-8"))
    filled = sum(any(cell.strip() for cell in record) for record in records)
    lost = {problem.line for problem in found.problems if problem.weight is Weight.ROW_LEFT_OUT}
    noted = {problem.line for problem in found.problems if problem.code is Code.DUPLICATE_ROW}
    assert len(found.rows) + len(lost | noted) == filled


@given(st.binary(max_size=300))
def test_any_octets_are_read_without_an_exception(octets: bytes) -> None:
    found = read_file(USERS_SHAPE, octets)
    assert found.rows or found.problems


@given(st.binary(max_size=200))
def test_any_octets_after_a_good_header_lose_no_good_row(octets: bytes) -> None:
    header, table = roster([pupil(1)])["users.csv"]
    good = text_of((header, table)).encode()
    found = read_file(USERS_SHAPE, good + octets)
    unreadable = any(problem.code is Code.ENCODING for problem in found.problems)
    assert unreadable or "p1" in {row.sourced_id for row in found.rows}
