"""Orders, doses and the day's schedule over the records API."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests import factories as make
from tests.recording import Recorder
from tests.sync_server.records.office import Office, costs_of

from wc_contract.model.ids import OrderId, order_version_id
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import DOSE, ORDER, ORDER_VERSION, STUDENT

pytestmark = pytest.mark.postgres


def _new(office: Office, **changes: object) -> dict[str, object]:
    return {
        "id": office.new_id(),
        "student_id": str(office.house.pupils["nora"].id),
        "medication_id": str(make.MEDICATION),
        "kind": "SCHEDULED",
        "status": "ACTIVE",
        "prescriber_name": "Dr. Invented",
        "start_date": "2026-08-17",
        "version": {"dose": "2.50", "unit": "mg", "route": "ORAL", "times": ["08:00", "lunch"]},
    } | changes


def test_an_order_is_added_verified_and_replaced_by_versions(office: Office) -> None:
    ann, new = office.client_of("ann"), _new(office)
    made = ann("POST", "records/orders", json=new)
    assert made.status_code == 201, made.text
    order = made.json()
    assert (order["dose"], order["times"], order["version"]) == ("2.5", ["08:00", "lunch"], 1)
    assert order["verified_by"] == str(office.people["ann"].id)
    assert ann("POST", "records/orders", json=new).json() == order
    corrected = new | {"version": new["version"] | {"dose": "3"}}  # type: ignore[operator]
    taken = ann("POST", "records/orders", json=corrected)
    assert (taken.status_code, taken.json()["fields"]) == (409, ["version"])
    path, values = f"records/orders/{order['id']}/versions", new["version"] | {"dose": "5"}  # type: ignore[operator]
    assert ann("POST", path, json=values).status_code == 428
    replaced = ann("POST", path, version=order["row_version"], json=values).json()
    assert (replaced["dose"], replaced["version"]) == ("5", 2)
    assert ann("POST", path, version=order["row_version"], json=values).json() == replaced
    assert ann("POST", path, version=order["row_version"], json=values | {"dose": "6"}).json()["code"] == "stale"
    versions = "SELECT version, dose FROM order_versions WHERE order_id = %s ORDER BY version"
    assert [(n, str(dose)) for n, dose in office.house.asked(versions, order["id"])] == [(1, "2.50"), (2, "5")]


def test_an_order_goes_only_where_an_order_can_go(office: Office) -> None:
    ann = office.client_of("ann")
    order = ann("POST", "records/orders", json=_new(office)).json()
    path = f"records/orders/{order['id']}"
    stopped = ann("PATCH", path, version=order["row_version"], json={"status": "DISCONTINUED"}).json()
    assert stopped["stop_effective_at"] is not None
    again = ann("PATCH", path, version=stopped["row_version"], json={"status": "ACTIVE"})
    assert (again.status_code, again.json()["fields"]) == (409, ["status"])
    replaced = ann("POST", f"{path}/versions", version=stopped["row_version"], json=_new(office)["version"])
    assert replaced.json()["code"] == "wrong_state"
    assert "status" in office.audited(order["id"], "UPDATE")[0]["detail"]["changed"]


def test_a_status_said_again_is_no_step(office: Office) -> None:
    ann, sue = office.client_of("ann"), office.client_of("sue")
    order = ann("POST", "records/orders", json=_new(office)).json()
    path = f"records/orders/{order['id']}"
    noted = sue("PATCH", path, version=order["row_version"], json={"status": "ACTIVE", "indication": "x"}).json()
    assert noted["verified_by"] == str(office.people["ann"].id)
    stopped = ann("PATCH", path, version=noted["row_version"], json={"status": "DISCONTINUED"}).json()
    again = {"status": "DISCONTINUED", "indication": "y"}
    corrected = ann("PATCH", path, version=stopped["row_version"], json=again).json()
    assert (corrected["indication"], corrected["stop_effective_at"]) == ("y", stopped["stop_effective_at"])


def test_a_hold_stops_an_order_until_it_is_lifted(office: Office) -> None:
    ann = office.client_of("ann")
    order = ann("POST", "records/orders", json=_new(office)).json()
    path = f"records/orders/{order['id']}"
    held = ann("PATCH", path, version=order["row_version"], json={"status": "HELD"}).json()
    assert held["stop_effective_at"] is not None
    resumed = ann("PATCH", path, version=held["row_version"], json={"status": "ACTIVE"}).json()
    assert resumed["stop_effective_at"] is None
    since = instant_to_text(office.house.parts.clock.now() - timedelta(hours=1))
    hold = {"status": "HELD", "stop_effective_at": since}
    held = ann("PATCH", path, version=resumed["row_version"], json=hold).json()
    assert held["stop_effective_at"] == since
    ended = ann("PATCH", path, version=held["row_version"], json={"status": "DISCONTINUED"}).json()
    assert ended["stop_effective_at"] == since, "it was not given from then on"


def test_doses_after_a_stop_that_is_put_down_late_are_flagged_and_reviewed(office: Office) -> None:
    sue, student, order = office.client_of("sue"), office.new_id(), OrderId(UUID(office.new_id()))
    version, author = str(order_version_id(order, 1)), str(office.people["ann"].id)
    north = office.house.north
    office.put(north, STUDENT, make.student_row(id=student, student_number=student[-9:]))
    office.put(north, ORDER, make.order_row(id=str(order), student_id=student, verified_by=author))
    office.put(north, ORDER_VERSION, make.version_row(id=version, order_id=str(order), student_id=student))
    own = {"student_id": student, "order_id": str(order), "order_version_id": version, "author_user_id": author}
    before, after = (
        make.dose_row(id=office.new_id(), administered_at=instant_to_text(make.NOON + late), **own)
        for late in (timedelta(0), timedelta(hours=1))
    )
    office.put(north, DOSE, before, after)
    path = f"records/orders/{order}"
    stop = {"status": "DISCONTINUED", "stop_effective_at": instant_to_text(make.NOON + timedelta(minutes=30))}
    stopped = sue("PATCH", path, version=sue.get(path)["row_version"], json=stop)
    assert stopped.status_code == 200, stopped.text
    flags = dict(office.house.asked("SELECT id::text, flags FROM medication_logs WHERE order_id = %s", order))
    assert flags == {before["id"]: [], after["id"]: ["after_stop"]}
    cases = "SELECT kind, status, subject_ids FROM review_cases WHERE student_id = %s"
    assert office.house.asked(cases, student) == [("after_stop", "OPEN", [after["id"]])]
    assert [line["user"] for line in office.audited(after["id"], "FLAGGED")] == [office.people["sue"].id]
    assert office.audited(before["id"], "FLAGGED") == []


def test_who_changes_the_dose_stands_for_it(office: Office) -> None:
    ann, sue, new = office.client_of("ann"), office.client_of("sue"), _new(office)
    order = ann("POST", "records/orders", json=new).json()
    path, values = f"records/orders/{order['id']}", new["version"] | {"dose": "5"}  # type: ignore[operator]
    replaced = sue("POST", f"{path}/versions", version=order["row_version"], json=values).json()
    assert (replaced["dose"], replaced["verified_by"]) == ("5", str(office.people["sue"].id))
    office.house.done("UPDATE student_medications SET status = 'EXPIRED' WHERE id = %s", order["id"])
    late = ann("POST", f"{path}/versions", version=replaced["row_version"], json=values | {"dose": "6"})
    assert late.json()["code"] == "wrong_state"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"status": "SUPERSEDED"}, ["status"]),
        ({"status": "HELD"}, ["status"]),
        ({"student_id": "sam"}, ["student_id"]),
        ({"medication_id": "00000000-0000-7000-8000-000000000000"}, ["medication_id"]),
        ({"end_date": "2020-01-01"}, ["end_date"]),
        ({"version": {"dose": "0", "unit": "mg", "route": "ORAL", "times": []}}, ["dose"]),
        ({"version": {"dose": "1", "unit": "mg", "route": "BY_OWL", "times": []}}, ["version"]),
        ({"status": "SLEEPING"}, ["status"]),
    ],
)
def test_an_order_that_cannot_be_is_refused(office: Office, change: dict[str, object], fields: list[str]) -> None:
    if change.get("student_id") == "sam":
        change = {"student_id": str(office.house.pupils["sam"].id)}
    answer = office.client_of("ann")("POST", "records/orders", json=_new(office) | change)
    assert (answer.status_code, answer.json()["fields"]) == (422, fields), answer.text


def test_orders_are_written_by_nurses_and_seen_in_their_schools(office: Office) -> None:
    assert office.client_of("abe")("POST", "records/orders", json=_new(office)).status_code == 403
    order = office.house.pupils["sam"].order
    assert office.client_of("ann")("GET", f"records/orders/{order}").status_code == 404
    assert office.client_of("ann")("PATCH", f"records/orders/{order}", version=1, json={}).status_code == 404
    seen = office.client_of("sue").get("records/orders", limit=200)["data"]
    assert {row["student_first_name"] for row in seen} >= {"Sam", "Ned", "Nora"}
    listed = office.client_of("ann").get("records/orders", student=str(office.house.pupils["ned"].id))
    assert [row["id"] for row in listed["data"]] == [str(office.house.pupils["ned"].order)]


@pytest.fixture(scope="module")
def given(office: Office) -> list[str]:
    """Give a pupil of the north school thirty doses, a day apart."""
    student, order = office.new_id(), OrderId(UUID(office.new_id()))
    version = str(order_version_id(order, 1))
    office.put(office.house.north, STUDENT, make.student_row(id=student, student_number=student[-9:]))
    author = str(office.people["ann"].id)
    office.put(office.house.north, ORDER, make.order_row(id=str(order), student_id=student, verified_by=author))
    office.put(office.house.north, ORDER_VERSION, make.version_row(id=version, order_id=str(order), student_id=student))
    rows = [
        make.dose_row(
            id=office.new_id(),
            student_id=student,
            order_id=str(order),
            order_version_id=version,
            slot_id=str(make.noon_slot(order, make.SCHOOL_DAY - timedelta(days=number)).id),
            slot_date=(make.SCHOOL_DAY - timedelta(days=number)).isoformat(),
            local_date=(make.SCHOOL_DAY - timedelta(days=number)).isoformat(),
            administered_at=instant_to_text(make.NOON - timedelta(days=number)),
            author_user_id=author,
        )
        for number in range(30)
    ]
    office.put(office.house.north, DOSE, *rows)
    return [student, *(row["id"] for row in rows)]


def test_the_newest_doses_of_a_child_come_first(office: Office, given: list[str]) -> None:
    student, *doses = given
    first = office.client_of("ann").get("records/doses", student=student, limit=20)
    assert [row["id"] for row in first["data"]] == doses[:20]
    assert first["data"][0]["medication_name"].startswith("Methylphenidate")
    assert first["data"][0]["author_name"] == "Invented, Ann"
    rest = office.client_of("ann").get("records/doses", student=student, limit=20, next=first["meta"]["next"])
    assert [row["id"] for row in rest["data"]] == doses[20:]
    week = office.client_of("ann").get(
        "records/doses", student=student, since=instant_to_text(make.NOON - timedelta(days=6)), status="ADMINISTERED"
    )
    assert [row["id"] for row in week["data"]] == doses[:7]
    assert "dose_given" in office.audited(doses[0])[-1]["fields"]


def test_doses_with_their_children_cost_the_same_statements(
    office: Office, given: list[str], recorded_statements: Recorder
) -> None:
    ann = office.client_of("ann")
    asked = [lambda limit=limit: ann.get("records/doses", student=given[0], limit=limit) for limit in (1, 10, 30)]
    assert costs_of(office, recorded_statements, "ann", asked) == [6, 6, 6]
    asked = [lambda: ann.get(f"records/students/{given[0]}/dashboard")] * 2
    assert len(set(costs_of(office, recorded_statements, "ann", asked))) == 1


def test_an_order_that_was_stopped_keeps_the_slots_before_its_stop(office: Office) -> None:
    ann, order = office.client_of("ann"), OrderId(UUID(office.new_id()))
    student, school = str(office.house.pupils["nora"].id), office.house.north
    asked = {"school": str(school), "day": (make.SCHOOL_DAY + timedelta(days=1)).isoformat()}
    row = make.order_row(id=str(order), student_id=student, verified_by=str(office.people["ann"].id))
    version = make.version_row(id=str(order_version_id(order, 1)), order_id=str(order), student_id=student)
    office.put(school, ORDER, row)
    office.put(school, ORDER_VERSION, version | {"times": '["08:00", "12:00", "14:00"]'})
    ten = instant_to_text(make.local("12:00:00", make.SCHOOL_DAY + timedelta(days=1)))
    for status, expected in (
        ("ACTIVE", [("08:00", None), ("12:00", None), ("14:00", None)]),
        ("DISCONTINUED", [("08:00", None)]),
        ("HELD", [("08:00", None), ("12:00", "order_held"), ("14:00", "order_held")]),
    ):
        stop = None if status == "ACTIVE" else ten
        office.put(school, ORDER, row | {"status": status, "stop_effective_at": stop})
        day = ann.get("records/medication-schedule", **asked)["data"]
        slots = [(slot["time"], slot["suppressed"]) for slot in day if slot["order_id"] == str(order)]
        assert slots == expected, status
    asked["day"] = (make.SCHOOL_DAY + timedelta(days=2)).isoformat()
    office.put(school, ORDER, row | {"status": "DISCONTINUED", "stop_effective_at": ten})
    later = ann.get("records/medication-schedule", **asked)["data"]
    assert str(order) not in {slot["order_id"] for slot in later}


def test_nobody_writes_a_dose_here(office: Office, given: list[str]) -> None:
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        assert office.client_of("sue")(method, f"records/doses/{given[1]}", json={}).status_code == 405
    assert office.client_of("cleo")("GET", f"records/doses/{given[1]}").status_code == 404


def test_the_schedule_of_a_day_is_the_workstations(
    office: Office, given: list[str], recorded_statements: Recorder
) -> None:
    ann, north = office.client_of("ann"), str(office.house.north)
    day = ann.get("records/medication-schedule", school=north, day=make.SCHOOL_DAY.isoformat())["data"]
    own = [slot for slot in day if slot["student_id"] == given[0]]
    assert [(slot["time"], slot["status"], slot["dose"]) for slot in own] == [("12:00", "answered", "5")]
    assert [slot["due_at"] for slot in day] == sorted(slot["due_at"] for slot in day)
    sunday = (make.SCHOOL_DAY - timedelta(days=1)).isoformat()
    assert ann.get("records/medication-schedule", school=north, day=sunday)["data"] == []
    asked = [lambda: ann.get("records/medication-schedule", school=north, day=make.SCHOOL_DAY.isoformat())]
    assert costs_of(office, recorded_statements, "ann", asked) == [6]
    south = {"school": str(office.house.south), "day": sunday}
    assert ann("GET", "records/medication-schedule", params=south).status_code == 404
