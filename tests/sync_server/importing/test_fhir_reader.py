"""Bundles become chart records or findings: never a traceback, never silence."""

import json
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sync_server.importing.import_world import DISTRICT_ID, TODAY, write_bundle

from wc_contract.model.ids import SchoolId, StudentId
from wc_contract.model.kinds import ALLERGY, CHRONIC_CONDITION, EMERGENCY_CONTACT, ORDER, ORDER_VERSION, VACCINATION
from wc_contract.model.values import ConditionStatus, OrderKind, OrderStatus, Route
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.catalogue import load_catalogue
from wc_sync_server.importing.fhir import systems
from wc_sync_server.importing.fhir.findings import Reason, Weight
from wc_sync_server.importing.fhir.patients import KnownPatient
from wc_sync_server.importing.fhir.reader import ChartReading, read_charts
from wc_sync_server.importing.fhir.records import (
    ChartAllergy,
    ChartCondition,
    ChartContact,
    ChartOrder,
    ChartVaccination,
    OrderTerms,
)
from wc_sync_server.importing.fhir.report import ChartReport, WriteCounts
from wc_sync_server.importing.fhir.subject import District
from wc_sync_server.importing.outcomes import Outcome
from wc_sync_server.importing.refusals import CatalogueRefused, SourceRefused

CATALOGUE = load_catalogue()
NURSE = stable_ids.user_id(DISTRICT_ID, "n1")
DISTRICT = District(id=DISTRICT_ID, catalogue=CATALOGUE, verifiers=frozenset({NURSE}), today=TODAY)
BORN = date(2017, 5, 4)


def student(number: int, **changes: Any) -> KnownPatient:
    told = {
        "id": StudentId(stable_ids.student_id(DISTRICT_ID, f"p{number}")),
        "school_id": SchoolId(stable_ids.school_id(DISTRICT_ID, "north")),
        "zone": "America/Chicago",
        "sourced_id": f"p{number}",
        "student_number": f"{number:05}",
        "first_name": "Zoë",
        "last_name": f"Núñez{number}",
        "date_of_birth": BORN,
        **changes,
    }
    return KnownPatient(**{"chart": told["id"], **told})


CHILD = student(1)


def patient(**changes: Any) -> dict[str, Any]:
    told = {
        "resourceType": "Patient",
        "id": "x",
        "identifier": [{"system": systems.STUDENT_NUMBER, "value": "00001"}],
        "birthDate": "2017-05-04",
    }
    return {**told, **changes}


