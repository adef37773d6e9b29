"""Policies over the records API: versions, reading them once, and who has not yet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from tests.recording import Recorder
from tests.sync_server.house import FIRST_DAY
from tests.sync_server.records.office import Office, add_colleague, costs_of

from wc_contract.model.values import Role
from wc_sync_server.cli.people import assign_person
from wc_sync_server.db.tables.compliance import POLICY_ACKNOWLEDGMENT, POLICY_DOCUMENT, PolicyStatus
from wc_sync_server.domain.records import policy_answers
from wc_sync_server.domain.records.policies import DocumentStatus

pytestmark = pytest.mark.postgres

TODAY = date.today()  # noqa: DTZ011  # the database's day is what counts, give or take one
LONG_AGO, NEXT_YEAR = (TODAY + timedelta(days=days) for days in (-30, 365))

Publish = Callable[..., dict[str, Any]]


def _draft(office: Office, code: str, **changes: Any) -> Any:
    body = {
        "id": office.new_id(), "code": code, "title": "Medication", "body": "Count twice.",
        "effective_on": LONG_AGO.isoformat(),
    }  # fmt: skip
    return office.client_of("sue")("POST", "records/policies", json=body | changes)


def _to_status(office: Office, policy: dict[str, Any], status: str) -> Any:
    path = f"records/policies/{policy['id']}"
    return office.client_of("sue")("PATCH", path, version=policy["row_version"], json={"status": status})


@pytest.fixture
def publish(office: Office) -> Publish:
    """Give what publishes the next version of a code of this test."""
    code = f"MED {office.new_id()}"

    def published(**changes: Any) -> dict[str, Any]:
        drafted = _draft(office, code, **changes)
        assert drafted.status_code == 201, drafted.text
        answer = _to_status(office, drafted.json(), "ACTIVE")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return published


def _open(office: Office, name: str, **query: Any) -> set[str]:
    page = office.client_of(name).get("records/policies/to-acknowledge", limit=200, **query)
    return {row["id"] for row in page["data"]}


def _acknowledge(office: Office, name: str, policy: str, **more: Any) -> Any:
    body = {"id": office.new_id(), **more}
    return office.client_of(name)("POST", f"records/policies/{policy}/acknowledgments", json=body)


def _status(office: Office, policy: dict[str, Any]) -> str:
    return str(office.client_of("ann").get(f"records/policies/{policy['id']}")["status"])


def test_a_policy_is_drafted_changed_and_published(office: Office) -> None:
    sue, code = office.client_of("sue"), f"HEAD {office.new_id()}"
    id_ = office.new_id()
    drafted = _draft(office, code, id=id_)
    assert _draft(office, code, id=id_).json() == drafted.json()
    policy, path = drafted.json(), f"records/policies/{id_}"
    assert (policy["version"], policy["status"], policy["published_by"]) == (1, "DRAFT", None)
    assert _draft(office, code).json()["fields"] == ["code"]
    assert id_ not in _open(office, "ann")
    changed = sue("PATCH", path, version=1, json={"body": "Count three times."}).json()
    assert sue("PATCH", path, version=1, json={"body": "Count."}).status_code == 412
    published = sue("PATCH", path, version=changed["row_version"], json={"status": "ACTIVE"}).json()
    assert (published["status"], published["published_by_name"]) == ("ACTIVE", "Invented, Sue")
    # The answer was lost.
    assert sue("PATCH", path, version=changed["row_version"], json={"status": "ACTIVE"}).json() == published
    fixed = sue("PATCH", path, version=published["row_version"], json={"body": "Guess.", "review_due": "2030-01-01"})
    assert (fixed.json()["code"], fixed.json()["fields"]) == ("wrong_state", ["body"])
    review = sue("PATCH", path, version=published["row_version"], json={"review_due": "2030-01-01"}).json()
    assert (review["review_due"], review["body"]) == ("2030-01-01", "Count three times.")
    assert _to_status(office, review, "DRAFT").json()["code"] == "wrong_state"
    early = _draft(office, f"{code} x", review_due="1999-01-01")
    assert (early.status_code, early.json()["fields"]) == (422, ["review_due"])
    changes = [line["detail"]["changed"] for line in office.audited(id_, "UPDATE")]
    assert changes == [["body"], ["published_by", "status"], ["review_due"]]


def test_a_version_in_force_ends_the_one_before_it(office: Office, publish: Publish) -> None:
    first = publish()
    ahead = publish(effective_on=NEXT_YEAR.isoformat())
    assert (ahead["version"], _status(office, first)) == (2, "ACTIVE")
    sue = office.client_of("sue")
    shown = {row["id"]: row for row in sue.get("records/policies", code=first["code"])["data"]}
    assert shown[first["id"]]["superseded_on"] == NEXT_YEAR.isoformat()
    assert shown[ahead["id"]]["superseded_on"] is None
    # The version to come is what people read by now.
    assert {first["id"], ahead["id"]} & _open(office, "ann") == {ahead["id"]}
    late = _acknowledge(office, "ann", first["id"]).json()
    assert (late["code"], late["fields"]) == ("wrong_state", ["superseded_on"])
    third = publish()
    assert [_status(office, each) for each in (first, ahead, third)] == ["RETIRED", "RETIRED", "ACTIVE"]
    current = sue.get("records/policies", code=first["code"], current=True)["data"]
    assert [row["id"] for row in current] == [third["id"]]
    retired = _to_status(office, third, "RETIRED").json()
    assert retired["status"] == "RETIRED"
    assert third["id"] not in _open(office, "ann")
    assert _acknowledge(office, "ann", third["id"]).json()["fields"] == ["status"]


def test_a_policy_is_acknowledged_once(office: Office, publish: Publish) -> None:
    policy = publish()["id"]
    assert policy in _open(office, "ann")
    first = _acknowledge(office, "ann", policy)
    assert first.status_code == 201, first.text
    assert first.json()["user_name"] == "Invented, Ann"
    assert _acknowledge(office, "ann", policy).json() == first.json()
    assert policy not in _open(office, "ann")
    assert policy in _open(office, "cleo")
    taken = _acknowledge(office, "cleo", policy, id=first.json()["id"])
    assert (taken.json()["code"], taken.json()["fields"]) == ("taken", ["id"])
    assert len(office.audited(first.json()["id"], "CREATE")) == 1
    ask = [partial(_acknowledge, office, "cleo", policy) for _ in range(4)]
    office.client_of("cleo")
    with ThreadPoolExecutor(len(ask)) as pool:
        answers = [future.result().json() for future in [pool.submit(each) for each in ask]]
    assert len({answer["id"] for answer in answers}) == 1
    counted = "SELECT count(*) FROM policy_acknowledgments WHERE document_id = %s"
    assert office.house.one(counted, policy) == 2


def test_a_signature_on_paper_is_put_on_record_by_the_office(office: Office, publish: Publish) -> None:
    policy, una = publish()["id"], str(office.people["una"].id)
    signed = {"user_id": una, "acknowledged_at": "2026-08-20T15:00:00+00:00"}
    assert _acknowledge(office, "ann", policy, **signed).status_code == 403
    assert policy in _open(office, "abe", user=una)
    done = _acknowledge(office, "abe", policy, **signed).json()
    assert (done["user_id"], done["acknowledged_at"]) == (una, "2026-08-20T15:00:00+00:00")
    assert policy not in _open(office, "abe", user=una)
    (line,) = office.audited(done["id"], "CREATE")
    assert line["user"] == office.people["abe"].id
    later = {"user_id": str(office.people["tess"].id), "acknowledged_at": "2999-01-01T00:00:00+00:00"}
    for wrong, field in (
        (later, "acknowledged_at"),
        ({"acknowledged_at": "2026-08-20T15:00:00+00:00"}, "acknowledged_at"),
        ({"user_id": office.new_id()}, "user_id"),
        ({"user_id": str(office.people["rob"].id)}, "user_id"),
    ):
        refused = _acknowledge(office, "abe", policy, **wrong)
        assert (refused.status_code, refused.json()["fields"]) == (422, [field]), wrong


def test_who_has_not_acknowledged_is_known_by_school(office: Office, publish: Publish) -> None:
    policy, house = publish()["id"], office.house
    for name in ("ann", "abe"):
        assert _acknowledge(office, name, policy).status_code == 201
    sue = office.client_of("sue")

    def lacking(**query: Any) -> dict[str, list[str]]:
        page = sue.get(f"records/policies/{policy}/lacking", limit=200, **query)
        return {row["id"]: row["schools"] for row in page["data"]}

    ids = {name: str(person.id) for name, person in office.people.items()}
    everybody, north, south = lacking(), lacking(school=str(house.north)), lacking(school=str(house.south))
    assert {ids["cleo"], ids["una"], ids["tess"], ids["sue"]} <= everybody.keys()
    assert not {ids["ann"], ids["abe"], ids["rob"]} & everybody.keys()
    assert (everybody[ids["sue"]], everybody[ids["una"]]) == ([], [str(house.north)])
    assert ids["una"] in north
    assert ids["una"] not in south
    assert ids["cleo"] in south
    assert ids["sue"] not in {*north, *south}
    report = {row["school_id"]: row for row in sue.get(f"records/policies/{policy}/reading")["data"]}
    assert report[str(house.north)]["missing"] == len(north)
    assert report[str(house.south)]["missing"] == len(south)
    assert report[None]["acknowledged"] == 1
    for row in report.values():
        assert row["staff"] == row["acknowledged"] + row["missing"]
    read = sue.get(f"records/policies/{policy}/acknowledgments")["data"]
    assert {row["user_id"] for row in read} == {ids["ann"], ids["abe"]}


def test_a_supervisor_of_one_school_sees_its_staff(office: Office, publish: Publish) -> None:
    policy, house = publish()["id"], office.house
    office.people["sam"] = add_colleague(house, "sam", Role.SUPERVISOR)
    assign_person(house.parts, house.district, office.people["sam"].email, house.south, FIRST_DAY, None)
    sam = office.client_of("sam")
    seen = sam.get(f"records/policies/{policy}/lacking", limit=200)["data"]
    assert str(office.people["una"].id) not in {row["id"] for row in seen}
    assert {school for row in seen for school in row["schools"]} == {str(house.south)}
    hidden = sam("GET", f"records/policies/{policy}/lacking", params={"school": str(house.north)})
    assert hidden.status_code == 404
    report = sam.get(f"records/policies/{policy}/reading")["data"]
    assert {row["school_id"] for row in report} == {str(house.south), None}


def test_policies_are_read_by_everybody_and_written_by_the_office(office: Office, publish: Publish) -> None:
    policy = publish()
    path = f"records/policies/{policy['id']}"
    for name in ("ann", "tess", "rob", "abe"):
        assert office.client_of(name).get(path)["body"] == "Count twice."
    body = {"id": office.new_id(), "code": "X", "title": "X", "body": "X", "effective_on": "2026-01-01"}
    ann, rob = office.client_of("ann"), office.client_of("rob")
    assert ann("POST", "records/policies", json=body).status_code == 403
    assert ann("PATCH", path, version=policy["row_version"], json={"status": "RETIRED"}).status_code == 403
    for list_ in ("lacking", "reading", "acknowledgments"):
        assert ann("GET", f"{path}/{list_}").status_code == 403
        assert rob("GET", f"{path}/{list_}").status_code == 200
        assert rob("GET", f"records/policies/{office.new_id()}/{list_}").status_code == 404
    somebody_elses = {"user": str(office.people["abe"].id)}
    assert ann("GET", "records/policies/to-acknowledge", params=somebody_elses).status_code == 403
    # Whoever only reads is asked for nothing.
    assert rob("GET", "records/policies/to-acknowledge").status_code == 403
    assert _acknowledge(office, "rob", policy["id"]).status_code == 403
    unknown = office.client_of("abe")("GET", "records/policies/to-acknowledge", params={"user": office.new_id()})
    assert (unknown.status_code, unknown.json()["fields"]) == (422, ["user"])


def test_reading_costs_the_same_however_many_read(
    office: Office, publish: Publish, recorded_statements: Recorder
) -> None:
    policy, sue = publish()["id"], office.client_of("sue")
    for part in ("lacking", "acknowledgments"):
        path = f"records/policies/{policy}/{part}"
        asked = [lambda limit=limit, path=path: sue.get(path, limit=limit) for limit in (1, 200)]
        short, long = costs_of(office, recorded_statements, "sue", asked)
        assert short == long <= 6, path
    (report,) = costs_of(office, recorded_statements, "sue", [lambda: sue.get(f"records/policies/{policy}/reading")])
    assert report <= 5


def test_the_shapes_of_policies_are_what_the_tables_declare() -> None:
    for shape, kind in (
        (policy_answers.POLICY_LISTED, POLICY_DOCUMENT),
        (policy_answers.POLICY, POLICY_DOCUMENT),
        (policy_answers.ACKNOWLEDGMENT, POLICY_ACKNOWLEDGMENT),
    ):
        assert [kind.field(field.name) for field in shape.own[2:]] == list(shape.own[2:])
    assert [each.value for each in DocumentStatus] == [each.value for each in PolicyStatus]
