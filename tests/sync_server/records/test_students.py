"""Students over the records API: pages, one, dashboard, changes; what is refused, and what goes on record."""

import pytest
from tests import factories as make
from tests.recording import Recorder
from tests.sync_server.direct import dose_in
from tests.sync_server.records.office import MARKER, Office, costs_of

from wc_contract.model.kinds import ALLERGY, EMERGENCY_CONTACT, STUDENT

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def roster(office: Office) -> list[str]:
    """Give the north school forty more children, and one who was deleted."""
    rows = [
        make.student_row(
            id=office.new_id(),
            student_number=f"N-{number:03}",
            first_name=f"Child {number % 7}",
            last_name=f"Row {number % 5}",
            grade="5" if number % 2 else "6",
        )
        for number in range(40)
    ]
    gone = make.student_row(id=office.new_id(), student_number="GONE", last_name="AAA first of all", grade="5")
    office.put(office.house.north, STUDENT, *rows, gone)
    office.delete(office.house.north, STUDENT, gone["id"])
    return [row["id"] for row in rows]


def test_pages_by_key_and_by_number_hold_each_child_once(office: Office, roster: list[str]) -> None:
    ann = office.client_of("ann")
    seen, names, following = [], [], None
    for page in range(1, 100):
        answer = ann.get("records/students", limit=7, next=following)
        assert answer["meta"]["page"] == page
        seen += [row["id"] for row in answer["data"]]
        names += [(row["last_name"], row["first_name"], row["id"]) for row in answer["data"]]
        following = answer["meta"]["next"]
        if following is None:
            break
    living = "SELECT count(*) FROM students WHERE school_id = %s AND deleted_at IS NULL"
    total = office.house.one(living, office.house.north)
    pages = -(-total // 7)
    assert answer["meta"] == {"page": pages, "limit": 7, "total": total, "pages": pages, "next": None}
    assert len(seen) == len(set(seen)) == total
    assert set(roster) < set(seen)
    numbers = range(1, pages + 1)
    numbered = [row["id"] for page in numbers for row in ann.get("records/students", limit=7, page=page)["data"]]
    assert numbered == seen


@pytest.mark.usefixtures("roster")
def test_filters_add_up_and_a_cursor_belongs_to_its_filters(office: Office) -> None:
    ann = office.client_of("ann")
    fifth = ann.get("records/students", grade="5", active=True, limit=5)
    assert fifth["meta"]["total"] == 20
    assert {row["grade"] for row in fifth["data"]} == {"5"}
    cursor = fifth["meta"]["next"]
    assert ann("GET", "records/students", params={"grade": "6", "next": cursor}).json()["code"] == "bad_cursor"
    assert office.client_of("sue")("GET", "records/students", params={"next": cursor}).status_code == 422
    assert "Row" not in cursor
    assert ann("GET", "records/students", params={"next": "x" * 40}).json()["code"] == "bad_cursor"


@pytest.mark.usefixtures("roster")
def test_a_list_of_any_length_costs_the_same_statements(office: Office, recorded_statements: Recorder) -> None:
    asked = [lambda limit=limit: office.client_of("ann").get("records/students", limit=limit) for limit in (1, 5, 40)]
    # begin, rows, total, audit
    assert costs_of(office, recorded_statements, "ann", asked) == [5, 5, 5]


def test_every_child_shown_is_on_record_by_names_of_fields_only(office: Office, roster: list[str]) -> None:
    before = len(office.audited(roster[3]))
    office.client_of("abe").get("records/students", limit=200)
    (line,) = office.audited(roster[3])[before:]
    assert line["role"] == "ADMIN"
    assert line["user"] == office.people["abe"].id
    assert line["school"] == office.house.north
    assert "date_of_birth" in line["fields"]
    assert "grade" not in line["fields"]
    assert line["detail"]["via"] == "list"
    assert "Row" not in str(line)


def test_another_schools_child_and_an_unknown_one_get_one_answer(office: Office) -> None:
    ann, sam = office.client_of("ann"), office.house.pupils["sam"].id
    other, unknown = ann("GET", f"records/students/{sam}"), ann("GET", f"records/students/{office.new_id()}")
    assert (other.status_code, other.json()) == (404, unknown.json())
    assert ann("GET", f"records/students/{sam}/dashboard").status_code == 404
    assert ann("PATCH", f"records/students/{sam}", version=1, json={"grade": "6"}).status_code == 404
    assert ann("GET", "records/students", params={"school": str(office.house.south)}).status_code == 404
    assert office.client_of("sue").get(f"records/students/{sam}")["first_name"] == "Sam"
    assert not office.audited(sam, "UPDATE")


@pytest.mark.usefixtures("roster")
def test_a_deleted_child_is_shown_nowhere(office: Office) -> None:
    ann = office.client_of("ann")
    gone = office.house.one("SELECT id FROM students WHERE student_number = 'GONE'")
    assert ann("GET", f"records/students/{gone}").status_code == 404
    assert ann("PATCH", f"records/students/{gone}", version=1, json={"grade": "6"}).status_code == 404
    assert str(gone) not in {row["id"] for row in ann.get("records/students", limit=200)["data"]}
    again = {**_new(office), "id": str(gone)}
    assert ann("POST", "records/students", json=again).json()["code"] == "taken"


def test_a_change_needs_the_version_that_was_read(office: Office, roster: list[str]) -> None:
    ann, child = office.client_of("ann"), roster[0]
    read = ann("GET", f"records/students/{child}")
    version = read.json()["row_version"]
    assert read.headers["etag"] == f'"{version}"'
    assert ann("PATCH", f"records/students/{child}", json={"grade": "7"}).status_code == 428
    done = ann("PATCH", f"records/students/{child}", version=version, json={"grade": "7", "preferred_name": MARKER})
    assert (done.status_code, done.json()["grade"]) == (200, "7")
    assert done.json()["row_version"] > version
    stale = ann("PATCH", f"records/students/{child}", version=version, json={"grade": "8"})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert stale.json()["row_version"] == done.json()["row_version"]
    # The same again is the same: the answer may have been lost.
    again = ann("PATCH", f"records/students/{child}", version=version, json={"grade": "7"})
    assert again.json()["row_version"] == done.json()["row_version"]
    (line,) = office.audited(child, "UPDATE")
    assert line["fields"] == ["preferred_name"]
    assert line["detail"]["changed"] == ["grade", "preferred_name"]
    assert MARKER not in str(line)


def test_a_change_reaches_the_schools_stream(office: Office, roster: list[str]) -> None:
    head = "SELECT head FROM streams WHERE id = %s"
    before = office.house.one(head, office.house.north)
    sue = office.client_of("sue")
    version = sue.get(f"records/students/{roster[1]}")["row_version"]
    changed = sue("PATCH", f"records/students/{roster[1]}", version=version, json={"homeroom": "12"}).json()
    assert office.house.one(head, office.house.north) == before + 1 == changed["row_version"]


def test_who_may_only_read_changes_nothing_and_it_is_on_record(office: Office, roster: list[str]) -> None:
    denied = "SELECT count(*) FROM audit_logs WHERE action = 'DENIED' AND entity_type = 'students' AND user_id = %s"
    rob, before = office.client_of("rob"), office.house.one(denied, office.people["rob"].id)
    version = rob.get(f"records/students/{roster[2]}")["row_version"]
    refused = rob("PATCH", f"records/students/{roster[2]}", version=version, json={"grade": "8"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert office.house.one(denied, office.people["rob"].id) == before + 1


def _new(office: Office) -> dict[str, object]:
    return {
        "id": office.new_id(),
        "school_id": str(office.house.north),
        "student_number": f"S-{office.new_id()[-8:]}",
        "first_name": "Newly",
        "last_name": "Enrolled",
        "date_of_birth": "2016-02-29",
        "grade": "3",
        "enrolled_on": "2026-08-17",
    }


def test_a_child_is_enrolled_once_however_often_it_is_said(office: Office) -> None:
    ann, new = office.client_of("ann"), _new(office)
    first, again = ann("POST", "records/students", json=new), ann("POST", "records/students", json=new)
    assert first.status_code == again.status_code == 201, first.text
    assert first.json() == again.json()
    assert len(office.audited(new["id"], "CREATE")) == 1
    other = ann("POST", "records/students", json=new | {"first_name": "Other"})
    assert (other.status_code, other.json()["fields"]) == (409, ["id"])


@pytest.mark.parametrize(
    ("change", "status", "fields"),
    [
        ({"student_number": "N-001"}, 409, ["student_number"]),
        ({"date_of_birth": "1990-01-01"}, 422, ["date_of_birth"]),
        ({"withdrawn_on": "2020-01-01"}, 422, ["withdrawn_on"]),
        ({"nurse_id": "00000000-0000-7000-8000-000000000000"}, 422, ["nurse_id"]),
        ({"first_name": None}, 422, ["first_name"]),
        ({"first_name": "nul \u0000"}, 422, ["first_name"]),
        ({"row_version": 7}, 422, []),
    ],
)
@pytest.mark.usefixtures("roster")
def test_what_cannot_be_is_refused_by_the_name_of_the_field(
    office: Office, change: dict[str, object], status: int, fields: list[str]
) -> None:
    answer = office.client_of("ann")("POST", "records/students", json=_new(office) | change)
    assert (answer.status_code, answer.json()["fields"]) == (status, fields), answer.text


def test_a_nurse_enrols_nobody_elsewhere(office: Office) -> None:
    new = _new(office) | {"school_id": str(office.house.south)}
    assert office.client_of("ann")("POST", "records/students", json=new).status_code == 404


def test_the_dashboard_shows_what_a_nurse_looks_at_first(office: Office) -> None:
    ned, ann = office.house.pupils["ned"], office.client_of("ann")
    dose = dose_in(office.house, office.house.north, ned, office.people["ann"].id)
    contact = make.row(
        "emergency_contact", student_id=str(ned.id), name=MARKER, relationship="mother", phone="1", priority=1,
        is_primary=True, may_pick_up=True, is_active=True,
    )  # fmt: skip
    old = contact | {"id": office.new_id(), "is_active": False}
    office.put(office.house.north, EMERGENCY_CONTACT, contact, old)
    office.put(office.house.north, ALLERGY, make.allergy_row(student_id=str(ned.id)))
    board = ann.get(f"records/students/{ned.id}/dashboard")
    assert board["student"]["first_name"] == "Ned"
    assert [each["name"] for each in board["contacts"]] == [MARKER]
    assert [each["allergen"] for each in board["allergies"]] == ["Penicillin"]
    assert [(each["dose"], each["times"]) for each in board["orders"]] == [("5", ["12:00"])]
    assert str(dose) in {each["id"] for each in board["doses"]}
    line = office.audited(ned.id)[-1]
    assert {"allergy.allergen", "dose.dose_given", "first_name"} <= set(line["fields"])
    assert line["detail"]["via"] == "dashboard"


def test_a_child_has_one_primary_contact_whoever_chooses(office: Office) -> None:
    ann, child = office.client_of("ann"), str(office.house.pupils["nora"].id)
    path = f"records/students/{child}/contacts"
    people = [
        {"id": office.new_id(), "name": f"{MARKER} {n}", "relationship": "parent", "phone": "1", "priority": n}
        for n in (2, 1)
    ]
    for new in people:
        for _ in range(2):
            made = ann("POST", path, json=new | {"may_pick_up": True})
            assert (made.status_code, made.json()["is_primary"]) == (201, False), made.text
    ids = [new["id"] for new in people]
    assert [row["id"] for row in ann.get(path)["data"]] == ids[::-1]
    for chosen in (ids[0], ids[0], ids[1]):
        assert ann("POST", f"records/contacts/{chosen}/primary").json()["is_primary"] is True
        primary = [row["id"] for row in ann.get(path)["data"] if row["is_primary"]]
        assert primary == [chosen]
    # Both who came and who stepped back are on record as changed.
    assert [len(office.audited(each, "UPDATE")) for each in ids] == [2, 1]
    last = next(row for row in ann.get(path)["data"] if row["is_primary"])
    left = ann("PATCH", f"records/contacts/{last['id']}", version=last["row_version"], json={"is_active": False})
    assert left.json()["is_primary"] is False
    assert ann("POST", f"records/contacts/{last['id']}/primary").json()["code"] == "wrong_state"
    stale = ann("PATCH", f"records/contacts/{last['id']}", version=last["row_version"], json={"phone": "2"})
    assert stale.status_code == 412
    assert MARKER not in str(office.audited(last["id"], "UPDATE"))


def test_contacts_of_other_schools_are_not_there(office: Office) -> None:
    ann, sam = office.client_of("ann"), office.house.pupils["sam"].id
    new = {"id": office.new_id(), "name": "x", "relationship": "y", "phone": "1", "priority": 1, "may_pick_up": False}
    assert ann("GET", f"records/students/{sam}/contacts").status_code == 404
    assert ann("POST", f"records/students/{sam}/contacts", json=new).status_code == 404
    made = office.client_of("cleo")("POST", f"records/students/{sam}/contacts", json=new).json()
    assert ann("PATCH", f"records/contacts/{made['id']}", version=made["row_version"], json={}).status_code == 404
    assert ann("POST", f"records/contacts/{made['id']}/primary").status_code == 404
    assert office.client_of("rob")("POST", f"records/contacts/{made['id']}/primary").status_code == 403
