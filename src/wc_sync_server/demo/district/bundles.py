"""Charts and school orders as FHIR R4 bundles, one file a pupil, as the district's other systems would send them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from wc_sync_server.demo.district.pupils import Pupil
from wc_sync_server.demo.district.regimens import Reason
from wc_sync_server.demo.district.school_orders import SchoolOrder
from wc_sync_server.importing.catalogue import Catalogue
from wc_sync_server.importing.fhir import systems

_SEXES = {"F": "female", "M": "male"}
_SNOMED_ROUTES = {
    "ORAL": "26643006",
    "INHALED": "447694001",
    "NASAL": "46713006",
    "SUBCUTANEOUS": "34206005",
    "INTRAMUSCULAR": "78421000",
    "RECTAL": "37161004",
}
_MOTHERS = ("Maria", "Angela", "Denise", "Leila", "Hannah", "Ngoc", "Priya", "Carmen", "Joanna", "Amara")
_FATHERS = ("David", "Jorge", "Michael", "Hassan", "Peter", "Tuan", "Arjun", "Carlos", "Adam", "Kofi")
_AREAS = ("217", "309", "815")
_PENICILLIN = {"system": systems.RXNORM, "code": "7984", "display": "Penicillin V"}
_PEANUT = {"system": systems.SNOMED, "code": "91935009", "display": "Allergy to peanut"}


def write_bundle(folder: Path, pupil: Pupil, resources: Sequence[Mapping[str, Any]]) -> None:
    """Write the bundle of one pupil. The same chart is the same octets."""
    patient = _patient(pupil)
    subject = {"reference": f"Patient/{patient['id']}"}
    entries = [_entry(patient)]
    for resource in resources:
        whose = "patient" if resource["resourceType"] in {"AllergyIntolerance", "Immunization"} else "subject"
        entries.append(_entry({**resource, whose: subject}))
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    text = json.dumps(bundle, sort_keys=True, ensure_ascii=False, indent=1)
    (folder / f"{pupil.number}.json").write_text(text + "\n", encoding="utf-8")


def _entry(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"fullUrl": f"urn:whitecross:demo:{resource['resourceType']}/{resource['id']}", "resource": resource}


def _patient(pupil: Pupil) -> Mapping[str, Any]:
    return {
        "resourceType": "Patient",
        "id": f"patient-{pupil.number}",
        "identifier": [
            {"system": systems.STUDENT_NUMBER, "value": pupil.number},
            {"system": systems.SOURCED_ID, "value": pupil.sourced_id},
        ],
        "name": [{"use": "official", "family": pupil.name.last, "given": [pupil.name.first]}],
        "gender": _SEXES[pupil.sex],
        "birthDate": pupil.born.isoformat(),
        "contact": list(_contacts(pupil)),
    }


def _contacts(pupil: Pupil) -> Iterator[Mapping[str, Any]]:
    """Yield two invented adults; numbers of 555-01xx are kept free for fiction."""
    chance = Random(f"contacts/{pupil.name.last}/{pupil.born}")  # noqa: S311  # invented people, not secrets
    for relationship, names in (("Mother", _MOTHERS), ("Father", _FATHERS)):
        yield {
            "relationship": [{"text": relationship}],
            "name": {"family": pupil.name.last, "given": [chance.choice(names)]},
            "telecom": [{"system": "phone", "value": f"({chance.choice(_AREAS)}) 555-01{chance.randrange(100):02}"}],
            "extension": [{"url": systems.MAY_PICK_UP, "valueBoolean": True}],
        }


def order_resources(orders: Sequence[SchoolOrder], catalogue: Catalogue, *, clash: bool) -> Iterator[Mapping[str, Any]]:
    """Yield the orders of one pupil with the conditions they are for and the allergies that belong to them."""
    yield from (_condition(reason, orders[0]) for reason in dict.fromkeys(order.regimen.reason for order in orders))
    number = orders[0].pupil.number
    if any(order.regimen.allergen for order in orders):
        yield _allergy(f"allergy-{number}-peanut", _PEANUT, "food", "Anaphylaxis", orders[0])
    if clash:
        yield _allergy(f"allergy-{number}-penicillin", _PENICILLIN, "medication", "Hives", orders[0])
    yield from (_order(order, catalogue) for order in orders)


def _condition(reason: Reason, order: SchoolOrder) -> Mapping[str, Any]:
    return {
        "resourceType": "Condition",
        "id": f"condition-{order.pupil.number}-{reason.icd10.lower().replace('.', '-')}",
        "clinicalStatus": _hl7("condition-clinical", "active"),
        "verificationStatus": _hl7("condition-ver-status", "confirmed"),
        "code": {
            "coding": [
                {"system": systems.ICD10[0], "code": reason.icd10, "display": reason.name},
                {"system": systems.SNOMED, "code": reason.snomed, "display": reason.name},
            ],
            "text": reason.name,
        },
    }


def _allergy(
    own: str, coding: Mapping[str, str], category: str, reaction: str, order: SchoolOrder
) -> Mapping[str, Any]:
    return {
        "resourceType": "AllergyIntolerance",
        "id": own,
        "clinicalStatus": _hl7("allergyintolerance-clinical", "active"),
        "verificationStatus": _hl7("allergyintolerance-verification", "confirmed"),
        "category": [category],
        "criticality": "high",
        "code": {"coding": [coding], "text": coding["display"].removeprefix("Allergy to ").capitalize()},
        "recordedDate": order.signed.isoformat(),
        "reaction": [{"manifestation": [{"text": reaction}]}],
    }


def _hl7(system: str, code: str) -> Mapping[str, Any]:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}


def _order(order: SchoolOrder, catalogue: Catalogue) -> Mapping[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": order.id,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _concept(order, catalogue),
        "authoredOn": order.signed.isoformat(),
        "requester": {"display": order.prescriber},
        "reasonCode": [{"text": order.regimen.reason.name}],
        "dosageInstruction": [_dosage(order)],
        "dispenseRequest": {"validityPeriod": {"start": order.start.isoformat(), "end": order.end.isoformat()}},
        "extension": list(_extensions(order)),
    }


def _concept(order: SchoolOrder, catalogue: Catalogue) -> Mapping[str, Any]:
    medication = catalogue.by_key[order.regimen.medication]
    coding = [{"system": systems.CATALOGUE, "code": medication.key, "display": medication.name}]
    if medication.rxcui is not None:
        coding.append({"system": systems.RXNORM, "code": medication.rxcui, "display": medication.name})
    return {"coding": coding, "text": medication.name}


def _dosage(order: SchoolOrder) -> Mapping[str, Any]:
    regimen = order.regimen
    number = int(regimen.dose) if regimen.dose == regimen.dose.to_integral_value() else regimen.dose
    dosage: dict[str, Any] = {
        "route": {"coding": [{"system": systems.SNOMED, "code": _SNOMED_ROUTES[regimen.route]}]},
        # Doses here have at most two decimals, which a float prints as they are written.
        "doseAndRate": [
            {
                "doseQuantity": {
                    "value": number if isinstance(number, int) else float(number),
                    "system": systems.UCUM,
                    "code": regimen.unit,
                }
            }
        ],
    }
    if regimen.instructions:
        dosage["text"] = regimen.instructions
    if order.time is None:
        return {**dosage, "asNeededBoolean": True}
    return {**dosage, "timing": {"repeat": {"timeOfDay": [f"{order.time}:00"]}}}


def _extensions(order: SchoolOrder) -> Iterator[Mapping[str, Any]]:
    period = {"start": order.parent_from.isoformat(), "end": order.parent_to.isoformat()}
    yield {"url": systems.PARENT_AUTHORISATION, "valuePeriod": period}
    nurse = {"identifier": {"system": systems.USER_SOURCED_ID, "value": order.nurse}}
    yield {"url": systems.NURSE_VERIFICATION, "valueReference": nurse}
    if order.verbal_until is not None:
        yield {"url": systems.VERBAL_UNTIL, "valueDate": order.verbal_until.isoformat()}
    if order.self_carry:
        yield {"url": systems.SELF_CARRY, "valueBoolean": True}
    for url, limit in (
        (systems.WINDOW_MINUTES, order.regimen.window),
        (systems.MIN_INTERVAL_MINUTES, order.regimen.min_interval),
        (systems.MAX_DOSES, order.regimen.max_doses),
        (systems.MAX_PERIOD_MINUTES, order.regimen.max_period),
    ):
        if limit is not None:
            yield {"url": url, "valuePositiveInt": limit}