def concept(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def resource(kind: str, whose: str = "subject", **more: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": f"{kind}-1", whose: {"reference": "Patient/x"}, **more}


def allergy(**more: Any) -> dict[str, Any]:
    return resource("AllergyIntolerance", "patient", **{"code": concept(systems.RXNORM, "5640", "Ibuprofen"), **more})


def condition(**more: Any) -> dict[str, Any]:
    asthma = concept(systems.SNOMED, "195967001", "Asthma (disorder)")
    return resource("Condition", **{"code": asthma, "onsetDateTime": "2020-01-02", **more})


def shot(**more: Any) -> dict[str, Any]:
    told = {
        "status": "completed",
        "vaccineCode": concept(systems.CVX, "03", "MMR"),
        "occurrenceDateTime": "2018-05-10T14:00:00-05:00",
        "lotNumber": "L1",
        "primarySource": True,
        **more,
    }
    return resource("Immunization", "patient", **told)


def dosage(**more: Any) -> dict[str, Any]:
    told = {
        "timing": {"repeat": {"timeOfDay": ["11:45:00"]}},
        "route": concept(systems.SNOMED, "26643006"),
        "doseAndRate": [{"doseQuantity": {"value": 10, "code": "mg"}}],
    }
    return {**told, **more}


PARENT = {"url": systems.PARENT_AUTHORISATION, "valuePeriod": {"start": "2026-08-17", "end": "2027-06-04"}}
VERIFIED = {
    "url": systems.NURSE_VERIFICATION,
    "valueReference": {"identifier": {"system": systems.USER_SOURCED_ID, "value": "n1"}},
}


def order(**more: Any) -> dict[str, Any]:
    told = {
        "status": "active",
        "intent": "order",
        "authoredOn": "2026-08-10",
        "requester": {"display": "Dr. Helen Marsh"},
        "medicationCodeableConcept": concept(systems.RXNORM, "1091150"),
        "dosageInstruction": [dosage()],
        "extension": [PARENT, VERIFIED],
    }
    return resource("MedicationRequest", **{**told, **more})


def read(tmp_path: Path, *resources: Any, students: tuple[KnownPatient, ...] = (CHILD,)) -> ChartReading:
    return read_charts(write_bundle(tmp_path, "x.json", *resources), students, DISTRICT)


def only(found: ChartReading) -> Any:
    assert len(found.records) == 1, found.findings
    return found.records[0]


def reasons(found: ChartReading) -> list[tuple[Reason, int | None]]:
    return [(finding.reason, finding.index) for finding in found.findings]


@pytest.mark.parametrize(
    ("record", "kind", "beside"),
    [
        (ChartContact, EMERGENCY_CONTACT, {"custody_note"}),
        (ChartAllergy, ALLERGY, set()),
        (ChartCondition, CHRONIC_CONDITION, {"care_plan", "review_due"}),
        (ChartVaccination, VACCINATION, set()),
        (ChartOrder, ORDER, {"version"}),
        (OrderTerms, ORDER_VERSION, {"order_id", "student_id", "version"}),
    ],
)
def test_records_have_the_fields_of_their_kind(record: Any, kind: Any, beside: set[str]) -> None:
    own = {field.name for field in fields(record)} - {"id", "school_id", "terms"}
    assert own | beside == {field.name for field in kind.fields}


def test_a_patients_contacts_are_called_in_their_order_and_a_nameless_one_is_told(tmp_path: Path) -> None:
    def contact(name: str, number: str, **more: Any) -> dict[str, Any]:
        return {
            "name": {"text": name},
            "telecom": [{"system": "email", "value": "x@y.example"}, {"system": "phone", "value": number}],
            "relationship": [{"text": "Aunt"}],
            **more,
        }

    may = [{"url": systems.MAY_PICK_UP, "valueBoolean": True}]
    adults = [
        contact("Ana One", "1"),
        contact("", "2"),
        contact("Bo Two", ""),
        contact("Cy", "3", extension=may),
    ]
    found = read(tmp_path, patient(contact=adults))
    told = [
        (c.name, c.phone, c.priority, c.is_primary, c.may_pick_up) for c in found.records if isinstance(c, ChartContact)
    ]
    assert told == [("Ana One", "1", 1, True, False), ("Cy", "3", 2, False, True)]
    assert reasons(found) == [(Reason.CONTACT_INCOMPLETE, 0)]


def test_an_allergy_knows_which_drugs_it_forbids(tmp_path: Path) -> None:
    record = only(read(tmp_path, patient(), allergy(criticality="high")))
    assert isinstance(record, ChartAllergy)
    assert record.ingredient_codes == ("class:nsaids", "rxnorm:5640")
    naproxen = CATALOGUE.by_key["naproxen-220-tab"]
    assert set(record.ingredient_codes) & {each for i in naproxen.ingredients for each in i.classes}


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Penicillins", ("class:penicillins",)),
        ("Allergy to sulfonamide antibacterial", ("class:sulfonamides",)),
        ("amoxicillin", ("class:penicillins", "rxnorm:723")),
        ("Strawberry", ()),
        ("Porcupine", ()),
    ],
)
def test_an_allergen_is_found_by_whole_words_of_its_name(name: str, codes: tuple[str, ...]) -> None:
    assert CATALOGUE.allergen_codes((), name) == codes


def test_a_food_has_a_code_of_its_own_so_that_it_does_not_count_as_unchecked(tmp_path: Path) -> None:
    peanut = concept(systems.SNOMED, "91935009", "Allergy to peanut")
    assert only(read(tmp_path, patient(), allergy(code=peanut, category=["food"]))).ingredient_codes == (
        "snomed:91935009",
    )


