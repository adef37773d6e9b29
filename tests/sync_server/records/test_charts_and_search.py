"""Health records, vaccinations and search over the records API."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests import factories as make
from tests.recording import Recorder
from tests.sync_server.records.office import MARKER, Office, costs_of

from wc_contract.model.kinds import STUDENT, VACCINATION, VACCINATION_EXEMPTION
from wc_sync_server.db.search_functions import SEARCHED

pytestmark = pytest.mark.postgres


def _record(office: Office, **changes: Any) -> dict[str, Any]:
    new = {
        "id": office.new_id(),
        "student_id": str(office.house.pupils["nora"].id),
        "record_type": "ILLNESS",
        "record_date": "2026-11-20",
        "notes": MARKER,
    } | changes
    return dict(new)


def test_notes_are_shown_to_whom_they_concern_and_kept_sealed(office: Office) -> None:
    ann, new = office.client_of("ann"), _record(office)
    made = ann("POST", "records/health-records", json=new)
    assert made.status_code == 201, made.text
    assert made.json()["notes"] == MARKER
    assert ann("POST", "records/health-records", json=new).json() == made.json()
    assert MARKER.encode() not in office.house.one("SELECT notes FROM health_records WHERE id = %s", new["id"])
    assert ann.get(f"records/health-records/{new['id']}")["author_name"] == "Invented, Ann"
    assert MARKER not in str(ann.get("records/health-records"))
    assert MARKER not in str(office.audited(new["id"]) + office.audited(new["id"], "CREATE"))
    assert office.client_of("cleo")("GET", f"records/health-records/{new['id']}").status_code == 404
    assert office.client_of("abe")("GET", f"records/health-records/{new['id']}").status_code == 403
    assert office.client_of("tess")("POST", "records/health-records", json=_record(office)).status_code == 403


def test_what_is_confidential_is_hidden_from_a_substitute(office: Office) -> None:
    new = _record(office, is_confidential=True)
    assert office.client_of("ann")("POST", "records/health-records", json=new).status_code == 201
    assert office.client_of("sue").get(f"records/health-records/{new['id']}")["is_confidential"] is True
    tess = office.client_of("tess")
    assert tess("GET", f"records/health-records/{new['id']}").status_code == 404
    assert new["id"] not in {row["id"] for row in tess.get("records/health-records", limit=200)["data"]}


@pytest.fixture(scope="module")
def children(office: Office) -> dict[str, str]:
    """Give the south school four children of a grade of their own: complete, exempt, half done, with nothing."""
    ids = {name: office.new_id() for name in ("complete", "exempt", "half", "none")}
    south = office.house.south
    rows = [
        make.student_row(id=id_, student_number=f"V-{name}", first_name=name.title(), last_name="Vaxley", grade="2")
        for name, id_ in ids.items()
    ]
    office.put(south, STUDENT, *rows)
    doses = {"20": 4, "10": 3, "94": 2, "45": 3}  # measles and varicella in one

    def given(student: str, cvx: str, number: int) -> dict[str, Any]:
        return make.row(
            "vaccination", id=office.new_id(), student_id=student, cvx=cvx, source="parent",
            administered_on=f"2020-0{number + 1}-01",
        )  # fmt: skip

    office.put(south, VACCINATION, *(given(ids["complete"], c, n) for c, most in doses.items() for n in range(most)))
    twice = given(ids["half"], "03", 1)
    office.put(south, VACCINATION, twice, twice | {"id": office.new_id()})
    exemption = make.row(
        "vaccination_exemption", id=office.new_id(), student_id=ids["exempt"], kind="MEDICAL", granted_on="2025-01-01"
    )
    old = exemption | {"id": office.new_id(), "student_id": ids["none"], "expires_on": "2025-06-01"}
    office.put(south, VACCINATION_EXEMPTION, exemption, old)
    return ids


@pytest.mark.usefixtures("children")
def test_compliance_counts_children_by_school_grade_and_series(office: Office) -> None:
    cleo = office.client_of("cleo")
    report = cleo.get("records/vaccinations/compliance", grade="2", on="2026-11-23")["data"]
    assert {row["school_id"] for row in report} == {str(office.house.south)}
    assert [row["series"] for row in report] == ["dtap", "hepatitis_b", "mmr", "polio", "varicella"]
    for row in report:
        assert (row["students"], row["complete"], row["exempt"], row["missing"]) == (4, 1, 1, 2)
    assert office.client_of("ann").get("records/vaccinations/compliance", grade="2")["data"] == []


def test_children_who_lack_a_series_are_listed_with_what_they_lack(
    office: Office, children: dict[str, str], recorded_statements: Recorder
) -> None:
    cleo = office.client_of("cleo")
    page = cleo.get("records/vaccinations/lacking", grade="2", on="2026-11-23")
    assert [row["id"] for row in page["data"]] == [children["half"], children["none"]]
    measles = [each for each in page["data"][0]["missing"] if each["series"] == "mmr"]
    assert measles == [{"series": "mmr", "doses": 1, "needed": 2}]
    asked = [lambda n=n: cleo.get("records/vaccinations/lacking", limit=n, on="2026-11-23") for n in (1, 3)]
    assert len(set(costs_of(office, recorded_statements, "cleo", asked))) == 1
    chart = cleo.get(f"records/vaccinations/students/{children['exempt']}")
    assert [row["kind"] for row in chart["exemptions"]] == ["MEDICAL"]


@pytest.mark.usefixtures("children")
def test_a_district_may_ask_for_other_series(office: Office) -> None:
    before = office.house.one("SELECT policy::text FROM districts")
    own = '{"vaccination_series": [{"name": "mmr", "cvx": ["03", "94"], "doses": 1, "from_grade": 0}]}'
    office.house.done("UPDATE districts SET policy = policy || %s::jsonb", own)
    try:
        (line,) = office.client_of("cleo").get("records/vaccinations/compliance", grade="2")["data"]
    finally:
        office.house.done("UPDATE districts SET policy = %s::jsonb", before)
    assert (line["series"], line["complete"], line["missing"]) == ("mmr", 2, 1)


def test_an_exemption_holds_through_its_last_day_at_the_school(office: Office, children: dict[str, str]) -> None:
    south, now = office.house.south, office.house.parts.clock.now()
    # Wherever the server's day stands, one of these has another.
    zone = next(each for each in ("Etc/GMT+12", "Etc/GMT-14") if now.astimezone(ZoneInfo(each)).date() != now.date())
    day = now.astimezone(ZoneInfo(zone)).date().isoformat()
    last = make.row(
        "vaccination_exemption", id=office.new_id(), student_id=children["half"], kind="MEDICAL", granted_on=day,
        expires_on=day,
    )  # fmt: skip
    office.put(south, VACCINATION_EXEMPTION, last)
    before = office.house.one("SELECT timezone FROM schools WHERE id = %s", south)
    office.house.done("UPDATE schools SET timezone = %s WHERE id = %s", zone, south)
    try:
        lacking = office.client_of("cleo").get("records/vaccinations/lacking", grade="2")["data"]
    finally:
        office.house.done("UPDATE schools SET timezone = %s WHERE id = %s", before, south)
        office.delete(south, VACCINATION_EXEMPTION, last["id"])
    assert [row["id"] for row in lacking] == [children["none"]]


def _found(office: Office, name: str, what: str, words: str, **more: Any) -> list[dict[str, Any]]:
    answer = office.client_of(name)("POST", f"records/{what}/search", json={"words": words, **more})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


def test_search_finds_the_beginnings_of_words_in_ones_own_schools(office: Office, children: dict[str, str]) -> None:
    assert {row["id"] for row in _found(office, "cleo", "students", "vax")} == set(children.values())
    assert [row["id"] for row in _found(office, "cleo", "students", "vaxl HAL")] == [children["half"]]
    assert [row["id"] for row in _found(office, "cleo", "students", "V-none")] == [children["none"]]
    assert _found(office, "ann", "students", "vax") == []
    north = str(office.house.north)
    assert _found(office, "sue", "students", "vax", school=north) == []
    assert len(_found(office, "sue", "students", "vax")) == 4
    assert office.audited(children["half"])[-1]["detail"]["via"] == "search"


def test_a_deleted_child_is_found_no_more(office: Office) -> None:
    gone = office.new_id()
    office.put(office.house.north, STUDENT, make.student_row(id=gone, student_number="Z-1", last_name="Zzyzx"))
    assert [row["id"] for row in _found(office, "ann", "students", "zzyz")] == [gone]
    office.delete(office.house.north, STUDENT, gone)
    assert _found(office, "ann", "students", "zzyz") == []


def test_people_medicines_and_stock_are_found_too(office: Office) -> None:
    assert [row["last_name"] for row in _found(office, "rob", "users", "cleo@testville.example")] == ["Invented"]
    assert {row["first_name"] for row in _found(office, "rob", "users", "an inv")} == {"Ann"}
    assert "email" not in _found(office, "rob", "users", "inv")[0]
    assert [row["id"] for row in _found(office, "rob", "medications", "methylph")] == [str(make.MEDICATION)]
    item = {"id": office.new_id(), "school_id": str(office.house.north), "name": "Splint", "category": "Orthopaedics"}
    assert office.client_of("ann")("POST", "records/inventory", json=item).status_code == 201
    assert [row["id"] for row in _found(office, "ann", "inventory", "orth")] == [item["id"]]
    assert _found(office, "cleo", "inventory", "orth") == []


@pytest.mark.parametrize("words", ["", "   ", "!!", "'\\''", ":* & |"])
def test_words_without_a_word_are_refused(office: Office, words: str) -> None:
    answer = office.client_of("ann")("POST", "records/students/search", json={"words": words})
    assert (answer.status_code, answer.json()["fields"]) == (422, ["words"])


@pytest.mark.parametrize("words", ["o'brien", "a & b | c", "x:*", "\\", "''", "—ñ", "<->", "a" * 100])
def test_no_sign_breaks_a_search(office: Office, words: str) -> None:
    answer = office.client_of("ann")("POST", "records/students/search", json={"words": words})
    assert answer.status_code in {200, 422}


def test_the_functions_of_search_are_pinned_and_nobodys_but_the_servers(office: Office) -> None:
    rows = office.house.asked(
        "SELECT p.proname, p.prosecdef, p.proconfig, r.rolname, r.rolcanlogin, p.proacl::text FROM pg_proc p"
        " JOIN pg_roles r ON r.oid = p.proowner JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'wc_sec' AND p.prosecdef AND p.proname LIKE 'search_%%' ORDER BY 1"
    )
    assert [row[0] for row in rows] == [f"search_{table}" for table in SEARCHED]
    for _, _, config, owner, signs_in, rights in rows:
        assert config == ["search_path=pg_catalog, pg_temp"]
        assert (owner, signs_in) == ("wc_search", False)
        assert rights == "{wc_search=X/wc_search,wc_app=X/wc_search}"
    readable = office.house.asked(
        "SELECT DISTINCT column_name FROM information_schema.column_privileges WHERE grantee = 'wc_search'"
    )
    assert {row[0] for row in readable} == {"district_id", "school_id", "id", "search", "deleted_at"}
