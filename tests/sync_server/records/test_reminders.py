"""Reminders of appointments over the records API: planned, kept true by what becomes of the appointment, worked off."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests import factories as make
from tests.recording import Recorder
from tests.sync_server.records.office import MARKER, Office, costs_of

from wc_contract.model.instants import instant_from_text, instant_to_text
from wc_contract.model.kinds import EMERGENCY_CONTACT, STUDENT

pytestmark = pytest.mark.postgres

Booked = Callable[..., dict[str, Any]]
_NINE = datetime(2032, 5, 3, 14, 0, tzinfo=UTC)
_DAYS: list[int] = []
A_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def child(office: Office) -> str:
    """Give a child of the north school."""
    row = make.student_row(id=office.new_id(), student_number="R-0")
    office.put(office.house.north, STUDENT, row)
    return str(row["id"])


@pytest.fixture(scope="module")
def contact(office: Office, child: str) -> str:
    """Give the child's mother."""
    row = make.row(
        "emergency_contact", id=office.new_id(), student_id=child, name=MARKER,
        relationship="mother", phone="555-0100", priority=9, is_primary=False, may_pick_up=True, is_active=True,
    )  # fmt: skip
    office.put(office.house.north, EMERGENCY_CONTACT, row)
    return str(row["id"])


@pytest.fixture
def booked(office: Office, child: str) -> Booked:
    """Book an appointment on a day of its own, with what reminds of it."""

    def book(*reminders: dict[str, Any], **changes: Any) -> dict[str, Any]:
        _DAYS.append(len(_DAYS))
        new = {
            "id": office.new_id(),
            "student_id": child,
            "nurse_id": str(office.people["tess"].id),
            "kind": "CHECKUP",
            "scheduled_at": instant_to_text(_NINE + _DAYS[-1] * A_DAY),
            "duration": 30,
            "reminders": list(reminders),
        } | changes
        answer = office.client_of("ann")("POST", "records/appointments", json=new)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    return book


def _reminder(office: Office, at: str | datetime | None = None, **changes: Any) -> dict[str, Any]:
    said = {} if at is None else {"send_at": at if isinstance(at, str) else instant_to_text(at)}
    return {"id": office.new_id(), "method": "PHONE", **said, **changes}


def _of(office: Office, appointment: dict[str, Any]) -> list[dict[str, Any]]:
    found = office.client_of("ann").get(f"records/appointments/{appointment['id']}/reminders")["data"]
    return list(found)


def _ahead(appointment: dict[str, Any], days: int = 1) -> datetime:
    return instant_from_text(appointment["scheduled_at"]) - days * A_DAY


def test_a_booking_brings_its_reminders(office: Office, booked: Booked, contact: str) -> None:
    day_before = _NINE + (len(_DAYS) - 1) * A_DAY
    said = [_reminder(office, day_before, contact_id=contact), _reminder(office, method="LETTER")]
    made = booked(*said)
    at_once, later = _of(office, made)
    assert (at_once["method"], at_once["contact_id"]) == ("LETTER", None)
    assert {name: later[name] for name in ("status", "contact_name", "contact_phone", "scheduled_at")} == {
        "status": "PENDING", "contact_name": MARKER, "contact_phone": "555-0100", "scheduled_at": made["scheduled_at"],
    }  # fmt: skip
    # Booked again, since the answer was lost: one appointment, two reminders.
    names = ("id", "student_id", "nurse_id", "kind", "scheduled_at", "duration")
    again = {name: made[name] for name in names} | {"reminders": said}
    assert office.client_of("ann")("POST", "records/appointments", json=again).json() == made
    assert len(_of(office, made)) == 2
    looked = office.audited(later["id"])[-1]
    assert {"contact_name", "contact_phone", "student_first_name"} <= set(looked["fields"])
    assert MARKER not in str(looked)


def test_pending_reminders_move_with_their_appointment(office: Office, booked: Booked) -> None:
    ann, made = office.client_of("ann"), booked()
    path = f"records/appointments/{made['id']}"
    sent, pending = _reminder(office, _ahead(made, 3)), _reminder(office, _ahead(made))
    rows = [ann("POST", f"{path}/reminders", json=each).json() for each in (sent, pending)]
    done = ann("PATCH", f"records/reminders/{sent['id']}", version=rows[0]["row_version"], json={"status": "SENT"})
    assert (done.json()["status"], done.json()["sent_at"] is not None) == ("SENT", True)
    later = instant_from_text(made["scheduled_at"]) + timedelta(hours=5)
    moved = ann("PATCH", path, version=made["row_version"], json={"scheduled_at": instant_to_text(later)}).json()
    first, second = _of(office, made)
    assert (first["status"], first["send_at"]) == ("SENT", rows[0]["send_at"])
    assert (second["status"], second["send_at"]) == ("PENDING", instant_to_text(later - A_DAY))
    assert second["row_version"] == moved["row_version"] + 1  # workstations get it with their next pull
    assert office.audited(pending["id"], "UPDATE")[-1]["detail"]["changed"] == ["send_at"]
    # A note moves nothing.
    ann("PATCH", path, version=moved["row_version"], json={"note": "x"})
    assert _of(office, made) == [first, second]


def test_a_reminder_whose_time_is_past_by_the_move_goes_out_at_once(office: Office, booked: Booked) -> None:
    ann, made = office.client_of("ann"), booked()
    path = f"records/appointments/{made['id']}"
    ann("POST", f"{path}/reminders", json=_reminder(office, _ahead(made)))
    now = office.house.parts.clock.now()
    soon = instant_to_text(now + timedelta(hours=3))
    ann("PATCH", path, version=made["row_version"], json={"scheduled_at": soon})
    (only,) = _of(office, made)
    assert only["status"] == "PENDING"
    assert abs(instant_from_text(only["send_at"]) - now) < timedelta(minutes=5)


