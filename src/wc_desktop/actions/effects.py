"""Looking at what a medicine given as needed did (rules.md P4). One durable entry each."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.authoring import flaws_of_addition
from wc_contract.model.changes import RecordAdded
from wc_contract.model.ids import DoseId, id_text, new_uuid
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text, whole_millis
from wc_contract.model.kinds import DOSE, EFFECT_CHECK, STUDENT
from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Code
from wc_contract.rules.prn import EFFECT_CHECK_FROM, EFFECT_CHECK_TO
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import medications, student_rows
from wc_desktop.actions.records import builds_on, found
from wc_desktop.domain.effects import EffectDue, EffectSeen
from wc_desktop.domain.failures import FieldsWrong, Unfinished
from wc_desktop.domain.views import medication_view, text
from wc_desktop.ports import Row

# Who was not looked at by then has gone home; the dose says that nobody looked.
_LATEST: Final = timedelta(hours=4)
_LOOKED_AT: Final = frozenset({DoseState.ADMINISTERED, DoseState.PARTIAL, DoseState.SELF_ADMINISTERED})


def effects_due(desk: Desk) -> tuple[EffectDue, ...]:
    """Return the doses as needed whose effect nobody has looked at yet, the first due first."""
    now = desk.clock.now()
    days = {at.astimezone(desk.zone).date().isoformat() for at in (now, now - _LATEST)}
    recent = [row for row in desk.records.where(DOSE, "local_date", sorted(days)) if row["slot_id"] is None]
    replaced = {text(row, "amends_id") for row in recent if row["amends_id"]}
    waiting = [row for row in recent if text(row, "id") not in replaced and _is_waited_for(row, now)]
    looked = {
        text(row, "dose_id")
        for row in desk.records.where(EFFECT_CHECK, "dose_id", [text(row, "id") for row in waiting])
    }
    rows = [row for row in waiting if text(row, "id") not in looked]
    children = {str(one.id): one for one in student_rows(desk, desk.records.where(STUDENT, "id", _children_of(rows)))}
    catalogue = medications(desk)
    due: list[EffectDue] = []
    for row in rows:
        child, medicine = children.get(text(row, "student_id")), catalogue.get(text(row, "medication_id"))
        given = instant_from_text(text(row, "administered_at"))
        if child is not None and medicine is not None:
            due.append(
                EffectDue(
                    dose=DoseId(UUID(text(row, "id"))),
                    student=child,
                    medication=medication_view(medicine),
                    given_at=given,
                    due_from=given + EFFECT_CHECK_FROM,
                    due_to=given + EFFECT_CHECK_TO,
                )
            )
    return tuple(sorted(due, key=_due_from))


def effect_seen(desk: Desk, seen: EffectSeen) -> None:
    """Write what a dose did; it is durable when this returns.

    Raises Unfinished where it was seen before the dose was given or in the future, NotFound, SendAgainFirst,
    FieldsWrong, DiskFull, DiskFailed; then nothing was written.
    """
    now = whole_millis(desk.clock.now())
    row = found(desk, DOSE, seen.dose)
    if seen.at > now:
        raise Unfinished((Code.FUTURE_TIME.value,))
    if seen.at < instant_from_text(text(row, "administered_at")):
        raise Unfinished((Code.CONTACT_BEFORE_EVENT.value,))
    values: dict[str, WireValue] = {
        "student_id": text(row, "student_id"),
        "dose_id": id_text(seen.dose),
        "checked_at": instant_to_text(seen.at),
        "effect": seen.effect.value,
        "note": seen.note or None,
    }
    flaws = flaws_of_addition(EFFECT_CHECK.name, values)
    if flaws:
        raise FieldsWrong(flaws)
    added = RecordAdded(kind=EFFECT_CHECK.name, id=new_uuid(now, desk.chance), values=values)
    desk.author((added,), now, depends_on=builds_on(desk, DOSE, seen.dose))


def _is_waited_for(row: Row, now: Instant) -> bool:
    given = instant_from_text(text(row, "administered_at"))
    return DoseState(text(row, "status")) in _LOOKED_AT and now - _LATEST <= given <= now


def _children_of(rows: Sequence[Row]) -> list[str]:
    return sorted({text(row, "student_id") for row in rows})


def _due_from(due: EffectDue) -> Instant:
    return due.due_from