def test_a_drug_that_the_catalogue_lacks_stays_unchecked(tmp_path: Path) -> None:
    unknown = concept(systems.RXNORM, "999999999", "Unheardofol")
    assert only(read(tmp_path, patient(), allergy(code=unknown, category=["medication"]))).ingredient_codes == ()


def test_an_inactive_allergy_is_kept_as_inactive(tmp_path: Path) -> None:
    status = concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "resolved")
    assert only(read(tmp_path, patient(), allergy(clinicalStatus=status))).is_active is False


def test_a_condition_is_named_without_the_tag_of_snomed(tmp_path: Path) -> None:
    record = only(read(tmp_path, patient(), condition()))
    assert (record.name, record.snomed, record.onset, record.status) == (
        *("Asthma", "195967001", date(2020, 1, 2)),
        ConditionStatus.ACTIVE,
    )


def test_a_vaccination_keeps_the_day_as_it_was_written(tmp_path: Path) -> None:
    record = only(read(tmp_path, patient(), shot(occurrenceDateTime="2018-05-10T23:30:00-05:00")))
    assert (record.cvx, record.vaccine_name, record.lot, record.administered_on) == (
        "03",
        "MMR",
        "L1",
        date(2018, 5, 10),
    )


def test_an_order_with_everything_is_active_and_exact(tmp_path: Path) -> None:
    half = dosage(doseAndRate=[{"doseQuantity": {"value": 2.50, "unit": "mL"}}], text="After lunch")
    record = only(read(tmp_path, patient(), order(dosageInstruction=[half])))
    assert isinstance(record, ChartOrder)
    assert (record.status, record.kind, record.verified_by) == (OrderStatus.ACTIVE, OrderKind.SCHEDULED, NURSE)
    assert record.medication_id == stable_ids.medication_id(DISTRICT_ID, "methylphenidate-10-tab")
    assert (record.terms.dose, record.terms.unit, record.terms.route) == (Decimal("2.5"), "mL", Route.ORAL)
    assert (record.terms.times, record.terms.instructions) == (("11:45",), "After lunch")
    # Midnight in the school's zone, not in the machine's.
    assert record.terms.effective_from == datetime(2026, 8, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        ({"extension": [PARENT]}, "verification by a nurse"),
        ({"extension": [VERIFIED]}, "parent authorisation"),
        ({"requester": {}}, "prescriber"),
        ({"authoredOn": None}, "signature"),
        ({"dosageInstruction": [dosage(timing={})]}, "times of day"),
        ({"dosageInstruction": [dosage(timing={"repeat": {"timeOfDay": ["25:00:00"]}})]}, "times of day"),
        ({"dosageInstruction": [dosage(timing={"repeat": {"frequency": 3, "period": 1}})]}, "times of day"),
        ({"dosageInstruction": [dosage(route={})]}, "route"),
        ({"dosageInstruction": [dosage(doseAndRate=[{"doseQuantity": {"value": 1}}])]}, "unit"),
        ({"dosageInstruction": [dosage(), dosage()]}, "one single dosage"),
        (
            {"dosageInstruction": [dosage(timing={"repeat": {"timeOfDay": ["11:00:00"], "dayOfWeek": ["mon"]}})]},
            "every school day",
        ),
        ({"dosageInstruction": [dosage(timing={}, asNeededBoolean=True)]}, "minimum interval"),
        (
            {"extension": [PARENT, VERIFIED, {"url": systems.WINDOW_MINUTES, "valuePositiveInt": 90}]},
            "window of at most 60",
        ),
        (
            {
                "extension": [
                    PARENT,
                    {
                        "url": systems.NURSE_VERIFICATION,
                        "valueReference": {"identifier": {"system": systems.USER_SOURCED_ID, "value": "stranger"}},
                    },
                ]
            },
            "verification by a nurse of this district",
        ),
    ],
)
def test_an_order_that_lacks_something_waits_for_a_nurse(tmp_path: Path, change: dict[str, Any], lacking: str) -> None:
    found = read(tmp_path, patient(), order(**change))
    assert only(found).status is OrderStatus.PENDING_VERIFICATION
    (finding,) = found.findings
    assert (finding.reason, finding.weight) == (Reason.NEEDS_VERIFICATION, Weight.NOTE)
    assert lacking in finding.detail


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("on-hold", OrderStatus.HELD),
        ("stopped", OrderStatus.DISCONTINUED),
        ("cancelled", OrderStatus.DISCONTINUED),
        ("completed", OrderStatus.COMPLETED),
        ("draft", OrderStatus.DRAFT),
    ],
)
def test_an_order_that_is_not_in_force_is_kept_as_what_it_is(tmp_path: Path, said: str, status: OrderStatus) -> None:
    assert only(read(tmp_path, patient(), order(status=said))).status is status


