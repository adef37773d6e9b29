"""Synthetic charts laid on pupils: the child of the same sex born nearest, every date moved by the difference."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from wc_sync_server.demo.district.pupils import Pupil
from wc_sync_server.demo.district.synthea_charts import SyntheticChart

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?\Z")
_DISORDER = "(disorder)"
# Over long before a school hears of it, though the generator never says so.
_PASSING = ("acute", "viral", "otitis", "fracture", "pneumonia", "laceration", "sprain", "retention", "salivation")
# One chart in this many keeps its allergies: the generator gives them to almost every child.
_ALLERGIC_EVERY = 3
_MOST_ALLERGIES = 3
_RECENT = timedelta(days=365)
# The generator hands these to children; no school nurse has seen one.
_IMPLAUSIBLE_ALLERGENS = ("lisinopril", "captopril", "enalapril", "benazepril", "quinapril", "ramipril", "disposition")
_DROPPED = ("encounter", "reasonReference", "dispenseRequest", "context")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidChart:
    """Resources of one pupil, without subject."""

    pupil: Pupil
    resources: Sequence[Mapping[str, Any]] = field(repr=False)


def lay_charts(
    charts: Sequence[SyntheticChart], first: Sequence[Pupil], others: Sequence[Pupil], today: date
) -> Iterator[LaidChart]:
    """Yield a chart for each pupil of first, then of others, until the charts are used up."""
    left = list(charts)
    for pupil in (*first, *others):
        fitting = [chart for chart in left if chart.sex == pupil.sex]
        if not fitting:
            continue
        chart = min(fitting, key=partial(_apart, pupil))
        left.remove(chart)
        yield LaidChart(pupil=pupil, resources=tuple(_resources(chart, pupil, today)))


def _apart(pupil: Pupil, chart: SyntheticChart) -> int:
    return abs((chart.born - pupil.born).days)


def _resources(chart: SyntheticChart, pupil: Pupil, today: date) -> Iterator[Mapping[str, Any]]:
    moved_by = pupil.born - chart.born
    allergies = _MOST_ALLERGIES if int(pupil.number) % _ALLERGIC_EVERY == 0 else 0
    for place, resource in enumerate(chart.resources):
        if not _belongs_at_school(resource):
            continue
        if resource["resourceType"] == "AllergyIntolerance":
            allergies -= 1
            if allergies < 0:
                continue
        moved = _moved(resource, moved_by)
        since = today - _RECENT if resource["resourceType"] == "MedicationRequest" else pupil.born
        if _lies_between(moved, since, today):
            kind = str(resource["resourceType"])
            kept = {name: value for name, value in moved.items() if name not in _DROPPED}
            yield {**kept, "id": f"{kind.lower()}-{pupil.number}-{place}"}


def _belongs_at_school(resource: Mapping[str, Any]) -> bool:
    match resource["resourceType"]:
        case "Condition":
            name = _display(resource["code"]).lower()
            passing = any(word in name for word in _PASSING)
            return _DISORDER in name and not passing and "abatementDateTime" not in resource
        case "MedicationRequest":
            return bool(resource["status"] == "active")
        case "AllergyIntolerance":
            allergen = _display(resource["code"]).lower()
            return not any(name in allergen for name in _IMPLAUSIBLE_ALLERGENS)
        case kind:
            return bool(kind == "Immunization")


def _display(concept: Mapping[str, Any]) -> str:
    return " ".join(str(coding.get("display", "")) for coding in concept.get("coding", ()))


def _moved(node: Any, by: timedelta) -> Any:  # noqa: ANN401  # JSON is whatever JSON is
    if isinstance(node, dict):
        return {name: _moved(value, by) for name, value in node.items()}
    if isinstance(node, list):
        return [_moved(value, by) for value in node]
    match = _DATE.match(node) if isinstance(node, str) else None
    return node if match is None else (date.fromisoformat(match[1]) + by).isoformat()


def _lies_between(resource: Mapping[str, Any], since: date, today: date) -> bool:
    said = (resource.get(name) for name in ("occurrenceDateTime", "onsetDateTime", "authoredOn", "recordedDate"))
    return all(since.isoformat() <= day <= today.isoformat() for day in said if day is not None)
