"""Patient.contact to emergency contacts. An import adds them; one that is there stays as the nurse keeps it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.fhir.patients import KnownPatient, folded
from wc_sync_server.importing.fhir.records import ChartContact
from wc_sync_server.importing.fhir.systems import MAY_PICK_UP
from wc_sync_server.importing.fhir.values import extension, name_of, text, texts, thing, things

_CALLED = ("phone", "sms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Those that can be called, and how many lack a name or a telephone number."""

    records: tuple[ChartContact, ...]
    incomplete: int


def read_contacts(patient: Mapping[str, Any], student: KnownPatient) -> Contacts:
    """Return the emergency contacts of a Patient, in its order: the first is called first."""
    said = things(patient, "contact")
    found = list(_contacts(said, student))
    return Contacts(records=tuple(found), incomplete=len(said) - len(found))


def _contacts(said: Sequence[Mapping[str, Any]], student: KnownPatient) -> Iterator[ChartContact]:
    met: set[str] = set()
    for contact in said:
        name, phone = _name(thing(contact, "name")), _phone(contact)
        if not name or not phone or folded(name) in met:
            continue
        met.add(folded(name))
        yield ChartContact(
            id=stable_ids.chart_id(student.chart, "Contact", folded(name)),
            school_id=student.school_id,
            student_id=student.id,
            name=name,
            relationship=next((each for each in map(name_of, things(contact, "relationship")) if each), "contact"),
            phone=phone,
            priority=len(met),
            is_primary=len(met) == 1,
            # Who may take a child home is said or it is not so.
            may_pick_up=extension(contact, MAY_PICK_UP).get("valueBoolean") is True,
            is_active=True,
        )


def _name(name: Mapping[str, Any]) -> str:
    return text(name, "text") or " ".join([*texts(name, "given"), text(name, "family")]).strip()


def _phone(contact: Mapping[str, Any]) -> str:
    numbers = (text(each, "value") for each in things(contact, "telecom") if each.get("system") in _CALLED)
    return next((number for number in numbers if number), "")
