"""Incidents over the records API: lists, whom to call for many, follow-up, closing."""

from datetime import timedelta

import pytest
from tests import factories as make
from tests.recording import Recorder
from tests.sync_server.records.office import MARKER, Office, costs_of, incident_of

from wc_contract.model.apply import compact
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import EMERGENCY_CONTACT, HEAD_INJURY_CHECK, INCIDENT, STUDENT

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def reports(office: Office) -> list[str]:
    """Give twelve children of the north school a report and two contacts each."""
    ids = []
    for number in range(12):
        student = office.new_id()
        office.put(office.house.north, STUDENT, make.student_row(id=student, student_number=f"I-{student[-9:]}"))
        contacts = [
            make.row(
                "emergency_contact", id=office.new_id(), student_id=student, name=f"{MARKER} {n}",
                relationship="parent", phone="555", priority=n, is_primary=n == 1, may_pick_up=True, is_active=True,
            )
            for n in (2, 1)
        ]  # fmt: skip
        office.put(office.house.north, EMERGENCY_CONTACT, *contacts)
        row = incident_of(office, student, occurred_at=instant_to_text(make.NOON - timedelta(hours=number)))
        office.put(office.house.north, INCIDENT, row)
        ids.append(row["id"])
    return ids


def test_reports_are_listed_without_their_narrative(office: Office, reports: list[str]) -> None:
    page = office.client_of("ann").get("records/incidents", limit=200)
    assert [row["id"] for row in page["data"] if row["id"] in reports] == reports
    assert MARKER not in str(page)
    whole = office.client_of("ann").get(f"records/incidents/{reports[0]}")
    assert whole["incident"]["narrative"] == MARKER
    assert "narrative" in office.audited(reports[0])[-1]["fields"]
    assert MARKER not in str(office.audited(reports[0]))


def test_contacts_for_many_reports_are_one_statement(
    office: Office, reports: list[str], recorded_statements: Recorder
) -> None:
    ann = office.client_of("ann")
    asked = [lambda n=n: ann.get("records/incidents/contacts", incident=reports[:n]) for n in (1, 5, 12)]
    # begin, contacts, audit
    assert costs_of(office, recorded_statements, "ann", asked) == [4, 4, 4]
    found = ann.get("records/incidents/contacts", incident=reports)["data"]
    assert len(found) == 24
    assert [row["priority"] for row in found] == [1, 2] * 12
    assert {row["incident_id"] for row in found} == set(reports)
    assert office.client_of("cleo").get("records/incidents/contacts", incident=reports)["data"] == []


def test_a_report_is_followed_up_and_closed_when_it_may_be(office: Office, reports: list[str]) -> None:
    ann, path = office.client_of("ann"), f"records/incidents/{reports[1]}"
    version = ann.get(path)["incident"]["row_version"]
    early = ann("PATCH", path, version=version, json={"follow_up_due": "2020-01-01"})
    assert (early.status_code, early.json()["fields"]) == (422, ["follow_up_due"])
    planned = ann("PATCH", path, version=version, json={"status": "FOLLOW_UP", "follow_up_due": "2026-12-01"}).json()
    assert planned["incident"]["status"] == "FOLLOW_UP"
    stale = ann("PATCH", path, version=version, json={"status": "CLOSED"})
    assert stale.json()["code"] == "stale"
    closed = ann("PATCH", path, version=planned["incident"]["row_version"], json={"status": "CLOSED"})
    assert closed.json()["incident"]["status"] == "CLOSED"
    assert office.house.one("SELECT closed_at IS NOT NULL FROM incident_reports WHERE id = %s", reports[1])
    back = ann("PATCH", path, version=closed.json()["incident"]["row_version"], json={"status": "SIGNED"})
    assert back.json()["code"] == "wrong_state"


def test_a_head_injury_closes_with_its_checks_and_a_family_looked_for(office: Office) -> None:
    student = str(office.house.pupils["ned"].id)
    row = incident_of(office, student, type="HEAD_INJURY", notifications=compact([]))
    office.put(office.house.north, INCIDENT, row)
    ann, path = office.client_of("ann"), f"records/incidents/{row['id']}"
    version = ann.get(path)["incident"]["row_version"]
    refused = ann("PATCH", path, version=version, json={"status": "CLOSED"})
    assert refused.json()["fields"] == ["head_injury_checks", "notifications"]
    checks = [
        make.row(
            "head_injury_check", id=office.new_id(), incident_id=row["id"], student_id=student, red_flag=False,
            checked_at=instant_to_text(make.NOON + timedelta(minutes=minutes)), symptoms="[]",
            recorded_at=instant_to_text(make.NOON), recorded_tz="America/Chicago",
            author_user_id=str(office.people["ann"].id),
        )
        for minutes in (0, 15, 30, 45)
    ]  # fmt: skip
    office.put(office.house.north, HEAD_INJURY_CHECK, *checks)
    assert ann("PATCH", path, version=version, json={"status": "CLOSED"}).json()["fields"] == ["notifications"]