def test_an_order_whose_time_is_over_is_expired(tmp_path: Path) -> None:
    over = {"validityPeriod": {"start": "2026-08-17", "end": "2026-11-22"}}
    assert only(read(tmp_path, patient(), order(dispenseRequest=over))).status is OrderStatus.EXPIRED


def test_a_rescue_medicine_needs_no_limits(tmp_path: Path) -> None:
    epinephrine = concept(systems.CATALOGUE, "epinephrine-0.3-auto")
    rescue = dosage(timing={}, asNeededBoolean=True, route=concept(systems.SNOMED, "78421000"))
    record = only(read(tmp_path, patient(), order(medicationCodeableConcept=epinephrine, dosageInstruction=[rescue])))
    assert (record.status, record.kind) == (OrderStatus.ACTIVE, OrderKind.PRN)


def test_a_spoken_order_is_not_signed_and_says_until_when_it_holds(tmp_path: Path) -> None:
    verbal = {"url": systems.VERBAL_UNTIL, "valueDate": "2026-11-25"}
    record = only(read(tmp_path, patient(), order(extension=[PARENT, VERIFIED, verbal])))
    assert (record.status, record.order_signed_on, record.verbal_until) == (
        OrderStatus.ACTIVE,
        None,
        date(2026, 11, 25),
    )


def test_at_lunch_is_a_time(tmp_path: Path) -> None:
    lunch = dosage(timing={"repeat": {"when": ["CD"]}})
    assert only(read(tmp_path, patient(), order(dosageInstruction=[lunch]))).terms.times == ("lunch",)


