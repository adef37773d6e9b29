"""Rosters and charts arrive in a real PostgreSQL, once, with their audit."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection, connect
from tests import factories as make
from tests.sync_server.importing.import_world import (
    DISTRICT_ID,
    TODAY,
    PoolWorks,
    born,
    nurse,
    pupil,
    roster,
    write_bundle,
    write_folder,
)

from wc_contract.model.ids import OrderId, order_version_id
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import CARE_PLAN, CLINIC_VISIT, DOSE, INCIDENT, INCIDENT_ADDENDUM, KINDS
from wc_sync_server.db.engine import Pool
from wc_sync_server.embedded import Dsn
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.catalogue import load_catalogue
from wc_sync_server.importing.fhir import systems
from wc_sync_server.importing.fhir.report import ChartReport
from wc_sync_server.importing.fhir.run import import_fhir
from wc_sync_server.importing.oneroster import transfer
from wc_sync_server.importing.oneroster.report import RosterReport
from wc_sync_server.importing.oneroster.run import ImportDistrict, import_oneroster
from wc_sync_server.importing.outcomes import Outcome
from wc_sync_server.importing.students.acting import Actor
from wc_sync_server.importing.students.merging import Wish, merge_students

pytestmark = pytest.mark.postgres
CHICAGO = "America/Chicago"
NORTH = stable_ids.school_id(DISTRICT_ID, "north")
SOUTH = stable_ids.school_id(DISTRICT_ID, "south")
PUPIL = stable_ids.student_id(DISTRICT_ID, "p1")


@pytest.fixture
def works(central_pool: Pool) -> PoolWorks:
    works = PoolWorks(pool=central_pool)
    works.make_district()
    return works


@pytest.fixture
def everything(central_superuser: Dsn) -> Any:
    with connect(central_superuser.conninfo(), autocommit=True) as connection:
        yield connection


def bring(works: PoolWorks, folder: Path, **options: Any) -> RosterReport:
    district = ImportDistrict(id=DISTRICT_ID, timezone=CHICAGO)
    return import_oneroster(folder, works, district, today=TODAY, **options)


def chart(works: PoolWorks, folder: Path, **options: Any) -> ChartReport:
    return import_fhir(folder, works, DISTRICT_ID, load_catalogue(), today=TODAY, **options)


def numbers(everything: Connection[Any], query: str) -> list[Any]:
    return everything.execute(query.encode()).fetchall()


def order(own: str = "o1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": own,
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/x"},
        "authoredOn": "2026-08-20",
        "requester": {"display": "Dr. Helen Marsh"},
        "medicationCodeableConcept": {"coding": [{"system": systems.RXNORM, "code": "1091150"}]},
        "dosageInstruction": [
            {
                "timing": {"repeat": {"timeOfDay": ["11:45:00"]}},
                "route": {"coding": [{"system": systems.SNOMED, "code": "26643006"}]},
                "doseAndRate": [{"doseQuantity": {"value": 10, "code": "mg"}}],
            }
        ],
        "extension": [
            {
                "url": systems.PARENT_AUTHORISATION,
                "valuePeriod": {"start": "2026-08-17", "end": "2027-06-04"},
            },
            {
                "url": systems.NURSE_VERIFICATION,
                "valueReference": {"identifier": {"system": systems.USER_SOURCED_ID, "value": "n1"}},
            },
        ],
        **more,
    }


PATIENT = {
    "resourceType": "Patient",
    "id": "x",
    "identifier": [{"system": systems.STUDENT_NUMBER, "value": "00001"}],
    "birthDate": "2017-05-04",
}
ALLERGY = {
    "resourceType": "AllergyIntolerance",
    "id": "a1",
    "patient": {"reference": "Patient/x"},
    "code": {"coding": [{"system": systems.RXNORM, "code": "7984", "display": "Penicillin V"}]},
    "criticality": "high",
}


def test_a_roster_becomes_schools_students_users_and_streams(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    report = bring(works, write_folder(tmp_path / "r", roster([pupil(1), pupil(2, "south")], nurse("n1"))))
    assert report.outcome is Outcome.DONE
    assert numbers(everything, "SELECT student_number, school_id FROM students ORDER BY 1") == [
        ("00001", NORTH),
        ("00002", SOUTH),
    ]
    assert numbers(everything, "SELECT email, role FROM users") == [("n1@district.example", "NURSE")]
    assert numbers(everything, "SELECT school_id FROM school_assignments") == [(NORTH,)]
    heads = dict(numbers(everything, "SELECT id, head FROM streams"))
    assert heads[NORTH] == 2
    assert heads[SOUTH] == 1


def test_every_record_a_roster_makes_is_audited_by_field_names_only(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)], nurse("n1"))))
    told = numbers(everything, "SELECT entity_type, action, fields, detail FROM audit_logs ORDER BY entity_type")
    assert [(kind, action) for kind, action, _, _ in told] == [
        ("school", "CREATE"),
        ("school", "CREATE"),
        ("school_assignment", "UPDATE"),
        ("student", "CREATE"),
        ("user", "CREATE"),
    ]
    assert "first_name" in told[3][2]
    assert "Given1" not in str(told)


def test_the_same_roster_twice_changes_nothing(works: PoolWorks, everything: Connection[Any], tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "r", roster([pupil(1), pupil(2)], nurse("n1")))
    bring(works, folder)
    before = numbers(everything, "SELECT id, head FROM streams ORDER BY id")
    again = bring(works, folder)
    assert again.counts == {"schools": {}, "students": {}, "users": {}}
    assert again.plan.unchanged == 5
    assert numbers(everything, "SELECT id, head FROM streams ORDER BY id") == before


def test_only_what_changed_gets_a_new_version_and_wakes_somebody(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1), pupil(2), pupil(3, "south")])))
    versions = "SELECT student_number, row_version FROM students ORDER BY 1"
    heads = "SELECT head FROM streams WHERE id = '{}'"
    before, south = dict(numbers(everything, versions)), numbers(everything, heads.format(SOUTH))
    told = numbers(everything, "SELECT count(*) FROM audit_logs")
    bring(works, write_folder(tmp_path / "s", roster([pupil(1), pupil(2, grades="04"), pupil(3, "south")])))
    after = dict(numbers(everything, versions))
    assert {number for number, version in after.items() if version != before[number]} == {"00002"}
    assert numbers(everything, heads.format(SOUTH)) == south
    assert numbers(everything, "SELECT count(*) FROM audit_logs") == [(told[0][0] + 1,)]


def test_a_roster_and_a_chart_of_a_merged_child_go_into_the_chart_that_goes_on(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "r", roster([pupil(1), pupil(2)], nurse("n1")))
    bring(works, folder)
    bundle = write_bundle(tmp_path / "f", "x.json", PATIENT, ALLERGY)
    chart(works, bundle)
    kept = stable_ids.student_id(DISTRICT_ID, "p2")
    wish = Wish(id=UUID(int=1), kept=kept, gone=PUPIL, reason="Enrolled twice.")
    merge_students(works, DISTRICT_ID, wish, Actor(role="SYSTEM", via="test"))
    heads = numbers(everything, "SELECT id, head FROM streams ORDER BY id")
    again = bring(works, folder)
    assert [problem.code for problem in again.problems] == ["chart_merged"]
    assert chart(works, bundle).writes.unchanged == 1
    assert numbers(everything, "SELECT id, head FROM streams ORDER BY id") == heads
    assert numbers(everything, "SELECT student_id, count(*) FROM allergies GROUP BY 1") == [(kept, 1)]


def test_a_dry_run_writes_nothing(works: PoolWorks, everything: Connection[Any], tmp_path: Path) -> None:
    report = bring(works, write_folder(tmp_path / "r", roster([pupil(1)])), dry_run=True)
    assert report.counts["students"] == {"create": 1}
    assert numbers(everything, "SELECT count(*) FROM students") == [(0,)]


def test_an_update_keeps_every_field_that_is_not_the_rosters(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)], nurse("n1"))))
    nurse_id = stable_ids.user_id(DISTRICT_ID, "n1")
    everything.execute(f"UPDATE students SET medical_record_num = 'M-7', nurse_id = '{nurse_id}'".encode())
    bring(works, write_folder(tmp_path / "s", roster([pupil(1, grades="04")], nurse("n1"))))
    kept = numbers(everything, "SELECT grade, medical_record_num, nurse_id FROM students")
    assert kept == [("04", "M-7", nurse_id)]


def test_too_many_disappearing_halts_and_an_operator_can_allow_it(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(n) for n in range(1, 11)])))
    fewer = write_folder(tmp_path / "s", roster([pupil(n) for n in range(1, 9)]))
    halted = bring(works, fewer)
    assert halted.outcome is Outcome.HALTED
    assert halted.exit_code == 1
    assert "--allow-disappearing 2" in halted.as_text()
    assert numbers(everything, "SELECT count(*) FROM students WHERE is_active") == [(10,)]
    bring(works, fewer, allow_disappearing=2)
    assert numbers(everything, "SELECT is_active, withdrawn_on, count(*) FROM students GROUP BY 1, 2 ORDER BY 1") == [
        (False, TODAY, 2),
        (True, None, 8),
    ]


def test_a_student_who_moves_takes_the_chart_and_orders_wait_for_the_new_nurse(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)], nurse("n1"))))
    chart(works, write_bundle(tmp_path / "f", "x.json", PATIENT, ALLERGY, order()))
    report = bring(works, write_folder(tmp_path / "s", roster([pupil(1, "south")], nurse("n1"))))
    assert report.counts["students"] == {"move": 1}
    assert numbers(everything, "SELECT school_id FROM students") == [(SOUTH,)]
    assert numbers(everything, "SELECT school_id FROM allergies") == [(SOUTH,)]
    orders = numbers(
        everything, "SELECT school_id, status, verified_by IS NULL FROM student_medications ORDER BY status"
    )
    assert orders == [(NORTH, "DISCONTINUED", False), (SOUTH, "PENDING_VERIFICATION", True)]
    assert numbers(everything, "SELECT school_id, count(*) FROM order_versions GROUP BY 1 ORDER BY 2, 1") == sorted(
        [(NORTH, 1), (SOUTH, 1)], key=str
    )
    removed = numbers(everything, f"SELECT kind, reason FROM removals WHERE stream_id = '{NORTH}' ORDER BY kind")
    assert removed == [("allergy", "moved"), ("order", "moved"), ("order_version", "moved"), ("student", "moved")]


def test_plans_go_along_and_what_happened_stays_with_its_school(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)], nurse("n1"))))
    author = str(numbers(everything, "SELECT id FROM users")[0][0])
    child, incident = str(PUPIL), str(stable_ids.student_id(DISTRICT_ID, "an incident"))
    with works.begin((NORTH,)) as work:
        at = instant_to_text(work.at)
        signed = {"recorded_at": at, "recorded_tz": CHICAGO, "author_user_id": author}
        own = {"id": child, "student_id": child}
        event = {"entry_id": child, "device_id": child, "device_seq": 1, "flags": "[]"}
        told = {"type": "BITE", "severity": "LOW", "occurred_at": at, "location": "yard", "narrative": "invented"}
        lists = dict.fromkeys(("body_regions", "witnesses", "checks", "notifications"), "[]")
        report = {"id": incident, "student_id": child, "disposition": "EMS", "status": "SIGNED"}
        plan = {"kind": "ASTHMA", "status": "ACTIVE", "title": "t", "content": "{}", "effective_from": "2026-08-20"}
        work.lock_streams(NORTH)
        work.write_rows(CARE_PLAN, NORTH, [own | plan])
        work.write_rows(CLINIC_VISIT, NORTH, [own | signed | {"arrived_at": at, "is_confidential": True}])
        work.write_rows(INCIDENT, NORTH, [report | told | lists | signed | event])
        addendum = {"id": child, "incident_id": incident, "text": "invented", "signed_at": at}
        work.write_rows(INCIDENT_ADDENDUM, NORTH, [addendum | signed])
        work.commit()
    bring(works, write_folder(tmp_path / "s", roster([pupil(1, "south")], nurse("n1"))))
    assert numbers(everything, "SELECT school_id FROM care_plans") == [(SOUTH,)]
    for table in ("clinic_visits", "incident_reports", "incident_addenda"):
        assert numbers(everything, f"SELECT school_id FROM {table}") == [(NORTH,)]
    gone = numbers(everything, f"SELECT kind FROM removals WHERE stream_id = '{NORTH}' ORDER BY kind")
    assert [kind for (kind,) in gone] == ["care_plan", "clinic_visit", "incident", "incident_addendum", "student"]


def test_every_kind_of_record_of_a_student_has_its_place_when_he_moves() -> None:
    named = {kind.name for kind in KINDS if any(field.name == "student_id" for field in kind.fields)}
    parts = {kind.name for pieces in transfer._PARTS.values() for kind, _ in pieces}
    placed = {kind.name for kind in (*transfer._CHART, *transfer._STAYS)}
    assert named - placed == {"medication_container"}  # on the shelf until the family fetches it
    owned = {kind.name for kind in KINDS if any(field.owner for field in kind.fields)}
    assert owned - placed - parts == {"case_side"}  # said again at the school that its case goes to


def test_charts_become_records_with_ingredients_and_a_verified_order(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)], nurse("n1"))))
    report = chart(works, write_bundle(tmp_path / "f", "x.json", PATIENT, ALLERGY, order()))
    assert report.outcome is Outcome.DONE, report.as_text()
    assert numbers(everything, "SELECT allergen, ingredient_codes, is_active FROM allergies") == [
        ("Penicillin V", ["class:penicillins", "rxnorm:7984"], True)
    ]
    assert numbers(everything, "SELECT status, version, verified_by FROM student_medications") == [
        ("ACTIVE", 1, stable_ids.user_id(DISTRICT_ID, "n1"))
    ]
    assert [
        (str(dose), unit, times)
        for dose, unit, times in numbers(everything, "SELECT dose, unit, times FROM order_versions")
    ] == [("10", "mg", ["11:45"])]
    assert numbers(everything, "SELECT dea_schedule FROM medications WHERE rxcui = '1091150'") == [("II",)]


def test_the_same_charts_twice_change_nothing(works: PoolWorks, everything: Connection[Any], tmp_path: Path) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)], nurse("n1"))))
    folder = write_bundle(tmp_path / "f", "x.json", PATIENT, ALLERGY, order())
    assert (chart(works, folder, dry_run=True).writes.created, chart(works, folder).writes.created) == (2, 2)
    heads = numbers(everything, "SELECT id, head FROM streams ORDER BY id")
    again = chart(works, folder)
    assert (again.writes.created, again.writes.updated, again.writes.unchanged) == (0, 0, 2)
    assert numbers(everything, "SELECT id, head FROM streams ORDER BY id") == heads


def test_a_changed_dose_is_a_new_version_and_the_old_one_stays(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)], nurse("n1"))))
    chart(works, write_bundle(tmp_path / "f", "x.json", PATIENT, order()))
    changed = json.loads(json.dumps(order()))
    changed["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] = 5
    chart(works, write_bundle(tmp_path / "f", "x.json", PATIENT, changed))
    assert [str(dose) for (dose,) in numbers(everything, "SELECT dose FROM order_versions ORDER BY version")] == [
        "10",
        "5",
    ]
    (row,) = numbers(everything, "SELECT id, version FROM student_medications")
    current = order_version_id(OrderId(row[0]), row[1])
    assert numbers(everything, f"SELECT dose FROM order_versions WHERE id = '{current}'")[0][0] == 5


@pytest.mark.parametrize(
    ("told", "flagged"),
    [([{"url": systems.STOP_EFFECTIVE_AT, "valueDateTime": "2026-11-20T08:00:00-06:00"}], ["after_stop"]), ([], [])],
    ids=["stopped before the dose", "stopped, nobody says when"],
)
def test_doses_are_judged_again_by_a_stop_that_an_import_brings(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path, told: list[dict[str, str]], flagged: list[str]
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)], nurse("n1"))))
    chart(works, write_bundle(tmp_path / "f", "x.json", PATIENT, order()))
    ((id_, student, medication, author),) = numbers(
        everything, "SELECT id::text, student_id::text, medication_id::text, verified_by::text FROM student_medications"
    )
    version = str(order_version_id(OrderId(UUID(id_)), 1))
    named = {"order_id": id_, "order_version_id": version, "medication_id": medication, "student_id": student}
    with works.begin((NORTH,)) as work:
        work.lock_streams(NORTH)
        given_at = instant_to_text(make.local("12:00", date(2026, 11, 20)))
        work.write_rows(DOSE, NORTH, [make.dose_row(author_user_id=author, administered_at=given_at, **named)])
        work.commit()
    stopped = order(status="stopped", extension=[*order()["extension"], *told])
    chart(works, write_bundle(tmp_path / "f", "x.json", PATIENT, stopped))
    assert numbers(everything, "SELECT status FROM student_medications") == [("DISCONTINUED",)]
    assert numbers(everything, "SELECT flags FROM medication_logs") == [(flagged,)]
    assert numbers(everything, "SELECT kind FROM review_cases") == [(kind,) for kind in flagged]


def test_an_order_that_a_nurse_held_is_not_revived_by_an_import(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)], nurse("n1"))))
    folder = write_bundle(tmp_path / "f", "x.json", PATIENT, order())
    chart(works, folder)
    everything.execute("UPDATE student_medications SET status = 'HELD'")
    chart(works, folder)
    assert numbers(everything, "SELECT status FROM student_medications") == [("HELD",)]


def test_an_allergy_that_was_disproved_here_is_not_revived_by_an_import(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)])))
    folder = write_bundle(tmp_path / "f", "x.json", PATIENT, ALLERGY)
    chart(works, folder)
    everything.execute("UPDATE allergies SET is_active = false")
    chart(works, folder)
    assert numbers(everything, "SELECT is_active FROM allergies") == [(False,)]


def test_contacts_are_added_once_and_never_undo_a_nurses_correction(
    works: PoolWorks, everything: Connection[Any], tmp_path: Path
) -> None:
    adults = [{"name": {"text": name}, "telecom": [{"system": "phone", "value": "555-0100"}]} for name in ("Ana", "Bo")]
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)])))
    folder = write_bundle(tmp_path / "f", "x.json", {**PATIENT, "contact": adults[:1]})
    chart(works, folder)
    everything.execute("UPDATE emergency_contacts SET phone = '555-0199'")
    chart(works, write_bundle(tmp_path / "f", "x.json", {**PATIENT, "contact": [adults[1], adults[0]]}))
    assert numbers(everything, "SELECT name, phone, is_primary FROM emergency_contacts ORDER BY name") == [
        ("Ana", "555-0199", True),
        ("Bo", "555-0100", False),
    ]


def test_a_roster_says_nothing_about_a_chart(works: PoolWorks, everything: Connection[Any], tmp_path: Path) -> None:
    bring(works, write_folder(tmp_path / "r", roster([pupil(1)])))
    chart(works, write_bundle(tmp_path / "f", "x.json", PATIENT, ALLERGY))
    before = numbers(everything, "SELECT row_version, updated_at FROM allergies")
    bring(works, write_folder(tmp_path / "s", roster([pupil(1, givenName="Renamed")], births=[born(1)])))
    assert numbers(everything, "SELECT row_version, updated_at FROM allergies") == before


def test_statements_do_not_grow_with_the_roster(works: PoolWorks, recorded_statements: Any, tmp_path: Path) -> None:
    few = write_folder(tmp_path / "r", roster([pupil(n) for n in range(1, 4)]))
    many = write_folder(tmp_path / "s", roster([pupil(n) for n in range(1, 304)]))
    begun = len(recorded_statements.statements)
    bring(works, few)
    first = len(recorded_statements.statements) - begun
    bring(works, many)
    second = len(recorded_statements.statements) - begun - first
    assert second <= first
