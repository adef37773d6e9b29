"""Giving a medicine as needed: what may be given now, what the rules say, one durable entry."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.desktop.clinic import NOON, NURSE, PASSWORD, Clinic, Rows, add_order, dose_row, small_school, uid

from wc_contract.model.ids import StudentId, UserId
from wc_contract.model.kinds import DOSE
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import DoseState
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.prn import log_prn, open_prn, plan_prn
from wc_desktop.actions.unlock import unlock
from wc_desktop.domain.as_needed import PrnDraft, PrnOrder
from wc_desktop.domain.failures import NotFound, ReasonMissing
from wc_desktop.domain.link_views import LinkState

SOFIA = StudentId(uid("sofia"))
HOUR = timedelta(hours=1)


def school(*doses: tuple[str, timedelta]) -> Rows:
    """Sofia may have amoxicillin every four hours, twice a day, and albuterol every hour."""
    rows = small_school()
    limits = {"min_interval_minutes": 240, "max_doses": 2, "max_period_minutes": 1440}
    add_order(rows, "sofia-prn", student="sofia", medication="amoxicillin", times=[], kind="PRN", limits=limits)
    hourly = {"min_interval_minutes": 60}
    add_order(rows, "sofia-rescue", student="sofia", medication="albuterol", times=[], kind="PRN", limits=hourly)
    for name, before in doses:
        drug = str(uid("amoxicillin"))
        rows["dose"].append(
            dose_row(rows, name, order="sofia-prn", student="sofia", at=NOON - before, medication_id=drug)
        )
    return rows


Opener = Callable[[Rows | None], Desk]


def order_of(desk: Desk, name: str = "amoxicillin") -> PrnOrder:
    return next(order for order in open_prn(desk, SOFIA).orders if order.medication.name == name)


def draft(desk: Desk, name: str = "amoxicillin", **more: object) -> PrnDraft:
    order = order_of(desk, name)
    base = PrnDraft(student=SOFIA, order=order.id, administered_at=desk.clock.now(), quantity=order.dose, reason="Ache")
    return replace(base, **more)  # type: ignore[arg-type]


def offline(desk: Desk) -> None:
    desk.link = replace(desk.link, state=LinkState.OFFLINE, since=NOON - HOUR)


def online(desk: Desk) -> None:
    desk.link = replace(desk.link, state=LinkState.ONLINE)


def stored(desk: Desk) -> list[dict[str, object]]:
    found = desk.records.where(DOSE, "student_id", [str(SOFIA)])
    return [dict(row) for row in found if row["device_id"] == str(desk.device_id)]


def test_the_list_has_the_orders_as_needed_alone_and_the_look_is_on_record(open_desk: Opener) -> None:
    desk = open_desk(school())
    names = [order.medication.name for order in open_prn(desk, SOFIA).orders]
    assert names == ["albuterol", "amoxicillin"]
    assert desk.journal.newest(1)[0].verb == "access.record"


def test_a_child_who_is_not_here_has_no_list(open_desk: Opener) -> None:
    with pytest.raises(NotFound):
        open_prn(open_desk(school()), StudentId(uid("nobody")))


def test_an_order_says_when_it_was_given_last_from_when_again_and_how_often(open_desk: Opener) -> None:
    order = order_of(open_desk(school(("morning", 3 * HOUR))))
    assert order.last is not None
    assert order.last.administered_at == NOON - 3 * HOUR
    assert order.again_from == NOON + HOUR
    assert (order.given, order.maximum) == (1, 2)


def test_what_was_given_long_ago_is_still_the_last_time(open_desk: Opener) -> None:
    order = order_of(open_desk(school(("last week", 7 * 24 * HOUR))))
    assert order.last is not None
    assert (order.again_from, order.given) == (None, 0)


def test_without_a_reason_nothing_is_written_and_with_one_it_is_saved_and_counts_at_once(open_desk: Opener) -> None:
    desk = open_desk(school())
    online(desk)
    with pytest.raises(ReasonMissing):
        log_prn(desk, draft(desk, reason="  "))
    assert stored(desk) == []
    saved = log_prn(desk, draft(desk, reason="Earache: since nine"))
    assert (saved.check_from, saved.check_to) == (NOON + HOUR / 2, NOON + HOUR)
    assert saved.order.again_from == NOON + 4 * HOUR
    [dose] = stored(desk)
    assert (dose["slot_id"], dose["reason"], dose["status"]) == (None, "Earache: since nine", "ADMINISTERED")


def test_too_soon_stops_until_a_reason_says_why(open_desk: Opener) -> None:
    desk = open_desk(school(("morning", 3 * HOUR)))
    online(desk)
    with pytest.raises(ReasonMissing) as asked:
        log_prn(desk, draft(desk))
    assert asked.value.codes == ("too_soon",)
    log_prn(desk, draft(desk, override_reason="Dr. Vance by phone"))
    [dose] = stored(desk)
    assert json.loads(str(dose["overrides"])) == [{"code": "too_soon", "reason": "Dr. Vance by phone"}]


def test_a_rescue_medicine_is_never_stopped(open_desk: Opener) -> None:
    desk = open_desk(school(("morning", 3 * HOUR)))
    offline(desk)
    for _ in range(2):
        log_prn(desk, draft(desk, "albuterol", reason=""))
    assert len(stored(desk)) == 2


def test_less_than_ordered_is_a_part_of_it(open_desk: Opener) -> None:
    desk = open_desk(school())
    online(desk)
    log_prn(desk, draft(desk, quantity=Quantity(amount=Decimal("2.5"), unit="mg")))
    assert [dose["status"] for dose in stored(desk)] == [DoseState.PARTIAL.value]


def test_offline_with_another_workstation_in_use_somebody_is_asked_aloud_and_named(open_desk: Opener) -> None:
    desk = open_desk(school(("morning", 5 * HOUR)))
    offline(desk)
    plan = plan_prn(desk, draft(desk))
    assert plan.asks_aloud
    assert {"other_devices_unseen", "confirm_aloud"} <= {finding.code.value for finding in plan.findings}
    with pytest.raises(ReasonMissing) as asked:
        log_prn(desk, draft(desk))
    assert asked.value.codes == ("confirm_aloud",)
    log_prn(desk, draft(desk, asked_aloud="Bo Lind"))
    [dose] = stored(desk)
    assert json.loads(str(dose["overrides"])) == [{"code": "confirm_aloud", "reason": "Bo Lind"}]


def test_offline_alone_nobody_need_be_asked(open_desk: Opener) -> None:
    desk = open_desk(school())
    offline(desk)
    plan = plan_prn(desk, draft(desk))
    assert not plan.asks_aloud
    assert "other_devices_unseen" in {finding.code.value for finding in plan.findings}


def test_the_dose_is_there_after_the_power_was_cut(clinic: Clinic) -> None:
    desk = clinic.opened(school())
    online(desk)
    log_prn(desk, draft(desk))
    desk.close()
    again = unlock(clinic.station(), UserId(NURSE), PASSWORD)
    assert order_of(again).given == 1
    again.close()
