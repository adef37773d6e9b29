"""What is added to a signed report is an entry of its own; the report stays as it was signed (I2, I6, I7)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.desktop.clinic import Clinic, Rows, count, row, small_school, uid

from wc_contract.model.care_values import ActionStatus, NotificationMethod, NotificationOutcome
from wc_contract.model.ids import IncidentId, StudentId
from wc_contract.model.instants import Instant, instant_to_text
from wc_desktop.actions.added_to_report import add_to_report, checks_due
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.incidents import new_draft, sign_incident
from wc_desktop.actions.read_report import read_report
from wc_desktop.domain.failures import NotFound, Unfinished
from wc_desktop.domain.incident_report import (
    AddendumDraft,
    Addition,
    AttemptDraft,
    CheckDraft,
    FollowUpDone,
    FollowUpDraft,
    StatementDraft,
)
from wc_desktop.domain.screens import IncidentDraft

SOFIA = StudentId(uid("sofia"))
MOTHER, UNCLE = uid("mother"), uid("uncle")


def family() -> Rows:
    """The small school, with two people of Sofia's family: the second is asked first by none."""
    rows = small_school()
    people = (
        (UNCLE, "Luis Martínez", 2, True),
        (MOTHER, "Elena Martínez", 1, True),
        (uid("gone"), "Who Left", 3, False),
    )
    for key, name, priority, active in people:
        said = {"name": name, "relationship": "family", "phone": "555-0100", "priority": priority, "is_active": active}
        said |= {"id": str(key), "student_id": str(SOFIA), "is_primary": priority == 1, "may_pick_up": True}
        rows["emergency_contact"].append(row("emergency_contact", count(rows) + 1, **said))
    return rows


@pytest.fixture
def desk(open_desk: Callable[[Rows | None], Desk]) -> Desk:
    return open_desk(family())


def hurt(desk: Desk, at: Instant | None = None, **changed: str | tuple[str, ...]) -> IncidentId:
    """Sign the report of a head injury that happened at an instant, else now."""
    when = instant_to_text(desk.clock.now() if at is None else at)
    empty = new_draft(desk, SOFIA)
    fields: dict[str, str | tuple[str, ...]] = {
        "type": "HEAD_INJURY",
        "severity": "MEDIUM",
        "occurred_at": when,
        "location": "Gym",
        "narrative": "Ran into a post.",
        "body_regions": ("FOREHEAD",),
        "care_given": "Ice",
        "disposition": "RESTED_IN_CLINIC",
        "notifications": (f"Mother\tPhone\t{instant_to_text(desk.clock.now())}\tNo answer",),
        **changed,
    }
    return sign_incident(desk, IncidentDraft(id=empty.id, student_id=SOFIA, fields=fields)).id


def check(desk: Desk, *symptoms: str, red_flag: bool = False) -> CheckDraft:
    return CheckDraft(at=desk.clock.now(), symptoms=symptoms, red_flag=red_flag, note="said so")


def test_everything_that_is_added_is_read_with_the_report_and_waits_to_be_sent(desk: Desk) -> None:
    incident = hurt(desk)
    signed = read_report(desk, incident)
    now, waiting = desk.clock.now(), desk.journal.waiting().count
    additions: tuple[Addition, ...] = (
        check(desk, "VOMITING", "HEADACHE", red_flag=True),
        AttemptDraft(
            contact=MOTHER, at=now, method=NotificationMethod.PHONE, outcome=NotificationOutcome.LEFT_MESSAGE, note="n"
        ),
        StatementDraft(at=now, name="Pat Lowe", role="aide", words="Saw it."),
        FollowUpDraft(action="Call again in the evening", due_on=date(2026, 11, 23)),
        AddendumDraft(words="The post was wet."),
    )
    for addition in additions:
        add_to_report(desk, incident, addition)
    assert desk.journal.waiting().count == waiting + len(additions)
    report = read_report(desk, incident)
    assert [(one.symptoms, one.red_flag, one.author) for one in report.checks] == [
        (("VOMITING", "HEADACHE"), True, "Ana Reyes")
    ]
    assert [(one.contact, one.outcome, one.author) for one in report.attempts] == [
        ("Elena Martínez", NotificationOutcome.LEFT_MESSAGE, "Ana Reyes")
    ]
    assert [(one.name, one.words) for one in report.statements] == [("Pat Lowe", "Saw it.")]
    assert [(one.action, one.status) for one in report.follow_ups] == [("Call again in the evening", ActionStatus.OPEN)]
    assert [one.text for one in report.addenda] == ["The post was wet."]
    nothing = {"checks": (), "attempts": (), "statements": (), "follow_ups": (), "addenda": ()}
    assert replace(report, **nothing) == replace(signed, **nothing), "the report itself is as it was signed"


