"""Appointments over the records API: when a nurse is free, and that nobody books her twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from tests import factories as make
from tests.sync_server.house import FIRST_DAY
from tests.sync_server.records.office import Office

from wc_contract.model.apply import compact
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import APPOINTMENT, BELL_SCHEDULE, CALENDAR_DAY
from wc_sync_server.cli.people import assign_person

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module", autouse=True)
def bea_works_at_both_schools(office: Office) -> None:
    house = office.house
    assign_person(house.parts, house.district, office.people["bea"].email, house.south, FIRST_DAY, None)


def _new(office: Office, clock: str = "09:00:00", pupil: str = "ned", **changes: Any) -> dict[str, Any]:
    return {
        "id": office.new_id(),
        "student_id": str(office.house.pupils[pupil].id),
        "nurse_id": str(office.people["bea"].id),
        "kind": "CHECKUP",
        "scheduled_at": instant_to_text(make.local(clock)),
        "duration": 30,
    } | changes


def _free(office: Office, name: str, **changes: Any) -> list[str]:
    asked = {
        "nurse": str(office.people["bea"].id),
        "school": str(office.house.north),
        "since": instant_to_text(make.local("00:00:00", make.SCHOOL_DAY + timedelta(days=2))),
        "until": instant_to_text(make.local("23:00:00", make.SCHOOL_DAY + timedelta(days=2))),
        "duration": 60,
    } | changes
    return [each["since"] for each in office.client_of(name).get("records/appointments/availability", **asked)["data"]]


def test_a_nurse_is_free_within_the_bells_apart_from_her_appointments_anywhere(office: Office) -> None:
    day = make.SCHOOL_DAY + timedelta(days=2)
    bells = make.row(
        "bell_schedule", name="usual", effective_from="2026-08-01", weekdays=compact([1, 2, 3, 4, 5]),
        periods=compact([
            {"name": "first", "from": "09:00", "to": "11:00"},
            {"name": "lunch", "from": "12:00", "to": "13:00"},
            {"name": "last", "from": "13:00", "to": "14:00"},
        ]),
    )  # fmt: skip
    office.put(office.house.north, BELL_SCHEDULE, bells)
    assert len(_free(office, "ann")) == 9 + 1  # nine to twelve by quarters, and one to two
    taken = _new(office, pupil="sam", scheduled_at=instant_to_text(make.local("10:00:00", day)), duration=60)
    assert office.client_of("bea")("POST", "records/appointments", json=taken).status_code == 201
    # Ann does not see the south school; that Bea is taken there she is told, and nothing of the child.
    assert _free(office, "ann") == [
        instant_to_text(make.local(f"{clock}:00", day)) for clock in ("09:00", "11:00", "13:00")
    ]
    assert office.client_of("ann")("GET", f"records/appointments/{taken['id']}").status_code == 404
    holiday = make.row("calendar_day", date=day.isoformat(), kind="HOLIDAY")
    office.put(office.house.north, CALENDAR_DAY, holiday)
    assert _free(office, "ann") == []


@pytest.mark.parametrize(
    "change", [{"school": "south"}, {"duration": 4}, {"until": "2026-11-01T00:00:00Z"}, {"since": "2026-01-01"}]
)
def test_a_question_that_cannot_be_is_refused(office: Office, change: dict[str, Any]) -> None:
    if change == {"school": "south"}:
        change = {"school": str(office.house.south)}
    asked = {
        "nurse": str(office.people["bea"].id),
        "school": str(office.house.north),
        "since": "2026-11-23T00:00:00Z",
        "until": "2026-11-24T00:00:00Z",
    } | change
    answer = office.client_of("ann")("GET", "records/appointments/availability", params=asked)
    assert answer.status_code == (404 if "school" in change else 422)


def test_nobody_is_booked_twice_at_one_time_not_even_at_two_schools(office: Office) -> None:
    ann, cleo = office.client_of("ann"), office.client_of("cleo")
    first = ann("POST", "records/appointments", json=_new(office))
    assert first.status_code == 201, first.text
    assert first.json()["nurse_name"] == "Invented, Bea"
    for clock, fine in (("08:30:00", True), ("08:45:00", False), ("09:29:00", False), ("09:30:00", True)):
        answer = cleo("POST", "records/appointments", json=_new(office, clock, "sam"))
        assert (answer.status_code == 201) is fine, clock
        assert fine or answer.json()["code"] == "not_free"


def test_bookings_at_once_leave_one(office: Office) -> None:
    day = make.SCHOOL_DAY + timedelta(days=3)
    at = instant_to_text(make.local("10:00:00", day))
    asked = [("ann", "ned"), ("cleo", "sam")] * 4
    for name in ("ann", "cleo"):
        office.client_of(name)

    def book(who: tuple[str, str]) -> int:
        new = _new(office, pupil=who[1], scheduled_at=at)
        return int(office.client_of(who[0])("POST", "records/appointments", json=new).status_code)

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(book, asked))
    assert answers == [201] + [409] * 7
    open_then = "SELECT count(*) FROM appointments WHERE nurse_id = %s AND scheduled_at = %s AND status = 'SCHEDULED'"
    assert office.house.one(open_then, office.people["bea"].id, at) == 1


def test_a_booking_waits_for_whoever_books_the_nurse_at_her_other_school(office: Office) -> None:
    new = _new(office, scheduled_at=instant_to_text(make.local("10:00:00", make.SCHOOL_DAY + timedelta(days=7))))
    ann = office.client_of("ann")
    with ThreadPoolExecutor(1) as threads, psycopg.connect(office.house.superuser.conninfo()) as other:
        other.execute("SELECT 1 FROM streams WHERE id = %s FOR UPDATE", (office.house.south,))
        booking = threads.submit(ann, "POST", "records/appointments", json=new)
        with pytest.raises(TimeoutError):
            booking.result(0.8)
        other.rollback()
        assert booking.result(20).status_code == 201


def test_an_appointment_is_moved_and_ended(office: Office) -> None:
    day = make.SCHOOL_DAY + timedelta(days=4)
    early, noon, later = (instant_to_text(make.local(clock, day)) for clock in ("09:00:00", "13:00:00", "13:15:00"))
    ann, new = office.client_of("ann"), _new(office, scheduled_at=noon)
    made = ann("POST", "records/appointments", json=new).json()
    assert ann("POST", "records/appointments", json=new).json() == made
    other = ann("POST", "records/appointments", json=_new(office, scheduled_at=early))
    assert other.status_code == 201, other.text
    path = f"records/appointments/{made['id']}"
    taken = ann("PATCH", path, version=made["row_version"], json={"scheduled_at": early})
    assert taken.json()["code"] == "not_free"
    moved = ann("PATCH", path, version=made["row_version"], json={"scheduled_at": later}).json()
    assert moved["scheduled_at"] == later
    assert ann("PATCH", path, version=made["row_version"], json={"duration": 10}).json()["code"] == "stale"
    gone = ann("PATCH", path, version=moved["row_version"], json={"status": "CANCELLED"}).json()
    assert ann("PATCH", path, version=gone["row_version"], json={"status": "SCHEDULED"}).json()["code"] == "wrong_state"
    assert ann("POST", "records/appointments", json=_new(office, scheduled_at=later)).status_code == 201
    assert office.client_of("rob")("PATCH", path, version=gone["row_version"], json={"note": "x"}).status_code == 403
    assert office.client_of("cleo")("PATCH", path, version=gone["row_version"], json={"note": "x"}).status_code == 404


def test_what_a_nurse_who_left_had_can_be_cancelled_and_not_moved(office: Office) -> None:
    ann, gone = office.client_of("ann"), office.people["tess"].id
    at = instant_to_text(make.local("09:00:00", make.SCHOOL_DAY + timedelta(days=8)))
    made = ann("POST", "records/appointments", json=_new(office, scheduled_at=at, nurse_id=str(gone))).json()
    path = f"records/appointments/{made['id']}"
    office.house.done("UPDATE users SET revoked_at = now() WHERE id = %s", gone)
    try:
        moved = ann("PATCH", path, version=made["row_version"], json={"duration": 10})
        assert moved.json()["fields"] == ["nurse_id"]
        told = {"status": "CANCELLED", "nurse_id": str(gone)}
        assert ann("PATCH", path, version=made["row_version"], json=told).json()["status"] == "CANCELLED"
    finally:
        office.house.done("UPDATE users SET revoked_at = NULL WHERE id = %s", gone)


def test_of_two_that_stand_beside_each_other_each_can_begin(office: Office) -> None:
    at = instant_to_text(make.local("09:00:00", make.SCHOOL_DAY + timedelta(days=9)))
    rows = [make.row("appointment", **_new(office, scheduled_at=at, status="SCHEDULED")) for _ in range(2)]
    office.put(office.house.north, APPOINTMENT, *rows)
    ann = office.client_of("ann")
    for row in rows:
        path = f"records/appointments/{row['id']}"
        begun = ann("PATCH", path, version=ann.get(path)["row_version"], json={"status": "IN_PROGRESS"})
        assert begun.status_code == 200, begun.text
        longer = ann("PATCH", path, version=begun.json()["row_version"], json={"duration": 40})
        assert longer.json()["code"] == "not_free"


def test_who_is_assigned_nowhere_is_booked_at_one_school_at_a_time(office: Office) -> None:
    at = instant_to_text(make.local("10:00:00", make.SCHOOL_DAY + timedelta(days=10)))
    new, ann = _new(office, scheduled_at=at, nurse_id=str(office.people["sue"].id)), office.client_of("ann")
    with ThreadPoolExecutor(1) as threads, psycopg.connect(office.house.superuser.conninfo()) as other:
        other.execute("SELECT 1 FROM streams WHERE id = %s FOR UPDATE", (office.house.south,))
        booking = threads.submit(ann, "POST", "records/appointments", json=new)
        with pytest.raises(TimeoutError):
            booking.result(0.8)
        other.rollback()
        assert booking.result(20).status_code == 201


@pytest.mark.parametrize(
    ("change", "fields"),
    [({"pupil": "sam"}, ["student_id"]), ({"nurse_id": "abe"}, ["nurse_id"]), ({"duration": 481}, ["duration"])],
)
def test_what_cannot_be_booked_is_refused(office: Office, change: dict[str, Any], fields: list[str]) -> None:
    if change.get("nurse_id") == "abe":
        change = {"nurse_id": str(office.people["abe"].id)}
    answer = office.client_of("ann")("POST", "records/appointments", json=_new(office, "14:00:00", **change))
    assert (answer.status_code, answer.json()["fields"]) == (422, fields)
