"""Dose, unit, route and times of a MedicationRequest; what is missing or unclear is named, never guessed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wc_contract.model.values import Route
from wc_sync_server.importing.fhir.findings import LeftOut, Reason
from wc_sync_server.importing.fhir.systems import (
    MAX_DOSES,
    MAX_PERIOD_MINUTES,
    MIN_INTERVAL_MINUTES,
    SNOMED,
    WINDOW_MINUTES,
)
from wc_sync_server.importing.fhir.values import (
    codings,
    decimal,
    extension,
    name_of,
    text,
    texts,
    thing,
    things,
    whole,
)

_UNITS = {
    "mg": "mg",
    "ug": "ug",
    "mcg": "ug",
    "g": "g",
    "ml": "mL",
    "[iu]": "[iU]",
    "iu": "[iU]",
    "u": "[iU]",
    "unit": "[iU]",
    "units": "[iU]",
    "{tbl}": "{tbl}",
    "tablet": "{tbl}",
    "tablets": "{tbl}",
    "tab": "{tbl}",
    "{capsule}": "{capsule}",
    "capsule": "{capsule}",
    "capsules": "{capsule}",
    "cap": "{capsule}",
    "{puff}": "{puff}",
    "puff": "{puff}",
    "puffs": "{puff}",
    "{actuat}": "{actuat}",
    "spray": "{actuat}",
    "sprays": "{actuat}",
    "{patch}": "{patch}",
    "patch": "{patch}",
    "{drop}": "{drop}",
    "drop": "{drop}",
    "drops": "{drop}",
    "{dose}": "{dose}",
}
_ROUTES = {
    "26643006": Route.ORAL,
    "447694001": Route.INHALED,
    "46713006": Route.NASAL,
    "34206005": Route.SUBCUTANEOUS,
    "78421000": Route.INTRAMUSCULAR,
    "6064005": Route.TOPICAL,
    "54485002": Route.OPHTHALMIC,
    "10547007": Route.OTIC,
    "54471007": Route.BUCCAL,
    "37839007": Route.SUBLINGUAL,
    "37161004": Route.RECTAL,
    "417985001": Route.ENTERAL_TUBE,
    "45890007": Route.TRANSDERMAL,
}
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d):[0-5]\d(?:\.\d+)?\Z", re.ASCII)
_LUNCH = frozenset({"CD", "ACD", "PCD"})
_SCHOOL_WEEK = {"mon", "tue", "wed", "thu", "fri"}
_MOST = Decimal(100_000)
_WIDEST_WINDOW = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Dosage:
    """What a dosage instruction says. lacking names what a nurse must still settle."""

    dose: Decimal = field(repr=False)
    unit: str
    route: Route
    times: tuple[str, ...] = field(repr=False)
    as_needed: bool
    window_minutes: int | None
    min_interval_minutes: int | None
    max_doses: int | None
    max_period_minutes: int | None
    instructions: str | None = field(repr=False)
    lacking: tuple[str, ...]


def read_dosage(resource: Mapping[str, Any], usual_route: Route, *, is_emergency: bool) -> Dosage | LeftOut:
    """Read the dosage of a MedicationRequest. Without an amount there is no order to keep."""
    instructions = things(resource, "dosageInstruction")
    first = instructions[0] if instructions else {}
    amount = _amount(first)
    if isinstance(amount, LeftOut):
        return amount
    lacking: list[str] = [] if len(instructions) == 1 else ["one single dosage instruction"]
    as_needed = first.get("asNeededBoolean") is True or bool(thing(first, "asNeededCodeableConcept"))
    repeat = thing(thing(first, "timing"), "repeat")
    times = () if as_needed else _times(repeat, lacking)
    limits = {name: _positive(resource, url) for name, url in _LIMITS.items()}
    if (limits["max_doses"] is None) is not (limits["max_period"] is None):
        lacking.append("both a maximum of doses and its period")
        limits["max_doses"] = limits["max_period"] = None
    if as_needed and not is_emergency and (limits["min_interval"] is None or limits["max_doses"] is None):
        lacking.append("minimum interval and maximum of an as-needed order")
    window = whole(extension(resource, WINDOW_MINUTES), "valuePositiveInt")
    if window is not None and not 0 <= window <= _WIDEST_WINDOW:
        lacking.append(f"window of at most {_WIDEST_WINDOW} minutes")
        window = None
    return Dosage(
        dose=amount,
        unit=_unit(first, lacking),
        route=_route(first, usual_route, lacking),
        times=times,
        as_needed=as_needed,
        window_minutes=window,
        min_interval_minutes=limits["min_interval"],
        max_doses=limits["max_doses"],
        max_period_minutes=limits["max_period"],
        instructions=text(first, "text") or text(first, "patientInstruction") or None,
        lacking=tuple(lacking),
    )


_LIMITS = {"min_interval": MIN_INTERVAL_MINUTES, "max_doses": MAX_DOSES, "max_period": MAX_PERIOD_MINUTES}


def _positive(resource: Mapping[str, Any], url: str) -> int | None:
    number = whole(extension(resource, url), "valuePositiveInt")
    # One year of minutes is more than any limit; beyond it lies nonsense.
    return number if number is not None and 0 < number <= 366 * 24 * 60 else None


def _amount(dosage: Mapping[str, Any]) -> Decimal | LeftOut:
    rates = things(dosage, "doseAndRate")
    quantity = thing(rates[0], "doseQuantity") if rates else {}
    if "value" not in quantity:
        return LeftOut(reason=Reason.DOSE_MISSING, detail="the amount of a dose is missing; ask the prescriber")
    amount = decimal(quantity, "value")
    if amount is None or not 0 < amount <= _MOST:
        return LeftOut(reason=Reason.DOSE_BAD, detail="the amount of a dose is no possible number")
    return amount


def _unit(dosage: Mapping[str, Any], lacking: list[str]) -> str:
    rates = things(dosage, "doseAndRate")
    quantity = thing(rates[0], "doseQuantity") if rates else {}
    for said in (text(quantity, "code"), text(quantity, "unit")):
        unit = _UNITS.get(said.lower().replace("µg", "ug"))
        if unit is not None:
            return unit
    lacking.append("unit of the dose")
    return "{dose}"


def _route(dosage: Mapping[str, Any], usual: Route, lacking: list[str]) -> Route:
    concept = thing(dosage, "route")
    for coding in codings(concept):
        if coding.system == SNOMED and coding.code in _ROUTES:
            return _ROUTES[coding.code]
    word = name_of(concept).upper()
    if word in Route.__members__:
        return Route[word]
    lacking.append("route")
    return usual


def _times(repeat: Mapping[str, Any], lacking: list[str]) -> tuple[str, ...]:
    said: Sequence[str] = texts(repeat, "timeOfDay")
    found = [f"{match[1]}:{match[2]}" for each in said if (match := _TIME.match(each)) is not None]
    if any(each in _LUNCH for each in texts(repeat, "when")):
        found.append("lunch")
    if not found or len(found) < len(said):
        lacking.append("times of day")
    days = set(texts(repeat, "dayOfWeek"))
    if days and not days >= _SCHOOL_WEEK:
        lacking.append("a schedule for every school day (this one names days of the week)")
    return tuple(sorted(dict.fromkeys(found)))
