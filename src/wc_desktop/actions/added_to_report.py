"""What is added to a signed incident report: checks, calls, statements, addenda, what is to be done."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import assert_never
from uuid import UUID

from wc_contract.model.apply import WireValue, compact
from wc_contract.model.authoring import flaws_of_addition
from wc_contract.model.care_values import ActionStatus
from wc_contract.model.changes import Change, RecordAdded
from wc_contract.model.ids import IncidentId, id_text, new_uuid
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text, whole_millis
from wc_contract.model.kinds import (
    FOLLOW_UP_ACTION,
    HEAD_INJURY_CHECK,
    INCIDENT,
    INCIDENT_ADDENDUM,
    NOTIFICATION,
    WITNESS_STATEMENT,
    RecordKind,
)
from wc_contract.model.values import Disposition, IncidentType
from wc_contract.rules.closing import WatchStep, next_check, watch_steps
from wc_contract.rules.findings import Code
from wc_contract.rules.incident import precedes_event
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import students_by_id
from wc_desktop.actions.records import builds_on, changed, found
from wc_desktop.domain.failures import FieldsWrong, Unfinished
from wc_desktop.domain.incident_report import (
    AddendumDraft,
    Addition,
    AttemptDraft,
    CheckDraft,
    DueCheck,
    FollowUpDone,
    FollowUpDraft,
    StatementDraft,
)
from wc_desktop.domain.views import text, text_or_none
from wc_desktop.ports import Row

# So long after the event nobody waits with the child any more; what is missing is told on the report.
_WATCHED_FOR = timedelta(hours=8)


def add_to_report(desk: Desk, incident: IncidentId, addition: Addition) -> None:
    """Write what a person adds to a signed report; it is durable and in view when this returns.

    Raises Unfinished where it comes before the event or is said of the future, NotFound, SendAgainFirst, FieldsWrong,
    DiskFull, DiskFailed; then nothing was written.
    """
    at = whole_millis(desk.clock.now())
    report = found(desk, INCIDENT, incident)
    _must_fit(desk, report, addition, at)
    change = _change(desk, report, addition, at)
    if change is None:
        return
    depends = builds_on(desk, INCIDENT, incident)
    if isinstance(addition, FollowUpDone):
        depends = tuple({*depends, *builds_on(desk, FOLLOW_UP_ACTION, addition.id)})
    desk.author((change,), at, depends_on=depends)


def checks_due(desk: Desk) -> tuple[DueCheck, ...]:
    """Return the children who are watched after a head injury, with the check that stands out, the first due first."""
    now = desk.clock.now()
    watched: list[tuple[Row, WatchStep]] = []
    for row in desk.records.every(INCIDENT):
        if _is_watched(row, now):
            times = (
                instant_from_text(text(check, "checked_at"))
                for check in desk.records.where(HEAD_INJURY_CHECK, "incident_id", [text(row, "id")])
            )
            step = next_check(watch_steps(instant_from_text(text(row, "occurred_at")), times), now)
            if step is not None:
                watched.append((row, step))
    children = students_by_id(desk, sorted({text(row, "student_id") for row, _ in watched}))
    due = [
        DueCheck(incident=IncidentId(UUID(text(row, "id"))), child=child, step=step)
        for row, step in watched
        if (child := children.get(text(row, "student_id"))) is not None
    ]
    return tuple(sorted(due, key=_due_at))


def _due_at(due: DueCheck) -> tuple[bool, str]:
    at = due.step.due_at
    return at is None, "" if at is None else instant_to_text(at)


def _is_watched(row: Row, now: Instant) -> bool:
    return (
        row["type"] == IncidentType.HEAD_INJURY.value
        and row["student_id"] is not None
        and row["disposition"]
        not in {Disposition.EMS.value, Disposition.SENT_HOME.value, Disposition.MEDICAL_CARE.value}
        and now - _WATCHED_FOR <= instant_from_text(text(row, "occurred_at")) <= now
    )


def _must_fit(desk: Desk, report: Row, addition: Addition, now: Instant) -> None:
    happened = instant_from_text(text(report, "occurred_at"))
    match addition:
        case CheckDraft() | AttemptDraft() | StatementDraft():
            if addition.at > now:
                raise Unfinished((Code.FUTURE_TIME.value,))
            if addition.at < happened:
                raise Unfinished((Code.CONTACT_BEFORE_EVENT.value,))
        case FollowUpDraft():
            if precedes_event(addition.due_on, happened, desk.zone):
                raise Unfinished((Code.FOLLOW_UP_BEFORE_EVENT.value,))
        case FollowUpDone() | AddendumDraft():
            return
        case _:
            assert_never(addition)


def _change(desk: Desk, report: Row, addition: Addition, at: Instant) -> Change | None:
    if isinstance(addition, FollowUpDone):
        done: dict[str, WireValue] = {
            "status": ActionStatus.DONE.value,
            "completed_at": instant_to_text(at),
            "completed_by": id_text(desk.user),
            "note": addition.note or None,
        }
        return changed(found(desk, FOLLOW_UP_ACTION, addition.id), FOLLOW_UP_ACTION, done)
    kind, values = _record(report, addition, at)
    flaws = flaws_of_addition(kind.name, values)
    if flaws:
        raise FieldsWrong(flaws)
    return RecordAdded(kind=kind.name, id=new_uuid(at, desk.chance), values=dict(values))


def _record(
    report: Row, addition: CheckDraft | AttemptDraft | StatementDraft | FollowUpDraft | AddendumDraft, at: Instant
) -> tuple[RecordKind, Mapping[str, WireValue]]:
    return _kind_of(addition), {"incident_id": text(report, "id"), **dict(_said(report, addition, at))}


def _kind_of(
    addition: CheckDraft | AttemptDraft | StatementDraft | FollowUpDraft | AddendumDraft,
) -> RecordKind:
    match addition:
        case CheckDraft():
            return HEAD_INJURY_CHECK
        case AttemptDraft():
            return NOTIFICATION
        case StatementDraft():
            return WITNESS_STATEMENT
        case FollowUpDraft():
            return FOLLOW_UP_ACTION
        case AddendumDraft():
            return INCIDENT_ADDENDUM
        case _:
            assert_never(addition)


def _said(
    report: Row, addition: CheckDraft | AttemptDraft | StatementDraft | FollowUpDraft | AddendumDraft, at: Instant
) -> Iterator[tuple[str, WireValue]]:
    match addition:
        case CheckDraft():
            yield "student_id", text_or_none(report, "student_id")
            yield "checked_at", instant_to_text(addition.at)
            yield "symptoms", compact(list(addition.symptoms))
            yield "red_flag", addition.red_flag
            yield "note", addition.note or None
        case AttemptDraft():
            yield "contact_id", id_text(addition.contact)
            yield "method", addition.method.value
            yield "attempted_at", instant_to_text(addition.at)
            yield "outcome", addition.outcome.value
            yield "note", addition.note or None
        case StatementDraft():
            yield "witness_name", addition.name
            yield "witness_role", addition.role or None
            yield "statement", addition.words
            yield "taken_at", instant_to_text(addition.at)
        case FollowUpDraft():
            yield "action", addition.action
            yield "status", ActionStatus.OPEN.value
            yield "due_on", addition.due_on.isoformat()
        case AddendumDraft():
            yield "text", addition.words
            yield "signed_at", instant_to_text(at)
        case _:
            assert_never(addition)
