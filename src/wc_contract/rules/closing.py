"""When an incident report may be closed: a head injury was watched (I2), and the family was looked for (I6)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from wc_contract.model.care_values import NotificationOutcome
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.values import Disposition, IncidentType
from wc_contract.rules.findings import Code, Noticed
from wc_contract.rules.rows import Row, json_of

# After the first check, which is the one at 0: when the child came (CDC). The last one, before leaving, follows them.
_WATCHED_AFTER = (timedelta(minutes=15), timedelta(minutes=30))
_EARLY, _LATE = timedelta(minutes=5), timedelta(minutes=10)  # so far off a check still is the one of its minute
_EXHAUSTED = 3  # tries after which nobody can say the family was not looked for
_LOGGED = ("person", "method", "at", "outcome")
# What came of it stands first, in the words of the vocabulary: "Reached, on her way".
_WORD_ENDS = re.compile(r"[^\w\s]")
_SAID = {outcome.value.replace("_", " ").casefold(): outcome for outcome in NotificationOutcome}


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStep:
    """One check of a head injury. minute: after the first; None for the one before leaving, which has no time.

    due_at: None while nobody can say. done_at: None while it stands out.
    """

    minute: int | None
    due_at: Instant | None
    done_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingFacts:
    """A signed report and what was added to it. outcomes has one for each attempt, None where it says none we know."""

    type: IncidentType
    occurred_at: Instant
    of_a_child: bool
    disposition: Disposition | None
    checked_at: tuple[Instant, ...] = ()
    outcomes: tuple[NotificationOutcome | None, ...] = ()

    @staticmethod
    def from_row(
        report: Row, checked_at: Iterable[Instant], outcomes: Iterable[NotificationOutcome | None]
    ) -> "ClosingFacts":
        """Read a report in wire form, with the attempts that stand on it, and what was added to it since."""
        disposition = report["disposition"]
        return ClosingFacts(
            type=IncidentType(report["type"]),
            occurred_at=instant_from_text(report["occurred_at"]),
            of_a_child=report["student_id"] is not None,
            disposition=None if disposition is None else Disposition(disposition),
            checked_at=tuple(checked_at),
            outcomes=(*_on_report(report["notifications"]), *outcomes),
        )


def check_before_closing(facts: ClosingFacts) -> tuple[Noticed, ...]:
    """Return what stands between a report and its end; empty when it may be closed."""
    return tuple(_all(facts))


def watch_steps(occurred_at: Instant, checked_at: Iterable[Instant]) -> tuple[WatchStep, ...]:
    """Return the checks that a head injury asks for, in order, with which of them were made (I2, CDC).

    The first check begins the count: it is the one at 0, when the child came. Checks from before the event are none.
    """
    times = sorted(at for at in checked_at if at >= occurred_at)
    begun = times[0] if times else None
    steps = [WatchStep(minute=0, due_at=occurred_at, done_at=begun)]
    rest = times[1:]
    for after in _WATCHED_AFTER:
        due = None if begun is None else begun + after
        done = None if due is None else next((at for at in rest if due - _EARLY <= at <= due + _LATE), None)
        if done is not None:
            rest = [at for at in rest if at > done]  # one check is one of them
        steps.append(WatchStep(minute=after // timedelta(minutes=1), due_at=due, done_at=done))
    # What was seen before the others were due is none of leaving.
    watched = all(step.done_at is not None for step in steps)
    steps.append(WatchStep(minute=None, due_at=None, done_at=next(iter(rest), None) if watched else None))
    return tuple(steps)


def next_check(steps: Iterable[WatchStep], at: Instant) -> WatchStep | None:
    """Return the check that stands out first and can still be made in its time; None when all are done or gone by."""
    for step in steps:
        gone = step.minute and step.due_at is not None and at > step.due_at + _LATE
        if step.done_at is None and not gone:
            return step
    return None


def outcome_said(words: str) -> NotificationOutcome | None:
    """Return what came of an attempt as somebody wrote it, None when it is not in the words of the vocabulary."""
    first = _WORD_ENDS.split(words.strip(), maxsplit=1)[0]
    return _SAID.get(" ".join(first.replace("_", " ").casefold().split()))


def _all(facts: ClosingFacts) -> Iterator[Noticed]:
    if facts.type is IncidentType.HEAD_INJURY and facts.disposition is not Disposition.EMS and not _watched(facts):
        yield Noticed(code=Code.HEAD_INJURY_CHECKS_DUE, detail={"minutes": "0,15,30", "and": "before_leaving"})
    if facts.of_a_child and not _looked_for(facts):
        yield Noticed(code=Code.FIELD_MISSING, detail={"field": "notifications"})


def _watched(facts: ClosingFacts) -> bool:
    return all(step.done_at is not None for step in watch_steps(facts.occurred_at, facts.checked_at))


def _looked_for(facts: ClosingFacts) -> bool:
    return NotificationOutcome.REACHED in facts.outcomes or len(facts.outcomes) >= _EXHAUSTED


def _on_report(noted: str | None) -> Iterator[NotificationOutcome | None]:
    """Yield what came of the attempts on a report; one that does not say who, how, when and what is none (I6)."""
    listed = json_of(noted)
    for attempt in listed if isinstance(listed, list) else ():
        if isinstance(attempt, dict) and all(str(attempt.get(name) or "").strip() for name in _LOGGED):
            yield outcome_said(str(attempt["outcome"]))