@pytest.mark.parametrize(
    "change", [{"status": "CANCELLED"}, {"status": "NO_SHOW"}, {"scheduled_at": "2020-03-02T15:00Z"}]
)
def test_nobody_is_reminded_of_what_is_not_to_be(office: Office, booked: Booked, change: dict[str, str]) -> None:
    ann, made = office.client_of("ann"), booked()
    path = f"records/appointments/{made['id']}"
    ann("POST", f"{path}/reminders", json=_reminder(office, _ahead(made)))
    changed = ann("PATCH", path, version=made["row_version"], json=change)
    assert changed.status_code == 200, changed.text
    (only,) = _of(office, made)
    assert only["status"] == "CANCELLED"
    again = ann("PATCH", f"records/reminders/{only['id']}", version=only["row_version"], json={"status": "PENDING"})
    assert again.json()["code"] == "wrong_state"
    more = ann("POST", f"{path}/reminders", json=_reminder(office))
    assert more.status_code in {409, 422}


def test_what_reminds_of_nothing_or_nobody_is_refused(office: Office, booked: Booked) -> None:
    ann, made = office.client_of("ann"), booked()
    path = f"records/appointments/{made['id']}/reminders"
    other = make.student_row(id=office.new_id(), student_number="R-1")
    office.put(office.house.north, STUDENT, other)
    stranger, former = (
        make.row(
            "emergency_contact", id=office.new_id(), student_id=whose, name=MARKER, relationship="aunt", phone="1",
            priority=9, is_primary=False, may_pick_up=False, is_active=active,
        )
        for whose, active in ((other["id"], True), (made["student_id"], False))
    )  # fmt: skip
    office.put(office.house.north, EMERGENCY_CONTACT, stranger, former)
    for said, field in (
        (_reminder(office, made["scheduled_at"]), "send_at"),
        (_reminder(office, "2020-01-01T00:00Z"), "send_at"),
        (_reminder(office, contact_id=stranger["id"]), "contact_id"),
        (_reminder(office, contact_id=former["id"]), "contact_id"),
        (_reminder(office, contact_id=office.new_id()), "contact_id"),
        (_reminder(office, method="PIGEON"), "method"),
    ):
        answer = ann("POST", path, json=said)
        assert (answer.status_code, answer.json()["fields"]) == (422, [field])
    assert office.client_of("cleo")("POST", path, json=_reminder(office)).status_code == 404
    assert office.client_of("cleo")("GET", path).status_code == 404
    assert office.client_of("rob")("POST", path, json=_reminder(office)).status_code == 403
    assert _of(office, made) == []


def test_due_reminders_are_listed_and_worked_off(office: Office, booked: Booked, contact: str) -> None:
    ann, made = office.client_of("ann"), booked()
    path = f"records/appointments/{made['id']}/reminders"
    due = ann("POST", path, json=_reminder(office, contact_id=contact)).json()
    ahead = ann("POST", path, json=_reminder(office, _ahead(made), contact_id=contact)).json()

    def listed(**query: str) -> set[str]:
        found = ann.get("records/reminders", school=str(office.house.north), limit=200, **query)["data"]
        return {row["id"] for row in found} & {due["id"], ahead["id"]}

    soon = instant_to_text(office.house.parts.clock.now() + timedelta(minutes=5))
    assert listed(until=soon) == {due["id"]}
    assert listed() == {due["id"], ahead["id"]}
    one = f"records/reminders/{due['id']}"
    failed = ann("PATCH", one, version=due["row_version"], json={"status": "FAILED"}).json()
    assert (failed["status"], failed["sent_at"], listed(until=soon), listed(status="FAILED")) == (
        "FAILED", None, set(), {due["id"]},
    )  # fmt: skip
    moved = instant_to_text(_ahead(made, 2))
    refused = ann("PATCH", one, version=failed["row_version"], json={"send_at": moved})
    assert refused.json()["code"] == "wrong_state"
    planned = ann("PATCH", one, version=failed["row_version"], json={"status": "PENDING", "send_at": moved}).json()
    assert (planned["status"], planned["send_at"]) == ("PENDING", moved)
    stale = ann("PATCH", one, version=failed["row_version"], json={"status": "CANCELLED"})
    assert stale.json()["code"] == "stale"
    gone = ann("PATCH", one, version=planned["row_version"], json={"status": "CANCELLED"}).json()
    assert ann("PATCH", one, version=gone["row_version"], json={"status": "SENT"}).json()["code"] == "wrong_state"


def test_a_move_costs_the_same_whatever_reminds_of_it(
    office: Office, booked: Booked, recorded_statements: Recorder
) -> None:
    ann, appointments = office.client_of("ann"), [booked(), booked()]
    for number, made in zip((1, 12), appointments, strict=True):
        for _ in range(number):
            ann("POST", f"records/appointments/{made['id']}/reminders", json=_reminder(office, _ahead(made)))

    def move(made: dict[str, Any]) -> None:
        later = instant_to_text(instant_from_text(made["scheduled_at"]) + timedelta(hours=2))
        said = {"scheduled_at": later}
        assert ann("PATCH", f"records/appointments/{made['id']}", version=made["row_version"], json=said).is_success

    few, many = costs_of(office, recorded_statements, "ann", [lambda made=made: move(made) for made in appointments])
    assert few == many <= 15
