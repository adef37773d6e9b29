"""What is added to a signed report, as it is typed: which step is missing, and the addition that it makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from wc_contract.model.care_values import NotificationMethod, NotificationOutcome
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.rules.closing import WatchStep, next_check
from wc_contract.rules.incident import precedes_event
from wc_desktop.domain.incident_report import (
    AddendumDraft,
    AttemptDraft,
    CheckDraft,
    FollowUpDone,
    FollowUpDraft,
    StatementDraft,
)
from wc_desktop.ui.viewmodels.words import JOINT, clock_words

_CONTEXT: Final = "ReportAdditions"

# CDC, HEADS UP to schools: a child with one of these goes to an emergency department at once.
DANGER_SIGNS: Final[Mapping[str, str]] = {
    "PUPILS_UNEQUAL": "One pupil larger than the other",
    "HARD_TO_WAKE": "Drowsy, or cannot be woken",
    "HEADACHE_WORSE": "Headache that gets worse and does not go away",
    "WEAKNESS": "Weakness, numbness or clumsiness",
    "VOMITING": "Vomiting again and again",
    "SPEECH_SLURRED": "Slurred speech",
    "SEIZURE": "Seizure",
    "KNOWS_NOBODY": "Does not recognise people or places",
    "MORE_CONFUSED": "More and more confused, restless or agitated",
    "UNUSUAL_BEHAVIOUR": "Behaves in an unusual way",
    "UNCONSCIOUS": "Lost consciousness, even for a moment",
}
SYMPTOMS: Final[Mapping[str, str]] = {
    "HEADACHE": "Headache or pressure in the head",
    "NAUSEA": "Nausea, or vomited once",
    "DIZZY": "Dizzy, or unsteady",
    "TIRED": "Tired",
    "VISION": "Blurred or double vision",
    "LIGHT_NOISE": "Light or noise is hard to bear",
    "DAZED": "Dazed, answers slowly",
    "MEMORY": "Does not remember what happened",
    "CONCENTRATION": "Hard to think or to concentrate",
    "FOGGY": "Feels slow or foggy",
    "IRRITABLE": "Irritable, sad or nervous",
}
METHODS: Final[Mapping[str, str]] = {
    NotificationMethod.PHONE.value: "By telephone",
    NotificationMethod.IN_PERSON.value: "In person",
    NotificationMethod.SMS.value: "By text message",
    NotificationMethod.EMAIL.value: "By e-mail",
    NotificationMethod.LETTER.value: "By letter",
}
OUTCOMES: Final[Mapping[str, str]] = {
    NotificationOutcome.REACHED.value: "Reached",
    NotificationOutcome.LEFT_MESSAGE.value: "Left a message",
    NotificationOutcome.NO_ANSWER.value: "No answer",
    NotificationOutcome.WRONG_NUMBER.value: "Wrong number",
    NotificationOutcome.SENT.value: "Sent",
    NotificationOutcome.FAILED.value: "Could not be sent",
}


def say(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


def words_of(known: Mapping[str, str], code: str) -> str:
    """Return the words of a code; one from a newer program stands as it is."""
    words = known.get(code)
    return code if words is None else say(words)


def symptom_words(codes: Sequence[str]) -> str:
    """Return what was seen at a check in one line."""
    return ", ".join(words_of({**DANGER_SIGNS, **SYMPTOMS}, code) for code in codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchWords:
    """How a watched child stands: words for the banner, and whether all checks were made."""

    words: str
    is_done: bool


def watch_words(steps: Sequence[WatchStep], now: Instant, zone: ZoneInfo) -> WatchWords:
    """Return the checks of a head injury in words (rules.md I2)."""
    coming = next_check(steps, now)
    lines = JOINT.join(_step_words(step, coming, now, zone) for step in steps)
    if coming is None:
        done = all(step.done_at is not None for step in steps)
        lead = say("Watched as a head injury asks for.") if done else say("A check was not made in its time.")
        return WatchWords(words=f"{lead} {lines}", is_done=done)
    if coming.minute is None:
        lead = say("Check the child once more before it leaves.")
    elif coming.due_at is not None and now >= coming.due_at:
        lead = say("Check the child now.")
    else:
        due = "" if coming.due_at is None else clock_words(coming.due_at, zone)
        lead = say("Next check at {time}.").format(time=due)
    return WatchWords(words=f"{lead} {lines}", is_done=False)


def _step_words(step: WatchStep, coming: WatchStep | None, now: Instant, zone: ZoneInfo) -> str:
    if step.minute is None:
        name = say("Before leaving")
    elif step.minute == 0:
        name = say("At once")
    else:
        name = say("After {minutes} minutes").format(minutes=step.minute)
    if step.done_at is not None:
        return say("{check}: done {time}").format(check=name, time=clock_words(step.done_at, zone))
    if step.due_at is None or step.minute is None:
        return say("{check}: open").format(check=name)
    if step is not coming and now > step.due_at:
        return say("{check}: not made").format(check=name)
    return say("{check}: due {time}").format(check=name, time=clock_words(step.due_at, zone))


# -- what was typed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Between which instants an addition may lie, and the school's zone."""

    happened: Instant
    now: Instant
    zone: ZoneInfo

    def wrong(self, moment: str) -> str:
        """Return why a moment cannot be, '' when it can."""
        at = _moment(moment)
        if at is None:
            return say("Type when it was.")
        if at > self.now:
            return say("This lies in the future.")
        return say("This lies before the event.") if at < self.happened else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTyped:
    """The sheet of a check."""

    moment: str
    dangers: frozenset[str] = field(repr=False)
    symptoms: frozenset[str] = field(repr=False)
    nothing: bool
    note: str = field(repr=False)

    def step(self, bounds: Bounds) -> str:
        """Return what is missing; '' when it can be saved."""
        if not (self.dangers or self.symptoms or self.nothing):
            return say("Mark what you see, or that there is nothing.")
        if self.nothing and (self.dangers or self.symptoms):
            return say("There is something, or nothing: not both.")
        return bounds.wrong(self.moment)

    def draft(self) -> CheckDraft:
        """Return the check. Raises ValueError while a step is missing."""
        codes = (code for code in (*DANGER_SIGNS, *SYMPTOMS) if code in self.dangers | self.symptoms)
        at = instant_from_text(self.moment)
        return CheckDraft(at=at, symptoms=tuple(codes), red_flag=bool(self.dangers), note=self.note.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptTyped:
    """The sheet of a try to reach the family."""

    contact: str | None
    method: str | None
    outcome: str | None
    moment: str
    note: str = field(repr=False)

    def step(self, bounds: Bounds) -> str:
        """Return what is missing; '' when it can be saved."""
        if self.contact is None:
            return say("Choose who was called.")
        if self.method is None:
            return say("Choose how.")
        if self.outcome is None:
            return say("Choose what came of it.")
        return bounds.wrong(self.moment)

    def draft(self) -> AttemptDraft:
        """Return the attempt. Raises ValueError while a step is missing."""
        return AttemptDraft(
            contact=UUID(self.contact or ""),
            at=instant_from_text(self.moment),
            method=NotificationMethod(self.method or ""),
            outcome=NotificationOutcome(self.outcome or ""),
            note=self.note.strip(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTyped:
    """The sheet of what a witness said."""

    name: str = field(repr=False)
    role: str = field(repr=False)
    words: str = field(repr=False)
    moment: str

    def step(self, bounds: Bounds) -> str:
        """Return what is missing; '' when it can be saved."""
        if not self.name.strip():
            return say("Type who said it.")
        if not self.words.strip():
            return say("Type what was said.")
        return bounds.wrong(self.moment)

    def draft(self) -> StatementDraft:
        """Return the statement. Raises ValueError while a step is missing."""
        at = instant_from_text(self.moment)
        return StatementDraft(at=at, name=self.name.strip(), role=self.role.strip(), words=self.words.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpTyped:
    """The sheet of something to be done."""

    action: str = field(repr=False)
    day: str

    def step(self, bounds: Bounds) -> str:
        """Return what is missing; '' when it can be saved. It is due on the day of the event at the earliest (I7)."""
        if not self.action.strip():
            return say("Type what is to be done.")
        day = _day(self.day)
        if day is None:
            return say("Type until which day.")
        return say("This lies before the event.") if precedes_event(day, bounds.happened, bounds.zone) else ""

    def draft(self) -> FollowUpDraft:
        """Return what is to be done. Raises ValueError while a step is missing."""
        return FollowUpDraft(action=self.action.strip(), due_on=date.fromisoformat(self.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneTyped:
    """The sheet that says that something was done."""

    which: str | None
    note: str = field(repr=False)

    def step(self, bounds: Bounds) -> str:
        """Return what is missing; '' when it can be saved."""
        del bounds
        return say("Choose what was done.") if self.which is None else ""

    def draft(self) -> FollowUpDone:
        """Return it. Raises ValueError while a step is missing."""
        return FollowUpDone(id=UUID(self.which or ""), note=self.note.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class AddendumTyped:
    """The sheet of an addendum."""

    words: str = field(repr=False)

    def step(self, bounds: Bounds) -> str:
        """Return what is missing; '' when it can be saved."""
        del bounds
        return "" if self.words.strip() else say("Type what is to be added.")

    def draft(self) -> AddendumDraft:
        """Return it."""
        return AddendumDraft(words=self.words.strip())


AdditionTyped = CheckTyped | AttemptTyped | StatementTyped | FollowUpTyped | DoneTyped | AddendumTyped


def _moment(text: str) -> Instant | None:
    try:
        return instant_from_text(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
