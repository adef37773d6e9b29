"""What is to be done after incidents, over the records API: by whom, by when, and that a report waits for it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests import factories as make
from tests.sync_server.records.office import MARKER, Office, incident_of

from wc_contract.model.kinds import INCIDENT, STUDENT

pytestmark = pytest.mark.postgres

# Half past eight in the evening of the 14th in Chicago, the 15th in UTC.
EVENING = "2026-09-15T01:30:00+00:00"


@pytest.fixture
def report(office: Office) -> str:
    """Give a signed report of the north school, about a child made for it."""
    student = office.new_id()
    office.put(office.house.north, STUDENT, make.student_row(id=student, student_number=f"F-{student[-9:]}"))
    row = incident_of(office, student, occurred_at=EVENING)
    office.put(office.house.north, INCIDENT, row)
    return str(row["id"])


def _action(office: Office, **changes: Any) -> dict[str, Any]:
    return {"id": office.new_id(), "action": MARKER, "due_on": "2026-12-01"} | changes


def _opened(office: Office, report: str, **changes: Any) -> dict[str, Any]:
    answer = office.client_of("ann")(
        "POST", f"records/incidents/{report}/follow-up-actions", json=_action(office, **changes)
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _change(office: Office, row: dict[str, Any], name: str = "ann", **said: Any) -> Any:
    path = f"records/follow-up-actions/{row['id']}"
    return office.client_of(name)("PATCH", path, version=row["row_version"], json=said)


def test_something_to_be_done_is_opened_assigned_and_done(office: Office, report: str) -> None:
    made = _opened(office, report)
    assert (made["status"], made["assigned_to"], made["incident_occurred_at"]) == ("OPEN", None, EVENING)
    again = {name: made[name] for name in ("id", "action", "due_on")}
    path = f"records/incidents/{report}/follow-up-actions"
    assert office.client_of("ann")("POST", path, json=again).json() == made
    assert office.client_of("ann")("POST", path, json=again | {"due_on": "2026-12-02"}).json()["code"] == "taken"
    taken = _change(office, made, assigned_to=str(office.people["bea"].id), due_on="2026-11-30").json()
    assert (taken["assigned_name"], taken["due_on"]) == ("Invented, Bea", "2026-11-30")
    assert _change(office, made, due_on="2026-12-24").json()["code"] == "stale"
    done = _change(office, taken, "abe", status="DONE", note="Told the custodian.").json()
    assert (done["status"], done["completed_by"], done["completed_by_name"], done["assigned_name"]) == (
        "DONE", str(office.people["abe"].id), "Invented, Abe", "Invented, Bea",
    )  # fmt: skip
    assert done["completed_at"] is not None
    assert _change(office, done, "abe", status="DONE").json() == done
    for said in ({"status": "OPEN"}, {"status": "CANCELLED", "note": "x"}, {"due_on": "2026-12-09"}):
        assert _change(office, done, **said).json()["code"] == "wrong_state"
    assert [each["id"] for each in office.client_of("ann").get(f"records/incidents/{report}")["follow_up_actions"]] == [
        made["id"]
    ]
    line = office.audited(made["id"], "UPDATE")[-1]
    assert (line["fields"], line["detail"]["changed"]) == (
        ["note"], ["completed_at", "completed_by", "note", "status"],
    )  # fmt: skip


def test_who_did_it_and_when_may_be_said(office: Office, report: str) -> None:
    made, bea = _opened(office, report), str(office.people["bea"].id)
    for when in ("2026-09-14T12:00Z", "2090-01-01T00:00Z"):
        early = _change(office, made, status="DONE", completed_at=when)
        assert (early.status_code, early.json()["fields"]) == (422, ["completed_at"])
    misplaced = _change(office, made, completed_by=bea)
    assert (misplaced.status_code, misplaced.json()["fields"]) == (422, ["completed_by"])
    done = _change(office, made, status="DONE", completed_at="2026-09-15T14:00:00+00:00", completed_by=bea).json()
    assert (done["completed_at"], done["completed_by_name"]) == ("2026-09-15T14:00:00+00:00", "Invented, Bea")


def test_what_is_not_to_be_done_needs_a_reason(office: Office, report: str) -> None:
    made = _opened(office, report, note="Ask the custodian.")
    for said in ({}, {"note": "  "}):
        refused = _change(office, made, status="CANCELLED", **said)
        assert (refused.status_code, refused.json()["fields"]) == (422, ["note"])
    gone = _change(office, made, status="CANCELLED", note="The swing was taken down.").json()
    assert (gone["status"], gone["completed_at"], gone["completed_by"]) == ("CANCELLED", None, None)


def test_nothing_is_due_before_the_event_by_the_schools_calendar(office: Office, report: str) -> None:
    ann, path = office.client_of("ann"), f"records/incidents/{report}"
    early = ann("POST", f"{path}/follow-up-actions", json=_action(office, due_on="2026-09-13"))
    assert (early.status_code, early.json()["fields"]) == (422, ["due_on"])
    made = _opened(office, report, due_on="2026-09-14")
    assert _change(office, made, due_on="2026-09-13").json()["fields"] == ["due_on"]
    version = ann.get(path)["incident"]["row_version"]
    assert ann("PATCH", path, version=version, json={"follow_up_due": "2026-09-13"}).status_code == 422
    assert ann("PATCH", path, version=version, json={"follow_up_due": "2026-09-14"}).status_code == 200


@pytest.mark.parametrize("who", ["rob", "cleo", "nobody"])
def test_nobody_is_assigned_who_is_not_there(office: Office, report: str, who: str) -> None:
    user = str(office.people[who].id) if who in office.people else office.new_id()
    path = f"records/incidents/{report}/follow-up-actions"
    answer = office.client_of("ann")("POST", path, json=_action(office, assigned_to=user))
    assert (answer.status_code, answer.json()["fields"]) == (422, ["assigned_to"])
    made = _opened(office, report)
    assert _change(office, made, assigned_to=user).json()["fields"] == ["assigned_to"]
    assert _change(office, made, status="DONE", completed_by=user).json()["fields"] == ["completed_by"]


def test_what_is_due_is_listed_by_school_and_person(office: Office, report: str) -> None:
    tess = str(office.people["tess"].id)
    asked = [
        _opened(office, report, due_on=due, assigned_to=who)
        for due, who in (("2026-10-03", tess), ("2026-10-01", tess), ("2026-10-02", None))
    ]

    def listed(**query: Any) -> list[int]:
        found = office.client_of("ann").get("records/follow-up-actions", limit=200, **query)["data"]
        ids = [row["id"] for row in asked]
        return [ids.index(row["id"]) for row in found if row["id"] in ids]

    assert listed(school=str(office.house.north), incident=report) == [1, 2, 0]
    assert listed(assigned_to=tess, due_by="2026-10-02") == [1]
    assert listed(unassigned=True) == [2]
    _change(office, asked[1], status="DONE")
    assert listed(assigned_to=tess) == [0]
    assert listed(assigned_to=tess, status="DONE") == [1]
    one = f"records/follow-up-actions/{asked[0]['id']}"
    assert office.client_of("ann").get(one) == asked[0]
    assert office.client_of("cleo")("GET", one).status_code == 404
    assert _change(office, asked[0], "cleo", due_on="2026-12-24").status_code == 404
    assert _change(office, asked[0], "rob", due_on="2026-12-24").status_code == 403
    looked = office.audited(asked[0]["id"])[-1]
    assert {"action", "note", "student_first_name"} <= set(looked["fields"])
    assert MARKER not in str(looked)


def test_a_report_is_not_closed_before_everything_is_done_and_nothing_is_opened_after(
    office: Office, report: str
) -> None:
    ann, path = office.client_of("ann"), f"records/incidents/{report}"
    first, second = _opened(office, report), _opened(office, report)
    version = ann.get(path)["incident"]["row_version"]
    for row, said in ((first, {"status": "DONE"}), (second, {"status": "CANCELLED", "note": "Not needed."})):
        refused = ann("PATCH", path, version=version, json={"status": "CLOSED"})
        assert (refused.status_code, refused.json()["fields"]) == (409, ["follow_up_actions"])
        assert _change(office, row, **said).status_code == 200
    assert ann("PATCH", path, version=version, json={"status": "CLOSED"}).status_code == 200
    late = ann("POST", f"{path}/follow-up-actions", json=_action(office))
    assert (late.status_code, late.json()["fields"]) == (409, ["incident_id"])


def test_closing_and_opening_at_once_leave_no_open_action_on_a_closed_report(office: Office, report: str) -> None:
    path = f"records/incidents/{report}"
    version = office.client_of("ann").get(path)["incident"]["row_version"]
    office.client_of("sue")

    def close() -> int:
        return int(office.client_of("ann")("PATCH", path, version=version, json={"status": "CLOSED"}).status_code)

    def open_one() -> int:
        new = _action(office)
        return int(office.client_of("sue")("POST", f"{path}/follow-up-actions", json=new).status_code)

    with ThreadPoolExecutor(2) as threads:
        closing, opening = threads.submit(close), threads.submit(open_one)
        assert {closing.result(20), opening.result(20)} in ({200, 409}, {409, 201})