def test_a_medicine_in_a_resource_of_its_own_is_found(tmp_path: Path) -> None:
    pill = {"resourceType": "Medication", "id": "m1", "code": concept(systems.RXNORM, "1091497")}
    pointing = order(medicationReference={"reference": "Medication/m1"})
    del pointing["medicationCodeableConcept"]
    found = read(tmp_path, patient(), pill, pointing)
    assert only(found).medication_id == stable_ids.medication_id(DISTRICT_ID, "methylphenidate-5-tab")
    assert found.findings == ()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (allergy(code={}), Reason.CODE_MISSING),
        (allergy(code="peanuts"), Reason.CODE_MISSING),
        (allergy(criticality="dreadful"), Reason.STATUS_INVALID),
        (allergy(clinicalStatus=concept("x", "refused")), Reason.STATUS_INVALID),
        (allergy(verificationStatus=concept("x", "entered-in-error")), Reason.ENTERED_IN_ERROR),
        (allergy(verificationStatus=concept("x", "refuted")), Reason.REFUTED),
        (allergy(recordedDate="yesterday"), Reason.DATE_BAD),
        (allergy(code=concept(systems.SNOMED, "716186003", "No known allergy")), Reason.STATES_NO_ALLERGY),
        (allergy(patient=None), Reason.SUBJECT_MISSING),
        (allergy(patient={"reference": "Patient/other"}), Reason.SUBJECT_UNKNOWN),
        (condition(onsetDateTime="2027-01-01"), Reason.DATE_IN_FUTURE),
        (condition(onsetDateTime="0001-01-01"), Reason.DATE_BEFORE_BIRTH),
        (condition(onsetDateTime=17), Reason.DATE_BAD),
        (condition(clinicalStatus=concept("x", "refused")), Reason.STATUS_INVALID),
        (condition(subject=["Patient/x"]), Reason.SUBJECT_MISSING),
        (shot(status="refused"), Reason.STATUS_INVALID),
        (shot(status=None), Reason.STATUS_INVALID),
        (shot(status="not-done"), Reason.NOT_DONE),
        (shot(status="entered-in-error"), Reason.ENTERED_IN_ERROR),
        (shot(vaccineCode={"text": "some shot"}), Reason.CODE_MISSING),
        (shot(occurrenceDateTime=None), Reason.DATE_MISSING),
        (shot(occurrenceDateTime="2018-05"), Reason.DATE_INEXACT),
        (shot(occurrenceDateTime="2018-13-45"), Reason.DATE_BAD),
        (shot(occurrenceDateTime="9999-01-01"), Reason.DATE_IN_FUTURE),
        (shot(occurrenceDateTime="2017-05-03"), Reason.DATE_BEFORE_BIRTH),
        (order(status="refused"), Reason.STATUS_INVALID),
        (order(intent="wish"), Reason.STATUS_INVALID),
        (order(intent="proposal"), Reason.NOT_AN_ORDER),
        (order(doNotPerform=True), Reason.NOT_AN_ORDER),
        (order(status="entered-in-error"), Reason.ENTERED_IN_ERROR),
        (order(medicationCodeableConcept=concept(systems.RXNORM, "42")), Reason.MEDICATION_NOT_IN_CATALOGUE),
        (order(medicationCodeableConcept=None), Reason.CODE_MISSING),
        (order(dosageInstruction=[]), Reason.DOSE_MISSING),
        (order(dosageInstruction=[dosage(doseAndRate=[{"doseQuantity": {"value": 0}}])]), Reason.DOSE_BAD),
        (order(dosageInstruction=[dosage(doseAndRate=[{"doseQuantity": {"value": -3}}])]), Reason.DOSE_BAD),
        (order(dosageInstruction=[dosage(doseAndRate=[{"doseQuantity": {"value": 1e300}}])]), Reason.DOSE_BAD),
        (order(dosageInstruction=[dosage(doseAndRate=[{"doseQuantity": {"value": "10"}}])]), Reason.DOSE_BAD),
        (order(dosageInstruction=[dosage(doseAndRate=[{"doseQuantity": {"value": True}}])]), Reason.DOSE_BAD),
        (order(authoredOn="soon"), Reason.DATE_BAD),
        (order(authoredOn="2030-01-01"), Reason.DATE_IN_FUTURE),
        (
            order(dispenseRequest={"validityPeriod": {"start": "2026-09-01", "end": "2026-08-01"}}),
            Reason.DATES_REVERSED,
        ),
        ({"resourceType": "Encounter", "id": "e"}, Reason.RESOURCE_TYPE_NOT_IMPORTED),
        ({"resourceType": "Pâtient"}, Reason.RESOURCE_TYPE_UNKNOWN),
        ({"id": "nameless"}, Reason.RESOURCE_TYPE_UNKNOWN),
        ("a text", Reason.ENTRY_MALFORMED),
        (None, Reason.ENTRY_MALFORMED),
        ([], Reason.ENTRY_MALFORMED),
    ],
)
def test_what_cannot_be_taken_is_listed_by_entry_and_reason(tmp_path: Path, bad: Any, reason: Reason) -> None:
    found = read(tmp_path, patient(), bad, shot())
    assert reasons(found) == [(reason, 1)]
    assert found.findings[0].weight is Weight.LEFT_OUT
    assert found.findings[0].file == "x.json"
    assert isinstance(only(found), ChartVaccination)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"identifier": [{"system": systems.STUDENT_NUMBER, "value": "99999"}]}, Reason.PATIENT_UNKNOWN),
        ({"birthDate": "2016-01-01"}, Reason.PATIENT_CONTRADICTS),
        (
            {
                "identifier": [
                    {"system": systems.STUDENT_NUMBER, "value": "00001"},
                    {"system": systems.SOURCED_ID, "value": "p2"},
                ]
            },
            Reason.PATIENT_AMBIGUOUS,
        ),
        ({"identifier": [], "name": []}, Reason.PATIENT_UNKNOWN),
        ({"identifier": [], "birthDate": "2017"}, Reason.PATIENT_UNKNOWN),
        ({"identifier": "00001"}, Reason.PATIENT_UNKNOWN),
    ],
)
def test_a_doubtful_patient_gets_no_chart_and_each_resource_says_so(
    tmp_path: Path, changes: dict[str, Any], reason: Reason
) -> None:
    found = read(tmp_path, patient(**changes), allergy(), shot(), students=(CHILD, student(2)))
    assert found.records == ()
    assert reasons(found) == [(reason, 0), (Reason.SUBJECT_UNKNOWN, 1), (Reason.SUBJECT_UNKNOWN, 2)]


