"""The end of a day: every open slot gets an answer from a person, and none is missed by itself (W4, T4, W5)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.desktop.clinic import NOON, TODAY, Clinic, Rows, add_order, row, small_school, uid

from wc_contract.model.apply import compact
from wc_contract.model.ids import OrderId, order_version_id
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import BY_NAME, DOSE
from wc_contract.model.values import DoseState
from wc_contract.rules.calendar import Suppression
from wc_contract.rules.findings import Severity
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.log_dose import answer_slots, plan_answer
from wc_desktop.actions.med_pass import due_list, earlier_day
from wc_desktop.domain.end_of_day import SlotsAnswer, open_by_child, suggested, together_with, without_answer
from wc_desktop.domain.failures import NotAllowed, ReasonMissing
from wc_desktop.domain.screens import DueRow, DueStatus

Opener = Callable[[Rows | None], Desk]
MINUTE = timedelta(minutes=1)


def with_two_for_sofia(*, day: str = "SCHOOL_DAY", close: str | None = None, bells: str | None = None) -> Rows:
    """Sofia has a second medicine in the morning and at two."""
    rows = small_school()
    add_order(rows, "sofia-amox", student="sofia", medication="amoxicillin", times=["08:30", "14:00"])
    rows["calendar_day"].append(
        row(
            "calendar_day",
            6000,
            id=str(uid("today")),
            date="2026-11-23",
            kind=day,
            close=close,
        )
    )
    if bells is not None:
        at = rows["school"][0].index('{"lunch":"11:50"}')
        rows["school"][0][at] = bells
    return rows


def at(hour: int, minute: int = 0) -> Instant:
    """A time of the day by Chicago's clock."""
    return NOON.replace(hour=hour + 6, minute=minute)


def slots(desk: Desk) -> tuple[DueRow, ...]:
    return open_by_child(due_list(desk, desk.clock.now()).rows)


def of(desk: Desk, first_name: str) -> tuple[DueRow, ...]:
    return tuple(one for one in slots(desk) if one.student.first_name == first_name)


def answer(desk: Desk, rows: tuple[DueRow, ...], state: DoseState, **more: str) -> None:
    answer_slots(desk, SlotsAnswer(keys=tuple(r.key for r in rows), status=state, at=desk.clock.now(), **more))


def stored(desk: Desk) -> list[tuple[object, object]]:
    return sorted((str(dose["status"]), str(dose["reason"] or "")) for dose in desk.records.every(DOSE))


def test_w4_open_slots_stand_by_child_and_nothing_is_missed_by_itself(open_desk: Opener, clinic: Clinic) -> None:
    desk = open_desk(with_two_for_sofia())
    clinic.clock.at = at(15) + timedelta(hours=8)
    assert {one.status for one in slots(desk)} == {DueStatus.OVERDUE}
    names = [one.student.first_name for one in slots(desk)]
    assert names == ["Omar", "Sofia", "Sofia", "Sofia", "Sonia", "Lee"]
    assert [one.slot.time.hour for one in of(desk, "Sofia")] == [8, 11, 14]
    assert stored(desk) == []


@pytest.mark.parametrize(
    ("minutes", "count"), [(-1, 0), (0, 5), (1, 6)], ids=["a minute before", "as it closes", "when all have closed"]
)
def test_w4_the_day_is_over_when_its_last_window_has_closed(
    open_desk: Opener, clinic: Clinic, minutes: int, count: int
) -> None:
    desk = open_desk(with_two_for_sofia())
    clinic.clock.at = at(14, 30) + minutes * MINUTE
    assert len(without_answer(due_list(desk, clinic.clock.at), clinic.clock.at)) == count


@pytest.mark.parametrize(
    "rows",
    [
        with_two_for_sofia(day="EARLY_DISMISSAL", close="12:15"),
        with_two_for_sofia(bells='{"lunch":"11:50","dismissal":"12:15"}'),
    ],
    ids=["by the calendar", "by the bell"],
)
def test_t4_the_day_is_over_when_school_is_out(open_desk: Opener, clinic: Clinic, rows: Rows) -> None:
    desk = open_desk(rows)
    for minute, over in ((-1, False), (0, True)):
        clinic.clock.at = at(12, 15) + minute * MINUTE
        assert bool(without_answer(due_list(desk, clinic.clock.at), clinic.clock.at)) is over