def test_the_family_is_offered_as_it_is_to_be_called_and_who_left_is_not(desk: Desk) -> None:
    report = read_report(desk, hurt(desk))
    assert [one.name for one in report.family] == ["Elena Martínez", "Luis Martínez"]


def test_what_was_planned_is_done_once(desk: Desk) -> None:
    incident = hurt(desk)
    add_to_report(desk, incident, FollowUpDraft(action="Ask the doctor", due_on=date(2026, 11, 30)))
    [planned] = read_report(desk, incident).follow_ups
    add_to_report(desk, incident, FollowUpDone(id=planned.id, note="all well"))
    [done] = read_report(desk, incident).follow_ups
    assert (done.status, done.completed_at, done.note) == (ActionStatus.DONE, desk.clock.now(), "all well")
    with pytest.raises(NotFound):
        add_to_report(desk, incident, FollowUpDone(id=UUID(int=5)))


@pytest.mark.parametrize(
    ("minutes", "code"), [(-31, "contact_before_event"), (1, "future_time")], ids=["before the event", "in the future"]
)
def test_nothing_is_seen_or_said_before_the_event_or_in_the_future(desk: Desk, minutes: int, code: str) -> None:
    at = desk.clock.now() + timedelta(minutes=minutes)
    incident = hurt(desk, desk.clock.now() - timedelta(minutes=30))
    written = desk.journal.waiting().count
    for addition in (
        CheckDraft(at=at, symptoms=(), red_flag=False),
        StatementDraft(at=at, name="Pat Lowe", role="", words="Saw it."),
        AttemptDraft(contact=MOTHER, at=at, method=NotificationMethod.PHONE, outcome=NotificationOutcome.REACHED),
    ):
        with pytest.raises(Unfinished) as refused:
            add_to_report(desk, incident, addition)
        assert refused.value.codes == (code,)
    assert desk.journal.waiting().count == written


def test_a_follow_up_is_never_due_before_the_schools_day_of_the_event(desk: Desk) -> None:
    incident = hurt(desk)
    with pytest.raises(Unfinished) as refused:
        add_to_report(desk, incident, FollowUpDraft(action="x", due_on=date(2026, 11, 22)))
    assert refused.value.codes == ("follow_up_before_event",)


def test_what_is_added_to_a_report_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound):
        add_to_report(desk, IncidentId(UUID(int=9)), AddendumDraft(words="x"))


def test_a_child_is_watched_until_all_checks_are_made(desk: Desk, clinic: Clinic) -> None:
    incident = hurt(desk)
    [due] = checks_due(desk)
    assert (due.incident, due.child.last_name, due.step.minute) == (incident, "Martínez", 0)
    for minute in (15, 30, None):
        add_to_report(desk, incident, check(desk))
        clinic.clock.at += timedelta(minutes=15)
        [due] = checks_due(desk)
        assert due.step.minute == minute
    add_to_report(desk, incident, check(desk))
    assert checks_due(desk) == ()
    assert all(step.done_at is not None for step in read_report(desk, incident).watch)


@pytest.mark.parametrize(
    "changed",
    [{"type": "INJURY"}, {"disposition": "EMS"}, {"disposition": "SENT_HOME"}],
    ids=["no head injury", "the ambulance took it", "it went home"],
)
def test_nobody_waits_with_a_child_that_is_not_watched_here(desk: Desk, changed: dict[str, str]) -> None:
    hurt(desk, **changed)
    assert checks_due(desk) == ()


def test_an_injury_of_yesterday_is_told_on_its_report_alone(desk: Desk) -> None:
    incident = hurt(desk, desk.clock.now() - timedelta(hours=20))
    assert checks_due(desk) == ()
    assert read_report(desk, incident).watch[0].done_at is None
