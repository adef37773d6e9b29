"""Reading values out of FHIR JSON that may hold anything: what has the wrong shape reads as absent."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from wc_contract.model.instants import Instant, whole_millis

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T\S+)?)?)?\Z", re.ASCII)
_TAG = re.compile(r" \((?:disorder|finding|substance|organism|product|situation|physical object)\)\Z")
_LONGEST = 500
# FHIR decimals may have any size; a dose has not.
_DIGITS = 18


def text(node: Mapping[str, Any], name: str) -> str:
    """Return a text cleaned of surrounding space; empty when it is absent, no text, too long or unprintable."""
    value = node.get(name)
    if not isinstance(value, str):
        return ""
    value = " ".join(value.split())
    return value if len(value) <= _LONGEST and value.isprintable() else ""


def thing(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object; empty when it is absent or none."""
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def things(node: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a list."""
    value = node.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(node: Mapping[str, Any], name: str) -> Sequence[str]:
    """Return the texts of a list."""
    value = node.get(name)
    return [item.strip() for item in value if isinstance(item, str)] if isinstance(value, list) else []


def decimal(node: Mapping[str, Any], name: str) -> Decimal | None:
    """Return an exact number; None when it is absent, no number or beyond any dose."""
    value = node.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    digits = number.as_tuple()
    exponent = digits.exponent
    if not isinstance(exponent, int) or abs(exponent) > _DIGITS or len(digits.digits) > _DIGITS:
        return None
    return number


def whole(node: Mapping[str, Any], name: str) -> int | None:
    """Return a whole number; None when it is absent or none."""
    value = node.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """One code of a concept."""

    system: str
    code: str = field(repr=False)
    display: str = field(repr=False)


def codings(concept: Mapping[str, Any]) -> Sequence[Coding]:
    """Return the codings of a CodeableConcept that have a code."""
    return [
        Coding(system=text(item, "system"), code=text(item, "code"), display=text(item, "display"))
        for item in things(concept, "coding")
        if text(item, "code")
    ]


def code_of(concept: Mapping[str, Any], *systems: str) -> str | None:
    """Return the first code of a concept in one of systems."""
    return next((coding.code for coding in codings(concept) if coding.system in systems), None)


def name_of(concept: Mapping[str, Any]) -> str:
    """Return what a concept is called, without the tag that SNOMED's full names end in."""
    displays = (coding.display for coding in codings(concept) if coding.display)
    return _TAG.sub("", text(concept, "text") or next(displays, ""))


def status_of(resource: Mapping[str, Any], name: str) -> str:
    """Return the code of a status that is a CodeableConcept, in lower case."""
    found = codings(thing(resource, name))
    return found[0].code.lower() if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A FHIR date: exact, or only a year or month, or no date at all."""

    day: date | None
    inexact: bool = False
    bad: bool = False


def dated(value: object) -> Dated | None:
    """Read a FHIR date or dateTime; None when there is none. The date is the one written, in its own zone."""
    if value is None:
        return None
    match = _DATE.match(value) if isinstance(value, str) else None
    if match is None:
        return Dated(day=None, bad=True)
    year, month, day = match.groups()
    try:
        whole_date = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return Dated(day=None, bad=True)
    if day is None:
        return Dated(day=None, inexact=True)
    return Dated(day=whole_date)


def instant(value: object) -> Instant | None:
    """Read a FHIR dateTime with a zone; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if at.tzinfo is None else whole_millis(at.astimezone(UTC))


def extensions(resource: Mapping[str, Any], url: str) -> Iterator[Mapping[str, Any]]:
    """Yield the extensions of a resource with this url."""
    return (item for item in things(resource, "extension") if item.get("url") == url)


def extension(resource: Mapping[str, Any], url: str) -> Mapping[str, Any]:
    """Return the first extension with this url; empty without one."""
    return next(extensions(resource, url), {})