def test_a_patient_without_number_is_recognised_by_name_and_birth_date_and_it_is_noted(tmp_path: Path) -> None:
    named = patient(identifier=[], name=[{"family": "NUNEZ1", "given": ["Zoe"]}])
    found = read(tmp_path, named, shot())
    assert only(found).student_id == CHILD.id
    assert reasons(found) == [(Reason.MATCHED_BY_NAME, 0)]


def test_twins_of_one_name_are_never_guessed(tmp_path: Path) -> None:
    twin = student(2, last_name="Núñez1")
    named = patient(identifier=[], name=[{"family": "Núñez1", "given": ["Zoë"]}])
    assert reasons(read(tmp_path, named, shot(), students=(CHILD, twin)))[0] == (Reason.PATIENT_AMBIGUOUS, 0)


def test_a_subject_may_be_named_by_student_number_without_a_patient(tmp_path: Path) -> None:
    whose = {"identifier": {"system": systems.STUDENT_NUMBER, "value": "00001"}}
    assert only(read(tmp_path, shot(patient=whose))).student_id == CHILD.id


def test_a_patient_may_stand_in_another_file(tmp_path: Path) -> None:
    write_bundle(tmp_path, "b.json", patient())
    write_bundle(tmp_path, "a.json", shot())
    assert only(read_charts(tmp_path, (CHILD,), DISTRICT)).student_id == CHILD.id


def test_the_same_short_id_in_two_files_is_two_children(tmp_path: Path) -> None:
    other = patient(identifier=[{"system": systems.STUDENT_NUMBER, "value": "00002"}])
    write_bundle(tmp_path, "a.json", patient(), shot())
    write_bundle(tmp_path, "b.json", other, shot())
    found = read_charts(tmp_path, (CHILD, student(2)), DISTRICT)
    assert {record.student_id for record in found.records} == {CHILD.id, student(2).id}


def test_the_same_resource_twice_is_taken_once_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, patient(), shot(), shot(), shot(lotNumber="L2"))
    assert only(found).lot == "L1"
    assert reasons(found) == [(Reason.DUPLICATE, 2), (Reason.DUPLICATE_DIFFERS, 3)]


def test_reading_twice_gives_the_same_ids(tmp_path: Path) -> None:
    first, second = (read(tmp_path, patient(), allergy(), condition(), shot(), order()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not json", Reason.NOT_JSON),
        (b"\xff\xfe{}", Reason.NOT_JSON),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": [NaN]}', Reason.NOT_JSON),
        (b"[" * 100_000, Reason.TOO_DEEP),
        (b'{"a":' * 70 + b"1" + b"}" * 70, Reason.TOO_DEEP),
        (b"[]", Reason.NOT_A_BUNDLE),
        (b'"Bundle"', Reason.NOT_A_BUNDLE),
        (b'{"resourceType": "Patient"}', Reason.NOT_A_BUNDLE),
        (b'{"resourceType": "Bundle", "type": "heap", "entry": []}', Reason.NOT_A_BUNDLE),
        (b'{"resourceType": "Bundle", "type": [], "entry": []}', Reason.NOT_A_BUNDLE),
        (b'{"resourceType": "Bundle", "type": "collection"}', Reason.NO_ENTRIES),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": {"a": 1}}', Reason.NO_ENTRIES),
        (b'{"n": ' + b"9" * 5_000 + b"}", Reason.NOT_JSON),
    ],
)
def test_a_file_of_nonsense_is_told_and_the_others_are_read(tmp_path: Path, content: bytes, reason: Reason) -> None:
    write_bundle(tmp_path, "x.json", patient(), shot())
    (tmp_path / "a.json").write_bytes(content)
    found = read_charts(tmp_path, (CHILD,), DISTRICT)
    assert reasons(found) == [(reason, None)]
    assert isinstance(only(found), ChartVaccination)


