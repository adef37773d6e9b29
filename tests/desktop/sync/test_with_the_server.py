"""Two workstations, a real server process, a real PostgreSQL."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from tests.desktop.sync.conftest import District, Workstation, on

from wc_contract.model.kinds import DOSE
from wc_contract.model.values import CaseResolution, DoseState
from wc_desktop.actions.log_dose import log_dose
from wc_desktop.actions.med_pass import due_list
from wc_desktop.actions.review import answer_case, open_cases
from wc_desktop.actions.students import open_chart
from wc_desktop.actions.sync_state import link_status, sync_state
from wc_desktop.actions.unlock import Desk
from wc_desktop.background.sync_thread import SyncThread
from wc_desktop.domain.case_views import CaseDecision, CaseRow, Hindrance
from wc_desktop.domain.link_views import LinkState
from wc_desktop.domain.screens import Confirmed, DoseDraft, DoseSaved, DueStatus
from wc_desktop.sync.push_loop import Begin, Send

pytestmark = [pytest.mark.postgres, pytest.mark.gui]
Maker = Callable[[str, str], Workstation]


def give(desk: Desk, first_name: str) -> DoseSaved:
    now = desk.clock.now()
    row = next(row for row in due_list(desk, now).rows if row.student.first_name == first_name)
    return log_dose(
        desk, DoseDraft(key=row.key, status=DoseState.ADMINISTERED, administered_at=now, override_reason="agreed")
    )


def test_a_dose_given_offline_reaches_the_district_and_the_second_workstation(
    workstation: Maker, district: District, qtbot: QtBot
) -> None:
    first, second = workstation("ann", "first"), workstation("bea", "second")
    assert first.progress[-1].stage == "done"
    first.unlock()
    second.unlock()
    saved = on(first, lambda desk: give(desk, "Ned"))
    assert isinstance(saved, DoseSaved)
    assert saved.row.status is DueStatus.DONE
    assert saved.row.answers[0].confirmed is Confirmed.WAITING
    before = district.house.one("SELECT count(*) FROM medication_logs")
    assert on(second, lambda desk: len(desk.records.every(DOSE))) == before

    first.go_online()
    told = _told_by_the_pull(second)
    qtbot.waitUntil(lambda: on(second, lambda desk: len(desk.records.every(DOSE))) == before + 1, timeout=15_000)
    # The dose is shown before anything is said of the link.
    qtbot.waitUntil(lambda: "records" in told and told[told.index("records") :][1:2] == ["link"], timeout=10_000)
    qtbot.waitUntil(lambda: on(first, lambda desk: link_status(desk).waiting) == 0, timeout=15_000)
    qtbot.waitUntil(
        lambda: on(first, lambda desk: _ned(desk).answers[0].confirmed) is Confirmed.CONFIRMED, timeout=15_000
    )
    assert on(second, lambda desk: _ned(desk).status) is DueStatus.DONE
    assert district.house.one("SELECT count(*) FROM medication_logs") == before + 1
    for station in (first, second):
        on(station, _ask_for_a_comparison)
        assert station.sync is not None
        station.sync.wake()
    for station in (first, second):
        qtbot.waitUntil(partial(_compared_since, station), timeout=15_000)
        state = on(station, sync_state)
        assert state.digests_agree is True  # type: ignore[attr-defined]
        assert state.link.state is LinkState.ONLINE  # type: ignore[attr-defined]
    _a_second_dose_is_answered_by_the_other_nurse(first, second, qtbot)


def _told_by_the_pull(station: Workstation) -> list[str]:
    """Let a workstation go online; return what its pulling thread says, as it says it."""
    told: list[str] = []

    def link(_status: object) -> None:
        if threading.current_thread().name == "pull":
            told.append("link")

    sync, _ = station.ready_to_go_online()
    sync.link_changed.connect(link, Qt.ConnectionType.DirectConnection)
    sync.records_changed.connect(lambda _kinds: told.append("records"), Qt.ConnectionType.DirectConnection)
    sync.start()
    return told


def _a_second_dose_is_answered_by_the_other_nurse(first: Workstation, second: Workstation, qtbot: QtBot) -> None:
    """Ann writes the dose down twice; she may not answer, Bea does, and the block goes away on both workstations."""
    on(first, lambda desk: give(desk, "Ned"))
    for station in (first, second):
        qtbot.waitUntil(partial(_sees_ned_s_case, station), timeout=20_000)
        assert on(station, lambda desk: _ned(desk).status) is DueStatus.DOUBLE
    case = on(first, lambda desk: _ned_s_cases(desk)[0])
    assert isinstance(case, CaseRow)
    assert case.hindrance is Hindrance.AUTHOR
    keep = case.doses[0].id
    decision = CaseDecision(
        case_id=case.id, resolution=CaseResolution.DUPLICATE_RECORD, note="Counted the tablets", keep=keep
    )
    on(second, lambda desk: answer_case(desk, decision))
    assert on(second, lambda desk: _ned(desk).status) is DueStatus.DONE, "lifted before the district has it"
    qtbot.waitUntil(lambda: on(first, lambda desk: _ned(desk).status) is DueStatus.DONE, timeout=20_000)
    qtbot.waitUntil(lambda: on(second, lambda desk: link_status(desk).waiting) == 0, timeout=20_000)
    for station in (first, second):
        standing = on(station, lambda desk: [dose.id for dose in _ned(desk).answers if dose.stands])
        assert standing == [keep]
        assert on(station, _ned_s_cases) == []


def _ned_s_cases(desk: Desk) -> list[CaseRow]:
    """Return Ned's open cases: the district has those of other tests too."""
    return [case for case in open_cases(desk) if case.student is not None and case.student.first_name == "Ned"]