def test_checks_and_tries_to_reach_the_family_are_added_under_ones_name(office: Office) -> None:
    student = office.new_id()
    office.put(office.house.north, STUDENT, make.student_row(id=student, student_number=f"H-{student[-9:]}"))
    happened = office.house.parts.clock.now() - timedelta(hours=2)
    row = incident_of(
        office, student, type="HEAD_INJURY", notifications=compact([]), occurred_at=instant_to_text(happened)
    )
    office.put(office.house.north, INCIDENT, row)
    contact = make.row(
        "emergency_contact", id=office.new_id(), student_id=student, name=MARKER, relationship="parent", phone="555",
        priority=1, is_primary=False, may_pick_up=True, is_active=True,
    )  # fmt: skip
    office.put(office.house.north, EMERGENCY_CONTACT, contact)
    ann, path = office.client_of("ann"), f"records/incidents/{row['id']}"
    check = {"symptoms": ["headache"], "red_flag": False}
    for minutes in (5, 20, 35, 36):
        seen = check | {"id": office.new_id(), "checked_at": instant_to_text(happened + timedelta(minutes=minutes))}
        for _ in range(2):
            done = ann("POST", f"{path}/head-injury-checks", json=seen)
            assert done.status_code == 201, done.text
    assert [each["symptoms"] for each in done.json()["head_injury_checks"]] == [["headache"]] * 4
    later = check | {"id": office.new_id(), "checked_at": instant_to_text(happened + timedelta(hours=3))}
    assert ann("POST", f"{path}/head-injury-checks", json=later).json()["fields"] == ["checked_at"]
    tried = {
        "id": office.new_id(), "contact_id": contact["id"], "method": "PHONE", "outcome": "REACHED",
        "attempted_at": instant_to_text(happened + timedelta(minutes=9)),
    }  # fmt: skip
    version = ann.get(path)["incident"]["row_version"]
    assert ann("PATCH", path, version=version, json={"status": "CLOSED"}).json()["fields"] == ["notifications"]
    for body, field in ((tried | {"contact_id": office.new_id()}, "contact_id"), (tried | {"outcome": "x"}, "outcome")):
        assert ann("POST", f"{path}/notifications", json=body).json()["fields"] == [field]
    (made,) = ann("POST", f"{path}/notifications", json=tried).json()["notifications"]
    assert (made["outcome"], made["made_by"]) == ("REACHED", str(office.people["ann"].id))
    assert ann("PATCH", path, version=version, json={"status": "CLOSED"}).json()["incident"]["status"] == "CLOSED"
    for what, body in (("head-injury-checks", seen), ("notifications", tried)):
        assert office.client_of("abe")("POST", f"{path}/{what}", json=body).status_code == 403
        assert office.client_of("cleo")("POST", f"{path}/{what}", json=body).status_code == 404


def test_only_a_head_injury_has_checks(office: Office, reports: list[str]) -> None:
    seen = {"id": office.new_id(), "checked_at": instant_to_text(make.NOON), "red_flag": True}
    answer = office.client_of("ann")("POST", f"records/incidents/{reports[3]}/head-injury-checks", json=seen)
    assert (answer.status_code, answer.json()["fields"]) == (409, ["type"])


def test_a_follow_up_is_planned_by_the_schools_calendar(office: Office) -> None:
    student, evening = str(office.house.pupils["ned"].id), instant_to_text(make.local("18:30:00"))
    assert evening[:10] > make.SCHOOL_DAY.isoformat(), "in UTC it is the next day"
    row = incident_of(office, student, occurred_at=evening)
    office.put(office.house.north, INCIDENT, row)
    ann, path = office.client_of("ann"), f"records/incidents/{row['id']}"
    version = ann.get(path)["incident"]["row_version"]
    before = {"follow_up_due": (make.SCHOOL_DAY - timedelta(days=1)).isoformat()}
    assert ann("PATCH", path, version=version, json=before).status_code == 422
    same = ann("PATCH", path, version=version, json={"follow_up_due": make.SCHOOL_DAY.isoformat()})
    assert same.status_code == 200, same.text


def test_a_signed_report_is_added_to_under_ones_name(office: Office, reports: list[str]) -> None:
    ann, addendum = office.client_of("ann"), {"id": office.new_id(), "text": "Seen again at two."}
    path = f"records/incidents/{reports[2]}/addenda"
    done = ann("POST", path, json=addendum)
    assert done.status_code == 201, done.text
    assert ann("POST", path, json=addendum).status_code == 201
    (added,) = ann.get(f"records/incidents/{reports[2]}")["addenda"]
    assert (added["text"], added["author_user_id"]) == ("Seen again at two.", str(office.people["ann"].id))
    other = ann("POST", path, json=addendum | {"text": "Otherwise."})
    assert other.json()["code"] == "taken"
    assert office.client_of("abe")("POST", path, json=addendum).status_code == 403
    assert office.client_of("cleo")("POST", path, json=addendum).status_code == 404
