"""The waiting list over the records API: who waits, whom a gap suits, and bookings of a nurse's free time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests import factories as make
from tests.recording import Recorder
from tests.sync_server.house import FIRST_DAY
from tests.sync_server.records.office import MARKER, Office, costs_of
from tests.sync_server.workstation import enrol

from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import APPOINTMENT_WAITLIST, STUDENT
from wc_sync_server.cli.people import assign_person

pytestmark = pytest.mark.postgres

Asking = Callable[..., dict[str, Any]]
FIRST_DAY_ASKED = datetime(2031, 3, 3, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def bea_works_at_both_schools(office: Office) -> None:
    house = office.house
    assign_person(house.parts, house.district, office.people["bea"].email, house.south, FIRST_DAY, None)


@pytest.fixture
def waiting(office: Office) -> Asking:
    """Put a child of the north school, made for it, on the list."""

    def asked(**changes: Any) -> dict[str, Any]:
        student = office.new_id()
        office.put(office.house.north, STUDENT, make.student_row(id=student, student_number=f"W-{student[-9:]}"))
        answer = office.client_of("ann")("POST", "records/waitlist", json=_new(office, student, **changes))
        assert answer.status_code == 201, answer.text
        entry: dict[str, Any] = answer.json()
        return entry

    return asked


@pytest.fixture
def time() -> str:
    """Give a time that no other test asks for."""
    return _later()


def _later() -> str:
    _DAYS.append(len(_DAYS))
    return instant_to_text(FIRST_DAY_ASKED + timedelta(days=_DAYS[-1]))


_DAYS: list[int] = []


def _new(office: Office, student: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": office.new_id(),
        "student_id": student,
        "kind": "CHECKUP",
        "priority": 2,
        "duration": 30,
        "reason": MARKER,
    } | changes


def _path(entry: dict[str, Any], step: str = "") -> str:
    return f"records/waitlist/{entry['id']}{step}"


def _booking(office: Office, at: str, **changes: Any) -> dict[str, Any]:
    return {"id": office.new_id(), "nurse_id": str(office.people["bea"].id), "scheduled_at": at} | changes


def test_a_child_is_put_on_the_list_once_for_a_kind(office: Office, waiting: Asking) -> None:
    ann, first = office.client_of("ann"), waiting()
    assert (first["status"], first["requested_at"] is not None, first["student_first_name"] is not None) == (
        "WAITING", True, True,
    )  # fmt: skip
    again = _new(office, first["student_id"], id=first["id"])
    assert ann("POST", "records/waitlist", json=again).json() == first
    twice = ann("POST", "records/waitlist", json=_new(office, first["student_id"]))
    assert (twice.status_code, twice.json()["fields"]) == (409, ["kind", "student_id"])
    other = ann("POST", "records/waitlist", json=_new(office, first["student_id"], kind="SCREENING"))
    assert other.status_code == 201
    line = office.audited(first["id"], "CREATE")[-1]
    assert line["fields"] == ["reason"]
    assert "priority" in line["detail"]["changed"]
    assert MARKER not in str(line)


def test_the_most_urgent_stand_first_and_of_those_who_waits_longest(office: Office, waiting: Asking) -> None:
    nurse = str(office.people["tess"].id)
    asked = [
        waiting(nurse_id=nurse, priority=priority, requested_at=f"2026-10-{day:02d}T15:00:00Z", duration=minutes)
        for priority, day, minutes in ((2, 2, 30), (1, 9, 60), (1, 5, 15))
    ]
    anybody = waiting(priority=50, wanted_from="2031-01-10", wanted_to="2031-01-20")

    def listed(**query: Any) -> list[str]:
        page = office.client_of("ann").get("records/waitlist", nurse=nurse, limit=200, **query)
        return [row["id"] for row in page["data"] if row["id"] in {anybody["id"], *(each["id"] for each in asked)}]

    ids = [each["id"] for each in asked]
    assert listed() == [ids[2], ids[1], ids[0], anybody["id"]]
    assert listed(priority=1) == [ids[2], ids[1]]
    # Whom a gap of twenty minutes on a day suits.
    assert listed(minutes=20) == [ids[2]]
    assert anybody["id"] in listed(day="2031-01-15")
    assert anybody["id"] not in listed(day="2031-02-15")
    assert listed(school=str(office.house.north), status="BOOKED") == []
    assert office.client_of("cleo")("GET", _path(anybody)).status_code == 404
    hidden = office.client_of("ann")("GET", "records/waitlist", params={"school": str(office.house.south)})
    assert hidden.status_code == 404


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"wanted_from": "2031-02-02", "wanted_to": "2031-02-01"}, ["wanted_to"]),
        ({"wanted_to": "2020-01-01"}, ["wanted_to"]),
        ({"requested_at": "2090-01-01T00:00:00Z"}, ["requested_at"]),
        ({"nurse_id": "abe"}, ["nurse_id"]),
        ({"student_id": "sam"}, ["student_id"]),
        ({"priority": 0}, ["priority"]),
    ],
)
def test_what_cannot_be_waited_for_is_refused(office: Office, change: dict[str, Any], fields: list[str]) -> None:
    named = {"abe": str(office.people["abe"].id), "sam": str(office.house.pupils["sam"].id)}
    change = {name: named.get(str(value), value) for name, value in change.items()}
    new = _new(office, str(office.house.pupils["ned"].id), kind="MEETING", **change)
    answer = office.client_of("ann")("POST", "records/waitlist", json=new)
    assert (answer.status_code, answer.json()["fields"]) == (422, fields)


def test_a_booking_is_an_appointment_and_goes_to_workstations(office: Office, waiting: Asking, time: str) -> None:
    ann, entry = office.client_of("ann"), waiting()
    head = "SELECT head FROM streams WHERE id = %s"
    before = office.house.one(head, office.house.north)
    said = _booking(office, time, note="Bring the glasses.")
    stale = ann("POST", _path(entry, "/booking"), version=1, json=said)
    assert stale.json()["code"] == "stale"
    done = ann("POST", _path(entry, "/booking"), version=entry["row_version"], json=said)
    assert done.status_code == 201, done.text
    made = done.json()
    assert {name: made[name] for name in ("student_id", "kind", "duration", "status", "reason", "note")} == {
        "student_id": entry["student_id"], "kind": "CHECKUP", "duration": 30, "status": "SCHEDULED", "reason": MARKER,
        "note": "Bring the glasses.",
    }  # fmt: skip
    booked = ann.get(_path(entry))
    assert (booked["status"], booked["appointment_id"]) == ("BOOKED", made["id"])
    assert office.house.one(head, office.house.north) == booked["row_version"] == before + 2
    # The answer was lost, and it is asked again; another appointment is another matter.
    assert ann("POST", _path(entry, "/booking"), version=entry["row_version"], json=said).json() == made
    other = ann("POST", _path(entry, "/booking"), version=entry["row_version"], json=said | {"duration": 45})
    assert other.json()["code"] == "taken"
    twice = ann("POST", _path(entry, "/booking"), version=booked["row_version"], json=_booking(office, _later()))
    assert (twice.json()["code"], twice.json()["fields"]) == ("wrong_state", ["status"])


def test_a_workstation_gets_all_that_a_booking_writes(office: Office, waiting: Asking, time: str) -> None:
    ann, entry = office.client_of("ann"), waiting()
    said = _booking(office, time, reminders=[{"id": office.new_id(), "method": "PHONE"}])
    made = ann("POST", _path(entry, "/booking"), version=entry["row_version"], json=said).json()
    ann("PATCH", f"records/appointments/{made['id']}", version=made["row_version"], json={"status": "CANCELLED"})
    station = enrol(office.house, office.client, school=office.house.north)  # type: ignore[arg-type]
    got = {row[0]: row for frame in station.pull() for row in frame.get("rows", ())}
    for record, says in ((entry["id"], "BOOKED"), (made["id"], "CANCELLED"), (said["reminders"][0]["id"], "CANCELLED")):
        assert says in got[record]


def test_nobody_waiting_is_offered_or_booked_into_a_time_that_is_taken(
    office: Office, waiting: Asking, time: str
) -> None:
    ann, cleo, entry = office.client_of("ann"), office.client_of("cleo"), waiting()
    south = _booking(office, time, student_id=str(office.house.pupils["sam"].id), kind="OTHER", duration=30)
    assert cleo("POST", "records/appointments", json=south).status_code == 201
    for step in ("/offer", "/booking"):
        said = _booking(office, time) if step == "/booking" else {"nurse_id": south["nurse_id"], "scheduled_at": time}
        answer = ann("POST", _path(entry, step), version=entry["row_version"], json=said)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_free"), step
    assert ann.get(_path(entry)) == entry
    past = ann(
        "POST", _path(entry, "/booking"), version=entry["row_version"], json=_booking(office, "2020-01-06T15:00Z")
    )
    assert past.json()["fields"] == ["scheduled_at"]
    nobody = ann("POST", _path(entry, "/offer"), version=entry["row_version"], json={"scheduled_at": time})
    assert nobody.json()["fields"] == ["nurse_id"]


def test_nobody_books_who_waits_at_a_school_that_is_none_of_theirs_or_was_left(
    office: Office, waiting: Asking, time: str
) -> None:
    cleo, entry = office.client_of("cleo"), waiting()
    offer = {"nurse_id": str(office.people["bea"].id), "scheduled_at": time}
    for step, said in (("/offer", offer), ("/booking", _booking(office, time))):
        hidden = cleo("POST", _path(entry, step), version=entry["row_version"], json=said)
        assert hidden.status_code == 404, step
    # The child has gone to the north school; this entry stayed behind.
    left = _row(office, entry["student_id"])
    office.put(office.house.south, APPOINTMENT_WAITLIST, left)
    version = cleo.get(_path(left))["row_version"]
    gone = cleo("POST", _path(left, "/booking"), version=version, json=_booking(office, time))
    assert (gone.json()["code"], gone.json()["fields"]) == ("wrong_state", ["student_id"])
    assert cleo("PATCH", _path(left), version=version, json={"status": "WITHDRAWN"}).status_code == 200


def test_two_who_wait_do_not_get_one_time(office: Office, waiting: Asking, time: str) -> None:
    entries = [waiting() for _ in range(4)]
    sue = office.client_of("sue")

    def book(entry: dict[str, Any]) -> int:
        said = _booking(office, time)
        return int(sue("POST", _path(entry, "/booking"), version=entry["row_version"], json=said).status_code)

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(book, entries)) == [201, 409, 409, 409]
    assert office.house.one("SELECT count(*) FROM appointments WHERE scheduled_at = %s", time) == 1


def test_an_offer_is_taken_back_and_one_who_waits_no_more_is_booked_nowhere(
    office: Office, waiting: Asking, time: str
) -> None:
    ann, entry = office.client_of("ann"), waiting(nurse_id=str(office.people["bea"].id))
    offered = ann("POST", _path(entry, "/offer"), version=entry["row_version"], json={"scheduled_at": time}).json()
    assert offered["status"] == "OFFERED"
    urgent = ann(
        "PATCH", _path(entry), version=offered["row_version"], json={"status": "WAITING", "priority": 1}
    ).json()
    assert (urgent["status"], urgent["requested_at"]) == ("WAITING", entry["requested_at"])
    by_hand = ann("PATCH", _path(entry), version=urgent["row_version"], json={"status": "BOOKED"})
    assert by_hand.json()["fields"] == ["status"]
    gone = ann("PATCH", _path(entry), version=urgent["row_version"], json={"status": "WITHDRAWN"}).json()
    for answer in (
        ann("POST", _path(entry, "/booking"), version=gone["row_version"], json=_booking(office, time)),
        ann("POST", _path(entry, "/offer"), version=gone["row_version"], json={"scheduled_at": time}),
        ann("PATCH", _path(entry), version=gone["row_version"], json={"status": "WAITING"}),
        ann("PATCH", _path(entry), version=gone["row_version"], json={"priority": 3}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert office.client_of("rob")("PATCH", _path(entry), version=1, json={"priority": 3}).status_code == 403


def test_whose_appointment_came_to_nothing_waits_again_in_the_old_place(
    office: Office, waiting: Asking, time: str
) -> None:
    ann, entry = office.client_of("ann"), waiting()
    made = ann("POST", _path(entry, "/booking"), version=entry["row_version"], json=_booking(office, time)).json()
    booked = ann.get(_path(entry))
    early = ann("PATCH", _path(entry), version=booked["row_version"], json={"status": "WAITING"})
    assert (early.json()["code"], early.json()["fields"]) == ("wrong_state", ["appointment_id"])
    ann("PATCH", f"records/appointments/{made['id']}", version=made["row_version"], json={"status": "CANCELLED"})
    again = ann("PATCH", _path(entry), version=booked["row_version"], json={"status": "WAITING"}).json()
    assert (again["status"], again["appointment_id"], again["requested_at"]) == (
        "WAITING", None, entry["requested_at"],
    )  # fmt: skip


def test_a_booking_costs_the_same_however_many_wait(
    office: Office, waiting: Asking, recorded_statements: Recorder
) -> None:
    sue = office.client_of("sue")

    def book(entry: dict[str, Any], at: str) -> None:
        answer = sue("POST", _path(entry, "/booking"), version=entry["row_version"], json=_booking(office, at))
        assert answer.status_code == 201, answer.text

    entries, times = [waiting() for _ in range(3)], [_later() for _ in range(3)]
    office.put(office.house.north, APPOINTMENT_WAITLIST, *(_row(office, entries[0]["student_id"]) for _ in range(30)))
    asked = [lambda entry=entry, at=at: book(entry, at) for entry, at in zip(entries, times, strict=True)]
    # What the first one has to look up once may be known already, from another test.
    _, first, second = costs_of(office, recorded_statements, "sue", asked)
    assert first == second <= 20


def _row(office: Office, student: str) -> dict[str, Any]:
    return make.row(
        "appointment_waitlist", id=office.new_id(), student_id=student, kind="OTHER", status="WAITING", priority=9,
        duration=15, requested_at="2026-10-01T15:00:00+00:00",
    )  # fmt: skip