def test_t4_what_school_let_out_before_is_suggested_as_dismissed_and_a_person_says_it(
    open_desk: Opener, clinic: Clinic
) -> None:
    desk = open_desk(with_two_for_sofia(day="EARLY_DISMISSAL", close="13:00"))
    clinic.clock.at = at(13, 5)
    last = of(desk, "Sofia")[-1]
    assert last.suppressed is Suppression.EARLY_DISMISSAL
    assert suggested(last, slots(desk)) is DoseState.DISMISSED_EARLY
    assert stored(desk) == []
    answer(desk, (last,), DoseState.DISMISSED_EARLY)
    assert [one.slot.time.hour for one in of(desk, "Sofia")] == [8, 11]


def test_absent_is_said_once_for_every_dose_of_a_child_an_entry_each(open_desk: Opener) -> None:
    desk = open_desk(with_two_for_sofia())
    first = of(desk, "Sofia")[0]
    before = desk.journal.waiting().count
    answer(desk, (first, *together_with(first, slots(desk), DoseState.ABSENT)), DoseState.ABSENT, reason="Flu")
    assert of(desk, "Sofia") == ()
    assert stored(desk) == [("ABSENT", "Flu")] * 3
    assert desk.journal.waiting().count == before + 3
    assert len(of(desk, "Sonia")) == 1


def test_w5_one_confirmation_per_dose_where_it_is_about_a_medicine(open_desk: Opener) -> None:
    desk = open_desk(with_two_for_sofia())
    rows = of(desk, "Sofia")
    assert together_with(rows[0], rows, DoseState.MISSED) == ()
    with pytest.raises(ValueError, match="one confirmation"):
        answer(desk, rows, DoseState.MISSED, reason="forgotten")
    assert stored(desk) == []


def test_w5_two_children_are_never_answered_together(open_desk: Opener) -> None:
    desk = open_desk(with_two_for_sofia())
    with pytest.raises(AssertionError):
        answer(desk, (of(desk, "Sofia")[0], of(desk, "Sonia")[0]), DoseState.ABSENT)
    assert stored(desk) == []


def test_who_left_at_noon_was_there_in_the_morning(open_desk: Opener) -> None:
    rows = of(open_desk(with_two_for_sofia()), "Sofia")
    hours = [one.slot.time.hour for one in together_with(rows[1], rows, DoseState.DISMISSED_EARLY)]
    assert hours == [14]


def test_an_absence_that_was_said_is_suggested_for_the_childs_other_doses(open_desk: Opener) -> None:
    desk = open_desk(with_two_for_sofia())
    answer(desk, of(desk, "Sofia")[:1], DoseState.ABSENT)
    rows = due_list(desk, desk.clock.now()).rows
    assert suggested(of(desk, "Sofia")[0], rows) is DoseState.ABSENT
    assert suggested(of(desk, "Sonia")[0], rows) is None


@pytest.mark.parametrize("state", [DoseState.MISSED, DoseState.NOT_AVAILABLE, DoseState.REFUSED, DoseState.HELD])
def test_a_state_that_needs_a_reason_is_not_written_without_one(open_desk: Opener, state: DoseState) -> None:
    desk = open_desk(with_two_for_sofia())
    rows = of(desk, "Sofia")[:1]
    with pytest.raises(ReasonMissing):
        answer(desk, rows, state)
    assert stored(desk) == []
    answer(desk, rows, state, reason="Home sent none")
    assert stored(desk) == [(state.value, "Home sent none")]


