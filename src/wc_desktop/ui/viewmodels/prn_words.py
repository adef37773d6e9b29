"""A dose as needed in words: how often, from when again, what to look at afterwards."""

from zoneinfo import ZoneInfo

from wc_contract.model.instants import Instant
from wc_desktop.domain.as_needed import PrnOrder, PrnSaved
from wc_desktop.ui.viewmodels.pane_words import answer_words
from wc_desktop.ui.viewmodels.words import (
    JOINT,
    clock_words,
    dose_words,
    drug_words,
    full_name,
    local,
    route_words,
    say,
    schedule_words,
    when_words,
)

USUAL = ("Headache", "Pain", "Fever", "Allergic reaction", "Cough or wheezing", "Stomach ache")


def again_words(order: PrnOrder, now: Instant, zone: ZoneInfo) -> str:
    """Return 'may be given now' or 'again from 12:40'."""
    if order.again_from is None or order.again_from <= now:
        return say("may be given now")
    return say("again from {time}").format(time=when_words(order.again_from, zone, local(now, zone).date()))


def count_words(order: PrnOrder) -> str:
    """Return '1 of 3 given in 24 h'; without a maximum nothing."""
    if order.maximum is None:
        return ""
    hours, rest = divmod(int(order.period.total_seconds() // 60), 60)
    period = (
        say("{hours} h").format(hours=hours) if not rest else say("{minutes} min").format(minutes=hours * 60 + rest)
    )
    return say("{given} of {maximum} given in {period}").format(given=order.given, maximum=order.maximum, period=period)


def order_line(order: PrnOrder, now: Instant, zone: ZoneInfo) -> str:
    """Return an order in one line, for the list to choose from."""
    drug = " ".join(filter(None, drug_words(order.medication)))
    return JOINT.join(filter(None, (drug, again_words(order, now, zone), count_words(order))))


def order_facts(order: PrnOrder, now: Instant, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    """Return what stands beside the chosen order: the right dose and route, and what is left of its limits."""
    today = local(now, zone).date()
    last = say("no dose on record") if order.last is None else answer_words(order.last, zone, today)
    schedule = schedule_words(order.medication.dea_schedule)
    facts = (
        (say("Dose and route"), f"{dose_words(order.dose)} {route_words(order.route)}"),
        (say("Given for"), order.indication or ""),
        (say("Instructions"), order.instructions or ""),
        (say("Note"), say("Controlled drug, {schedule}").format(schedule=schedule) if schedule else ""),
        (say("Last given"), last),
        (say("Order"), order.prescriber),
    )
    return tuple((label, value) for label, value in facts if value)


def reasons_for(order: PrnOrder) -> tuple[str, ...]:
    """Return what may be chosen as the reason: what the order is for, then the usual ones."""
    usual = tuple(say(words) for words in USUAL)
    named = (order.indication or "").strip()
    if not named or named.casefold() in {words.casefold() for words in usual}:
        return usual
    return (named, *usual)


def saved_words(saved: PrnSaved, now: Instant, zone: ZoneInfo) -> str:
    """Return what the foot of the window says after a dose as needed; nobody is sent to look at yesterday's effect."""
    words = say("Saved on this workstation: {who}, {drug} given.").format(
        who=full_name(saved.student), drug=drug_words(saved.order.medication)[0]
    )
    if saved.check_to < now:
        return words
    check = say("See whether it helped from {start} to {end}.").format(
        start=clock_words(saved.check_from, zone), end=clock_words(saved.check_to, zone)
    )
    return f"{words} {check}"
