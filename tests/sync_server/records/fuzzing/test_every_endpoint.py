"""Every endpoint asked as its OpenAPI says and as it forbids: never a 5xx, never a word of a child back or in a log.

WC_FUZZ_EXAMPLES sets how many requests an operation gets (`make fuzz` asks for many).
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import factories as make
from tests.sync_server.direct import dose_in
from tests.sync_server.records.fuzzing.operations import MARKER, PROOF, Fuzzed, operations, requests
from tests.sync_server.records.office import Office, incident_of
from tests.sync_server.workstation import Workstation, enrol

from wc_contract.model.kinds import EMERGENCY_CONTACT, INCIDENT, STUDENT

# What is sent is meant to be refused, and refusals may be loud.
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.logs_warnings,
    # The threads of the pool of connections draw on that module too, while a request is being made up.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies"),
]

EXAMPLES = int(os.environ.get("WC_FUZZ_EXAMPLES") or 4)
OPERATIONS = operations()
ASKERS = ("sue", "sue", "ann", "ann", "rob", "nobody")
few = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES < 50, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def known(office: Office) -> dict[str, list[str]]:
    """Give ids that exist, a child's name in what they hold."""
    house = office.house
    child = make.student_row(id=office.new_id(), student_number="FUZZ-1", first_name=MARKER, last_name=MARKER)
    contact = make.row(
        "emergency_contact", id=office.new_id(), student_id=child["id"], name=MARKER, relationship="parent", phone="1",
        priority=1, is_primary=True, may_pick_up=True, is_active=True,
    )  # fmt: skip
    office.put(house.north, STUDENT, child)
    office.put(house.north, EMERGENCY_CONTACT, contact)
    students = [str(pupil.id) for pupil in house.pupils.values()] + [child["id"]]
    made = _records_of(office, child["id"])
    return made | {
        "student": students,
        "student_id": students,
        "school": [str(house.north), str(house.south)],
        "school_id": [str(house.north), str(house.south)],
        "nurse": [str(nurse.id) for nurse in house.nurses.values()],
        "nurse_id": [str(nurse.id) for nurse in house.nurses.values()],
        "order": [str(pupil.order) for pupil in house.pupils.values()],
        "medication_id": [str(make.MEDICATION)],
        "medication": [str(make.MEDICATION)],
        "user": [str(person.id) for person in office.people.values()],
        "deliver_to": [str(house.north), str(house.south)],
        "supplier_id": made["supplier"],
        "budget_category_id": made["category"],
        "id": [office.new_id() for _ in range(5)],
    }


def _records_of(office: Office, child: str) -> dict[str, list[str]]:
    """Make one of everything that an id can name."""
    house, sue = office.house, office.client_of("sue")
    report, bea = incident_of(office, child), str(office.people["bea"].id)
    office.put(house.north, INCIDENT, report)
    dose = dose_in(house, house.north, house.pupils["ned"], office.people["ann"].id)
    bodies: dict[str, tuple[str, dict[str, Any]]] = {
        "item": ("inventory", {"school_id": str(house.north), "name": "Fuzz"}),
        "category": ("budget/categories", {"fiscal_year": 2030, "name": "Fuzz", "allocated": "100"}),
        "supplier": ("suppliers", {"name": "Fuzz"}),
        "policy": (
            "policies", {"code": "F", "title": "Fuzz", "body": "Fuzz", "effective_on": "2026-11-20"}
        ),
        "record": (
            "health-records",
            {"student_id": child, "record_type": "NOTE", "record_date": "2026-11-20", "notes": MARKER},
        ),
        "appointment": (
            "appointments",
            {
                "student_id": child, "nurse_id": bea, "kind": "OTHER", "duration": 5, "reason": MARKER,
                "scheduled_at": "2030-01-07T15:00:00+00:00",
            },
        ),
        "entry": (
            "waitlist",
            {"student_id": child, "kind": "OTHER", "priority": 1, "duration": 5, "reason": MARKER, "nurse_id": bea},
        ),
        "reminder": ("appointments/{appointment}/reminders", {"method": "PHONE"}),
        "follow_up": (f"incidents/{report['id']}/follow-up-actions", {"action": MARKER, "due_on": "2030-01-07"}),
    }  # fmt: skip
    ids = {name: office.new_id() for name in (*bodies, "posting", "purchase")}
    for name, (path, body) in bodies.items():
        answer = sue("POST", f"records/{path.format_map(ids)}", json={"id": ids[name], **body})
        assert answer.status_code == 201, answer.text
    spent = {"id": ids["posting"], "amount": "1", "occurred_on": "2026-11-20"}
    assert sue("POST", f"records/budget/categories/{ids['category']}/transactions", json=spent).status_code == 201
    bought = {
        "id": ids["purchase"], "number": "Fuzz", "supplier_id": ids["supplier"], "budget_category_id": ids["category"],
        "deliver_to": str(house.north), "lines": [{"name": "Fuzz", "quantity": "5", "unit_price": "1"}],
    }  # fmt: skip
    assert sue("POST", "records/purchase-orders", json=bought).status_code == 201
    return {name: [id_] for name, id_ in ids.items()} | {"incident": [report["id"]], "dose": [str(dose)]}


@pytest.fixture(scope="module")
def workstation(office: Office) -> Workstation:
    return enrol(office.house, office.client)  # type: ignore[arg-type]  # it is asked in the same way


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_no_request_breaks_it_or_gets_a_word_back(
    name: str, office: Office, known: dict[str, list[str]], workstation: Workstation, capfd: pytest.CaptureFixture[str]
) -> None:
    operation = OPERATIONS[name]
    signed = any(parameter.name.lower() in PROOF for parameter in operation.headers)

    codes: set[int] = set()

    @few
    @given(request=requests(operation, known), asker=st.sampled_from(ASKERS))
    def ask(request: Fuzzed, asker: str) -> None:
        send = _by_workstation if signed and asker in {"sue", "ann"} else _by_person
        answer = send(office, workstation, request, asker)
        if "sign-out" in name:
            office.forget_tokens()
        assert answer.status_code < 500, (answer.status_code, answer.text)
        if asker == "sue":
            codes.add(answer.status_code)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert MARKER not in answer.text
        assert MARKER not in str(answer.headers)

    ask()
    assert codes != {401}, "nobody was let in, so nothing was asked"
    printed = capfd.readouterr()
    assert MARKER not in printed.out
    assert MARKER not in printed.err


def _by_person(office: Office, _workstation: Workstation, request: Fuzzed, asker: str) -> Any:
    headers = dict(request.headers)
    if asker != "nobody":
        headers["authorization"] = f"Bearer {office.client_of(asker).token}"
    return office.client.request(
        request.method, request.path, params=request.query, headers=headers, content=request.body
    )


def _by_workstation(_office: Office, workstation: Workstation, request: Fuzzed, _asker: str) -> Any:
    return workstation.request(request.path, request.body or b"")


def test_every_operation_of_records_says_what_it_takes_and_answers() -> None:
    for name, operation in OPERATIONS.items():
        if "/v1/records" not in name and "/v1/people" not in name:
            continue
        raw = operation.definition.raw
        assert "default" in raw["responses"], name
        if operation.method.upper() in {"POST", "PATCH"} and not name.endswith(("sign-out", "/primary")):
            assert raw["requestBody"]["content"]["application/json"]["schema"]["type"] == "object", name
        if name != "POST /v1/people/token":
            assert raw["security"] == [{"person": []}], name