def test_a4_what_was_given_hours_ago_is_a_late_entry_with_its_reason(open_desk: Opener, clinic: Clinic) -> None:
    desk = open_desk(with_two_for_sofia())
    [slot] = of(desk, "Sonia")
    clinic.clock.at = at(15)
    given = SlotsAnswer(keys=(slot.key,), status=DoseState.ADMINISTERED, at=at(11, 50))
    plan = plan_answer(desk, given)
    assert [one.code.value for one in plan.findings if one.severity is Severity.BLOCK] == ["late_entry"]
    with pytest.raises(ReasonMissing) as asked:
        answer_slots(desk, given)
    assert asked.value.codes == ("late_entry",)
    reasoned = SlotsAnswer(
        keys=(slot.key,), status=DoseState.ADMINISTERED, at=at(11, 50), override_reason="Written down late"
    )
    [saved] = answer_slots(desk, reasoned)
    assert saved.row.answers[0].administered_at == at(11, 50)
    assert saved.row.answers[0].flags == ("late_entry",)


def test_x2_what_somebody_answered_meanwhile_is_not_answered_again(open_desk: Opener) -> None:
    desk = open_desk(with_two_for_sofia())
    rows = of(desk, "Sofia")
    answer(desk, rows[1:2], DoseState.ADMINISTERED, override_reason="-")
    with pytest.raises(NotAllowed) as refused:
        answer(desk, rows, DoseState.ABSENT, override_reason="not here")
    assert refused.value.codes == ("slot_answered_twice",)
    assert stored(desk) == [("ADMINISTERED", "")]


def test_a4_an_earlier_day_is_told_of_late_and_why(open_desk: Opener, clinic: Clinic) -> None:
    desk = open_desk(with_two_for_sofia())
    clinic.clock.at = at(9)
    friday = earlier_day(desk, 3, at(9))
    assert friday.day == TODAY - timedelta(days=3)
    assert {one.status for one in friday.rows} == {DueStatus.OVERDUE}
    sofia = [one for one in open_by_child(friday.rows) if one.student.first_name == "Sofia"]
    said = SlotsAnswer(
        keys=tuple(one.key for one in sofia), status=DoseState.ABSENT, at=None, day=friday.day, reason="Flu"
    )
    with pytest.raises(ReasonMissing) as asked:
        answer_slots(desk, said)
    assert asked.value.codes == ("late_entry_over_a_day",)
    assert stored(desk) == []
    answer_slots(desk, replace(said, override_reason="On paper on Friday"))
    rows = desk.records.every(DOSE)
    assert {row["local_date"] for row in rows} == {"2026-11-20"}
    assert {row["slot_id"] for row in rows} == {one.key for one in sofia}
    assert [one.student.first_name for one in open_by_child(earlier_day(desk, 3, at(9)).rows)] == [
        "Omar", "Sonia", "Lee",
    ]  # fmt: skip
    assert len(slots(desk)) == 6


def test_a4_what_was_due_before_the_limit_is_not_asked_for(open_desk: Opener, clinic: Clinic) -> None:
    desk = open_desk(with_two_for_sofia())
    clinic.clock.at = at(11, 50)
    assert [one.slot.time.hour for one in earlier_day(desk, 7, at(11, 50)).rows] == [11, 12, 14]
    assert earlier_day(desk, 8, at(11, 50)).rows == ()


def test_an_earlier_day_has_the_orders_of_that_day(open_desk: Opener) -> None:
    rows = with_two_for_sofia()
    order = OrderId(uid("sofia-mph"))
    columns = BY_NAME["order_version"].columns
    first = dict(zip(columns, rows["order_version"][0], strict=True))
    newer = {
        **first,
        "id": str(order_version_id(order, 2)),
        "version": 2,
        "times": compact(["13:00"]),
        "effective_from": "2026-11-22T12:00:00+00:00",
    }
    rows["order_version"].append(row("order_version", 7000, **{k: v for k, v in newer.items() if k != "row_version"}))
    desk = open_desk(rows)
    assert [one.slot.time.hour for one in slots(desk) if one.order_id == order] == [13]
    friday = earlier_day(desk, 3, desk.clock.now())
    assert [one.slot.time.hour for one in friday.rows if one.order_id == order] == [11]
    assert earlier_day(desk, 2, desk.clock.now()).rows == ()
