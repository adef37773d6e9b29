"""AllergyIntolerance, Condition and Immunization to chart records. Each answers with a record or with why not."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wc_contract.model.values import AllergyCriticality, ConditionStatus
from wc_sync_server.importing.fhir.bundles import BundleEntry
from wc_sync_server.importing.fhir.findings import LeftOut, Reason
from wc_sync_server.importing.fhir.records import ChartAllergy, ChartCondition, ChartVaccination
from wc_sync_server.importing.fhir.subject import Subject
from wc_sync_server.importing.fhir.systems import CVX, ICD10, MVX, RXNORM, SNOMED
from wc_sync_server.importing.fhir.values import (
    Coding,
    code_of,
    codings,
    dated,
    name_of,
    status_of,
    text,
    texts,
    thing,
    things,
    whole,
)

# SNOMED: no known allergy, and its kinds (drug, food, environment, latex).
_NO_ALLERGY = frozenset({"716186003", "409137002", "429625007", "428607008", "1003774007"})
_ALLERGY_STATUS = {"active": True, "": True, "inactive": False, "resolved": False}
_CONDITION_STATUS = {
    "active": ConditionStatus.ACTIVE,
    "recurrence": ConditionStatus.ACTIVE,
    "relapse": ConditionStatus.ACTIVE,
    "": ConditionStatus.ACTIVE,
    "inactive": ConditionStatus.RESOLVED,
    "remission": ConditionStatus.RESOLVED,
    "resolved": ConditionStatus.RESOLVED,
}
_VERIFICATION = frozenset({"", "unconfirmed", "presumed", "provisional", "differential", "confirmed"})
_IMMUNIZATION_STATUS = frozenset({"completed", "not-done", "entered-in-error"})
_RECORDED = "RECORDED"
_REPORTED = "REPORTED"


def map_allergy(entry: BundleEntry, subject: Subject) -> ChartAllergy | LeftOut:  # noqa: PLR0911
    """Return the allergy of an AllergyIntolerance."""
    resource = entry.resource
    doubt = _unfounded(resource)
    if doubt is not None:
        return doubt
    active = _ALLERGY_STATUS.get(status_of(resource, "clinicalStatus"))
    if active is None:
        return _invalid("clinicalStatus")
    concept = thing(resource, "code")
    allergen = name_of(concept)
    if not allergen:
        return _no_code()
    found = codings(concept)
    if any(coding.system == SNOMED and coding.code in _NO_ALLERGY for coding in found):
        return LeftOut(reason=Reason.STATES_NO_ALLERGY, detail="it says that there is no allergy; nothing to record")
    criticality = text(resource, "criticality") or AllergyCriticality.UNABLE_TO_ASSESS
    if criticality not in set(AllergyCriticality):
        return _invalid("criticality")
    recorded = dated(resource.get("recordedDate"))
    if recorded is not None and recorded.bad:
        return _bad_date("recordedDate")
    confirmed = status_of(resource, "verificationStatus") == "confirmed"
    rxnorm = tuple(coding.code for coding in found if coding.system == RXNORM)
    names = " / ".join([allergen, *(coding.display for coding in found)])
    return ChartAllergy(
        id=subject.record_id(entry),
        school_id=subject.student.school_id,
        student_id=subject.student.id,
        allergen=allergen,
        code=found[0].code if found else None,
        code_system=found[0].system or None if found else None,
        ingredient_codes=subject.district.catalogue.allergen_codes(rxnorm, names) or _own_code(resource, found),
        reaction=_reactions(resource),
        criticality=AllergyCriticality(criticality),
        verified_on=recorded.day if recorded is not None and confirmed else None,
        is_active=active,
    )


def _own_code(resource: Mapping[str, Any], found: Sequence[Coding]) -> tuple[str, ...]:
    """Return the code of an allergen that is surely no drug; a drug we do not know stays 'not checked'."""
    categories = set(texts(resource, "category"))
    if not found or not categories or not categories <= {"food", "environment"}:
        return ()
    return (f"{'snomed' if found[0].system == SNOMED else 'other'}:{found[0].code}",)


def _reactions(resource: Mapping[str, Any]) -> str | None:
    names = [
        name_of(manifestation)
        for reaction in things(resource, "reaction")
        for manifestation in things(reaction, "manifestation")
    ]
    return ", ".join(dict.fromkeys(name for name in names if name)) or None


def map_condition(entry: BundleEntry, subject: Subject) -> ChartCondition | LeftOut:
    """Return the condition of a Condition."""
    resource = entry.resource
    doubt = _unfounded(resource)
    if doubt is not None:
        return doubt
    status = _CONDITION_STATUS.get(status_of(resource, "clinicalStatus"))
    if status is None:
        return _invalid("clinicalStatus")
    concept = thing(resource, "code")
    name = name_of(concept)
    if not name:
        return _no_code()
    onset = dated(resource.get("onsetDateTime"))
    if onset is not None and onset.bad:
        return _bad_date("onsetDateTime")
    day = onset.day if onset is not None else None
    wrong = day and _impossible(day, subject, "onsetDateTime")
    if wrong:
        return wrong
    return ChartCondition(
        id=subject.record_id(entry),
        school_id=subject.student.school_id,
        student_id=subject.student.id,
        name=name,
        icd10=code_of(concept, *ICD10),
        snomed=code_of(concept, SNOMED),
        onset=day,
        status=status,
    )


def map_immunization(entry: BundleEntry, subject: Subject) -> ChartVaccination | LeftOut:  # noqa: PLR0911
    """Return the vaccination of an Immunization. It needs an exact day: schedules are counted in days."""
    resource = entry.resource
    status = text(resource, "status")
    if status not in _IMMUNIZATION_STATUS:
        return _invalid("status")
    if status == "entered-in-error":
        return _in_error()
    if status == "not-done":
        return LeftOut(reason=Reason.NOT_DONE, detail="the vaccine was not given; enter an exemption if there is one")
    concept = thing(resource, "vaccineCode")
    cvx = code_of(concept, CVX)
    if cvx is None:
        return LeftOut(reason=Reason.CODE_MISSING, detail="the vaccine has no CVX code")
    given = dated(resource.get("occurrenceDateTime"))
    if given is None:
        return LeftOut(reason=Reason.DATE_MISSING, detail="the day of the vaccination is missing")
    if given.inexact:
        return LeftOut(reason=Reason.DATE_INEXACT, detail="the day of the vaccination is not exact; ask for the card")
    if given.bad or given.day is None:
        return _bad_date("occurrenceDateTime")
    wrong = _impossible(given.day, subject, "occurrenceDateTime")
    if wrong is not None:
        return wrong
    return ChartVaccination(
        id=subject.record_id(entry),
        school_id=subject.student.school_id,
        student_id=subject.student.id,
        cvx=cvx,
        vaccine_name=name_of(concept) or None,
        mvx=next(iter(_manufacturers(resource)), None),
        lot=text(resource, "lotNumber") or None,
        administered_on=given.day,
        dose_number=_dose_number(resource),
        source=_RECORDED if resource.get("primarySource") is True else _REPORTED,
    )


def _manufacturers(resource: Mapping[str, Any]) -> list[str]:
    identifier = thing(thing(resource, "manufacturer"), "identifier")
    return [text(identifier, "value")] if text(identifier, "system") == MVX else []


def _dose_number(resource: Mapping[str, Any]) -> int | None:
    for applied in things(resource, "protocolApplied"):
        number = whole(applied, "doseNumberPositiveInt")
        if number is not None and number > 0:
            return number
    return None


def _unfounded(resource: Mapping[str, Any]) -> LeftOut | None:
    verification = status_of(resource, "verificationStatus")
    if verification == "entered-in-error":
        return _in_error()
    if verification == "refuted":
        return LeftOut(reason=Reason.REFUTED, detail="it was found not to be so")
    return None if verification in _VERIFICATION else _invalid("verificationStatus")


def _impossible(day: date, subject: Subject, field: str) -> LeftOut | None:
    if day > subject.district.today:
        return LeftOut(reason=Reason.DATE_IN_FUTURE, detail=f"{field} lies in the future")
    if day < subject.student.date_of_birth:
        return LeftOut(reason=Reason.DATE_BEFORE_BIRTH, detail=f"{field} lies before the student's birth")
    return None


def _invalid(field: str) -> LeftOut:
    return LeftOut(reason=Reason.STATUS_INVALID, detail=f"{field} has a value that FHIR R4 does not know")


def _bad_date(field: str) -> LeftOut:
    return LeftOut(reason=Reason.DATE_BAD, detail=f"{field} is no date")


def _no_code() -> LeftOut:
    return LeftOut(reason=Reason.CODE_MISSING, detail="it has neither a code with a name nor a text")


def _in_error() -> LeftOut:
    return LeftOut(reason=Reason.ENTERED_IN_ERROR, detail="its source says that it was entered in error")
