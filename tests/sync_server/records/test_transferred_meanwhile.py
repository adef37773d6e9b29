"""What is added while a child changes schools belongs to the new school: its workstations have to get it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from tests import factories as make
from tests.sync_server.records.office import Office

from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import STUDENT

pytestmark = pytest.mark.postgres

_GIVE = {"dose": "2.5", "unit": "mg", "route": "ORAL", "times": ["08:00"]}
_ORDER = {
    "medication_id": str(make.MEDICATION), "kind": "SCHEDULED", "status": "ACTIVE", "prescriber_name": "Dr. Invented",
    "start_date": "2026-08-17", "version": _GIVE,
}  # fmt: skip
_CONTACT = {"name": "Invented", "relationship": "aunt", "phone": "1", "priority": 1, "may_pick_up": False}
_RECORD = {"record_type": "NOTE", "record_date": "2026-11-23", "notes": "Invented.", "is_confidential": False}


@pytest.mark.parametrize(
    ("path", "table", "values"),
    [
        ("records/orders", "student_medications", _ORDER),
        ("records/students/{student}/contacts", "emergency_contacts", _CONTACT),
        ("records/health-records", "health_records", _RECORD),
        ("records/appointments", "appointments", {"kind": "CHECKUP", "duration": 5}),
    ],
)
def test_a_record_goes_to_the_school_that_the_child_has_just_come_to(
    office: Office, path: str, table: str, values: dict[str, Any]
) -> None:
    house, sue, student, new = office.house, office.client_of("sue"), office.new_id(), {**values, "id": office.new_id()}
    office.put(house.north, STUDENT, make.student_row(id=student, student_number=f"T-{student[-9:]}"))
    if "{student}" not in path:
        new["student_id"] = student
    if table == "appointments":
        new |= {"nurse_id": str(office.people["cleo"].id), "scheduled_at": instant_to_text(make.local("07:00:00"))}
    with ThreadPoolExecutor(1) as threads, psycopg.connect(house.superuser.conninfo()) as other:
        other.execute("SELECT 1 FROM streams WHERE id = %s FOR UPDATE", (house.north,))
        other.execute("UPDATE students SET school_id = %s WHERE id = %s", (house.south, student))
        adding = threads.submit(sue, "POST", path.format(student=student), json=new)
        with pytest.raises(TimeoutError):
            adding.result(0.5)
        other.commit()
        answer = adding.result(20)
    assert answer.status_code == 201, answer.text
    assert house.one(f"SELECT school_id FROM {table} WHERE id = %s", new["id"]) == house.south  # ours