def _sees_ned_s_case(station: Workstation) -> bool:
    return bool(on(station, _ned_s_cases))


def _ask_for_a_comparison(desk: Desk) -> None:
    desk.wants_digest = True


def _compared_since(station: Workstation) -> bool:
    return bool(on(station, lambda desk: not desk.wants_digest))


def _ned(desk: Desk):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return next(row for row in due_list(desk, desk.clock.now()).rows if row.student.first_name == "Ned")


def test_the_server_away_and_back_loses_nothing_and_opens_one_case_for_one_slot(
    workstation: Maker, district: District, qtbot: QtBot
) -> None:
    first, second = workstation("ann", "third"), workstation("bea", "fourth")
    for station in (first, second):
        station.unlock()
        station.go_online()
    qtbot.waitUntil(lambda: on(first, lambda desk: desk.link.state) is LinkState.ONLINE, timeout=15_000)
    district.served.kill()
    qtbot.waitUntil(lambda: on(first, lambda desk: desk.link.state) is LinkState.OFFLINE, timeout=15_000)
    before = district.house.one("SELECT count(*) FROM medication_logs")
    for station in (first, second):
        on(station, lambda desk: give(desk, "Nora"))
    assert on(first, lambda desk: link_status(desk).waiting) == 1
    district.start()
    for station in (first, second):
        assert station.sync is not None
        station.sync.wake()
    for station in (first, second):
        qtbot.waitUntil(partial(_sees_one_case, station), timeout=20_000)
        rows = on(station, lambda desk: due_list(desk, desk.clock.now()).rows)
        nora = next(row for row in rows if row.student.first_name == "Nora")  # type: ignore[attr-defined]
        assert nora.status is DueStatus.DOUBLE
        assert len(nora.answers) == 2
    assert district.house.one("SELECT count(*) FROM medication_logs") == before + 2


def _sees_one_case(station: Workstation) -> bool:
    return bool(on(station, lambda desk: len(open_cases(desk)) == 1))


def test_after_an_outage_entries_go_side_by_side_and_each_is_on_record_once(
    workstation: Maker, district: District, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SyncThread, "_batch", 2)
    beside: list[Send] = []
    monkeypatch.setattr(SyncThread, "_beside", _counting(SyncThread._beside, beside))
    station = workstation("ann", "fifth")
    station.unlock()
    for _ in range(9):
        on(station, lambda desk: open_chart(desk, _ned(desk).student.id))
    device = station.station.device_id
    station.go_online()
    qtbot.waitUntil(lambda: district.house.one(_RECEIVED, device) == 10, timeout=20_000)
    assert len(beside) == 4, "only the first two went alone"


_RECEIVED = "SELECT count(DISTINCT number) FROM receipts WHERE device_id = %s"  # the unlocking is one, too


def _counting(
    product: Callable[[SyncThread], AbstractContextManager[Begin]], sent: list[Send]
) -> Callable[[SyncThread], AbstractContextManager[Begin]]:
    @contextmanager
    def counting(sync: SyncThread) -> Iterator[Begin]:
        with product(sync) as begin:

            def counted(send: Send) -> Send:
                sent.append(send)
                return begin(send)

            yield counted

    return counting
