"""What was written down without a lease, from a workstation to a real server, as soon as there is contact."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from pytestqt.qtbot import QtBot
from tests.desktop.sync.conftest import District, Workstation, on
from tests.sync_server.house import PASSWORD

from wc_contract.model.ids import UserId
from wc_contract.model.kinds import CAPTURE, REVIEW_CASE
from wc_contract.model.values import DoseState, Route
from wc_desktop.actions.capture import CaptureDesk, begin_capture, end_capture, write_down, written_down
from wc_desktop.actions.review import open_cases
from wc_desktop.actions.unlock import unlock
from wc_desktop.background.capture_contact import CaptureContact
from wc_desktop.background.runner import Runner
from wc_desktop.domain.capture import CaptureSaid, Leave
from wc_desktop.domain.failures import LeaseExpired, SlotRetired
from wc_desktop.security.clock import SystemClock

pytestmark = [pytest.mark.postgres, pytest.mark.gui]
Maker = Callable[[str, str], Workstation]
WAIT_MS = 20_000


def ahead(station: Workstation) -> None:
    """Let the workstation's clock run so far ahead that its lease has ended by it."""
    offset = station.district.offset + int(timedelta(hours=80).total_seconds())
    station.parts = replace(station.parts, clock=SystemClock(offset))


def captured(station: Workstation, child: str | None) -> tuple[CaptureDesk, CaptureSaid]:
    """Write a dose down while nobody answers."""
    user = UserId(station.district.house.nurses[station.nurse].id)
    assert station.runner is not None
    with pytest.raises(LeaseExpired):
        station.runner.call(partial(unlock, station.station, user, PASSWORD))
    desk = station.runner.call(partial(begin_capture, station.station, user, PASSWORD))
    dose = CaptureSaid(
        id=desk.new_id(),
        child=child,
        medicine="Epinephrine",
        amount="0.15 mg",
        route=Route.INTRAMUSCULAR,
        status=DoseState.ADMINISTERED,
        happened_at=station.district.clock().now(),
        reason=None,
    )
    station.runner.call(partial(write_down, desk, dose))
    return desk, dose


def contact(station: Workstation, desk: CaptureDesk) -> tuple[CaptureContact, list[object]]:
    assert station.runner is not None
    made = CaptureContact(
        station.runner,
        station.parts.capture_files(desk),
        partial(station.parts.connect, desk.station),  # type: ignore[arg-type]  # the program's own station
        partial(desk.station.leave_of, desk.user),  # type: ignore[attr-defined]
        clock=station.parts.clock,
        chance=station.parts.chance,
    )
    told: list[object] = []
    made.leave_told.connect(told.append)
    made.sent.connect(lambda: told.append("sent"))
    return made, told


@pytest.fixture
def cut_off(workstation: Maker, district: District, qtbot: QtBot) -> Workstation:
    """A workstation with its records, whose lease has ended by its clock; the server is away."""
    del qtbot
    station = workstation("ann", "cut off")
    district.served.stop()
    ahead(station)
    station.runner = Runner()
    return station


def test_the_first_contact_sends_it_and_gives_the_lease_back_and_the_next_unlock_shows_the_case(
    cut_off: Workstation, district: District, qtbot: QtBot
) -> None:
    desk, dose = captured(cut_off, None)
    asking, told = contact(cut_off, desk)
    asking.start()
    try:
        qtbot.wait(300)
        assert told == []
        district.start()
        asking.rouse()
        qtbot.waitUntil(lambda: Leave.HOLDS in told, timeout=WAIT_MS)
        assert told[:2] == ["sent", Leave.HOLDS]
    finally:
        asking.stop()
    assert cut_off.runner is not None
    rows = cut_off.runner.call(partial(written_down, desk))
    assert [(row.said.id, row.sent) for row in rows] == [(dose.id, True)]
    cut_off.runner.call(partial(end_capture, desk))
    stored = district.house.asked("SELECT medicine, child, student_id FROM captures WHERE id = %s", dose.id)
    assert stored == [("Epinephrine", None, None)]
    cases = district.house.asked(
        "SELECT kind, status FROM review_cases WHERE subject_ids @> %s::jsonb", f'["{dose.id}"]'
    )
    assert cases == [("unauthorised_period", "OPEN")]
    cut_off.runner.stop()
    cut_off.unlock()
    cut_off.go_online()
    qtbot.waitUntil(
        lambda: bool(on(cut_off, lambda opened: opened.records.where(REVIEW_CASE, "kind", ["unauthorised_period"]))),
        timeout=WAIT_MS,
    )
    (case,) = (case for case in on(cut_off, open_cases) if case.kind == "unauthorised_period")
    assert [(one.record_kind, one.values["medicine"]) for one in case.others] == [(CAPTURE.name, "Epinephrine")]


def test_whom_the_district_took_off_meanwhile_is_told_so_and_what_she_wrote_is_there(
    cut_off: Workstation, district: District, qtbot: QtBot
) -> None:
    desk, dose = captured(cut_off, "tall boy of 5b")
    ann = district.house.nurses["ann"].id
    district.house.done("UPDATE users SET is_active = false, revoked_at = now() WHERE id = %s", ann)
    asking, told = contact(cut_off, desk)
    district.start()
    asking.start()
    try:
        qtbot.waitUntil(lambda: Leave.TAKEN in told, timeout=WAIT_MS)
    finally:
        asking.stop()
        district.house.done("UPDATE users SET is_active = true, revoked_at = NULL WHERE id = %s", ann)
    assert cut_off.runner is not None
    cut_off.runner.call(partial(end_capture, desk))
    assert district.house.one("SELECT count(*) FROM captures WHERE id = %s", dose.id) == 1
    with pytest.raises(SlotRetired):
        desk.station.open_capture(UserId(ann), PASSWORD)