@pytest.mark.parametrize("what", ["nothing", "an empty folder"])
def test_a_folder_without_bundles_is_refused_with_what_to_do(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "f"
    if what == "an empty folder":
        folder.mkdir()
    with pytest.raises(SourceRefused, match="FHIR"):
        read_charts(folder, (CHILD,), DISTRICT)


def test_no_finding_shows_health_text_or_a_name(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        patient(name=[{"family": "Marker", "given": ["Zebulon"]}], birthDate="2001-02-03"),
        allergy(criticality="Marker"),
        order(medicationCodeableConcept=concept("x", "Marker", "Marker"), authoredOn="Marker"),
        shot(occurrenceDateTime="Marker"),
    )
    assert len(found.findings) == 4
    assert "Marker" not in str([str(finding) for finding in found.findings])
    assert "Marker" not in repr(found)


def test_the_report_counts_every_entry(tmp_path: Path) -> None:
    found = read(tmp_path, patient(), allergy(), shot(status="refused"), {"resourceType": "Encounter"}, "junk")
    writes = WriteCounts(created=1, updated=0, unchanged=0)
    report = ChartReport(source="f", outcome=Outcome.DONE_IN_PART, reading=found, writes=writes)
    document = json.loads(report.as_json())
    assert sum(document["seen"].values()) == 5
    assert sum(document["taken"].values()) + document["leftOut"] == 5
    assert document["findings"][0] == {
        "reason": "entry_malformed",
        "weight": "left_out",
        "file": "x.json",
        "entry": 4,
        "resourceType": None,
        "detail": "the entry holds no resource",
    }
    assert "1  Immunization status_invalid" in report.as_text()


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
json_values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@given(st.data())
def test_any_damage_to_a_resource_is_a_record_or_a_finding(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = data.draw(st.sampled_from([allergy(), condition(), shot(), order(), patient()]))
    damaged = {**whole, data.draw(st.sampled_from(sorted(whole))): data.draw(json_values)}
    found = read(tmp_path_factory.mktemp("f"), patient(), damaged)
    entries = sum(found.seen.values())
    left = sum(finding.weight is Weight.LEFT_OUT for finding in found.findings)
    assert entries == 2
    assert sum(found.taken.values()) + left == 2


@given(json_values)
def test_any_json_as_an_entry_is_taken_or_told(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    found = read(tmp_path_factory.mktemp("f"), value)
    assert found.records == ()
    assert len(found.findings) == 1


@pytest.mark.parametrize("content", ["", "[]", '{"medications": [{}]}'])
def test_a_broken_catalogue_is_refused_with_what_to_do(tmp_path: Path, content: str) -> None:
    path = tmp_path / "medications.json"
    path.write_text(content)
    with pytest.raises(CatalogueRefused, match="restore the file"):
        load_catalogue(path)


def test_the_catalogue_that_is_delivered_is_sound() -> None:
    controlled = {each.key for each in CATALOGUE.by_key.values() if each.dea_schedule == "II"}
    assert "methylphenidate-10-tab" in controlled
    assert all(each.ingredients for each in CATALOGUE.by_key.values())
    codes = [each.rxcui for each in CATALOGUE.by_key.values() if each.rxcui]
    assert len(codes) == len(set(codes))
