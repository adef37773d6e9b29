"""Facts put into the words of the screen: names, days, times, amounts. One way for each, everywhere."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import DoseState, MedicationForm, OrderStatus, Route
from wc_desktop.domain.names import grade_label
from wc_desktop.domain.screens import MedicationView, PersonRow, StudentRow
from wc_desktop.ui.viewmodels.tall_man import tall_man

_CONTEXT: Final = "Words"
JOINT: Final = " · "
_HOUR = 60
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONG_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ROUTES: Final[Mapping[Route, str]] = {
    Route.ORAL: "by mouth",
    Route.INHALED: "inhaled",
    Route.NASAL: "into the nose",
    Route.SUBCUTANEOUS: "under the skin",
    Route.INTRAMUSCULAR: "into the muscle",
    Route.TOPICAL: "on the skin",
    Route.OPHTHALMIC: "into the eye",
    Route.OTIC: "into the ear",
    Route.BUCCAL: "inside the cheek",
    Route.SUBLINGUAL: "under the tongue",
    Route.RECTAL: "into the rectum",
    Route.ENTERAL_TUBE: "by feeding tube",
    Route.TRANSDERMAL: "skin patch",
}
DOSE_STATES: Final[Mapping[DoseState, str]] = {
    DoseState.ADMINISTERED: "Given",
    DoseState.PARTIAL: "Part given",
    DoseState.REFUSED: "Refused",
    DoseState.ABSENT: "Absent",
    DoseState.DISMISSED_EARLY: "Dismissed early",
    DoseState.HELD: "Held",
    DoseState.MISSED: "Missed",
    DoseState.NOT_AVAILABLE: "Not available",
    DoseState.WASTED: "Wasted",
    DoseState.SELF_ADMINISTERED: "Self-administered",
    DoseState.OFF_SITE: "Off site",
    DoseState.VOMITED: "Vomited",
    DoseState.ENTERED_IN_ERROR: "Entered in error",
}
ORDER_STATES: Final[Mapping[OrderStatus, str]] = {
    OrderStatus.DRAFT: "a draft",
    OrderStatus.PENDING_VERIFICATION: "waiting for a nurse",
    OrderStatus.ACTIVE: "active",
    OrderStatus.HELD: "on hold",
    OrderStatus.SUPERSEDED: "replaced by another",
    OrderStatus.DISCONTINUED: "discontinued",
    OrderStatus.EXPIRED: "expired",
    OrderStatus.COMPLETED: "completed",
}
FORMS: Final[Mapping[MedicationForm, str]] = {
    MedicationForm.TABLET: "tablet",
    MedicationForm.CHEWABLE: "chewable tablet",
    MedicationForm.CAPSULE: "capsule",
    MedicationForm.LIQUID: "liquid",
    MedicationForm.INHALER: "inhaler",
    MedicationForm.NASAL_SPRAY: "nasal spray",
    MedicationForm.INJECTION: "injection",
    MedicationForm.AUTO_INJECTOR: "auto-injector",
    MedicationForm.PEN: "pen",
    MedicationForm.CREAM: "cream",
    MedicationForm.DROPS: "drops",
    MedicationForm.PATCH: "patch",
    MedicationForm.RECTAL_GEL: "rectal gel",
    MedicationForm.OTHER: "",
}
# Catalogue names carry strength and form: "Methylphenidate 10 mg tablet".
_STRENGTH_IN_NAME: Final = re.compile(r"(?P<drug>\D+?),?\s+(?P<strength>\d.*)", re.DOTALL)
_WHAT: Final[Mapping[str, str]] = {
    "allergies": "allergies, because a record has no codes",
    "interactions": "interactions between medicines",
}
_FIELDS: Final[Mapping[str, str]] = {
    "type": "kind of incident",
    "occurred_at": "when it happened",
    "location": "where it happened",
    "narrative": "what happened",
    "disposition": "where the child went",
    "student_id": "the child",
    "body_regions": "body regions",
    "care_given": "care given",
    "notifications": "whom you contacted",
    "arrived_at": "when the child came",
    "left_at": "when the child left",
    "reason": "why the child came",
    "said": "what was said",
    "fetched_by": "who fetched the child",
    "TEMPERATURE": "temperature",
    "PULSE": "pulse",
    "RESPIRATION": "breaths",
    "SYSTOLIC": "upper blood pressure",
    "DIASTOLIC": "lower blood pressure",
    "OXYGEN_SATURATION": "oxygen saturation",
    "BLOOD_GLUCOSE": "blood sugar",
    "PEAK_FLOW": "peak flow",
    "PAIN": "pain",
}
_CREDENTIALS: Final = frozenset({"RN", "LPN", "LVN", "NP", "APRN", "CNA", "MA", "EMT"})


def say(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


# People.


def full_name(student: StudentRow) -> str:
    """Return 'MARTINEZ, Sofia'."""
    return f"{student.last_name.upper()}, {student.first_name}"


def goes_by(student: StudentRow) -> str:
    """Return 'Goes by Sophie' when the child uses another name, else nothing."""
    preferred = (student.preferred_name or "").strip()
    if not preferred or preferred.casefold() == student.first_name.casefold():
        return ""
    return say("Goes by {name}").format(name=preferred)


def grade_words(student: StudentRow) -> str:
    """Return 'Gr 2 · Rm 5'; kindergarten and younger have their own words."""
    shown = grade_label(student.grade, say("Gr {grade}"))
    room = say("Rm {room}").format(room=student.homeroom) if student.homeroom else ""
    return JOINT.join(filter(None, (shown, room)))


def person_name(person: PersonRow) -> str:
    """Return 'Jordan Reyes, RN'."""
    name = f"{person.first_name} {person.last_name}"
    licence = (person.licence_type or "").strip()
    return f"{name}, {licence}" if licence.upper() in _CREDENTIALS else name


# Days and times, always in the school's zone.


def day_words(day: date) -> str:
    """Return '3 Nov 2026'."""
    return f"{day.day} {say(_MONTHS[day.month - 1])} {day.year}"


def short_day_words(day: date) -> str:
    """Return 'Fri 20 Nov'."""
    return f"{say(_WEEKDAYS[day.weekday()])[:3]} {day.day} {say(_MONTHS[day.month - 1])}"


def weekday_words(day: date) -> str:
    """Return 'Monday 23 November 2026'."""
    return f"{say(_WEEKDAYS[day.weekday()])} {day.day} {say(_LONG_MONTHS[day.month - 1])} {day.year}"


def local(at: Instant, zone: ZoneInfo) -> datetime:
    """Return the wall-clock time of the school. The one place that converts."""
    return at.astimezone(zone)


def clock_words(at: Instant, zone: ZoneInfo) -> str:
    """Return '11:45'."""
    return local(at, zone).strftime("%H:%M")


def when_words(at: Instant, zone: ZoneInfo, today: date) -> str:
    """Return '11:45' today, 'Fri 20 Nov, 11:47' this half year, and with the year before that."""
    there = local(at, zone)
    if there.date() == today:
        return there.strftime("%H:%M")
    near = abs(there.date() - today) < timedelta(days=180)
    day = short_day_words(there.date()) if near else day_words(there.date())
    return f"{day}, {there:%H:%M}"


def relative_words(due: Instant, now: Instant) -> str:
    """Return '33 min late', 'now', 'in 12 min', 'in 1 h 27'."""
    minutes = int((due - now).total_seconds() // 60)
    late = -int((due - now).total_seconds() / 60) if due < now else 0
    if late:
        return say("{span} late").format(span=span_words(late))
    if minutes <= 0:
        return say("now")
    return say("in {span}").format(span=span_words(minutes))


def span_words(minutes: int) -> str:
    """Return '12 min', '1 h', '1 h 27'."""
    if minutes < _HOUR:
        return say("{minutes} min").format(minutes=minutes)
    hours, rest = divmod(minutes, _HOUR)
    return (
        say("{hours} h {minutes}").format(hours=hours, minutes=rest) if rest else say("{hours} h").format(hours=hours)
    )


# Medicines.


def dose_words(quantity: Quantity) -> str:
    """Return '2.5 mL', '1 tablet': leading zero, no trailing zero, unit spelled."""
    return str(quantity)


def unit_words(unit: str) -> str:
    """Return 'tablets', 'mL': what is counted in, spelled."""
    return str(Quantity(amount=Decimal(2), unit=unit)).partition(" ")[2]


def route_words(route: Route) -> str:
    """Return 'by mouth'."""
    return say(ROUTES[route])


def dose_state_words(state: DoseState) -> str:
    """Return 'Given'."""
    return say(DOSE_STATES[state])


def drug_words(medication: MedicationView) -> tuple[str, str]:
    """Return the name in tall-man letters, and strength with form; neither is ever cut, nothing is said twice."""
    name, strength = plain_drug_words(medication)
    return tall_man(name), strength


def plain_drug_words(medication: MedicationView) -> tuple[str, str]:
    """Return the same in plain letters, for the ear."""
    name, strength = medication.name.strip(), (medication.strength or "").strip()
    if found := _STRENGTH_IN_NAME.match(name):
        return found["drug"], found["strength"]
    form = say(FORMS[MedicationForm(medication.form)]) if medication.form in set(MedicationForm) else medication.form
    return name, strength if form and form.casefold() in strength.casefold() else f"{strength} {form}".strip()


def schedule_words(dea_schedule: str | None) -> str:
    """Return 'C-II' for a controlled drug, nothing for another."""
    if not dea_schedule:
        return ""
    bare = dea_schedule.upper().replace("C-", "").removeprefix("C")
    numerals = {"2": "II", "3": "III", "4": "IV", "5": "V"}
    return f"C-{numerals.get(bare, bare)}"


def number_words(count: int) -> str:
    """Return '1,200'."""
    return f"{count:,}"


# Details of findings.


def detail_words(detail: Mapping[str, str], zone: ZoneInfo, today: date) -> dict[str, str]:
    """Return a finding's details as its sentence prints them."""
    words: dict[str, str] = {}
    for name, value in detail.items():
        if name in {"ordered", "given"} and f"{name}_unit" in detail:
            words[name] = str(Quantity(amount=Decimal(value), unit=detail[f"{name}_unit"]))
        else:
            words[name] = _worded(name, value, zone, today)
    if "period_minutes" in detail:
        words["period"] = span_words(int(detail["period_minutes"]))
    return words


def _worded(name: str, value: str, zone: ZoneInfo, today: date) -> str:
    if name == "what":
        return say(_WHAT.get(value, value))
    if name == "field":
        return say(_FIELDS.get(value, value.replace("_", " ")))
    if name == "status":
        states = {state.value: words for state, words in (*DOSE_STATES.items(), *ORDER_STATES.items())}
        return say(states.get(value, value)).lower()
    try:
        if "T" in value:
            return when_words(instant_from_text(value), zone, today)
        return day_words(date.fromisoformat(value)) if value.count("-") == 2 else value  # noqa: PLR2004 - y-m-d
    except ValueError:
        return value
